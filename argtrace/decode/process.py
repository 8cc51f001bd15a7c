"""What siginfo and an exit code say.

Sources: `tables/signals.py`; include/linux/signal_types.h and
include/uapi/asm-generic/siginfo.h (struct kernel_siginfo); wait(2) for the
layout of an exit code.
"""

from __future__ import annotations

import struct

from argtrace.decode.model import Address, Int, Named, Value
from argtrace.decode.tables.errno import ERRNO
from argtrace.decode.tables.signals import SI_CODES, SIGNALS
from argtrace.signature import constants, syscalls
from argtrace.target import AARCH64, X86_64
from argtrace.value import frozen

#  0         4          8         12   16
#  | signo   | errno    | code    |    | union: pid uid status | addr | timer … |
_SIGINFO = struct.Struct("<iii4x")
_KILL = struct.Struct("<iI")
_CHILD = struct.Struct("<iIi4xqq")
_QUEUE = struct.Struct("<iIQ")
_FAULT = struct.Struct("<Q")
_POLL = struct.Struct("<qi")
_TIMER = struct.Struct("<iiQ")
_SYS = struct.Struct("<QiI")

_SI_USER, _SI_QUEUE, _SI_TIMER, _SI_SIGIO, _SI_TKILL, _SI_KERNEL = 0, -1, -2, -5, -6, 0x80
_FAULTS = frozenset({"SIGILL", "SIGFPE", "SIGSEGV", "SIGBUS", "SIGTRAP"})
_POLLS = SI_CODES["SIGIO"]


def signal_name(number: int) -> str:
    return SIGNALS.get(number, str(number))


@frozen
class Ending:
    """How a task ended: an exit status, or the signal that killed it."""

    status: int | None
    signal: str | None = None
    core: bool = False


def ending(code: int) -> Ending:
    """task_struct.exit_code: status << 8, or a signal, with 0x80 if there is a core dump."""
    number = code & 0x7F
    if number:
        return Ending(None, signal_name(number), bool(code & 0x80))
    return Ending(code >> 8 & 0xFF)


def siginfo(number: int, info: bytes) -> dict[str, Value]:
    """siginfo's members by name; those of the union that the signal and its code use."""
    signo, error, code = _SIGINFO.unpack_from(info)
    name = signal_name(number)
    # kernel/signal.c, siginfo_layout(): a signal without codes of its own that has one of
    # SIGIO's was chosen with fcntl(F_SETSIG) in its place.
    codes = SI_CODES[""] | SI_CODES.get(name, _POLLS)
    members: dict[str, Value] = {
        "si_signo": Named(signo, signo, signal_name(signo)),
        "si_code": Named(code, code, codes[code]) if code in codes else Int(code, code),
    }
    if error:
        members["si_errno"] = Named(error, error, ERRNO[error][0]) if error in ERRNO else Int(error, error)
    union = info[_SIGINFO.size :]
    if code == _SI_TIMER:
        timer, overrun, value = _TIMER.unpack_from(union)
        members |= {"si_timerid": _int(timer), "si_overrun": _int(overrun), **_value(value)}
    elif code in (_SI_USER, _SI_TKILL):
        pid, uid = _KILL.unpack_from(union)
        members |= {"si_pid": _int(pid), "si_uid": _int(uid)}
    elif code == _SI_SIGIO or codes.get(code) in _POLLS.values():
        band, fd = _POLL.unpack_from(union)
        members |= {"si_band": _int(band), "si_fd": _int(fd)}
    elif code < 0:  # SI_QUEUE, SI_MESGQ and whatever a program made up
        pid, uid, value = _QUEUE.unpack_from(union)
        members |= {"si_pid": _int(pid), "si_uid": _int(uid), **_value(value)}
    elif code == _SI_KERNEL:
        if name in _FAULTS:
            members["si_addr"] = Address(*_FAULT.unpack_from(union))
    elif code not in SI_CODES.get(name, {}):  # as of a ptrace stop: SIGTRAP | 0x80
        pid, uid = _KILL.unpack_from(union)
        members |= {"si_pid": _int(pid), "si_uid": _int(uid)}
    elif name == "SIGCHLD":
        pid, uid, status, utime, stime = _CHILD.unpack_from(union)
        members |= {
            "si_pid": _int(pid),
            "si_uid": _int(uid),
            "si_status": _child_status(code, status),
            "si_utime": _int(utime),
            "si_stime": _int(stime),
        }
    elif name in _FAULTS:
        members["si_addr"] = Address(*_FAULT.unpack_from(union))
    elif name == "SIGSYS":
        address, call, arch = _SYS.unpack_from(union)
        arches = constants.table("audit_arch").names
        known = _calls(arches.get(arch)).get(call)
        members |= {
            "si_call_addr": Address(address),
            "si_syscall": _int(call) if known is None else Named(call, call, f"__NR_{known}"),
            "si_arch": Named(arch, arch, arches[arch]) if arch in arches else Int(arch, arch, 16),
        }
    return members


def _calls(arch: str | None) -> dict[int, str]:
    match arch:
        case "AUDIT_ARCH_X86_64":
            return syscalls.names(X86_64)
        case "AUDIT_ARCH_AARCH64":
            return syscalls.names(AARCH64)
    return {}


def _value(word: int) -> dict[str, Value]:
    """What came along with the signal: a union of a number and a pointer."""
    return {
        "si_int": Int(word & 0xFFFF_FFFF, (word & 0xFFFF_FFFF ^ 1 << 31) - (1 << 31)),
        "si_ptr": Address(word),
    }


_CLD_EXITED = 1


def _child_status(code: int, status: int) -> Value:
    # CLD_EXITED has the exit status, the other codes a signal.
    if code != _CLD_EXITED and status in SIGNALS:
        return Named(status, status, SIGNALS[status])
    return _int(status)


def _int(value: int) -> Int:
    return Int(value & 0xFFFF_FFFF_FFFF_FFFF, value)
