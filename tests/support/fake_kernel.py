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
can be mapped; so can an array with BPF_F_MMAPABLE, all zeros.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from argtrace.errors import KernelRefused
from argtrace.kernel import uapi
from argtrace.kernel.attrs import (
    Attr,
    BtfLoad,
    LinkCreate,
    MapBatch,
    MapCreate,
    MapElem,
    ObjInfo,
    PerfEventAttr,
    ProgInfo,
    ProgLoad,
    ProgRun,
    RawTracepointOpen,
)

COMMANDS = {
    uapi.BPF_MAP_CREATE: "BPF_MAP_CREATE",
    uapi.BPF_MAP_LOOKUP_ELEM: "BPF_MAP_LOOKUP_ELEM",
    uapi.BPF_MAP_UPDATE_ELEM: "BPF_MAP_UPDATE_ELEM",
    uapi.BPF_MAP_DELETE_ELEM: "BPF_MAP_DELETE_ELEM",
    uapi.BPF_MAP_GET_NEXT_KEY: "BPF_MAP_GET_NEXT_KEY",
    uapi.BPF_BTF_LOAD: "BPF_BTF_LOAD",
    uapi.BPF_MAP_UPDATE_BATCH: "BPF_MAP_UPDATE_BATCH",
    uapi.BPF_PROG_LOAD: "BPF_PROG_LOAD",
    uapi.BPF_PROG_TEST_RUN: "BPF_PROG_TEST_RUN",
    uapi.BPF_RAW_TRACEPOINT_OPEN: "BPF_RAW_TRACEPOINT_OPEN",
    uapi.BPF_OBJ_GET_INFO_BY_FD: "BPF_OBJ_GET_INFO_BY_FD",
    uapi.BPF_LINK_CREATE: "BPF_LINK_CREATE",
}

ARRAYS = (uapi.BPF_MAP_TYPE_ARRAY, uapi.BPF_MAP_TYPE_PERCPU_ARRAY, uapi.BPF_MAP_TYPE_PROG_ARRAY)


class Call(NamedTuple):
    """`name` is that of the map, program or tracepoint it is about; `fields` has the attr's members."""

    command: str
    name: str
    fields: dict[str, Any]


