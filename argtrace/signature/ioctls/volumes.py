"""Volumes: btrfs, the device mapper, flash and the volumes on it.

Source: include/uapi/linux/{btrfs,btrfs_tree,dm-ioctl}.h, include/uapi/mtd/{mtd-abi,ubi-user}.h;
fs/btrfs/ioctl.c, drivers/md/dm-ioctl.c, drivers/mtd/mtdchar.c, drivers/mtd/ubi/cdev.c.

Some commands have the direction in their bits the wrong way round, most of them of flash.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    FD,
    HEX,
    INT,
    UNUSED,
    Cell,
    Choice,
    Content,
    In,
    InOut,
    Meaning,
    Out,
    Raw,
    String,
    enum,
    flags,
    struct,
)

# Commands that have more than a dm_ioctl in memory: as much of it as a page holds.
_MAPPED = InOut(Raw("device_mapper", 4096, limit=4096))
_OBJECT = enum("btrfs_object")
_KEY = struct(
    "btrfs_ioctl_search_key",
    tree_id=_OBJECT,
    only_=(
        *(
            "tree_id",
            "min_objectid",
            "max_objectid",
            "min_offset",
            "max_offset",
            "min_transid",
            "max_transid",
        ),
        *("min_type", "max_type", "nr_items"),
    ),
)


def _by_id(name: str, mask: int, of: Meaning, default: Meaning) -> Meaning:
    return Choice("flags", "btrfs_subvolume", {name: of}, default, mask)


_DEVICE_BY_ID = "BTRFS_DEVICE_SPEC_BY_ID", 0x8
_SUBVOLUME_BY_ID = "BTRFS_SUBVOL_SPEC_BY_ID", 0x10
_SUBVOLUME = struct(
    "btrfs_ioctl_vol_args_v2",
    fd=FD,
    flags=flags("btrfs_subvolume"),
    name=_by_id(*_DEVICE_BY_ID, UNUSED, _by_id(*_SUBVOLUME_BY_ID, UNUSED, String())),
    devid=_by_id(*_DEVICE_BY_ID, INT, UNUSED),
    subvolid=_by_id(*_SUBVOLUME_BY_ID, INT, UNUSED),
    only_=("fd", "transid", "flags", "name", "devid", "subvolid"),
)
_REGION = struct("erase_info_user", start=HEX, length=HEX)
_OTP = struct("otp_info", start=HEX, length=HEX)
_VOLUME = struct("btrfs_ioctl_vol_args", fd=FD)

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    ("BTRFS_IOC_SYNC", "BTRFS_IOC_TRANS_START", "BTRFS_IOC_TRANS_END", "BTRFS_IOC_SCRUB_CANCEL"): UNUSED,
    "BTRFS_IOC_QUOTA_RESCAN_WAIT": UNUSED,
    "BTRFS_IOC_BALANCE_CTL": enum("btrfs_balance_control"),
    "BTRFS_IOC_DEVICES_READY": In(_VOLUME),
    "BTRFS_IOC_QGROUP_LIMIT": In(struct("btrfs_ioctl_qgroup_limit_args")),
    (
        "DM_LIST_DEVICES",
        "DM_DEV_RENAME",
        "DM_DEV_SET_GEOMETRY",
        "DM_TABLE_LOAD",
        "DM_TABLE_DEPS",
        "DM_TABLE_STATUS",
        "DM_LIST_VERSIONS",
        "DM_GET_TARGET_VERSION",
        "DM_TARGET_MSG",
    ): _MAPPED,
    # Flash.
    "OTPSELECT": In(Cell("int", enum("mtd_otp"))),
    "OTPGETREGIONCOUNT": Out(Cell("int")),
    "OTPGETREGIONINFO": Out(_OTP),
    ("OTPLOCK", "OTPERASE"): In(_OTP),
    "MEMISLOCKED": In(_REGION),
    "MTDFILEMODE": enum("mtd_file_mode"),
    "UBI_IOCEBISMAP": In(Cell("s32")),
    "UBI_IOCMKVOL": InOut(
        struct("ubi_mkvol_req", vol_type=enum("ubi_volume"), flags=flags("ubi_volume_flags")),
        after=struct("ubi_mkvol_req", only_=("vol_id",)),
    ),
    "UBI_IOCATT": InOut(struct("ubi_attach_req"), after=struct("ubi_attach_req", only_=("ubi_num",))),
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    (
        *("BTRFS_IOC_SUBVOL_CREATE", "BTRFS_IOC_SNAP_CREATE", "BTRFS_IOC_SNAP_DESTROY", "BTRFS_IOC_ADD_DEV"),
        *("BTRFS_IOC_RM_DEV", "BTRFS_IOC_SCAN_DEV", "BTRFS_IOC_FORGET_DEV", "BTRFS_IOC_RESIZE"),
        "BTRFS_IOC_DEFRAG",
    ): _VOLUME,
    (
        *("BTRFS_IOC_SUBVOL_CREATE_V2", "BTRFS_IOC_SNAP_CREATE_V2", "BTRFS_IOC_SNAP_DESTROY_V2"),
        "BTRFS_IOC_RM_DEV_V2",
    ): _SUBVOLUME,
    ("BTRFS_IOC_SUBVOL_GETFLAGS", "BTRFS_IOC_SUBVOL_SETFLAGS"): Cell("u64", flags("btrfs_subvolume")),
    "BTRFS_IOC_DEFAULT_SUBVOL": Cell("u64", _OBJECT),
    "BTRFS_IOC_INO_LOOKUP": struct("btrfs_ioctl_ino_lookup_args", treeid=_OBJECT, objectid=_OBJECT),
    "BTRFS_IOC_TREE_SEARCH": struct("btrfs_ioctl_search_args", key=_KEY, only_=("key",)),
    "BTRFS_IOC_TREE_SEARCH_V2": struct("btrfs_ioctl_search_args_v2", key=_KEY, only_=("key", "buf_size")),
    "BTRFS_IOC_SCRUB": struct("btrfs_ioctl_scrub_args", flags=flags("btrfs_scrub_flags")),
    ("BTRFS_IOC_BALANCE_V2", "BTRFS_IOC_BALANCE_PROGRESS"): struct(
        "btrfs_ioctl_balance_args", flags=flags("btrfs_balance_flags"), state=flags("btrfs_balance_state")
    ),
    "BTRFS_IOC_QUOTA_CTL": struct("btrfs_ioctl_quota_ctl_args", cmd=enum("btrfs_quota")),
    "BTRFS_IOC_DEFRAG_RANGE": struct(
        "btrfs_ioctl_defrag_range_args",
        flags=flags("btrfs_defrag_flags"),
        compress_type=enum("btrfs_compression"),
    ),
    (
        *("DM_VERSION", "DM_REMOVE_ALL", "DM_DEV_CREATE", "DM_DEV_REMOVE", "DM_DEV_SUSPEND", "DM_DEV_STATUS"),
        *("DM_DEV_WAIT", "DM_TABLE_CLEAR", "DM_DEV_ARM_POLL"),
    ): Raw("device_mapper", 312),
    "MEMGETINFO": struct("mtd_info_user", type=enum("mtd_type"), flags=flags("mtd_flags")),
    ("MEMERASE", "MEMLOCK", "MEMUNLOCK"): _REGION,
    "MEMERASE64": struct("erase_info_user64", start=HEX, length=HEX),
    "UBI_IOCRSVOL": struct("ubi_rsvol_req"),
    "UBI_IOCSETVOLPROP": struct("ubi_set_vol_prop_req", property=enum("ubi_property")),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {}
