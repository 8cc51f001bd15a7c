"""What each call changes of a process's descriptors and directories.

Arguments are taken by position, as the calls' numbers fix them. What a call does
not tell (a received descriptor) is asked of /proc, for the calls that come later.

Sources: the manual page of each call; fs/anon_inodes.c and its users, for names
such as `anon_inode:[eventpoll]`; include/uapi/linux/{fcntl,sched,close_range,
openat2,io_uring,bpf,mount}.h for the bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from argtrace.decode.descriptor_change import Change
from argtrace.decode.events import Call
from argtrace.decode.model import Changed, Fd, List, Struct, Value
from argtrace.decode.open_files import CWD, ROOT, Opened, Table, Task
from argtrace.errors import FormatError
from argtrace.fetch import taking
from argtrace.fetch.record import COMMON
from argtrace.fetch.taking import Taken

O_CLOEXEC = 0o2000000
O_TMPFILE = 0o20000000
RESOLVE_IN_ROOT = 0x10
OPEN_TREE_CLONE = 1
CLONE_FS, CLONE_FILES, CLONE_PIDFD = 0x200, 0x400, 0x1000
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC = 2, 4
F_DUPFD, F_SETFD, FD_CLOEXEC, F_DUPFD_CLOEXEC = 0, 2, 1, 1030
FIONCLEX, FIOCLEX = 0x5450, 0x5451
MSG_CMSG_CLOEXEC = 0x40000000
IORING_SETUP_SQPOLL = 2
SECCOMP_FILTER_FLAG_NEW_LISTENER = 8

# Links that stand for something a process has, whatever that is called.
_MAGIC = re.compile(
    rb"/proc/\d+(/task/\d+)?/(fd/|exe$|cwd(/|$)|root(/|$)|ns/|map_files/)|/dev/(fd/|std(in|out|err)$)"
)
_NAMESPACE = re.compile(rb"/proc/\d+(?:/task/\d+)?/ns/([a-z]+)(?:_for_children)?")


Effect = Callable[[Change], None]


def find(call: Call) -> Effect | None:
    """What a call that returned has changed, or None if nothing."""
    effect = _EFFECTS.get(call.name)
    if effect is None and isinstance(call.result.value, Fd):
        effect = _unknown
    failed = call.result.failed or call.result.raw is None
    # A descriptor is closed and a socket has its address even if that is not all that was wanted.
    if failed and (call.name not in _EVEN_FAILED or call.result.error == "EBADF"):
        return None
    return effect


def numbers(value: Value | None) -> Iterator[int]:
    """The descriptors in what a call has written, at whatever depth."""
    match value:
        case Fd(value=number):
            yield number
        case List(items=items):
            for item in items:
                yield from numbers(item)
        case Struct(members=members):
            for _, member in members:
                yield from numbers(member)
        case Changed(after=after):
            yield from numbers(after)


def _unknown(change: Change) -> None:
    change.put(change.result, None, close_on_exec=None)


def _anonymous(name: bytes, *, flags: int | None = None, bit: int = O_CLOEXEC) -> Effect:
    """A call whose result is of one kind. `flags`: the argument whose `bit` makes it close-on-exec."""

    def effect(change: Change) -> None:
        close_on_exec = flags is not None and bool(change.word(flags) & bit)
        change.put(change.result, Opened(b"anon_inode:" + name, exact=True), close_on_exec=close_on_exec)

    return effect


def _open(directory: int | None, path: int, flags: int | None = None) -> Effect:
    def effect(change: Change) -> None:
        bits = 0 if flags is None else change.word(flags)
        _opened(change, directory, path, bits)

    return effect


def _openat2(change: Change) -> None:
    bits, resolve = change.member(2, "flags"), change.member(2, "resolve")
    if bits is None or resolve is None or resolve & RESOLVE_IN_ROOT:
        _unknown(change)
    else:
        _opened(change, 0, 1, bits)


def _opened(change: Change, directory: int | None, path: int, flags: int) -> None:
    opened = None
    if change.saw_namespace(change.result):
        place = change.place(directory, path)
        namespace = None if place is None else _NAMESPACE.fullmatch(place.path)
        opened = None if namespace is None else Opened(namespace[1])
    elif not flags & O_TMPFILE and not change.saw(change.result):
        place = change.place(directory, path)
        if place is not None and not _MAGIC.match(place.path):
            opened = Opened(place.path, place.exact)
    change.put(change.result, opened, close_on_exec=bool(flags & O_CLOEXEC))


def _open_tree(change: Change) -> None:
    if change.word(2) & OPEN_TREE_CLONE:
        _unknown(change)
    else:
        _opened(change, 0, 1, change.word(2))


def _close(change: Change) -> None:
    change.task.files.remove(change.number(0), change.start, change.end)


def _close_range(change: Change) -> None:
    first, last, flags = change.word(0), change.word(1), change.word(2)
    if flags & CLOSE_RANGE_UNSHARE:
        change.task.files = change.task.files.copy(change.start, change.end)
    files = change.task.files
    if flags & CLOSE_RANGE_CLOEXEC:
        for fd in [fd for fd in files.entries if first <= fd <= last]:
            files.mark(fd, close_on_exec=True)
    else:
        files.sweep(range(first, last + 1), change.start, change.end)


def _dup(change: Change) -> None:
    change.duplicate(change.result, change.number(0))


def _dup2(change: Change) -> None:
    if change.number(0) != change.number(1):
        close_on_exec = bool(change.word(2) & O_CLOEXEC)
        change.duplicate(change.number(1), change.number(0), close_on_exec=close_on_exec, forced=True)


def _fcntl(change: Change) -> None:
    fd, command = change.number(0), change.number(1)
    if command in (F_DUPFD, F_DUPFD_CLOEXEC):
        change.duplicate(change.result, fd, close_on_exec=command == F_DUPFD_CLOEXEC)
    elif command == F_SETFD:
        change.task.files.mark(fd, close_on_exec=bool(change.word(2) & FD_CLOEXEC))


def _ioctl(change: Change) -> None:
    command = change.word(1)
    if command in (FIOCLEX, FIONCLEX):
        change.task.files.mark(change.number(0), close_on_exec=command == FIOCLEX)
    elif change.gives_descriptor:
        _unknown(change)


def _pair(index: int, name: bytes, flags: int | None) -> Effect:
    """Two descriptors in the memory that an argument points to."""

    def effect(change: Change) -> None:
        close_on_exec = flags is not None and bool(change.word(flags) & O_CLOEXEC)
        for fd in numbers(change.value(index)):
            change.put(fd, Opened(name), close_on_exec=close_on_exec)

    return effect


def _socket(change: Change) -> None:
    change.put(change.result, Opened(b"socket"), close_on_exec=bool(change.word(1) & O_CLOEXEC))


def _accept(change: Change) -> None:
    change.accept()
    # accept(2) has no flags: there is no fourth argument.
    change.put(change.result, Opened(b"socket"), close_on_exec=bool(change.word(3) & O_CLOEXEC))


def _address(change: Change) -> None:
    change.refresh(change.number(0))


def _received(flags: int) -> Effect:
    """SCM_RIGHTS: the only descriptors in a received message's header."""

    def effect(change: Change) -> None:
        for fd in numbers(change.value(1)):
            change.put(fd, None, close_on_exec=bool(change.word(flags) & MSG_CMSG_CLOEXEC))

    return effect


