"""A BPF program as text-like steps: labels, maps by name, and back to readable text.

    asm = Asm()
    asm.load(R1, R6, 8)                  r1 = *(u64 *)(r6 +8)
    asm.jump("==", R1, 0, "none")        if r1 == 0 goto none
    asm.call("map_lookup_elem")          call map_lookup_elem#1

An `Asm` becomes a `Program`: instructions plus the places where a map's
descriptor is still to be filled in. That keeps generation free of the kernel:
the same Program is printed, checked in a test, or bound to descriptors and
loaded.

Not here: the encoding is `isa.py`; loading is `kernel/programs.py`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from argtrace.fetch import function_types, isa
from argtrace.fetch.isa import Instruction, Reg
from argtrace.fetch.loadable import Code
from argtrace.kernel import uapi
from argtrace.value import frozen

_ALU_TEXT = {code: text for text, code in isa.ALU_CODES.items()}
_JUMP_TEXT = {code: text for text, code in isa.JUMP_CODES.items()}
_SIZE_TEXT = {code: f"u{size * 8}" for size, code in isa.SIZES.items()}
_HELPER_NAMES = {
    number: name.removeprefix("BPF_FUNC_")
    for name, number in vars(uapi).items()
    if name.startswith("BPF_FUNC_")
}


@frozen
class Program:
    """A generated program, not yet bound to this run's maps.

    `name` is what bpftool shows, at most 15 bytes. `maps` says which map each
    64-bit load at that index names; `functions` which function begins at an index;
    `loops` how often what begins at an index is gone through at most, and `differ` of `Asm.label`.
    """

    name: str
    instructions: tuple[Instruction, ...]
    maps: tuple[tuple[int, str], ...]
    functions: tuple[tuple[int, str], ...] = ()
    loops: tuple[tuple[int, int, bool], ...] = ()

    def code(self, type: int = uapi.BPF_PROG_TYPE_RAW_TRACEPOINT) -> Code:
        """`type`: what kind of program it is to be loaded as."""
        encoded = b"".join([instruction.encode() for instruction in self.instructions])
        functions = tuple((at, function_types.TYPES[name]) for at, name in self.functions)
        return Code(self.name, encoded, self.maps, functions, type)

    def listing(self) -> str:
        """One line an instruction, spelt as the kernel's verifier spells it."""
        named = dict(self.maps)
        lines = []
        skip = False
        for at, instruction in enumerate(self.instructions):
            if not skip:
                lines.append(f"{at:4}: {_spell(instruction, at, named.get(at))}")
            skip = instruction.opcode == isa.WIDE and not skip
        return "\n".join(lines)


