"""What a machine allows, what argtrace will therefore do, and how to mend what is missing.

Facts in, findings out: `Machine` is what was found out (`survey.py` asks), a `Report` what it means.

    report = examine(machine)
    report.groups       Rights, Kernel, Descriptions, BPF, Holding, Start-up, argtrace will
    report.possible     whether anything can be traced at all

A finding's answer is yes, no or unsure, or None for what is only told. A no that `matters` costs
something; it and most others have a cure, which is a command where there is one.

Sources: capabilities(7), kernel_lockdown(7), Documentation/admin-guide/sysctl/{kernel,net}.rst,
Documentation/admin-guide/cgroup-v2.rst, proc(5), user_namespaces(7).

Not here: how it looks is `present/doctor.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from argtrace.doctor import probes
from argtrace.doctor.probes import Probed
from argtrace.kernel import capabilities
from argtrace.probing import Answer
from argtrace.value import fresh, frozen

YES, NO, UNSURE = Answer.YES, Answer.NO, Answer.UNSURE


@frozen
class Tried:
    """`text`: what was found, or why not. `cure`: if whoever refused it knows one."""

    answer: Answer
    text: str = ""
    cure: str | None = None


@frozen
class Machine:
    """What was found out; None where it could not be."""

    uid: int
    effective: int
    """Our capabilities."""
    python: str
    """The program that has to be given them."""
    release: str
    architecture: str
    supported: bool
    """The architecture, by us."""
    user_namespace: bool
    pid_namespace: bool
    """Whether it is the machine's own, and no other."""
    container: str | None
    seccomp: int | None
    lockdown: str | None
    sysctls: Mapping[str, str]
    memlock: int | None
    """Bytes; -1 for no limit."""
    processes_hidden: bool
    btf: int | None
    """Bytes."""
    build_id: str | None
    tracefs: Tried
    options: Mapping[str, str] | None
    """Of the kernel's configuration."""
    options_from: str
    preemptible: bool | None
    """Whether programs of raw tracepoints are."""
    forced: str | None
    """ARGTRACE_TRACEPOINTS."""
    probes: tuple[Probed, ...]
    programs: Tried
    """Argtrace's own, for a call without arguments."""
    cgroup: Tried
    child: Tried
    freezer: Tried
    native: Tried
    cache: Tried
    backend: tuple[str, str] | None = None
    """Name and reason, of what is chosen where there are several."""


@frozen
class Finding:
    name: str
    answer: Answer | None
    says: str
    cure: str | None = None
    matters: bool = False


@frozen
class Group:
    """`many`: that each has a name is all there is to say of a yes."""

    title: str
    findings: tuple[Finding, ...]
    many: bool = False


@frozen
class Report:
    possible: bool
    groups: tuple[Group, ...] = fresh(factory=tuple)


def examine(machine: Machine) -> Report:
    verdict = _verdict(machine)
    return Report(
        verdict.answer is YES,
        (
            Group("Rights", tuple(_rights(machine))),
            Group("Kernel", tuple(_kernel(machine))),
            Group("Descriptions", tuple(_descriptions(machine))),
            Group("Kernel options", tuple(_options(machine)), many=True),
            *(Group(f"BPF: {kind}s", tuple(_bpf(machine, kind)), many=True) for kind in _KINDS),
            Group("Holding a command", tuple(_holding(machine))),
            Group("Start-up", tuple(_start(machine))),
            Group("argtrace will", tuple(_will(machine, verdict))),
        ),
    )


_KINDS = (probes.PROGRAM_TYPE, probes.MAP_TYPE, probes.HELPER, probes.FUNCTION, probes.FEATURE)


# ---- rights -------------------------------------------------------------------------------