def _memfd(change: Change) -> None:
    name = change.string(0)
    opened = None if name is None else Opened(b"/memfd:" + name + b" (deleted)", exact=True)
    change.put(change.result, opened, close_on_exec=bool(change.word(1) & 1))


def _signalfd(flags: int | None) -> Effect:
    new = _anonymous(b"[signalfd]", flags=flags)

    def effect(change: Change) -> None:
        if change.number(0) == -1:  # else it is the one that was given, with another mask
            new(change)

    return effect


def _pidfd(pid: int) -> Opened:
    return Opened(b"anon_inode:[pidfd]", exact=True, detail=f"pid:{pid}", pid=pid)


def _pidfd_open(change: Change) -> None:
    change.put(change.result, _pidfd(change.number(0)), close_on_exec=True)


def _pidfd_getfd(change: Change) -> None:
    target = change.opened(change.number(0))
    opened = None
    if target is not None and target.pid is not None:
        opened = change.tracker.opened(target.pid, change.number(1), change.start)
    change.put(change.result, opened, close_on_exec=True)


def _clone(change: Change) -> None:
    if change.word(0) & CLONE_FILES:
        change.tracker.thread_began(change.task.files)
    if change.word(0) & CLONE_PIDFD:
        _clone_pidfd(change, change.value(2))


