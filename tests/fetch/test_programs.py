"""Which programs a selection needs, and where each is reached or attached."""

from __future__ import annotations

import pytest

from argtrace.fetch import record
from argtrace.fetch.filters import Filters
from argtrace.fetch.layout import KEEP, LATE, SYS_EXIT
from argtrace.fetch.programs import ProgramSet
from argtrace.kernel import uapi
from argtrace.signature import syscalls
from tests.support.generated import FIELDS, Types, compat_index, enter_index, exit_index, planned, program_set

ALWAYS = {
    "sys_enter",
    "sys_exit",
    "sched_process_exec",
    "sched_process_exit",
    "task_rename",
    "signal_deliver",
}

# Tracepoints that are cheap to keep, and the two that see every call of every process.
DISPATCHERS = {"at_sys_enter", "at_sys_exit", "at_exit_late", "at_keep", "at_track"}
TASK_EVENTS = {"at_exec", "at_task_exit", "at_rename", "at_signal", "at_fork"}


def _collectors(programs: ProgramSet) -> set[str]:
    return programs.programs().keys() - DISPATCHERS - TASK_EVENTS


@pytest.mark.parametrize(
    ("calls", "names"),
    [
        pytest.param("getppid", {"at_enter_0", "at_enter_i386"}, id="without strings there is no exit half"),
        pytest.param("openat", {"at_enter_0", "at_exit_0", "at_enter_i386"}, id="one with a string has one"),
        pytest.param(
            "open,access,chdir", {"at_enter_0", "at_exit_0", "at_enter_i386"}, id="calls of one shape share"
        ),
        pytest.param(
            "open,openat",
            {"at_enter_0", "at_exit_0", "at_enter_1", "at_exit_1", "at_enter_i386"},
            id="calls of two shapes do not",
        ),
        pytest.param("exit_group", {"at_enter_0", "at_enter_i386"}, id="nor if it does not return"),
        pytest.param(
            "execve",
            {
                "at_enter_x0", "at_exit_x0", "at_exec_argv", "at_exec_envp",
                "at_enter_i386",
            },
            id="an exec has its walks",
        ),
        pytest.param("none", set(), id="no call, no collector"),
    ],
)  # fmt: skip
def test_collectors(calls: str, names: set[str]) -> None:
    assert _collectors(program_set(calls, together=0)) == names


def test_several_shapes_are_one_program() -> None:
    reached = program_set("open,openat").reached

    assert reached[enter_index("open")] is reached[enter_index("openat")]
    assert reached[exit_index("open")] is reached[exit_index("openat")]


def test_calls_that_only_have_numbers_do_not_look_for_themselves() -> None:
    everything = program_set().reached[enter_index("getppid")]

    assert everything.instructions == program_set("getppid").reached[enter_index("getppid")].instructions


def test_everything_takes_few_programs() -> None:
    assert len(program_set().programs()) < 50


def test_calls_of_one_shape_are_reached_by_their_own_numbers() -> None:
    reached = program_set("open,access,openat", together=0).reached

    assert reached[enter_index("open")] is reached[enter_index("access")]
    assert reached[exit_index("open")] is reached[exit_index("access")]
    assert reached[enter_index("open")] is not reached[enter_index("openat")]


def test_the_number_of_programs_is_that_of_shapes() -> None:
    shapes = {plan.shape for plans in planned() for plan in plans.all()}
    assert len(shapes) < 300
    # Each shape has two halves at most; the rest is there once.
    assert len(program_set(together=0).programs()) <= 2 * len(shapes) + 14


def test_a_call_that_was_not_asked_for_has_no_program() -> None:
    reached = program_set("openat,close").reached

    indexes = {index for array, index in reached if array == "enter_calls"}
    assert indexes == {
        syscalls.NUMBERS["openat"],
        syscalls.NUMBERS["close"],
        record.COMPAT_BASE + 295,  # openat of i386
        record.COMPAT_BASE + 6,  # close
        record.SHAPES,
        record.SHAPES + 1,
    }
    assert {index for array, index in reached if array == "exit_calls"} == {
        syscalls.NUMBERS["openat"],
        record.SHAPES + 1,
        LATE,
        KEEP,
        SYS_EXIT,
    }


