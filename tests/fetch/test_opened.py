"""The program that looks at a descriptor when a call has given it, in a kernel of our own invention."""

from __future__ import annotations

import dataclasses
import errno
import struct
from dataclasses import dataclass

import pytest

from argtrace.decode import seen
from argtrace.errors import NotFound
from argtrace.fetch import file_fields, opened, record
from argtrace.fetch.opened import CALLS, Where
from argtrace.signature.syscalls import COMPAT_NAMES, NUMBERS
from argtrace.transport.records import CallRecord, FileRecord
from tests.support import generated
from tests.support.generated import STRUCT_SIZE, Types, program_set
from tests.support.machine import Machine
from tests.support.vmlinux import vmlinux

TASK = 10

# A unix_sock begins with a sock: their members are not in each other's place.
FILES = dataclasses.replace(generated.FILES, unix_peer=0x300, unix_addr=0x310, netlink_portid=0x320)


@dataclass
class Kernel:
    """Structures that point at each other, as far as the program follows them."""

    machine: Machine

    def struct(self, **members: int) -> int:
        """One with these members, of 8 bytes each, by the names of FileFields."""
        address = self.machine.kernel.place(bytes(STRUCT_SIZE), writable=True)
        self.set(address, **members)
        return address

    def set(self, address: int, **members: int) -> None:
        for name, value in members.items():
            self.machine.poke(address + getattr(FILES, name), value)

    def text(self, data: bytes) -> int:
        return self.machine.kernel.place(data + b"\0")

    def dentry(self, name: bytes, parent: int | None = None, *, hashed: bool = True) -> int:
        address = self.struct(dentry_name=self.text(name), dentry_hashed=int(hashed))
        self.set(address, dentry_parent=address if parent is None else parent)
        return address

    def mount(self, root: int, parent: int | None = None, mountpoint: int = 0) -> int:
        """The address of its struct mount."""
        address = self.struct(mount_mountpoint=mountpoint)
        self.set(address, mount_parent=address if parent is None else parent)
        self.machine.poke(address + FILES.mount_mnt + FILES.vfsmount_root, root)
        return address

    def inode(self, number: int = 5, mode: int = 0o100644, magic: int = 0xEF53, device: int = 0) -> int:
        address = self.struct(inode_ino=number, inode_sb=self.struct(sb_magic=magic), inode_rdev=device)
        self.machine.poke(address + FILES.inode_mode, mode, 2)
        return address

    def file(self, mount: int, dentry: int, inode: int | None = None, private: int = 0) -> int:
        return self.struct(
            file_mnt=mount + FILES.mount_mnt,
            file_dentry=dentry,
            file_inode=self.inode() if inode is None else inode,
            file_private=private,
        )

    def install(self, *files: int) -> None:
        """These are the current task's, by number; 0: none."""
        array = self.machine.kernel.place(struct.pack(f"<{len(files)}Q", *files))
        table = self.struct(fdt_fd=array)
        self.machine.poke(table + FILES.fdt_max_fds, len(files), 4)
        self.set(self.machine.be(TASK), task_files=self.struct(files_fdt=table))


@pytest.fixture
def kernel() -> Kernel:
    machine = Machine(program_set(files=FILES))
    machine.track(TASK)
    return Kernel(machine)


def seen_files(kernel: Kernel) -> list[FileRecord]:
    return [found for found in kernel.machine.records() if isinstance(found, FileRecord)]


def name(kernel: Kernel) -> bytes | None:
    (found,) = seen_files(kernel)
    files = seen.files(found)
    return files[found.fd].name if files else None


def open_at(kernel: Kernel, fd: int, call: str = "openat") -> None:
    kernel.machine.call(call, -100, kernel.machine.user.place(b"x\0"), result=fd)


def test_a_path_goes_through_its_mounts(kernel: Kernel) -> None:
    top = kernel.dentry(b"/")
    home = kernel.dentry(b"home", top)
    root = kernel.mount(top)
    other = kernel.dentry(b"/")
    disk = kernel.mount(other, root, home)
    kernel.install(0, 0, 0, kernel.file(disk, kernel.dentry(b"x", kernel.dentry(b"u", other))))
    open_at(kernel, 3)

    assert name(kernel) == b"/home/u/x"
    before, after = kernel.machine.records()
    assert isinstance(before, FileRecord)
    assert isinstance(after, CallRecord), "the call comes after what it gave"
    assert (before.tid, before.number, before.fd) == (TASK, NUMBERS["openat"], 3)
    assert after.start <= before.time <= after.time


PATHS = [
    pytest.param([b"a"] * 90, True, b"/" + b"/".join([b"a"] * 90), id="a deep one"),
    pytest.param([b"a"] * 100, True, None, id="one that is too deep"),
    pytest.param([b"n" * 255] * 16, True, b"/" + b"/".join([b"n" * 255] * 16), id="a long one"),
    pytest.param([b"n" * 255] * 20, True, None, id="one that is too long"),
    pytest.param([b"tmp", b"x"], False, b"/tmp/x (deleted)", id="one that is deleted"),
]


