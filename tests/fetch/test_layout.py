"""Maps have room for what the programs put into them, and no more than that."""

from __future__ import annotations

import pytest

from argtrace.fetch import record
from argtrace.fetch.derive import ARRAY_SPACE
from argtrace.fetch.layout import LOST_TOTAL, MAX_EXECS, PACED, SLOTS, TRACKED, UNTRACKED, layout
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from tests.support.generated import plans, program_set

HEADER, ITEM, STRING = record.ITEMS, record.ITEM.size, 4096 + 2


def _maps(*expressions: str, limit: int = 4096) -> dict[str, MapSpec]:
    return {spec.name: spec for spec in layout(plans(*expressions, limit=limit), 1 << 16).maps()}


@pytest.mark.parametrize(
    ("calls", "space"),
    [
        pytest.param("getppid", HEADER, id="no string, no room for one"),
        pytest.param("none", HEADER, id="no call at all"),
        pytest.param("openat", HEADER + ITEM + STRING, id="one string"),
        pytest.param("renameat,openat,getppid", HEADER + 2 * (ITEM + STRING), id="the largest decides"),
        pytest.param("execve", HEADER + 7 * ITEM, id="an exec waits elsewhere, only its items are here"),
        pytest.param(
            "execve,openat",
            HEADER + 7 * ITEM + STRING,
            id="the most items and the longest payload, which may be of different calls",
        ),
    ],
)
def test_room_in_a_tasks_slot(calls: str, space: int) -> None:
    assert layout(plans(calls), 1 << 16).record_space == space
    assert _maps(calls)["tasks"].value_size == record.RECORD + -(-space // 8) * 8


@pytest.mark.parametrize(
    ("calls", "space"),
    [
        pytest.param("openat", HEADER, id="without execs there is none"),
        pytest.param("execve", HEADER + 7 * ITEM + STRING + 2 * ARRAY_SPACE, id="all of an exec"),
    ],
)
def test_room_in_an_execs_slot(calls: str, space: int) -> None:
    assert layout(plans(calls), 1 << 16).exec_space == space


@pytest.mark.parametrize("limit", [1, 32, 4096, 16384])
def test_every_record_fits_whatever_the_limit(limit: int) -> None:
    everything = plans(limit=limit)
    sizes = layout(everything, 1 << 16)

    for plan in everything:
        assert plan.space <= (sizes.exec_space if plan.walks else sizes.record_space)


def test_a_slot_is_one_that_the_kernel_can_allocate() -> None:
    """kmalloc() in an interrupt: at most KMALLOC_MAX_CACHE_SIZE in one piece, and the key with it."""
    largest = _maps(limit=16384)

    assert largest["tasks"].value_size < 128 << 10
    assert largest["execs"].value_size < 128 << 10


def test_new_slots_are_copied_from_blanks_of_their_size() -> None:
    maps = _maps()

    assert maps["blank"].value_size == maps["tasks"].value_size <= maps["slots"].value_size
    assert maps["blank_exec"].value_size == maps["execs"].value_size
    assert maps["blank"].entries == maps["blank_exec"].entries == 1


def test_maps_by_index_have_all_indexes() -> None:
    maps = _maps()

    assert maps["losses"].entries == record.INDEXES
    assert maps["enter_calls"].entries == maps["exit_calls"].entries == record.SHAPES + record.MAX_SHAPES
    assert maps["selected"].value_size == record.INDEXES


def test_program_arrays_hold_descriptors() -> None:
    arrays = [spec for spec in _maps().values() if spec.type == uapi.BPF_MAP_TYPE_PROG_ARRAY]

    assert {spec.name for spec in arrays} == {"enter_calls", "exit_calls", "exec_steps"}
    assert {(spec.key_size, spec.value_size) for spec in arrays} == {(4, 4)}


def test_places_of_tasks_have_a_bound_and_each_cpu_has_one_more() -> None:
    slots = _maps(limit=1024)["slots"]

    assert (slots.type, slots.entries, slots.a_cpu) == (uapi.BPF_MAP_TYPE_ARRAY, SLOTS, 1)
    assert SLOTS & (SLOTS - 1) == 0
    assert slots.value_size >= _maps(limit=1024)["tasks"].value_size
    assert slots.value_size * SLOTS < 12 << 20


def test_tasks_are_allocated_as_they_come_and_execs_beforehand() -> None:
    maps = _maps()

    assert maps["tasks"].flags == uapi.BPF_F_NO_PREALLOC
    assert maps["execs"].flags == 0
    assert maps["execs"].value_size * MAX_EXECS < 4 << 20


def test_counters_do_not_overlap() -> None:
    assert {LOST_TOTAL, UNTRACKED, TRACKED, PACED} == {0, 8, 16, 24}
    assert _maps()["counters"].value_size == 32


def test_the_ring_has_the_size_that_was_asked_for() -> None:
    ring = _maps()["events"]

    assert (ring.type, ring.key_size, ring.value_size, ring.entries) == (
        uapi.BPF_MAP_TYPE_RINGBUF, 0, 0, 1 << 16,
    )  # fmt: skip


def test_every_map_that_a_program_names_is_there_and_none_for_nothing() -> None:
    named = {name for program in program_set().programs().values() for _, name in program.maps}

    assert named == _maps().keys()


def test_names_are_ones_the_kernel_takes() -> None:
    for name in _maps():
        assert len(name) < uapi.BPF_OBJ_NAME_LEN
        assert name.replace("_", "").isalnum()
