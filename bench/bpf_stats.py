"""How long the programs of another process run, told by the kernel.

BPF_ENABLE_STATS (include/uapi/linux/bpf.h, Linux 5.8) makes it count runs and nanoseconds of each
program, tail calls included in the program that was attached. Which programs a tracer has attached,
and where, stands in /proc/PID/fdinfo of its links (bpf_raw_tp_link_show_fdinfo, kernel/bpf/syscall.c),
so nothing here knows how the tracer names or arranges them. The time that is counted holds a reading of
the clock: compare with an empty program.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from argtrace.fetch.asm import Asm
from argtrace.kernel import uapi
from argtrace.kernel.attrs import Attr, ObjInfo, ProgInfo
from argtrace.kernel.calls import Descriptor, Linux
from argtrace.kernel.links import RawTracepoint
from argtrace.kernel.programs import Program

ENTER, EXIT = "sys_enter", "sys_exit"

_LINK = re.compile(r"^prog_id:\s+(?P<id>\d+)$.*?^tp_name:\s+(?P<tracepoint>\w+)$", re.MULTILINE | re.DOTALL)


class _EnableStats(Attr):
    _fields_ = (("type", ctypes.c_uint32),)


class _ById(Attr):
    _fields_ = (("id", ctypes.c_uint32), ("next_id", ctypes.c_uint32), ("open_flags", ctypes.c_uint32))


@dataclass(frozen=True, slots=True)
class Spent:
    """Nanoseconds in how many runs."""

    ns: int = 0
    runs: int = 0

    @property
    def each(self) -> float:
        return self.ns / self.runs if self.runs else 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.ns + other.ns, self.runs + other.runs)


@contextlib.contextmanager
def counting(kernel: Linux) -> Iterator[None]:
    """The kernel counts meanwhile. For all programs, so others get a little slower too."""
    with Descriptor(kernel.bpf(uapi.BPF_ENABLE_STATS, _EnableStats(type=uapi.BPF_STATS_RUN_TIME))):
        yield


@contextlib.contextmanager
def empty_pair(kernel: Linux) -> Iterator[dict[str, list[Descriptor]]]:
    """A program that does nothing on each of sys_enter and sys_exit: the floor of all that is possible."""
    with contextlib.ExitStack() as stack:
        programs: dict[str, list[Descriptor]] = {}
        for tracepoint in (ENTER, EXIT):
            asm = Asm()
            asm.exit()
            code = asm.assemble("empty").code().bind({})
            program = Program(kernel, "empty", code, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)
            stack.enter_context(program)
            stack.enter_context(RawTracepoint(kernel, tracepoint, program))
            programs[tracepoint] = [program]
        yield programs


def attached(kernel: Linux, pid: int, seconds: float) -> dict[str, list[Descriptor]]:
    """Its programs by tracepoint, once it has attached some to both ends of calls; the descriptors
    keep them countable when it has ended. Raises TimeoutError."""
    directory = Path(f"/proc/{pid}/fdinfo")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = links(directory)
        if {ENTER, EXIT} <= found.keys():
            # It may be attaching more of them, that take microseconds each.
            time.sleep(0.005)
            found = links(directory) or found
            return {
                tracepoint: [
                    Descriptor(kernel.bpf(uapi.BPF_PROG_GET_FD_BY_ID, _ById(id=number))) for number in numbers
                ]
                for tracepoint, numbers in found.items()
            }
        time.sleep(0.001)
    raise TimeoutError(f"process {pid} attached no program to {ENTER} and {EXIT} in {seconds:.0f} s")


def links(directory: Path) -> dict[str, list[int]]:
    """Ids of programs by tracepoint, from a process's fdinfo."""
    found: dict[str, list[int]] = {}
    # A descriptor may be closed between listing and reading, and the process may end.
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            with contextlib.suppress(OSError):
                if match := _LINK.search((directory / name).read_text()):
                    found.setdefault(match["tracepoint"], []).append(int(match["id"]))
    return found


def spent(kernel: Linux, programs: list[Descriptor]) -> Spent:
    total = Spent()
    for program in programs:
        info = ProgInfo()
        attr = ObjInfo(bpf_fd=program.fileno(), info_len=ctypes.sizeof(info), info=ctypes.addressof(info))
        kernel.bpf(uapi.BPF_OBJ_GET_INFO_BY_FD, attr)
        total += Spent(info.run_time_ns, info.run_cnt)
    return total