@dataclass
class FakeMap:
    """`value_size`: of what the kernel copies in one look-up, all CPUs together."""

    type: int
    key_size: int
    value_size: int
    max_entries: int
    flags: int
    values: dict[bytes, bytes] = field(default_factory=dict)


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
class _Refusal:
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
        self.events: list[dict[str, int]] = []
        """What each event is, that was opened."""
        self.returns = 0
        """What a program returns that is run."""
        self.endless = False
        """Whether a walk over keys begins anew at its end, as it may in a map that others change."""
        self._cost = (verified, jited)
        self._cpus = cpus
        self._refusals: list[_Refusal] = []
        self._handed: list[_Handed] = []

    def refuse(
        self, command: str, errno: int, *, times: int = 1 << 30, only: str | None = None, log: str = ""
    ) -> None:
        """Answer so `times` times; `only` for what has this name. `log`: what a load that asks for
        one finds in its buffer, or its beginning and ENOSPC where the buffer is too small."""
        self._refusals.append(_Refusal(command, errno, times, only, log.encode()))

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
                raise _refused(call, _write_log(attr, refusal))
        return self._answer(call, attr)

    def perf_event_open(self, attr: PerfEventAttr, cpu: int = 0) -> int:
        """An event has the name of its id."""
        self.events.append({name: getattr(attr, name) for name, *_ in attr._fields_} | {"cpu": cpu})
        return self._hand_out(f"event {attr.config}")

    def _answer(self, call: Call, attr: Attr) -> int:
        match attr:
            case MapCreate():
                return self._create(call, attr)
            case MapElem():
                self._elem(call, attr, self.maps[call.name])
                return 0
            case ProgLoad():
                self.programs[call.name] = FakeProgram(call.name, attr.prog_type, call.fields["insns"])
                return self._hand_out(f"program {call.name}")
            case MapBatch():
                found = self.maps[call.name]
                for at in range(attr.count):
                    key = ctypes.string_at(attr.keys + at * found.key_size, found.key_size)
                    value = attr.values + at * found.value_size
                    found.values[key] = ctypes.string_at(value, found.value_size)
                return 0
            case BtfLoad():
                return self._hand_out("types")
            case ProgRun():
                attr.retval = self.returns
                return 0
            case RawTracepointOpen():
                program = self._what(attr.prog_fd).removeprefix("program ")
                self.links.append(FakeLink(call.name, program))
                return self._hand_out(f"link {call.name}")
            case LinkCreate():
                program = self._what(attr.prog_fd).removeprefix("program ")
                self.links.append(FakeLink(call.name, program))
                return self._hand_out(f"link {call.name}")
            case ObjInfo():
                info = ProgInfo.from_address(attr.info)
                info.verified_insns, info.jited_prog_len = self._cost
                return 0
            case _:
                raise _refused(call, errno.EINVAL)

    def _create(self, call: Call, attr: MapCreate) -> int:
        size = attr.value_size
        if attr.map_type == uapi.BPF_MAP_TYPE_PERCPU_ARRAY:
            size = -(-size // 8) * 8 * self._cpus
        made = FakeMap(attr.map_type, attr.key_size, size, attr.max_entries, attr.map_flags)
        self.maps[call.name] = made
        size = mmap.PAGESIZE if attr.map_flags & uapi.BPF_F_MMAPABLE else 0
        if attr.map_type == uapi.BPF_MAP_TYPE_RINGBUF:
            size = 2 * mmap.PAGESIZE + attr.max_entries
        return self._hand_out(f"map {call.name}", size)

    def _elem(self, call: Call, attr: MapElem, found: FakeMap) -> None:
        if call.command == "BPF_MAP_GET_NEXT_KEY":
            self._next_key(call, attr, found)
            return
        key = call.fields["key"]
        if found.type in ARRAYS and int.from_bytes(key, "little") >= found.max_entries:
            raise _refused(call, errno.E2BIG if call.command == "BPF_MAP_UPDATE_ELEM" else errno.ENOENT)
        if found.type in ARRAYS and found.type != uapi.BPF_MAP_TYPE_PROG_ARRAY:
            found.values.setdefault(key, bytes(found.value_size))
        here = key in found.values
        match call.command, attr.flags:
            case "BPF_MAP_UPDATE_ELEM", uapi.BPF_NOEXIST if here:
                raise _refused(call, errno.EEXIST)
            case "BPF_MAP_UPDATE_ELEM", flags if here or flags != uapi.BPF_EXIST:
                found.values[key] = call.fields["value"]
            case "BPF_MAP_DELETE_ELEM", _ if here:
                del found.values[key]
            case "BPF_MAP_LOOKUP_ELEM", _ if here:
                ctypes.memmove(attr.value, found.values[key], found.value_size)
            case _:
                raise _refused(call, errno.ENOENT)

    def _next_key(self, call: Call, attr: MapElem, found: FakeMap) -> None:
        keys = list(found.values)
        at = keys.index(call.fields["key"]) + 1 if attr.key else 0
        if at >= len(keys) and self.endless:
            at = 0
        if at >= len(keys):
            raise _refused(call, errno.ENOENT)
        ctypes.memmove(attr.value, keys[at], found.key_size)

    def _hand_out(self, what: str, size: int = 0) -> int:
        fd = os.memfd_create(what, os.MFD_CLOEXEC)
        os.truncate(fd, size)
        self._handed.append(_Handed(what, fd, os.fstat(fd).st_ino))
        return fd

    def _what(self, fd: int) -> str:
        for handed in self._handed:
            if handed.fd == fd and _is_open(handed):
                return handed.what
        raise KernelRefused("bpf", errno.EBADF)

    def _name(self, attr: Attr) -> str:
        match attr:
            case MapCreate():
                return bytes(attr.map_name).decode()
            case MapElem() | MapBatch():
                return self._what(attr.map_fd).removeprefix("map ")
            case ProgLoad():
                return bytes(attr.prog_name).decode()
            case RawTracepointOpen():
                return ctypes.string_at(attr.name).decode()
            case LinkCreate():
                return self._what(attr.target_fd)
            case ProgRun():
                return self._what(attr.prog_fd).removeprefix("program ")
            case ObjInfo():
                return self._what(attr.bpf_fd).removeprefix("program ")
            case _:
                return ""

    def _fields(self, attr: Attr) -> dict[str, Any]:
        """Every member of the attr; those that are pointers as what they point to."""
        fields = {name: getattr(attr, name) for name, *_ in attr._fields_}
        match attr:
            case ProgLoad():
                fields["insns"] = ctypes.string_at(attr.insns, attr.insn_cnt * 8)
                fields["license"] = ctypes.string_at(attr.license)
            case ProgRun():
                fields["ctx_in"] = ctypes.string_at(attr.ctx_in, attr.ctx_size_in)
            case RawTracepointOpen():
                fields["name"] = ctypes.string_at(attr.name)
            case MapElem():
                about = self.maps[self._name(attr)]
                for name, size in (("key", about.key_size), ("value", about.value_size)):
                    fields[name] = ctypes.string_at(fields[name], size) if fields[name] else None
            case _:
                pass
        return fields


def _refused(call: Call, errno: int) -> KernelRefused:
    return KernelRefused(f"bpf({call.command})", errno)


def _is_open(handed: _Handed) -> bool:
    try:
        return os.fstat(handed.fd).st_ino == handed.inode
    except OSError:
        return False


def _write_log(attr: Attr, refusal: _Refusal) -> int:
    """The errno of a refused call; of a load that has room for a log, written as far as it goes."""
    if not isinstance(attr, ProgLoad) or not attr.log_size:
        return refusal.errno
    text = refusal.log[: attr.log_size - 1] + b"\0"
    ctypes.memmove(attr.log_buf, text, len(text))
    return errno.ENOSPC if len(refusal.log) >= attr.log_size else refusal.errno
