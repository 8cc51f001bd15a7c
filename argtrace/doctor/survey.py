"""Asking this machine what `findings.py` wants to know. Each question by itself: none fails the others.

Sources: proc(5), namespaces(7), include/linux/proc_ns.h (PROC_USER_INIT_INO), cgroups(7),
kernel_lockdown(7); https://systemd.io/CONTAINER_INTERFACE for what tells of a container.

Whatever is made to try something, a program, a map, a cgroup, is gone when `machine` returns.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from argtrace import cache, cgroups, native, rights, running_kernel
from argtrace.cgroups import DELEGATE, ELSE, Leaf, NoFreezer
from argtrace.doctor import probes
from argtrace.doctor.findings import BPF, NO, UNSURE, YES, Machine, Tried
from argtrace.doctor.probes import Probed
from argtrace.errors import ArgtraceError, KernelRefused, NotSupported
from argtrace.fetch.context import is_preemptible
from argtrace.kernel import access, buildid, capabilities, mounts, uapi
from argtrace.kernel.buildid import build_id
from argtrace.target import TARGETS

if TYPE_CHECKING:
    from argtrace.signature.btf import Btf

T = TypeVar("T")

_PROC_USER_INIT_INO = 0xEFFFFFFD
_RING = 1 << 16  # bytes
_PATIENCE = 1.0  # seconds in which an empty cgroup must freeze

SYSCTLS = (
    "kernel.unprivileged_bpf_disabled", "kernel.perf_event_paranoid", "kernel.kptr_restrict",
    "kernel.yama.ptrace_scope", "net.core.bpf_jit_enable", "net.core.bpf_jit_harden",
    "kernel.bpf_stats_enabled",
)  # fmt: skip


def machine() -> Machine:
    status = _read("/proc/self/status") or ""
    sets = capabilities.of_status(status)
    btf = _attempt(running_kernel.btf, None)
    uname = os.uname()
    places = ("/proc/config.gz", f"/boot/config-{uname.release}", f"/lib/modules/{uname.release}/config")
    no_options: tuple[Mapping[str, str] | None, str] = None, ""
    options, options_from = _attempt(lambda: _options(places), no_options)
    nothing = Tried(UNSURE, "it could not be tried")
    cgroup, child, freezer = _attempt(_holding, (nothing, nothing, nothing))
    not_made: ArgtraceError | None = ArgtraceError("they could not be made")
    refusal = _attempt(_programs, not_made)
    supported = uname.machine in TARGETS
    return Machine(
        uid=os.geteuid(),
        effective=sets.get("effective", 0),
        python=os.path.realpath(sys.executable),
        release=uname.release,
        architecture=uname.machine,
        supported=supported,
        user_namespace=_attempt(lambda: os.stat("/proc/self/ns/user").st_ino == _PROC_USER_INIT_INO, True),
        pid_namespace=_attempt(_in_first_pid_namespace, True),
        container=_attempt(_container, None),
        seccomp=_number(status, "Seccomp:"),
        lockdown=_read("/sys/kernel/security/lockdown"),
        sysctls=_attempt(_sysctls, {}),
        memlock=_attempt(lambda: resource.getrlimit(resource.RLIMIT_MEMLOCK)[0], None),
        processes_hidden=rights.processes_are_hidden(),
        btf=None if btf is None else os.stat(buildid.btf()).st_size,
        build_id=_attempt(build_id, None),
        tracefs=_tried(_tracefs),
        options=options,
        options_from=options_from,
        preemptible=None if btf is None else _attempt(lambda: is_preemptible(btf), None),
        forced=os.environ.get(running_kernel.FORCED_TRACEPOINTS),
        probes=_attempt(lambda: _probes(btf), ()),
        programs=_loaded(refusal),
        cgroup=cgroup,
        child=child,
        freezer=freezer,
        native=_tried(_native),
        cache=_tried(_cache),
        backend=_attempt(lambda: _backend(refusal), None),
    )  # fmt: skip


def _attempt(ask: Callable[[], T], otherwise: T) -> T:
    """What is told, or `otherwise` if it cannot be."""
    try:
        return ask()
    except Exception:  # noqa: BLE001 (a machine that cannot be asked this can be asked the rest)
        return otherwise


def _tried(ask: Callable[[], Tried]) -> Tried:
    try:
        return ask()
    except ArgtraceError as error:
        return Tried(NO, str(error), error.remedy)
    except Exception as error:  # noqa: BLE001 (as above)
        return Tried(UNSURE, str(error) or repr(error))


def _read(path: str) -> str | None:
    try:
        with open(path, errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


# ---- rights and surroundings --------------------------------------------------------------


def _number(status: str, field: str) -> int | None:
    lines = (line.split() for line in status.splitlines())
    return next((int(words[1]) for words in lines if words[:1] == [field]), None)


def _in_first_pid_namespace() -> bool:
    try:
        access.check_pid_namespace()
    except NotSupported:
        return False
    return True


def _container() -> str | None:
    if told := _read("/run/systemd/container"):
        return told
    for path, name in (("/.dockerenv", "docker"), ("/run/.containerenv", "podman")):
        if os.path.exists(path):
            return f"{name}, by {path}"
    return os.environ.get("container") or None  # noqa: SIM112 (so it is spelt)


def _sysctls() -> Mapping[str, str]:
    values = {name: _read(f"/proc/sys/{name.replace('.', '/')}") for name in SYSCTLS}
    return {name: value for name, value in values.items() if value is not None}


# ---- what the kernel tells of itself ------------------------------------------------------


def _tracefs() -> Tried:
    mounted = next(
        (
            words[1]
            for words in map(str.split, (_read("/proc/mounts") or "").splitlines())
            if words[2:3] == ["tracefs"]
        ),
        None,
    )
    gid = f"gid={os.getegid()},mode=750"
    try:
        mounts.tracefs().close()
    except (ArgtraceError, OSError):
        if mounted is None:
            cure = f"sudo mount -t tracefs -o {gid} none /sys/kernel/tracing"
            return Tried(NO, "not mounted", cure)
        return Tried(NO, f"{mounted} may not be read", f"sudo mount -o remount,{gid} {mounted}")
    return Tried(YES, mounted or "not mounted: argtrace makes a mount of its own, which nobody else sees")


def _options(places: Sequence[str]) -> tuple[Mapping[str, str] | None, str]:
    """Those of the kernel's configuration that are set, and where it is: in the first of these."""
    for path in places:
        with contextlib.suppress(OSError, EOFError):
            with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as file:
                lines = [line.strip().partition("=") for line in file if line.startswith("CONFIG_")]
            return {name.removeprefix("CONFIG_"): value for name, _, value in lines}, path
    return None, ""


