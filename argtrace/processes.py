"""Processes: what /proc says of them, and starting one that waits to be traced."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
from collections.abc import Iterable, Mapping, Sequence

from argtrace.errors import ArgtraceError, FormatError


class CommandFailed(ArgtraceError):
    """The command could not be started. `status` is what a shell would return: 126 or 127."""

    def __init__(self, command: str, reason: str, status: int) -> None:
        super().__init__(f"{command}: {reason}")
        self.status = status


def threads(pid: int) -> tuple[int, ...]:
    """Thread ids of a process, or of the process a thread is in. Empty if it is gone."""
    try:
        return tuple(int(tid) for tid in os.listdir(f"/proc/{pid}/task"))
    except (FileNotFoundError, ProcessLookupError):
        return ()


def ended(tid: int) -> bool:
    """Whether a thread does nothing more: it is gone, or a zombie."""
    fields = _stat(tid)
    return not fields or fields[0] in (b"Z", b"X")


def gone(tids: Iterable[int]) -> list[int]:
    """Those that are no more; a zombie still is. A thousand in a millisecond, where /proc takes twenty."""
    found = []
    for tid in tids:
        try:
            os.kill(tid, 0)
        except ProcessLookupError:
            found.append(tid)
        except PermissionError:
            pass  # it is there, and somebody else's
    return found


def tgid(tid: int) -> int:
    """The process that a thread is in; itself if it is gone."""
    try:
        with open(f"/proc/{tid}/status", "rb") as file:
            return next((_number(line[5:], "Tgid") for line in file if line.startswith(b"Tgid:")), tid)
    except (FileNotFoundError, ProcessLookupError):
        return tid


def uid(pid: int) -> int | None:
    """The real user of a process; None if it is gone."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            return next((_number(line[4:], "Uid") for line in file if line.startswith(b"Uid:")), None)
    except (FileNotFoundError, ProcessLookupError):
        return None


def parent(pid: int) -> int:
    """Who started a process, or took it over; 0 if there is nobody, or it is gone."""
    return int(fields[4 - _STATE]) if (fields := _stat(pid)) else 0


def started(pid: int) -> int | None:
    """When a process began, in clock ticks since boot; None if it is gone."""
    return int(fields[_STARTED - _STATE]) if (fields := _stat(pid)) else None


def is_of_kernel(pid: int) -> bool:
    """Whether it is a thread of the kernel's, which makes no calls."""
    return bool((fields := _stat(pid)) and int(fields[9 - _STATE]) & _PF_KTHREAD)


_PF_KTHREAD = 0x0020_0000  # include/linux/sched.h

# The numbers, in proc_pid_stat(5), of the first field behind the name, and of the last that is looked at.
_STATE, _STARTED = 3, 22
_IS_NUMBER = re.compile(rb"-?[0-9]{1,20}").fullmatch


