"""What this kernel's BPF has, by trying: the smallest program or map that takes it, freed at once.

    YES      it was taken
    NO       the kernel said that there is no such thing
    UNSURE   it was refused for another reason, a missing right above all: that says nothing

Only the first two are facts. Nothing here is attached to anything that runs often, and nothing stays.

A program that calls a helper without arguments is refused, and the verifier's log tells why: because of
the arguments, or because there is no such helper for programs of its type. The same holds for types that
are attached to a function of the kernel: complaints of that function are a yes.

Sources: linux/bpf.h (Linux 7.3.4), for `enum bpf_attach_type` too; kernel/bpf/verifier.c, messages of
check_helper_call(), check_kfunc_call(), bpf_check_attach_target(), check_struct_ops_btf_id().
"""

from __future__ import annotations

import contextlib
import errno
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from argtrace import probing
from argtrace.errors import KernelRefused, VerifierRejected, telling_line
from argtrace.fetch.asm import Asm
from argtrace.kernel import uapi
from argtrace.kernel.attrs import MapCreate
from argtrace.kernel.calls import Descriptor, Kernel
from argtrace.kernel.links import Links, RawTracepoint
from argtrace.kernel.maps import Map, MapSpec
from argtrace.kernel.programs import Program, Types
from argtrace.probing import PAGE, Answer, answer
from argtrace.value import frozen

__all__ = ["FEATURES", "NEEDED", "Answer", "Probed", "everything", "probed"]


class FunctionIds(Protocol):
    """What we need of BTF (`signature/btf.py`)."""

    def ids_named(self, name: str) -> tuple[int, ...]: ...


@frozen
class Probed:
    """`kind`: what it is one of. `reason`: of a no, or of an unsure."""

    kind: str
    name: str
    answer: Answer
    reason: str = ""


PROGRAM_TYPE, MAP_TYPE, HELPER, FUNCTION, FEATURE = (
    "program type", "map type", "helper", "kernel function", "feature",
)  # fmt: skip
"""Kinds."""

NEEDED = {
    (PROGRAM_TYPE, "raw_tracepoint"),
    *((MAP_TYPE, name) for name in ("array", "hash", "percpu_array", "prog_array", "perf_event_array")),
    *((HELPER, name) for name in (
        "get_current_pid_tgid", "get_current_task", "get_smp_processor_id", "ktime_get_ns",
        "map_lookup_elem", "map_update_elem", "perf_event_output", "tail_call",
    )),
    (FEATURE, "attaching to a tracepoint"),
}  # fmt: skip
"""What the BPF back end cannot do without."""

FEATURES = {
    "ring": "one buffer for all CPUs", "exchange": "compare and exchange",
    "task": "the current task's members", "apart": "user memory apart from the kernel's",
    "values": "map values by address", "loops": "bounded loops",
    "functions": "functions with BTF", "runs": "test run", "allocation": "hashes that grow",
    "mapped": "arrays as memory",
}  # fmt: skip
"""What it does in another way where a kernel has it not: members of Features, as they are called here."""

_SELDOM = "sched_process_exec"
"""Of the tracepoints that a trace is attached to the one that is met least often."""

# enum bpf_attach_type
_TRACE_RAW_TP, _TRACE_FENTRY, _TRACE_FEXIT, _LSM_MAC, _TRACE_ITER = 23, 24, 25, 27, 28
_NETFILTER = 45


SLEEPABLE = "raw_tracepoint (sleepable)"
"""Programs at system calls that may sleep (Linux 7.1; seen to wait for a page from 7.2 on)."""


class _Type(NamedTuple):
    """`function`: of the kernel, that it is loaded for. `known_by`: what the kernel says of function 1,
    which is none, if it has the type."""

    name: str
    type: int
    attach: int = 0
    flags: int = 0
    function: tuple[str, ...] = ()
    known_by: str = ""


_TYPES = (
    _Type("socket_filter", uapi.BPF_PROG_TYPE_SOCKET_FILTER),
    _Type("kprobe", uapi.BPF_PROG_TYPE_KPROBE),
    _Type("uprobe (sleepable)", uapi.BPF_PROG_TYPE_KPROBE, 0, uapi.BPF_F_SLEEPABLE),
    _Type("tracepoint", uapi.BPF_PROG_TYPE_TRACEPOINT),
    _Type("raw_tracepoint", uapi.BPF_PROG_TYPE_RAW_TRACEPOINT),
    _Type(SLEEPABLE, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT, 0, uapi.BPF_F_SLEEPABLE),
    _Type("perf_event", uapi.BPF_PROG_TYPE_PERF_EVENT),
    _Type("tp_btf", uapi.BPF_PROG_TYPE_TRACING, _TRACE_RAW_TP, 0, ("btf_trace_sys_enter",)),
    _Type("fentry", uapi.BPF_PROG_TYPE_TRACING, _TRACE_FENTRY, 0, ("bpf_fentry_test1", "do_nanosleep")),
    _Type("fexit", uapi.BPF_PROG_TYPE_TRACING, _TRACE_FEXIT, 0, ("bpf_fentry_test1", "do_nanosleep")),
    _Type("iter (task)", uapi.BPF_PROG_TYPE_TRACING, _TRACE_ITER, 0, ("bpf_iter_task",)),
    _Type("lsm", uapi.BPF_PROG_TYPE_LSM, _LSM_MAC, 0, ("bpf_lsm_file_open",)),
    _Type("struct_ops", uapi.BPF_PROG_TYPE_STRUCT_OPS, known_by="is not a supported struct"),
    _Type("ext", uapi.BPF_PROG_TYPE_EXT, known_by="Cannot replace kernel functions"),
    _Type("syscall", uapi.BPF_PROG_TYPE_SYSCALL, 0, uapi.BPF_F_SLEEPABLE),
    _Type("cgroup_skb", uapi.BPF_PROG_TYPE_CGROUP_SKB),
    _Type("sched_cls", uapi.BPF_PROG_TYPE_SCHED_CLS),
    _Type("xdp", uapi.BPF_PROG_TYPE_XDP),
    _Type("netfilter", uapi.BPF_PROG_TYPE_NETFILTER, _NETFILTER),
)