_ADDS = (
    ("CAP_BPF", capabilities.CAP_BPF, "loads programs and makes maps"),
    ("CAP_PERFMON", capabilities.CAP_PERFMON, "lets programs read memory, and attaches them"),
    ("CAP_SYS_ADMIN", capabilities.CAP_SYS_ADMIN, "has both in it; reads tracefs where none is mounted"),
    (
        "CAP_SYS_PTRACE",
        capabilities.CAP_SYS_PTRACE,
        "-y of other users' processes, and tracing them by ptrace",
    ),
    ("CAP_DAC_READ_SEARCH", capabilities.CAP_DAC_READ_SEARCH, "reads tracefs, which is root's"),
    ("CAP_DAC_OVERRIDE", capabilities.CAP_DAC_OVERRIDE, "makes a cgroup where only root may"),
    ("CAP_KILL", capabilities.CAP_KILL, "ends a command that has become another user's"),
    ("CAP_SYS_NICE", capabilities.CAP_SYS_NICE, "lets the guard of the buffer run before others"),
    ("CAP_SYS_RESOURCE", capabilities.CAP_SYS_RESOURCE, "raises the limit of locked memory"),
    ("CAP_SYSLOG", capabilities.CAP_SYSLOG, "shows addresses in the kernel: of no use yet"),
)
_OUT_OF_USERS = "run it outside of the user namespace"
_OUT_OF_PIDS = "run it outside of the container, or start that with --pid=host"
_ESSENTIAL = ("CAP_BPF", "CAP_PERFMON")
_OF_NO_USE = ("CAP_SYS_RESOURCE", "CAP_SYSLOG")
"""On kernels that argtrace supports."""


def _has(machine: Machine, capability: int) -> bool:
    """Whether it is there, and counts."""
    return bool(machine.user_namespace and machine.effective >> capability & 1)


def _may_use_bpf(machine: Machine) -> bool:
    both = _has(machine, capabilities.CAP_BPF) and _has(machine, capabilities.CAP_PERFMON)
    return both or _has(machine, capabilities.CAP_SYS_ADMIN)


def _rights(machine: Machine) -> Iterator[Finding]:
    yield Finding("user", None, "root" if machine.uid == 0 else f"id {machine.uid}")
    admin = _has(machine, capabilities.CAP_SYS_ADMIN)
    for name, number, adds in _ADDS:
        if _has(machine, number):
            yield Finding(name, YES, adds)
        elif admin and name in _ESSENTIAL:
            yield Finding(name, YES, f"{adds} (CAP_SYS_ADMIN has it)")
        else:
            inside = machine.effective >> number & 1 and not machine.user_namespace
            says = "counts in this user namespace alone" if inside else adds
            matters = name not in _OF_NO_USE and name != "CAP_SYS_ADMIN"
            yield Finding(name, NO, says, _grant(machine, name), matters=matters)


def _grant(machine: Machine, name: str) -> str | None:
    """How to get a capability."""
    if name in _OF_NO_USE:
        return None
    if not machine.user_namespace:
        return _OUT_OF_USERS
    if machine.uid != 0:
        if name not in _ESSENTIAL:
            return "run it with sudo"
        # No others by setcap: every program of this Python would have them, whoever starts it.
        return f"run it with sudo, or for every program of this Python: {_setcap(machine)}"
    if machine.container is not None:
        return f"start the container with --cap-add {name.removeprefix('CAP_')}"
    return "this root was left without it: by CapabilityBoundingSet= of its service, by capsh or setpriv"


def _setcap(machine: Machine) -> str:
    return f"sudo setcap cap_bpf,cap_perfmon+ep {machine.python}"


# ---- the kernel ---------------------------------------------------------------------------


def _kernel(machine: Machine) -> Iterator[Finding]:
    answer = YES if machine.supported else NO
    cure = None if machine.supported else "argtrace traces x86_64 and aarch64"
    yield Finding("release", answer, f"{machine.release} {machine.architecture}", cure, matters=True)
    yield _lockdown(machine.lockdown)
    for name, explain in _SYSCTLS.items():
        value = machine.sysctls.get(name)
        if value is None:
            yield Finding(name, None, "not there, or not to be read by this user")
        else:
            yield explain(name, value)
    yield Finding("locked memory", None, f"{_size(machine.memlock)}; it counts before Linux 5.11 alone")
    yield _seccomp(machine.seccomp)
    yield _namespace(
        "pid namespace", machine.pid_namespace, "programs see other ids than those in it", _OUT_OF_PIDS
    )  # fmt: skip
    yield _namespace(
        "user namespace", machine.user_namespace, "its capabilities do not count for BPF", _OUT_OF_USERS
    )  # fmt: skip
    yield Finding("container", None, machine.container or "none that can be seen")
    yield Finding(
        "/proc", NO if machine.processes_hidden else YES,
        "hides other users' processes (hidepid)" if machine.processes_hidden else "shows all processes",
        "run it with sudo" if machine.processes_hidden else None, matters=True,
    )  # fmt: skip


