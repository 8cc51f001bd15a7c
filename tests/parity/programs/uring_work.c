/* io_uring_enter, io_uring_register: a read and a no-op through the rings, buffers, files, probes. */
#include "parity.h"
#include <linux/io_uring.h>
int main(void)
{
	struct io_uring_params params = {0};
	static char text[16], buffers[2][4096];
	long ring = call(io_uring_setup, 4, &params);
	char *sq = mmap(NULL, params.sq_off.array + 16, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqes = mmap(NULL, 4 * sizeof *sqes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, "read by a ring", 14ul);
	memset(sqes, 0, 2 * sizeof *sqes);
	sqes[0].opcode = IORING_OP_NOP;
	sqes[1] = (struct io_uring_sqe){.opcode = IORING_OP_READ, .fd = fd, .addr = (unsigned long)text, .len = 14};
	((unsigned *)(sq + params.sq_off.array))[0] = 0;
	((unsigned *)(sq + params.sq_off.array))[1] = 1;
	*(unsigned *)(sq + params.sq_off.tail) = 2;
	call(io_uring_enter, ring, 2, 2, IORING_ENTER_GETEVENTS, NULL, 0ul);
	call(io_uring_enter, ring, 0, 0, IORING_ENTER_SQ_WAKEUP, &(unsigned long){1 << 5}, 8ul);
	call(io_uring_enter, -1, 1, 1, 0x8000, NULL, 0ul);
	struct iovec vectors[2] = {{buffers[0], 4096}, {buffers[1], 4096}};
	call(io_uring_register, ring, IORING_REGISTER_BUFFERS, vectors, 2);
	call(io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0);
	int files[2] = {fd, -1};
	call(io_uring_register, ring, IORING_REGISTER_FILES, files, 2);
	struct io_uring_files_update update = {1, 0, (unsigned long)files};
	call(io_uring_register, ring, IORING_REGISTER_FILES_UPDATE, &update, 1);
	call(io_uring_register, ring, IORING_UNREGISTER_FILES, NULL, 0);
	call(io_uring_register, ring, IORING_REGISTER_EVENTFD, &(int){-1}, 1);
	struct { struct io_uring_probe probe; struct io_uring_probe_op ops[4]; } probe = {0};
	call(io_uring_register, ring, IORING_REGISTER_PROBE, &probe, 4);
	call(io_uring_register, ring, IORING_REGISTER_PERSONALITY, NULL, 0);
	struct io_uring_restriction restriction = {IORING_RESTRICTION_SQE_OP, {IORING_OP_READ}};
	call(io_uring_register, ring, IORING_REGISTER_RESTRICTIONS, &restriction, 1);
	call(io_uring_register, ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
	call(io_uring_register, ring, 77, BAD, 5);
}
