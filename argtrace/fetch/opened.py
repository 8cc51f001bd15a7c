"""What the kernel itself knows of a descriptor at the moment a call gave it.

A second program on sys_exit, attached before the one that sends the call: for a
call that gives a descriptor, or changes what a socket is connected to, it follows
the task's table to the open file and sends its inode, device and path, or both
ends of a socket. Its record comes right before the call's own.

The path is walked from the file upwards, through the mounts, to the root of the
mount namespace; each name with its NUL, the last component first:

    24         28       32      40      48       52      56         64
    +----------+--------+-------+-------+--------+-------+----------+
    | number   | fd     | inode | magic | device | mode  | what fd2 |
    | u32      | s32    | u64   | u64   | u32    | u32   | u32  s32 |
    +----------+--------+-------+-------+--------+-------+----------+
    64       66     68         70           72            74    76
    +--------+------+----------+------------+-------------+-----+---------+
    | family | type | protocol | local port | remote port |     | netlink |   of a socket
    | u16    | u16  | u16      | u16        | u16, BE     |     | port u32|
    +--------+------+----------+------------+-------------+-----+---------+
    80              96               112          120
    +---------------+----------------+------------+-----------------------+
    | local address | remote address | peer inode | names, or UNIX address|
    | 16 bytes      | 16 bytes       | u64        |                       |
    +---------------+----------------+------------+-----------------------+

`fd2`: the other one of a pair, or -1. Of that nothing is sent: the ends of a pipe are
one inode, and those of two sockets each other's peers.

Sources: fs/d_path.c, prepend_path(); include/linux/{fdtable,fs,dcache,mount,net}.h,
fs/mount.h, include/net/{sock,af_unix}.h. Offsets are found in BTF.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from argtrace.fetch import paths, record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.context import Context
from argtrace.fetch.emit import (
    KEY,
    R0,
    R1,
    R2,
    R3,
    R6,
    R7,
    R8,
    R9,
    R10,
    S32_MAX,
    WORD,
    call_map,
    find_current,
    follow,
    send,
)
from argtrace.fetch.file_fields import FileFields
from argtrace.fetch.paths import MNT, MOST_NAMES, NAME_SPACE, read
from argtrace.fetch.record import RECORD, Phase
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from argtrace.location.frames import Frame
from argtrace.value import frozen

NUMBER, FD, INODE, MAGIC, DEVICE, MODE, WHAT, OTHER = 24, 28, 32, 40, 48, 52, 56, 60
FAMILY, TYPE, PROTOCOL, LOCAL_PORT, REMOTE_PORT, NETLINK_PORT = 64, 66, 68, 70, 72, 76
LOCAL, REMOTE, PEER, NAMES = 80, 96, 112, record.FILE_NAMES

# struct msghdr and struct cmsghdr of 64-bit programs: include/linux/socket.h.
MSG_CONTROL, CMSG_LEVEL, CMSG_DATA = 32, 8, 16
SOL_SOCKET, SCM_RIGHTS = 1, 1

AT_FDCWD = -100
S_IFMT, S_IFSOCK = 0o170000, 0o140000
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
UNIX_PATH = 128


class Where(IntEnum):
    """Which descriptor a call is looked at for."""

    RESULT = 1
    FIRST = 2
    """The first argument, whatever the result."""
    PAIR = 3
    """Two in the memory that the first argument points to."""
    PAIR_FOURTH = 4
    DIRECTORY = 5
    """None: the working directory."""
    RIGHTS = 6
    """The first that a message brought, if that is what its control data begin with."""


CALLS: Mapping[str, Where] = {
    **dict.fromkeys(
        ("open", "creat", "openat", "openat2", "open_tree", "open_tree_attr", "open_by_handle_at", "mq_open",
         "memfd_secret", "fsmount", "pidfd_getfd", "socket", "accept", "accept4"),
        Where.RESULT,
    ),
    **dict.fromkeys(("connect", "bind", "listen"), Where.FIRST),
    "pipe": Where.PAIR,
    "pipe2": Where.PAIR,
    "socketpair": Where.PAIR_FOURTH,
    "chdir": Where.DIRECTORY,
    "fchdir": Where.DIRECTORY,
    "recvmsg": Where.RIGHTS,
}  # fmt: skip


@frozen
class Opening:
    """`calls`: index and name of each that is traced. `arguments`: the registers of a call's arguments."""

    fields: FileFields
    calls: tuple[tuple[int, str], ...]
    arguments: tuple[str, ...]


def maps() -> tuple[MapSpec, ...]:
    """`opens`: for each call a `Where`, or 0. `opened`: where a CPU puts a record together."""
    return (
        MapSpec("opens", uapi.BPF_MAP_TYPE_ARRAY, 4, record.INDEXES, 1),
        MapSpec("opened", uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, MOST_NAMES + 2 * NAME_SPACE, 1),
    )


