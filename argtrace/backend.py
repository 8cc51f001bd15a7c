"""Which back end traces: BPF, or ptrace where that is not allowed or not there.

BPF is faster and sees more; ptrace needs no right but that to trace one's own processes. What is
looked at here costs a few microseconds. Whether the kernel takes the programs only it can say: where
it refuses, before the command has begun, `instead` says that "auto" goes on with ptrace.

Not here: how each does it is `session.py` and `ptrace/session.py`.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from argtrace.errors import ArgtraceError, KernelRefused, NotPermitted, NotSupported, VerifierRejected
from argtrace.kernel import access, buildid
from argtrace.targets import NOBODY

if TYPE_CHECKING:
    from argtrace.options import Options

BPF, PTRACE, AUTO = "bpf", "ptrace", "auto"


class Choice(NamedTuple):
    """`reason`: why it is ptrace, in a few words; why BPF, if anybody wants to know."""

    name: str
    reason: str


def choose(
    wanted: str, *, status: str | None = None, namespace: int | None = None, btf: str | None = None
) -> Choice:
    """`wanted`: BPF, PTRACE or AUTO. `status`: text of /proc/self/status; `namespace`: inode of the pid
    namespace; `btf`: where the kernel's types are."""
    if wanted != AUTO:
        return Choice(wanted, f"--backend {wanted}")
    missing = access.missing_capabilities(status)
    if missing:
        return Choice(PTRACE, f"no {', '.join(missing)}")
    btf = buildid.btf() if btf is None else btf
    if not os.path.exists(btf):
        return Choice(PTRACE, f"a kernel without BTF ({btf})")
    try:
        access.check_pid_namespace(namespace)
    except NotSupported:
        return Choice(PTRACE, "inside a pid namespace, where BPF sees other ids")
    return Choice(BPF, "CAP_BPF and CAP_PERFMON are there, and BTF")


def instead(error: ArgtraceError) -> Choice | None:
    """What to do about a refusal of BPF: ptrace, if it is one of rights or of a kernel without bpf(2)."""
    if isinstance(error, VerifierRejected):
        return None
    if isinstance(error, NotPermitted):
        return Choice(PTRACE, f"BPF is refused: {error}")
    if isinstance(error, KernelRefused) and error.errno in (errno.EPERM, errno.ENOSYS):
        return Choice(PTRACE, f"BPF is refused: {error}")
    return None


def beyond_ptrace(options: Options) -> str | None:
    """What of a trace ptrace cannot do: it knows whom it was told of, and their children."""
    if options.targets != NOBODY:
        return "tracing by user, name, program, cgroup or CPU"
    if options.window.any:
        return "showing calls for a time (--delay, --switch-on, --switch-off)"
    if options.origins:
        return "telling where calls come from (--show)"
    return "telling what programs are started in (argtrace exec)" if options.settings else None


def refuse(what: str, choice: Choice) -> NotPermitted:
    """What to tell of something that only BPF can do (whole systems, users, cgroups), where it is ptrace."""
    return NotPermitted(
        what,
        (f"the BPF back end, and this is ptrace ({choice.reason})",),
        remedy="run it with sudo, outside of containers",
    )


def told(choice: Choice) -> str:
    """Once a trace: who is at work, and why."""
    return f'tracing with {choice.name}: {choice.reason} ("argtrace doctor" says more)'
