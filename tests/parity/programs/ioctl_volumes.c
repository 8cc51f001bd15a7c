/* ioctl: volumes, flash, infrared, trusted environments: what is given to descriptors that are none of these. */
#include "parity.h"
#include <linux/btrfs.h>
#include <linux/dm-ioctl.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/lirc.h>
#include <linux/mtio.h>
#include <linux/nbd.h>
#include <linux/tee.h>
#include <mtd/mtd-user.h>
#include <mtd/ubi-user.h>
#include <sys/ioctl.h>
int main(void)
{
	struct btrfs_ioctl_vol_args name = {3, "subvolume"};
	struct btrfs_ioctl_vol_args_v2 name2 = {.fd = 3, .flags = BTRFS_SUBVOL_RDONLY, .name = "snapshot"};
	call(ioctl, -1, BTRFS_IOC_SUBVOL_CREATE, &name);
	call(ioctl, -1, BTRFS_IOC_SNAP_CREATE, &name);
	call(ioctl, -1, BTRFS_IOC_SNAP_DESTROY, &name);
	call(ioctl, -1, BTRFS_IOC_SNAP_CREATE_V2, &name2);
	call(ioctl, -1, BTRFS_IOC_SUBVOL_SETFLAGS, &(__u64){BTRFS_SUBVOL_RDONLY});
	call(ioctl, -1, BTRFS_IOC_DEFAULT_SUBVOL, &(__u64){5});
	call(ioctl, -1, BTRFS_IOC_WAIT_SYNC, &(__u64){5});
	call(ioctl, -1, BTRFS_IOC_SYNC);
	call(ioctl, -1, BTRFS_IOC_DEV_INFO, &(struct btrfs_ioctl_dev_info_args){1});
	call(ioctl, -1, BTRFS_IOC_INO_LOOKUP, &(struct btrfs_ioctl_ino_lookup_args){5, 256});
	struct btrfs_ioctl_search_args search = {{.tree_id = 1, .max_objectid = 99, .nr_items = 10}};
	call(ioctl, -1, BTRFS_IOC_TREE_SEARCH, &search);
	call(ioctl, -1, BTRFS_IOC_SCRUB, &(struct btrfs_ioctl_scrub_args){1, 0, 4096, BTRFS_SCRUB_READONLY});
	call(ioctl, -1, BTRFS_IOC_BALANCE_V2, &(struct btrfs_ioctl_balance_args){BTRFS_BALANCE_DATA});
	call(ioctl, -1, BTRFS_IOC_BALANCE_CTL, BTRFS_BALANCE_CTL_CANCEL);
	call(ioctl, -1, BTRFS_IOC_QUOTA_CTL, &(struct btrfs_ioctl_quota_ctl_args){BTRFS_QUOTA_CTL_ENABLE});
	call(ioctl, -1, BTRFS_IOC_DEFRAG_RANGE, &(struct btrfs_ioctl_defrag_range_args){0, 4096, BTRFS_DEFRAG_RANGE_COMPRESS});
	struct dm_ioctl dm = {{4, 0, 0}, sizeof(dm), 0, .flags = DM_READONLY_FLAG, .dev = 0xfd00, .name = "volume"};
	call(ioctl, -1, DM_DEV_STATUS, &dm);
	call(ioctl, -1, DM_DEV_CREATE, &dm);
	dm.version[0] = 3;
	call(ioctl, -1, DM_VERSION, &dm);
	call(ioctl, -1, UBI_IOCATT, &(struct ubi_attach_req){1, 2, 2048});
	call(ioctl, -1, UBI_IOCMKVOL, &(struct ubi_mkvol_req){1, 1, 4096, UBI_DYNAMIC_VOLUME, 0, 4, .name = "name"});
	call(ioctl, -1, UBI_IOCRMVOL, &(int){3});
	call(ioctl, -1, MEMERASE64, &(struct erase_info_user64){1, 2});
	call(ioctl, -1, MEMLOCK, &(struct erase_info_user){1, 2});
	call(ioctl, -1, MEMWRITEOOB, &(struct mtd_oob_buf){1, 2, BAD});
	call(ioctl, -1, OTPSELECT, &(int){MTD_OTP_USER});
	call(ioctl, -1, MTDFILEMODE, MTD_FILE_MODE_RAW);
	call(ioctl, -1, LIRC_SET_SEND_MODE, &(int){LIRC_MODE_PULSE});
	call(ioctl, -1, LIRC_SET_REC_TIMEOUT, &(int){1000});
	call(ioctl, -1, TEE_IOC_CLOSE_SESSION, &(struct tee_ioctl_close_session_arg){7});
	call(ioctl, -1, TEE_IOC_CANCEL, &(struct tee_ioctl_cancel_arg){7, 8});
	call(ioctl, -1, MTIOCTOP, &(struct mtop){MTREW, 1});
	call(ioctl, -1, NBD_SET_FLAGS, NBD_FLAG_READ_ONLY);
	call(ioctl, -1, FS_IOC_ENABLE_VERITY, &(struct fsverity_enable_arg){1, FS_VERITY_HASH_ALG_SHA256, 4096});
	call(ioctl, -1, FS_IOC_SET_ENCRYPTION_POLICY, &(struct fscrypt_policy_v1){0, 1, 4, 2, "12345678"});
}