_MAPS = (
    MapSpec("array", uapi.BPF_MAP_TYPE_ARRAY, 4, 8, 1),
    MapSpec("hash", uapi.BPF_MAP_TYPE_HASH, 4, 8, 1),
    MapSpec("percpu_array", uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1),
    MapSpec("percpu_hash", uapi.BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 1),
    MapSpec("lru_hash", uapi.BPF_MAP_TYPE_LRU_HASH, 4, 8, 1),
    MapSpec("prog_array", uapi.BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1),
    MapSpec("perf_event_array", uapi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1),
    MapSpec("stack_trace", uapi.BPF_MAP_TYPE_STACK_TRACE, 4, 80, 1),
    MapSpec("cgroup_array", uapi.BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 1),
    MapSpec("lpm_trie", uapi.BPF_MAP_TYPE_LPM_TRIE, 8, 8, 1, uapi.BPF_F_NO_PREALLOC),
    MapSpec("queue", uapi.BPF_MAP_TYPE_QUEUE, 0, 8, 1),
    MapSpec("ringbuf", uapi.BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE),
    MapSpec("task_storage", uapi.BPF_MAP_TYPE_TASK_STORAGE, 4, 8, 0, uapi.BPF_F_NO_PREALLOC),
    MapSpec("cgrp_storage", uapi.BPF_MAP_TYPE_CGRP_STORAGE, 4, 8, 0, uapi.BPF_F_NO_PREALLOC),
    MapSpec("bloom_filter", uapi.BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 1),
    MapSpec("user_ringbuf", uapi.BPF_MAP_TYPE_USER_RINGBUF, 0, 0, PAGE),
    MapSpec("arena", uapi.BPF_MAP_TYPE_ARENA, 0, 0, 1, uapi.BPF_F_MMAPABLE),
    MapSpec("insn_array", uapi.BPF_MAP_TYPE_INSN_ARRAY, 4, 16, 1),
)
_TYPED = ("task_storage", "cgrp_storage")  # whose values the kernel wants to know the types of

_HELPERS = (
    "get_current_cgroup_id", "get_current_ancestor_cgroup_id", "get_current_comm", "get_current_pid_tgid",
    "current_task_under_cgroup", "get_current_task", "get_current_task_btf", "get_current_uid_gid",
    "get_smp_processor_id",
    "get_ns_current_pid_tgid", "get_stackid", "get_stack", "get_attach_cookie", "ktime_get_ns",
    "ktime_get_boot_ns", "ktime_get_tai_ns", "map_lookup_elem", "map_update_elem", "map_lookup_percpu_elem",
    "for_each_map_elem", "perf_event_output", "probe_read_kernel", "probe_read_kernel_str", "probe_read_user",
    "probe_read_user_str", "ringbuf_output", "ringbuf_query", "ringbuf_reserve", "ringbuf_reserve_dynptr",
    "ringbuf_submit", "send_signal", "snprintf", "strncmp", "loop", "tail_call", "task_pt_regs",
    "task_storage_get", "timer_init", "user_ringbuf_drain",
)  # fmt: skip
"""In programs of the type that argtrace attaches."""

_SLEEPING = ("copy_from_user", "copy_from_user_task")
"""In sleepable programs."""

_FUNCTIONS = (
    "bpf_task_from_pid", "bpf_task_release", "bpf_cgroup_from_id", "bpf_get_task_exe_file",
    "bpf_copy_from_user_str", "bpf_rcu_read_lock", "bpf_preempt_disable", "bpf_iter_num_new",
)  # fmt: skip

_ENOTSUPP = 524  # include/linux/errno.h: the kernel's own, without a name for us


class NoBtfError(Exception):
    """The kernel does not tell the ids of its functions."""


