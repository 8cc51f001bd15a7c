/* io_uring_setup: parameters in and out, flags, what cannot be. */
#include "parity.h"
#include <linux/io_uring.h>
int main(void)
{
	struct io_uring_params params = {0};
	call(io_uring_setup, 4, &params);
	params = (struct io_uring_params){.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP, .cq_entries = 16};
	call(io_uring_setup, 8, &params);
	params = (struct io_uring_params){.flags = IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, .sq_thread_cpu = 9999, .sq_thread_idle = 5};
	call(io_uring_setup, 1, &params);
	params = (struct io_uring_params){.flags = IORING_SETUP_ATTACH_WQ | IORING_SETUP_R_DISABLED, .wq_fd = 99};
	call(io_uring_setup, 1, &params);
	params = (struct io_uring_params){.flags = 0x80000000, .resv = {1, 2, 3}};
	call(io_uring_setup, 1, &params);
	params = (struct io_uring_params){0};
	call(io_uring_setup, 0, &params);
	call(io_uring_setup, 1, NULL);
	call(io_uring_setup, 1, BAD);
}
