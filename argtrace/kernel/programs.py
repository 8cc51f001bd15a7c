"""Loading programs, and what the verifier says of them.

A first load asks for no log, which is the fast way; if the kernel refuses, a
second load asks for it, so that the error can say why.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from typing import Protocol

from argtrace.errors import KernelRefused, VerifierRejected
from argtrace.kernel import uapi
from argtrace.kernel.attrs import BtfLoad, ObjInfo, ProgInfo, ProgLoad, ProgRun
from argtrace.kernel.calls import Descriptor, Kernel
from argtrace.value import frozen

# Programs that use GPL-only helpers (bpf_probe_read_user_str, bpf_ktime_get_ns
# is not one) must say so; the package itself is MIT.
LICENSE = b"Dual MIT/GPL"

_INSTRUCTION = 8
_FUNC_INFO = struct.Struct("<II")
_FIRST_LOG = 64 * 1024
_LAST_LOG = 16 * 1024 * 1024


@frozen
class Cost:
    """What a loaded program took and takes. `verified` is instructions processed by the
    verifier, None where the kernel does not tell (before Linux 5.16)."""

    instructions: int
    verified: int | None
    jited_bytes: int


class Types(Descriptor):
    """BTF of our own, for programs to name types of."""

    def __init__(self, kernel: Kernel, btf: bytes) -> None:
        held = ctypes.create_string_buffer(btf, len(btf))
        attr = BtfLoad(btf=ctypes.addressof(held), btf_size=len(btf))
        super().__init__(kernel.bpf(uapi.BPF_BTF_LOAD, attr))


@frozen
class Functions:
    """A program of several functions. `begins`: instruction and type of each (struct bpf_func_info)."""

    types: Types
    begins: tuple[tuple[int, int], ...]


class Asked(Protocol):
    """Another way to have a program run."""

    def run(self, context: bytes) -> int: ...

    def close(self) -> None: ...


class Program(Descriptor):
    """A loaded program; the kernel frees it when this and every link to it is closed."""

    def __init__(
        self, kernel: Kernel, name: str, instructions: bytes, type: int, functions: Functions | None = None
    ) -> None:
        super().__init__(_load(kernel, name, instructions, type, functions))
        self.name = name
        self.type = type
        self._kernel = kernel
        self._count = len(instructions) // _INSTRUCTION
        self._asked: Asked | None = None

    def ask_by(self, asked: Asked) -> None:
        """From now on it is run in this way, which closes with it."""
        self._asked = asked

    def close(self) -> None:
        if self._asked is not None:
            self._asked.close()
        super().close()

    def run(self, context: bytes) -> int:
        """What a raw tracepoint's program returns for these arguments (Linux 5.10, or `ask_by`)."""
        if self._asked is not None:
            return self._asked.run(context)
        held = ctypes.create_string_buffer(context, len(context))
        attr = ProgRun(prog_fd=self.fileno(), ctx_size_in=len(context), ctx_in=ctypes.addressof(held))
        self._kernel.bpf(uapi.BPF_PROG_TEST_RUN, attr)
        return int(attr.retval)

    def cost(self) -> Cost:
        info = self._info()
        return Cost(self._count, info.verified_insns or None, info.jited_prog_len)

    def missed(self) -> int:
        """Runs that the kernel left out, as the program was running on that CPU (Linux 5.12)."""
        return int(self._info().recursion_misses)

    def _info(self) -> ProgInfo:
        info = ProgInfo()
        attr = ObjInfo(bpf_fd=self.fileno(), info_len=ctypes.sizeof(info), info=ctypes.addressof(info))
        self._kernel.bpf(uapi.BPF_OBJ_GET_INFO_BY_FD, attr)
        return info


def _load(kernel: Kernel, name: str, instructions: bytes, type: int, functions: Functions | None) -> int:
    code = ctypes.create_string_buffer(instructions, len(instructions))
    licence = ctypes.create_string_buffer(LICENSE)
    attr = ProgLoad(
        prog_type=type,
        insn_cnt=len(instructions) // _INSTRUCTION,
        insns=ctypes.addressof(code),
        license=ctypes.addressof(licence),
        prog_name=name.encode(),
    )
    if functions is not None:
        info = b"".join([_FUNC_INFO.pack(*each) for each in functions.begins])
        held = ctypes.create_string_buffer(info, len(info))
        attr.prog_btf_fd, attr.func_info = functions.types.fileno(), ctypes.addressof(held)
        attr.func_info_rec_size, attr.func_info_cnt = _FUNC_INFO.size, len(functions.begins)
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
