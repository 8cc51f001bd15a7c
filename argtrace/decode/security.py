"""Capabilities, instructions of classic BPF, contexts of security modules, abilities of the keys.

Sources: capget(2); include/uapi/linux/bpf_common.h, linux/filter.h, linux/seccomp.h, linux/lsm.h,
linux/keyctl.h.
"""

from __future__ import annotations

import struct

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Bytes, Flags, Int, List, Missing, Struct, Text, Value, Why
from argtrace.signature.constants import table
from argtrace.signature.meaning import enum, flags
from argtrace.signature.model import Int as IntType

_U8, _U32, _U64 = (IntType(f"u{8 * size}", size, signed=False) for size in (1, 4, 8))


def _short(memory: Memory) -> Missing:
    return Missing(memory.address, Why.CUT, f"{len(memory.data)} bytes of {memory.size}")


# Capabilities: two times {effective, permitted, inheritable}, for the low and the high 32.
_CAP_HALF = struct.Struct("<III")
_VERSION_1 = 0x19980330


@decodes("cap_data")
def cap_data(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    if len(data) < _CAP_HALF.size:
        return _short(memory)
    halves = [_CAP_HALF.unpack_from(data)]
    if len(data) >= 2 * _CAP_HALF.size and not _first_version(scope):
        halves.append(_CAP_HALF.unpack_from(data, _CAP_HALF.size))
    members = []
    for at, name in enumerate(("effective", "permitted", "inheritable")):
        members.append((name, capabilities(sum(half[at] << 32 * up for up, half in enumerate(halves)))))
    return Struct(memory.address, "__user_cap_data_struct", tuple(members))


def _first_version(scope: Scope) -> bool:
    try:
        return scope.number("*header.version") == _VERSION_1
    except KeyError:
        return False


def capabilities(mask: int) -> Flags:
    """A set of capabilities, one bit each."""
    names, rest = [], mask
    for number, name in table("capability").names.items():
        if mask >> number & 1:
            names.append(name)
            rest &= ~(1 << number)
    return Flags(mask, mask, tuple(names), rest)


# Classic BPF.
_INSTRUCTION = struct.Struct("<HBBI")
_CLASS, _LOAD, _LOAD_X, _STORE_X, _ALU, _JUMP, _RETURN, _MISC = 7, 0, 1, 3, 4, 5, 6, 7

# What the other bits of a class are: mask and names.
_PARTS: dict[int, tuple[tuple[int, str], ...]] = {
    _LOAD: ((0x18, "bpf_size"), (0xE0, "bpf_mode")),
    _LOAD_X: ((0x18, "bpf_size"), (0xE0, "bpf_mode")),
    _ALU: ((0xF0, "bpf_alu"), (0x08, "bpf_source")),
    _JUMP: ((0xF0, "bpf_jump"), (0x08, "bpf_source")),
    _RETURN: ((0x18, "bpf_return"),),
    _MISC: ((0xF8, "bpf_misc"),),
}


@decodes("sock_filter")
def sock_filter(memory: Memory, scope: Scope) -> Value:
    return _instruction(memory, scope, seccomp=False)


@decodes("seccomp_filter")
def seccomp_filter(memory: Memory, scope: Scope) -> Value:
    """What such a program returns is an action."""
    return _instruction(memory, scope, seccomp=True)


def _instruction(memory: Memory, scope: Scope, *, seccomp: bool) -> Value:
    if len(memory.data) < _INSTRUCTION.size:
        return _short(memory)
    code, if_true, if_false, k = _INSTRUCTION.unpack_from(memory.data)
    operand: Value = Int(k, k, 16)
    if seccomp and code == _RETURN:
        operand = scope.leaf(flags("seccomp_action"), k, _U32)
    members = (
        ("code", opcode(code)),
        ("jt", Int(if_true, if_true)),
        ("jf", Int(if_false, if_false)),
        ("k", operand),
    )
    return Struct(memory.address, "sock_filter", members)


def opcode(code: int) -> Flags:
    """Class and what the class has: BPF_LD|BPF_W|BPF_ABS."""
    names = [table("bpf_class").names[code & _CLASS]]
    rest = code & ~_CLASS
    for mask, parts in _PARTS.get(code & _CLASS, ()):
        name = table(parts).names.get(code & mask)
        if name is not None:
            names.append(name)
            rest &= ~mask
    return Flags(code, code, tuple(names), rest)


# Contexts: {id, flags, len, ctx_len, ctx}, each `len` bytes.
_CONTEXT = struct.Struct("<QQQQ")


@decodes("lsm_contexts")
def lsm_contexts(memory: Memory, scope: Scope) -> Value:
    data, items = memory.data, []
    at = 0
    while at + _CONTEXT.size <= len(data):
        module, bits, length, text_length = _CONTEXT.unpack_from(data, at)
        text = at + _CONTEXT.size
        items.append(
            Struct(
                memory.address + at,
                "lsm_ctx",
                (
                    ("id", scope.leaf(enum("lsm_id"), module, _U64)),
                    ("flags", scope.leaf(flags("lsm_flags"), bits, _U64)),
                    ("len", Int(length, length)),
                    ("ctx_len", Int(text_length, text_length)),
                    ("ctx", Bytes(memory.address + text, data[text : text + text_length], text_length)),
                ),
            )
        )
        if length < _CONTEXT.size:
            break
        at += length
    end = _short(memory) if memory.cut or (not items and memory.size) else None
    return List(memory.address, tuple(items), end)


@decodes("key_capabilities")
def key_capabilities(memory: Memory, scope: Scope) -> Value:
    """A byte each of KEYCTL_CAPS0_… and KEYCTL_CAPS1_…; later kernels may have more."""
    known = {0: "key_caps0", 1: "key_caps1"}
    items = tuple(
        scope.leaf(flags(known[at]), byte, _U8) if at in known else Int(byte, byte, 16)
        for at, byte in enumerate(memory.data)
    )
    return List(memory.address, items, _short(memory) if memory.cut else None)


@decodes("terminated")
def terminated(memory: Memory, scope: Scope) -> Value:
    """A string whose NUL is counted: a key's description."""
    head, nul, _ = memory.data.partition(b"\0")
    return Text(memory.address, head, cut=memory.cut and not nul)
