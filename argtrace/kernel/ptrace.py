"""ptrace(2), wait4(2) and process_vm_readv(2): another process as its tracer sees it.

Source: ptrace(2); include/uapi/linux/ptrace.h (Linux 6.18): requests, options, events, struct
ptrace_syscall_info; include/uapi/linux/wait.h: __WALL; include/uapi/linux/elf.h: NT_PRSTATUS;
include/uapi/linux/audit.h: AUDIT_ARCH_*; arch/x86/include/uapi/asm/ptrace.h and
arch/x86/kernel/ptrace.c, arch/arm64/include/uapi/asm/ptrace.h and arch/arm64/kernel/ptrace.c: the
registers of 64-bit and of 32-bit tasks.

A tracee is its tracer's thread's: who seizes it must make every later call.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable

from argtrace.errors import KernelRefused

PTRACE_POKEUSER = 6
PTRACE_CONT = 7
PTRACE_DETACH = 17
PTRACE_SYSCALL = 24
PTRACE_GETEVENTMSG = 0x4201
PTRACE_GETSIGINFO = 0x4202
PTRACE_GETREGSET = 0x4204
PTRACE_SETREGSET = 0x4205
PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
PTRACE_LISTEN = 0x4208
PTRACE_GET_SYSCALL_INFO = 0x420E

PTRACE_O_TRACESYSGOOD = 1
PTRACE_O_TRACEFORK = 1 << 1
PTRACE_O_TRACEVFORK = 1 << 2
PTRACE_O_TRACECLONE = 1 << 3
PTRACE_O_TRACEEXEC = 1 << 4
PTRACE_O_TRACEEXIT = 1 << 6
PTRACE_O_TRACESECCOMP = 1 << 7
PTRACE_O_EXITKILL = 1 << 20

PTRACE_EVENT_FORK = 1
PTRACE_EVENT_VFORK = 2
PTRACE_EVENT_CLONE = 3
PTRACE_EVENT_EXEC = 4
PTRACE_EVENT_EXIT = 6
PTRACE_EVENT_SECCOMP = 7
PTRACE_EVENT_STOP = 128

PTRACE_SYSCALL_INFO_NONE, PTRACE_SYSCALL_INFO_ENTRY = 0, 1
PTRACE_SYSCALL_INFO_EXIT, PTRACE_SYSCALL_INFO_SECCOMP = 2, 3

AUDIT_ARCH_X86_64 = 0xC000003E
AUDIT_ARCH_I386 = 0x40000003
AUDIT_ARCH_AARCH64 = 0xC00000B7
AUDIT_ARCH_ARM = 0x40000028
ARCHES = {"x86_64": (AUDIT_ARCH_X86_64, AUDIT_ARCH_I386), "aarch64": (AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM)}
"""Of 64-bit and of 32-bit calls, by machine."""

WALL = 0x40000000
SYSCALL_STOP = 0x80
"""In the signal of a stop, with PTRACE_O_TRACESYSGOOD."""

NT_PRSTATUS = 1
NT_ARM_SYSTEM_CALL = 0x404

INFO = struct.Struct("<BxxxIQQ")
"""The head of struct ptrace_syscall_info: op, arch, instruction pointer, stack pointer."""
ENTRY = struct.Struct("<Q6Q")
"""What follows at an entry: the number, six arguments."""
EXIT = struct.Struct("<q")
"""And at an exit: the result."""
_INFO_SIZE = 88

_REGISTERS_64 = struct.Struct("<27Q")  # struct user_regs_struct
_RAX, _ORIG_RAX = 10, 15
_REGISTERS_32 = struct.Struct("<17I")  # struct user_regs_struct32
_REGISTERS_AARCH64 = struct.Struct("<34Q")  # struct user_pt_regs: x0 to x30, sp, pc, pstate
_REGISTERS_ARM = struct.Struct("<18I")  # struct pt_regs of arm: r0 to r15, cpsr, orig_r0
_SIGINFO_SIZE = 128
_INT_80 = b"\xcd\x80"

_libc = ctypes.CDLL(None, use_errno=True)
_ptrace = _libc.ptrace
_ptrace.restype = ctypes.c_long
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_wait4 = _libc.wait4
_wait4.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
_readv = _libc.process_vm_readv
_readv.restype = ctypes.c_ssize_t
_readv.argtypes = [
    ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong,
]  # fmt: skip


class Gone(Exception):
    """The tracee is not there any more, or not stopped: killed at any moment."""


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class Info:
    """A system call as the kernel tells of it at a stop: which end of it, and what is known there."""

    __slots__ = ("arch", "args", "ip", "number", "op", "result")

    def __init__(
        self, op: int, arch: int, ip: int, number: int = 0, args: tuple[int, ...] = (), result: int = 0
    ) -> None:
        self.op = op
        self.arch = arch
        self.ip = ip
        self.number = number
        self.args = args
        self.result = result

    @property
    def compat(self) -> bool:
        """Whether it is a 32-bit call."""
        return self.arch in (AUDIT_ARCH_I386, AUDIT_ARCH_ARM)


def seize(tid: int, options: int) -> None:
    """Raises KernelRefused."""
    if _ptrace(PTRACE_SEIZE, tid, 0, options) < 0:
        raise KernelRefused(f"ptrace(PTRACE_SEIZE, {tid})", ctypes.get_errno())


def request(number: int, tid: int, data: int = 0) -> None:
    """One that resumes, interrupts or lets go. Raises Gone."""
    if _ptrace(number, tid, 0, data) < 0:
        raise Gone(tid)


def refuse(tid: int) -> None:
    """Have the call that a tracee begins fail with ENOSYS, undone. Raises Gone."""
    if os.uname().machine == "aarch64":
        # The first word is x0; of a 32-bit tracee r0.
        is_narrow = len(_register_set(tid, NT_PRSTATUS, _REGISTERS_AARCH64.size)) == _REGISTERS_ARM.size
        result = (-errno.ENOSYS).to_bytes(4 if is_narrow else 8, "little", signed=True)
        _set_registers(tid, NT_PRSTATUS, result)
        _set_registers(tid, NT_ARM_SYSTEM_CALL, b"\xff\xff\xff\xff")
        return
    for register, value in ((_RAX, -errno.ENOSYS), (_ORIG_RAX, -1)):
        if _ptrace(PTRACE_POKEUSER, tid, register * 8, value) < 0:
            raise Gone(tid)


def event_message(tid: int) -> int:
    """Of an event's stop: the new task, the former id, the exit code. Raises Gone."""
    message = ctypes.c_ulong()
    if _ptrace(PTRACE_GETEVENTMSG, tid, 0, ctypes.addressof(message)) < 0:
        raise Gone(tid)
    return message.value