def opens(calls: Iterable[tuple[int, str]]) -> bytes:
    """The value of `opens`, from indexes and names. Arguments of 32-bit calls are not looked at."""
    value = bytearray(record.INDEXES)
    for index, name in calls:
        where = CALLS.get(name, 0)
        if index < record.COMPAT_BASE or where == Where.RESULT:
            value[index] = where
    return bytes(value)


# The stack below what `emit` uses of it: two descriptors, a time, and what is held between steps. What
# `paths` uses is in between.
FDS, TIME, PRIVATE, WHERE, CONTROL = -32, -40, -56, -72, -96


def program(fields: FileFields, frame: Frame, arguments: tuple[str, ...], context: Context) -> Program:
    """`arguments`: the registers of a call's arguments."""
    words = [RECORD + record.IMAGE + frame.offsets[register] for register in arguments]
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.PENDING, "none")
    asm.load(R2, R7, record.INDEX, 4)
    asm.jump(">=", R2, record.INDEXES, "none")
    asm.load_map_value(R1, "opens")
    asm.alu("+=", R1, R2)
    asm.load(R8, R1, 0, 1)
    asm.jump("==", R8, 0, "none")
    asm.store(R10, WHERE, R8)
    _descriptors(asm, words, context)
    asm.call("ktime_get_ns")
    asm.store(R10, TIME, R0)
    asm.load(R8, R7, record.INDEX, 4)
    asm.store(R10, KEY, 0, 4)
    call_map(asm, "map_lookup_elem", "opened")
    asm.jump("==", R0, 0, "none")
    asm.move(R7, R0)
    asm.store(R7, record.KIND, record.Kind.FILE, 4)
    asm.store(R7, record.TID, R9)
    asm.load(R1, R10, TIME)
    asm.store(R7, record.TIME, R1)
    asm.store(R7, NUMBER, R8, 4)
    for offset in range(INODE, NAMES, 8):
        asm.store(R7, offset, 0)
    asm.load(R1, R10, WHERE)
    asm.jump("==", R1, Where.DIRECTORY, "directory")
    _file(asm, fields)
    _inode(asm, fields)
    asm.load(R1, R7, MODE, 4)
    asm.alu("&=", R1, S_IFMT)
    asm.jump("==", R1, S_IFSOCK, "socket")
    asm.goto("path")
    asm.label("directory")
    _directory(asm, fields)
    asm.label("path")
    paths.walk(asm, fields, WHAT, "send")
    asm.label("socket")
    _socket(asm, fields)
    asm.label("send")
    asm.store(R7, record.FLAGS, R8, 2)
    send(asm, R7, 0, R8, "none", record.TASK_EVENTS)
    asm.exit()
    return asm.assemble("at_opened")


def _descriptors(asm: Asm, words: list[int], context: Context) -> None:
    """Which ones, to FDS: one or two. r8 says where they are."""
    asm.store(R10, FDS + 4, -1, 4)
    asm.load(R1, R7, words[0])
    asm.jump("==", R8, Where.FIRST, "one")
    asm.load(R1, R6, context.result)
    asm.alu("<<=", R1, 32)  # a 32-bit result: its sign is bit 31
    asm.alu("s>>=", R1, 32)
    asm.jump("s<", R1, 0, "none")
    asm.jump("==", R8, Where.RESULT, "one")
    asm.jump("==", R8, Where.RIGHTS, "rights")
    asm.move(R1, AT_FDCWD)
    asm.jump("==", R8, Where.DIRECTORY, "one")
    asm.load(R3, R7, words[0])
    asm.jump("==", R8, Where.PAIR, "pair")
    asm.load(R3, R7, words[3])
    asm.label("pair")
    _read_user(asm, FDS, 8)
    asm.goto("known")
    asm.label("rights")
    asm.load(R3, R7, words[1])
    asm.alu("+=", R3, MSG_CONTROL)
    _read_user(asm, CONTROL, 16)
    asm.load(R1, R10, CONTROL + 8)
    asm.jump("<", R1, CMSG_DATA + 4, "none")
    asm.load(R3, R10, CONTROL)
    _read_user(asm, CONTROL, CMSG_DATA + 4)
    asm.load(R1, R10, CONTROL + CMSG_LEVEL, 4)
    asm.jump("!=", R1, SOL_SOCKET, "none")
    asm.load(R1, R10, CONTROL + CMSG_LEVEL + 4, 4)
    asm.jump("!=", R1, SCM_RIGHTS, "none")
    asm.load(R1, R10, CONTROL + CMSG_DATA, 4)
    asm.label("one")
    asm.store(R10, FDS, R1, 4)
    asm.label("known")


def _read_user(asm: Asm, to: int, size: int) -> None:
    """Copy memory of the program's own, at r3, to the stack."""
    asm.move(R1, R10)
    asm.alu("+=", R1, to)
    asm.move(R2, size)
    asm.call("probe_read_user")
    asm.jump("!=", R0, 0, "none")


