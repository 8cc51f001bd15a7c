"""argv and envp of an exec that are wanted whole, however long: in chunks, before the call's own record.

    walk   the caller's arrays, as `execs.walk` does; where there is no room left, what was gathered
           is sent, and its room used again
    take   the new program's strings, which lie side by side: 16 KiB a chunk

A walk reaches as many strings as tail calls do; strings are pieced together, so each may be as long as
the kernel takes it (MAX_ARG_STRLEN, 128 KiB). An exec that worked with more strings than that, or with
some that could not be read, is taken from its memory, to its end: the kernel takes at most 6 MiB.

A step's state (the next pointer, the rest of its string, where the payload ends) is in the slot and
not in registers: so a step is a function, which the verifier goes through once. In line, where there
are none that are verified once, or no ring, each of the 256 rounds was gone through: 82,000
instructions for each array, 80 ms.

Sources: fs/exec.c, bprm_stack_limits(): three quarters of _STK_LIM (8 MiB); include/uapi/linux/binfmts.h.
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.chunks import open_chunk, send_chunk
from argtrace.fetch.emit import (
    KEY,
    R0,
    R1,
    R2,
    R3,
    R6,
    R7,
    R8,
    R9,
    R10,
    WORD,
    call_map,
    count_loss,
    find_current,
    follow,
    item_offset,
    read_kernel,
    send,
    send_slot,
    tail_call,
)
from argtrace.fetch.fields import Fields
from argtrace.fetch.function_types import WALK
from argtrace.fetch.layout import TAKE_ARGV, TAKE_ENVP, WALK_ARGV, WALK_ENVP, Layout
from argtrace.fetch.plan import TERMINATOR, CopyString, CopyStrings, Plan
from argtrace.fetch.record import RECORD, Kind, Phase, Rest, Turn
from argtrace.value import frozen

STRETCH = 256
"""Pieces of strings that one tail call walks."""

MOST_ARGUMENTS = 23 * STRETCH
"""After so many strings of argv the tail calls that are left are envp's."""

CHUNKS = 64
"""Chunks that one tail call sends: 1 MiB."""

_GO_ON = 16
"""What a step gives where there may be more: no list ends by it."""

_ELEMENT_HEADER = record.ELEMENT.size
_GAP = record.CHUNK_DATA  # before a list: where the head of a chunk is written
_CONTEXT, _ROUND, _START, _ADDRESS = WORD - 24, WORD - 32, WORD - 40, WORD - 48


@frozen
class Place:
    """One of the two lists in the exec slot: its step, and where its room begins and ends at most."""

    step: CopyStrings
    begin: int
    end: int
    last: bool

    def item(self, number: int) -> int:
        return item_offset(self.step.item + number)

    @property
    def at(self) -> int:
        return self.item(0)

    @property
    def size(self) -> int:
        return self.item(0) + 4

    @property
    def count(self) -> int:
        return self.item(1)

    @property
    def ending(self) -> int:
        return self.item(1) + 4

    @property
    def cursor(self) -> int:
        return self.item(2)

    @property
    def before(self) -> int:
        return self.item(record.LIST_BEFORE)

    @property
    def turn(self) -> int:
        return self.item(record.LIST_BEFORE) + 4

    @property
    def rest(self) -> int:
        return self.item(record.LIST_REST)


def places(plan: Plan) -> tuple[Place, Place]:
    """argv's and envp's. A list begins where what is before it ends, at the latest here."""
    filename, argv, envp = plan.steps
    assert isinstance(filename, CopyString)
    assert isinstance(argv, CopyStrings)
    assert isinstance(envp, CopyStrings)
    begin = plan.payload + filename.space + _GAP
    middle = begin - _GAP + argv.space
    return Place(argv, begin, middle, last=False), Place(envp, middle + _GAP, middle + envp.space, last=True)


def begin(asm: Asm, place: Place, turn: Turn) -> None:
    """An empty list behind what ends at r8, whose pointers are at r1."""
    asm.store(R7, place.cursor, R1)
    asm.store(R7, place.size, 0, 4)
    asm.store(R7, place.count, 0, 4)
    asm.store(R7, place.ending, record.CUT, 4)
    asm.store(R7, place.before, 0, 4)
    asm.store(R7, place.turn, turn, 4)
    asm.store(R7, place.rest, 0)
    _start(asm, place)