class Asm:
    """Instructions in the making. Methods are named for what the line does."""

    def __init__(self) -> None:
        self._code: list[Instruction] = []
        self._labels: dict[str, int] = {}
        self._jumps: list[tuple[int, str]] = []
        self._maps: list[tuple[int, str]] = []
        self._calls: list[tuple[int, str]] = []
        self._functions: list[tuple[int, str]] = []
        self._loops: list[tuple[int, int, bool]] = []
        self._scope = ""

    @contextlib.contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Labels of this part are its own: others may have the same. `/name` is one of the whole."""
        outer, self._scope = self._scope, f"{self._scope}{name}."
        yield
        self._scope = outer

    def move(self, dst: Reg, src: Reg | int) -> None:
        self.alu("=", dst, src)

    def alu(self, operation: str, dst: Reg, src: Reg | int) -> None:
        """`dst operation src` on 64 bits; an int is a 32-bit signed immediate."""
        code = isa.ALU64 | isa.ALU_CODES[operation]
        if isinstance(src, Reg):
            self._add(Instruction(code | isa.X, dst, src))
        else:
            self._add(Instruction(code | isa.K, dst, imm=src))

    def load(self, dst: Reg, src: Reg, offset: int, size: int = 8) -> None:
        """dst = *(size bytes)(src + offset), zero-extended."""
        self._add(Instruction(isa.LDX | isa.MEM | isa.SIZES[size], dst, src, offset))

    def store(self, dst: Reg, offset: int, src: Reg | int, size: int = 8) -> None:
        """*(size bytes)(dst + offset) = src."""
        if isinstance(src, Reg):
            self._add(Instruction(isa.STX | isa.MEM | isa.SIZES[size], dst, src, offset))
        else:
            self._add(Instruction(isa.ST | isa.MEM | isa.SIZES[size], dst, 0, offset, src))

    def atomic_add(self, dst: Reg, offset: int, src: Reg) -> None:
        """lock *(u64 *)(dst + offset) += src."""
        self._add(Instruction(isa.STX | isa.ATOMIC | isa.SIZES[8], dst, src, offset))

    def compare_exchange(self, dst: Reg, offset: int, src: Reg, size: int = 8) -> None:
        """r0 = what is at dst + offset, which becomes src if it was r0 (Linux 5.12)."""
        mode = isa.STX | isa.ATOMIC | isa.SIZES[size]
        self._add(Instruction(mode, dst, src, offset, isa.COMPARE_EXCHANGE))

    def load_map(self, dst: Reg, name: str) -> None:
        """dst = the map itself, for helpers that take one."""
        self._wide(dst, isa.PSEUDO_MAP_FD, name)

    def load_map_value(self, dst: Reg, name: str) -> None:
        """dst = the address of a one-entry array map's value (Linux 5.2)."""
        self._wide(dst, isa.PSEUDO_MAP_VALUE, name)

    def jump(self, comparison: str, dst: Reg, src: Reg | int, label: str) -> None:
        code = isa.JMP | isa.JUMP_CODES[comparison]
        self._jumps.append((len(self._code), self._full(label)))
        if isinstance(src, Reg):
            self._add(Instruction(code | isa.X, dst, src))
        else:
            self._add(Instruction(code | isa.K, dst, imm=src))

    def goto(self, label: str) -> None:
        self._jumps.append((len(self._code), self._full(label)))
        self._add(Instruction(isa.JMP | isa.JA))

    def label(self, name: str, *, most: int = 0, differ: bool = False) -> None:
        """Here it is. `most`: how often a loop that begins here is gone through; `differ`: whether what
        comes behind is verified again for each round that may be the last."""
        if most:
            self._loops.append((len(self._code), most, differ))
        name = self._full(name)
        if name in self._labels:
            raise ValueError(f"label {name} is there twice")
        self._labels[name] = len(self._code)

    def call(self, helper: str) -> None:
        """Call a helper by its name without `bpf_`."""
        self._add(Instruction(isa.JMP | isa.CALL, imm=getattr(uapi, f"BPF_FUNC_{helper}")))

    def call_kernel(self, id: int) -> None:
        """Call a function of the kernel by its BTF id (Linux 5.13)."""
        self._add(Instruction(isa.JMP | isa.CALL, 0, isa.PSEUDO_KERNEL_CALL, imm=id))

    def call_function(self, name: str) -> None:
        """Call a function of this program."""
        self._calls.append((len(self._code), name))
        self._add(Instruction(isa.JMP | isa.CALL, 0, isa.PSEUDO_CALL))

    def called(self) -> frozenset[str]:
        """The functions that were called so far."""
        return frozenset(name for _, name in self._calls)

    def function(self, name: str) -> None:
        """What follows is a function, and what was before is another."""
        self._functions.append((len(self._code), name))

    def give(self, result: Reg | int) -> None:
        """A function's end."""
        self.move(Reg.R0, result)
        self._add(Instruction(isa.JMP | isa.EXIT))

    def exit(self, result: int = 0) -> None:
        self.move(Reg.R0, result)
        self._add(Instruction(isa.JMP | isa.EXIT))

    def assemble(self, name: str) -> Program:
        """Resolve labels. Raises ValueError for a label that is nowhere or too far."""
        code = list(self._code)
        for at, label in self._jumps:
            if label not in self._labels:
                raise ValueError(f"{name}: no label {label}")
            distance = self._labels[label] - at - 1
            if not -0x8000 <= distance <= 0x7FFF:
                raise ValueError(f"{name}: label {label} is {distance} instructions away")
            code[at] = code[at]._replace(offset=distance)
        functions = {function: begin for begin, function in self._functions}
        for at, function in self._calls:
            if function not in functions:
                raise ValueError(f"{name}: no function {function}")
            code[at] = code[at]._replace(imm=functions[function] - at - 1)
        if len(name) >= uapi.BPF_OBJ_NAME_LEN:
            raise ValueError(f"{name}: a program's name has at most {uapi.BPF_OBJ_NAME_LEN - 1} bytes")
        begins = ((0, ""), *self._functions) if self._functions else ()
        return Program(name, tuple(code), tuple(self._maps), begins, tuple(self._loops))

    def _full(self, label: str) -> str:
        return label[1:] if label.startswith("/") else self._scope + label

    def _add(self, instruction: Instruction) -> None:
        self._code.append(instruction)

    def _wide(self, dst: Reg, pseudo: int, map_name: str) -> None:
        self._maps.append((len(self._code), map_name))
        self._add(Instruction(isa.WIDE, dst, pseudo))
        self._add(Instruction(0))


def _spell(instruction: Instruction, at: int, map_name: str | None) -> str:
    code, cls = instruction.opcode, instruction.opcode & 0x07
    dst, src, offset, imm = (
        f"r{instruction.dst}",
        f"r{instruction.src}",
        instruction.offset,
        instruction.imm,
    )
    if code == isa.WIDE:
        return f"{dst} = {'map' if instruction.src == isa.PSEUDO_MAP_FD else 'value of'} {map_name}"
    if cls in (isa.ALU, isa.ALU64):
        return f"{dst} {_ALU_TEXT[code & 0xF0]} {src if code & isa.X else imm}"
    if cls == isa.LDX:
        return f"{dst} = *({_SIZE_TEXT[code & 0x18]} *)({src} {offset:+})"
    if cls in (isa.ST, isa.STX):
        if imm == isa.COMPARE_EXCHANGE and code & 0xE0 == isa.ATOMIC:
            bits = _SIZE_TEXT[code & 0x18]
            return f"r0 = atomic{bits[1:]}_cmpxchg(({bits} *)({dst} {offset:+}), r0, {src})"
        lock, sign = ("lock ", "+=") if code & 0xE0 == isa.ATOMIC else ("", "=")
        value = src if cls == isa.STX else imm
        return f"{lock}*({_SIZE_TEXT[code & 0x18]} *)({dst} {offset:+}) {sign} {value}"
    if code & 0xF0 == isa.CALL and instruction.src == isa.PSEUDO_CALL:
        return f"call {at + 1 + imm}"
    if code & 0xF0 == isa.CALL and instruction.src == isa.PSEUDO_KERNEL_CALL:
        return f"call kernel function {imm}"
    if code & 0xF0 == isa.CALL:
        return f"call {_HELPER_NAMES.get(imm, '?')}#{imm}"
    if code & 0xF0 == isa.EXIT:
        return "exit"
    if code & 0xF0 == isa.JA:
        return f"goto {at + 1 + offset}"
    return f"if {dst} {_JUMP_TEXT[code & 0xF0]} {src if code & isa.X else imm} goto {at + 1 + offset}"