def everything(kernel: Kernel, ids: FunctionIds | None, type: int) -> Iterator[Probed]:
    """All answers. `ids` knows the kernel's functions; `type`: of the programs that argtrace attaches."""
    asking = _Asking(kernel, ids)
    for each in _TYPES:
        yield probed(PROGRAM_TYPE, each.name, partial(asking.program_type, each))
    for spec in _MAPS:
        yield probed(MAP_TYPE, spec.name, partial(asking.map, spec))
    for name in _HELPERS:
        yield probed(HELPER, name, partial(asking.helper, name, type))
    sleeping = (uapi.BPF_PROG_TYPE_SYSCALL, uapi.BPF_F_SLEEPABLE)
    for name in _SLEEPING:
        yield probed(HELPER, f"{name} (sleepable)", partial(asking.helper, name, *sleeping))
    for name in _FUNCTIONS:
        yield probed(FUNCTION, name, partial(asking.function, name))
    for name, trial in asking.features():
        yield probed(FEATURE, name, trial)


def probed(kind: str, name: str, trial: Callable[[], object]) -> Probed:
    """A yes if the trial ends, else what its error says. Never raises."""
    try:
        trial()
    except VerifierRejected as rejected:
        said = telling_line(rejected.log)
        return Probed(kind, name, Answer.NO if said else answer(rejected), said or _named(rejected))
    except KernelRefused as refused:
        return Probed(kind, name, answer(refused), _named(refused))
    except NoBtfError as error:
        return Probed(kind, name, Answer.NO, str(error))
    except Exception as error:  # noqa: BLE001 (whatever it was, it is no fact about the kernel)
        return Probed(kind, name, Answer.UNSURE, f"{error}" or repr(error))
    return Probed(kind, name, Answer.YES)


def _named(refused: KernelRefused) -> str:
    number = refused.errno or 0
    return "ENOTSUPP" if number == _ENOTSUPP else errno.errorcode.get(number, str(number))


class _Asking:
    """Each method ends if the kernel has it, and raises what it said if not."""

    def __init__(self, kernel: Kernel, ids: FunctionIds | None) -> None:
        self._kernel = kernel
        self._ids = ids

    def program_type(self, of: _Type) -> None:
        ids = self._named(*of.function) if of.function else [1 if of.known_by else 0]
        for id in ids:
            try:
                return probing.load(self._kernel, _nothing(), of.type, of.attach, of.flags, id)
            except VerifierRejected as rejected:
                if of.known_by and of.known_by in rejected.log:
                    return None
                # A structure has the same name.
                if id == ids[-1] or "is not a function" not in rejected.log:
                    raise
        return None

    def map(self, spec: MapSpec) -> None:
        if spec.name not in _TYPED:
            Map(self._kernel, spec).close()
            return
        with Types(self._kernel, _numbers()) as types:
            attr = MapCreate(
                map_type=spec.type, key_size=spec.key_size, value_size=spec.value_size, map_flags=spec.flags,
                map_name=spec.name.encode(), btf_fd=types.fileno(), btf_key_type_id=1, btf_value_type_id=2,
            )  # fmt: skip
            Descriptor(self._kernel.bpf(uapi.BPF_MAP_CREATE, attr)).close()

    def helper(self, name: str, type: int, flags: int = 0) -> None:
        probing.helper(self._kernel, name, type, flags)

    def function(self, name: str) -> None:
        """In programs of perf's events, the only ones of ours that call any."""
        asm = Asm()
        asm.call_kernel(self._named(name)[0])
        asm.exit()
        probing.allowed(self._kernel, asm, uapi.BPF_PROG_TYPE_TRACEPOINT)

    def features(self) -> Sequence[tuple[str, Callable[[], None]]]:
        ours = {name: partial(trial, self._kernel) for name, trial in probing.TRIALS.items()}
        return (
            ("BTF of our own", self._btf),
            *((FEATURES[name], trial) for name, trial in ours.items()),
            ("attaching to a tracepoint", self._attach),
            ("attaching to an event of perf", self._attach_to_event),
        )

    def _btf(self) -> None:
        Types(self._kernel, _numbers()).close()

    def _attach(self) -> None:
        code = _nothing().assemble("attached").code()
        with Program(self._kernel, code.name, code.instructions, code.type) as program:
            RawTracepoint(self._kernel, _SELDOM, program).close()

    def _attach_to_event(self) -> None:
        """Linux 5.15."""
        code = _nothing().assemble("attached").code(uapi.BPF_PROG_TYPE_TRACEPOINT)
        with (
            Program(self._kernel, code.name, code.instructions, code.type) as program,
            contextlib.closing(Links(self._kernel)) as links,
        ):
            links.attach(_SELDOM, program)

    def _named(self, *names: str) -> Sequence[int]:
        """What the kernel has under the first of these names that it knows."""
        if self._ids is None:
            raise NoBtfError("no BTF")
        for name in names:
            if ids := self._ids.ids_named(name):
                return ids
        raise NoBtfError("not in this kernel")


def _nothing() -> Asm:
    asm = Asm()
    asm.exit()
    return asm


def _numbers() -> bytes:
    """Types of our own: 1 a number of four bytes, 2 one of eight."""
    names = b"\0u32\0u64\0"
    each = struct.Struct("<IIII")
    types = each.pack(1, 1 << 24, 4, 32) + each.pack(5, 1 << 24, 8, 64)
    return struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(names)) + types + names