def _start(asm: Asm, place: Place) -> None:
    """Its room begins behind r8. Loses r1."""
    asm.move(R1, R8)
    asm.alu("+=", R1, _GAP)
    asm.store(R7, place.at, R1, 4)
    asm.store(R7, RECORD + record.SIZE, R1, 4)


def walk(plan: Plan, stage: int, layout: Layout, *, in_line: bool) -> Program:
    """Append up to STRETCH pieces of strings of one array, then go on: here, to envp, or to the end."""
    argv, envp = places(plan)
    place = argv if stage == WALK_ARGV else envp
    asm = Asm()
    asm.store(R10, _CONTEXT, R1)
    find_current(asm, "execs", "none")
    asm.move(R6, 0)

    asm.label("string", most=STRETCH)
    if in_line:
        _step(asm, place)
    else:
        asm.move(R1, R7)
        asm.call_function(WALK)
        asm.jump("!=", R0, _GO_ON, "end")
    asm.alu("+=", R6, 1)
    asm.jump("<", R6, STRETCH, "string")
    if stage == WALK_ARGV:
        asm.load(R1, R7, place.count, 4)
        asm.jump(">", R1, MOST_ARGUMENTS, "reached")
    asm.load(R6, R10, _CONTEXT)
    tail_call(asm, "exec_steps", stage)
    # If the exec works, the new program has them all.
    asm.label("reached")
    asm.store(R7, record.REST, Rest.RETRY, 2)
    asm.move(R0, record.CUT)

    asm.label("end")
    asm.store(R7, place.ending, R0, 4)
    asm.load(R8, R7, RECORD + record.SIZE, 4)
    asm.load(R1, R7, place.at, 4)
    asm.move(R2, R8)
    asm.alu("-=", R2, R1)
    asm.store(R7, place.size, R2, 4)
    asm.load(R2, R7, place.before, 4)
    asm.jump("==", R2, 0, "all_here")
    asm.alu("|=", R1, record.PARTIAL - (1 << 32))
    asm.store(R7, place.at, R1, 4)
    asm.label("all_here")
    asm.load(R6, R10, _CONTEXT)
    if stage == WALK_ARGV:
        _start(asm, envp)
        tail_call(asm, "exec_steps", WALK_ENVP)
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.IDLE, "none")
    _finish(asm, layout)
    asm.label("none")
    asm.exit()
    if not in_line:
        asm.function(WALK)
        with asm.scope(WALK):
            asm.move(R7, R1)
            asm.move(R6, 0)  # the round, where a step is in line: it is kept
            asm.move(R0, record.CUT)
            asm.jump("==", R7, 0, "end")  # never, but the verifier cannot know
            _step(asm, place)
            asm.give(_GO_ON)
            asm.label("end")
            asm.give(R0)
    return asm.assemble("at_exec_argv" if stage == WALK_ARGV else "at_exec_envp")


