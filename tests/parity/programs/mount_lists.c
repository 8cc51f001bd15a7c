/* statmount, listmount: strace 6.1 does not know them. */
#include "parity.h"
#include <linux/stat.h>
/* expect: statmount({size=24, mnt_id=_, param=STATMOUNT_SB_BASIC|STATMOUNT_MNT_BASIC}, _, 512, 0) = 0 */
/* expect: statmount({size=24, mnt_id=0xffffffffffff, param=STATMOUNT_FS_TYPE}, _, 512, 0) = -1 _ */
/* expect: statmount(NULL, _, 512, 0x7) = -1 _ */
/* expect: listmount({size=24, mnt_id=_, param=0}, [], 8, 0) = 0 */
/* expect: listmount({size=24, mnt_id=LSMT_ROOT, param=0}, [_], 1, LISTMOUNT_REVERSE) = 1 */
/* expect: listmount(NULL, 0x1000, 8, 0x6) = -1 _ */
struct request { uint32_t size, spare; uint64_t mnt_id, param; };
int main(void)
{
	static char buffer[512];
	uint64_t ids[8];
	struct statx stx;
	call(unshare, 0x00020000);
	call(mount, NULL, "/", NULL, 0x44000ul, NULL);
	call(mkdir, "m", 0755);
	call(mount, "none", "m", "tmpfs", 0ul, NULL);
	call(statx, AT_FDCWD, "m", 0, 0x4000 /* STATX_MNT_ID_UNIQUE */, &stx);
	struct request request = {24, 0, stx.stx_mnt_id, 0x1 | 0x2};
	call(statmount, &request, buffer, sizeof buffer, 0);
	request = (struct request){24, 0, 0xffffffffffff, 0x20};
	call(statmount, &request, buffer, sizeof buffer, 0);
	call(statmount, NULL, buffer, sizeof buffer, 7);
	request = (struct request){24, 0, stx.stx_mnt_id, 0};
	call(listmount, &request, ids, 8ul, 0);
	request.mnt_id = ~0ull;
	call(listmount, &request, ids, 1ul, 1);
	call(listmount, NULL, BAD, 8ul, 6);
}
