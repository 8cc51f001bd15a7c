"""Who else is traced: decided in the kernel, by what a task is.

    names      LPM trie: command name → Verdict   longest match wins; "nginx" with its NUL, "py*" without
    exes       hash: device, inode → Verdict      of the executable
    uids       hash: uid → Verdict                real ones
    cgroups    array of cgroups                   a task in one, or below it
    excluded   hash: tgid → Verdict               processes that nothing above may choose

    sched_process_exec   a new program: its name, its executable
    task_rename          a new name
    sys_enter            a task that nobody traces: its user and its cgroup, which can change at any call
    sched_process_fork   who is excluded with what it starts
    sched_process_exit   an id that is free for another process

These programs run before those that trace (`programs.py`), and change only who is traced
(`slots.py`). Who is, stays it, with what it starts; but a name that is excluded ends it. Of a
task that comes in this way the reader is told by a record of kind CHOSEN.

What was there before the trace began is looked for in /proc (`argtrace/chosen.py`), after these
are attached: so nobody is missed in between.

Sources: include/trace/events/{sched,task,syscalls}.h; include/linux/{sched,mm_types,fs}.h;
Documentation/bpf/map_lpm_trie.rst.
"""

from __future__ import annotations

import struct
from typing import Protocol

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.choice import COMM_BITS, NAME_KEY, Choice, Verdict
from argtrace.fetch.context import (
    Context,
    give_back,
    load_new_name,
    load_old_pid,
    take_child,
    take_renamed,
)
from argtrace.fetch.emit import (
    KEY,
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
    WORD,
    call_map,
    follow,
    look_at_place,
    look_in_hash,
    read_kernel,
    send,
)
from argtrace.fetch.fields import Fields
from argtrace.fetch.isa import Reg
from argtrace.fetch.record import Kind, Phase
from argtrace.fetch.slots import admit, dismiss, find
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from argtrace.value import frozen

IDENTIFY = "at_identify"
"""The program that a session runs with a descriptor, to have its file among `exes`."""

AT_CALL = "at_call_who"

EXE_KEY = struct.Struct("<QQ")  # device, inode
VALUE = struct.Struct("<I")

MOST_CGROUPS = 16
_MOST = {"names": 256, "exes": 1024, "uids": 256, "excluded": 65536}


def maps(choice: Choice) -> tuple[MapSpec, ...]:
    hashed, size = uapi.BPF_MAP_TYPE_HASH, VALUE.size
    specs = (
        MapSpec(
            "names", uapi.BPF_MAP_TYPE_LPM_TRIE, NAME_KEY.size, size, _MOST["names"], uapi.BPF_F_NO_PREALLOC
        ),
        MapSpec("exes", hashed, EXE_KEY.size, size, _MOST["exes"]),
        MapSpec("uids", hashed, 4, size, _MOST["uids"]),
        MapSpec("cgroups", uapi.BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, MOST_CGROUPS),
        MapSpec("excluded", hashed, 4, size, _MOST["excluded"]),
    )
    return tuple(spec for spec in specs if getattr(choice, spec.name))


class _Member(Protocol):
    @property
    def offset(self) -> int: ...


class Types(Protocol):
    """What we need of BTF (`signature/btf.py`)."""

    def field(self, struct: str, path: str) -> _Member: ...


@frozen
class Members:
    """Offsets in the kernel's structures, in bytes."""

    task_leader: int
    task_started: int
    task_signal: int
    signal_live: int
    task_mm: int
    mm_exe: int
    task_files: int
    files_fdt: int
    fdt_fd: int
    file_inode: int
    inode_ino: int
    inode_sb: int
    sb_dev: int