def _file(asm: Asm, fields: FileFields) -> None:
    """r9 = the open file of the descriptor at FDS."""
    asm.load(R8, R10, FDS, 4)
    asm.jump(">", R8, S32_MAX, "none")
    asm.store(R7, FD, R8, 4)
    asm.call("get_current_task_btf")
    follow(asm, R9, R0, fields.task_files)
    follow(asm, R9, R9, fields.files_fdt)
    read(asm, R10, WORD, R9, fields.fdt_max_fds, 4)
    asm.load(R1, R10, WORD, 4)
    asm.jump(">=", R8, R1, "none")
    follow(asm, R9, R9, fields.fdt_fd)
    asm.alu("<<=", R8, 3)
    asm.alu("+=", R9, R8)
    follow(asm, R9, R9, 0)
    asm.jump("==", R9, 0, "none")


def _inode(asm: Asm, fields: FileFields) -> None:
    """The head of the record. r9 is the file, then its dentry; mount and private data go to the stack."""
    asm.load(R1, R10, FDS + 4, 4)
    asm.store(R7, OTHER, R1, 4)
    follow(asm, R8, R9, fields.file_inode)
    read(asm, R7, INODE, R8, fields.inode_ino, 8)
    read(asm, R7, DEVICE, R8, fields.inode_rdev, 4)
    read(asm, R7, MODE, R8, fields.inode_mode, 2)
    follow(asm, R8, R8, fields.inode_sb)
    read(asm, R7, MAGIC, R8, fields.sb_magic, 8)
    read(asm, R10, MNT, R9, fields.file_mnt, 8)
    read(asm, R10, PRIVATE, R9, fields.file_private, 8)
    follow(asm, R9, R9, fields.file_dentry)
    asm.move(R8, NAMES)


def _directory(asm: Asm, fields: FileFields) -> None:
    """The working directory, as `_inode` leaves a file's path. No descriptor is given."""
    asm.store(R7, FD, AT_FDCWD, 4)
    asm.store(R7, OTHER, -1, 4)
    asm.call("get_current_task_btf")
    follow(asm, R8, R0, fields.task_fs)
    read(asm, R10, MNT, R8, fields.fs_pwd_mnt, 8)
    follow(asm, R9, R8, fields.fs_pwd_dentry)
    asm.jump("==", R9, 0, "none")
    asm.move(R8, NAMES)


def _socket(asm: Asm, fields: FileFields) -> None:
    """Both ends. r9 becomes the struct sock."""
    asm.load(R9, R10, PRIVATE)
    read(asm, R7, TYPE, R9, fields.socket_type, 2)
    follow(asm, R9, R9, fields.socket_sk)
    asm.jump("==", R9, 0, "send")
    read(asm, R7, FAMILY, R9, fields.sock_family, 2)
    read(asm, R7, PROTOCOL, R9, fields.sock_protocol, 2)
    asm.load(R6, R7, FAMILY, 2)
    asm.jump("==", R6, AF_INET, "internet")
    asm.jump("==", R6, AF_INET6, "internet")
    asm.jump("==", R6, AF_UNIX, "unix")
    if fields.netlink_portid is not None:
        asm.jump("!=", R6, AF_NETLINK, "send")
        read(asm, R7, NETLINK_PORT, R9, fields.netlink_portid, 4)
    asm.goto("send")

    asm.label("internet")
    read(asm, R7, LOCAL_PORT, R9, fields.sock_num, 2)
    read(asm, R7, REMOTE_PORT, R9, fields.sock_dport, 2)
    if fields.sock_local6 is not None and fields.sock_remote6 is not None:
        asm.jump("==", R6, AF_INET, "four")
        read(asm, R7, LOCAL, R9, fields.sock_local6, 16)
        read(asm, R7, REMOTE, R9, fields.sock_remote6, 16)
        asm.goto("send")
        asm.label("four")
    read(asm, R7, LOCAL, R9, fields.sock_local, 4)
    read(asm, R7, REMOTE, R9, fields.sock_remote, 4)
    asm.goto("send")

    asm.label("unix")
    if fields.unix_peer is not None:
        follow(asm, R6, R9, fields.unix_peer)
        asm.jump("==", R6, 0, "alone")
        follow(asm, R6, R6, fields.sock_socket)
        asm.jump("==", R6, 0, "alone")
        read(asm, R7, PEER, R6, fields.alloc_inode - fields.alloc_socket + fields.inode_ino, 8)
        asm.label("alone")
    if fields.unix_addr is not None and fields.unix_address_len and fields.unix_address_name:
        follow(asm, R9, R9, fields.unix_addr)
        asm.jump("==", R9, 0, "send")
        read(asm, R10, WORD, R9, fields.unix_address_len, 4)
        asm.load(R6, R10, WORD, 4)
        asm.alu("-=", R6, 2)  # sun_family
        asm.jump(">", R6, UNIX_PATH, "send")
        asm.move(R1, R7)
        asm.alu("+=", R1, NAMES)
        asm.move(R2, R6)
        asm.move(R3, R9)
        asm.alu("+=", R3, fields.unix_address_name + 2)
        asm.call("probe_read_kernel")
        asm.alu("+=", R8, R6)
