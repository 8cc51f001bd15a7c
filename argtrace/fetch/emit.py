"""Sequences that several programs have in common.

Registers, in every program of ours:

    r6  the context          r7  the slot
    r8  where the next payload goes, from the record's beginning
    r9  kept for the program's own use

Each function says which registers it loses beyond r0 to r5.
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import LOST_TOTAL, PACED, SLOTS
from argtrace.fetch.record import ITEMS, RECORD
from argtrace.kernel import uapi

R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 = Reg

ASK_EVERY = 64
"""Of so many records one asks whether the reader should be woken: a power of two."""

S32_MAX = 0x7FFF_FFFF
"""A result of 32 bits is no errno up to here, when it was loaded as unsigned."""

# The stack frame, from its top: a map key, a scratch word, what is left of a total, a size
# before it was cut.
KEY, WORD, LEFT, FULL, END = -4, -16, -24, -32, -40


def call_map(asm: Asm, helper: str, map_name: str) -> None:
    """Look up or delete the entry whose 4-byte key is at KEY."""
    asm.load_map(R1, map_name)
    asm.move(R2, R10)
    asm.alu("+=", R2, KEY)
    asm.call(helper)


def find_current(asm: Asm, map_name: str, missing: str) -> None:
    """r7 = the current task's slot, or go to `missing`. r9 = tgid << 32 | tid.

    A slot of `tasks` may be in the map `slots` as well, and what follows is verified for each:
    where that matters, `slots.py` has other ways.
    """
    if map_name == "tasks":
        look_at_place(asm, missing)
        asm.jump("==", R1, R9, "found")
        look_in_hash(asm, missing)
    else:
        asm.call("get_current_pid_tgid")
        asm.move(R9, R0)
        asm.store(R10, KEY, R0, 4)
        call_map(asm, "map_lookup_elem", map_name)
        asm.jump("==", R0, 0, missing)
    asm.move(R7, R0)
    asm.label("found")


def look_at_place(asm: Asm, missing: str) -> None:
    """r7 = the current task's place, r1 = whose it is; r9 = tgid << 32 | tid."""
    asm.call("get_current_pid_tgid")
    asm.move(R9, R0)
    asm.alu("&=", R0, SLOTS - 1)
    asm.store(R10, KEY, R0, 4)
    call_map(asm, "map_lookup_elem", "slots")
    asm.jump("==", R0, 0, missing)  # never, but the verifier cannot know
    asm.move(R7, R0)
    asm.load(R1, R7, record.OWNER)


def look_in_hash(asm: Asm, missing: str) -> None:
    """The place r7 is another's: r0 = the slot of the current task, r9, in the hash."""
    asm.load(R1, R7, record.CROWD)
    asm.jump("==", R1, 0, missing)
    asm.store(R10, KEY, R9, 4)
    call_map(asm, "map_lookup_elem", "tasks")
    asm.jump("==", R0, 0, missing)


def read_kernel(asm: Asm, to: int, base: Reg, offset: int, size: int) -> None:
    """Copy a member of a kernel structure to the stack."""
    asm.move(R1, R10)
    asm.alu("+=", R1, to)
    asm.move(R2, size)
    asm.move(R3, base)
    asm.alu("+=", R3, offset)
    asm.call("probe_read_kernel")


def follow(asm: Asm, to: Reg, base: Reg, offset: int, by: int = WORD) -> None:
    """to = the pointer at base + offset; 0 where it cannot be read. `by`: where on the stack it is put.

    Also where base is a task that the verifier knows, and a load would do: for each pointer that is loaded
    from one it looks through the names of all types of the kernel, four times, a millisecond in all
    (Linux 6.18, kernel/bpf/verifier.c, check_ptr_to_btf_access()).
    """
    read_kernel(asm, by, base, offset, 8)
    asm.load(to, R10, by)