def _lockdown(text: str | None) -> Finding:
    if text is None:
        return Finding("lockdown", None, "not in this kernel, or securityfs is not mounted")
    mode = text.partition("[")[2].partition("]")[0] or text
    if mode == "confidentiality":
        return Finding(
            "lockdown", NO, f"{mode}: programs may not read the kernel's memory",
            "boot with lockdown=integrity, or without", matters=True,
        )  # fmt: skip
    return Finding("lockdown", YES, mode)


_Explain = Callable[[str, str], Finding]
"""A setting's name and value, explained."""


def _told(meanings: Mapping[str, str]) -> _Explain:
    def explain(name: str, value: str) -> Finding:
        meaning = meanings.get(value)
        return Finding(name, None, f"{value}: {meaning}" if meaning else value)

    return explain


def _slow_if(bad: str, why: str, better: str) -> _Explain:
    def explain(name: str, value: str) -> Finding:
        if value != bad:
            return Finding(name, YES, value)
        return Finding(name, NO, f"{value}: {why}", f"sudo sysctl {name}={better}", matters=True)

    return explain


_SYSCTLS: Mapping[str, _Explain] = {
    "kernel.unprivileged_bpf_disabled": _told({
        "0": "without CAP_BPF one may load programs, but none that trace",
        "1": "without CAP_BPF no programs, until the machine is started again",
        "2": "without CAP_BPF no programs",
    }),
    "kernel.perf_event_paranoid": _told({
        str(level): "CAP_PERFMON is beyond it" for level in range(-1, 5)
    }),
    "kernel.kptr_restrict": _told({
        "0": "addresses in the kernel are shown with CAP_SYSLOG",
        "1": "addresses in the kernel are shown with CAP_SYSLOG",
        "2": "addresses in the kernel are shown to nobody",
    }),
    "kernel.yama.ptrace_scope": _told({
        "0": "by ptrace one may trace one's own processes",
        "1": "by ptrace one may trace what one started; others with CAP_SYS_PTRACE",
        "2": "ptrace needs CAP_SYS_PTRACE",
        "3": "no ptrace at all",
    }),
    "net.core.bpf_jit_enable": _slow_if("0", "programs are interpreted, and slow", "1"),
    "net.core.bpf_jit_harden": _slow_if("2", "constants are blinded, and programs slower", "1"),
    "kernel.bpf_stats_enabled": _slow_if("1", "each run of a program is timed, and slower", "0"),
}  # fmt: skip


def _size(bytes: int | None) -> str:
    if bytes is None:
        return "not known"
    return "no limit" if bytes < 0 else f"{bytes >> 10} KiB"


def _seccomp(mode: int | None) -> Finding:
    if mode == 2:
        return Finding("seccomp", None, "filtered: what looks forbidden may be so by the filter")
    return Finding("seccomp", None, {0: "no filter", 1: "strict"}.get(mode, "not known") if mode is not None
                   else "not known")  # fmt: skip


def _namespace(name: str, ours: bool, otherwise: str, cure: str) -> Finding:
    if ours:
        return Finding(name, YES, "the machine's own")
    return Finding(name, NO, f"not the machine's own: {otherwise}", cure, matters=True)


# ---- what the kernel tells of itself ------------------------------------------------------


def _descriptions(machine: Machine) -> Iterator[Finding]:
    if machine.btf is None:
        yield Finding(
            "BTF", NO, "types of the kernel: without them no BPF program of ours can be made",
            "a kernel built with CONFIG_DEBUG_INFO_BTF=y", matters=True,
        )  # fmt: skip
    else:
        yield Finding("BTF", YES, f"{machine.btf >> 10} KiB")
    yield Finding("build id", None, machine.build_id or "none: nothing is kept between traces")
    tracefs = machine.tracefs
    yield Finding("tracefs", tracefs.answer, tracefs.text, tracefs.cure, matters=True)
    if machine.options is None:
        yield Finding("kernel options", UNSURE, "neither /proc/config.gz nor a file in /boot tells them")
    else:
        yield Finding("kernel options", YES, machine.options_from)


