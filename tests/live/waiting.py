"""What would come of programs that wait for a page: who has to wait with them? For kernels in a guest.

    python -m tests.live.waiting --build DIR    compile what is traced
    python -m tests.live.waiting DIR            trace it; the status: did nobody have to wait?

From Linux 7.1 on a program of a raw tracepoint may be sleepable, and have the kernel bring a page that is
not there (bpf_copy_from_user; that fails in 7.1). argtrace's are not: docs/kernels.md has why, with what
this printed. Here a sleepable one reads an argument of calls that fail before the kernel looks at it (a
descriptor -1), from a page that nobody brings: targets/hostile/unbrought.c. Who hangs is let go by killing
that process, our own.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from argtrace.errors import KernelRefused
from argtrace.fetch.asm import Asm
from argtrace.fetch.context import RAW
from argtrace.fetch.emit import R0, R1, R2, R3, R6, R10
from argtrace.kernel import uapi
from argtrace.kernel.attrs import ProgLoad
from argtrace.kernel.calls import Descriptor, Kernel, Linux
from argtrace.kernel.links import Links, RawTracepoint
from argtrace.kernel.maps import Map, MapSpec
from argtrace.kernel.programs import LICENSE, Program
from argtrace.location.frames import frame
from argtrace.target import host
from tests.support import live
from tests.support.pen import becomes

SOURCE = Path(__file__).parent / "targets" / "hostile" / "unbrought.c"

GIVEN = MapSpec("given", uapi.BPF_MAP_TYPE_ARRAY, 4, 16, 1)
"""What the last copy came to, 0 or an errno below 0; how many have."""

PATIENCE = 10.0
"""Seconds, until who has not come back is said to hang."""


def build(directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    built = live.compile(SOURCE, directory)
    if built != str(directory / SOURCE.stem):  # in a guest, by the host
        shutil.copy(built, directory / SOURCE.stem)


def _waiting(pid: int, given: Map) -> bytes:
    """At sys_enter: copies what the second argument of that process points to, if the first is -1."""
    places = frame(host())
    asm = Asm()
    asm.move(R6, R1)
    asm.call("get_current_pid_tgid")
    asm.alu(">>=", R0, 32)
    asm.jump("!=", R0, pid, "out")
    for argument in (0, 1):
        asm.load(R3, R6, 0)  # struct pt_regs *
        asm.alu("+=", R3, places.start + places.arguments[argument])
        asm.move(R2, 8)
        asm.move(R1, R10)
        asm.alu("+=", R1, -8)
        asm.call("probe_read_kernel")
        if argument == 0:
            asm.load(R1, R10, -8)
            asm.jump("!=", R1, -1, "out")
    asm.load(R3, R10, -8)
    asm.move(R2, 8)
    asm.move(R1, R10)
    asm.alu("+=", R1, -8)
    asm.call("copy_from_user")
    asm.load_map_value(R1, GIVEN.name)
    asm.store(R1, 0, R0)
    asm.move(R2, 1)
    asm.atomic_add(R1, 8, R2)
    asm.label("out")
    asm.exit()
    return asm.assemble("at_waiting").code().bind({GIVEN.name: given.fileno()})


def _load(kernel: Kernel, instructions: bytes) -> Descriptor:
    """Sleepable. Raises KernelRefused before Linux 7.1."""
    code = ctypes.create_string_buffer(instructions, len(instructions))
    licence = ctypes.create_string_buffer(LICENSE)
    attr = ProgLoad(
        prog_type=RAW.type, insn_cnt=len(instructions) // 8, insns=ctypes.addressof(code),
        license=ctypes.addressof(licence), prog_name=b"at_waiting", prog_flags=uapi.BPF_F_SLEEPABLE,
    )  # fmt: skip
    return Descriptor(kernel.bpf(uapi.BPF_PROG_LOAD, attr))


def _plain(kernel: Kernel, type: int) -> Program:
    asm = Asm()
    asm.exit()
    return Program(kernel, "at_exit", asm.assemble("at_exit").code().instructions, type)


def _comes_and_goes(kernel: Kernel, type: int) -> None:
    """Another tracer's program, at another tracepoint."""
    links = Links(kernel)
    with _plain(kernel, type) as program:
        links.attach("sys_exit", program)
        links.close()


def _told(what: str, work: Callable[[], object]) -> tuple[Thread, bool]:
    begun = time.monotonic()
    thread = Thread(target=work)
    thread.start()
    thread.join(PATIENCE)
    well = not thread.is_alive()
    print(f"  {what}: {f'{time.monotonic() - begun:.2f} s' if well else 'hangs'}", flush=True)
    return thread, well


def main(words: list[str]) -> int:
    if words[0] == "--build":
        build(Path(words[1]))
        return 0
    print(os.uname().release, flush=True)
    kernel = Linux()
    shell = ["sh", "-c", 'read go; exec "$0"', str(Path(words[0]) / SOURCE.stem)]
    with subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            given = Map(kernel, GIVEN)
            program = _load(kernel, _waiting(process.pid, given))
        except KernelRefused as refused:
            print(f"  no sleepable programs: {refused}")
            process.kill()
            return 0
        link = RawTracepoint(kernel, "sys_enter", program)
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        returned = becomes(lambda: process.poll() is not None, PATIENCE)
        if process.returncode:
            print(f"  what is traced ended with {process.returncode}", flush=True)
            return 1
        print(f"  calls that fail at once: {'as ever' if returned else 'the first hangs'}")
        result, copies = struct.unpack("=qQ", given.lookup(bytes(4)) or bytes(16))
        print(f"  copies that have ended: {copies}" + (f", the last of them {result}" if copies else ""))
        told = [
            _told("its program detached", link.close),
            _told("a raw tracepoint of another's", lambda: _comes_and_goes(kernel, RAW.type)),
            _told("an event of another's", lambda: _comes_and_goes(kernel, uapi.BPF_PROG_TYPE_TRACEPOINT)),
        ]
        process.kill()
    for thread, _ in told:
        thread.join()
    print("  that process killed: nobody hangs", flush=True)
    return 0 if returned and all(well for _, well in told) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
