"""Programs for a kernel that has not all of it (`features.py`): the same, by what it has.

    what a program does          what it does instead
    -------------------          --------------------
    r1 = value of counters       looks the value up
    r0 = current task's address  has it as a number, and copies each member it loads to the stack
    r0 = this task's pt_regs     the tracepoint's first argument, in the same way
    reads user memory            reads memory
    puts a record into the ring  puts it into the buffer of this CPU
    reserves room in the ring    takes this CPU's scratch memory, and puts it into the buffer in the end
    asks how full the ring is    nothing is unread: perf wakes the reader by itself
    compares and exchanges       takes the place's key in a hash, which only one can
    has hashes grow              has them as large as they may get
    goes round in a loop         has each round as instructions of its own
    is run by a session          is attached, and looks whether it was asked
    calls a verified function    calls the same function, and is verified with it

Sources: kernel/bpf/verifier.c, check_cfg(), which before Linux 5.3 takes no way back; include/uapi/linux/
bpf.h; kernel/trace/bpf_trace.c, bpf_perf_event_output().
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from argtrace.fetch import isa, record
from argtrace.fetch.asm import Program
from argtrace.fetch.emit import KEY
from argtrace.fetch.features import Features
from argtrace.fetch.flow import Step, Steps, copy, is_exchange
from argtrace.fetch.isa import Instruction, Reg
from argtrace.fetch.layout import LOST_TOTAL, SLOTS
from argtrace.fetch.record import RECORD
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from argtrace.value import replace

ASKED_WHO, ASKED_WORDS, ASKED_RESULT, ASKED_SIZE = 0, 8, 24, 32
"""The value of `asked`: who is to run the program, as tgid << 32 | tid; what it is given, and returned."""

MOST_INSTRUCTIONS = 4096
"""BPF_MAXINSNS, which was the most before Linux 5.2."""

R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 = Reg

_CLAIMS, _SCRATCH, _ASKED = "claims", "scratch", "asked"
_SPARE = 256  # instructions for jumps where what comes after does not stand after
_MOST_OF_MANY = 2  # rounds: the verifier goes through those of one loop for each end of another
_MOST_ALLOCATED = 64 << 20  # bytes of a hash; of one with a value a CPU, for each
_HASHES = (uapi.BPF_MAP_TYPE_HASH, uapi.BPF_MAP_TYPE_PERCPU_HASH)
_NEAREST = 8  # instructions before a call, where its constant arguments are
_NOBODYS = -4096  # in the last page, which is never mapped: it has the kernel's errors (linux/err.h)
_HALF = 55  # the bit of an address that says whose half it is in


def maps(specs: Sequence[MapSpec], features: Features) -> tuple[MapSpec, ...]:
    """The maps instead of those, and those that are needed besides."""
    return tuple(each for spec in specs for each in _instead(spec, features))


def asking(features: Features) -> tuple[MapSpec, ...]:
    """What programs that a session runs are asked by."""
    return () if features.runs else (MapSpec(_ASKED, uapi.BPF_MAP_TYPE_ARRAY, 4, ASKED_SIZE, 1),)


def _instead(spec: MapSpec, features: Features) -> tuple[MapSpec, ...]:
    if spec.type == uapi.BPF_MAP_TYPE_RINGBUF and not features.ring:
        reserved = record.CHUNK_DATA + record.CHUNK
        return (
            MapSpec(spec.name, uapi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0, a_cpu=1),
            MapSpec(_SCRATCH, uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, reserved, 1),
        )
    if spec.name == "slots" and not features.exchange:
        return spec, MapSpec(_CLAIMS, uapi.BPF_MAP_TYPE_HASH, 4, 8, SLOTS)
    if spec.type in _HASHES and spec.flags & uapi.BPF_F_NO_PREALLOC and not features.allocation:
        entries = max(min(spec.entries, _MOST_ALLOCATED // (spec.value_size + spec.key_size)), 1)
        return (replace(spec, flags=spec.flags & ~uapi.BPF_F_NO_PREALLOC, entries=entries),)
    if spec.flags & uapi.BPF_F_MMAPABLE and not features.mapped:
        return (replace(spec, flags=spec.flags & ~uapi.BPF_F_MMAPABLE),)
    return (spec,)


def fit(program: Program, features: Features, *, run: bool = False) -> Program:
    """The program for a kernel with these features. `run`: by a session, when it wants to.

    Raises ValueError for what cannot be said in another way.
    """
    if features.all:
        return program
    steps = Steps(program)
    if run and not features.runs:
        _ask_first(steps)
    if not features.ring or not features.task:
        _keep_context(steps, features)
    if not features.task:
        _copy_members(steps)
    if not features.exchange:
        _claim(steps)
    if not features.values:
        _look_up(steps)
    if not features.apart:
        _read_alike(steps)
    if not features.functions:
        _forget_results(steps)
    # A function that is verified with each call, in a loop, would be with each round.
    if not features.loops or (program.functions and not features.functions):
        _unroll(steps)
    return steps.program()


# Instructions, as steps.


def _step(
    opcode: int, dst: int = 0, src: int = 0, offset: int = 0, imm: int = 0, map: str | None = None
) -> Step:
    return Step(Instruction(opcode, dst, src, offset, imm), map)


def _move(dst: Reg, src: Reg | int) -> Step:
    code = isa.ALU64 | isa.ALU_CODES["="]
    return _step(code | isa.X, dst, src) if isinstance(src, Reg) else _step(code, dst, imm=src)


def _add(dst: Reg, imm: int) -> Step:
    return _step(isa.ALU64 | isa.ALU_CODES["+="], dst, imm=imm)


def _load(dst: int, src: int, offset: int, size: int = 8) -> Step:
    return _step(isa.LDX | isa.MEM | isa.SIZES[size], dst, src, offset)


def _store(dst: int, offset: int, src: int, size: int = 8) -> Step:
    return _step(isa.STX | isa.MEM | isa.SIZES[size], dst, src, offset)


def _put(dst: int, offset: int, imm: int, size: int = 8) -> Step:
    return _step(isa.ST | isa.MEM | isa.SIZES[size], dst, 0, offset, imm)


def _call(helper: str) -> Step:
    return _step(isa.JMP | isa.CALL, imm=getattr(uapi, f"BPF_FUNC_{helper}"))


def _map(dst: Reg, name: str) -> Step:
    return _step(isa.WIDE, dst, isa.PSEUDO_MAP_FD, map=name)


def _value(dst: Reg, name: str) -> Step:
    return _step(isa.WIDE, dst, isa.PSEUDO_MAP_VALUE, map=name)


def _if(comparison: str, dst: Reg, src: Reg | int, to: Step) -> Step:
    code = isa.JMP | isa.JUMP_CODES[comparison]
    step = _step(code | isa.X, dst, src) if isinstance(src, Reg) else _step(code, dst, imm=src)
    step.jump = to
    return step


def _exit() -> list[Step]:
    return [_move(R0, 0), _step(isa.JMP | isa.EXIT)]


def _nothing() -> Step:
    """A place to jump to."""
    return _move(R0, R0)


# What is put in the place of what.


def _read_alike(steps: Steps) -> None:
    """One helper reads what either half of the address space has: a traced program's pointer into the
    kernel's half is not followed, but one to a page that nobody has. Bit 55 tells, on x86-64 and, whatever
    its tag, on arm64."""
    for form in ("probe_read", "probe_read_str"):
        user, kernel = (
            getattr(uapi, f"BPF_FUNC_{form.replace('read', f'read_{whose}')}") for whose in ("user", "kernel")
        )
        for step in steps:
            if step.helper == user:
                call = _call(form)
                steps.put(step, [
                    _move(R0, R3),
                    _step(isa.ALU64 | isa.ALU_CODES["<<="], R0, imm=63 - _HALF),
                    _if("s>=", R0, 0, call),
                    _move(R3, _NOBODYS),
                    call,
                ])  # fmt: skip
            elif step.helper == kernel:
                step.instruction = step.instruction._replace(imm=getattr(uapi, f"BPF_FUNC_{form}"))


def _forget_results(steps: Steps) -> None:
    """What a function gives, as a number that may be anything.

    Verified with its caller, it gives one range of numbers a way through it, and what follows would be gone
    through for each: the price grew with the cube of the copies (40,000 instructions for 21). It is where
    the record ends by now; the half writes that to the same place when it is through."""
    for step in steps:
        call = step.above
        if call is not None and call.calls is not None and step.instruction == _move(R8, R0).instruction:
            size = RECORD + record.SIZE
            steps.put(step, [_store(R7, size, R0, 4), _load(R8, R7, size, 4)])


def _look_up(steps: Steps) -> None:
    """The address of a value."""
    around = _Around(steps)
    for step in steps:
        if step.map is None or step.instruction.src != isa.PSEUDO_MAP_VALUE:
            continue
        there = _nothing()
        around.put(step, [
            _put(R10, around.scratch(step), 0, 4),
            _move(R2, R10),
            _add(R2, around.scratch(step)),
            _map(R1, step.map),
            _call("map_lookup_elem"),
            _if("!=", R0, 0, there),  # always, but the verifier cannot know
            *_exit(),
            there,
        ])  # fmt: skip


def _copy_members(steps: Steps) -> None:
    """Loads through the current task's address, which is a number here, and through what they give."""
    numbers = _numbers(steps)
    around = _Around(steps)
    for step in steps:
        code, _, src, offset, _ = step.instruction
        if step.helper == uapi.BPF_FUNC_get_current_task_btf:
            step.instruction = step.instruction._replace(imm=uapi.BPF_FUNC_get_current_task)
        elif code & 0x07 == isa.LDX and numbers[step] & 1 << src:
            size = next(size for size, bits in isa.SIZES.items() if bits == code & 0x18)
            scratch = around.scratch(step)
            around.put(step, [
                _move(R3, Reg(src)),
                _add(R3, offset),
                _move(R2, size),
                _move(R1, R10),
                _add(R1, scratch),
                _call("probe_read_kernel"),
                _load(R0, R10, scratch, size),
            ])  # fmt: skip


