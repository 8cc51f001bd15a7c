/* io_uring at work: a file is copied through a ring with linked reads and writes, timeouts, polls. */
#include "parity.h"
#include <linux/io_uring.h>
#include <linux/time_types.h>
static char *rings;
static struct io_uring_params params;
static struct io_uring_sqe *sqes;
static int ring;
static void submit(struct io_uring_sqe *entries, int count)
{
	unsigned *tail = (unsigned *)(rings + params.sq_off.tail), mask = *(unsigned *)(rings + params.sq_off.ring_mask);
	for (int n = 0; n < count; n++) {
		unsigned at = (*tail + n) & mask;
		sqes[at] = entries[n];
		((unsigned *)(rings + params.sq_off.array))[at] = at;
	}
	__atomic_store_n(tail, *tail + count, __ATOMIC_RELEASE);
	call(io_uring_enter, ring, count, count, IORING_ENTER_GETEVENTS, NULL, 0ul);
	__atomic_store_n((unsigned *)(rings + params.cq_off.head), *(unsigned *)(rings + params.cq_off.tail), __ATOMIC_RELEASE);
}
int main(void)
{
	static char buffer[1 << 16];
	struct __kernel_timespec soon = {0, 1000000};
	struct iovec vector = {buffer, sizeof buffer};
	ring = call(io_uring_setup, 16, &params);
	rings = mmap(NULL, params.cq_off.cqes + params.cq_entries * 16, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, 0);
	sqes = mmap(NULL, 16 * sizeof *sqes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	int from = open("/proc/self/exe", O_RDONLY), to = open("copy", O_CREAT | O_RDWR, 0600);
	call(io_uring_register, ring, IORING_REGISTER_BUFFERS, &vector, 1);
	call(io_uring_register, ring, IORING_REGISTER_FILES, (int[]){from, to}, 2);
	for (unsigned long at = 0; at < 4 * sizeof buffer; at += sizeof buffer) {
		struct io_uring_sqe copy[2] = {
			{.opcode = IORING_OP_READ_FIXED, .fd = 0, .flags = IOSQE_FIXED_FILE | IOSQE_IO_LINK, .addr = (unsigned long)buffer, .len = sizeof buffer, .off = at},
			{.opcode = IORING_OP_WRITE_FIXED, .fd = 1, .flags = IOSQE_FIXED_FILE, .addr = (unsigned long)buffer, .len = sizeof buffer, .off = at}};
		submit(copy, 2);
	}
	struct io_uring_sqe last[3] = {
		{.opcode = IORING_OP_TIMEOUT, .addr = (unsigned long)&soon, .len = 1},
		{.opcode = IORING_OP_FSYNC, .fd = to},
		{.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)"absent", .open_flags = O_RDONLY}};
	submit(last, 3);
	close(ring);
}