def _clone3(change: Change) -> None:
    flags = change.member(0, "flags")
    if flags is None or flags & CLONE_FILES:
        change.tracker.thread_began(change.task.files)
    if flags is not None and flags & CLONE_PIDFD:
        value = change.value(0)
        _clone_pidfd(change, dict(value.members).get("pidfd") if isinstance(value, Struct) else None)


def _clone_pidfd(change: Change, value: Value | None) -> None:
    for fd in numbers(value):
        change.put(fd, _pidfd(change.result), close_on_exec=True)


def _unshare(change: Change) -> None:
    flags = change.word(0)
    if flags & CLONE_FILES:
        change.task.files = change.task.files.copy(change.start, change.end)
    if flags & (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER):
        change.task.fs = change.task.fs.copy(change.start, change.end)


def _setns(change: Change) -> None:
    if not change.word(1) or change.word(1) & CLONE_NEWNS:
        change.task.fs = Table()


def _bpf(change: Change) -> None:
    name = _BPF.get(change.number(0))
    if name is not None:
        change.put(change.result, Opened(b"anon_inode:" + name, exact=True), close_on_exec=True)
    elif change.gives_descriptor:
        _unknown(change)


# enum bpf_cmd: the commands that give a descriptor of one kind.
_BPF = {
    0: b"bpf-map",
    5: b"bpf-prog",
    13: b"bpf-prog",
    14: b"bpf-map",
    17: b"bpf_link",
    18: b"btf",
    19: b"btf",
    28: b"bpf_link",
    30: b"bpf_link",
    33: b"bpf_iter",
}


def _seccomp(change: Change) -> None:
    if change.word(1) & SECCOMP_FILTER_FLAG_NEW_LISTENER:
        change.put(change.result, Opened(b"anon_inode:seccomp notify", exact=True), close_on_exec=True)


def _landlock(change: Change) -> None:
    if not change.word(2):  # else the result is a version
        change.put(change.result, Opened(b"anon_inode:[landlock-ruleset]", exact=True), close_on_exec=True)


_RING = b"anon_inode:[io_uring]"


def _io_uring_setup(change: Change) -> None:
    change.put(change.result, Opened(_RING, exact=True), close_on_exec=True)
    flags = change.member(1, "flags")
    if flags is None or flags & IORING_SETUP_SQPOLL:
        change.task.files.opaque = True


def _io_uring_enter(change: Change) -> None:
    # It may have opened and closed anything but rings (io_uring/openclose.c, io_close()).
    entries = change.task.files.entries
    others = [fd for fd, each in entries.items() if each.opened is None or each.opened.name != _RING]
    change.task.files.forget(others, change.end)


def _chdir(change: Change) -> None:
    change.enter(CWD, change.place(None, 0))


def _fchdir(change: Change) -> None:
    opened = change.opened(change.number(0))
    change.enter(CWD, None if opened is None else opened.place)


def _chroot(change: Change) -> None:
    change.enter(ROOT, change.place(None, 0))


def _pivot_root(change: Change) -> None:
    change.tracker.forget_directories()