def _stat(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat behind the name, which may have anything in it: the state, then numbers.

    Nothing if it is gone. Raises FormatError."""
    path = f"/proc/{pid}/stat"
    try:
        with open(path, "rb") as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return []
    name, _, rest = text.rpartition(b")")
    fields = rest.split()
    if text and (len(fields) <= _STARTED - _STATE or not all(map(_IS_NUMBER, fields[1:]))):
        raise FormatError(path, len(name), f"a state and {_STARTED - _STATE} numbers or more behind the name")
    return fields


def _number(text: bytes, of: str) -> int:
    """The first word of a line's rest. Raises FormatError."""
    word, *_ = text.split() or (b"",)
    if not _IS_NUMBER(word):
        raise FormatError(f"/proc/PID/status, {of}", 0, f"a number, not {word[:20]!r}")
    return int(word)


def comm(tid: int) -> bytes:
    """A thread's name, or nothing if it is gone."""
    try:
        with open(f"/proc/{tid}/comm", "rb") as file:
            return file.read().removesuffix(b"\n")
    except (FileNotFoundError, ProcessLookupError):
        return b""


def given_environment() -> dict[str, str]:
    """Our environment as it was given to us.

    os.environ has more: where the locale is C, Python sets LC_CTYPE before it
    reads it (PEP 538), and a command would find what nobody gave it.
    """
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return dict(os.environ)
    given: dict[str, str] = {}
    for entry in entries:
        name, equals, value = os.fsdecode(entry).partition("=")
        if name and equals:  # os.execve takes no others
            given.setdefault(name, value)  # of two alike, getenv finds the first
    return given


class Command:
    """A command in a child process of ours that waits, before its exec, for `release`.

    If we die meanwhile, the child sees the pipe's end and goes too: nothing is
    left behind.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Raises CommandFailed if there is no such program."""
        self.argv = tuple(argv)
        self._path = find_program(argv[0])
        # Where it is ignored nobody can wait for a child. The command finds it as we did.
        self._ignores_children = signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN
        if self._ignores_children:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        wait, self._go = os.pipe()
        self._failed, fail = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._go)
            self._child(wait, fail, dict(os.environ if environment is None else environment))
        os.close(wait)
        os.close(fail)
        self.pidfd = os.pidfd_open(self.pid)
        self.status: int | None = None
        self.traced = False
        """By us, with ptrace: who waits for it here would take its stops from its tracer."""

    def release(self) -> None:
        """Let it exec. Raises CommandFailed if the kernel refuses."""
        self.go()
        self.started()

    def go(self, filter: bytes = b"") -> None:
        """Let it try, with a seccomp filter (`ptrace/seccomp.py`) if there is one: for a tracer, which
        it may stop for before `started` can tell."""
        go, self._go = self._go, -1
        # Broken: somebody has killed it, and how it ended will be told as ever.
        with contextlib.suppress(BrokenPipeError), open(go, "wb") as pipe:
            pipe.write(b"x" + len(filter).to_bytes(4, "little") + filter)

    def started(self) -> None:
        """Once it has run its exec. Raises CommandFailed if the kernel refused."""
        code = os.read(self._failed, 4)  # nothing: exec closed it
        os.close(self._failed)
        self._failed = -1
        if code:
            self.wait()
            number = int.from_bytes(code, "little")
            raise CommandFailed(self.argv[0], os.strerror(number), 127 if number == errno.ENOENT else 126)

    def reaped(self, status: int) -> None:
        """It has ended, and somebody else has waited for it."""
        self.status = status

    def ended(self) -> bool:
        """Whether it has ended; then `status` is its wait status (os.WIFEXITED and so on)."""
        if self.status is None:
            self._reap(os.WNOHANG)
        return self.status is not None

    def wait(self) -> int:
        """Its wait status, once it has ended."""
        while self.status is None:
            self._reap(0)
        return self.status

    def kill(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if not self.ended():
            os.kill(self.pid, number)

    def close(self) -> None:
        """Release descriptors; a command that was never released ends without an exec."""
        waiting = self._go >= 0
        for fd in (self._go, self._failed, self.pidfd):
            if fd >= 0:
                os.close(fd)
        self._go = self._failed = self.pidfd = -1
        if waiting:
            self.wait()

    def _reap(self, flags: int) -> None:
        if self.traced:
            return
        pid, status = os.waitpid(self.pid, flags)
        if pid:
            self.status = status

    def _child(self, wait: int, fail: int, environment: dict[str, str]) -> None:
        # Python ignores these; the command is to find them as they were.
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        if self._ignores_children:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        code = errno.ECANCELED
        try:
            with open(wait, "rb") as pipe:
                released = pipe.read(1)
                # Not to the pipe's end: somebody else may hold it open.
                filter = pipe.read(int.from_bytes(pipe.read(4), "little")) if released else b""
            if released:
                if filter:
                    from argtrace.ptrace import seccomp  # noqa: PLC0415 (only if there is a filter)

                    seccomp.install(filter)
                os.execve(self._path, self.argv, environment)
        except OSError as error:
            code = error.errno or errno.EIO
            with contextlib.suppress(OSError):
                os.write(fail, code.to_bytes(4, "little"))
        finally:
            os._exit(127)


def find_program(name: str) -> str:
    """The path that execve(2) is to get. Raises CommandFailed."""
    if "/" in name:
        if not os.path.exists(name):
            raise CommandFailed(name, "No such file or directory", 127)
        return name
    # As shells do: the first of $PATH that is a file and may be executed.
    for directory in os.get_exec_path():
        path = os.path.join(directory, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise CommandFailed(name, "command not found", 127)
