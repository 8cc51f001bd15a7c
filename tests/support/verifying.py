"""A kernel that is asked, of each program that it takes, what that cost the verifier."""

from __future__ import annotations

import ctypes
import re
import time
from dataclasses import dataclass

from argtrace.kernel.attrs import Attr, PerfEventAttr, ProgLoad
from argtrace.kernel.calls import Kernel

_LOG_STATS = 4  # BPF_LOG_STATS in include/linux/bpf_verifier.h, from Linux 5.2 on
_LOG = 4096


@dataclass(frozen=True, slots=True)
class Verified:
    """`processed`: instructions that the verifier went through. `seconds`: of the load, the JIT's too."""

    instructions: int
    processed: int
    seconds: float


class Verifying:
    """`programs`: by name, in the order of loading. Unlike `Program.cost`, kernels before 5.16 tell too."""

    def __init__(self, of: Kernel) -> None:
        self.programs: dict[str, Verified] = {}
        self._of = of

    def bpf(self, command: int, attr: Attr) -> int:
        if not isinstance(attr, ProgLoad) or attr.log_level:
            return self._of.bpf(command, attr)
        log = ctypes.create_string_buffer(_LOG)
        attr.log_level, attr.log_size, attr.log_buf = _LOG_STATS, _LOG, ctypes.addressof(log)
        begin = time.monotonic()
        fd = self._of.bpf(command, attr)
        seconds = time.monotonic() - begin
        said = re.search(rb"processed (\d+) insns", log.value)
        assert said is not None, log.value
        self.programs[attr.prog_name.decode()] = Verified(attr.insn_cnt, int(said[1]), seconds)
        return fd

    def perf_event_open(self, attr: PerfEventAttr, cpu: int = 0) -> int:
        return self._of.perf_event_open(attr, cpu)
