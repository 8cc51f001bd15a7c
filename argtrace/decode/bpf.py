"""What bpf(2) points to: instructions, and what the kernel tells of an object.

Sources: RFC 9669 section 3 (encoding); include/uapi/linux/bpf.h; the names that the kernel
gives descriptors of each kind (kernel/bpf/syscall.c, btf.c: anon_inode_getfd()).
"""

from __future__ import annotations

from argtrace.decode.constants import enum
from argtrace.decode.decoders import Memory, Scope, decodes, file_of
from argtrace.decode.model import Bytes, Flags, Int, Missing, Named, Struct, Value, Why
from argtrace.signature import constants
from argtrace.signature.meaning import enum as enumerated
from argtrace.signature.meaning import flags, struct

_SIZE = 8
_ALU, _JUMP = ("BPF_ALU", "BPF_ALU64"), ("BPF_JMP", "BPF_JMP32")
_REGISTER = 0x08  # BPF_X: the operand is a register

# By the path of its descriptor.
_INFO = {
    b"anon_inode:bpf-prog": struct("bpf_prog_info", size_="info_len", type=enumerated("bpf_prog_type")),
    b"anon_inode:bpf-map": struct(
        "bpf_map_info", size_="info_len", type=enumerated("bpf_map_type"), map_flags=flags("bpf_map_flags")
    ),
    b"anon_inode:btf": struct("bpf_btf_info", size_="info_len"),
    b"anon_inode:bpf_link": struct("bpf_link_info", size_="info_len", only_=("type", "id", "prog_id")),
}


@decodes("bpf_insn")
def instruction(memory: Memory, scope: Scope) -> Value:
    if len(memory.data) < _SIZE:
        return Missing(memory.address, Why.CUT, f"{len(memory.data)} bytes of {_SIZE}")
    data = memory.data
    code, registers = data[0], data[1]
    offset = int.from_bytes(data[2:4], "little", signed=True)
    immediate = int.from_bytes(data[4:8], "little", signed=True)
    return Struct(
        memory.address,
        "bpf_insn",
        (
            ("code", _code(code)),
            ("dst_reg", _register(registers & 15)),
            ("src_reg", _register(registers >> 4)),
            ("off", Int(offset & 0xFFFF, offset)),
            ("imm", Int(immediate & 0xFFFF_FFFF, immediate)),
        ),
    )


@decodes("bpf_info")
def info(memory: Memory, scope: Scope) -> Value:
    """What the object is, the descriptor tells; without that it is bytes."""
    file = file_of("bpf_fd", scope)
    content = None if file is None else _INFO.get(file.path)
    if content is None:
        return Bytes(memory.address, memory.data, memory.size)
    return scope.content(content, memory.data, memory.address)


def _code(code: int) -> Value:
    """Class, then what the other bits are in that class."""
    kind = constants.table("bpf_insn_class").names[code & 7]
    if kind in (*_ALU, *_JUMP):
        table = constants.table("bpf_insn_alu" if kind in _ALU else "bpf_insn_jump")
        operation = table.names.get(code & 0xF0)
        source = "BPF_X" if code & _REGISTER else "BPF_K"
        if operation is None:
            return Flags(code, code, (kind, source), code & 0xF0)
        return Flags(code, code, (kind, source, operation))
    size = constants.table("bpf_insn_size").names[code & 0x18]
    mode = constants.table("bpf_insn_mode").names.get(code & 0xE0)
    if mode is None:
        return Flags(code, code, (kind, size), code & 0xE0)
    return Flags(code, code, (kind, size, mode))


def _register(number: int) -> Int | Named:
    return enum(number, number, number, constants.table("bpf_reg"))
