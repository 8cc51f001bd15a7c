"""A program as steps that point at each other, so that others can be put between them.

    steps = Steps(program)
    for step in steps: …        in the program's order
    steps.put(step, chain)      in the place of one step
    steps.program()             jumps and calls are counted again

What is alive behind a step is what a step put in its place must leave alone: r0 to r5, since a
helper's call loses those, and r6 to r9 it keeps.

Source: RFC 9669; how many arguments each helper has is in the comments of include/uapi/linux/bpf.h.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from argtrace.fetch import isa
from argtrace.fetch.asm import Program
from argtrace.fetch.function_types import PARAMETERS
from argtrace.fetch.isa import Instruction, Reg
from argtrace.kernel import uapi

ARGUMENTS = {
    getattr(uapi, f"BPF_FUNC_{name}"): count
    for count, names in {
        0: "ktime_get_ns get_smp_processor_id get_current_pid_tgid get_current_uid_gid get_current_task "
        "get_current_task_btf get_current_cgroup_id",
        1: "task_pt_regs",
        2: "map_lookup_elem map_delete_elem get_current_comm current_task_under_cgroup ringbuf_query "
        "ringbuf_submit",
        3: "tail_call probe_read probe_read_str probe_read_user probe_read_user_str probe_read_kernel "
        "probe_read_kernel_str ringbuf_reserve",
        4: "map_update_elem ringbuf_output",
        5: "perf_event_output",
    }.items()
    for name in names.split()
}
"""How many registers a helper looks at."""

_LOST = 0b11_1111  # r0 to r5, as bits


class Step:
    """One instruction. `jump`: where it may go; `next`: what comes after, if anything does.

    `map`: which one a 64-bit load names; `calls`: the function that it calls. `gives_task`: whether what
    it leaves in r0 is an address in the kernel, as a number. `parameters`: those of the function that
    begins here.
    """

    __slots__ = ("above", "below", "calls", "gives_task", "instruction", "jump", "map", "next", "parameters")

    def __init__(self, instruction: Instruction, map: str | None = None) -> None:
        self.instruction = instruction
        self.map = map
        self.jump: Step | None = None
        self.next: Step | None = None
        self.calls: Step | None = None
        self.gives_task = False
        self.parameters = 0
        # Where it stands in the program, whatever comes after what.
        self.above: Step | None = None
        self.below: Step | None = None

    @property
    def ends(self) -> bool:
        """Whether nothing that stands behind it comes after."""
        return self.instruction.opcode in (isa.JMP | isa.EXIT, isa.JMP | isa.JA)

    @property
    def wide(self) -> bool:
        return self.instruction.opcode == isa.WIDE

    @property
    def helper(self) -> int | None:
        """The helper that it calls."""
        called = self.instruction.opcode == isa.JMP | isa.CALL and self.instruction.src == 0
        return self.instruction.imm if called else None

    def followers(self) -> list[Step]:
        return [step for step in (self.next, self.jump) if step is not None]

    def uses(self) -> int:
        """Registers that it looks at, as bits."""
        code, dst, src, *_ = self.instruction
        cls, operation = code & 0x07, code & 0xF0
        if cls in (isa.ALU, isa.ALU64):
            moves = operation == isa.ALU_CODES["="]
            return (0 if moves else 1 << dst) | (1 << src if code & isa.X else 0)
        if cls == isa.LDX:
            return 1 << src
        if cls == isa.ST:
            return 1 << dst
        if cls == isa.STX:
            return 1 << dst | 1 << src | (1 if is_exchange(self.instruction) else 0)
        if cls != isa.JMP or operation == isa.JA:
            return 0
        if operation == isa.EXIT:
            return 1
        if operation == isa.CALL:
            return (1 << self._arguments() + 1) - 2
        return 1 << dst | (1 << src if code & isa.X else 0)

    def _arguments(self) -> int:
        """How many a call hands over; of the kernel's own functions not known, so all."""
        if self.calls is not None:
            return self.calls.parameters
        return 5 if self.helper is None else ARGUMENTS[self.helper]

    def writes(self) -> int:
        """Registers that have another value afterwards, or none."""
        code, dst, *_ = self.instruction
        cls = code & 0x07
        if cls in (isa.ALU, isa.ALU64, isa.LDX) or self.wide:
            return 1 << dst
        if cls == isa.JMP and code & 0xF0 == isa.CALL:
            return _LOST
        return 1 if is_exchange(self.instruction) else 0


