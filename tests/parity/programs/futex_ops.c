/* futex: each operation with the arguments it has, clocks and privacy as flags. */
#include "parity.h"
#include <linux/futex.h>
int main(void)
{
	static int one = 5, two = 6;
	struct timespec now = {0, 1000}, past = {1, 0};
	call(futex, &one, FUTEX_WAIT, 4, NULL, NULL, 0);
	call(futex, &one, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 5, &now, NULL, 0);
	call(futex, &one, FUTEX_WAKE, 1, NULL, NULL, 0);
	call(futex, &one, FUTEX_WAKE_PRIVATE, 0x7fffffff, NULL, NULL, 0);
	call(futex, &one, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, NULL, -1);
	call(futex, &one, FUTEX_WAIT_BITSET_PRIVATE, 5, &past, NULL, 0x81);
	call(futex, &one, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0x5);
	call(futex, &one, FUTEX_REQUEUE, 1, 2ul, &two, 0);
	call(futex, &one, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2ul, &two, 5);
	call(futex, &one, FUTEX_CMP_REQUEUE, 1, 2ul, &two, 4);
	call(futex, &one, FUTEX_WAKE_OP, 1, 2ul, &two, FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 6));
	call(futex, &one, FUTEX_WAKE_OP_PRIVATE, 1, 2ul, &two, FUTEX_OP(FUTEX_OP_OPARG_SHIFT | FUTEX_OP_OR, 3, FUTEX_OP_CMP_LT, 9));
	two = 0;
	call(futex, &two, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	call(futex, &two, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	call(futex, &two, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
	call(futex, &two, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
	call(futex, &two, FUTEX_LOCK_PI2_PRIVATE, 0, &past, NULL, 0);
	call(futex, &one, FUTEX_WAIT_REQUEUE_PI, 5, &past, &two, 0);
	call(futex, &one, FUTEX_CMP_REQUEUE_PI, 1, 0ul, &two, 5);
	call(futex, &one, FUTEX_FD, 1, NULL, NULL, 0);
	call(futex, &one, 0x7f, 1, BAD, BAD, 3);
	call(futex, &one, FUTEX_WAIT, 5, BAD, NULL, 0);
}
