"""Which of its variants argtrace chose for the kernel that runs: asked in the guest, shown in the matrix."""

from __future__ import annotations

from argtrace import probing, running_kernel
from argtrace.errors import KernelRefused
from argtrace.fetch.asm import Asm
from argtrace.fetch.context import RAW
from argtrace.fetch.isa import Reg
from argtrace.kernel import uapi

# Of each feature that is probed (argtrace/fetch/features.py): what it is for, and what is used with it and
# without.
_WORDS = {
    "ring": ("transport", "ring buffer", "perf buffers"),
    "exchange": ("a task's slot", "array, by compare-exchange", "array, by a hash"),
    "task": ("fields of the current task", "loaded", "copied"),
    "apart": ("strings by", "probe_read_user_str", "probe_read_str"),
    "values": ("values of maps", "addressed", "looked up"),
    "loops": ("loops", "loops", "each round by itself"),
    "functions": ("functions are verified", "once", "at each call"),
    "runs": ("who is there already is asked by", "a test run", "a tracepoint of ours"),
    "allocation": ("room for tasks", "as they come", "beforehand"),
    "mapped": ("counters", "mapped", "looked up"),
}


def chosen() -> dict[str, str]:
    features = running_kernel.features()
    found = {
        what: having if getattr(features, name) else lacking
        for name, (what, having, lacking) in _WORDS.items()
    }
    kind = "raw tracepoints" if running_kernel.context() == RAW else "events of syscalls"
    return found | {"programs are attached to": kind, "reads of memory that may fault": _faulting()}


def _faulting() -> str:
    """Whether a raw tracepoint's program may wait for a page. Nothing is attached."""
    asm = Asm()
    asm.move(Reg.R0, 0)
    asm.exit()
    try:
        probing.load(
            running_kernel.running(), asm, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT, flags=uapi.BPF_F_SLEEPABLE
        )
    except KernelRefused:
        return "not to be had: read again at exit"
    return "to be had, and not used: read again at exit"