def members(types: Types) -> Members:
    """Raises NotFound where a kernel has no such member."""

    def at(struct: str, path: str) -> int:
        return types.field(struct, path).offset

    return Members(
        task_leader=at("task_struct", "group_leader"),
        task_started=at("task_struct", "start_boottime"),
        task_signal=at("task_struct", "signal"),
        signal_live=at("signal_struct", "live"),
        task_mm=at("task_struct", "mm"),
        mm_exe=at("mm_struct", "exe_file"),
        task_files=at("task_struct", "files"),
        files_fdt=at("files_struct", "fdt"),
        fdt_fd=at("fdtable", "fd"),
        file_inode=at("file", "f_inode"),
        inode_ino=at("inode", "i_ino"),
        inode_sb=at("inode", "i_sb"),
        sb_dev=at("super_block", "s_dev"),
    )


# The stack below what `emit` uses of it: ids before and now, keys of `names` and `exes`, the record.
OLD, NEW, NAME, EXE = -48, -56, -76, -96
EVENT = EXE - record.CHOSEN_SIZE
COMM = EVENT + record.COMMON.size


@frozen
class Choosing:
    """A choice, and where in the kernel's structures it finds what it asks. `starts`: of a task that its
    exec makes one of those traced, that exec is wanted too: it is one whose entry was not seen."""

    choice: Choice
    members: Members
    starts: bool = False

    def programs(self, fields: Fields, context: Context) -> dict[str, Program]:
        """By tracepoint, to be attached before those that trace."""
        choice, found = self.choice, {}
        if choice.at_exec:
            found["sched_process_exec"] = at_exec(
                choice, self.members, context, Phase.ATTACHED if self.starts else Phase.NEWBORN
            )
        if choice.names:
            found["task_rename"] = at_rename(choice, fields, self.members, context.renaming)
        if choice.at_calls:
            found["sys_enter"] = at_call(choice, self.members)
        if choice.excluded:
            found["sched_process_fork"] = at_fork(fields, context)
            found["sched_process_exit"] = at_exit(self.members)
        return found

    def maps(self) -> tuple[MapSpec, ...]:
        return maps(self.choice)

    def run(self) -> tuple[Program, ...]:
        """What a session runs itself."""
        return (identify(self.members),) if self.choice.exes else ()


def at_exec(choice: Choice, members: Members, context: Context, phase: Phase = Phase.NEWBORN) -> Program:
    """A task runs a new program, under its process's id; what is traced may still be known by its own."""
    asm = Asm()
    asm.move(R6, R1)
    asm.call("get_current_pid_tgid")
    asm.move(R9, R0)
    asm.store(R10, NEW, R9)
    asm.store(R10, OLD, R9)
    load_old_pid(asm, context, R8)
    asm.store(R10, OLD, R8, 4)
    _own_name(asm)
    _decide(asm, choice)
    if choice.exes:
        _if_exe(asm, members)
    if not choice.everyone:
        asm.goto("none")
    asm.label("in")
    find(asm, OLD, "stranger")
    asm.goto("none")
    asm.label("stranger")
    admit(asm, NEW, "admitted", phase)
    _tell(asm, members)
    asm.goto("none")
    asm.label("out")
    asm.store(R10, KEY, R8, 4)
    call_map(asm, "map_delete_elem", "execs")  # what the call has fetched
    dismiss(asm, OLD, "none")
    asm.exit()
    return asm.assemble("at_exec_who")


def at_rename(choice: Choice, fields: Fields, members: Members, context: Context) -> Program:
    """A task, perhaps another's, gets a new name."""
    asm = Asm()
    asm.move(R6, R1)
    take_renamed(asm, context, R8, "none")
    read_kernel(asm, NEW, R8, fields.task_pid, 4)
    read_kernel(asm, NEW + 4, R8, fields.task_tgid, 4)
    _started(asm, members, R8)
    give_back(asm, context, R8)
    asm.load(R9, R10, NEW)
    asm.store(R10, COMM, 0)
    asm.store(R10, COMM + 8, 0)
    load_new_name(asm, context, R3)
    asm.move(R1, R10)
    asm.alu("+=", R1, COMM)
    asm.move(R2, record.COMM_SIZE)
    asm.call("probe_read_kernel_str")
    _copy_name(asm)
    _decide(asm, choice, by_all=False)
    asm.goto("none")
    asm.label("in")
    find(asm, NEW, "stranger")
    asm.goto("none")
    asm.label("stranger")
    admit(asm, NEW, "admitted")
    _send(asm)
    asm.goto("none")
    asm.label("out")
    dismiss(asm, NEW, "none")
    asm.exit()
    return asm.assemble("at_rename_who")


