"""Mounts, old way and new; and what belongs to a file system as a whole: quota, swap, accounting.

Source: fs/namespace.c, fs/fsopen.c, fs/quota/quota.c, fs/nsfs.c, kernel/nscommon.c, mm/swapfile.c;
include/uapi/linux/mount.h, quota.h, dqblk_xfs.h, nsfs.h; mount(2), quotactl(2), fsconfig(2).
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    DIRFD,
    FD,
    HEX,
    INT,
    RESULT,
    SIZE,
    UID,
    UNUSED,
    Array,
    Bytes,
    Cell,
    Choice,
    Declaration,
    In,
    Leaf,
    Least,
    Meaning,
    Out,
    Path,
    Raw,
    String,
    call,
    enum,
    flags,
    struct,
)

NAME = In(Path())

MOUNT_ATTR = In(
    struct(
        "mount_attr",
        size_="usize",
        attr_set=flags("mount_attr"),
        attr_clr=flags("mount_attr"),
        propagation=flags("propagation"),
        userns_fd=FD,
    )
)

# A mount, or all from the root on.
FIRST = Choice("mnt_id", "listmount_id", {"LSMT_ROOT": enum("listmount_id")}, default=HEX, mask=(1 << 64) - 1)
# The first version of the structure ends before the namespace.
NAMESPACE = Choice("size", "mnt_id_req_size", {"MNT_ID_REQ_SIZE_VER0": UNUSED}, default=HEX)

# What an fsconfig command takes: a key, and a value of its own kind.
FSCONFIG_COMMANDS = ("FSCONFIG_CMD_CREATE", "FSCONFIG_CMD_RECONFIGURE", "FSCONFIG_CMD_CREATE_EXCL")
FSCONFIG_KEY: dict[str | tuple[str, ...], Meaning] = {
    (
        "FSCONFIG_SET_FLAG",
        "FSCONFIG_SET_STRING",
        "FSCONFIG_SET_BINARY",
        "FSCONFIG_SET_PATH",
        "FSCONFIG_SET_PATH_EMPTY",
        "FSCONFIG_SET_FD",
    ): In(String()),
    FSCONFIG_COMMANDS: UNUSED,
}
FSCONFIG_VALUE: dict[str | tuple[str, ...], Meaning] = {
    "FSCONFIG_SET_STRING": In(String()),
    "FSCONFIG_SET_BINARY": In(Bytes("aux")),
    ("FSCONFIG_SET_PATH", "FSCONFIG_SET_PATH_EMPTY"): In(Path()),
    ("FSCONFIG_SET_FLAG", "FSCONFIG_SET_FD", *FSCONFIG_COMMANDS): UNUSED,
}
FSCONFIG_AUX: dict[str | tuple[str, ...], Meaning] = {
    "FSCONFIG_SET_BINARY": SIZE,
    ("FSCONFIG_SET_PATH", "FSCONFIG_SET_PATH_EMPTY"): DIRFD,
    "FSCONFIG_SET_FD": FD,
    ("FSCONFIG_SET_FLAG", "FSCONFIG_SET_STRING", *FSCONFIG_COMMANDS): UNUSED,
}

DQBLK = struct("if_dqblk", dqb_valid=flags("quota_valid"))
NEXT_DQBLK = struct("if_nextdqblk", dqb_valid=flags("quota_valid"), dqb_id=UID)
DQINFO = struct("if_dqinfo", dqi_flags=flags("quota_flags"), dqi_valid=flags("quota_info_valid"))
DISK_QUOTA = struct(
    "fs_disk_quota", d_flags=flags("xfs_quota_type"), d_fieldmask=flags("xfs_quota_fields"), d_id=UID
)
QUOTA_STAT = struct("fs_quota_stat", qs_flags=flags("xfs_quota_state"))
QUOTA_STATV = struct("fs_quota_statv", qs_flags=flags("xfs_quota_state"))

SUBCOMMAND = 0xFFFF_FF00  # the low byte is the quota's type

QUOTA_DATA: dict[str | tuple[str, ...], Meaning] = {
    "Q_QUOTAON": NAME,
    "Q_GETFMT": Out(Cell("u32", enum("quota_format"))),
    "Q_GETINFO": Out(DQINFO),
    "Q_SETINFO": In(DQINFO),
    "Q_GETQUOTA": Out(DQBLK),
    "Q_GETNEXTQUOTA": Out(NEXT_DQBLK),
    "Q_SETQUOTA": In(DQBLK),
    ("Q_XQUOTAON", "Q_XQUOTAOFF"): In(Cell("u32", flags("xfs_quota_state"))),
    "Q_XQUOTARM": In(Cell("u32", flags("xfs_quota_type"))),
    ("Q_XGETQUOTA", "Q_XGETNEXTQUOTA"): Out(DISK_QUOTA),
    "Q_XSETQLIM": In(DISK_QUOTA),
    "Q_XGETQSTAT": Out(QUOTA_STAT),
    "Q_XGETQSTATV": Out(QUOTA_STATV),
    ("Q_SYNC", "Q_QUOTAOFF", "Q_XQUOTASYNC"): UNUSED,
}
QUOTA_ID_OF: dict[str | tuple[str, ...], Meaning] = {
    "Q_QUOTAON": enum("quota_format"),
    (
        "Q_SYNC",
        "Q_QUOTAOFF",
        "Q_GETFMT",
        "Q_GETINFO",
        "Q_SETINFO",
        "Q_XQUOTAON",
        "Q_XQUOTAOFF",
        "Q_XQUOTARM",
        "Q_XGETQSTAT",
        "Q_XGETQSTATV",
        "Q_XQUOTASYNC",
    ): UNUSED,
}
QUOTA_ID: Leaf = Choice("cmd", "quota_command", QUOTA_ID_OF, default=UID, mask=SUBCOMMAND)
QUOTA_ADDR = Choice("cmd", "quota_command", QUOTA_DATA, mask=SUBCOMMAND)

CALLS: dict[str, Declaration] = {
    "mount": call(
        dev_name=NAME,
        dir_name=NAME,
        type=In(String()),
        flags=flags("mount"),
        data=In(String()),
    ),
    "umount2": call(name=NAME, flags=flags("umount")),
    "pivot_root": call(new_root=NAME, put_old=NAME),
    # A tree of mounts as a descriptor.
    "open_tree": call(FD, dfd=DIRFD, filename=NAME, flags=flags("open_tree")),
    "open_tree_attr": call(
        FD, dfd=DIRFD, filename=NAME, flags=flags("open_tree"), uattr=MOUNT_ATTR, usize=SIZE
    ),
    "move_mount": call(
        from_dfd=DIRFD, from_pathname=NAME, to_dfd=DIRFD, to_pathname=NAME, flags=flags("move_mount")
    ),
    "mount_setattr": call(dfd=DIRFD, path=NAME, flags=flags("at_mount"), uattr=MOUNT_ATTR, usize=SIZE),
    # A file system being put together.
    "fsopen": call(FD, _fs_name=In(String()), flags=flags("fsopen")),
    "fspick": call(FD, dfd=DIRFD, path=NAME, flags=flags("fspick")),
    "fsconfig": call(
        fd=FD,
        cmd=enum("fsconfig"),
        _key=Choice("cmd", "fsconfig", FSCONFIG_KEY, default=ADDRESS),
        _value=Choice("cmd", "fsconfig", FSCONFIG_VALUE, default=ADDRESS),
        aux=Choice("cmd", "fsconfig", FSCONFIG_AUX, default=INT),
    ),
    "fsmount": call(FD, fs_fd=FD, flags=flags("fsmount"), attr_flags=flags("mount_attr")),
    # What is mounted.
    "statmount": call(
        req=In(
            struct(
                "mnt_id_req",
                only_=("size", "mnt_fd", "mnt_id", "param", "mnt_ns_id"),
                mnt_id=HEX,
                param=flags("statmount"),
                mnt_ns_id=NAMESPACE,
            )
        ),
        buf=Out(Raw("statmount", "bufsize", limit=8192)),
        bufsize=SIZE,
        flags=flags("statmount_flags"),
    ),
    "listmount": call(
        SIZE,
        req=In(
            struct(
                "mnt_id_req",
                only_=("size", "mnt_ns_fd", "mnt_id", "param", "mnt_ns_id"),
                mnt_id=FIRST,
                param=HEX,
                mnt_ns_id=NAMESPACE,
            )
        ),
        mnt_ids=Out(Array(Cell("u64", HEX), Least(RESULT, "nr_mnt_ids"))),
        nr_mnt_ids=SIZE,
        flags=flags("listmount"),
    ),
    "listns": call(
        SIZE,
        req=In(struct("ns_id_req", ns_type=flags("namespace_types"), user_ns_id=HEX)),
        ns_ids=Out(Array(Cell("u64", HEX), Least(RESULT, "nr_ns_ids"))),
        nr_ns_ids=SIZE,
        flags=HEX,
    ),
    # The file system as a whole.
    "quotactl": call(cmd=flags("quota_command"), special=NAME, id=QUOTA_ID, addr=QUOTA_ADDR),
    "quotactl_fd": call(fd=FD, cmd=flags("quota_command"), id=QUOTA_ID, addr=QUOTA_ADDR),
    "swapon": call(specialfile=NAME, swap_flags=flags("swap")),
    "swapoff": call(specialfile=NAME),
    "acct": call(name=NAME),
    # How a process's reads and writes are ranked: `who` is a process, a group or a user.
    "ioprio_set": call(which=enum("ioprio_which"), who=INT, ioprio=flags("ioprio")),
    "ioprio_get": call(flags("ioprio"), which=enum("ioprio_which"), who=INT),
}