def _numbers(steps: Steps) -> dict[Step, int]:
    """Of each step the registers that are an address as a number before it, as bits."""
    before = dict.fromkeys(steps, 0)
    waiting = list(before)
    while waiting:
        step = waiting.pop()
        code, dst, src, _, _ = step.instruction
        cls, known = code & 0x07, before[step]
        after = known & ~step.writes()
        if step.gives_task or step.helper == uapi.BPF_FUNC_get_current_task_btf:
            after |= 1
        elif (cls == isa.LDX and code & 0x18 == isa.SIZES[8]) or code == isa.ALU64 | isa.X | isa.ALU_CODES[
            "="
        ]:
            after |= (known >> src & 1) << dst
        elif cls == isa.ALU64 and code & 0xF0 in (isa.ALU_CODES["+="], isa.ALU_CODES["-="]):
            after |= known & 1 << dst
        for follower in step.followers():
            if before[follower] | after != before[follower]:
                before[follower] |= after
                waiting.append(follower)
    return before


def _keep_context(steps: Steps, features: Features) -> None:
    """What needs the context, from the beginning of the program on the stack."""
    wanted = set()
    if not features.ring:
        wanted |= {uapi.BPF_FUNC_ringbuf_output, uapi.BPF_FUNC_ringbuf_submit}
    if not features.task:
        wanted |= {uapi.BPF_FUNC_task_pt_regs}
    if not any(step.helper in wanted for step in steps):
        return
    begin = steps.begin()
    at = steps.frames()[begin] - 8
    steps.put(begin, [_store(R10, at, R1), _moved(begin)])
    for step in steps:
        if not features.task and step.helper == uapi.BPF_FUNC_task_pt_regs:
            registers = _load(R0, R1, 0)
            registers.gives_task = True
            steps.put(step, [_load(R1, R10, at), registers])
        elif not features.ring and step.helper in _RING:
            _RING[step.helper](steps, step, at)


