"""argtrace without starting Python each time, for guests, where that takes longer than most tests.

`install()` hands each `python -m argtrace …` that a test starts to one process that has argtrace imported and
forks: the *zygote*. What comes of it is the test's own child (CLONE_PARENT), with the descriptors,
environment, directory and session that it asked for: who waits for it, signals it or traces it sees what he
would have seen. What it has not is a command line and a `__main__` of its own.

Whatever is started in another way (behind setpriv, in a namespace, with a `preexec_fn`) starts Python as
ever.

Source: clone(2), unix(7) for SCM_RIGHTS, prctl(2) for PR_SET_MM; `subprocess.Popen._execute_child`, which is
replaced.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import importlib
import inspect
import marshal
import os
import pkgutil
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

WANTED = "ARGTRACE_ZYGOTE"
"""The variable of the environment that asks for it."""

_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE_PARENT = 0x8000
_ADDR_NO_RANDOMIZE = 0x40000
_PR_SET_MM, _PR_SET_MM_ENV_START, _PR_SET_MM_ENV_END = 35, 10, 11

_BEHIND = ("env", "--default-signal", "setarch", "-R")  # tests/oracle/runs.py
_MOST = 64  # descriptors that a request may have
_LARGEST = 1 << 18  # bytes of a request


# ---- in the tests -------------------------------------------------------------------------


def install() -> None:
    """From now on, for this process."""
    started = subprocess.Popen._execute_child  # type: ignore[attr-defined]
    names = inspect.signature(started)
    zygote: list[_Zygote] = []

    def execute(popen: subprocess.Popen[Any], *words: Any, **more: Any) -> None:
        asked = names.bind(popen, *words, **more).arguments
        arguments = _ours(asked)
        if arguments is None:
            started(popen, *words, **more)
            return
        if not zygote:
            zygote.append(_Zygote())
        popen.pid = zygote[0].fork(arguments, asked)
        popen._child_created = True  # type: ignore[attr-defined]
        pipes = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        popen._close_pipe_fds(*(asked[pipe] for pipe in pipes))  # type: ignore[attr-defined]

    subprocess.Popen._execute_child = execute  # type: ignore[attr-defined]


def _ours(asked: Mapping[str, Any]) -> list[str] | None:
    """What follows `python -m argtrace`; None if that is not what is started, and no more."""
    args = asked["args"]
    plain = asked["preexec_fn"] is None and not asked["shell"] and asked["close_fds"]
    if not plain or isinstance(args, str | bytes | os.PathLike):
        return None
    words = [os.fsdecode(word) for word in args]
    behind = tuple(words[: len(_BEHIND)]) == _BEHIND
    words = words[len(_BEHIND) :] if behind else words
    for start in ([sys.executable, "-m", "argtrace"], [sys.executable, "-P", "-m", "argtrace"]):
        if words[: len(start)] == start:
            return ["fixed" if behind else "", *words[len(start) :]]
    return None


class _Zygote:
    def __init__(self) -> None:
        self._ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            fd = its.fileno()
            # Never waited for: its end is that of the socket.
            self._process = subprocess.Popen([sys.executable, "-m", __name__, str(fd)], pass_fds=[fd])
        assert self._ours.recv(1), "the zygote did not start"

    def fork(self, arguments: list[str], asked: Mapping[str, Any]) -> int:
        ends = [asked["p2cread"], asked["c2pwrite"], asked["errwrite"]]
        here = [standard if end == -1 else end for standard, end in enumerate(ends)] + list(asked["pass_fds"])
        there = [0, 1, 2, *asked["pass_fds"]]
        environment = asked["env"]
        request = (
            arguments,
            dict(os.environ if environment is None else environment),
            os.fspath(asked["cwd"] or os.getcwd()),
            bool(asked["start_new_session"]),
            there,
        )
        sent = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", here))]
        self._ours.sendmsg([marshal.dumps(request)], sent)
        return int.from_bytes(self._ours.recv(4), "little")


# ---- in the zygote ------------------------------------------------------------------------


def _serve(fd: int) -> NoReturn:
    _import_everything()
    asked = socket.socket(fileno=fd)
    asked.send(b"1")
    while True:
        data, received, _, _ = asked.recvmsg(_LARGEST, socket.CMSG_SPACE(4 * _MOST))
        if not data:
            os._exit(0)
        here = array.array("i")
        for _, _, contents in received:
            here.frombytes(contents)
        pid = ctypes.CDLL(None).syscall(
            _CLONE[platform.machine()], _CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0
        )
        if pid == 0:
            asked.close()
            _become(marshal.loads(data), list(here))
        for each in here:
            os.close(each)
        asked.send(pid.to_bytes(4, "little"))


def _import_everything() -> None:
    import argtrace

    for module in pkgutil.walk_packages(argtrace.__path__, "argtrace."):
        if not module.name.endswith(".__main__"):
            with contextlib.suppress(ImportError):  # the native half, where it is not built
                importlib.import_module(module.name)
    from argtrace import running_kernel

    running_kernel.btf()


def _become(request: tuple[list[str], dict[str, str], str, bool, list[int]], here: list[int]) -> NoReturn:
    """The process that was asked for, as exec would have made it."""
    (fixed, *arguments), environment, directory, session, there = request
    # First out of the way of all numbers that are wanted.
    highest = max(*here, *there) + 1
    moved = [_duplicate(fd, highest) for fd in here]
    for fd in here:
        if fd not in there:
            os.close(fd)
    for fd, wanted in zip(moved, there, strict=True):
        os.dup2(fd, wanted)
        os.close(fd)
    if session:
        os.setsid()
    if fixed:
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_IGN)  # as Python has them
        ctypes.CDLL(None).personality(_ADDR_NO_RANDOMIZE)
    os.environ.clear()
    os.environ.update(environment)
    _show_environment(environment)
    os.chdir(directory)
    sys.argv = [sys.executable, *arguments]
    sys.stdin, sys.stdout, sys.stderr = (
        open(fd, mode, buffering, closefd=False)
        for fd, mode, buffering in ((0, "r", -1), (1, "w", -1), (2, "w", 1))
    )
    from argtrace.cli import run

    run()


def _show_environment(environment: Mapping[str, str]) -> None:
    """In /proc/self/environ, from which the command gets it. Needs CAP_SYS_RESOURCE."""
    entries = b"".join(os.fsencode(f"{name}={value}") + b"\0" for name, value in environment.items())
    memory = ctypes.create_string_buffer(entries, len(entries) + 1)
    libc = ctypes.CDLL(None, use_errno=True)
    begin = ctypes.addressof(memory)
    # In this order: the stack, where it was, is higher, and the end must not be before the start.
    for what, address in ((_PR_SET_MM_ENV_START, begin), (_PR_SET_MM_ENV_END, begin + len(entries))):
        if libc.prctl(_PR_SET_MM, what, ctypes.c_ulong(address), 0, 0):
            raise OSError(ctypes.get_errno(), "PR_SET_MM")
    _kept.append(memory)


_kept: list[object] = []


def _duplicate(fd: int, least: int) -> int:
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, least)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