_OPTIONS = {
    "BPF_SYSCALL": "no BPF at all",
    "BPF_EVENTS": "no BPF programs at tracepoints",
    "BPF_JIT": "programs are interpreted, and slow",
    "DEBUG_INFO_BTF": "no types of the kernel",
    "HAVE_SYSCALL_TRACEPOINTS": "no tracepoints at system calls",
    "FTRACE_SYSCALLS": "names of calls come from the committed table",
    "PERF_EVENTS": "no events to attach programs to",
    "CGROUPS": "a command cannot be frozen",
    "CROSS_MEMORY_ATTACH": "no process_vm_readv(2), which tracing by ptrace reads with",
    "SECCOMP_FILTER": "tracing by ptrace stops at every call",
    "KPROBES": "no probes at the kernel's functions: none of them is used yet",
    "UPROBES": "no probes at users' functions: none of them is used yet",
}
"""Each that matters to argtrace, and what it means if it is missing."""
_REQUIRED = ("BPF_SYSCALL", "BPF_EVENTS", "DEBUG_INFO_BTF", "HAVE_SYSCALL_TRACEPOINTS", "PERF_EVENTS")


def _options(machine: Machine) -> Iterator[Finding]:
    if machine.options is None:
        return
    for name, otherwise in _OPTIONS.items():
        value = machine.options.get(name)
        if value in ("y", "m"):
            yield Finding(f"CONFIG_{name}", YES, value)
        else:
            cure = f"a kernel built with CONFIG_{name}=y" if name in _REQUIRED else None
            yield Finding(f"CONFIG_{name}", NO, otherwise, cure, matters=name in _REQUIRED)


# ---- BPF ----------------------------------------------------------------------------------


def _bpf(machine: Machine, kind: str) -> Iterator[Finding]:
    for found in machine.probes:
        if found.kind == kind:
            needed = (found.kind, found.name) in probes.NEEDED
            yield Finding(found.name, found.answer, found.reason, _probe_cure(machine, found), matters=needed)
    if kind == probes.FEATURE:
        programs = machine.programs
        cure = programs.cure if programs.answer is not UNSURE else None
        yield Finding("argtrace's own programs", programs.answer, programs.text, cure, matters=True)


def _probe_cure(machine: Machine, found: Probed) -> str | None:
    if found.answer is NO and (found.kind, found.name) in probes.NEEDED:
        return "a newer kernel: argtrace needs Linux 4.19"
    if found.answer is UNSURE and not _may_use_bpf(machine):
        return _grant(machine, "CAP_BPF")
    return None


# ---- holding, starting --------------------------------------------------------------------


def _holding(machine: Machine) -> Iterator[Finding]:
    for name, tried in (
        ("cgroup", machine.cgroup),
        ("one of our own below it", machine.child),
        ("freezing and thawing it", machine.freezer),
    ):
        yield Finding(name, tried.answer, tried.text, tried.cure, matters=True)


def _start(machine: Machine) -> Iterator[Finding]:
    yield Finding("python", None, machine.python)
    for name, tried in (("native executor", machine.native), ("cache", machine.cache)):
        yield Finding(name, tried.answer, tried.text, tried.cure, matters=True)


# ---- what it comes to ---------------------------------------------------------------------


BPF = "bpf"
"""As `backend.py` names it."""


def _verdict(machine: Machine) -> Finding:
    """Whether calls can be traced, and by what."""
    hindrance = next(_hindrances(machine), None)
    if machine.backend is not None and machine.backend[0] not in ("", BPF):
        return Finding(_BY, YES, ": ".join(filter(None, machine.backend)))
    if hindrance is None:
        return Finding(_BY, YES, "BPF: argtrace's own programs were loaded")
    return Finding(_BY, NO, f"nothing: {hindrance.says}", hindrance.cure, matters=True)


_BY = "trace by"


def _hindrances(machine: Machine) -> Iterator[Finding]:
    """Why there is no tracing by BPF, what is most telling first."""
    for hindered, why, cure in (
        (not machine.supported, f"{machine.architecture} is neither x86_64 nor aarch64", None),
        (not machine.user_namespace, "in a user namespace no right to use BPF can be had", _OUT_OF_USERS),
        (not machine.pid_namespace, "programs see other process ids than this pid namespace", _OUT_OF_PIDS),
        (not _may_use_bpf(machine), "CAP_BPF and CAP_PERFMON are needed", _grant(machine, "CAP_BPF")),
        (machine.btf is None, "this kernel has no BTF", "a kernel built with CONFIG_DEBUG_INFO_BTF=y"),
    ):
        if hindered:
            yield Finding("by BPF", NO, why, cure, matters=True)
    for found in machine.probes:
        if found.answer is not YES and (found.kind, found.name) in probes.NEEDED:
            says = f"{found.kind} {found.name}: {found.reason}"
            yield Finding("by BPF", NO, says, _probe_cure(machine, found), matters=True)
    if machine.programs.answer is not YES:
        yield Finding("by BPF", NO, machine.programs.text, machine.programs.cure, matters=True)


