/* futex_waitv, and futex_wake, futex_wait, futex_requeue that strace 6.1 does not know. */
#include "parity.h"
#include <linux/futex.h>
/* expect: futex_wake(_, 0xffffffff, 1, FUTEX2_SIZE_U32|FUTEX2_PRIVATE) = 0 */
/* expect: futex_wake(_, 1, 7, 0x100) = -1 EINVAL */
/* expect: futex_wait(_, 4, 0xffffffff, FUTEX2_SIZE_U32, NULL, CLOCK_MONOTONIC) = -1 EAGAIN */
/* expect: futex_wait(_, 5, 0x1, FUTEX2_SIZE_U32|FUTEX2_PRIVATE, {tv_sec=1, tv_nsec=0}, CLOCK_MONOTONIC) = -1 ETIMEDOUT */
/* expect: futex_requeue([{val=5, uaddr=_, flags=FUTEX2_SIZE_U32}, {val=0, uaddr=_, flags=FUTEX2_SIZE_U32}], 0, 1, 1) = 0 */
int main(void)
{
	static unsigned one = 5, two = 6;
	struct timespec past = {1, 0};
	struct futex_waitv waiters[3] = {{4, (unsigned long)&one, FUTEX_32 | FUTEX_PRIVATE_FLAG},
	                                 {6, (unsigned long)&two, FUTEX_32}, {5, (unsigned long)&one, FUTEX_32, 7}};
	call(futex_waitv, waiters, 2, 0, NULL, CLOCK_MONOTONIC);
	waiters[0].val = 5;
	call(futex_waitv, waiters, 2, 0, &past, CLOCK_REALTIME);
	call(futex_waitv, waiters, 3, 1, &past, CLOCK_MONOTONIC);
	call(futex_waitv, waiters, 0, 0, &past, 77);
	call(futex_waitv, BAD, 2, 0, NULL, CLOCK_MONOTONIC);
	call(futex_wake, &one, 0xfffffffful, 1, 0x2 | 128);
	call(futex_wake, &one, 1ul, 7, 0x100);
	call(futex_wait, &one, 4ul, 0xfffffffful, 0x2, NULL, CLOCK_MONOTONIC);
	call(futex_wait, &one, 5ul, 1ul, 0x2 | 128, &past, CLOCK_MONOTONIC);
	struct futex_waitv pair[2] = {{5, (unsigned long)&one, FUTEX_32}, {0, (unsigned long)&two, FUTEX_32}};
	call(futex_requeue, pair, 0, 1, 1);
}