def test_calls_of_32_bits_share_one_program() -> None:
    reached = program_set("openat,close").reached

    assert reached[compat_index(295)] is reached[compat_index(6)]
    assert reached[compat_index(6)].name == "at_enter_i386"


def test_unknown_numbers_are_reached_when_everything_is_selected() -> None:
    everything, some = program_set(), program_set("openat")
    unknown = [("enter_calls", index) for index in (record.UNKNOWN, record.UNKNOWN_COMPAT)]

    assert [everything.reached[index].name for index in unknown] == ["at_enter_unk", "at_enter_i386"]
    assert not set(unknown) & some.reached.keys()


def test_nobody_pays_for_unknown_numbers_that_are_not_wanted() -> None:
    everything, some = (program_set(*calls).attached["sys_enter"] for calls in ((), ("openat",)))

    assert len(some.instructions) < len(everything.instructions)


def test_every_index_is_one_the_arrays_have() -> None:
    assert all(index < record.SHAPES + record.MAX_SHAPES for _, index in program_set().reached)


def test_selected_says_of_each_index_whether_it_was_asked_for() -> None:
    some = program_set("openat").selected
    chosen = {index for index, asked in enumerate(some) if asked}

    assert len(some) == record.INDEXES
    assert chosen == {syscalls.NUMBERS["openat"], record.COMPAT_BASE + 295}
    assert all(program_set().selected)


@pytest.mark.parametrize(
    ("follow", "tracepoints"),
    [
        pytest.param(True, ALWAYS | {"sched_process_fork"}, id="with children"),
        pytest.param(False, ALWAYS, id="without children there is no fork program"),
    ],
)
def test_attached(follow: bool, tracepoints: set[str]) -> None:
    programs = program_set("openat", follow=follow)

    assert programs.attached.keys() == tracepoints
    assert ("at_fork" in programs.programs()) is follow


def test_entry_is_attached_last() -> None:
    """A call whose entry is seen has its exit and its task's end seen too."""
    order = [name for name in program_set("openat").attached if name != "sched_process_fork"]

    assert order[-1] == "sys_enter"
    assert order[0] == "sys_exit"


def test_names_are_unique_and_fit_the_kernel() -> None:
    programs = program_set()
    distinct = {
        id(program): program.name for program in (*programs.reached.values(), *programs.attached.values())
    }

    assert len(set(distinct.values())) == len(distinct)
    assert all(len(name.encode()) < uapi.BPF_OBJ_NAME_LEN for name in distinct.values())


def test_a_kernel_without_seccomp_needs_nothing_of_it() -> None:
    from argtrace.fetch import fields

    without = program_set("openat", offsets=fields.find(Types("task_struct.seccomp.mode")))
    listing = without.attached["sys_exit"].listing()

    assert f"+{FIELDS.task_seccomp_mode})" not in listing
    assert f"+{FIELDS.task_seccomp_mode})" in program_set("openat").attached["sys_exit"].listing()


@pytest.mark.parametrize(
    "filters",
    [
        Filters(failed=True),
        Filters(errnos=tuple(range(1, 134))),
        Filters(duration=10**15),
        Filters(failed=True, errnos=(2,), duration=1),
    ],
    ids=["failure", "every errno there is", "the longest duration", "all together"],
)
def test_a_filter_can_be_bound(filters: Filters) -> None:
    """Every immediate fits its 32 bits."""
    programs = program_set(filters=filters)
    descriptors = {spec.name: 1 for spec in programs.layout.maps()}

    for program in programs.programs().values():
        assert len(program.code().bind(descriptors)) == 8 * len(program.instructions)
