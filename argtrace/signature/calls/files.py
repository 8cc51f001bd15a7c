"""Opening, reading and writing, and what a descriptor can be asked.

Source: man pages of section 2; fs/open.c, fs/read_write.c, fs/fcntl.c, fs/splice.c,
fs/sync.c; struct layouts and constants from include/uapi/linux/fcntl.h, fs.h, openat2.h.

Not here: what is done by a name (stat, link, chmod) is `paths.py`; asynchronous
reads `aio.py`; ioctl has a family of its own.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    DIRFD,
    FD,
    HEX,
    INT,
    PERMISSIONS,
    PID,
    RESERVED,
    RESULT,
    SIGNAL,
    SIGNED,
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
    Meaning,
    Out,
    Path,
    Raw,
    Share,
    String,
    To,
    When,
    call,
    enum,
    flags,
    struct,
)

CREATES = 0o100 | 0o20000000  # O_CREAT, and of O_TMPFILE the bit that O_DIRECTORY has not
NEW_MODE = When("flags", CREATES, PERMISSIONS)

# openat2(2) refuses a mode where none is wanted.
HOW_MODE = Choice(
    "flags",
    "open",
    {"O_CREAT": PERMISSIONS},
    default=Choice("flags", "open", {"__O_TMPFILE": PERMISSIONS}, default=RESERVED, mask=0o20000000),
    mask=0o100,
)

FILLED = InOut(
    Array(struct("iovec"), "vlen"),
    after=Array(struct("iovec", iov_base=To(Bytes(Share("iov_len", RESULT), "fd"))), "vlen"),
)
SENT = In(Array(struct("iovec", iov_base=To(Bytes("iov_len", "fd"))), "vlen"))

OFFSET = InOut(Cell("loff_t"))

# Whose lock it is: an answer. Locks of open file descriptions want it zero.
LOCK = struct("flock", l_type=enum("lock_type"), l_whence=enum("whence"), l_pid=UNUSED)
OFD_LOCK = struct("flock", l_type=enum("lock_type"), l_whence=enum("whence"), l_pid=RESERVED)
FOUND_LOCK = struct("flock", l_type=enum("lock_type"), l_whence=enum("whence"), l_pid=PID)
OWNER = struct("f_owner_ex", type=enum("owner_type"), pid=PID)
DELEGATION = struct("delegation", d_type=enum("lock_type"))
HINT = Cell("u64", enum("rw_hint"))

FCNTL_ARGUMENT: dict[str | tuple[str, ...], Meaning] = {
    ("F_DUPFD", "F_DUPFD_CLOEXEC"): INT,
    "F_DUPFD_QUERY": FD,
    "F_SETFD": flags("fd_flags"),
    "F_SETFL": flags("open"),
    ("F_SETLK", "F_SETLKW", "F_CANCELLK"): In(LOCK),
    ("F_OFD_SETLK", "F_OFD_SETLKW"): In(OFD_LOCK),
    "F_GETLK": InOut(LOCK, after=FOUND_LOCK),
    "F_OFD_GETLK": InOut(OFD_LOCK, after=FOUND_LOCK),
    "F_SETOWN": PID,
    "F_SETOWN_EX": In(OWNER),
    "F_GETOWN_EX": Out(OWNER),
    "F_GETOWNER_UIDS": Out(Array(Cell("u32", UID), 2)),
    "F_SETSIG": SIGNAL,
    "F_SETLEASE": enum("lock_type"),
    "F_SETDELEG": In(DELEGATION),
    "F_GETDELEG": InOut(DELEGATION),
    "F_NOTIFY": flags("dnotify"),
    "F_SETPIPE_SZ": SIZE,
    "F_ADD_SEALS": flags("seals"),
    ("F_SET_RW_HINT", "F_SET_FILE_RW_HINT"): In(HINT),
    ("F_GET_RW_HINT", "F_GET_FILE_RW_HINT"): Out(HINT),
    (
        "F_GETFD",
        "F_GETFL",
        "F_GETOWN",
        "F_GETSIG",
        "F_GETLEASE",
        "F_GETPIPE_SZ",
        "F_GET_SEALS",
        "F_CREATED_QUERY",
    ): UNUSED,
}

FCNTL_RESULT: dict[str | tuple[str, ...], Meaning] = {
    ("F_DUPFD", "F_DUPFD_CLOEXEC"): FD,
    "F_GETFD": flags("fd_flags"),
    "F_GETFL": flags("open"),
    "F_GETOWN": PID,
    "F_GETSIG": SIGNAL,
    "F_GETLEASE": enum("lock_type"),
    ("F_GETPIPE_SZ", "F_SETPIPE_SZ"): SIZE,
    "F_GET_SEALS": flags("seals"),
}

CALLS: dict[str, Declaration] = {
    # Opening and closing.
    "open": call(FD, filename=In(Path()), flags=flags("open"), mode=NEW_MODE),
    "creat": call(FD, pathname=In(Path()), mode=PERMISSIONS),
    "openat": call(FD, dfd=DIRFD, filename=In(Path()), flags=flags("open"), mode=NEW_MODE),
    "openat2": call(
        FD,
        dfd=DIRFD,
        filename=In(Path()),
        how=In(
            struct(
                "open_how",
                size_="usize",
                flags=flags("open"),
                mode=HOW_MODE,
                resolve=flags("resolve"),
            )
        ),
        usize=SIZE,
    ),
    "close": call(fd=FD),
    "close_range": call(fd=INT, max_fd=INT, flags=flags("close_range")),
    "memfd_create": call(FD, uname=In(String()), flags=flags("memfd")),
    "dup": call(FD, fildes=FD),
    "dup2": call(FD, oldfd=FD, newfd=FD),
    "dup3": call(FD, oldfd=FD, newfd=FD, flags=flags("dup3")),
    "pipe": call(fildes=Out(Array(Cell("int", FD), 2))),
    "pipe2": call(fildes=Out(Array(Cell("int", FD), 2)), flags=flags("pipe2")),
    # Reading and writing.
    "read": call(SIZE, fd=FD, buf=Out(Bytes(Least(RESULT, "count"), "fd")), count=SIZE),
    "write": call(SIZE, fd=FD, buf=In(Bytes("count", "fd")), count=SIZE),
    "pread64": call(SIZE, fd=FD, buf=Out(Bytes(Least(RESULT, "count"))), count=SIZE, pos=INT),
    "pwrite64": call(SIZE, fd=FD, buf=In(Bytes("count")), count=SIZE, pos=INT),
    "readv": call(SIZE, fd=FD, vec=FILLED, vlen=SIZE),
    "writev": call(SIZE, fd=FD, vec=SENT, vlen=SIZE),
    # Of the offset's two halves the low one holds all of it where a long has 64 bits.
    "preadv": call(SIZE, fd=FD, vec=FILLED, vlen=SIZE, pos_l=SIGNED, pos_h=UNUSED),
    "pwritev": call(SIZE, fd=FD, vec=SENT, vlen=SIZE, pos_l=SIGNED, pos_h=UNUSED),
    "preadv2": call(SIZE, fd=FD, vec=FILLED, vlen=SIZE, pos_l=SIGNED, pos_h=UNUSED, flags=flags("rwf")),
    "pwritev2": call(SIZE, fd=FD, vec=SENT, vlen=SIZE, pos_l=SIGNED, pos_h=UNUSED, flags=flags("rwf")),
    "lseek": call(INT, fd=FD, offset=INT, whence=enum("whence")),
    "getdents": call(SIZE, fd=FD, dirent=Out(Raw("dirents", RESULT, limit=32768)), count=SIZE),
    "getdents64": call(SIZE, fd=FD, dirent=Out(Raw("dirents64", RESULT, limit=32768)), count=SIZE),
    # From descriptor to descriptor.
    "sendfile": call(SIZE, out_fd=FD, in_fd=FD, offset=OFFSET, count=SIZE),
    "copy_file_range": call(SIZE, fd_in=FD, off_in=OFFSET, fd_out=FD, off_out=OFFSET, len=SIZE, flags=HEX),
    "splice": call(SIZE, fd_in=FD, off_in=OFFSET, fd_out=FD, off_out=OFFSET, len=SIZE, flags=flags("splice")),
    "tee": call(SIZE, fdin=FD, fdout=FD, len=SIZE, flags=flags("splice")),
    # From a pipe (its read end), what comes is not shown: what was there before is.
    "vmsplice": call(
        SIZE,
        fd=FD,
        uiov=In(Array(struct("iovec", iov_base=To(Bytes("iov_len"))), "nr_segs")),
        nr_segs=SIZE,
        flags=flags("splice"),
    ),
    # What a descriptor is set to, and what holds the file.
    "fcntl": call(
        Choice("cmd", "fcntl", FCNTL_RESULT, default=INT),
        fd=FD,
        cmd=enum("fcntl"),
        arg=Choice("cmd", "fcntl", FCNTL_ARGUMENT),
    ),
    "flock": call(fd=FD, cmd=flags("flock")),
    # The file's content as a whole.
    "truncate": call(path=In(Path()), length=INT),
    "ftruncate": call(fd=FD, length=INT),
    "fallocate": call(fd=FD, mode=flags("fallocate"), offset=INT, len=INT),
    "fadvise64": call(fd=FD, offset=INT, len=SIZE, advice=enum("fadvise")),
    "readahead": call(fd=FD, offset=INT, count=SIZE),
    "cachestat": call(
        fd=FD,
        cstat_range=In(struct("cachestat_range")),
        cstat=Out(struct("cachestat")),
        flags=HEX,
    ),
    "sync": call(),
    "fsync": call(fd=FD),
    "fdatasync": call(fd=FD),
    "syncfs": call(fd=FD),
    "sync_file_range": call(fd=FD, offset=INT, nbytes=INT, flags=flags("sync_file_range")),
}