@pytest.mark.parametrize(("components", "hashed", "expected"), PATHS)
def test_paths(kernel: Kernel, components: list[bytes], hashed: bool, expected: bytes | None) -> None:
    top = dentry = kernel.dentry(b"/")
    for component in components:
        dentry = kernel.dentry(component, dentry, hashed=hashed)
    kernel.install(kernel.file(kernel.mount(top), dentry))
    open_at(kernel, 0)
    if not kernel.machine.programs.features.loops and len(components) > 64:
        expected = None  # where there are no loops, there is no room for as many rounds

    assert name(kernel) == expected


def test_a_file_that_is_in_no_directory(kernel: Kernel) -> None:
    inode = kernel.inode(77, 0o10600, seen.PIPEFS_MAGIC)
    kernel.install(kernel.file(kernel.mount(kernel.dentry(b"pipe:")), kernel.dentry(b""), inode))
    kernel.machine.call("pipe2", kernel.machine.user.place(struct.pack("<ii", 0, 5)), 0, result=0)
    (found,) = seen_files(kernel)

    assert {fd: file.name for fd, file in seen.files(found).items()} == {0: b"pipe:[77]", 5: b"pipe:[77]"}


def test_devices(kernel: Kernel) -> None:
    top = kernel.dentry(b"/")
    inode = kernel.inode(mode=0o20666, device=1 << 20 | 3)
    kernel.install(kernel.file(kernel.mount(top), kernel.dentry(b"null", top), inode))
    open_at(kernel, 0)
    (found,) = seen_files(kernel)

    assert seen.files(found)[0].detail == "char 1:3"


def sock(kernel: Kernel, family: int, type: int, **members: int | bytes) -> int:
    """A socket's file, with number 8."""
    machine = kernel.machine
    sk = kernel.struct()
    machine.poke(sk + FILES.sock_family, family, 2)
    for member, value in members.items():
        data = value if isinstance(value, bytes) else value.to_bytes(8, "little")
        machine.kernel.write(sk + getattr(FILES, member), data)
    socket = kernel.struct(socket_sk=sk)
    machine.poke(socket + FILES.socket_type, type, 2)
    inode = kernel.inode(8, 0o140777, seen.SOCKFS_MAGIC)
    return kernel.file(kernel.mount(kernel.dentry(b"socket:")), kernel.dentry(b""), inode, socket)


def detail(kernel: Kernel, file: int, call: str = "socket", *args: int, result: int = 0) -> str | None:
    kernel.install(file)
    kernel.machine.call(call, *args, result=result)
    (found,) = seen_files(kernel)
    return seen.files(found)[0].detail


PORTS = {"sock_num": b"\x50\0", "sock_dport": b"\x10\x92"}


def test_internet_sockets(kernel: Kernel) -> None:
    file = sock(
        kernel, 2, 1, sock_protocol=b"\6\0", sock_local=b"\x7f\0\0\1", sock_remote=b"\x0a\0\0\2", **PORTS
    )

    # What it is connected to is known while the connection is still being made.
    connected = detail(kernel, file, "connect", 0, 0, 0, result=-errno.EINPROGRESS)
    assert connected == "TCP:[127.0.0.1:80->10.0.0.2:4242]"


def test_sockets_of_ipv6(kernel: Kernel) -> None:
    loopback = bytes(15) + b"\1"
    file = sock(kernel, 10, 2, sock_protocol=b"\x11\0", sock_local6=loopback, sock_remote6=loopback, **PORTS)

    assert detail(kernel, file) == "UDPv6:[[::1]:80->[::1]:4242]"


def test_unix_sockets(kernel: Kernel) -> None:
    inode_of_peer = kernel.struct()
    peer_socket = inode_of_peer
    kernel.machine.poke(peer_socket + FILES.alloc_inode - FILES.alloc_socket + FILES.inode_ino, 9)
    peer = kernel.struct(sock_socket=peer_socket)
    address = kernel.struct()
    kernel.machine.poke(address + FILES.unix_address_len, 2 + 5, 4)  # type: ignore[operator]
    kernel.machine.kernel.write(address + FILES.unix_address_name, b"\1\0/r/x\0")  # type: ignore[operator]
    file = sock(kernel, 1, 1, unix_peer=peer, unix_addr=address)

    assert detail(kernel, file) == 'UNIX-STREAM:[8->9,"/r/x"]'


def test_unix_sockets_alone(kernel: Kernel) -> None:
    assert detail(kernel, sock(kernel, 1, 2)) == "UNIX:[8]"


def test_netlink_sockets(kernel: Kernel) -> None:
    assert detail(kernel, sock(kernel, 16, 3, netlink_portid=b"\x4d\0\0\0")) == "NETLINK:[ROUTE:77]"


def test_sockets_of_another_family(kernel: Kernel) -> None:
    assert detail(kernel, sock(kernel, 17, 3)) is None