def _exec(change: Change) -> None:
    if change.of_other_thread:
        # Its id is its process's since; that the program is another one is known already.
        change.tracker.exit(change.tid)


_EFFECTS: dict[str, Effect] = {
    "open": _open(None, 0, 1),
    "creat": _open(None, 0),
    "openat": _open(0, 1, 2),
    "openat2": _openat2,
    "open_tree": _open_tree,
    "open_tree_attr": _open_tree,
    "open_by_handle_at": _unknown,
    "mq_open": _unknown,
    "memfd_create": _memfd,
    "memfd_secret": _unknown,
    "close": _close,
    "close_range": _close_range,
    "dup": _dup,
    "dup2": _dup2,
    "dup3": _dup2,
    "fcntl": _fcntl,
    "ioctl": _ioctl,
    "pipe": _pair(0, b"pipe", None),
    "pipe2": _pair(0, b"pipe", 1),
    "socketpair": _pair(3, b"socket", 1),
    "socket": _socket,
    "accept": _accept,
    "accept4": _accept,
    "connect": _address,
    "bind": _address,
    "listen": _address,
    "recvmsg": _received(2),
    "recvmmsg": _received(3),
    "epoll_create": _anonymous(b"[eventpoll]"),
    "epoll_create1": _anonymous(b"[eventpoll]", flags=0),
    "eventfd": _anonymous(b"[eventfd]"),
    "eventfd2": _anonymous(b"[eventfd]", flags=1),
    "timerfd_create": _anonymous(b"[timerfd]", flags=1),
    "signalfd": _signalfd(None),
    "signalfd4": _signalfd(3),
    "inotify_init": _anonymous(b"inotify"),
    "inotify_init1": _anonymous(b"inotify", flags=0),
    "fanotify_init": _anonymous(b"[fanotify]", flags=0, bit=1),
    "perf_event_open": _anonymous(b"[perf_event]", flags=4, bit=8),
    "userfaultfd": _anonymous(b"[userfaultfd]", flags=0),
    "fsopen": _anonymous(b"[fscontext]", flags=1, bit=1),
    "fspick": _anonymous(b"[fscontext]", flags=2, bit=1),
    "fsmount": _unknown,
    "landlock_create_ruleset": _landlock,
    "bpf": _bpf,
    "seccomp": _seccomp,
    "io_uring_setup": _io_uring_setup,
    "io_uring_enter": _io_uring_enter,
    "pidfd_open": _pidfd_open,
    "pidfd_getfd": _pidfd_getfd,
    "clone": _clone,
    "clone3": _clone3,
    "unshare": _unshare,
    "setns": _setns,
    "chdir": _chdir,
    "fchdir": _fchdir,
    "chroot": _chroot,
    "pivot_root": _pivot_root,
    "execve": _exec,
    "execveat": _exec,
}

_EVEN_FAILED = frozenset({"close", "connect", "bind"})


def taken(task: Task, name: str, words: tuple[int, ...]) -> tuple[Table, range]:
    """What a call with these words takes from whom its task shares it with."""
    first, second = (word & 0xFFFF_FFFF for word in words[:2])
    match taking.CALLS.get(name):
        case Taken.FIRST:
            return task.files, range(first, first + 1)
        case Taken.SECOND:
            return task.files, range(second, second + 1)
        case Taken.FROM_TO:
            return task.files, range(first, second + 1)
        case Taken.CWD:
            return task.fs, range(CWD, CWD + 1)
        case Taken.ROOT:
            return task.fs, range(ROOT, ROOT + 1)
        case None:
            raise FormatError("record", COMMON.size, f"a call that takes descriptors, not {name}")


NEEDED = frozenset(_EFFECTS)
"""The calls that must be seen for the tables to be true."""

GIVEN_IN = {
    "pipe": 0,
    "pipe2": 0,
    "socketpair": 3,
    "recvmsg": 1,
    "recvmmsg": 1,
    "clone": 2,
    "clone3": 0,
}
"""The argument in whose memory a call gives descriptors."""