def is_exchange(instruction: Instruction) -> bool:
    """Whether it compares and exchanges."""
    atomic = instruction.opcode & 0xE7 == isa.STX | isa.ATOMIC
    return atomic and instruction.imm == isa.COMPARE_EXCHANGE


def copy(step: Step) -> Step:
    """The same once more, which leads to nothing yet but what it calls."""
    made = Step(step.instruction, step.map)
    made.calls, made.gives_task = step.calls, step.gives_task
    return made


class Steps:
    """Those of a program, in its order."""

    def __init__(self, program: Program) -> None:
        self._name = program.name
        named = dict(program.maps)
        at: dict[int, Step] = {}
        skip = False
        for index, instruction in enumerate(program.instructions):
            if skip:
                skip = False
                continue
            at[index] = Step(instruction, named.get(index))
            skip = at[index].wide
        self._first = at[0]
        self._stand(self._first, list(at.values())[1:])
        self._functions = [(at[index], name) for index, name in program.functions]
        for step, name in self._functions:
            step.parameters = PARAMETERS[name]
        self._loops = [(at[index], most, differ) for index, most, differ in program.loops]
        for index, step in at.items():
            code, _, src, offset, imm = step.instruction
            after = index + (2 if step.wide else 1)
            operation = code & 0xF0
            if code & 0x07 != isa.JMP:
                step.next = at[after]
            elif operation == isa.CALL:
                step.next = at[after]
                if src == isa.PSEUDO_CALL:
                    step.calls = at[after + imm]
            elif operation != isa.EXIT:
                step.jump = at[after + offset]
                step.next = None if step.ends else at[after]

    def __iter__(self) -> Iterator[Step]:
        """Those that stand in it now."""
        return iter(self._order())

    def _order(self) -> list[Step]:
        order: list[Step] = []
        step: Step | None = self._first
        while step is not None:
            order.append(step)
            step = step.below
        return order

    @staticmethod
    def _stand(above: Step, steps: Iterable[Step]) -> None:
        """Below that one, in this order."""
        below = above.below
        for step in steps:
            above.below, step.above = step, above
            above = step
        above.below = below
        if below is not None:
            below.above = above

    def put(self, step: Step, chain: Sequence[Step]) -> None:
        """What is in `chain` in the place of `step`, to be gone through one after the other.

        Who jumped to the step jumps to the first.
        """
        first, *rest = chain
        after = step.next
        step.instruction, step.map, step.gives_task = first.instruction, first.map, first.gives_task
        step.jump, step.calls = first.jump, first.calls
        chain = [step, *rest]
        for one, following in zip(chain, [*rest, after], strict=True):
            one.next = None if one.ends else following
        self._stand(step, rest)

    def again(self, circle: Sequence[Step], head: Step) -> dict[Step, Step]:
        """One more round of a loop below that of `circle`, as it stands: who went back to `head` goes on
        to it. Returns for each step its copy."""
        copies = {step: copy(step) for step in circle}
        for step, made in copies.items():
            for follower, name in ((step.next, "next"), (step.jump, "jump")):
                setattr(made, name, follower if follower is None else copies.get(follower, follower))
        for step in circle:
            if step.next is head:
                step.next = copies[head]
            if step.jump is head:
                step.jump = copies[head]
        self._stand(circle[-1], copies.values())
        return copies

    def begin(self) -> Step:
        """Where the program begins."""
        return self._first

    def alive(self) -> dict[Step, int]:
        """Registers whose values are wanted behind each step, as bits."""
        order = self._order()
        behind = dict.fromkeys(order, 0)
        changed = True
        while changed:
            changed = False
            for step in reversed(order):
                wanted = 0
                for follower in step.followers():
                    wanted |= behind[follower] & ~follower.writes() | follower.uses()
                if wanted != behind[step]:
                    behind[step], changed = wanted, True
        return behind

    def frames(self) -> dict[Step, int]:
        """Of each step the lowest place on its function's stack that is used, a multiple of 8."""
        owner = self._owners()
        lowest = dict.fromkeys(owner.values(), 0)
        for step in owner:
            code, dst, src, offset, imm = step.instruction
            cls = code & 0x07
            if (cls == isa.LDX and src == Reg.R10) or (cls in (isa.ST, isa.STX) and dst == Reg.R10):
                used = offset
            elif code == isa.ALU64 | isa.ALU_CODES["+="] and imm < 0:
                used = imm if self._is_frame(step) else 0
            else:
                continue
            lowest[owner[step]] = min(lowest[owner[step]], used)
        return {step: lowest[owner[step]] // 8 * 8 for step in owner}

    def _is_frame(self, step: Step) -> bool:
        """Whether what a step adds to is the frame's address, which is moved there just before."""
        before = step.above and step.above.instruction
        return before == Instruction(isa.ALU64 | isa.X | isa.ALU_CODES["="], step.instruction.dst, Reg.R10)

    def _owners(self) -> dict[Step, Step]:
        """Of each step what its function begins with."""
        begins = {step for step, _ in self._functions}
        begin = self._first
        found: dict[Step, Step] = {}
        for step in self:
            begin = step if step in begins else begin
            found[step] = begin
        return found

    def loops(self) -> list[tuple[Step, int, bool]]:
        """What loops begin with, how often each may be gone through, and whether its ends differ."""
        return list(self._loops)

    def circle(self, head: Step) -> list[Step]:
        """The steps from which one comes back to `head`, and to which one comes from it."""
        forth = _reached([head], Step.followers)
        backward: dict[Step, list[Step]] = {step: [] for step in self}
        for step in self:
            for follower in step.followers():
                backward[follower].append(step)
        back = _reached([head], backward.__getitem__)
        return [step for step in self if step in forth and step in back]

    def has_circle(self) -> bool:
        """Whether it could go round for ever, for all that its shape says."""
        state: dict[Step, bool] = {}  # True: its followers are all done
        for root in self:
            if root in state:
                continue
            state[root] = False
            path = [(root, iter(root.followers()))]
            while path:
                step, followers = path[-1]
                for follower in followers:
                    if state.get(follower) is False:
                        return True
                    if follower not in state:
                        state[follower] = False
                        path.append((follower, iter(follower.followers())))
                        break
                else:
                    state[step] = True
                    path.pop()
        return False

    def program(self) -> Program:
        """With every jump and call where it goes now."""
        self._lead_on()
        places: dict[Step, int] = {}
        count = 0
        for step in self:
            places[step] = count
            count += 2 if step.wide else 1
        code: list[Instruction] = []
        maps: list[tuple[int, str]] = []
        for step in self:
            instruction, after = step.instruction, len(code) + (2 if step.wide else 1)
            if step.jump is not None:
                instruction = instruction._replace(offset=places[step.jump] - after)
            elif step.calls is not None:
                instruction = instruction._replace(imm=places[step.calls] - after)
            if step.map is not None:
                maps.append((len(code), step.map))
            code.append(instruction)
            if step.wide:
                code.append(Instruction(0))
        functions = tuple((places[step], name) for step, name in self._functions)
        return Program(self._name, tuple(code), tuple(maps), functions)

    def _lead_on(self) -> None:
        """Where what comes after does not stand after, a jump."""
        for step in self:
            if step.next is not None and step.next is not step.below:
                jump = Step(Instruction(isa.JMP | isa.JA))
                jump.jump, step.next = step.next, jump
                self._stand(step, [jump])


def _reached(begin: Iterable[Step], followers: Callable[[Step], Iterable[Step]]) -> set[Step]:
    found: set[Step] = set()
    waiting = list(begin)
    while waiting:
        for follower in followers(waiting.pop()):
            if follower not in found:
                found.add(follower)
                waiting.append(follower)
    return found
