"""What is at a clockid_t below zero, and what a timer or a message queue does: struct sigevent.

Sources: include/linux/posix-timers.h (the bits of a clock's number); include/uapi/asm-generic/siginfo.h;
sigevent(7).
"""

from __future__ import annotations

import struct

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, Int, Missing, Pid, Struct, Value, Why
from argtrace.signature.meaning import INT, SIGNAL, enum
from argtrace.signature.model import Int as IntType

#  31                     3    2      1 0
#  | ~pid, or ~descriptor | thread | which |      which: 3 is a descriptor's
_THREAD, _WHICH, _FD = 4, 3, 3
_CLOCKS = ("CPUCLOCK_PROF", "CPUCLOCK_VIRT", "CPUCLOCK_SCHED")

#  0           8         12         16
#  | sigval    | signo   | notify   | union: tid, or function and attributes
_SIGEVENT = struct.Struct("<QII")
_THREAD_FUNCTION = struct.Struct("<QQ")
_SIGEV_THREAD, _SIGEV_THREAD_ID = 2, 4
_PID_T = struct.Struct("<i")

_INT = IntType("int", 4, signed=True)


def dynamic(clock: int) -> str:
    """A clock of a process, a thread or a descriptor, as C makes its number. `clock` is below zero."""
    number, which = ~(clock >> 3), clock & _WHICH
    if which == _FD:
        return f"FD_TO_CLOCKID({number})"
    kind = "THREAD" if clock & _THREAD else "PROCESS"
    return f"MAKE_{kind}_CPUCLOCK({number}, {_CLOCKS[which]})"


@decodes("sigevent")
def sigevent(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    if len(data) < _SIGEVENT.size:
        return Missing(memory.address, Why.CUT, f"{len(data)} bytes of {memory.size}")
    value, signo, notify = _SIGEVENT.unpack_from(data)
    union = data[_SIGEVENT.size :]
    # mq_notify takes a socket in the place of the signal, and the C library sends one.
    signal = INT if notify == _SIGEV_THREAD else SIGNAL
    members: list[tuple[str, Value]] = [
        ("sigev_value", sigval(value)),
        ("sigev_signo", scope.leaf(signal, signo, _INT)),
        ("sigev_notify", scope.leaf(enum("sigev_notify"), notify, _INT)),
    ]
    if notify == _SIGEV_THREAD_ID and len(union) >= _PID_T.size:
        (thread,) = _PID_T.unpack_from(union)
        members.append(("sigev_notify_thread_id", Pid(thread & 0xFFFF_FFFF, thread)))
    if notify == _SIGEV_THREAD and len(union) >= _THREAD_FUNCTION.size:
        function, attributes = _THREAD_FUNCTION.unpack_from(union)
        members.append(("sigev_notify_function", Address(function)))
        members.append(("sigev_notify_attributes", Address(attributes)))
    return Struct(memory.address, "sigevent", tuple(members))


def sigval(word: int) -> Struct:
    """A union of an int and a pointer: which one was meant only the program knows."""
    low = word & 0xFFFF_FFFF
    number = low - (1 << 32) if low >> 31 else low
    return Struct(0, "sigval", (("sival_int", Int(low, number)), ("sival_ptr", Address(word))))
