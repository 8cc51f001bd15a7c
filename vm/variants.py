"""Which of its variants argtrace chose for the kernel that runs: asked in the guest, shown in the matrix."""

from __future__ import annotations

from argtrace import probing, running_kernel
from argtrace.doctor import findings
from argtrace.errors import KernelRefused
from argtrace.fetch.asm import Asm
from argtrace.fetch.context import RAW
from argtrace.fetch.isa import Reg
from argtrace.kernel import uapi


def chosen() -> dict[str, str]:
    features = running_kernel.features()
    found = {
        what: usual if getattr(features, name) else instead
        for name, (what, usual, instead) in findings.WAYS.items()
    }
    kind = "raw tracepoints" if running_kernel.context() == RAW else "perf's events"
    what, only, though = findings.PAGES
    return found | {"attach to": kind, what: though if _may_sleep() else only}


def _may_sleep() -> bool:
    """Whether a raw tracepoint's program may wait for a page. Nothing is attached."""
    asm = Asm()
    asm.move(Reg.R0, 0)
    asm.exit()
    try:
        probing.load(
            running_kernel.running(), asm, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT, flags=uapi.BPF_F_SLEEPABLE
        )
    except KernelRefused:
        return False
    return True
