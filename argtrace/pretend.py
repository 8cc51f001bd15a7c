"""A kernel like an older one, for tests: it refuses what that would refuse, and hands on all else.

    ARGTRACE_PRETEND=5.4 argtrace -- ls

So each variant is met on any kernel, and by being asked for: what is chosen is chosen because the kernel
said no. What an older verifier would say of a program it knows every part of is not known here; which
releases have what is `kernel/versions.py`.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterator

from argtrace.errors import ArgtraceError, KernelRefused
from argtrace.fetch.asm import Program
from argtrace.fetch.flow import Steps
from argtrace.fetch.isa import (
    ATOMIC,
    CALL,
    JMP,
    JMP32,
    PSEUDO_CALL,
    PSEUDO_KERNEL_CALL,
    PSEUDO_MAP_VALUE,
    STX,
    WIDE,
    Instruction,
)
from argtrace.kernel import uapi, versions
from argtrace.kernel.attrs import Attr, LinkCreate, MapCreate, PerfEventAttr, ProgLoad, ProgRun
from argtrace.kernel.calls import Kernel
from argtrace.kernel.versions import Version

_SIZE = 8
_MOST_BEFORE = 4096  # BPF_MAXINSNS
_INSTRUCTION = struct.Struct("<BBhi")

_MAPS = {getattr(uapi, f"BPF_MAP_TYPE_{name}"): since for name, since in versions.MAPS.items()}
_PROGRAMS = {getattr(uapi, f"BPF_PROG_TYPE_{name}"): since for name, since in versions.PROGRAMS.items()}
_HELPERS = {getattr(uapi, f"BPF_FUNC_{name}"): since for name, since in versions.HELPERS.items()}
_COMMANDS = {getattr(uapi, name): since for name, since in versions.COMMANDS.items()}


class _Unknown(Exception):
    """What the kernel says of a program, in its log."""


class Pretended:
    """`of`: who answers; `version`: of whom it is to be like, such as "5.4"."""

    def __init__(self, of: Kernel, version: str) -> None:
        major, _, minor = version.partition(".")
        if not (major.isdecimal() and minor.isdecimal()) or (int(major), int(minor)) < versions.OLDEST:
            raise ArgtraceError(
                f"ARGTRACE_PRETEND={version}: no version of Linux that can be pretended",
                remedy="such as ARGTRACE_PRETEND=4.19, 5.4 or 5.15",
            )
        self._of = of
        self._version = (int(major), int(minor))

    def bpf(self, command: int, attr: Attr) -> int:
        size = versions.attr_size(self._version)
        if any(bytes(attr)[size:]):
            raise KernelRefused("bpf", errno.E2BIG)
        if self._version < _COMMANDS.get(command, versions.OLDEST) or self._refuses(attr):
            raise KernelRefused("bpf", errno.EINVAL)
        if isinstance(attr, ProgLoad):
            self._look_at(attr)
        return self._of.bpf(command, attr)

    def perf_event_open(self, attr: PerfEventAttr, cpu: int = 0) -> int:
        return self._of.perf_event_open(attr, cpu)

    def _has(self, since: Version) -> bool:
        return self._version >= since

    def _refuses(self, attr: Attr) -> bool:
        if isinstance(attr, MapCreate):
            mapped = attr.map_flags & uapi.BPF_F_MMAPABLE and not self._has(versions.MAPPED_ARRAYS)
            return bool(mapped) or self._version < _MAPS.get(attr.map_type, versions.OLDEST)
        if isinstance(attr, ProgLoad):
            sleepable = attr.prog_flags & uapi.BPF_F_SLEEPABLE and not self._has(versions.SLEEPABLE)
            return bool(sleepable) or self._version < _PROGRAMS.get(attr.prog_type, versions.OLDEST)
        if isinstance(attr, ProgRun):
            return attr.ctx_size_in > 0 and not self._has(versions.RUN_RAW_TRACEPOINTS)
        return isinstance(attr, LinkCreate) and not self._has(versions.LINK_EVENTS)

    def _look_at(self, attr: ProgLoad) -> None:
        code = ctypes.string_at(attr.insns, attr.insn_cnt * _SIZE)
        program = _program(code)
        if len(program.instructions) > _MOST_BEFORE and not self._has(versions.LARGE):
            raise KernelRefused("bpf(BPF_PROG_LOAD)", errno.E2BIG)
        try:
            self._know_calls(program, typed=bool(attr.func_info_cnt))
            self._know_instructions(program)
            self._know_loops(program)
        except _Unknown as unknown:
            if attr.log_level and attr.log_size:
                log = f"{unknown}\n".encode()[: attr.log_size - 1] + b"\0"
                ctypes.memmove(attr.log_buf, log, len(log))
            raise KernelRefused("bpf(BPF_PROG_LOAD)", errno.EINVAL) from unknown

    def _know_calls(self, program: Program, *, typed: bool) -> None:
        functions = tails = False
        for at, instruction in _whole(program):
            if instruction.opcode != JMP | CALL:
                continue
            if instruction.src == PSEUDO_KERNEL_CALL and not self._has(versions.KERNEL_FUNCTIONS):
                raise _Unknown(f"BPF_CALL uses reserved fields at {at}")
            functions = functions or instruction.src == PSEUDO_CALL
            if instruction.src:
                continue
            tails = tails or instruction.imm == uapi.BPF_FUNC_tail_call
            if self._version < _HELPERS.get(instruction.imm, versions.OLDEST):
                raise _Unknown(f"invalid func unknown#{instruction.imm}")
        if functions and tails and not self._has(versions.CALLS_AND_TAIL_CALLS):
            raise _Unknown("tail_calls are not allowed in programs with bpf-to-bpf calls")
        if typed and not self._has(versions.GLOBAL_FUNCTIONS):
            raise _Unknown("global functions are verified with each call")

    def _know_instructions(self, program: Program) -> None:
        for at, (opcode, _, src, _, imm) in _whole(program):
            cls = opcode & 0x07
            if cls == JMP32 and not self._has(versions.NARROW_JUMPS):
                raise _Unknown(f"unknown opcode {opcode:02x} at {at}")
            if cls == STX and opcode & 0xE0 == ATOMIC and imm and not self._has(versions.ATOMICS):
                raise _Unknown(f"BPF_XADD uses reserved fields at {at}")
            if opcode == WIDE and src == PSEUDO_MAP_VALUE and not self._has(versions.VALUE_ADDRESSES):
                raise _Unknown(f"unrecognized bpf_ld_imm64 insn at {at}")

    def _know_loops(self, program: Program) -> None:
        if not self._has(versions.LOOPS) and Steps(program).has_circle():
            raise _Unknown("back-edge")


def _program(code: bytes) -> Program:
    instructions = []
    for opcode, registers, offset, imm in _INSTRUCTION.iter_unpack(code):
        instructions.append(Instruction(opcode, registers & 0xF, registers >> 4, offset, imm))
    return Program("", tuple(instructions), ())


def _whole(program: Program) -> Iterator[tuple[int, Instruction]]:
    """Without the second halves of wide ones."""
    skip = False
    for at, instruction in enumerate(program.instructions):
        if not skip:
            yield at, instruction
        skip = instruction.opcode == WIDE and not skip
