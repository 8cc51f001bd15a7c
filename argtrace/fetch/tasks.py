"""Who is traced, and what happens to tasks: fork, exec, new name, signal, exit.

fork adds the child to those that are traced before it runs, exit removes it; so the first
call of a child is seen and nothing of others ever is (`slots.py`). Each event also goes to
the reader, which keeps names by them.

Sources: include/trace/events/sched.h: sched_process_fork(parent, child),
sched_process_exec(task, old_pid, bprm), sched_process_exit(task, …);
include/trace/events/task.h: task_rename(task, comm);
include/trace/events/signal.h: signal_deliver(sig, info, ka).
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.choice import CLOSED, OPEN, Gate
from argtrace.fetch.context import (
    RAW,
    Context,
    give_back,
    load_file_name,
    load_new_name,
    load_old_pid,
    load_signal,
    take_child,
    take_renamed,
)
from argtrace.fetch.emit import (
    KEY,
    LEFT,
    R0,
    R1,
    R2,
    R3,
    R4,
    R6,
    R7,
    R8,
    R9,
    R10,
    S32_MAX,
    WORD,
    call_map,
    find_current,
    follow,
    item_offset,
    read_kernel,
    send,
    send_slot,
)
from argtrace.fetch.fields import Fields
from argtrace.fetch.filters import Filters
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import SIGNAL, SIGNAL_LEFT_OUT, Layout
from argtrace.fetch.plan import Plan
from argtrace.fetch.predicates import reject_short
from argtrace.fetch.record import RECORD, Kind, Phase, Shared
from argtrace.fetch.slots import admit, dismiss, find, move
from argtrace.location.frames import WORD as POINTER

BODY = record.COMMON.size

# include/uapi/asm-generic/signal.h; include/linux/sched/signal.h.
SIGKILL = 9
SIGNAL_GROUP_EXIT = 0x00000004

# fs/exec.c, alloc_bprm(): /dev/fd/3 is what a file is called that is known by its descriptor.
_BY_DESCRIPTOR = int.from_bytes(b"/fd/", "little")

# The id of a task on the stack, below every event; before and after an exec.
NEW, OLD = -128, -136


def fork(fields: Fields, context: Context, gate: Gate = OPEN) -> Program:
    """A traced task has a child: it is traced too. The child has not run yet.

    The flags of its record say what the two share.
    """
    event = -record.FORK_SIZE - 24
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    # What the child has was copied at some time between that call's beginning and now.
    asm.store(R10, event + BODY + 8, 0)
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.PENDING, "entry_not_seen")
    asm.load(R1, R7, RECORD + record.START)
    asm.store(R10, event + BODY + 8, R1)
    asm.label("entry_not_seen")
    take_child(asm, context, R8, "none")
    read_kernel(asm, event + BODY, R8, fields.task_pid, 4)
    read_kernel(asm, event + BODY + 4, R8, fields.task_tgid, 4)
    read_kernel(asm, event + BODY + 16, R8, fields.task_started, 8)
    admit(asm, event + BODY, "tracked")
    asm.move(R7, Kind.FORK)
    for offset, shared in ((fields.task_files, Shared.FILES), (fields.task_fs, Shared.FS)):
        asm.call("get_current_task_btf")
        read_kernel(asm, LEFT, R0, offset, 8)
        follow(asm, R1, R8, offset)
        asm.load(R2, R10, LEFT)
        asm.jump("!=", R1, R2, f"own_{shared.name}")
        asm.alu("|=", R7, shared << 16)
        asm.label(f"own_{shared.name}")
    give_back(asm, context, R8)
    _send_event(asm, R7, event, record.FORK_SIZE, gate)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_fork")


def exec(plan: Plan | None, fields: Fields, layout: Layout, context: Context, gate: Gate = OPEN) -> Program:
    """A traced task runs a new program. `plan`: that of the exec calls, if they are selected.

    If a thread other than the first called it, that thread takes over the
    process's id (fs/exec.c, de_thread), and its slot must follow it. A file name
    that could not be read at entry is taken from the kernel's own copy.
    """
    event = -record.EXEC_SIZE - 24
    asm = Asm()
    asm.move(R6, R1)
    asm.call("get_current_pid_tgid")
    asm.move(R9, R0)
    asm.store(R10, NEW, R9)
    asm.store(R10, OLD, R9)
    load_old_pid(asm, context, R8)
    asm.store(R10, OLD, R8, 4)  # the lower half, in the same process
    find(asm, OLD, "none")
    asm.load(R1, R10, NEW, 4)
    asm.jump("==", R1, R8, "followed")
    move(asm, layout, OLD, NEW, "followed")
    if plan is not None:
        asm.store(R10, KEY, R8, 4)
        call_map(asm, "map_lookup_elem", "execs")
        asm.jump("==", R0, 0, "noted")
        _follow_exec(asm)
        asm.store(R10, KEY, R9, 4)
        call_map(asm, "map_lookup_elem", "execs")
        asm.jump("==", R0, 0, "noted")
        asm.move(R7, R0)
        asm.load(R1, R7, item_offset(0) + 4, 4)
        asm.jump("<=", R1, S32_MAX, "noted")
        at = plan.payload
        load_file_name(asm, context, fields, event + BODY)
        asm.move(R1, R7)
        asm.alu("+=", R1, RECORD + at)
        asm.move(R2, plan.steps[0].space)
        asm.call("probe_read_kernel_str")
        # Of execveat's file by its descriptor the kernel makes this up: nobody has passed it.
        asm.load(R1, R7, RECORD + at + len("/dev"), 4)
        asm.jump("==", R1, _BY_DESCRIPTOR, "noted")
        asm.store(R7, item_offset(0), at, 4)
        asm.store(R7, item_offset(0) + 4, R0, 4)
        asm.label("noted")
    asm.store(R10, event + BODY, R8, 4)
    asm.store(R10, event + BODY + 4, 0, 4)
    # The new name comes here: its rename was under an id that may not have been traced yet.
    asm.move(R1, R10)
    asm.alu("+=", R1, event + BODY + 8)
    asm.move(R2, record.COMM_SIZE)
    asm.call("get_current_comm")
    _send_event(asm, Kind.EXEC, event, record.EXEC_SIZE, gate)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_exec")


def rename(fields: Fields, context: Context, gate: Gate = OPEN) -> Program:
    """A traced task has a new name: by exec, prctl(PR_SET_NAME) or /proc/…/comm."""
    event = -record.RENAME_SIZE - 24
    asm = Asm()
    asm.move(R6, R1)
    take_renamed(asm, context, R8, "none")
    read_kernel(asm, event + record.TID, R8, fields.task_pid, 4)
    read_kernel(asm, event + record.TGID, R8, fields.task_tgid, 4)
    give_back(asm, context, R8)
    find(asm, event + record.TID, "none")
    asm.load(R9, R10, event + record.TID)
    load_new_name(asm, context, R3)
    asm.move(R1, R10)
    asm.alu("+=", R1, event + BODY)
    asm.move(R2, record.COMM_SIZE)
    asm.call("probe_read_kernel_str")
    _send_event(asm, Kind.RENAME, event, record.RENAME_SIZE, gate)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_rename")


def signal_left_out(fields: Fields, context: Context, gate: Gate = OPEN) -> Program:
    """A signal that `signal`, which is attached before, was left out for. No siginfo is in reach."""
    return signal(fields, context, gate)


def signal(fields: Fields, context: Context = RAW, gate: Gate = OPEN) -> Program:
    """A signal is delivered to a traced task.

    One that ends the process without a core dump comes as SIGKILL, whatever it was
    (kernel/signal.c, complete_signal()): then group_exit_code has the true one, and
    its siginfo is still the last in a queue. A thread that ends because another one
    called exit_group or execve gets a SIGKILL too, which is no signal to anybody.
    """
    event = -record.SIGNAL_SIZE - 24
    number, has_info, info = event + BODY, event + BODY + 4, event + BODY + record.SIGNAL.size
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    if context.recorded:
        asm.load(R1, R7, record.SIGNALLED, 4)
        asm.store(R7, record.SIGNALLED, 0, 4)
        asm.jump("!=", R1, 0, "none")
    else:
        asm.store(R7, record.SIGNALLED, 1, 4)
    asm.store(R10, has_info, 1, 4)
    load_signal(asm, context, R8)
    asm.jump("==", R8, SIGKILL, "fatal")
    asm.store(R10, number, R8, 4)
    if context.recorded:
        asm.goto("no_info")
    else:
        asm.load(R8, R6, POINTER)
        read_kernel(asm, info, R8, 0, record.SIGINFO_SIZE)
        asm.jump("!=", R0, 0, "no_info")  # SEND_SIG_NOINFO and its like are no addresses
    asm.label("send")
    _send_event(asm, Kind.SIGNAL, event, record.SIGNAL_SIZE, gate)
    asm.label("none")
    asm.exit()

    asm.label("fatal")
    asm.call("get_current_task_btf")
    asm.move(R7, R0)
    follow(asm, R6, R7, fields.task_signal)
    read_kernel(asm, WORD, R6, fields.signal_flags, 4)
    asm.load(R1, R10, WORD, 4)
    asm.alu("&=", R1, SIGNAL_GROUP_EXIT)
    asm.jump("==", R1, 0, "none")
    read_kernel(asm, WORD, R6, fields.signal_group_exit_code, 4)
    asm.load(R1, R10, WORD, 4)
    asm.alu("&=", R1, 0x7F)
    asm.jump("==", R1, 0, "none")
    asm.store(R10, number, R1, 4)
    for base, last in ((R6, fields.signal_shared_pending_last), (R7, fields.task_pending_last)):
        follow(asm, R8, base, last)
        read_kernel(asm, info, R8, fields.sigqueue_info, record.SIGINFO_SIZE)
        asm.load(R1, R10, info, 4)
        asm.load(R2, R10, number, 4)
        asm.jump("==", R1, R2, "send")
    asm.label("no_info")
    asm.store(R10, has_info, 0, 4)
    asm.goto("send")
    return asm.assemble(SIGNAL_LEFT_OUT if context.recorded else SIGNAL)


def exit(fields: Fields, filters: Filters, layout: Layout, gate: Gate = OPEN) -> Program:
    """A traced task ends. A call it dies in is sent without a result."""
    event = -record.EXIT_SIZE - 24
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.PENDING, "idle")
    asm.store(R7, record.PHASE, Phase.IDLE, 2)
    if not filters.on_result:
        asm.call("ktime_get_ns")
        asm.store(R7, RECORD + record.TIME, R0)
        if filters.duration:
            reject_short(asm, filters.duration, "idle")
        asm.load(R1, R7, RECORD + record.FLAGS, 2)
        asm.alu("|=", R1, record.Flag.NO_RESULT)
        asm.store(R7, RECORD + record.FLAGS, R1, 2)
        send_slot(asm, layout.record_space, "sent")
    asm.label("idle")
    asm.call("get_current_task_btf")
    asm.load(R1, R0, fields.task_exit_code, 4)
    asm.store(R10, event + BODY, R1, 4)
    asm.store(R10, event + BODY + 4, 0, 4)
    _end_of_process(asm, fields, event)
    asm.call("get_current_pid_tgid")
    asm.move(R9, R0)
    _send_event(asm, Kind.EXIT, event, record.EXIT_SIZE, gate)
    # Last, so that once nobody is traced nothing more comes.
    asm.store(R10, KEY, R9, 4)
    call_map(asm, "map_delete_elem", "execs")
    asm.store(R10, OLD, R9)
    dismiss(asm, OLD, "none")
    asm.exit()
    return asm.assemble("at_task_exit")


def _end_of_process(asm: Asm, fields: Fields, event: int) -> None:
    """Of the task r0, if no other thread of its process is left: what its parent will be told.

    kernel/exit.c: do_exit() counts signal->live down before; wait_task_zombie() for the code.
    """
    word = event - 8  # nobody's before: else the verifier would tell ways apart by what was there
    asm.move(R7, R0)
    follow(asm, R8, R7, fields.task_signal, word)
    read_kernel(asm, word, R8, fields.signal_live, 4)
    asm.load(R1, R10, word, 4)
    asm.jump("!=", R1, 0, "others_live")
    read_kernel(asm, word, R8, fields.signal_flags, 4)
    asm.load(R1, R10, word, 4)
    asm.alu("&=", R1, SIGNAL_GROUP_EXIT)
    asm.jump("==", R1, 0, "ended_alone")
    asm.alu("+=", R8, fields.signal_group_exit_code)
    asm.goto("code")
    asm.label("ended_alone")
    follow(asm, R8, R7, fields.task_group_leader, word)
    asm.alu("+=", R8, fields.task_exit_code)
    asm.label("code")
    read_kernel(asm, word, R8, 0, 4)
    asm.load(R1, R10, word, 4)
    asm.alu("|=", R1, record.LAST_THREAD - (1 << 32))
    asm.store(R10, event + BODY + 4, R1, 4)
    asm.label("others_live")


def _follow_exec(asm: Asm) -> None:
    """Move the exec slot r0, found under KEY, to the new id, unless that is the old one, r8."""
    asm.load(R1, R10, NEW, 4)
    asm.jump("==", R1, R8, "exec_followed")
    asm.load_map(R1, "execs")
    asm.move(R2, R10)
    asm.alu("+=", R2, NEW)
    asm.move(R3, R0)
    asm.move(R4, 0)
    asm.call("map_update_elem")
    call_map(asm, "map_delete_elem", "execs")
    asm.label("exec_followed")


def _send_event(asm: Asm, kind: Kind | Reg, event: int, size: int, gate: Gate) -> None:
    """Send what stands on the stack at `event`, whose body is filled in. r9 is pid_tgid.

    A register holds kind and flags.
    """
    asm.store(R10, event, kind, 4)
    if gate.timed:
        asm.load_map_value(R1, CLOSED)
        asm.load(R1, R1, 0)
        asm.store(R10, event + record.FLAGS + 1, R1, 1)  # HIDDEN, if it is 1
    asm.store(R10, event + record.TID, R9)
    asm.call("ktime_get_ns")
    asm.store(R10, event + record.TIME, R0)
    send(asm, R10, event, size, "event_sent", record.TASK_EVENTS, asks=False)
