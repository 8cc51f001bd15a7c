"""Which rights this process has, which it lacks, and how to get them.

Source: capabilities(7), CAP_BPF and CAP_PERFMON (Linux 5.8);
include/uapi/linux/capability.h.
"""

from __future__ import annotations

import errno
import os
import sys

from argtrace.errors import KernelRefused, NotPermitted, NotSupported, VerifierRejected
from argtrace.kernel import memlock

_CAPABILITIES = {"CAP_BPF": 39, "CAP_PERFMON": 38}
_CAP_SYS_ADMIN = 21  # has both in it
_PROC_PID_INIT_INO = 0xEFFFFFFC


def missing_capabilities(status: str | None = None) -> tuple[str, ...]:
    """Of CAP_BPF and CAP_PERFMON, those not in effect. `status`: text of /proc/self/status."""
    if status is None:
        with open("/proc/self/status") as file:
            status = file.read()
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    effective = int(line.split()[1], 16)
    if effective >> _CAP_SYS_ADMIN & 1:
        return ()
    return tuple(name for name, bit in _CAPABILITIES.items() if not effective >> bit & 1)


def check_pid_namespace(inode: int | None = None) -> None:
    """Raises NotSupported inside a pid namespace: BPF sees other ids there than we do.

    Source: include/linux/proc_ns.h, PROC_PID_INIT_INO. `inode`: that of /proc/self/ns/pid.
    """
    if inode is None:
        try:
            inode = os.stat("/proc/self/ns/pid").st_ino
        except OSError as error:
            raise NotSupported(
                "tracing where /proc is not mounted", remedy="mount it: mount -t proc proc /proc"
            ) from error
    if inode != _PROC_PID_INIT_INO:
        raise NotSupported(
            "tracing from inside a pid namespace",
            remedy="run argtrace outside the container, or start that with --pid=host",
        )


def explain(refused: KernelRefused) -> NotPermitted | None:
    """What to tell the user of an EPERM from bpf(2), or None if it is another error."""
    # The verifier says EACCES too, of a program's bad access: no right would help.
    if isinstance(refused, VerifierRejected) or refused.errno not in (errno.EPERM, errno.EACCES):
        return None
    needs = missing_capabilities()
    limit = memlock.counted()
    python = os.path.realpath(sys.executable)
    if needs:
        wanted = ",".join(
            name.lower() for name in (*needs, *(() if limit is None else ("CAP_SYS_RESOURCE",)))
        )
        return NotPermitted(
            "loading BPF programs",
            needs,
            remedy=f"run it with sudo, or give every program of this Python the right: "
            f"sudo setcap {wanted}+ep {python}",
        )
    if limit is not None:
        return NotPermitted(
            "loading BPF programs",
            (f"more than the {limit >> 10} KiB of RLIMIT_MEMLOCK, which counts before Linux 5.11",),
            remedy="ulimit -l unlimited, as root, in the shell that starts it; or CAP_SYS_RESOURCE besides: "
            f"sudo setcap cap_bpf,cap_perfmon,cap_sys_resource+ep {python}",
        )
    return NotPermitted(
        "loading BPF programs",
        ("a kernel that lets this process use bpf(2)",),
        remedy="the capabilities are there, so lockdown, seccomp or a container forbids it",
    )
