"""Sets of signals, and what is known of a signal: sigset_t and siginfo_t in memory.

Source: include/uapi/asm-generic/siginfo.h. What siginfo has in which case is `process.py`.
"""

from __future__ import annotations

from argtrace.decode import process
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Int, List, Missing, Named, Struct, Value, Why

_SIGSET = 8  # bytes of the kernel's; the C library's is 128, of which it passes these
_SIGINFO = 128
_HEADER = 16  # si_signo, si_errno, si_code, padding


@decodes("sigset")
def sigset(memory: Memory, scope: Scope) -> Value:
    data = memory.data[:_SIGSET]
    if not data:
        return Missing(memory.address, Why.CUT, f"0 bytes of {memory.size}")
    bits = int.from_bytes(data, "little")
    signals = (number for number in range(1, 8 * len(data) + 1) if bits >> number - 1 & 1)
    items = tuple(Named(number, number, process.signal_name(number)) for number in signals)
    if len(data) < min(memory.size, _SIGSET):
        return List(memory.address, items, Missing(0, Why.CUT, f"{len(data)} bytes of {memory.size}"))
    return List(memory.address, items)


@decodes("siginfo")
def siginfo(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    if len(data) < _HEADER:
        return Missing(memory.address, Why.CUT, f"{len(data)} bytes of {memory.size}")
    number = int.from_bytes(data[:4], "little", signed=True)
    if not number:
        # waitid(2) with WNOHANG: no child has anything to say.
        return Struct(memory.address, "siginfo", (("si_signo", Int(0, 0)),))
    end = Missing(0, Why.CUT, f"{len(data)} bytes of {memory.size}") if memory.cut else None
    members = process.siginfo(number, data.ljust(_SIGINFO, b"\0"))
    return Struct(memory.address, "siginfo", tuple(members.items()), end=end)
