"""Extended attributes: named values that a file has beside its content.

Source: fs/xattr.c; include/uapi/linux/xattr.h.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    DIRFD,
    FD,
    RESULT,
    SIZE,
    Bytes,
    Declaration,
    In,
    InOut,
    Least,
    Out,
    Path,
    Raw,
    String,
    To,
    call,
    flags,
    struct,
)

FILE = In(Path())
NAME = In(String())

# A size of 0 asks how long the answer would be: then the result is that, and nothing was written.
VALUE = Out(Bytes(Least(RESULT, "size")))
NAMES = Out(Raw("xattr_names", Least(RESULT, "size"), limit=65536))

CALLS: dict[str, Declaration] = {
    "setxattr": call(
        pathname=FILE, name=NAME, value=In(Bytes("size")), size=SIZE, flags=flags("xattr_flags")
    ),
    "lsetxattr": call(
        pathname=FILE, name=NAME, value=In(Bytes("size")), size=SIZE, flags=flags("xattr_flags")
    ),
    "fsetxattr": call(fd=FD, name=NAME, value=In(Bytes("size")), size=SIZE, flags=flags("xattr_flags")),
    "setxattrat": call(
        dfd=DIRFD,
        pathname=FILE,
        at_flags=flags("at_nofollow"),
        name=NAME,
        uargs=In(struct("xattr_args", size_="usize", value=To(Bytes("size")), flags=flags("xattr_flags"))),
        usize=SIZE,
    ),
    "getxattr": call(SIZE, pathname=FILE, name=NAME, value=VALUE, size=SIZE),
    "lgetxattr": call(SIZE, pathname=FILE, name=NAME, value=VALUE, size=SIZE),
    "fgetxattr": call(SIZE, fd=FD, name=NAME, value=VALUE, size=SIZE),
    "getxattrat": call(
        SIZE,
        dfd=DIRFD,
        pathname=FILE,
        at_flags=flags("at_nofollow"),
        name=NAME,
        uargs=InOut(
            struct("xattr_args", size_="usize", value=ADDRESS, flags=flags("xattr_flags")),
            after=struct(
                "xattr_args",
                size_="usize",
                value=To(Bytes(Least(RESULT, "size"))),
                flags=flags("xattr_flags"),
            ),
        ),
        usize=SIZE,
    ),
    "listxattr": call(SIZE, pathname=FILE, list=NAMES, size=SIZE),
    "llistxattr": call(SIZE, pathname=FILE, list=NAMES, size=SIZE),
    "flistxattr": call(SIZE, fd=FD, list=NAMES, size=SIZE),
    "listxattrat": call(SIZE, dfd=DIRFD, pathname=FILE, at_flags=flags("at_nofollow"), list=NAMES, size=SIZE),
    "removexattr": call(pathname=FILE, name=NAME),
    "lremovexattr": call(pathname=FILE, name=NAME),
    "fremovexattr": call(fd=FD, name=NAME),
    "removexattrat": call(dfd=DIRFD, pathname=FILE, at_flags=flags("at_nofollow"), name=NAME),
}
