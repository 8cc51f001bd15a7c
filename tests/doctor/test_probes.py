"""Yes, no and unsure: what each refusal of the kernel means."""

from __future__ import annotations

import errno
import os

import pytest

from argtrace.doctor import probes
from argtrace.doctor.probes import NEEDED, Probed, everything
from argtrace.kernel import links, uapi
from argtrace.kernel.calls import Linux
from argtrace.probing import Answer
from tests.support.fake_kernel import FakeKernel

YES, NO, UNSURE = Answer.YES, Answer.NO, Answer.UNSURE
RAW = uapi.BPF_PROG_TYPE_RAW_TRACEPOINT


@pytest.fixture(autouse=True)
def _ids_of_events(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Without tracefs."""
    if not request.node.get_closest_marker("live"):
        monkeypatch.setattr(links, "_id", lambda _: 7)


class Named:
    """A kernel whose functions have these ids."""

    def __init__(self, **ids: tuple[int, ...]) -> None:
        self._ids = ids

    def ids_named(self, name: str) -> tuple[int, ...]:
        return self._ids.get(name, (1,))


def willing() -> FakeKernel:
    """One that says yes to everything; its test run gives what the probe's program would."""
    kernel = FakeKernel()
    kernel.returns = 7
    return kernel


def ask(kernel: FakeKernel, ids: Named | None = None) -> dict[str, Probed]:
    return {found.name: found for found in everything(kernel, ids or Named(), RAW)}


def test_a_kernel_that_has_everything_and_keeps_nothing() -> None:
    kernel = willing()
    found = ask(kernel)

    assert [each for each in found.values() if each.answer is not YES] == []
    assert kernel.open_now() == []


def test_all_that_the_back_end_needs_is_asked_for() -> None:
    found = everything(willing(), Named(), RAW)

    assert {(each.kind, each.name) for each in found} >= NEEDED


def test_every_helper_that_a_trace_may_call_is_needed_or_only_for_events() -> None:
    """What generated programs call, from their source."""
    import re
    from pathlib import Path

    folder = Path(probes.__file__).parents[1] / "fetch"
    called = {
        name for path in folder.glob("*.py") for name in re.findall(r'asm\.call\("(\w+)"\)', path.read_text())
    }
    needed = {name for kind, name in NEEDED if kind == probes.HELPER}
    # With some options alone (-s, -u, --cgroup, --show), or in programs of perf's events.
    assert called - needed <= {
        "get_current_comm", "task_pt_regs", "get_current_uid_gid", "get_current_cgroup_id",
        "get_current_task", "current_task_under_cgroup",
    }  # fmt: skip
    assert called - needed <= {each.name for each in everything(willing(), Named(), RAW)}


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES, errno.ENOMEM, errno.EMFILE])
def test_a_refusal_that_tells_nothing_of_the_thing(number: int) -> None:
    kernel = willing()
    for command in ("BPF_MAP_CREATE", "BPF_PROG_LOAD", "BPF_BTF_LOAD"):
        kernel.refuse(command, number)
    found = ask(kernel)

    assert {(each.answer, each.reason) for each in found.values()} == {(UNSURE, errno.errorcode[number])}


@pytest.mark.parametrize("number", [errno.EINVAL, errno.E2BIG, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_refusal_of_the_thing(number: int) -> None:
    kernel = willing()
    kernel.refuse("BPF_MAP_CREATE", number, only="arena")
    found = ask(kernel)

    assert (found["arena"].answer, found["arena"].reason) == (NO, errno.errorcode[number])
    assert found["ringbuf"].answer is YES


def test_the_kernels_own_error_number_has_a_name() -> None:
    kernel = willing()
    kernel.refuse("BPF_MAP_CREATE", 524, only="task_storage")

    assert ask(kernel)["task_storage"].reason == "ENOTSUPP"


LOGS = [
    pytest.param("0: (85) call unknown#195809\ninvalid func unknown#195809\n", NO, id="no such helper"),
    pytest.param("unknown func bpf_loop#181\n", NO, id="not in programs of this type"),
    pytest.param("program of this type cannot use helper bpf_loop#181\n", NO, id="the same since 6.10"),
    pytest.param("helper call might sleep in a non-sleepable prog\n", NO, id="only where one may sleep"),
    pytest.param("R2 !read_ok\n", YES, id="there, but without arguments"),
    pytest.param("R1 type=ctx expected=map_ptr\n", YES, id="there, with other arguments"),
    pytest.param(
        "BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region\n\n"
        "Verification failed: Execution Context Safety: Operation is not allowed in this context\n\n"
        "At:\n  insn 2\n       | ^-- error: BPF_EXIT is not allowed before leaving\n",
        YES,
        id="there, and explained at length (7.3)",
    ),
]


@pytest.mark.parametrize(("log", "answer"), LOGS)
def test_what_the_verifier_says_of_a_call(log: str, answer: Answer) -> None:
    kernel = willing()
    kernel.refuse("BPF_PROG_LOAD", errno.EINVAL, only="probe", log=log)
    found = ask(kernel)

    assert {found["loop"].answer, found["bpf_task_from_pid"].answer} == {answer}
    assert found["loop"].reason == ("" if answer is YES else log.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("struct_ops", "attach_btf_id 1 is not a supported struct\n"),
        ("ext", "Cannot replace kernel functions\n"),
    ],
)
def test_a_type_that_knows_what_function_one_is_not(name: str, log: str) -> None:
    kernel = willing()
    kernel.refuse("BPF_PROG_LOAD", errno.EINVAL, only="probe", log=log)
    found = ask(kernel)

    assert found[name].answer is YES
    assert found["kprobe"].answer is NO


def test_a_structure_of_the_same_name_is_passed_over() -> None:
    kernel = willing()
    kernel.refuse(
        "BPF_PROG_LOAD", errno.EINVAL, only="probe", times=1, log="attach_btf_id 5 is not a function\n"
    )
    asking = probes._Asking(kernel, Named(bpf_iter_task=(5, 6)))
    asking.program_type(next(each for each in probes._TYPES if each.name == "iter (task)"))

    assert [call.fields["attach_btf_id"] for call in kernel.of("BPF_PROG_LOAD")] == [5, 6]


def test_without_btf_there_are_no_functions_to_name() -> None:
    found = {each.name: each for each in everything(willing(), None, RAW)}

    assert (found["fentry"].answer, found["fentry"].reason) == (NO, "no BTF")
    assert found["bpf_task_from_pid"].answer is NO
    assert found["kprobe"].answer is YES


def test_a_program_that_gives_something_else_is_no_proof() -> None:
    kernel = willing()
    kernel.returns = 8

    assert ask(kernel)["test run"] == Probed("feature", "test run", UNSURE, "the program gave 8 and not 7")


def test_whatever_goes_wrong_is_an_answer() -> None:
    def trial() -> None:
        raise RuntimeError("the moon is full")

    assert probes.probed("feature", "moon", trial) == Probed("feature", "moon", UNSURE, "the moon is full")


@pytest.mark.live
def test_this_kernel_answers_and_keeps_nothing() -> None:
    from argtrace import running_kernel

    before = set(os.listdir("/proc/self/fd"))
    found = {(each.kind, each.name): each for each in everything(Linux(), running_kernel.btf(), RAW)}

    assert [each for key, each in found.items() if key in NEEDED and each.answer is not YES] == []
    assert set(os.listdir("/proc/self/fd")) == before