def _moved(step: Step) -> Step:
    """The same, to stand elsewhere."""
    made = copy(step)
    made.jump = step.jump
    return made


def _output(steps: Steps, step: Step, context: int) -> None:
    """ringbuf_output(map, data, size, flags)"""
    steps.put(step, [_move(R5, R3), _move(R4, R2), _move(R2, R1), *_to_this_cpu(context)])


def _to_this_cpu(context: int) -> list[Step]:
    return [
        _step(isa.ALU | isa.ALU_CODES["="], R3, imm=-1),  # BPF_F_CURRENT_CPU: 32 bits
        _load(R1, R10, context),
        _call("perf_event_output"),
    ]


def _query(steps: Steps, step: Step, _: int) -> None:
    steps.put(step, [_move(R0, 0)])


def _reserve(steps: Steps, step: Step, context: int) -> None:
    """ringbuf_reserve(map, size, flags): this CPU's memory. Programs are not preempted here.

    The key is below where the context is kept."""
    place = context - 8
    steps.put(
        step,
        [
            _put(R10, place, 0, 4),
            _move(R2, R10),
            _add(R2, place),
            _map(R1, _SCRATCH),
            _call("map_lookup_elem"),
        ],
    )


def _submit(steps: Steps, step: Step, context: int) -> None:
    """ringbuf_submit(data, flags), which cannot fail; this can."""
    chain = [
        _move(R4, R1),
        _move(R5, record.CHUNK_DATA + record.CHUNK),
        _map(R2, "events"),
        *_to_this_cpu(context),
    ]
    end = _nothing()
    lost = _step(isa.STX | isa.ATOMIC | isa.SIZES[8], R1, R2, LOST_TOTAL)
    steps.put(step, [*chain, _if("==", R0, 0, end), _value(R1, "counters"), _move(R2, 1), lost, end])


