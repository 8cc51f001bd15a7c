"""A kernel that remembers what bpf(2) was asked, and answers as told.

    kernel = FakeKernel()
    kernel.refuse("BPF_PROG_LOAD", errno.EINVAL, log="R1 !read_ok\n")
    …
    kernel.calls            each call: its command, and its attr with pointers followed
    kernel.maps["tasks"]    a map that was created, with what is in it
    kernel.open_now()       what it handed out and nobody has closed

Untold, it says yes and keeps maps as the kernel does: hashes, arrays, program
arrays; it verifies nothing. Its descriptors are real ones, each of a file of its
own, so that ownership can be tested: a number that was closed and given again is
not mistaken for the old one. A ring's file is as large as the ring's pages, and
can be mapped.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from argtrace.errors import KernelRefused
from argtrace.kernel import uapi
from argtrace.kernel.attrs import Attr, MapCreate, MapElem, ObjInfo, ProgInfo, ProgLoad, RawTracepointOpen

COMMANDS = {
    uapi.BPF_MAP_CREATE: "BPF_MAP_CREATE",
    uapi.BPF_MAP_LOOKUP_ELEM: "BPF_MAP_LOOKUP_ELEM",
    uapi.BPF_MAP_UPDATE_ELEM: "BPF_MAP_UPDATE_ELEM",
    uapi.BPF_MAP_DELETE_ELEM: "BPF_MAP_DELETE_ELEM",
    uapi.BPF_MAP_GET_NEXT_KEY: "BPF_MAP_GET_NEXT_KEY",
    uapi.BPF_PROG_LOAD: "BPF_PROG_LOAD",
    uapi.BPF_RAW_TRACEPOINT_OPEN: "BPF_RAW_TRACEPOINT_OPEN",
    uapi.BPF_OBJ_GET_INFO_BY_FD: "BPF_OBJ_GET_INFO_BY_FD",
}

ARRAYS = (uapi.BPF_MAP_TYPE_ARRAY, uapi.BPF_MAP_TYPE_PERCPU_ARRAY)


class Call(NamedTuple):
    """`name` is that of the map, program or tracepoint it is about."""

    command: str
    name: str
    fields: dict[str, int | bytes]


@dataclass
class FakeMap:
    spec: dict[str, int | bytes]
    values: dict[bytes, bytes] = field(default_factory=dict)

    def number(self, name: str) -> int:
        value = self.spec[name]
        return value if isinstance(value, int) else 0


@dataclass
class FakeProgram:
    name: str
    type: int
    instructions: bytes


@dataclass
class FakeLink:
    tracepoint: str
    program: str


@dataclass
class Refusal:
    command: str
    errno: int
    times: int
    only: str | None
    log: bytes


class _Handed(NamedTuple):
    what: str
    fd: int
    inode: int


class FakeKernel:
    """`verified` and `jited`: what each program is said to have cost. `cpus`: of a per-CPU map."""

    def __init__(self, *, verified: int = 0, jited: int = 0, cpus: int = 1) -> None:
        self.calls: list[Call] = []
        self.maps: dict[str, FakeMap] = {}
        self.programs: dict[str, FakeProgram] = {}
        self.links: list[FakeLink] = []
        self.endless = False
        """Whether a walk over keys begins anew at its end, as with a map that others change."""
        self._cost = (verified, jited)
        self._cpus = cpus
        self._refusals: list[Refusal] = []
        self._handed: list[_Handed] = []

    def refuse(
        self, command: str, errno: int, *, times: int = 1 << 30, only: str | None = None, log: str = ""
    ) -> None:
        """Answer so `times` times; `only` for what has this name. `log`: what a load that asks for
        one finds in its buffer, or ENOSPC and its beginning if the buffer is too small."""
        self._refusals.append(Refusal(command, errno, times, only, log.encode()))

    def of(self, command: str) -> list[Call]:
        return [call for call in self.calls if call.command == command]

    def open_now(self) -> list[str]:
        return [handed.what for handed in self._handed if _is_open(handed)]

    def bpf(self, command: int, attr: Attr) -> int:
        call = Call(COMMANDS.get(command, str(command)), self._name(attr), self._fields(attr))
        self.calls.append(call)
        for refusal in self._refusals:
            if refusal.command == call.command and refusal.only in (None, call.name) and refusal.times:
                refusal.times -= 1
                raise KernelRefused(f"bpf({call.command})", _write_log(attr, refusal))
        match attr:
            case MapCreate():
                return self._create(call)
            case ProgLoad():
                code = call.fields["insns"]
                self.programs[call.name] = FakeProgram(
                    call.name, attr.prog_type, code if isinstance(code, bytes) else b""
                )
                return self._hand_out(f"program {call.name}")
            case RawTracepointOpen():
                program = self._what(attr.prog_fd).removeprefix("program ")
                self.links.append(FakeLink(call.name, program))
                return self._hand_out(f"link {call.name}")
            case MapElem():
                return self._elem(call, attr)
            case ObjInfo():
                info = ProgInfo.from_address(attr.info)
                info.verified_insns, info.jited_prog_len = self._cost
                return 0
            case _:
                raise KernelRefused(f"bpf({call.command})", errno.EINVAL)

    def _create(self, call: Call) -> int:
        self.maps[call.name] = made = FakeMap(call.fields)
        pages = 0
        if made.number("map_type") == uapi.BPF_MAP_TYPE_RINGBUF:
            pages = 2 * mmap.PAGESIZE + made.number("max_entries")
        return self._hand_out(f"map {call.name}", pages)

    def _elem(self, call: Call, attr: MapElem) -> int:
        found = self.maps[call.name]
        key = call.fields["key"]
        assert_bytes = key if isinstance(key, bytes) else b""
        if call.command == "BPF_MAP_GET_NEXT_KEY":
            return self._next_key(found, assert_bytes if attr.key else None, attr)
        if found.number("map_type") in ARRAYS and assert_bytes not in found.values:
            if int.from_bytes(assert_bytes, "little") >= found.number("max_entries"):
                missing = errno.E2BIG if call.command == "BPF_MAP_UPDATE_ELEM" else errno.ENOENT
                raise KernelRefused(f"bpf({call.command})", missing)
            found.values[assert_bytes] = bytes(self._size(found))
        here = assert_bytes in found.values
        if call.command == "BPF_MAP_UPDATE_ELEM":
            if attr.flags == uapi.BPF_NOEXIST and here:
                raise KernelRefused(f"bpf({call.command})", errno.EEXIST)
            if attr.flags == uapi.BPF_EXIST and not here:
                raise KernelRefused(f"bpf({call.command})", errno.ENOENT)
            value = call.fields["value"]
            found.values[assert_bytes] = value if isinstance(value, bytes) else b""
            return 0
        if not here:
            raise KernelRefused(f"bpf({call.command})", errno.ENOENT)
        if call.command == "BPF_MAP_DELETE_ELEM":
            del found.values[assert_bytes]
        else:
            ctypes.memmove(attr.value, found.values[assert_bytes], self._size(found))
        return 0

    def _next_key(self, found: FakeMap, key: bytes | None, attr: MapElem) -> int:
        keys = list(found.values)
        at = 0 if key is None else keys.index(key) + 1
        if at >= len(keys):
            if not (self.endless and keys):
                raise KernelRefused("bpf(BPF_MAP_GET_NEXT_KEY)", errno.ENOENT)
            at = 0
        ctypes.memmove(attr.value, keys[at], len(keys[at]))
        return 0

    def _size(self, found: FakeMap) -> int:
        size = found.number("value_size")
        if found.number("map_type") == uapi.BPF_MAP_TYPE_PERCPU_ARRAY:
            return -(-size // 8) * 8 * self._cpus
        return size

    def _hand_out(self, what: str, size: int = 0) -> int:
        fd = os.memfd_create(what, os.MFD_CLOEXEC)
        if size:
            os.truncate(fd, size)
        self._handed.append(_Handed(what, fd, os.fstat(fd).st_ino))
        return fd

    def _what(self, fd: int) -> str:
        for handed in reversed(self._handed):
            if handed.fd == fd and _is_open(handed):
                return handed.what
        raise KernelRefused("bpf", errno.EBADF)

    def _name(self, attr: Attr) -> str:
        match attr:
            case MapCreate():
                return bytes(attr.map_name).decode()
            case ProgLoad():
                return bytes(attr.prog_name).decode()
            case RawTracepointOpen():
                return ctypes.string_at(attr.name).decode()
            case MapElem():
                return self._what(attr.map_fd).removeprefix("map ")
            case ObjInfo():
                return self._what(attr.bpf_fd).removeprefix("program ")
            case _:
                return ""

    def _fields(self, attr: Attr) -> dict[str, int | bytes]:
        """Every member of the attr; those that are pointers as what they point to."""
        names: Sequence[str] = [name for name, *_ in attr._fields_]
        fields: dict[str, int | bytes] = {name: getattr(attr, name) for name in names}
        match attr:
            case ProgLoad():
                fields["insns"] = ctypes.string_at(attr.insns, attr.insn_cnt * 8)
                fields["license"] = ctypes.string_at(attr.license)
            case RawTracepointOpen():
                fields["name"] = ctypes.string_at(attr.name)
            case MapElem():
                about = self.maps[self._name(attr)]
                for name, size in (("key", about.number("key_size")), ("value", self._size(about))):
                    at = getattr(attr, name)
                    fields[name] = ctypes.string_at(at, size) if at else b""
            case _:
                pass
        return fields


def _is_open(handed: _Handed) -> bool:
    try:
        return os.fstat(handed.fd).st_ino == handed.inode
    except OSError:
        return False


def _write_log(attr: Attr, refusal: Refusal) -> int:
    """The errno of a refused load, which writes as much of the log as there is room for."""
    if not isinstance(attr, ProgLoad) or not attr.log_size:
        return refusal.errno
    room = attr.log_size - 1
    text = refusal.log[:room] + b"\0"
    ctypes.memmove(attr.log_buf, text, len(text))
    return errno.ENOSPC if len(refusal.log) > room else refusal.errno