def item_offset(item: int) -> int:
    """Where item number `item` is in a slot."""
    return RECORD + ITEMS + record.ITEM.size * item


def send(
    asm: Asm, base: Reg, offset: int, size: Reg | int, label: str, index: Reg | int, *, asks: bool = True
) -> None:
    """Put the record at base + offset into the ring; where there is no room, count it.

    No wake-up: the reader looks by itself every now and then. But some records, chosen by
    the low bits of their time, ask how much is unread, and wake it when that is a quarter;
    none of those that are rare, with `asks` false. `index` is where `losses` counts, and must survive calls.
    """
    asm.load_map_value(R1, "counters")
    asm.load(R1, R1, LOST_TOTAL, 4)
    asm.store(base, offset + record.LOST, R1, 4)
    asm.move(R4, uapi.BPF_RB_NO_WAKEUP)
    if asks:
        asm.load(R1, base, offset + record.TIME)
        asm.alu("&=", R1, ASK_EVERY - 1)
        asm.jump("!=", R1, 0, f"{label}_put")
        _ask(asm, f"{label}_put")
        asm.label(f"{label}_put")
    asm.move(R3, size)
    asm.load_map(R1, "events")
    asm.move(R2, base)
    asm.alu("+=", R2, offset)
    asm.call("ringbuf_output")
    asm.jump("==", R0, 0, label)
    count_loss(asm)
    asm.store(R10, KEY, index, 4)
    call_map(asm, "map_lookup_elem", "losses")
    asm.jump("==", R0, 0, label)
    asm.move(R1, 1)
    asm.atomic_add(R0, 0, R1)
    asm.label(label)


def _ask(asm: Asm, label: str) -> None:
    """r4 = how to put the next record into the ring: waking, if a quarter of it is unread; then writers
    are to wait as well (`pace.py`)."""
    query_ring(asm, uapi.BPF_RB_RING_SIZE)
    asm.alu(">>=", R0, 2)
    asm.store(R10, WORD, R0)
    query_ring(asm, uapi.BPF_RB_AVAIL_DATA)
    asm.move(R4, uapi.BPF_RB_NO_WAKEUP)
    asm.load(R1, R10, WORD)
    asm.jump("<=", R0, R1, label)
    asm.load_map_value(R1, "counters")
    asm.store(R1, PACED, 1)
    asm.move(R4, uapi.BPF_RB_FORCE_WAKEUP)


def query_ring(asm: Asm, what: int) -> None:
    """r0 = bytes: the ring's, or those that are not read."""
    asm.load_map(R1, "events")
    asm.move(R2, what)
    asm.call("ringbuf_query")


def count_loss(asm: Asm) -> None:
    """One record more that the ring had no room for."""
    asm.load_map_value(R1, "counters")
    asm.move(R2, 1)
    asm.atomic_add(R1, LOST_TOTAL, R2)


def send_slot(asm: Asm, space: int, label: str) -> None:
    """Send the record in the slot r7, whose length the record itself holds. Loses r9."""
    asm.load(R3, R7, RECORD + record.SIZE, 4)
    asm.jump(">", R3, space, label)  # never: what we wrote, but the verifier cannot know
    asm.load(R9, R7, record.INDEX, 4)
    asm.move(R8, R3)
    send(asm, R7, RECORD, R8, label, R9)


def tail_call(asm: Asm, programs: str, index: int | None = None) -> None:
    """Go to a program of an array; go on where there is none. r3 holds the index unless given.

    A given one goes through the slot r7: an index that the verifier knows becomes
    a direct jump, and to undo it when the array is emptied costs a grace period,
    25 ms a jump (arch/x86/net/bpf_jit_comp.c, bpf_arch_poke_desc_update()).
    """
    if index is not None:
        asm.store(R7, record.NEXT, index, 4)
        asm.load(R3, R7, record.NEXT, 4)
    asm.move(R1, R6)
    asm.load_map(R2, programs)
    asm.call("tail_call")