_RING: dict[int | None, Callable[[Steps, Step, int], None]] = {
    uapi.BPF_FUNC_ringbuf_output: _output,
    uapi.BPF_FUNC_ringbuf_query: _query,
    uapi.BPF_FUNC_ringbuf_reserve: _reserve,
    uapi.BPF_FUNC_ringbuf_submit: _submit,
}


def _claim(steps: Steps) -> None:
    """Compare and exchange.

    Of 8 bytes it is a place's owner, whose key is at KEY (`slots.py`): claimed if r0 is 0, else left. A
    hash takes a key from one alone. Of 4 bytes it is the phase of a slot, from IDLE: a call that begins
    in between is noted as one whose beginning nobody saw.
    """
    frames = steps.frames()
    for step in steps:
        if not is_exchange(step.instruction):
            continue
        _, dst, src, offset, _ = step.instruction
        place, new = Reg(dst), Reg(src)
        kept_place, kept_new = frames[step] - 8, frames[step] - 16
        end, ours = _nothing(), _load(place, R10, kept_place)
        kept = [_store(R10, kept_place, place), _store(R10, kept_new, new)]
        again = [_load(place, R10, kept_place), _load(new, R10, kept_new)]
        key = [_move(R2, R10), _add(R2, KEY), _map(R1, _CLAIMS)]
        if step.instruction.opcode & 0x18 == isa.SIZES[4]:
            steps.put(step, [
                _load(R5, place, offset, 4), _if("!=", R5, R0, end), _store(place, offset, new, 4), end,
            ])  # fmt: skip
        elif _constant(step, R0) == 0:
            steps.put(step, [
                *kept, *key, _move(R3, R10), _add(R3, kept_new), _move(R4, uapi.BPF_NOEXIST),
                _call("map_update_elem"),
                _if("==", R0, 0, ours),
                # Another's, who may not have said so yet, or be about to go: then nobody's that we know.
                *again, _load(R0, place, offset), _if("!=", R0, 0, end), _move(R0, -1), _to(end),
                ours, _load(new, R10, kept_new), _store(place, offset, new), _move(R0, 0),
                end,
            ])  # fmt: skip
        else:
            steps.put(step, [
                *kept, _store(place, offset, new), *key, _call("map_delete_elem"), *again,
            ])  # fmt: skip


