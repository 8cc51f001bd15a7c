"""Whether a program reads only what it wrote of its stack, whatever way it goes: what verifiers before
Linux 6.3 insist on, padding too.

Each instruction is looked at with what is certain before it: which registers hold an address on the
stack, a number or a map, and which bytes were stored. Source: RFC 9669; kernel/bpf/verifier.c,
check_stack_range_initialized().
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from argtrace.fetch import isa
from argtrace.fetch.asm import Program
from argtrace.fetch.flow import Step, Steps
from argtrace.fetch.isa import Reg
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec

_ADD, _MOVE = isa.ALU_CODES["+="], isa.ALU_CODES["="]
_SIZES = {code: size for size, code in isa.SIZES.items()}


def _helpers(*names: str) -> set[int]:
    return {getattr(uapi, f"BPF_FUNC_{name}") for name in names}


_WRITERS = _helpers(
    "probe_read", "probe_read_str", "probe_read_user", "probe_read_user_str", "probe_read_kernel",
    "probe_read_kernel_str", "get_current_comm",
)  # fmt: skip
"""They write to where r1 points, r2 bytes."""
_READERS = {uapi.BPF_FUNC_perf_event_output: (Reg.R4, Reg.R5), uapi.BPF_FUNC_ringbuf_output: (Reg.R2, Reg.R3)}
"""They read from where a register points, as many bytes as another says."""
_KEYED = _helpers("map_lookup_elem", "map_update_elem", "map_delete_elem")

Place = tuple[str, int]
"""What a register is known to be: ("stack", offset), ("number", n), ("map", its index among the names)."""


class Known(NamedTuple):
    """`written`: bit n says that the byte at -n of the frame is."""

    registers: Mapping[int, Place]
    written: int

    def meet(self, other: Known) -> Known:
        same = {key: value for key, value in self.registers.items() if other.registers.get(key) == value}
        return Known(same, self.written & other.written)


def unwritten(program: Program, maps: Mapping[str, MapSpec]) -> Iterator[str]:
    """What the program reads of its stack and may not have written; a line each."""
    steps = Steps(program)
    names = sorted(maps)
    begins = [steps.begin(), *(step.calls for step in steps if step.calls is not None)]
    before: dict[Step, Known] = {step: Known({Reg.R10: ("stack", 0)}, 0) for step in begins}
    waiting = list(before)
    while waiting:
        step = waiting.pop()
        after = _after(step, before[step], names, maps)
        for follower in step.followers():
            known = before[follower].meet(after) if follower in before else after
            if before.get(follower) != known:
                before[follower] = known
                waiting.append(follower)
    for at, step in enumerate(before):
        for register, offset, size in _reads(step, before[step], names, maps):
            missing = _bits(offset, size) & ~before[step].written
            if missing or offset + size > 0:
                yield f"{program.name}, step {at}: {size} bytes at r10{offset:+} by r{register}"


def deepest(program: Program) -> int:
    """Bytes of stack: the program's, and those of the function that takes most."""
    steps = Steps(program)
    frames = steps.frames()
    main = -frames[steps.begin()]
    return main + max((-frames[step.calls] for step in steps if step.calls is not None), default=0)


def _bits(offset: int, size: int) -> int:
    """The bytes from there on, as bits."""
    return sum(1 << -at for at in range(offset, offset + size) if at < 0)


def _reads(
    step: Step, known: Known, names: list[str], maps: Mapping[str, MapSpec]
) -> Iterator[tuple[int, int, int]]:
    """Register, offset on the stack and size of each."""
    code, _, src, offset, _ = step.instruction
    base = known.registers.get(src)
    if code & 0x07 == isa.LDX and base is not None and base[0] == "stack":
        yield src, base[1] + offset, _SIZES[code & 0x18]
    if step.helper in _READERS:
        data, many = _READERS[step.helper]
        at, size = known.registers.get(data), known.registers.get(many)
        if at is not None and size is not None and at[0] == "stack":
            yield data, at[1], size[1]
    if step.helper in _KEYED:
        spec = maps[names[known.registers[Reg.R1][1]]]
        for register, length in ((Reg.R2, spec.key_size), (Reg.R3, spec.value_size)):
            key = known.registers.get(register)
            updates = step.helper == uapi.BPF_FUNC_map_update_elem
            if key is not None and key[0] == "stack" and (register is Reg.R2 or updates):
                yield register, key[1], length


def _after(step: Step, known: Known, names: list[str], maps: Mapping[str, MapSpec]) -> Known:
    code, dst, src, offset, imm = step.instruction
    registers = {r: value for r, value in known.registers.items() if not step.writes() & 1 << r}
    written = known.written
    cls, operation = code & 0x07, code & 0xF0
    here = known.registers.get(dst)
    if cls in (isa.ALU, isa.ALU64) and operation == _MOVE:
        value = known.registers.get(src) if code & isa.X else ("number", imm)
        registers |= {} if value is None else {dst: value}
    elif (
        cls == isa.ALU64 and operation == _ADD and not code & isa.X and here is not None and here[0] != "map"
    ):
        registers[dst] = (here[0], here[1] + imm)
    elif step.wide and step.map is not None and src == isa.PSEUDO_MAP_FD:
        registers[dst] = ("map", names.index(step.map))
    elif cls in (isa.ST, isa.STX) and here is not None and here[0] == "stack":
        written |= _bits(here[1] + offset, _SIZES[code & 0x18])
    elif step.helper in _WRITERS:
        at, size = known.registers.get(Reg.R1), known.registers.get(Reg.R2)
        if at is not None and size is not None and at[0] == "stack":
            written |= _bits(at[1], size[1])
    return Known(registers, written)