def test_the_working_directory(kernel: Kernel) -> None:
    top = kernel.dentry(b"/")
    fs = kernel.struct(
        fs_pwd_mnt=kernel.mount(top) + FILES.mount_mnt, fs_pwd_dentry=kernel.dentry(b"srv", top)
    )
    kernel.set(kernel.machine.be(TASK), task_fs=fs)
    kernel.machine.call("chdir", kernel.machine.user.place(b"link\0"), result=0)

    assert name(kernel) == b"/srv"
    assert seen_files(kernel)[0].fd == -100


def control(kernel: Kernel, *messages: bytes) -> int:
    """The address of a struct msghdr with these."""
    data = b"".join(messages)
    address = kernel.machine.user.place(data) if data else 0
    return kernel.machine.user.place(bytes(32) + struct.pack("<QQi4x", address, len(data), 0))


def message(level: int, type: int, data: bytes) -> bytes:
    return struct.pack("<QII", 16 + len(data), level, type) + data.ljust(8, b"\0")


def test_a_descriptor_from_a_message(kernel: Kernel) -> None:
    top = kernel.dentry(b"/")
    kernel.install(0, kernel.file(kernel.mount(top), kernel.dentry(b"x", top)))
    for messages in (
        [message(1, 1, b"\1\0\0\0")],
        [],
        [message(1, 2, bytes(12)), message(1, 1, b"\1\0\0\0")],
        [message(0, 1, b"\1\0\0\0")],
    ):
        kernel.machine.call("recvmsg", 9, control(kernel, *messages), 0, result=1)

    assert name(kernel) == b"/x"


NOTHING = [
    pytest.param("openat", (-100, 0), -errno.ENOENT, id="a call that failed"),
    pytest.param("getppid", (), 0, id="a call that gives no descriptor"),
    pytest.param("openat", (-100, 0), 7, id="a number beyond the table"),
    pytest.param("openat", (-100, 0), 1, id="a number that is closed again"),
    pytest.param("pipe", (0,), 0, id="numbers in memory that cannot be read"),
    pytest.param("connect", (-1,), -errno.EBADF, id="a number that is none"),
]


@pytest.mark.parametrize(("call", "args", "result"), NOTHING)
def test_nothing_is_said(kernel: Kernel, call: str, args: tuple[int, ...], result: int) -> None:
    top = kernel.dentry(b"/")
    kernel.install(kernel.file(kernel.mount(top), top), 0)
    kernel.machine.call(call, *args, result=result)

    assert seen_files(kernel) == []
    assert len(kernel.machine.calls()) == 1


def test_of_strangers_nothing_is_said(kernel: Kernel) -> None:
    kernel.machine.be(99)
    open_at(kernel, 0)

    assert kernel.machine.ring == []


def test_what_finds_no_room_is_a_loss(kernel: Kernel) -> None:
    top = kernel.dentry(b"/")
    kernel.install(kernel.file(kernel.mount(top), top))
    kernel.machine.room = 0
    open_at(kernel, 0)

    lost = kernel.machine.value("losses", record.TASK_EVENTS)
    assert int.from_bytes(lost, "little") == 1


def test_which_calls_are_looked_at() -> None:
    compat = {name: number for number, name in COMPAT_NAMES.items()}
    indexes = [(NUMBERS[name], name) for name in ("openat", "connect", "read")]
    indexes += [(record.COMPAT_BASE + compat[name], name) for name in ("openat", "connect")]
    value = opened.opens(indexes)

    assert {index: where for index, where in enumerate(value) if where} == {
        NUMBERS["openat"]: Where.RESULT,
        NUMBERS["connect"]: Where.FIRST,
        record.COMPAT_BASE + compat["openat"]: Where.RESULT,
    }
    assert CALLS.keys() <= NUMBERS.keys() | {"open_tree_attr"}


def test_this_kernel_has_each_member_in_the_size_we_read() -> None:
    found = file_fields.find(vmlinux())

    assert None not in dataclasses.asdict(found).values()
    for struct_name, path, size in (
        ("fdtable", "max_fds", 4), ("inode", "i_ino", 8), ("inode", "i_mode", 2), ("inode", "i_rdev", 4),
        ("super_block", "s_magic", 8), ("socket", "type", 2), ("sock", "sk_protocol", 2),
        ("sock", "__sk_common.skc_family", 2), ("sock", "__sk_common.skc_num", 2),
        ("sock", "__sk_common.skc_dport", 2), ("sock", "__sk_common.skc_rcv_saddr", 4),
        ("sock", "__sk_common.skc_v6_daddr", 16), ("unix_address", "len", 4), ("netlink_sock", "portid", 4),
    ):  # fmt: skip
        assert vmlinux().field(struct_name, path).size == size, (struct_name, path)


def test_a_kernel_without_some_of_it() -> None:
    without = Types(
        "unix_sock.peer", "unix_sock.addr", "netlink_sock.portid", "sock.__sk_common.skc_v6_daddr"
    )
    fields = file_fields.find(without)
    assert (fields.unix_peer, fields.netlink_portid, fields.sock_remote6) == (None, None, None)
    assert program_set("socket", files=fields).before

    with pytest.raises(NotFound):
        file_fields.find(Types("mount.mnt_parent"))