def siginfo(tid: int) -> bytes | None:
    """The siginfo_t of a signal that is being delivered; None in a group-stop. Raises Gone."""
    info = ctypes.create_string_buffer(_SIGINFO_SIZE)
    if _ptrace(PTRACE_GETSIGINFO, tid, 0, ctypes.addressof(info)) < 0:
        if ctypes.get_errno() == errno.EINVAL:
            return None
        raise Gone(tid)
    return info.raw


_info = ctypes.create_string_buffer(_INFO_SIZE)
_info_at = ctypes.addressof(_info)


def syscall_info(tid: int) -> Info:
    """PTRACE_GET_SYSCALL_INFO, of Linux 5.3. Raises Gone, or NotImplementedError before that."""
    if _ptrace(PTRACE_GET_SYSCALL_INFO, tid, _INFO_SIZE, _info_at) < 0:
        if ctypes.get_errno() in (errno.EIO, errno.EINVAL):
            raise NotImplementedError
        raise Gone(tid)
    op, arch, ip, _ = INFO.unpack_from(_info)
    if op == PTRACE_SYSCALL_INFO_EXIT:
        return Info(op, arch, ip, result=EXIT.unpack_from(_info, INFO.size)[0])
    if op == PTRACE_SYSCALL_INFO_NONE:
        return Info(op, arch, ip)
    number, *args = ENTRY.unpack_from(_info, INFO.size)
    return Info(op, arch, ip, number & 0xFFFF_FFFF, tuple(args))


def registers_info(tid: int, op: int) -> Info:
    """The same from the registers, for older kernels: who calls knows which end it is. Raises Gone.

    A 64-bit program may make a 32-bit call: by the instruction `int $0x80`, which is behind the stop.
    Its registers are then as wide as it set them.
    """
    return _aarch64(tid, op) if os.uname().machine == "aarch64" else _x86_64(tid, op)


def _register_set(tid: int, kind: int, size: int) -> bytes:
    buffer = ctypes.create_string_buffer(size)
    vector = _Iovec(ctypes.addressof(buffer), len(buffer))
    if _ptrace(PTRACE_GETREGSET, tid, kind, ctypes.addressof(vector)) < 0:
        raise Gone(tid)
    return buffer.raw[: vector.length]


