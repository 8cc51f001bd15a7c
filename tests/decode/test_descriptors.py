"""The tables of descriptors: after each call, what the numbers stand for, and when nothing may be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from argtrace.decode.descriptor_change import AT_FDCWD
from argtrace.decode.descriptor_effects import NEEDED
from argtrace.decode.descriptors import Descriptors, Moment
from argtrace.decode.events import Call, Process
from argtrace.decode.model import Address, Fd, Int, List, Result, Struct, Text, Value
from argtrace.decode.open_files import GRACE, Found, Opened
from argtrace.signature.syscalls import NUMBERS

WORDS = (1 << 64) - 1
CLOEXEC = 0o2000000
SHELL, CHILD = 100, 200
UNIT = GRACE


@dataclass
class Proc:
    """/proc as it is told to be; the time of its answers is `clock`."""

    clock: int = 0
    files: dict[int, dict[int, Found]] = field(default_factory=dict)
    cwd: dict[int, bytes] = field(default_factory=dict)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def now(self) -> int:
        return self.clock * UNIT

    def descriptors(self, tid: int) -> Mapping[int, Found]:
        return self.files.get(tid, {})

    def descriptor(self, tid: int, fd: int) -> Found | None:
        self.asked.append((tid, fd))
        return self.files.get(tid, {}).get(fd)

    def directories(self, tid: int) -> tuple[bytes, bytes] | None:
        return (self.cwd[tid], b"/") if tid in self.cwd else None


class Trace:
    """Calls one after the other, ten units of time each, and questions in between.

    A unit is so long that no call is late in looking its descriptor up.
    """

    def __init__(self, proc: Proc | None = None) -> None:
        self.proc = proc or Proc(
            files={SHELL: {0: Found(b"/dev/null", "char 1:3", close_on_exec=False)}}, cwd={SHELL: b"/home"}
        )
        self.descriptors = Descriptors(self.proc)
        self.descriptors.start(SHELL, SHELL)
        self.time = 1000

    def call(
        self,
        name: str,
        *args: object,
        gives: int = 0,
        tid: int = SHELL,
        tgid: int | None = None,
        at: tuple[int | None, int] | None = None,
        error: str | None = None,
        seen: dict[int, Opened] | None = None,
    ) -> None:
        self.time += 10
        start, end = at or (self.time, self.time + 5)
        self.proc.clock = max(self.proc.clock, end + 1)
        result = Result(-1, None, error, "") if error else Result(gives, Int(gives & WORDS, gives))
        values = {str(index): value(arg) for index, arg in enumerate(args)}
        process = Process(tid, tid if tgid is None else tgid, "")
        began = None if start is None else start * UNIT
        self.apply(Call(process, name, NUMBERS[name], values, result, began, end * UNIT), seen)

    def apply(self, call: Call, seen: dict[int, Opened] | None = None) -> None:
        self.descriptors.apply(call, seen)

    def at(self, time: int, tid: int = SHELL, tgid: int | None = None) -> Moment:
        time *= UNIT
        return self.descriptors.at(tid, tid if tgid is None else tgid, time, time)

    def name(self, fd: int, tid: int = SHELL, at: int | None = None, tgid: int | None = None) -> bytes | None:
        file = self.at(self.time + 9 if at is None else at, tid, tgid).file(fd)
        return None if file is None else file.path

    def detail(self, fd: int, tid: int = SHELL) -> str | None:
        file = self.at(self.time + 9, tid).file(fd)
        assert file is not None
        return file.detail

    def names(self, tid: int = SHELL, tgid: int | None = None) -> dict[int, bytes]:
        named = {fd: self.name(fd, tid, tgid=tgid) for fd in range(20)}
        return {fd: name for fd, name in named.items() if name is not None}

    def absolute(self, path: bytes, dirfd: int | None = None, tid: int = SHELL) -> bytes | None:
        return self.at(self.time + 9, tid).absolute(dirfd, path)

    def open(self, path: bytes, fd: int, flags: int = 0, **more: int) -> None:
        self.call("openat", AT_FDCWD, path, flags, 0, gives=fd, **more)  # type: ignore[arg-type]

    def fork(self, child: int, *, parent: int = SHELL, files: bool = False, fs: bool = False) -> None:
        self.time += 10
        began, time = (self.time - 1) * UNIT, self.time * UNIT
        self.descriptors.fork(parent, child, child, began, time, files=files, fs=fs)

    def thread(self, tid: int) -> None:
        self.time += 10
        self.descriptors.fork(SHELL, tid, SHELL, 0, self.time * UNIT, files=True, fs=True)

    def exec(self, tid: int = SHELL, former: int | None = None) -> None:
        self.time += 10
        self.descriptors.exec(tid, tid if former is None else former, self.time * UNIT)


def value(arg: object) -> Value:
    match arg:
        case int():
            return Int(arg & WORDS, arg)
        case bytes():
            return Text(0x7000, arg)
        case list():
            return List(0x7000, tuple(Fd(fd, fd) for fd in arg))
        case dict():
            return Struct(0x7000, "s", tuple((name, value(member)) for name, member in arg.items()))
        case None:
            return Address(0)
    raise AssertionError(arg)


@pytest.fixture
def trace() -> Trace:
    return Trace()


START = {0: b"/dev/null"}


def test_what_was_open_before_is_read_from_proc(trace: Trace) -> None:
    assert trace.names() == START
    assert trace.detail(0) == "char 1:3"


def test_a_path_is_joined_to_the_working_directory(trace: Trace) -> None:
    trace.open(b"a/b", 3)
    trace.open(b"/etc/hosts", 4)
    trace.call("openat", 3, b"c", 0, 0, gives=5)

    assert trace.names() == START | {3: b"/home/a/b", 4: b"/etc/hosts", 5: b"/home/a/b/c"}


def test_a_close_takes_the_name_away(trace: Trace) -> None:
    trace.open(b"x", 3)
    trace.call("close", 3)

    assert trace.names() == START


@pytest.mark.parametrize(("error", "left"), [("EIO", {}), ("EINTR", {}), ("EBADF", {3: b"/home/x"})])
def test_a_close_that_fails_closes_unless_there_was_nothing(
    trace: Trace, error: str, left: dict[int, bytes]
) -> None:
    trace.open(b"x", 3)
    trace.call("close", 3, error=error)

    assert trace.names() == START | left


def test_an_open_that_fails_gives_nothing(trace: Trace) -> None:
    trace.call("openat", AT_FDCWD, b"x", 0, 0, error="ENOENT")

    assert trace.names() == START


DUPLICATES = [
    pytest.param("dup", (3,), 7, False, id="dup"),
    pytest.param("dup2", (3, 7), 7, False, id="dup2"),
    pytest.param("dup3", (3, 7, CLOEXEC), 7, True, id="dup3 with O_CLOEXEC"),
    pytest.param("fcntl", (3, 0, 5), 7, False, id="F_DUPFD"),
    pytest.param("fcntl", (3, 1030, 5), 7, True, id="F_DUPFD_CLOEXEC"),
]


@pytest.mark.parametrize(("name", "args", "fd", "closed"), DUPLICATES)
def test_a_duplicate_has_the_name_and_its_own_flag(
    trace: Trace, name: str, args: tuple[int, ...], fd: int, closed: bool
) -> None:
    trace.open(b"x", 3, CLOEXEC)
    trace.open(b"y", 7)
    trace.call(name, *args, gives=fd)

    assert trace.names() == START | {3: b"/home/x", 7: b"/home/x"}
    trace.exec()
    assert trace.names() == START | ({} if closed else {7: b"/home/x"})


def test_dup2_onto_itself_changes_nothing(trace: Trace) -> None:
    trace.open(b"x", 3, CLOEXEC)
    trace.call("dup2", 3, 3, gives=3)
    trace.exec()

    assert trace.names() == START


def test_a_duplicate_of_what_nobody_knows_is_no_longer_what_it_was(trace: Trace) -> None:
    trace.open(b"y", 7)
    trace.call("dup2", 9, 7, gives=7)

    assert trace.names() == START


FLAGS = [
    pytest.param("fcntl", (3, 2, 1), True, id="F_SETFD"),
    pytest.param("fcntl", (3, 2, 0), False, id="F_SETFD without"),
    pytest.param("ioctl", (3, 0x5451, 0), True, id="FIOCLEX"),
    pytest.param("ioctl", (3, 0x5450, 0), False, id="FIONCLEX"),
    pytest.param("close_range", (3, 0xFFFFFFFF, 4), True, id="CLOSE_RANGE_CLOEXEC"),
]


@pytest.mark.parametrize(("name", "args", "closed"), FLAGS)
def test_close_on_exec_may_be_set_later(trace: Trace, name: str, args: tuple[int, ...], closed: bool) -> None:
    trace.open(b"x", 3, 0 if closed else CLOEXEC)
    trace.call(name, *args)
    assert trace.name(3) == b"/home/x"
    trace.exec()

    assert (trace.name(3) is None) == closed


def test_close_range(trace: Trace) -> None:
    for fd in (3, 4, 5, 6):
        trace.open(b"x", fd)
    trace.call("close_range", 4, 5, 0)

    assert trace.names() == START | {3: b"/home/x", 6: b"/home/x"}


def test_a_child_has_a_table_of_its_own(trace: Trace) -> None:
    trace.open(b"x", 3)
    trace.fork(CHILD)
    trace.call("close", 3)
    trace.open(b"y", 4, tid=CHILD)
    trace.call("chdir", b"/tmp", tid=CHILD)

    assert trace.names() == START
    assert trace.names(CHILD) == START | {3: b"/home/x", 4: b"/home/y"}
    assert (trace.absolute(b"f"), trace.absolute(b"f", tid=CHILD)) == (b"/home/f", b"/tmp/f")


def test_a_thread_has_not(trace: Trace) -> None:
    trace.thread(101)
    trace.call("close", 0, tid=101, tgid=SHELL)
    trace.open(b"y", 4, tid=101, tgid=SHELL)
    trace.call("chdir", b"/tmp", tid=101, tgid=SHELL)

    assert trace.names() == {4: b"/home/y"}
    assert trace.absolute(b"f") == b"/tmp/f"


def test_a_thread_may_take_a_table_of_its_own(trace: Trace) -> None:
    trace.thread(101)
    trace.call("unshare", 0x400, tid=101, tgid=SHELL)
    trace.call("close", 0, tid=101, tgid=SHELL)
    trace.call("close_range", 0, 9, 2, tid=101, tgid=SHELL)

    assert trace.names() == START


def test_an_exec_ends_the_sharing(trace: Trace) -> None:
    trace.open(b"x", 3, CLOEXEC)
    trace.fork(CHILD, files=True)
    trace.exec(CHILD)

    assert trace.names() == START | {3: b"/home/x"}
    assert trace.names(CHILD) == START


def test_a_thread_that_execs_becomes_its_process(trace: Trace) -> None:
    trace.thread(101)
    trace.open(b"x", 3, CLOEXEC, tid=101, tgid=SHELL)
    trace.descriptors.exit(SHELL)
    began = trace.time
    trace.exec(SHELL, former=101)

    # The call itself comes after it, under the old id, and began with what it closed.
    assert trace.name(3, tid=101, tgid=SHELL, at=began + 6) == b"/home/x"
    trace.call("execve", b"/bin/x", None, None, tid=101, tgid=SHELL)
    assert trace.names() == START


def test_what_may_be_closed_by_an_exec_is_not_named_after_it() -> None:
    trace = Trace(Proc(files={SHELL: {5: Found(b"/x")}}))
    assert trace.names() == {5: b"/x"}
    trace.exec()

    assert trace.name(5) is None


def test_numbers_in_memory(trace: Trace) -> None:
    trace.call("pipe2", [3, 4], CLOEXEC)
    trace.call("socketpair", 1, 1, 0, [5, 6])

    assert trace.names() == START | {3: b"pipe", 4: b"pipe", 5: b"socket", 6: b"socket"}
    trace.exec()
    assert trace.names() == START | {5: b"socket", 6: b"socket"}


def test_proc_tells_the_rest_for_the_calls_that_come_later(trace: Trace) -> None:
    trace.proc.files[SHELL][3] = Found(b"socket:[8]", "TCP:[8]", close_on_exec=True)
    trace.proc.clock = 5000
    trace.call("socket", 2, 1 | CLOEXEC, 0, gives=3)

    assert trace.name(3) == b"socket"
    assert trace.name(3, at=5001) == b"socket:[8]"
    trace.call("close", 3)
    assert trace.name(3, at=5001) is None


def test_an_address_is_asked_for_again_after_connect(trace: Trace) -> None:
    trace.proc.files[SHELL][3] = Found(b"socket:[8]", "TCP:[8]")
    trace.call("socket", 2, 1, 0, gives=3)
    trace.call("dup", 3, gives=4)
    trace.proc.files[SHELL][3] = Found(b"socket:[8]", "TCP:[a->b]")
    trace.time = trace.proc.clock + 10
    trace.call("connect", 3, None, 16, error="EINPROGRESS")
    assert trace.detail(3) == "TCP:[a->b]"

    trace.proc.files[SHELL][3] = Found(b"socket:[9]", "TCP:[c->d]")
    trace.call("connect", 3, None, 16)
    assert trace.detail(3) is None, "another socket has the number now"


RECEIVED = {"msg_name": 0, "msg_control": [7, 8]}


def test_received_descriptors_are_asked_for(trace: Trace) -> None:
    trace.open(b"x", 7)
    trace.call("close", 7)
    trace.proc.files[SHELL] |= {7: Found(b"/secret")}
    trace.call("recvmsg", 3, RECEIVED, 0x40000000)

    assert trace.name(7, at=trace.proc.clock - 1) is None
    assert trace.name(7, at=trace.proc.clock) == b"/secret"
    assert (SHELL, 8) in trace.proc.asked


KINDS = [
    ("epoll_create1", (CLOEXEC,), b"[eventpoll]", True),
    ("epoll_create", (1,), b"[eventpoll]", False),
    ("eventfd2", (0, 0), b"[eventfd]", False),
    ("timerfd_create", (0, CLOEXEC), b"[timerfd]", True),
    ("signalfd4", (-1, None, 8, CLOEXEC), b"[signalfd]", True),
    ("inotify_init1", (0,), b"inotify", False),
    ("fanotify_init", (1, 0), b"[fanotify]", True),
    ("perf_event_open", (None, 0, -1, -1, 8), b"[perf_event]", True),
    ("io_uring_setup", (8, {"flags": 0}), b"[io_uring]", True),
    ("userfaultfd", (CLOEXEC,), b"[userfaultfd]", True),
    ("pidfd_open", (SHELL, 0), b"[pidfd]", True),
    ("bpf", (0, None, 8), b"bpf-map", True),
    ("seccomp", (1, 8, None), b"seccomp notify", True),
    ("landlock_create_ruleset", (None, 8, 0), b"[landlock-ruleset]", True),
    ("fsopen", (b"tmpfs", 0), b"[fscontext]", False),
]


@pytest.mark.parametrize(("name", "args", "kind", "closed"), KINDS, ids=[case[0] for case in KINDS])
def test_kinds(trace: Trace, name: str, args: tuple[object, ...], kind: bytes, closed: bool) -> None:
    trace.call(name, *args, gives=9)

    assert trace.name(9) == b"anon_inode:" + kind
    trace.exec()
    assert (trace.name(9) is None) == closed


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("signalfd4", (0, None, 8, 0)),
        ("landlock_create_ruleset", (None, 0, 1)),
        ("fcntl", (0, 1, 0)),
        ("ioctl", (0, 0x5401, None)),
        ("bpf", (1, None, 8)),
        ("seccomp", (1, 0, None)),
        ("clone", (0x11, 0, None, None, 0)),
    ],
)
def test_a_result_that_is_no_new_descriptor(trace: Trace, name: str, args: tuple[object, ...]) -> None:
    trace.call(name, *args, gives=0)

    assert trace.names() == START


def test_a_result_declared_as_a_descriptor_replaces_what_was_there(trace: Trace) -> None:
    trace.open(b"x", 5)
    call = Call(
        Process(SHELL, SHELL, ""), "quotactl_fd", 1, {}, Result(5, Fd(5, 5)), 2000 * UNIT, 2001 * UNIT
    )
    trace.apply(call)

    assert trace.name(5, at=2002) is None


def test_pidfds(trace: Trace) -> None:
    trace.open(b"x", 3)
    trace.fork(CHILD)
    trace.open(b"y", 4, tid=CHILD)
    trace.call("pidfd_open", CHILD, 0, gives=5)
    trace.call("pidfd_getfd", 5, 4, 0, gives=6)
    trace.call("clone", 0x1000, 0, [7], None, 0, gives=300)
    trace.call("clone3", {"flags": 0x1000, "pidfd": [8]}, 88, gives=301)

    assert trace.name(6) == b"/home/y"
    assert [trace.detail(fd) for fd in (5, 7, 8)] == ["pid:200", "pid:300", "pid:301"]


def test_paths_that_stand_for_something_else_are_no_names(trace: Trace) -> None:
    for fd, path in enumerate((b"/proc/self/fd/3", b"/dev/stdin", b"/proc/self/exe", b"/proc/self/maps"), 3):
        trace.open(path, fd)

    assert trace.names() == START | {6: b"/proc/100/maps"}


def test_open_how(trace: Trace) -> None:
    trace.call("openat2", AT_FDCWD, b"x", {"flags": CLOEXEC, "mode": 0, "resolve": 0}, 24, gives=3)
    trace.call("openat2", AT_FDCWD, b"/x", {"flags": 0, "mode": 0, "resolve": 0x10}, 24, gives=4)
    trace.call("openat2", AT_FDCWD, b"/x", None, 24, gives=5)
    trace.call("openat", AT_FDCWD, b"/tmp", 0o20200002, 0, gives=6)
    trace.call("memfd_create", b"m", 1, gives=7)

    assert trace.names() == START | {3: b"/home/x", 7: b"/memfd:m (deleted)"}


def test_directories(trace: Trace) -> None:
    trace.call("chdir", b"a")
    assert trace.absolute(b"f") == b"/home/a/f"
    trace.open(b"/tmp", 3)
    trace.call("fchdir", 3)
    assert trace.absolute(b"f") == b"/tmp/f"
    assert trace.absolute(b"f", 3) == b"/tmp/f"
    assert trace.absolute(b"f", 4) is None
    trace.call("chroot", b"jail")
    assert (trace.absolute(b"/f"), trace.absolute(b"f")) == (b"/tmp/jail/f", b"/tmp/f")
    trace.proc.cwd.clear()
    trace.call("setns", 3, 0x20000)
    assert trace.absolute(b"f") is None


def test_what_the_kernel_saw_is_better_than_the_path(trace: Trace) -> None:
    seen = {3: Opened(b"/usr/bin/dash", exact=True)}
    trace.call("openat", AT_FDCWD, b"/bin/sh", 0, 0, gives=3, seen=seen)
    trace.call("pidfd_open", 7, 0, gives=4, seen={4: Opened(b"anon_inode:[pidfd]", exact=True)})

    assert trace.name(3) == b"/usr/bin/dash"
    assert trace.detail(4) == "pid:7"
    trace.call("socket", 2, 1, 0, gives=5, seen={5: Opened(b"socket:[8]", exact=True, detail="TCP:[8]")})
    trace.call("connect", 5, None, 16, seen={5: Opened(b"socket:[8]", exact=True, detail="TCP:[a->b]")})
    assert trace.detail(5) == "TCP:[a->b]"
    trace.call("chdir", b"link", seen={AT_FDCWD: Opened(b"/srv", exact=True)})
    assert trace.absolute(b"../f") == b"/f"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param(b"/proc/9/ns/uts", b"uts:[7]", id="by its process"),
        pytest.param(b"/proc/self/ns/pid_for_children", b"pid:[7]", id="of children to come"),
        pytest.param(b"/proc/9/task/10/ns/net", b"net:[7]", id="of a thread"),
        pytest.param(b"/run/netns/blue", None, id="by a name that does not tell its kind"),
    ],
)
def test_a_namespace_has_its_kind_from_the_path(trace: Trace, path: bytes, name: bytes | None) -> None:
    trace.call("openat", AT_FDCWD, path, 0, 0, gives=3, seen={3: Opened(b":[7]", exact=True)})
    assert trace.name(3) == name


def test_the_other_end_of_a_unix_socket_shows_when_it_is_accepted(trace: Trace) -> None:
    def seen(fd: int, inode: int, peer: int, detail: str) -> dict[int, Opened]:
        return {fd: Opened(b"socket:[%d]" % inode, exact=True, detail=detail, inode=inode, peer=peer)}

    trace.call("socket", 1, 1, 0, gives=3, seen=seen(3, 8, 0, "UNIX-STREAM:[8]"))
    trace.call("connect", 3, None, 16, seen=seen(3, 8, 0, "UNIX-STREAM:[8]"))
    trace.fork(CHILD)
    trace.call("accept", 9, None, None, gives=4, tid=CHILD, seen=seen(4, 10, 8, "UNIX-STREAM:[10->8]"))

    assert trace.detail(3) == "UNIX-STREAM:[8->10]"


# Time: threads that share a table.


@pytest.fixture
def threads(trace: Trace) -> Trace:
    trace.thread(101)
    trace.open(b"old", 3, at=(2000, 2010))  # type: ignore[arg-type]
    return trace


def test_a_number_is_free_before_its_close_returns(threads: Trace) -> None:
    threads.open(b"new", 3, tid=101, tgid=SHELL, at=(2100, 2120))  # type: ignore[arg-type]
    threads.call("close", 3, at=(2090, 2200))

    assert threads.name(3, at=2300) == b"/home/new"
    assert threads.name(3, at=2050) == b"/home/old"
    assert threads.name(3, at=2110) is None, "either of the two"


def test_of_two_calls_at_one_time_nobody_knows_which_was_first(threads: Trace) -> None:
    threads.open(b"x", 4)
    threads.call("dup2", 4, 3, at=(2100, 2110))
    threads.call("dup2", 0, 3, tid=101, tgid=SHELL, at=(2105, 2120))
    assert threads.name(3, at=2300) is None

    threads.call("dup2", 4, 3, at=(2400, 2410))
    assert threads.name(3, at=2411) == b"/home/x"
    threads.call("close", 3, tid=101, tgid=SHELL, at=(2405, 2420))
    assert threads.name(3, at=2421) is None

    threads.call("dup2", 4, 3, at=(2415, 2425))
    assert threads.name(3, at=2430) is None


def test_what_another_thread_changes_during_a_fork_is_not_known_of_the_child(threads: Trace) -> None:
    for fd in (4, 5, 6):
        threads.open(b"x", fd, at=(2020, 2021))  # type: ignore[arg-type]
    threads.call("close", 4, at=(2105, 2106))
    threads.call("dup2", 0, 5, gives=5, at=(2107, 2108))
    threads.descriptors.fork(101, CHILD, CHILD, 2100 * UNIT, 2110 * UNIT)
    threads.call("close", 3, at=(2109, 2111))
    threads.call("close", 6, at=(2112, 2113))

    threads.time = 2300
    assert threads.names(CHILD) == START | {6: b"/home/x"}


def test_a_call_may_be_late_in_looking_its_descriptor_up(threads: Trace) -> None:
    threads.call("close", 3, tid=101, tgid=SHELL, at=(2100, 2101))

    assert threads.name(3, at=2098) == b"/home/old"
    assert threads.name(3, at=2099) is None


def test_a_call_that_lasts_keeps_the_file_it_began_with(threads: Trace) -> None:
    threads.call("close", 3, tid=101, tgid=SHELL, at=(2100, 2101))
    assert threads.name(3, at=2050) == b"/home/old"
    threads.open(b"new", 3, tid=101, tgid=SHELL, at=(2110, 2111))  # type: ignore[arg-type]

    assert threads.name(3, at=2050) == b"/home/old"
    assert threads.name(3, at=2105) is None
    assert threads.name(3, at=2111) == b"/home/new"


def test_a_call_whose_beginning_nobody_saw_has_a_name_only_if_nobody_else_could_close(trace: Trace) -> None:
    moment = trace.descriptors.at(SHELL, SHELL, None, 2000 * UNIT)
    assert moment.file(0) is not None
    trace.thread(101)

    assert trace.descriptors.at(SHELL, SHELL, None, 2000 * UNIT).file(0) is None


def test_a_process_attached_to_says_nothing_of_the_time_before() -> None:
    proc = Proc(1500, {SHELL: {3: Found(b"/now")}}, {SHELL: b"/cwd"})
    trace = Trace(proc)

    assert trace.name(3, at=1499) is None
    assert trace.name(3, at=1500) == b"/now"
    trace.fork(CHILD)  # at 1010: before
    assert trace.name(3, CHILD, at=2000) is None
    trace.call("close", 3, at=(1400, 1401))
    assert trace.name(3, at=2000) is None


def test_after_a_loss_nothing_is_said_until_proc_has_been_asked(trace: Trace) -> None:
    trace.open(b"x", 3)
    trace.descriptors.forget()
    trace.proc.files[SHELL][3] = Found(b"/y")
    trace.proc.clock = 3000
    moment = trace.at(2000)
    assert moment.file(3) is None
    assert moment.absolute(None, b"f") is None
    moment.ask()

    assert trace.name(3, at=2999) is None
    assert trace.name(3, at=3000) == b"/y"
    assert trace.at(3000).absolute(None, b"f") == b"/home/f"
    assert trace.proc.asked.count((SHELL, 3)) == 1


def test_proc_is_asked_once_for_what_is_not_there(trace: Trace) -> None:
    for _ in range(3):
        moment = trace.at(2000)
        moment.file(9)
        moment.file(-1)
        moment.ask()

    assert trace.proc.asked.count((SHELL, 9)) == 1


def test_a_thread_that_nobody_announced_shares_with_its_process(trace: Trace) -> None:
    assert trace.names(tid=150, tgid=SHELL) == START


def test_an_io_uring_may_have_changed_anything(trace: Trace) -> None:
    trace.open(b"x", 3)
    trace.call("io_uring_enter", 9, 1, 1, 0, None, 0)
    assert trace.names() == {}
    trace.open(b"x", 3)
    trace.call("io_uring_setup", 8, {"flags": 2}, gives=5)
    trace.open(b"y", 4)
    assert trace.names() == {}


def test_what_is_needed_are_calls() -> None:
    assert NUMBERS.keys() | {"open_tree_attr"} >= NEEDED