def at_call(choice: Choice, members: Members) -> Program:
    """A task that nobody traces makes a call: by its user, or its cgroup."""
    asm = Asm()
    asm.move(R6, R1)
    look_at_place(asm, "none")
    asm.jump("==", R1, R9, "none")
    look_in_hash(asm, "stranger")
    asm.goto("none")
    asm.label("stranger")
    if choice.uids:
        asm.call("get_current_uid_gid")
        asm.store(R10, KEY, R0, 4)
        call_map(asm, "map_lookup_elem", "uids")
        asm.jump("!=", R0, 0, "chosen")
    for at in range(choice.cgroups):
        asm.load_map(R1, "cgroups")
        asm.move(R2, at)
        asm.call("current_task_under_cgroup")
        asm.jump("==", R0, 1, "chosen")
    asm.goto("none")
    asm.label("chosen")
    asm.store(R10, NEW, R9)
    _own_name(asm)
    _decide(asm, choice, by_all=False)
    asm.label("in")
    admit(asm, NEW, "admitted", phase=Phase.IDLE)
    _tell(asm, members)
    asm.label("out")
    asm.label("none")
    asm.exit()
    return asm.assemble(AT_CALL)


def at_fork(fields: Fields, context: Context) -> Program:
    """What is excluded with its children has one."""
    asm = Asm()
    asm.move(R6, R1)
    asm.call("get_current_pid_tgid")
    asm.alu(">>=", R0, 32)
    asm.store(R10, KEY, R0, 4)
    call_map(asm, "map_lookup_elem", "excluded")
    asm.jump("==", R0, 0, "none")
    asm.load(R7, R0, 0, 4)
    asm.jump("!=", R7, Verdict.OUT_WITH_CHILDREN, "none")
    take_child(asm, context, R8, "none")
    read_kernel(asm, KEY, R8, fields.task_tgid, 4)
    give_back(asm, context, R8)
    asm.store(R10, WORD, R7, 4)
    asm.load_map(R1, "excluded")
    asm.move(R2, R10)
    asm.alu("+=", R2, KEY)
    asm.move(R3, R10)
    asm.alu("+=", R3, WORD)
    asm.move(R4, uapi.BPF_ANY)
    asm.call("map_update_elem")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_fork_who")


def at_exit(members: Members) -> Program:
    """A process ends with its last thread: its id may be another's soon.

    The first may end before others, which go on, or take its id over by execve (kernel/exit.c,
    do_exit(): signal_struct.live is counted down before).
    """
    asm = Asm()
    asm.call("get_current_task")
    asm.move(R7, R0)
    follow(asm, R7, R7, members.task_signal)
    read_kernel(asm, WORD, R7, members.signal_live, 4)
    asm.load(R1, R10, WORD, 4)
    asm.jump("!=", R1, 0, "none")
    asm.call("get_current_pid_tgid")
    asm.alu(">>=", R0, 32)
    asm.store(R10, KEY, R0, 4)
    call_map(asm, "map_delete_elem", "excluded")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_exit_who")


def identify(members: Members) -> Program:
    """Run by a session with a descriptor of its own: that file is among `exes` from now on."""
    asm = Asm()
    asm.load(R8, R1, 0)
    asm.call("get_current_task")
    asm.move(R7, R0)
    for offset in (members.task_files, members.files_fdt, members.fdt_fd):
        follow(asm, R7, R7, offset)
    asm.alu("<<=", R8, 3)
    asm.alu("+=", R7, R8)
    follow(asm, R7, R7, 0)
    _file(asm, members)
    asm.store(R10, KEY, Verdict.IN, 4)
    asm.load_map(R1, "exes")
    asm.move(R2, R10)
    asm.alu("+=", R2, EXE)
    asm.move(R3, R10)
    asm.alu("+=", R3, KEY)
    asm.move(R4, uapi.BPF_ANY)
    asm.call("map_update_elem")
    asm.exit()
    return asm.assemble(IDENTIFY)


