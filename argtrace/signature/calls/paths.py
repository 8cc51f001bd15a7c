"""What is done to a file by its name, or to a descriptor the same way: names, modes, owners, times.

Source: man pages of section 2; fs/namei.c, fs/open.c, fs/stat.c, fs/statfs.c, fs/utimes.c,
fs/fhandle.c, fs/file_attr.c; include/uapi/linux/stat.h, fcntl.h.

Not here: opening is `files.py`; extended attributes `xattrs.py`; mounts `mounts.py`.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    DEVICE,
    DIRFD,
    FD,
    GID,
    HEX,
    INT,
    MODE,
    PERMISSIONS,
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
    InOut,
    Least,
    On,
    Out,
    Path,
    Raw,
    String,
    When,
    call,
    enum,
    flags,
    struct,
)

NAME = In(Path())

STAT = Out(
    struct(
        "stat",
        only_=(
            "st_dev",
            "st_ino",
            "st_mode",
            "st_nlink",
            "st_uid",
            "st_gid",
            "st_rdev",
            "st_size",
            "st_blksize",
            "st_blocks",
            "st_atime",
            "st_atime_nsec",
            "st_mtime",
            "st_mtime_nsec",
            "st_ctime",
            "st_ctime_nsec",
        ),
        st_dev=DEVICE,
        st_mode=MODE,
        st_uid=UID,
        st_gid=GID,
        st_rdev=DEVICE,
    )
)


def _time(bit: str, mask: int) -> Choice:
    return Choice("stx_mask", "statx_mask", {bit: struct("statx_timestamp")}, UNUSED, mask)


# `stx_mask` says which members were filled: the others are not looked at.
STATX = Out(
    struct(
        "statx",
        only_=(
            "stx_mask",
            "stx_blksize",
            "stx_attributes",
            "stx_nlink",
            "stx_uid",
            "stx_gid",
            "stx_mode",
            "stx_ino",
            "stx_size",
            "stx_blocks",
            "stx_attributes_mask",
            "stx_atime",
            "stx_btime",
            "stx_ctime",
            "stx_mtime",
            "stx_rdev_major",
            "stx_rdev_minor",
            "stx_dev_major",
            "stx_dev_minor",
            "stx_mnt_id",
            "stx_dio_mem_align",
            "stx_dio_offset_align",
            "stx_subvol",
            "stx_atomic_write_unit_min",
            "stx_atomic_write_unit_max",
            "stx_atomic_write_segments_max",
            "stx_dio_read_offset_align",
            "stx_atomic_write_unit_max_opt",
        ),
        stx_mask=flags("statx_mask"),
        stx_attributes=flags("statx_attributes"),
        stx_nlink=When("stx_mask", 0x4, INT),
        stx_uid=When("stx_mask", 0x8, UID),
        stx_gid=When("stx_mask", 0x10, GID),
        stx_mode=When("stx_mask", 0x3, MODE),
        stx_ino=When("stx_mask", 0x100, INT),
        stx_size=When("stx_mask", 0x200, INT),
        stx_blocks=When("stx_mask", 0x400, INT),
        stx_attributes_mask=flags("statx_attributes"),
        stx_atime=_time("STATX_ATIME", 0x20),
        stx_btime=_time("STATX_BTIME", 0x800),
        stx_ctime=_time("STATX_CTIME", 0x80),
        stx_mtime=_time("STATX_MTIME", 0x40),
        stx_mnt_id=When("stx_mask", 0x1000 | 0x4000, INT),
        stx_dio_mem_align=When("stx_mask", 0x2000, INT),
        stx_dio_offset_align=When("stx_mask", 0x2000, INT),
        stx_subvol=When("stx_mask", 0x8000, INT),
        stx_atomic_write_unit_min=When("stx_mask", 0x10000, INT),
        stx_atomic_write_unit_max=When("stx_mask", 0x10000, INT),
        stx_atomic_write_segments_max=When("stx_mask", 0x10000, INT),
        stx_dio_read_offset_align=When("stx_mask", 0x20000, INT),
        stx_atomic_write_unit_max_opt=When("stx_mask", 0x10000, INT),
    )
)

STATFS = Out(
    struct(
        "statfs",
        only_=(
            "f_type",
            "f_bsize",
            "f_blocks",
            "f_bfree",
            "f_bavail",
            "f_files",
            "f_ffree",
            "f_fsid",
            "f_namelen",
            "f_frsize",
            "f_flags",
        ),
        f_type=enum("filesystem"),
        f_fsid=struct("__kernel_fsid_t", val=Array(Cell("u32", HEX), 2)),
        f_flags=flags("statfs_flags"),
    )
)

# Of a node that is no device the number is not looked at.
NODE = Choice("mode", "file_type", {("S_IFCHR", "S_IFBLK"): DEVICE}, default=UNUSED, mask=0o170000)

TARGET = Out(Bytes(Least(RESULT, "bufsiz")))

# Two times: of the last access, of the last change.
MICROSECONDS = In(Array(struct("timeval"), 2))
NANOSECONDS = In(Array(struct("timespec", tv_nsec=enum("utime")), 2))

HANDLE = 8 + 128  # its two numbers, and MAX_HANDLE_SZ

ATTRIBUTES = struct("file_attr", size_="usize", fa_xflags=flags("file_xflags"))

CALLS: dict[str, Declaration] = {
    # What a file is.
    "stat": call(filename=NAME, statbuf=STAT),
    "fstat": call(fd=FD, statbuf=STAT),
    "lstat": call(filename=NAME, statbuf=STAT),
    "newfstatat": call(dfd=DIRFD, filename=NAME, statbuf=STAT, flag=flags("at_stat")),
    "statx": call(dfd=DIRFD, filename=NAME, flags=flags("at_statx"), mask=flags("statx_mask"), buffer=STATX),
    "access": call(filename=NAME, mode=flags("access")),
    "faccessat": call(dfd=DIRFD, filename=NAME, mode=flags("access")),
    "faccessat2": call(dfd=DIRFD, filename=NAME, mode=flags("access"), flags=flags("at_access")),
    "readlink": call(SIZE, path=NAME, buf=TARGET, bufsiz=INT),
    "readlinkat": call(SIZE, dfd=DIRFD, pathname=NAME, buf=TARGET, bufsiz=INT),
    "file_getattr": call(
        dfd=DIRFD, filename=NAME, ufattr=Out(ATTRIBUTES), usize=SIZE, at_flags=flags("at_nofollow")
    ),
    "file_setattr": call(
        dfd=DIRFD, filename=NAME, ufattr=In(ATTRIBUTES), usize=SIZE, at_flags=flags("at_nofollow")
    ),
    # Where the process is among them.
    "getcwd": call(SIZE, buf=Out(Path()), size=SIZE),
    "chdir": call(filename=NAME),
    "fchdir": call(fd=FD),
    "chroot": call(filename=NAME),
    "fchroot": call(fd=FD, flags=HEX),
    "umask": call(PERMISSIONS, mask=PERMISSIONS),
    # Names come and go.
    "mkdir": call(pathname=NAME, mode=PERMISSIONS),
    "mkdirat": call(dfd=DIRFD, pathname=NAME, mode=PERMISSIONS),
    "mknod": call(filename=NAME, mode=MODE, dev=NODE),
    "mknodat": call(dfd=DIRFD, filename=NAME, mode=MODE, dev=NODE),
    "link": call(oldname=NAME, newname=NAME),
    "linkat": call(olddfd=DIRFD, oldname=NAME, newdfd=DIRFD, newname=NAME, flags=flags("at_link")),
    "symlink": call(oldname=NAME, newname=NAME),
    "symlinkat": call(oldname=NAME, newdfd=DIRFD, newname=NAME),
    "rename": call(oldname=NAME, newname=NAME),
    "renameat": call(olddfd=DIRFD, oldname=NAME, newdfd=DIRFD, newname=NAME),
    "renameat2": call(olddfd=DIRFD, oldname=NAME, newdfd=DIRFD, newname=NAME, flags=flags("rename")),
    "rmdir": call(pathname=NAME),
    "unlink": call(pathname=NAME),
    "unlinkat": call(dfd=DIRFD, pathname=NAME, flag=flags("at_unlink")),
    # Modes, owners, times.
    "chmod": call(filename=NAME, mode=PERMISSIONS),
    "fchmod": call(fd=FD, mode=PERMISSIONS),
    "fchmodat": call(dfd=DIRFD, filename=NAME, mode=PERMISSIONS),
    "fchmodat2": call(dfd=DIRFD, filename=NAME, mode=PERMISSIONS, flags=flags("at_nofollow")),
    "chown": call(filename=NAME, user=UID, group=GID),
    "fchown": call(fd=FD, user=UID, group=GID),
    "lchown": call(filename=NAME, user=UID, group=GID),
    "fchownat": call(dfd=DIRFD, filename=NAME, user=UID, group=GID, flag=flags("at_nofollow")),
    "utime": call(filename=NAME, times=In(struct("utimbuf"))),
    "utimes": call(filename=NAME, utimes=MICROSECONDS),
    "futimesat": call(dfd=DIRFD, filename=NAME, utimes=MICROSECONDS),
    "utimensat": call(dfd=DIRFD, filename=NAME, utimes=NANOSECONDS, flags=flags("at_nofollow")),
    # File systems.
    "statfs": call(pathname=NAME, buf=STATFS),
    "fstatfs": call(fd=FD, buf=STATFS),
    "ustat": call(dev=DEVICE, ubuf=Out(struct("ustat", f_fname=String(), f_fpack=String()))),
    "sysfs": call(
        option=INT,
        arg1=Choice("option", "sysfs_option", {"FS_INDEX": In(String()), "FS_NAME": INT}, UNUSED),
        arg2=Choice("option", "sysfs_option", {"FS_NAME": Out(String())}, UNUSED),
    ),
    # Files by handle.
    "name_to_handle_at": call(
        dfd=DIRFD,
        name=NAME,
        handle=InOut(
            struct("file_handle", only_=("handle_bytes",)), after=Raw("found_handle", HANDLE), on=On.ALWAYS
        ),
        mnt_id=Choice(
            "flag", "at_handle", {"AT_HANDLE_MNT_ID_UNIQUE": Out(Cell("u64"))}, Out(Cell("int")), mask=1
        ),
        flag=flags("at_handle"),
    ),
    "open_by_handle_at": call(
        FD, mountdirfd=DIRFD, handle=In(Raw("file_handle", HANDLE)), flags=flags("open")
    ),
    # Calls that are no more.
    "uselib": call(library=NAME),
    "lookup_dcookie": call(SIZE, cookie64=HEX, buf=Out(Path()), len=SIZE),
}
