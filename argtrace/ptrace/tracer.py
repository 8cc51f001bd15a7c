"""The stops of all tracees, one after the other, to records.

    wait4 ──> syscall-stop       a call's entry or its exit: its record is begun, or finished and sent
          ──> event-stop         fork, exec, exit, seccomp: records of tasks; the child is traced already
          ──> signal-stop        shown if the task takes notice of it; delivered unchanged
          ──> group-stop         it stays stopped (PTRACE_LISTEN) until SIGCONT
          ──> end                its status goes to who asks

A tracee can be killed at any moment, in a stop too: each request may find nobody (`Gone`), and the
wait status tells. What a tracer alone makes happen is not shown: a signal that the task ignores
interrupts its call, which then begins anew (ERESTART…); both together are the one call that it made.

Source: ptrace(2): all of it, above all "Stopped states"; Linux 6.18 kernel/signal.c, sig_ignored(): a
traced task gets the signals that it ignores; kernel/entry/common.c.

Not here: what the calls' memory holds is `copies.py`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from argtrace import native, processes
from argtrace.fetch import record
from argtrace.fetch.filters import MAX_ERRNO, Filters
from argtrace.fetch.plan import Plan
from argtrace.fetch.record import Flag, Shared
from argtrace.kernel import ptrace
from argtrace.kernel.ptrace import Gone, Info
from argtrace.location.frames import Frame
from argtrace.ptrace import copies, records, resident, seccomp
from argtrace.ptrace.calls import Calls
from argtrace.ptrace.copies import Making
from argtrace.ptrace.memory import Read
from argtrace.signature.syscalls import compat_names, names
from argtrace.target import Target

if TYPE_CHECKING:
    from argtrace.native.stops import Program, Stops
    from argtrace.ptrace.ring import Records

Emit = Callable[[bytes], None]

RESTARTED = frozenset({-512, -513, -514, -516})
"""ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK: include/linux/errno.h."""

_TOGETHER = 256
"""Stops that are handled before Python looks up."""

_STOPPING = frozenset({signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
# include/linux/signal.h, SIG_KERNEL_IGNORE_MASK: without a handler nothing happens.
_NOT_NOTICED = frozenset({signal.SIGCONT, signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG})


def _takers(calls: Calls) -> frozenset[int]:
    from argtrace.fetch import taking  # noqa: PLC0415 (start-up: only with -y)

    return taking.numbers(calls.names.items())


# include/uapi/linux/prctl.h, seccomp.h, sched.h.
_PR_SET_NAME, _PR_SET_SECCOMP = 15, 22
_CLONE_FS, _CLONE_FILES = 0x200, 0x400


def _indexes(target: Target, call: str) -> tuple[int, ...]:
    """Of a call as 64-bit and as 32-bit programs make it."""
    known = ((0, names(target)), (record.COMPAT_BASE, compat_names(target)))
    return tuple(base + n for base, numbers in known for n, name in numbers.items() if name == call)


class Files:
    """A table of descriptors: one and the same for the tasks that share it."""


class Task:
    """A tracee. `files`: whose descriptors it has. `inside`: it is in a call that we have seen begin;
    `making`: of which that is the record.

    `served`: pages of its memory may be somebody else's to bring (`resident.py`).

    `held`: a call that was interrupted by what the task does not notice, as it was and as it would be
    shown. `refusing`: it has a filter of its own, so that of calls it refuses only the ends are seen.
    """

    __slots__ = (
        "ended", "files", "held", "index", "inside", "making", "observed", "refusing", "served", "tgid",
        "tid", "unseen",
    )  # fmt: skip

    def __init__(self, tid: int, tgid: int, files: Files | None = None, *, refusing: bool = False) -> None:
        self.tid = tid
        self.tgid = tgid
        self.files = Files() if files is None else files
        self.refusing = refusing
        self.inside = self.ended = self.unseen = self.served = False
        self.index = 0
        self.making: Making | None = None
        self.held: tuple[Making, bytes | None, int] | None = None
        self.observed: tuple[int, ...] = ()


class Tracer:
    """`emit`: who gets the records. `filtered`: a seccomp filter stops tasks at the calls that are
    wanted. `registers`: do without PTRACE_GET_SYSCALL_INFO. `follows`: descriptors are
    followed, so what calls give is looked at, and what they are about to take is told."""

    def __init__(
        self,
        calls: Calls,
        frame: Frame,
        filters: Filters,
        emit: Emit,
        *,
        follow: bool = True,
        filtered: bool = False,
        registers: bool = False,
        follows: bool = False,
    ) -> None:
        self._calls = calls
        self._prctl, self._seccomp, self._restart, self._userfaultfd = (
            _indexes(calls.target, name) for name in ("prctl", "seccomp", "restart_syscall", "userfaultfd")
        )
        self.watching = frozenset({*self._prctl, *self._seccomp, *self._userfaultfd})
        """Calls that change what we know of a task, by index: seen even if nobody asked for them."""
        self._frame = frame
        self._filters = filters
        self._emit = emit
        self._follow = follow
        self._registers = registers
        self._shares = follows
        self._taking = _takers(calls) if follows else frozenset()
        self.filtered = filtered
        self.tasks: dict[int, Task] = {}
        self.watched: set[int] = set()
        """Processes of which these two are told: which have run a new program, and how they ended."""
        self.execed: set[int] = set()
        self.statuses: dict[int, int] = {}
        self._early: dict[int, int] = {}  # who stopped, or ended, before the event of its fork
        self._waiting: set[int] = set()  # which of them did so before the last `adopt`
        self._adopted: set[int] = set()  # whose fork may still be told of
        self._plain = Plan(0, ())
        self._stops: Stops | None = None
        self._programs: dict[int, Program] = {}

    def hasten(self, ring: Records | None) -> None:
        """Leave plain calls to the native executor, if it is there. `ring`: where records go; None if
        each must be told of at once."""
        found = native.module("stops")
        if found is not None and not self._registers and not self._shares:
            self._stops = found.Stops(self, self._frame, self._filters, self._emit, self._native, ring)

    def release(self) -> None:
        """Let go of the ring."""
        if self._stops is not None:
            self._stops.release()
            self._stops = None

    @property
    def _options(self) -> int:
        options = ptrace.PTRACE_O_TRACESYSGOOD | ptrace.PTRACE_O_TRACEEXEC | ptrace.PTRACE_O_TRACEEXIT
        if self._follow:
            options |= ptrace.PTRACE_O_TRACEFORK | ptrace.PTRACE_O_TRACEVFORK | ptrace.PTRACE_O_TRACECLONE
        if self.filtered:
            options |= ptrace.PTRACE_O_TRACESECCOMP | ptrace.PTRACE_O_EXITKILL
        return options

    def seize(self, tid: int, tgid: int) -> None:
        """Trace a thread from its next stop on. Raises KernelRefused."""
        ptrace.seize(tid, self._options)
        sibling = next((task for task in self.tasks.values() if task.tgid == tgid), None)
        self.tasks[tid] = task = Task(tid, tgid, None if sibling is None else sibling.files)
        task.served = resident.is_served(tid) if sibling is None else sibling.served
        with contextlib.suppress(Gone):
            ptrace.request(ptrace.PTRACE_INTERRUPT, tid)

    def knows(self, tid: int) -> bool:
        return tid in self.tasks or tid in self._early

    def step(self) -> bool:
        """One stop; false where a signal of ours, or nobody, came."""
        try:
            found = ptrace.wait() if self._stops is None else self._stops.run(_TOGETHER)
        except ChildProcessError:
            # The last has ended where we cannot wait for it: its real parent has waited.
            self.tasks.clear()
            return False
        if found is None:
            return False
        with contextlib.suppress(Gone):
            self.handle(*found)
        return True

    def handle(self, tid: int, status: int) -> None:
        """What a wait status says. Raises Gone."""
        task = self.tasks.get(tid)
        if not os.WIFSTOPPED(status):
            self._ended(tid, task, status)
            return
        if task is None:
            self._early[tid] = status
            return
        number, event = os.WSTOPSIG(status), status >> 16
        if event == 0 and number == signal.SIGTRAP | ptrace.SYSCALL_STOP:
            self._syscall(task)
        elif event == 0:
            self._signal(task, number)
        elif event == ptrace.PTRACE_EVENT_STOP:
            if number in _STOPPING:
                ptrace.request(ptrace.PTRACE_LISTEN, tid)
            else:
                self._resume(task)
        else:
            self._event(task, event)

    def adopt(self) -> None:
        """Go on with children whose fork nobody told of since the last time: the parent was killed
        before it could, or the call had CLONE_UNTRACED and CLONE_PTRACE."""
        for tid in self._waiting & self._early.keys():
            self._adopted.add(tid)
            if os.WIFSTOPPED(self._early.pop(tid)):
                tgid = processes.tgid(tid)
                self._emit(records.rename(tid, tgid, time.monotonic_ns(), processes.comm(tid)))
                self.tasks[tid] = task = Task(tid, tgid)
                with contextlib.suppress(Gone):
                    self._resume(task)
        self._waiting = set(self._early)

    def _resume(self, task: Task, number: int = 0) -> None:
        """On to the next stop, with a signal if there is one to be delivered."""
        calls = task.inside or task.refusing or not self.filtered
        ptrace.request(ptrace.PTRACE_SYSCALL if calls else ptrace.PTRACE_CONT, task.tid, number)

    # ---------------------------------------------------------------- calls

    def _syscall(self, task: Task) -> None:
        info = self._info(task)
        if info.op == ptrace.PTRACE_SYSCALL_INFO_EXIT:
            self._exit(task, info)
        elif not task.inside:
            self._entry(task, info)
        self._resume(task)

    def _info(self, task: Task) -> Info:
        if not self._registers:
            try:
                return ptrace.syscall_info(task.tid)
            except NotImplementedError:
                self._registers = True
        ends = (ptrace.PTRACE_SYSCALL_INFO_ENTRY, ptrace.PTRACE_SYSCALL_INFO_EXIT)
        return ptrace.registers_info(task.tid, ends[task.inside])

    def _entry(self, task: Task, info: Info) -> None:
        now = time.monotonic_ns()
        task.inside = True
        number, compat = info.number, info.compat
        known = number < record.CALLS
        index = number + (record.COMPAT_BASE if compat else 0)
        if not known:
            index = record.UNKNOWN_COMPAT if compat else record.UNKNOWN
        if task.held is not None and self._goes_on(task, index):
            return
        task.index = index
        task.observed = info.args if index in self.watching else ()
        task.making = None
        if not self._calls.wants(index):
            return
        if compat:
            if info.arch == ptrace.AUDIT_ARCH_I386:
                # The words of GET_SYSCALL_INFO are cut to 32 bits, which those of a 64-bit program are not.
                info = ptrace.registers_info(task.tid, info.op)
            plan, image, flags = self._plain, records.compat_image(self._frame, info.args), int(Flag.COMPAT)
        else:
            image, flags = records.image(self._frame, info.args, info.ip), 0
            plan = self._plan(number, image)
        if self._unwanted(plan):
            return
        if number in self._taking and not compat and len(self.tasks) > 1:
            self._emit(records.taking(task.tid, task.tgid, now, number, *info.args[:2]))
        head = records.call(flags, task.tid, task.tgid, now, number, image)
        making = Making(plan, head)
        copies.enter(making, _reader(task), self._emit)
        if plan.returns:
            task.making = making
        else:
            records.not_returned(making.raw, now)
            self._emit(making.finish())

    def _plan(self, number: int, image: bytes) -> Plan:
        met = self._calls.plan(number)
        if met is None:
            return self._plain
        if met.selector is None:
            return met.default
        at = met.selector.spot.at
        return met.variant(int.from_bytes(image[at : at + 8], "little") & met.mask & 0xFFFF_FFFF)

    def _native(self, number: int) -> bool | Program | Callable[[bytes], Program | None]:
        """A 64-bit call for `Stops`: its program, or what gives that by the image; True for a call that
        is not wanted, False for one that is ours."""
        if number in self.watching:
            return False
        met = self._calls.plan(number)
        if not self._calls.wants(number) or (met is not None and self._unwanted(met.default)):
            return True
        if met is None or met.selector is None:
            return self._program(self._plain if met is None else met.default) or False
        return lambda image: self._program(self._plan(number, image))

    def _program(self, plan: Plan) -> Program | None:
        """None for a plan that is not plain."""
        known = self._programs.get(id(plan))
        if known is None:
            from argtrace.native.stops import Program  # noqa: PLC0415 (it is there)

            try:
                known = self._programs[id(plan)] = Program(plan)
            except ValueError:
                return None
        return known

    def _unwanted(self, plan: Plan) -> bool:
        """A call that does not return neither fails nor takes its time."""
        return not plan.returns and self._filters.any

    def _exit(self, task: Task, info: Info) -> None:
        now = time.monotonic_ns()
        task.inside = False
        result = info.result
        if info.compat:
            result = (result & 0xFFFF_FFFF ^ 1 << 31) - (1 << 31)
        if task.observed:
            self._observe(task, result)
        making, task.making = task.making, None
        if making is None:
            return
        if result not in RESTARTED:
            sent = self._returned(task, making, now, result)
            if sent is not None:
                self._emit(sent)
            return
        before = making.copy()
        task.held, task.unseen = (before, self._returned(task, making, now, result), task.index), False

    def _returned(self, task: Task, making: Making, now: int, result: int) -> bytes | None:
        """The record of a call that came back; None if it is filtered out."""
        (start,) = record.CALL.unpack_from(making.raw, record.START)[:1]
        if not passes(self._filters, result, now - start):
            return None
        if self._shares:
            self._look(task, making, now, result)
        records.returned(making.raw, now, result)
        copies.leave(making, _reader(task), self._emit, result)
        return making.finish()

    def _look(self, task: Task, making: Making, now: int, result: int) -> None:
        """At what the call gave, if that is a descriptor."""
        from argtrace.ptrace import opened  # noqa: PLC0415 (start-up: only with -y)

        name = self._calls.name(task.index)
        # Others that share its descriptors do not stand still: what is there now may be theirs.
        if name is None or self._is_shared(task):
            return
        args = records.arguments(self._frame, making.raw)
        found = opened.seen(task.tid, task.tgid, name, task.index, args, result, now)
        if found is not None:
            self._emit(found)

    def _is_shared(self, task: Task) -> bool:
        return any(other.files is task.files and other is not task for other in self.tasks.values())

    def _goes_on(self, task: Task, index: int) -> bool:
        """Whether the call that is held begins anew, and nobody but us knows."""
        assert task.held is not None
        before, _, was = task.held
        if not task.unseen or index not in (was, *self._restart):
            self._let_go(task)
            return False
        task.held, task.making, task.index = None, before, was
        return True

    def _let_go(self, task: Task) -> None:
        """What was held is shown as it was."""
        if task.held is not None:
            _, sent, _ = task.held
            task.held = None
            if sent is not None:
                self._emit(sent)

    def _observe(self, task: Task, result: int) -> None:
        """A call has changed the task's name, or what it may call."""
        first = task.observed[0] & 0xFFFF_FFFF
        task_is, task.observed = task.index, ()
        if result < 0:
            return
        if task_is in self._prctl and first == _PR_SET_NAME:
            comm = processes.comm(task.tid)
            self._emit(records.rename(task.tid, task.tgid, time.monotonic_ns(), comm))
        elif task_is in self._userfaultfd:
            for each in self.tasks.values():
                each.served |= each.tgid == task.tgid
        elif task_is in self._seccomp or first == _PR_SET_SECCOMP:
            for each in self.tasks.values():
                each.refusing |= each.tgid == task.tgid

    # ---------------------------------------------------------------- tasks

    def _event(self, task: Task, event: int) -> None:
        match event:
            case ptrace.PTRACE_EVENT_FORK | ptrace.PTRACE_EVENT_VFORK | ptrace.PTRACE_EVENT_CLONE:
                self._forked(task, ptrace.event_message(task.tid), event)
            case ptrace.PTRACE_EVENT_EXEC:
                task = self._new_program(task, ptrace.event_message(task.tid))
            case ptrace.PTRACE_EVENT_EXIT:
                self._exits(task, ptrace.event_message(task.tid) & 0xFFFF_FFFF)
            case ptrace.PTRACE_EVENT_SECCOMP:
                if not task.inside:
                    self._entry(task, self._info(task))
                if ptrace.event_message(task.tid) != seccomp.OURS:
                    ptrace.refuse(task.tid)  # as without us
        self._resume(task)

    def _forked(self, task: Task, child: int, event: int) -> None:
        tgid = processes.tgid(child) if event == ptrace.PTRACE_EVENT_CLONE else child
        began = 0
        if task.making is not None:
            (began, *_) = record.CALL.unpack_from(task.making.raw, record.START)
        shared = self._shared(task) if self._shares else 0
        now = time.monotonic_ns()
        self._emit(
            records.fork(task.tid, task.tgid, now, child, tgid, began, processes.started(child) or 0, shared)
        )
        if child in self._adopted:  # long ago: it may have ended
            self._adopted.remove(child)
            return
        files = task.files if shared & Shared.FILES else None
        self.tasks[child] = new = Task(child, tgid, files, refusing=task.refusing)
        new.served = task.served
        status = self._early.pop(child, None)
        if status is not None and os.WIFSTOPPED(status):
            with contextlib.suppress(Gone):
                self._resume(new)
        elif status is not None:
            self._ended(child, new, status)

    def _shared(self, task: Task) -> int:
        """What a child shares with its parent, by the flags of the call that makes it."""
        info = ptrace.registers_info(task.tid, ptrace.PTRACE_SYSCALL_INFO_ENTRY)
        known = compat_names(self._calls.target) if info.compat else names(self._calls.target)
        name, flags = known.get(info.number), 0
        if name == "clone":
            flags = info.args[0]
        elif name == "clone3":
            flags = int.from_bytes(ptrace.read(task.tid, info.args[0], 8), "little")
        files = Shared.FILES if flags & _CLONE_FILES else 0
        return files | (Shared.FS if flags & _CLONE_FS else 0)

    def _new_program(self, task: Task, former: int) -> Task:
        """An exec has worked. Who made it has the process's first id from now on."""
        if former != task.tid:
            if not task.ended:
                self._last_words(task)  # replaced, and nobody will wait for it
            task = self.tasks.pop(former) if former in self.tasks else Task(former, task.tgid)
            task.tid = task.tgid
            self.tasks[task.tid] = task
        task.files, task.served = Files(), False
        comm = processes.comm(task.tid)
        self._emit(records.exec(task.tid, task.tgid, time.monotonic_ns(), former, comm))
        if task.tid in self.watched:
            self.execed.add(task.tid)
            self.filtered &= seccomp.is_there(task.tid)
        return task

    def _exits(self, task: Task, code: int) -> None:
        """It ends; a call that it is in has no result. Of a SIGKILL its tracer is told by this alone."""
        task.ended = True
        self._last_words(task)
        if code & 0x7F == signal.SIGKILL:
            now = time.monotonic_ns()
            self._emit(records.signal(task.tid, task.tgid, now, signal.SIGKILL, None))
        self._emit(records.exit(task.tid, task.tgid, time.monotonic_ns(), code))

    def _last_words(self, task: Task) -> None:
        self._let_go(task)
        making, task.making = task.making, None
        if making is None or self._filters.on_result:
            return
        now = time.monotonic_ns()
        (start,) = record.CALL.unpack_from(making.raw, record.START)[:1]
        if now - start >= self._filters.duration:
            records.not_returned(making.raw, now)
            self._emit(making.finish())

    def _ended(self, tid: int, task: Task | None, status: int) -> None:
        if tid in self.watched:
            self.statuses[tid] = status
        if task is None:
            self._early[tid] = status
            return
        del self.tasks[tid]
        if not task.ended:
            self._exits(task, status & 0xFFFF)

    def _signal(self, task: Task, number: int) -> None:
        info = ptrace.siginfo(task.tid)
        if not _notices(task.tid, number):
            task.unseen = True
        else:
            self._let_go(task)
            self._emit(records.signal(task.tid, task.tgid, time.monotonic_ns(), number, info))
        self._resume(task, number)

    # ---------------------------------------------------------------- the end

    def unfinished(self) -> list[bytes]:
        """The records of calls that tasks are in."""
        for task in self.tasks.values():
            self._let_go(task)
        return [task.making.finish() for task in self.tasks.values() if task.making is not None]

    def detach(self, patience: float = 2.0) -> None:
        """Let everybody go on alone, in a group-stop if that is where they are.

        Who cannot be stopped for so many seconds is let go when we end, by the kernel.
        """
        for tid, status in self._early.items():
            if os.WIFSTOPPED(status):
                self._release(tid, 0)
        self._early.clear()
        for tid in self.tasks:
            with contextlib.suppress(Gone):
                ptrace.request(ptrace.PTRACE_INTERRUPT, tid)
        until = time.monotonic() + patience
        while self.tasks and time.monotonic() < until:
            try:
                found = ptrace.wait(options=ptrace.WALL | os.WNOHANG)
            except ChildProcessError:
                break
            if found is None:
                time.sleep(0.001)
            else:
                self._detach(*found)
        self.tasks.clear()

    def _detach(self, tid: int, status: int) -> None:
        if not os.WIFSTOPPED(status):
            if tid in self.watched:
                self.statuses[tid] = status
            self.tasks.pop(tid, None)
            return
        number, event = os.WSTOPSIG(status), status >> 16
        if event in (ptrace.PTRACE_EVENT_FORK, ptrace.PTRACE_EVENT_VFORK, ptrace.PTRACE_EVENT_CLONE):
            with contextlib.suppress(Gone):
                child = ptrace.event_message(tid)
                self.tasks.setdefault(child, Task(child, child))
        syscall = number == signal.SIGTRAP | ptrace.SYSCALL_STOP
        self._release(tid, 0 if event or syscall else number)
        self.tasks.pop(tid, None)

    @staticmethod
    def _release(tid: int, number: int) -> None:
        with contextlib.suppress(Gone):
            ptrace.request(ptrace.PTRACE_DETACH, tid, number)


def _reader(task: Task) -> Read:
    return resident.reader(task.tid) if task.served else ptrace.reader(task.tid)


def passes(filters: Filters, result: int, duration: int) -> bool:
    """As the programs have it (`fetch/predicates.py`)."""
    if filters.failed is not None and (-MAX_ERRNO <= result < 0) != filters.failed:
        return False
    if filters.errnos and -result not in filters.errnos:
        return False
    return duration >= filters.duration


def _notices(tid: int, number: int) -> bool:
    """Whether a signal does anything to this task: an untraced one would not even get it."""
    ignored, caught = _dispositions(tid)
    bit = 1 << number - 1
    return not ignored & bit and (bool(caught & bit) or number not in _NOT_NOTICED)


def _dispositions(tid: int) -> tuple[int, int]:
    """SigIgn and SigCgt: proc_pid_status(5)."""
    try:
        with open(f"/proc/{tid}/status", "rb") as file:
            lines = dict(line.split(b":", 1) for line in file if line.startswith((b"SigIgn", b"SigCgt")))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ESRCH):
            raise Gone(tid) from error
        raise
    return int(lines[b"SigIgn"], 16), int(lines[b"SigCgt"], 16)