def _own_name(asm: Asm) -> None:
    """The current task's, as the record and the key have it."""
    asm.move(R1, R10)
    asm.alu("+=", R1, COMM)
    asm.move(R2, record.COMM_SIZE)
    asm.call("get_current_comm")
    _copy_name(asm)


def _copy_name(asm: Asm) -> None:
    asm.store(R10, NAME, COMM_BITS, 4)
    for at in range(0, record.COMM_SIZE, 4):
        asm.load(R1, R10, COMM + at, 4)
        asm.store(R10, NAME + 4 + at, R1, 4)


def _decide(asm: Asm, choice: Choice, *, by_all: bool = True) -> None:
    """Go to `in` or `out` by its id, r9, and its name, or go on. Not `by_all`: who is in by name is."""
    if choice.excluded:
        asm.move(R1, R9)
        asm.alu(">>=", R1, 32)
        asm.store(R10, KEY, R1, 4)
        call_map(asm, "map_lookup_elem", "excluded")
        asm.jump("!=", R0, 0, "out" if by_all else "none")
    if choice.names:
        asm.load_map(R1, "names")
        asm.move(R2, R10)
        asm.alu("+=", R2, NAME)
        asm.call("map_lookup_elem")
        asm.jump("==", R0, 0, "no_name")
        asm.load(R1, R0, 0, 4)
        asm.jump("==", R1, Verdict.OUT, "out")
        asm.goto("in")
        asm.label("no_name")


def _if_exe(asm: Asm, members: Members) -> None:
    """Go to `in` by the current task's executable, or go on. Loses r7."""
    asm.call("get_current_task")
    asm.move(R7, R0)
    follow(asm, R7, R7, members.task_mm)
    follow(asm, R7, R7, members.mm_exe)
    _file(asm, members)
    asm.load_map(R1, "exes")
    asm.move(R2, R10)
    asm.alu("+=", R2, EXE)
    asm.call("map_lookup_elem")
    asm.jump("!=", R0, 0, "in")


def _file(asm: Asm, members: Members) -> None:
    """EXE: device and inode of the file r7."""
    follow(asm, R7, R7, members.file_inode)
    read_kernel(asm, EXE + 8, R7, members.inode_ino, 8)
    follow(asm, R7, R7, members.inode_sb)
    asm.store(R10, EXE, 0)
    read_kernel(asm, EXE, R7, members.sb_dev, 4)


def _started(asm: Asm, members: Members, task: Reg) -> None:
    """When the task's process began, to the record."""
    read_kernel(asm, WORD, task, members.task_leader, 8)
    asm.load(R3, R10, WORD)
    asm.alu("+=", R3, members.task_started)
    asm.move(R1, R10)
    asm.alu("+=", R1, COMM + record.COMM_SIZE)
    asm.move(R2, 8)
    asm.call("probe_read_kernel")


def _tell(asm: Asm, members: Members) -> None:
    """Of the current task, whose name is there."""
    asm.call("get_current_task")
    asm.move(R8, R0)
    _started(asm, members, R8)
    _send(asm)


def _send(asm: Asm) -> None:
    """Tell the reader of the task r9."""
    asm.store(R10, EVENT, Kind.CHOSEN, 4)
    asm.store(R10, EVENT + record.TID, R9)
    asm.call("ktime_get_ns")
    asm.store(R10, EVENT + record.TIME, R0)
    send(asm, R10, EVENT, record.CHOSEN_SIZE, "told", record.TASK_EVENTS)
