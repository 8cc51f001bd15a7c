"""What the descriptors of traced processes refer to, and from where their paths start.

The tables follow the calls, in the order they are fed. What is known comes from
three sources, and each is good for a time:

    a call that gave a descriptor     from its return on; `seen`, what the kernel's side saw
                                      the descriptor to be at that return, is better than its path
    /proc before a command starts     from then on: nothing of it has run
    /proc while a process runs        from the moment it was read on, and no earlier: calls
                                      that began before are not given an answer

Where none of them knows, nothing is said. When calls were lost everything is
forgotten: a close may have been among them.

A path is what a file was called when it was opened. Not known is what others do
to a table: a process that shares it and is not traced, a supervisor that puts a
descriptor into it (seccomp_unotify(2)).

Sources: clone(2), execve(2), proc(5).

Pure: /proc is behind `Source`. Not here: what each call changes is
`descriptor_effects.py`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from weakref import WeakValueDictionary

from argtrace.decode import descriptor_effects as effects
from argtrace.decode import paths
from argtrace.decode.descriptor_change import AT_FDCWD, Change
from argtrace.decode.events import Call
from argtrace.decode.model import Fd, File, Result, Value
from argtrace.decode.naming import DEVICES, FILES, PATHS, PIDFDS, SOCKETS
from argtrace.decode.open_files import CWD, ROOT, Found, Opened, Source, Table, Task
from argtrace.decode.paths import Place
from argtrace.decode.rewriting import rewritten
from argtrace.value import replace


class Descriptors:
    """The tables of every traced process. `source` None: what the calls tell, and no more.

    `wanted`: what is told. `follow`: whether new threads are traced too.
    """

    def __init__(
        self,
        source: Source | None = None,
        wanted: Container[str] = FILES,
        *,
        follow: bool = True,
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._follow = follow
        self._tasks: dict[int, Task] = {}
        self._taking: set[int] = set()
        # UNIX sockets by inode, whose other end nobody has accepted yet.
        self.connecting: WeakValueDictionary[int, Opened] = WeakValueDictionary()

    def start(self, tgid: int, tid: int) -> None:
        """A thread that is there before its first traced call: it is traced already, or waits."""
        task = self._task(tid, tgid)
        if self._source is None or task.files.entries:
            return
        found = self._source.descriptors(tid)
        now = self._source.now()
        for fd, file in found.items():
            self._learn(task.files, fd, file, now)
        self.learn_directories(tid, task.fs)

    def at(self, tid: int, tgid: int, start: int | None, end: int | None) -> Moment:
        """What a call of this thread found when it began.

        If nobody saw it begin (None), what holds at its end held then too, as long as
        nobody else could change it; else there are no answers.
        """
        task = self._task(tid, tgid)
        if start is None and not self._shared(task):
            start = end
        return Moment(self, tid, task, start)

    def fork(
        self,
        parent: int,
        child: int,
        child_tgid: int,
        began: int,
        time: int,
        *,
        files: bool = False,
        fs: bool = False,
    ) -> None:
        """A new thread or process. `files`, `fs`: whether it shares those with its parent.

        What it does not share was copied at some time after its parent's call `began`; 0: not known.
        """
        known = self._tasks.get(parent)
        if known is None:
            self._tasks.pop(child, None)
            return
        self._tasks[child] = Task(
            child_tgid,
            known.files if files else self._copied(known, known.files, began, time),
            known.fs if fs else self._copied(known, known.fs, began, time),
        )

    def exec(self, tgid: int, former: int, time: int) -> None:
        """A new program: it has a table of its own, without what was to be closed."""
        task = self._tasks.get(former)
        if task is None:
            return
        if self._shared(task):
            task.files = task.files.copy(time, time)
        task.files.close_on_exec(time)
        # The exec call itself comes later, under the id it was made with.
        self._tasks[tgid] = task

    def taking(self, tid: int, tgid: int, name: str, words: tuple[int, ...], start: int) -> None:
        """A call has begun that takes something from others: `Table.begin`."""
        task = self._task(tid, tgid)
        if self._shared(task):
            table, numbers = effects.taken(task, name, words)
            table.begin(tid, numbers, start)
            self._taking.add(tid)

    def settle(self, tid: int) -> None:
        """It has returned, or its thread has ended."""
        if tid in self._taking:
            self._taking.remove(tid)
            if (task := self._tasks.get(tid)) is not None:
                task.files.settle(tid)
                task.fs.settle(tid)

    def exit(self, tid: int) -> None:
        self.settle(tid)
        self._tasks.pop(tid, None)

    def forget(self) -> None:
        """Calls were lost."""
        self._tasks.clear()
        self._taking.clear()

    def apply(self, call: Call, seen: Mapping[int, Opened] | None = None) -> None:
        """What a call has changed. `seen`: descriptors as they were when it returned."""
        effect = effects.find(call)
        if effect is not None:
            task = self._task(call.process.tid, call.process.pid)
            effect(Change(self, call, task, seen or {}))

    def given(self, call: Call) -> tuple[dict[str, Value], Result] | None:
        """Of a call that has been applied: its arguments and result, with the names of what it gave."""
        at = effects.GIVEN_IN.get(call.name)
        value = call.result.value
        if call.result.failed or (at is None and not isinstance(value, Fd)):
            return None
        moment = self.at(call.process.tid, call.process.pid, call.end, call.end)

        def name(value: Value) -> Value:
            return Fd(value.raw, value.value, moment.file(value.value)) if isinstance(value, Fd) else value

        args = {
            key: rewritten(value, name) if index == at else value
            for index, (key, value) in enumerate(call.args.items())
        }
        result = call.result
        return args, result if value is None else replace(result, value=name(value))

    def file(self, opened: Opened) -> File | None:
        """As much of it as is wanted."""
        detail = opened.detail
        if detail is not None and _kind(detail) not in self._wanted:
            detail = None
        return File(opened.name, detail) if PATHS in self._wanted or detail is not None else None

    def thread_began(self, files: Table) -> None:
        """One that shares this table. If it is not traced, nothing is known any more."""
        if not self._follow:
            files.opaque = True

    def opened(self, pid: int, fd: int, time: int) -> Opened | None:
        """A descriptor of another process."""
        task = self._tasks.get(pid)
        return None if task is None else task.files.at(fd, time)

    def learn(self, tid: int, files: Table, fd: int) -> None:
        """Ask /proc. What it says holds from now on."""
        if self._source is None:
            return
        found = self._source.descriptor(tid, fd)
        self._learn(files, fd, found, self._source.now())

    @staticmethod
    def _learn(files: Table, fd: int, found: Found | None, time: int) -> None:
        if found is None:
            files.learn(fd, None, time)
        else:
            opened = Opened(found.name, exact=True, detail=found.detail, pid=found.pid)
            files.learn(fd, opened, time, close_on_exec=found.close_on_exec)

    def learn_directories(self, tid: int, fs: Table) -> None:
        if self._source is None:
            return
        found = self._source.directories(tid) or (None, None)
        now = self._source.now()
        for which, path in zip((CWD, ROOT), found, strict=True):
            fs.learn(which, None if path is None else Opened(path, exact=True), now)

    def detail(self, tid: int, fd: int, opened: Opened) -> str | None:
        """What /proc says of a socket now, if the descriptor is still that socket."""
        found = None if self._source is None else self._source.descriptor(tid, fd)
        return found.detail if found is not None and opened.exact and found.name == opened.name else None

    def forget_directories(self) -> None:
        """pivot_root(2) may move those of any process."""
        for task in self._tasks.values():
            task.fs.entries.clear()

    def _task(self, tid: int, tgid: int) -> Task:
        task = self._tasks.get(tid)
        if task is None:
            # A thread that nobody announced is supposed to share, as threads do.
            sibling = next((task for task in self._tasks.values() if task.tgid == tgid), None)
            files, fs = (Table(), Table()) if sibling is None else (sibling.files, sibling.fs)
            task = self._tasks[tid] = Task(tgid, files, fs)
        return task

    def _copied(self, task: Task, table: Table, began: int, time: int) -> Table:
        """The table as a child has it: alone, its parent changes nothing while it forks."""
        return table.copy(began if self._shared(task) else time, time)

    def _shared(self, task: Task) -> bool:
        return any(
            other is not task and (other.files is task.files or other.fs is task.fs)
            for other in self._tasks.values()
        )


class Moment:
    """The descriptors of a thread as a call found them that began at `time`."""

    __slots__ = ("_missed", "_task", "_tid", "_time", "_tracker")

    def __init__(self, tracker: Descriptors, tid: int, task: Task, time: int | None) -> None:
        self._tracker = tracker
        self._tid = tid
        self._task = task
        self._time = time
        self._missed: list[int] = []

    def file(self, fd: int) -> File | None:
        """What it refers to, as far as known."""
        opened = self.opened(fd)
        return None if opened is None else self._tracker.file(opened)

    def absolute(self, dirfd: int | None, path: bytes) -> bytes | None:
        """A path from the root, if where it starts is known. `dirfd` None: the working directory."""
        place = self.place(dirfd, path)
        return None if place is None else place.path

    def place(self, dirfd: int | None, path: bytes) -> Place | None:
        root = self._directory(ROOT)
        if root is None:
            return None
        if path.startswith(b"/"):
            return paths.join(root, root, paths.of_process(path, self._task.tgid, self._tid))
        if dirfd is None or dirfd == AT_FDCWD:
            start = self._directory(CWD)
        else:
            opened = self.opened(dirfd)
            start = None if opened is None else opened.place
        return None if start is None else paths.join(root, start, path)

    def opened(self, fd: int) -> Opened | None:
        opened = None if self._time is None else self._task.files.at(fd, self._time)
        if opened is None and fd >= 0:
            self._missed.append(fd)
        return opened

    def ask(self) -> None:
        """Learn what was asked for and not known: too late for this call, but good for those to come.

        To be called when the call has been applied: what it closed, or gave, is known.
        """
        for fd in self._missed:
            if not self._task.files.knows(fd):
                self._tracker.learn(self._tid, self._task.files, fd)
        if not (self._task.fs.knows(CWD) and self._task.fs.knows(ROOT)):
            self._tracker.learn_directories(self._tid, self._task.fs)

    def _directory(self, which: int) -> Place | None:
        opened = None if self._time is None else self._task.fs.at(which, self._time)
        return None if opened is None else opened.place


def _kind(detail: str) -> str:
    """Which of DETAILS it is."""
    if detail.startswith("pid:"):
        return PIDFDS
    return DEVICES if detail.startswith(("char ", "block ")) else SOCKETS
