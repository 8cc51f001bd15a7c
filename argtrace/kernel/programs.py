"""Loading programs, and what the verifier says of them.

A first load asks for no log, which is the fast way; if the kernel refuses, a
second load asks for it, so that the error can say why.
"""

from __future__ import annotations

import ctypes
import errno
from dataclasses import dataclass

from argtrace.errors import KernelRefused, VerifierRejected
from argtrace.kernel import uapi
from argtrace.kernel.attrs import ObjInfo, ProgInfo, ProgLoad
from argtrace.kernel.calls import Descriptor, Kernel

# Programs that use GPL-only helpers (bpf_probe_read_user_str, bpf_ktime_get_ns
# is not one) must say so; the package itself is MIT.
LICENSE = b"Dual MIT/GPL"

_INSTRUCTION = 8
_FIRST_LOG = 64 * 1024
_LAST_LOG = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a loaded program took and takes. `verified` is instructions processed by the
    verifier, None where the kernel does not tell (before Linux 5.16)."""

    instructions: int
    verified: int | None
    jited_bytes: int


class Program(Descriptor):
    """A loaded program; the kernel frees it when this and every link to it is closed."""

    def __init__(self, kernel: Kernel, name: str, instructions: bytes, type: int) -> None:
        super().__init__(_load(kernel, name, instructions, type))
        self.name = name
        self._kernel = kernel
        self._count = len(instructions) // _INSTRUCTION

    def cost(self) -> Cost:
        info = ProgInfo()
        attr = ObjInfo(bpf_fd=self.fileno(), info_len=ctypes.sizeof(info), info=ctypes.addressof(info))
        self._kernel.bpf(uapi.BPF_OBJ_GET_INFO_BY_FD, attr)
        return Cost(self._count, info.verified_insns or None, info.jited_prog_len)


def _load(kernel: Kernel, name: str, instructions: bytes, type: int) -> int:
    code = ctypes.create_string_buffer(instructions, len(instructions))
    licence = ctypes.create_string_buffer(LICENSE)
    attr = ProgLoad(
        prog_type=type,
        insn_cnt=len(instructions) // _INSTRUCTION,
        insns=ctypes.addressof(code),
        license=ctypes.addressof(licence),
        prog_name=name.encode(),
    )
    try:
        return kernel.bpf(uapi.BPF_PROG_LOAD, attr)
    except KernelRefused as refused:
        if refused.errno == errno.EPERM:  # no right to load: there is no log to ask for
            raise
        log = _log(kernel, attr)
        raise VerifierRejected(name, refused.errno or errno.EINVAL, log) from refused


def _log(kernel: Kernel, attr: ProgLoad) -> str:
    """Load again for the log, with a larger buffer while the kernel says ENOSPC."""
    size = _FIRST_LOG
    while True:
        buffer = ctypes.create_string_buffer(size)
        attr.log_level, attr.log_size, attr.log_buf = 1, size, ctypes.addressof(buffer)
        try:
            fd = kernel.bpf(uapi.BPF_PROG_LOAD, attr)
        except KernelRefused as refused:
            if refused.errno == errno.ENOSPC and size < _LAST_LOG:
                size *= 4
                continue
        else:  # accepted the second time: nothing to explain, and not ours to keep
            Descriptor(fd).close()
        return buffer.value.decode(errors="replace")