def _to(step: Step) -> Step:
    jump = _step(isa.JMP | isa.JA)
    jump.jump = step
    return jump


def _constant(step: Step, register: Reg) -> int | None:
    """What a register was set to just before, if that is a number."""
    earlier = step.above
    for _ in range(_NEAREST):
        if earlier is not None and not earlier.writes() & 1 << register:
            earlier = earlier.above
    if earlier is None or earlier.instruction.opcode != isa.ALU64 | isa.ALU_CODES["="]:
        return None
    return earlier.instruction.imm if earlier.instruction.dst == register else None


def _ask_first(steps: Steps) -> None:
    """Go on only for who was asked, with what it is given; and say what came of it."""
    for step in steps:
        if step.instruction.opcode == isa.JMP | isa.EXIT:
            steps.put(step, [_value(R1, _ASKED), _store(R1, ASKED_RESULT, R0), _moved(step)])
    begin, asked = steps.begin(), _add(R1, ASKED_WORDS)
    steps.put(begin, [
        _call("get_current_pid_tgid"),
        _value(R1, _ASKED),
        _load(R2, R1, ASKED_WHO),
        _if("==", R0, R2, asked),
        *_exit(),
        asked,
        _moved(begin),
    ])  # fmt: skip


def _unroll(steps: Steps) -> None:
    """Each round of each loop by itself, as many as there may be, or as there is room for; behind the last
    comes what comes if there is another no more."""
    found = steps.loops()
    several = len(found) > 1
    loops = [
        (head, steps.circle(head), min(most, _MOST_OF_MANY) if several and differ else most)
        for head, most, differ in found
    ]
    rounds = max((most for _, _, most in loops), default=1)
    room = MOST_INSTRUCTIONS - _SPARE - _length(steps)
    while rounds > 1 and sum(_length(circle) * (min(most, rounds) - 1) for _, circle, most in loops) > room:
        rounds -= 1
    for head, circle, most in loops:
        _repeat(steps, head, circle, min(most, rounds))


def _length(steps: Iterable[Step]) -> int:
    """Instructions, with a jump behind them."""
    return 1 + sum(2 if step.wide else 1 for step in steps)


def _repeat(steps: Steps, head: Step, circle: list[Step], rounds: int) -> None:
    for _ in range(rounds - 1):
        copies = steps.again(circle, head)
        head, circle = copies[head], list(copies.values())
    for step in circle:
        if step.jump is head:
            compared = Reg(step.instruction.dst)  # what is certainly there
            steps.put(step, [_move(compared, compared)] if step.next is not None else _exit())


class _Around:
    """Puts a helper's call where none was: what is alive there is kept on the stack meanwhile."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._alive = steps.alive()
        self._frames = steps.frames()

    def scratch(self, step: Step) -> int:
        """A word on the stack."""
        return self._frames[step] - 8

    def put(self, step: Step, chain: list[Step]) -> None:
        """`chain` leaves in r0 what `step` would have in its register."""
        result = Reg(step.instruction.dst)
        alive = self._alive[step] & ~(1 << result)
        kept = [register for register in (R0, R1, R2, R3, R4, R5) if alive & 1 << register]
        places = {register: self.scratch(step) - 8 * (at + 1) for at, register in enumerate(kept)}
        self._steps.put(step, [
            *[_store(R10, places[register], register) for register in kept],
            *chain,
            _move(result, R0),
            *[_load(register, R10, places[register]) for register in kept],
        ])  # fmt: skip
