/* lsm_list_modules, lsm_get_self_attr, lsm_set_self_attr: strace 6.1 does not know them. */
#include "parity.h"
/* expect: lsm_list_modules([_, ...], [_], 0) = _ */
/* expect: lsm_list_modules(_, [0 => _], 0) = -1 E2BIG */
/* expect: lsm_list_modules(NULL, NULL, 0x5) = -1 EINVAL */
/* expect: lsm_get_self_attr(LSM_ATTR_CURRENT, _, _, 0) = -1 EOPNOTSUPP */
/* expect: lsm_get_self_attr(LSM_ATTR_EXEC, NULL, _, LSM_FLAG_SINGLE) = -1 EINVAL */
/* expect: lsm_set_self_attr(LSM_ATTR_SOCKCREATE, {id=101, flags=0, len=32, ctx_len=0}, 32, 0) = -1 EOPNOTSUPP */
/* expect: lsm_set_self_attr(77, 0x1000, 5, 1) = -1 EINVAL */
int main(void)
{
	uint64_t ids[32];
	uint32_t size = sizeof ids;
	struct { uint64_t id, flags, len, ctx_len; } context = {101, 0, 32, 0};
	call(lsm_list_modules, ids, &size, 0);
	size = 0;
	call(lsm_list_modules, ids, &size, 0);
	call(lsm_list_modules, NULL, NULL, 5);
	size = sizeof ids;
	call(lsm_get_self_attr, 100, ids, &size, 0);
	call(lsm_get_self_attr, 101, NULL, &size, 1);
	call(lsm_set_self_attr, 105, &context, 32u, 0);
	call(lsm_set_self_attr, 77, BAD, 5u, 1);
}
