"""Files and file systems.

Source: ioctl_fs(2), ioctl_ficlone(2), ioctl_fideduperange(2), ioctl_fiemap(2) and the like;
fs/ioctl.c; Documentation/filesystems/{fscrypt,fsverity,fiemap}.rst.

FS_IOC_GETFLAGS and its like say `long` in their bits, and are an int since the beginning.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    FD,
    HEX,
    PID,
    UNUSED,
    At,
    Before,
    Bytes,
    Cell,
    Content,
    In,
    InOut,
    Meaning,
    Out,
    Raw,
    Scaled,
    String,
    enum,
    flags,
    struct,
)

ATTRIBUTES = Cell("int", flags("file_attributes"))
FSXATTR = struct("fsxattr", fsx_xflags=flags("file_xflags"))
CLONE = struct("file_clone_range", src_fd=FD)
TRIM = struct("fstrim_range")
SIGNED = Cell("int")

FIEMAP = struct(
    "fiemap",
    fm_flags=flags("fiemap_flags"),
    only_=("fm_start", "fm_length", "fm_flags", "fm_extent_count"),
)
# A header of 32 bytes, and the extents of 56 bytes that there is room for.
EXTENTS = Raw("fiemap", Scaled(Scaled(Before(At("arg.fm_extent_count")), by=7), add=4, by=8), limit=4096)

# The first eight targets.
DEDUPE = InOut(Raw("dedupe_asked", 280, limit=280), after=Raw("dedupe", 280, limit=280))

VERITY = struct("fsverity_enable_arg", hash_algorithm=enum("fsverity_hash"), salt_ptr=HEX, sig_ptr=HEX)

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    "FIOQSIZE": Out(Cell("loff_t")),
    "FIBMAP": InOut(SIGNED),
    "FIGETBSZ": Out(SIGNED),
    ("FIFREEZE", "FITHAW"): UNUSED,
    ("FS_IOC_GETFLAGS",): Out(ATTRIBUTES),
    ("FS_IOC_SETFLAGS",): In(ATTRIBUTES),
    "FS_IOC_GETVERSION": Out(SIGNED),
    "FS_IOC_SETVERSION": In(SIGNED),
    "FICLONE": FD,
    "FS_IOC_FIEMAP": InOut(FIEMAP, after=EXTENTS),
    "FIDEDUPERANGE": DEDUPE,
    ("FIOSETOWN", "SIOCSPGRP"): In(Cell("int", PID)),
    ("FIOGETOWN", "SIOCGPGRP"): Out(Cell("int", PID)),
    # The bits have the direction the wrong way round.
    "FS_IOC_SHUTDOWN": In(Cell("u32")),
    "FS_IOC_SET_ENCRYPTION_POLICY": In(Raw("encryption_policy", 24)),
    "FS_IOC_GET_ENCRYPTION_POLICY": Out(Raw("encryption_policy", 12)),
    "FS_IOC_GET_ENCRYPTION_PWSALT": Out(Bytes(16)),
    "FS_IOC_ADD_ENCRYPTION_KEY": InOut(struct("fscrypt_add_key_arg")),
    "FS_IOC_GET_ENCRYPTION_POLICY_EX": InOut(
        Cell("u64"),
        after=Raw("sized_encryption_policy", 32),
    ),
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    ("FS_IOC_FSGETXATTR", "FS_IOC_FSSETXATTR"): FSXATTR,
    "FICLONERANGE": CLONE,
    "FITRIM": TRIM,
    ("FS_IOC_GETFSLABEL", "FS_IOC_SETFSLABEL"): String(),
    "FS_IOC_ENABLE_VERITY": VERITY,
    "FS_IOC_MEASURE_VERITY": struct("fsverity_digest", digest_algorithm=enum("fsverity_hash")),
    "FS_IOC_GETFSUUID": struct("fsuuid2"),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {}