def _step(asm: Asm, place: Place) -> None:
    """A piece of a string, the next; or to `end`, how it ended in r0. Loses all but r6 and r7."""
    piece = place.step.limit + TERMINATOR
    asm.load(R8, R7, RECORD + record.SIZE, 4)
    asm.load(R9, R7, place.cursor)
    asm.load(R3, R7, place.rest)
    asm.jump("!=", R3, 0, "address")
    asm.move(R1, R10)
    asm.alu("+=", R1, WORD)
    asm.move(R2, 8)
    asm.move(R3, R9)
    asm.call("probe_read_user")
    asm.jump("!=", R0, 0, "unreadable")
    asm.load(R3, R10, WORD)
    asm.jump("==", R3, 0, "ended")
    asm.label("address")
    asm.store(R10, _ADDRESS, R3)  # not WORD, which sending uses
    asm.load(R1, R7, place.at, 4)
    asm.move(R2, R8)
    asm.alu("-=", R2, R1)
    asm.jump(">", R2, place.step.space - _GAP - _ELEMENT_HEADER - piece, "flush")
    asm.jump(">", R8, place.end - _ELEMENT_HEADER - piece, "cut")  # never, but the verifier cannot know
    asm.label("room")
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.alu("+=", R1, RECORD + _ELEMENT_HEADER)
    asm.move(R2, piece)
    asm.load(R3, R10, _ADDRESS)
    asm.call("probe_read_user_str")
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.load(R3, R10, _ADDRESS)
    asm.store(R1, RECORD + 4, R3)
    asm.jump("!=", R0, piece, "its_end")
    asm.store(R1, RECORD, piece | record.GOES_ON, 4)
    asm.alu("+=", R3, piece - 1)  # the helper put a NUL in place of the last byte
    asm.store(R7, place.rest, R3)
    asm.goto("counted")
    asm.label("its_end")
    asm.store(R1, RECORD, R0, 4)
    asm.store(R7, place.rest, 0)
    asm.alu("+=", R9, 8)
    asm.store(R7, place.cursor, R9)
    asm.load(R2, R7, place.count, 4)
    asm.alu("+=", R2, 1)
    asm.store(R7, place.count, R2, 4)
    asm.jump(">", R0, piece, "string_failed")
    asm.label("counted")
    asm.alu("+=", R8, R0)
    asm.alu("+=", R8, _ELEMENT_HEADER)
    asm.store(R7, RECORD + record.SIZE, R8, 4)
    asm.goto("stepped")

    asm.label("cut")
    asm.move(R0, record.CUT)
    asm.goto("end")
    asm.label("ended")
    asm.move(R0, record.ENDED)
    asm.goto("end")
    asm.label("unreadable")
    asm.store(R7, record.REST, Rest.RETRY, 2)
    asm.goto("end")
    asm.label("string_failed")
    asm.store(R7, record.REST, Rest.RETRY, 2)
    asm.move(R0, 0)
    asm.goto("counted")

    asm.label("flush")
    _flush(asm, place)
    asm.load(R6, R10, _ROUND)
    asm.load(R9, R7, place.cursor)
    asm.load(R8, R7, place.at, 4)
    asm.jump("<=", R8, place.begin, "room")
    asm.goto("cut")
    asm.label("stepped")


def _flush(asm: Asm, place: Place) -> None:
    """Send what this list has gathered up to r8. Loses r6, which is kept at _ROUND, r8 and r9."""
    asm.store(R10, _ROUND, R6)
    asm.load(R6, R7, place.at, 4)
    asm.jump(">", R6, place.begin, "cut")  # never, as the next: what we wrote
    asm.alu("-=", R8, R6)
    asm.jump(">", R8, place.step.space - _GAP, "cut")
    asm.alu("+=", R6, R7)
    head = RECORD - _GAP
    asm.store(R6, head + record.KIND, Kind.CHUNK, 4)
    asm.load(R1, R7, RECORD + record.TID)
    asm.store(R6, head + record.TID, R1)
    asm.load(R1, R7, RECORD + record.START)
    asm.store(R6, head + record.TIME, R1)
    asm.store(R6, head + record.CHUNK_ITEM, place.step.item, 4)
    asm.store(R6, head + record.CHUNK_BYTES, R8, 4)
    asm.load(R1, R7, place.before, 4)
    asm.store(R6, head + record.CHUNK_OFFSET, R1)
    asm.alu("+=", R1, R8)
    asm.store(R7, place.before, R1, 4)
    asm.load(R1, R7, place.turn, 4)
    asm.store(R6, head + record.CHUNK_TURN, R1)
    asm.load(R9, R7, record.INDEX, 4)
    asm.alu("+=", R8, _GAP)
    send(asm, R6, head, R8, "flushed", R9)


