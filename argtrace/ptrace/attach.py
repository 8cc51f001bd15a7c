"""Why a process cannot be traced: what ptrace(2) answers with EPERM, whatever the reason.

Sources: ptrace(2), "Ptrace access mode checking"; Documentation/admin-guide/LSM/Yama.rst;
proc_pid_status(5): TracerPid, Uid, CapEff; include/uapi/linux/capability.h.
"""

from __future__ import annotations

import errno
import os

from argtrace.errors import ArgtraceError, KernelRefused, NotPermitted, NotSupported

_CAP_SYS_PTRACE = 19
_YAMA = "sys/kernel/yama/ptrace_scope"
_PF_KTHREAD = 0x00200000  # include/linux/sched.h


def check_proc(proc: str = "/proc") -> None:
    """Raises NotSupported where /proc is that of another pid namespace, or is not there: all that is
    read there would be of strangers."""
    try:
        own = os.readlink(f"{proc}/self")
    except OSError:
        own = ""
    if own != str(os.getpid()):
        raise NotSupported(
            "tracing with ptrace where /proc is not of our own pid namespace",
            remedy="mount one: mount -t proc proc /proc, or start the namespace with unshare --mount-proc",
        )


def explain(refused: KernelRefused, tid: int, *, proc: str = "/proc") -> ArgtraceError:
    """What to tell of a PTRACE_SEIZE that was refused. `proc`: where proc(5) is."""
    if refused.errno == errno.ESRCH:
        return ArgtraceError(f"no process has the id {tid}", remedy="ps -e lists those that run")
    if refused.errno != errno.EPERM:
        return refused
    try:
        target = _status(tid, proc)
        own = _status("self", proc)
    except OSError:
        return ArgtraceError(f"no process has the id {tid}", remedy="ps -e lists those that run")
    wanted = f"tracing process {tid} with ptrace"
    tracer = int(target.get("TracerPid", "0"))
    if tracer:
        return NotPermitted(
            wanted,
            (f"process {tid} to be untraced: {_named(tracer, proc)} traces it, and there can be only one",),
            remedy="end that tracer, or trace with BPF (--backend bpf), which does not mind",
        )
    if target.get("Tgid") == own.get("Tgid"):
        return NotPermitted(wanted, ("another process: it is argtrace itself",))
    if _flags(tid, proc) & _PF_KTHREAD:
        return NotPermitted(wanted, ("a process: it is a thread of the kernel, which makes no calls",))
    capable = int(own.get("CapEff", "0"), 16) >> _CAP_SYS_PTRACE & 1
    if capable:
        return NotPermitted(
            wanted,
            ("a kernel that allows it: CAP_SYS_PTRACE is there",),
            remedy="a security module, a container or another user namespace forbids it",
        )
    if (theirs := target.get("Uid", "").split()) != (ours := own.get("Uid", "").split()):
        return NotPermitted(
            wanted,
            (f"CAP_SYS_PTRACE: it runs as user {theirs[1]}, we as {ours[1]}",),
            remedy="run argtrace as that user, or with sudo",
        )
    return _scope(wanted, proc)


def _scope(wanted: str, proc: str) -> NotPermitted:
    """It is ours: what forbids it is Yama, or that it made itself private."""
    try:
        with open(f"{proc}/{_YAMA}") as file:
            scope = int(file.read())
    except OSError:
        scope = 0
    if scope == 1:
        return NotPermitted(
            wanted,
            ("CAP_SYS_PTRACE, since kernel.yama.ptrace_scope is 1: only children may be traced",),
            remedy="start it with argtrace (argtrace -- COMMAND), run argtrace with sudo, "
            "or: sudo sysctl kernel.yama.ptrace_scope=0",
        )
    if scope == 2:
        return NotPermitted(
            wanted,
            ("CAP_SYS_PTRACE, since kernel.yama.ptrace_scope is 2",),
            remedy="run argtrace with sudo",
        )
    if scope == 3:
        return NotPermitted(
            wanted,
            ("a boot without kernel.yama.ptrace_scope=3, which forbids ptrace to everybody",),
            remedy="trace with BPF (--backend bpf) as root",
        )
    return NotPermitted(
        wanted,
        ("CAP_SYS_PTRACE: the process is not dumpable (it gained or dropped rights), or has more than we",),
        remedy="run argtrace with sudo; in a container its seccomp filter may forbid ptrace(2) to all",
    )


def _status(tid: int | str, proc: str) -> dict[str, str]:
    with open(f"{proc}/{tid}/status") as file:
        pairs = (line.partition(":") for line in file)
        return {name: value.strip() for name, _, value in pairs}


def _flags(tid: int, proc: str) -> int:
    try:
        with open(f"{proc}/{tid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[6])
    except (OSError, IndexError, ValueError):
        return 0


def _named(pid: int, proc: str) -> str:
    try:
        with open(f"{proc}/{pid}/comm", errors="replace") as file:
            return f"{file.read().strip()} ({pid})"
    except OSError:
        return f"process {pid}"
