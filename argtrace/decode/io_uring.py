"""The last argument of io_uring_enter(2): a signal set, or a structure that has one and a timeout.

Source: include/uapi/linux/io_uring.h (IORING_ENTER_EXT_ARG, struct io_uring_getevents_arg).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Value
from argtrace.signature import constants
from argtrace.signature.meaning import HEX, Raw, struct

_EXTENDED = struct("io_uring_getevents_arg", sigmask=HEX, ts=HEX)


@decodes("io_uring_wait")
def wait(memory: Memory, scope: Scope) -> Value:
    extended = constants.number("io_uring_enter", "IORING_ENTER_EXT_ARG")
    content = _EXTENDED if scope.number("flags") & extended else Raw("sigset", memory.size)
    return scope.content(content, memory.data, memory.address)