def _will(machine: Machine, verdict: Finding) -> Iterator[Finding]:
    yield verdict
    if verdict.answer is not YES:
        return
    hindrance = next(_hindrances(machine), None)
    yield _tracepoints(machine) if hindrance is None else hindrance
    read = machine.tracefs.answer is YES
    yield Finding(
        "name arguments by", YES if read else NO,
        "the formats in tracefs" if read else "the committed table: calls newer than it have none",
        machine.tracefs.cure, matters=True,
    )  # fmt: skip
    if hindrance is not None:
        return
    yield from _ways(machine)
    unheld = [t for t in (machine.cgroup, machine.child, machine.freezer) if t.answer is not YES]
    yield Finding(
        "freeze a command", NO if unheld else YES,
        "when records come faster than they are read" if not unheld
        else "never: it is slowed down while the buffer is full",
        unheld[0].cure if unheld else None, matters=True,
    )  # fmt: skip
    fast = machine.native.answer is YES
    yield Finding(
        "write lines by", YES if fast else NO,
        "the native executor" if fast else "Python, some 50 times slower", machine.native.cure, matters=True,
    )  # fmt: skip
    others = _has(machine, capabilities.CAP_SYS_PTRACE)
    yield Finding(
        "name descriptors (-y)", YES if others else NO,
        "of any process" if others else "of processes of this user that have no more rights than it",
        None if others else _grant(machine, "CAP_SYS_PTRACE"), matters=True,
    )  # fmt: skip


WAYS = {
    "ring": (
        "send records by",
        "one ring buffer",
        "a buffer of perf's a CPU: no command is held",
    ),
    "apart": ("read strings by", "probe_read_user_str", "probe_read_str, for user memory and the kernel's"),
    "exchange": (
        "give tasks their slots by",
        "compare and exchange",
        "a hash, whose key one alone takes",
    ),
    "task": ("read the current task by", "its members", "copies of its members"),
    "values": ("reach values of maps by", "their addresses", "looking them up"),
    "loops": ("walk lists by", "loops", "each round by itself, so less of a long argv"),
    "functions": ("copy by", "functions verified once", "functions verified with each call"),
    "runs": ("have programs run by", "BPF_PROG_TEST_RUN", "a tracepoint that we reach ourselves"),
    "allocation": ("make room for tasks", "as they come", "beforehand, for fewer of them"),
    "mapped": ("look at counters by", "mapping them", "bpf(2)"),
}
"""Of each feature of `fetch/features.py`: what it is for, and what does it with and without."""
_ALWAYS_TOLD = ("ring", "apart", "exchange")

PAGES = (
    "read pages that are not there",
    "again, when the call returns",
    "again, when the call returns, although programs may sleep here",
)
"""What is done, and what where programs may sleep (docs/kernels.md)."""


def _ways(machine: Machine) -> Iterator[Finding]:
    """What is done in another way on this kernel; of some things also if it is done as ever."""
    answers = {found.name: found.answer for found in machine.probes if found.kind == probes.FEATURE}
    for feature, (what, usual, instead) in WAYS.items():
        missing = answers.get(probes.FEATURES[feature]) is NO
        if missing or feature in _ALWAYS_TOLD:
            yield Finding(what, YES, instead if missing else usual)
    what, only, though = PAGES
    sleeps = any(found.name == probes.SLEEPABLE and found.answer is YES for found in machine.probes)
    yield Finding(what, YES, though if sleeps else only)


def _tracepoints(machine: Machine) -> Finding:
    name = "attach to"
    if machine.forced is not None:
        return Finding(name, None, f"{machine.forced} tracepoints, by ARGTRACE_TRACEPOINTS")
    if not machine.preemptible:
        return Finding(name, YES, "raw tracepoints")
    if machine.tracefs.answer is YES:
        return Finding(name, YES, "perf's events: programs of raw tracepoints can be preempted here")
    return Finding(
        name, NO, "raw tracepoints, where programs can be preempted: what is left out so is counted",
        machine.tracefs.cure, matters=True,
    )  # fmt: skip
