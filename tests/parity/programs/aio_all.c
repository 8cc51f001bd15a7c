/* io_setup, io_submit, io_getevents, io_pgetevents, io_cancel, io_destroy: blocks in, events out. */
#include "parity.h"
#include <linux/aio_abi.h>
int main(void)
{
	aio_context_t context = 0;
	static char buffer[32];
	struct io_event events[4];
	unsigned long set = 1ul << (SIGINT - 1);
	struct { void *set; size_t size; } sigset = {&set, 8};
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(io_setup, 8u, &context);
	struct iocb write = {.aio_data = 0x1111, .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = fd, .aio_buf = (unsigned long)"asynchronous", .aio_nbytes = 12};
	struct iocb read = {.aio_data = 0x2222, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd, .aio_buf = (unsigned long)buffer, .aio_nbytes = 32, .aio_reqprio = 3};
	struct iovec parts[2] = {{"vec", 3}, {"tor", 3}};
	struct iocb vector = {.aio_data = 0x3333, .aio_lio_opcode = IOCB_CMD_PWRITEV, .aio_fildes = fd, .aio_buf = (unsigned long)parts, .aio_nbytes = 2, .aio_offset = 20};
	struct iocb sync = {.aio_lio_opcode = IOCB_CMD_FSYNC, .aio_fildes = fd, .aio_flags = IOCB_FLAG_RESFD, .aio_resfd = 99};
	struct iocb odd = {.aio_lio_opcode = 77, .aio_fildes = -1};
	call(io_submit, context, 1l, (struct iocb *[]){&write});
	call(io_getevents, context, 1l, 4l, events, NULL);
	call(io_submit, context, 2l, (struct iocb *[]){&read, &vector});
	call(io_getevents, context, 2l, 4l, events, &(struct timespec){1, 0});
	call(io_submit, context, 1l, (struct iocb *[]){&sync});
	call(io_submit, context, 2l, (struct iocb *[]){&odd, BAD});
	call(io_submit, context, -1l, NULL);
	call(io_submit, context, 1l, BAD);
	call(io_getevents, context, 0l, 4l, events, &(struct timespec){0, 1000});
	call(io_pgetevents, context, 0l, 4l, events, &(struct timespec){0, 0}, &sigset);
	call(io_cancel, context, &write, events);
	call(io_destroy, context);
	call(io_destroy, 0x1234ul);
	call(io_setup, 0u, &context);
	call(io_setup, 1u, BAD);
}