def take(plan: Plan, stage: int, layout: Layout, fields: Fields) -> Program:
    """The strings of the new program: in the record if there is room, else in chunks."""
    argv, envp = places(plan)
    place, bounds = (
        (argv, (fields.mm_arg_start, fields.mm_arg_end))
        if stage == TAKE_ARGV
        else (envp, (fields.mm_env_start, fields.mm_env_end))
    )
    asm = Asm()
    asm.store(R10, _CONTEXT, R1)
    find_current(asm, "execs", "none")
    asm.call("get_current_task_btf")
    follow(asm, R6, R0, fields.task_mm)
    asm.jump("==", R6, 0, "next")
    read_kernel(asm, _START, R6, bounds[0], 8)
    follow(asm, R8, R6, bounds[1])
    asm.load(R1, R10, _START)
    asm.alu("-=", R8, R1)
    asm.load(R9, R7, place.before, 4)
    asm.load(R1, R7, place.turn, 4)
    asm.jump("==", R1, Turn.EXIT, "go_on")
    _take_first(asm, place)
    asm.label("go_on")
    asm.store(R10, _ROUND, 0)
    asm.label("chunk", most=CHUNKS)
    asm.jump(">=", R9, R8, "all")
    _take_chunk(asm, place)
    asm.alu("+=", R9, record.CHUNK)
    asm.load(R1, R10, _ROUND)
    asm.alu("+=", R1, 1)
    asm.store(R10, _ROUND, R1)
    asm.jump("<", R1, CHUNKS, "chunk")
    asm.store(R7, place.before, R9, 4)
    asm.load(R6, R10, _CONTEXT)
    tail_call(asm, "exec_steps", stage)
    asm.label("all")
    asm.store(R7, place.before, R8, 4)
    asm.label("next")
    asm.load(R6, R10, _CONTEXT)
    if stage == TAKE_ARGV:
        tail_call(asm, "exec_steps", TAKE_ENVP)
    _finish(asm, layout)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_exec_args" if stage == TAKE_ARGV else "at_exec_env")


def _take_first(asm: Asm, place: Place) -> None:
    """All of it, if there is room: r8 bytes. Else the list is in chunks, of which none is sent yet."""
    at = place.begin
    asm.move(R9, 0)
    asm.store(R7, place.turn, Turn.EXIT, 4)
    asm.store(R7, place.count, 0, 4)
    asm.store(R7, place.before, 0, 4)
    asm.store(R7, place.ending, record.BLOB, 4)
    asm.store(R7, place.size, 0, 4)
    asm.store(R7, RECORD + record.SIZE, place.end, 4)
    asm.move(R1, (at | record.PARTIAL) - (1 << 32))
    asm.store(R7, place.at, R1, 4)
    asm.jump(">", R8, place.step.space - _GAP, "go_on")
    asm.store(R7, place.at, at, 4)
    asm.move(R1, R7)
    asm.alu("+=", R1, RECORD + at)
    asm.move(R2, R8)
    asm.load(R3, R10, _START)
    asm.call("probe_read_user")
    asm.jump("!=", R0, 0, "unread")
    asm.store(R7, place.size, R8, 4)
    asm.goto("next")
    asm.label("unread")
    asm.store(R7, place.ending, R0, 4)
    asm.goto("next")


def _take_chunk(asm: Asm, place: Place) -> None:
    """Send a chunk from r9 on, of r8 bytes in all. Loses r6."""
    open_chunk(asm, "full")
    asm.store(R6, record.CHUNK_ITEM, place.step.item, 4)
    asm.store(R6, record.CHUNK_OFFSET, R9)
    asm.store(R6, record.CHUNK_TURN, Turn.EXIT)
    asm.move(R2, R8)
    asm.alu("-=", R2, R9)
    asm.load(R3, R10, _START)
    asm.alu("+=", R3, R9)
    send_chunk(asm, "chunk")
    asm.goto("sent")
    asm.label("full")
    count_loss(asm)
    asm.load(R1, R7, record.INDEX, 4)
    asm.store(R10, KEY, R1, 4)
    call_map(asm, "map_lookup_elem", "losses")
    asm.jump("==", R0, 0, "sent")
    asm.move(R1, 1)
    asm.atomic_add(R0, 0, R1)
    asm.label("sent")


def _finish(asm: Asm, layout: Layout) -> None:
    """Send the record, and give the exec slot back."""
    send_slot(asm, layout.exec_space, "finished")
    forget(asm)


def forget(asm: Asm) -> None:
    """Give the current task's exec slot back."""
    asm.call("get_current_pid_tgid")
    asm.store(R10, KEY, R0, 4)
    call_map(asm, "map_delete_elem", "execs")
