"""What a program is handed at a tracepoint, by kind of program.

    BPF_PROG_TYPE_RAW_TRACEPOINT   the tracepoint's arguments, a word each
    BPF_PROG_TYPE_TRACEPOINT       the event's record as its format has it, put together for perf

A raw one costs less, since nobody puts a record together. But the kernel leaves a program out
where it is already running on that CPU, and from Linux 7.0 on it may be preempted there: whatever
other tasks do until the first is scheduled again goes unseen. Perf's buffers are a CPU's own, so
programs of its kind run with preemption disabled. preempt_count, as a program reads it:

    Linux               6.1 to 6.19     7.0, 7.1     7.2, 7.3
    raw: system calls   1               1            0
    raw: all others     1               0            0
    perf's: all         1               1            1

So perf's kind is taken where raw ones can be preempted. The guard that took the place of
preempt_disable_notrace() in include/linux/tracepoint.h (7.0) is a type, and BTF has it.

A record has no pointers. The registers are where the task entered the kernel, and a task is found
by its id.

Sources: include/linux/tracepoint.h, __DECLARE_TRACE(); kernel/trace/bpf_trace.c,
__bpf_trace_run() (`active`), trace_call_bpf(); include/trace/perf.h; BTF, trace_event_raw_….

Not here: attaching is `kernel/links.py`; the place of a CPU, which needs all this, is `slots.py`.
"""

from __future__ import annotations

from typing import Protocol

from argtrace.errors import NotFound
from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import R0, R1, R2, R3, R6, R10
from argtrace.fetch.fields import Fields, Member
from argtrace.fetch.isa import Reg
from argtrace.kernel import uapi
from argtrace.location.frames import WORD as POINTER
from argtrace.value import frozen

PREEMPTIBLE = "class_srcu_fast_notrace_t"
"""The guard's type."""


class Types(Protocol):
    """What we need of BTF (`signature/btf.py`)."""

    def field(self, struct: str, path: str) -> Member: ...

    def ids_named(self, name: str) -> tuple[int, ...]: ...


@frozen
class Context:
    """Offsets in what programs of this `type` are handed, in bytes.

    `number` is sys_enter's, `result` sys_exit's. The rest is of event records alone; `rename_pid` is 0
    where the record has none (Linux 6.16 to 6.18, mended in 6.18's stable releases); `task_from_pid` and
    `task_release` are BTF ids of functions.
    """

    type: int
    number: int
    result: int
    fork_pid: int = 0
    exec_pid: int = 0
    exec_name: int = 0
    rename_pid: int = 0
    rename_name: int = 0
    signal: int = 0
    task_from_pid: int = 0
    task_release: int = 0

    @property
    def recorded(self) -> bool:
        """Whether it is an event's record."""
        return self.type == uapi.BPF_PROG_TYPE_TRACEPOINT

    @property
    def renaming(self) -> Context:
        """What programs of task_rename are handed: whose record may not say which task it is."""
        return RAW if self.recorded and not self.rename_pid else self


RAW = Context(uapi.BPF_PROG_TYPE_RAW_TRACEPOINT, number=POINTER, result=POINTER)
"""sys_enter(regs, id), sys_exit(regs, ret)."""


def is_preemptible(types: Types) -> bool:
    """Whether raw tracepoints' programs are."""
    return bool(types.ids_named(PREEMPTIBLE))


def find(types: Types) -> Context:
    """That of event records. Raises NotFound where a kernel has not all of it (Linux 6.2)."""

    def at(event: str, member: str) -> int:
        return types.field(f"trace_event_raw_{event}", member).offset

    def renamed() -> int:
        try:
            return at("task_rename", "pid")
        except NotFound:
            return 0

    def id_of(function: str) -> int:
        ids = types.ids_named(function)
        if not ids:
            raise NotFound(function, "BTF")
        return ids[0]

    return Context(
        uapi.BPF_PROG_TYPE_TRACEPOINT,
        number=at("sys_enter", "id"),
        result=at("sys_exit", "ret"),
        fork_pid=at("sched_process_fork", "child_pid"),
        exec_pid=at("sched_process_exec", "old_pid"),
        exec_name=at("sched_process_exec", "__data_loc_filename"),
        rename_pid=renamed(),
        rename_name=at("task_rename", "newcomm"),
        signal=at("signal_deliver", "sig"),
        task_from_pid=id_of("bpf_task_from_pid"),
        task_release=id_of("bpf_task_release"),
    )


# Each takes the context from r6 and loses r0 to r5.


def load_regs(asm: Asm, context: Context, to: Reg) -> None:
    """The pt_regs that the current task entered the kernel with."""
    if not context.recorded:
        asm.load(to, R6, 0)
        return
    asm.call("get_current_task_btf")
    asm.move(R1, R0)
    asm.call("task_pt_regs")
    asm.move(to, R0)


def take_child(asm: Asm, context: Context, to: Reg, missing: str) -> None:
    """sched_process_fork(parent, child): the child, until `give_back`."""
    if not context.recorded:
        asm.load(to, R6, POINTER)
    else:
        _take(asm, context, to, context.fork_pid, missing)


def take_renamed(asm: Asm, context: Context, to: Reg, missing: str) -> None:
    """task_rename(task, comm): the task, until `give_back`."""
    if not context.recorded:
        asm.load(to, R6, 0)
    else:
        _take(asm, context, to, context.rename_pid, missing)


def give_back(asm: Asm, context: Context, task: Reg) -> None:
    """The task is no longer needed."""
    if context.recorded:
        asm.move(R1, task)
        asm.call_kernel(context.task_release)


def load_new_name(asm: Asm, context: Context, to: Reg) -> None:
    """task_rename: where the name is."""
    if not context.recorded:
        asm.load(to, R6, POINTER)
    else:
        asm.move(to, R6)
        asm.alu("+=", to, context.rename_name)


def load_old_pid(asm: Asm, context: Context, to: Reg) -> None:
    """sched_process_exec(task, old_pid, bprm)."""
    if not context.recorded:
        asm.load(to, R6, POINTER)
    else:
        asm.load(to, R6, context.exec_pid, 4)


def load_file_name(asm: Asm, context: Context, fields: Fields, scratch: int) -> None:
    """sched_process_exec: r3 = where the file's name is. `scratch`: a word on the stack."""
    if context.recorded:
        asm.load(R3, R6, context.exec_name, 4)
        asm.alu("&=", R3, 0xFFFF)  # its length is above
        asm.alu("+=", R3, R6)
        return
    asm.load(R3, R6, 2 * POINTER)
    asm.alu("+=", R3, fields.bprm_filename)
    asm.move(R1, R10)
    asm.alu("+=", R1, scratch)
    asm.move(R2, POINTER)
    asm.call("probe_read_kernel")
    asm.load(R3, R10, scratch)


def load_signal(asm: Asm, context: Context, to: Reg) -> None:
    """signal_deliver(sig, info, ka): the number."""
    if not context.recorded:
        asm.load(to, R6, 0)
    else:
        asm.load(to, R6, context.signal, 4)


def _take(asm: Asm, context: Context, to: Reg, pid: int, missing: str) -> None:
    asm.load(R1, R6, pid, 4)
    asm.call_kernel(context.task_from_pid)
    asm.jump("==", R0, 0, missing)
    asm.move(to, R0)
