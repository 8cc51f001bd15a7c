"""Having a program run where BPF_PROG_TEST_RUN cannot (before Linux 5.10): it is attached to a tracepoint
that we reach ourselves, and looks in a map whether it was asked.

The tracepoint is task_rename: our thread gets the name that it has.

Sources: include/trace/events/task.h; fs/exec.c, __set_task_comm(); prctl(2), PR_SET_NAME.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import threading

from argtrace.errors import KernelRefused
from argtrace.kernel.calls import Kernel
from argtrace.kernel.links import RawTracepoint
from argtrace.kernel.maps import Map
from argtrace.kernel.programs import Program

TRACEPOINT = "task_rename"

VALUE = struct.Struct("<QQQQ")
"""Of the map: who is to run it, as tgid << 32 | tid; two words; what it returned (`fetch/older.py`)."""

_ONE = bytes(4)
_UNTOLD = (1 << 64) - 1
_PR_SET_NAME, _PR_GET_NAME = 15, 16  # include/uapi/linux/prctl.h
_NAME = 16


class Asking:
    """Of one program. The map is for all of them: nobody else may be asking meanwhile."""

    def __init__(self, kernel: Kernel, program: Program, asked: Map) -> None:
        self._asked = asked
        self._link = RawTracepoint(kernel, TRACEPOINT, program)
        self._prctl = ctypes.CDLL(None).prctl

    def run(self, context: bytes) -> int:
        who = os.getpid() << 32 | threading.get_native_id()
        first, second = struct.unpack("<QQ", context.ljust(16, b"\0"))
        self._asked.update(_ONE, VALUE.pack(who, first, second, _UNTOLD))
        name = ctypes.create_string_buffer(_NAME)
        self._prctl(_PR_GET_NAME, name)
        self._prctl(_PR_SET_NAME, name)
        *_, result = VALUE.unpack(self._asked.lookup(_ONE) or bytes(VALUE.size))
        self._asked.update(_ONE, bytes(VALUE.size))
        if result == _UNTOLD:
            raise KernelRefused(f"a program at {TRACEPOINT} was not reached", errno.ENXIO)
        return int(result)

    def close(self) -> None:
        self._link.close()