def _set_registers(tid: int, kind: int, first: bytes) -> None:
    """The set's first bytes, the rest stays."""
    buffer = ctypes.create_string_buffer(first, len(first))
    vector = _Iovec(ctypes.addressof(buffer), len(first))
    if _ptrace(PTRACE_SETREGSET, tid, kind, ctypes.addressof(vector)) < 0:
        raise Gone(tid)


def _aarch64(tid: int, op: int) -> Info:
    """The first argument is where the result will be: at an exit it is not known any more."""
    buffer = _register_set(tid, NT_PRSTATUS, _REGISTERS_AARCH64.size)
    if len(buffer) == _REGISTERS_ARM.size:
        narrow = _REGISTERS_ARM.unpack(buffer)
        return Info(op, AUDIT_ARCH_ARM, narrow[15], narrow[7], narrow[:6], narrow[0])
    words = _REGISTERS_AARCH64.unpack(buffer)
    number = int.from_bytes(_register_set(tid, NT_ARM_SYSTEM_CALL, 4), "little")
    result = words[0] - ((words[0] >> 63) << 64)
    return Info(op, AUDIT_ARCH_AARCH64, words[32], number, words[:6], result)


def _x86_64(tid: int, op: int) -> Info:
    buffer = _register_set(tid, NT_PRSTATUS, _REGISTERS_64.size)
    if len(buffer) == _REGISTERS_32.size:
        bx, cx, dx, si, di, bp, ax, *_, orig, ip, _, _, _, _ = _REGISTERS_32.unpack_from(buffer)
        args = (bx, cx, dx, si, di, bp)
        return Info(op, AUDIT_ARCH_I386, ip, orig, args, ax)
    words = _REGISTERS_64.unpack(buffer)
    # r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss fs_base gs_base …
    ip, number, result = words[16], words[15] & 0xFFFF_FFFF, words[10]
    result -= (result >> 63) << 64
    if read(tid, ip - 2, 2) == _INT_80:
        args = tuple(words[at] for at in (5, 11, 12, 13, 14, 4))
        return Info(op, AUDIT_ARCH_I386, ip, number, args, result)
    return Info(op, AUDIT_ARCH_X86_64, ip, number, tuple(words[at] for at in (14, 13, 12, 7, 9, 8)), result)


_status = ctypes.c_int()
_status_at = ctypes.addressof(_status)


def wait(pid: int = -1, options: int = WALL) -> tuple[int, int] | None:
    """wait4(2): who stopped or ended, and how. None if a signal came first, or nobody has (WNOHANG).

    Not os.waitpid, which goes on waiting when a handler has run. Raises ChildProcessError.
    """
    tid: int = _wait4(pid, _status_at, options, None)
    if tid > 0:
        return tid, _status.value
    if tid < 0 and ctypes.get_errno() != errno.EINTR:
        raise ChildProcessError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return None


_NR_PIDFD_GETFD = 438  # asm-generic/unistd.h


def take_descriptor(pidfd: int, fd: int) -> int | None:
    """pidfd_getfd(2): a descriptor of ours for another process's open file; None if that cannot be."""
    taken = _libc.syscall(
        ctypes.c_long(_NR_PIDFD_GETFD), ctypes.c_int(pidfd), ctypes.c_int(fd), ctypes.c_uint(0)
    )
    return None if taken < 0 else int(taken)


_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38


class _Program(ctypes.Structure):
    """struct sock_fprog of include/uapi/linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def filter_calls(code: bytes, length: int) -> bool:
    """Put a seccomp filter into ourselves, giving up new privileges if we must; whether that worked."""
    program = ctypes.byref(_Program(length, code))
    if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0) == 0:
        return True
    one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, one, none, none, none)
    return bool(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0) == 0)


_LARGEST = 1 << 16
_memory = ctypes.create_string_buffer(_LARGEST)
_local = _Iovec(ctypes.addressof(_memory), _LARGEST)
_remote = _Iovec(0, 0)
_local_at, _remote_at = ctypes.addressof(_local), ctypes.addressof(_remote)


def read(tid: int, address: int, size: int) -> bytes:
    """What can be read there, from the beginning, up to `size` bytes: perhaps nothing."""
    _remote.base, _remote.length = address, min(size, _LARGEST)
    count = _readv(tid, _local_at, 1, _remote_at, 1, 0)
    return _memory.raw[:count] if count > 0 else b""


def reader(tid: int) -> Callable[[int, int], bytes]:
    """`read` of one tracee."""
    return lambda address, size: read(tid, address, size)
