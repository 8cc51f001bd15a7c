"""What ptrace says of a process: the call that it is in, and its registers.

Sources: ptrace(2), PTRACE_GET_SYSCALL_INFO and PTRACE_GETREGSET; include/uapi/linux/ptrace.h, linux/elf.h.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, Bytes, Int, List, Missing, Struct, Value, Why
from argtrace.signature.calls.process import FLOATS, REGISTERS
from argtrace.signature.meaning import ADDRESS, HEX, enum
from argtrace.signature.meaning import Struct as Declared
from argtrace.signature.meaning import struct as declared
from argtrace.signature.model import Int as IntType

#  0    1          2       4      8    16   24
#  | op | reserved | flags | arch | ip | sp | union by op
_HEADER = struct.Struct("<BBHIQQ")
_CALL = struct.Struct("<Q6Q")
_EXIT = struct.Struct("<qB")
_RET_DATA = struct.Struct("<I")
_ENTRY_OP, _EXIT_OP, _SECCOMP_OP = 1, 2, 3

_U8, _U32 = IntType("u8", 1, signed=False), IntType("u32", 4, signed=False)


@decodes("ptrace_syscall_info")
def ptrace_syscall_info(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    if len(data) < _HEADER.size:
        return Missing(memory.address, Why.CUT, f"{len(data)} bytes of {_HEADER.size}")
    op, _, bits, arch, ip, sp = _HEADER.unpack_from(data)
    members: list[tuple[str, Value]] = [("op", scope.leaf(enum("ptrace_syscall_op"), op, _U8))]
    if bits:
        members.append(("flags", scope.leaf(HEX, bits, _U32)))
    members += [
        ("arch", scope.leaf(enum("audit_arch"), arch, _U32)),
        ("instruction_pointer", Address(ip)),
        ("stack_pointer", Address(sp)),
    ]
    union, end = data[_HEADER.size :], None
    needed = {_ENTRY_OP: _CALL.size, _EXIT_OP: _EXIT.size, _SECCOMP_OP: _CALL.size + _RET_DATA.size}.get(
        op, 0
    )
    if len(union) < needed:
        end = Missing(0, Why.CUT, f"{len(data)} bytes of {_HEADER.size + needed}")
    elif op == _ENTRY_OP:
        members.append(("entry", Struct(0, "", _call(union))))
    elif op == _EXIT_OP:
        value, failed = _EXIT.unpack_from(union)
        result = Int(value & 0xFFFF_FFFF_FFFF_FFFF, value)
        members.append(("exit", Struct(0, "", (("rval", result), ("is_error", Int(failed, failed))))))
    elif op == _SECCOMP_OP:
        (given,) = _RET_DATA.unpack_from(union, _CALL.size)
        members.append(("seccomp", Struct(0, "", (*_call(union), ("ret_data", Int(given, given, 16))))))
    return Struct(memory.address, "ptrace_syscall_info", tuple(members), end=end)


def _call(union: bytes) -> tuple[tuple[str, Value], ...]:
    number, *words = _CALL.unpack_from(union)
    return ("nr", Int(number, number)), ("args", List(0, tuple(Int(word, word, 16) for word in words)))


# NT_PRSTATUS, NT_PRFPREG; the latter is arm64's user_fpsimd_state.
_REGISTERS = {1: REGISTERS, 2: FLOATS}
_AARCH64_REGISTERS = {
    1: declared("user_pt_regs@aarch64", sp=ADDRESS, pc=ADDRESS, pstate=HEX),
    2: declared("user_fpsimd_state@aarch64", fpsr=HEX, fpcr=HEX),
}


@decodes("regset")
def regset(memory: Memory, scope: Scope) -> Value:
    """Registers of the kind that the argument `addr` names."""
    return _registers(_REGISTERS, memory, scope)


@decodes("regset@aarch64")
def aarch64_regset(memory: Memory, scope: Scope) -> Value:
    return _registers(_AARCH64_REGISTERS, memory, scope)


def _registers(sets: Mapping[int, Declared], memory: Memory, scope: Scope) -> Value:
    try:
        known = sets.get(scope.number("addr"))
    except KeyError:
        known = None
    if known is None:
        return Bytes(memory.address, memory.data, memory.size)
    return scope.content(known, memory.data, memory.address)