# ---- BPF ----------------------------------------------------------------------------------


def _probes(btf: Btf | None) -> tuple[Probed, ...]:
    context = uapi.BPF_PROG_TYPE_RAW_TRACEPOINT
    if btf is not None:
        context = _attempt(lambda: running_kernel.context().type, context)
    return tuple(probes.everything(running_kernel.running(), btf, context))


def _programs() -> ArgtraceError | None:
    """What the kernel has against our own, if it has anything."""
    from argtrace import kept  # noqa: PLC0415 (the chain's first half: much to import, and it may fail)
    from argtrace.options import Options  # noqa: PLC0415
    from argtrace.start import Begun  # noqa: PLC0415
    from argtrace.target import host  # noqa: PLC0415

    try:
        prepared = kept.prepare(Options(calls=("getppid",), ring=_RING), host())
        ready = kept.Ready(prepared.programs.loadable(), prepared.tables, prepared.hidden)
        with contextlib.closing(Begun(running_kernel.running(), ready)) as begun:
            begun.finish()
    except KernelRefused as refused:
        return access.explain(refused) or refused
    except ArgtraceError as error:
        return error
    return None


def _loaded(refusal: ArgtraceError | None) -> Tried:
    return Tried(YES) if refusal is None else Tried(NO, str(refusal), refusal.remedy)


# ---- holding, starting --------------------------------------------------------------------


def _holding() -> tuple[Tried, Tried, Tried]:
    """Our cgroup; whether one can be made in it; whether that freezes."""
    nothing = Tried(UNSURE, "there was none to try it with")
    try:
        leaf = Leaf(cgroups.ours())
    except NoFreezer as refused:
        return _unheld(refused.why, refused.remedy), nothing, nothing
    cgroup = Tried(YES, leaf.parent)
    try:
        made = _tried(lambda: _made(leaf))
        return cgroup, made, _tried(lambda: _freezes(leaf)) if made.answer is YES else nothing
    finally:
        _attempt(leaf.dissolve, otherwise=False)
        leaf.close()


def _made(leaf: Leaf) -> Tried:
    try:
        leaf.make()
    except NoFreezer as refused:
        return _unheld(refused.why, refused.remedy)
    if not os.access(f"{leaf.parent}/cgroup.procs", os.W_OK, effective_ids=True):
        return _unheld(f"a command cannot be moved out of {leaf.parent}", DELEGATE)
    return Tried(YES, "made and removed")


def _unheld(why: str, remedy: str | None) -> Tried:
    return Tried(NO, why, (remedy or "").removesuffix(ELSE).removesuffix(", or ") or None)


def _freezes(leaf: Leaf) -> Tried:
    leaf.freeze(True)
    end = time.monotonic() + _PATIENCE
    while "frozen 1" not in (_read(f"{leaf.path}/cgroup.events") or ""):
        if time.monotonic() > end:
            return Tried(NO, "an empty one did not freeze")
        time.sleep(0.001)
    leaf.freeze(False)
    return Tried(YES, "tried")


def _native() -> Tried:
    if not native.wanted():
        return Tried(NO, "not wanted: ARGTRACE_PURE is set", "unset ARGTRACE_PURE")
    if native.missing():
        return Tried(
            NO, "not built", "install gcc, then `pip install --force-reinstall .` where argtrace came from"
        )
    return Tried(YES, "built")


def _cache() -> Tried:
    """As `cache.write` does it: two directories are made if need be, and no more."""
    directory = cache.directory()
    for path in (directory, os.path.dirname(directory), os.path.dirname(os.path.dirname(directory))):
        if os.path.isdir(path):
            if os.access(path, os.W_OK | os.X_OK, effective_ids=True):
                return Tried(YES, directory)
            break
    return Tried(
        NO,
        f"{directory} cannot be written to: each trace is prepared anew",
        "set XDG_CACHE_HOME to a directory",
    )


def _backend(refusal: ArgtraceError | None) -> tuple[str, str] | None:
    """What is chosen where there are several; None if there is but one. `refusal`: of our programs."""
    try:
        module = importlib.import_module("argtrace.backend")
    except ModuleNotFoundError:
        return None
    choice = module.choose(module.AUTO)
    if refusal is not None and choice.name == BPF:
        choice = module.instead(refusal) or choice
    return str(choice.name), str(choice.reason)
