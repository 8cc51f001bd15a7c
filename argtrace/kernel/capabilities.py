"""Capabilities of a process: which it has, and giving them up.

Sources: capabilities(7), capget(2), PR_CAPBSET_DROP and PR_CAP_AMBIENT of prctl(2), proc_pid_status(5);
linux/capability.h (Linux 7.3.4), whose numbers are here as far as they mean something to argtrace. The
names of all are in `signature/tables/constants_security.py`.

    effective    what the kernel asks for      permitted   what effective may become
    inheritable, ambient                       what is kept over an exec
    bounding     what an exec can give at all

A set is a number, bit n for capability n. They belong to a thread: `drop` is for a process of one.

Not here: which of them argtrace still needs is `rights.py`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import re
import time
from collections.abc import Iterator

from argtrace.errors import KernelRefused, NotSupported

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAP_KILL = 5
CAP_SETPCAP = 8
CAP_SYS_PTRACE = 19
CAP_SYS_ADMIN = 21
CAP_SYS_NICE = 23
CAP_SYS_RESOURCE = 24
CAP_SYSLOG = 34
CAP_PERFMON = 38
CAP_BPF = 39

SETS = ("inheritable", "permitted", "effective", "bounding", "ambient")
_IN_STATUS = dict(zip(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), SETS, strict=True))
_SET = re.compile(rf"^({'|'.join(_IN_STATUS)}):\t([0-9a-f]{{16}})$", re.MULTILINE)

_VERSION_3 = 0x20080522  # two words of 32 bits each
_MOST = 64

# linux/prctl.h
_PR_CAPBSET_DROP = 24
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

_ENDING = 1.0  # seconds in which a thread that has been joined is gone from /proc


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def mask(*numbers: int) -> int:
    """The set of these capabilities."""
    return sum(1 << number for number in set(numbers))


def of_status(text: str) -> dict[str, int]:
    """The five sets by name, from the text of /proc/PID/status; those that it has.

    A process's name is in it too, with anything but a newline."""
    return {_IN_STATUS[name]: int(digits, 16) for name, digits in _SET.findall(text)}


def of_process(pid: int | str = "self") -> dict[str, int]:
    """Those of a process, or of a thread; none if it is gone."""
    try:
        with open(f"/proc/{pid}/status", errors="replace", newline="\n") as file:
            return of_status(file.read())
    except (FileNotFoundError, ProcessLookupError):
        return {}


def permitted() -> int:
    """What this thread may have in effect."""
    data = (_Data * 2)()
    _call("capget", ctypes.byref(_Header(_VERSION_3, 0)), data)
    return int(data[0].permitted | data[1].permitted << 32)


@contextlib.contextmanager
def without(numbers: int) -> Iterator[None]:
    """For a moment these have no effect, so that one can try how it will be."""
    all = permitted()
    _set(all & ~numbers, all)
    try:
        yield
    finally:
        _set(all, all)


def drop(keep: int) -> None:
    """Give up all but these, for good: they come back by no exec either, where that can be had.

    Raises NotSupported if there are other threads: theirs can only be dropped by themselves.
    """
    if not _alone():
        raise NotSupported("giving up capabilities while other threads run")
    had = permitted()
    if had >> CAP_SETPCAP & 1:
        for number in range(_MOST):
            if not keep >> number & 1 and not _forbid(number):
                break
    # Kernels without ambient capabilities (before Linux 4.3) have none to clear.
    with contextlib.suppress(KernelRefused):
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _set(had & keep, had & keep)


def _alone() -> bool:
    """Whether this is the process's only thread; one that was joined may need a moment to be gone."""
    end = time.monotonic() + _ENDING
    while len(os.listdir("/proc/self/task")) > 1:
        if time.monotonic() > end:
            return False
        time.sleep(0.000_1)
    return True


def _forbid(number: int) -> bool:
    """Take one out of the bounding set; False if this kernel has none of that number."""
    try:
        _prctl(_PR_CAPBSET_DROP, number)
    except KernelRefused as refused:
        return refused.errno != errno.EINVAL
    return True


def _set(effective: int, permitted: int) -> None:
    """Of this thread. Nothing is inheritable."""
    low = 0xFFFF_FFFF
    data = (_Data * 2)(_Data(effective & low, permitted & low, 0), _Data(effective >> 32, permitted >> 32, 0))
    _call("capset", ctypes.byref(_Header(_VERSION_3, 0)), data)


def _prctl(option: int, argument: int) -> None:
    words = [ctypes.c_ulong(word) for word in (argument, 0, 0, 0)]
    _call("prctl", ctypes.c_int(option), *words)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc(), name)(*arguments) < 0:
        raise KernelRefused(name, ctypes.get_errno())
