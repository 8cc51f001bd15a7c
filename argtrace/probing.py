"""What the kernel has of what our programs use (`fetch/features.py`), by trying.

A trial ends if the kernel takes it, and raises what it said if not; what it made is freed at once.

    YES      it was taken
    NO       the kernel said that there is no such thing
    UNSURE   it was refused for another reason, a missing right above all: that says nothing

Only the first two are facts. Nothing here is attached to anything that runs often, and nothing stays.
Not here: all else that `argtrace doctor` asks for is `doctor/probes.py`.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import re
from collections.abc import Callable, Mapping
from enum import Enum

from argtrace.errors import KernelRefused, NotPermitted, VerifierRejected
from argtrace.fetch import function_types
from argtrace.fetch.asm import Asm
from argtrace.fetch.isa import Reg
from argtrace.kernel import uapi
from argtrace.kernel.attrs import ProgLoad
from argtrace.kernel.calls import Descriptor, Kernel
from argtrace.kernel.maps import Map, MapSpec
from argtrace.kernel.programs import LICENSE, Functions, Program, Types

NONE = re.compile(
    r"invalid func |unknown func |cannot use helper |helper call is not allowed"
    r"|calling kernel function \S+ is not allowed"
    r"|might sleep in a non-sleepable|must be sleepable|sleepable helper .* in non-sleepable"
)
"""What the verifier says of a helper or function that is not for such programs."""

# Errors that do not say that there is no such thing.
_UNSURE = {errno.EPERM, errno.EACCES, errno.ENOMEM, errno.EAGAIN, errno.EINTR, errno.EMFILE, errno.ENFILE}

PAGE = mmap.PAGESIZE
_LOG = 1 << 16
_GIVEN = 7  # what the program of a test run returns


class Answer(Enum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


def answer(refused: KernelRefused) -> Answer:
    """NO or UNSURE, by the errno."""
    return Answer.UNSURE if refused.errno in _UNSURE else Answer.NO


def features(kernel: Kernel) -> Mapping[str, int]:
    """Of each member of Features whether the kernel has it.

    Raises NotPermitted where that cannot be asked; KernelRefused where there is no saying now."""
    found: dict[str, int] = {}
    for name, trial in TRIALS.items():
        try:
            trial(kernel)
        except KernelRefused as refused:
            if refused.errno == errno.EPERM:
                raise NotPermitted("asking the kernel what it has", ("CAP_BPF", "CAP_PERFMON")) from refused
            if answer(refused) is Answer.UNSURE and not isinstance(refused, VerifierRejected):
                raise
            found[name] = False
        else:
            found[name] = True
    return found


def ring(kernel: Kernel) -> None:
    """Linux 5.8."""
    Map(kernel, MapSpec("ringbuf", uapi.BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE)).close()


def exchange(kernel: Kernel) -> None:
    """Linux 5.12; on aarch64 5.18."""
    asm = Asm()
    asm.store(Reg.R10, -8, 0)
    asm.move(Reg.R0, 0)
    asm.move(Reg.R1, 1)
    asm.compare_exchange(Reg.R10, -8, Reg.R1)
    asm.exit()
    load(kernel, asm, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)


def task(kernel: Kernel) -> None:
    """Linux 5.11 and 5.15."""
    for name in ("get_current_task_btf", "task_pt_regs"):
        helper(kernel, name, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)


def apart(kernel: Kernel) -> None:
    """Linux 5.5."""
    for memory in ("user", "kernel"):
        helper(kernel, f"probe_read_{memory}", uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)


def values(kernel: Kernel) -> None:
    """Linux 5.2."""
    asm = Asm()
    asm.load_map_value(Reg.R1, "value")
    asm.load(Reg.R0, Reg.R1, 0)
    asm.exit()
    code = asm.assemble("values").code()
    with Map(kernel, MapSpec("value", uapi.BPF_MAP_TYPE_ARRAY, 4, 8, 1)) as value:
        Program(kernel, code.name, code.bind({"value": value.fileno()}), code.type).close()


def loops(kernel: Kernel) -> None:
    """Linux 5.3."""
    asm = Asm()
    asm.move(Reg.R6, 0)
    asm.label("again")
    asm.alu("+=", Reg.R6, 1)
    asm.jump("<", Reg.R6, 8, "again")
    asm.exit()
    load(kernel, asm, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)


def functions(kernel: Kernel) -> None:
    """Verified each by itself (5.6), given pointers (5.12), beside tail calls (5.10, on aarch64 6.0)."""
    asm = Asm()
    asm.move(Reg.R6, Reg.R1)
    for register in (Reg.R1, Reg.R2, Reg.R3, Reg.R4, Reg.R5):
        asm.move(register, 0)
    asm.call_function(function_types.STRING)
    asm.move(Reg.R1, Reg.R6)
    asm.load_map(Reg.R2, "programs")
    asm.move(Reg.R3, 0)
    asm.call("tail_call")
    asm.exit()
    asm.function(function_types.STRING)
    asm.give(Reg.R3)
    code = asm.assemble("functions").code()
    with (
        Types(kernel, function_types.btf(8, 8)) as types,
        Map(kernel, MapSpec("programs", uapi.BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1)) as programs,
    ):
        bound = code.bind({"programs": programs.fileno()})
        Program(kernel, code.name, bound, code.type, Functions(types, code.functions)).close()


def runs(kernel: Kernel) -> None:
    """Linux 5.10."""
    asm = Asm()
    asm.exit(_GIVEN)
    code = asm.assemble("run").code()
    with Program(kernel, code.name, code.instructions, code.type) as program:
        if (given := program.run(bytes(8))) != _GIVEN:
            raise KernelRefused(f"BPF_PROG_TEST_RUN gave {given}, not {_GIVEN}", errno.EINVAL)


def allocation(kernel: Kernel) -> None:
    """Linux 6.1. It would take a warning in the kernel's log to ask; so we ask for
    what came with the same release."""
    Map(kernel, MapSpec("user_ringbuf", uapi.BPF_MAP_TYPE_USER_RINGBUF, 0, 0, PAGE)).close()


def mapped(kernel: Kernel) -> None:
    """Linux 5.5."""
    spec = MapSpec("mapped", uapi.BPF_MAP_TYPE_ARRAY, 4, 8, 1, uapi.BPF_F_MMAPABLE)
    with Map(kernel, spec) as array:
        array.mapped().close()


TRIALS: Mapping[str, Callable[[Kernel], None]] = {
    trial.__name__: trial
    for trial in (ring, exchange, task, apart, values, loops, functions, runs, allocation, mapped)
}
"""Of each member of Features how it is tried."""


def helper(kernel: Kernel, name: str, type: int, flags: int = 0) -> None:
    """Whether there is one for programs of this type.

    A program that calls it without arguments is refused, and the verifier's log tells why: because of
    them, or because there is no such helper."""
    asm = Asm()
    asm.call(name)
    asm.exit()
    allowed(kernel, asm, type, flags)


def allowed(kernel: Kernel, asm: Asm, type: int, flags: int = 0) -> None:
    """Whether what a program calls is there, however it is called. Raises as `load` does, if not."""
    try:
        load(kernel, asm, type, flags=flags)
    except VerifierRejected as rejected:
        if NONE.search(rejected.log):
            raise


def load(kernel: Kernel, asm: Asm, type: int, attach: int = 0, flags: int = 0, function: int = 0) -> None:
    """Raises VerifierRejected if there is a log, KernelRefused if not."""
    instructions = asm.assemble("probe").code().instructions
    code = ctypes.create_string_buffer(instructions, len(instructions))
    licence, log = ctypes.create_string_buffer(LICENSE), ctypes.create_string_buffer(_LOG)
    attr = ProgLoad(
        prog_type=type, insn_cnt=len(instructions) // 8, insns=ctypes.addressof(code),
        license=ctypes.addressof(licence), log_level=1, log_size=_LOG, log_buf=ctypes.addressof(log),
        prog_name=b"probe", prog_flags=flags, expected_attach_type=attach, attach_btf_id=function,
    )  # fmt: skip
    try:
        fd = kernel.bpf(uapi.BPF_PROG_LOAD, attr)
    except KernelRefused as refused:
        if text := log.value.decode(errors="replace"):
            raise VerifierRejected("probe", refused.errno or 0, text) from refused
        raise
    Descriptor(fd).close()
