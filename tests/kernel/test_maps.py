"""Maps: what the kernel is asked, what comes back, and who closes them."""

from __future__ import annotations

import errno
import io
import itertools

import pytest

from argtrace.errors import KernelRefused
from argtrace.kernel import maps, uapi
from argtrace.kernel.maps import Map, MapSpec
from tests.support.fake_kernel import FakeKernel

HASH = MapSpec("tasks", uapi.BPF_MAP_TYPE_HASH, 4, 8, 10, uapi.BPF_F_NO_PREALLOC)
ARRAY = MapSpec("counters", uapi.BPF_MAP_TYPE_ARRAY, 4, 16, 2)
PER_CPU = MapSpec("losses", uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, 4, 2)

ONE, TWO, THREE = (number.to_bytes(4, "little") for number in (1, 2, 3))


def test_a_map_is_created_as_specified() -> None:
    kernel = FakeKernel()

    with Map(kernel, HASH):
        pass

    assert kernel.of("BPF_MAP_CREATE")[0].fields == {
        "map_type": uapi.BPF_MAP_TYPE_HASH,
        "key_size": 4,
        "value_size": 8,
        "max_entries": 10,
        "map_flags": uapi.BPF_F_NO_PREALLOC,
        "inner_map_fd": 0,
        "numa_node": 0,
        "map_name": b"tasks",
        **dict.fromkeys(("map_ifindex", "btf_fd", "btf_key_type_id", "btf_value_type_id"), 0),
    }
    assert kernel.open_now() == []


def test_entries_for_each_cpu_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "possible_cpus", lambda: 3)
    kernel = FakeKernel()
    with Map(kernel, MapSpec("slots", uapi.BPF_MAP_TYPE_ARRAY, 4, 8, 10, a_cpu=2)):
        assert kernel.maps["slots"].max_entries == 16


def test_an_array_is_read_without_a_call() -> None:
    kernel = FakeKernel()
    with Map(kernel, MapSpec("counters", uapi.BPF_MAP_TYPE_ARRAY, 4, 16, 1, uapi.BPF_F_MMAPABLE)) as found:
        asked = len(kernel.calls)
        with found.mapped() as values:
            assert values[:16] == bytes(16)
        assert len(kernel.calls) == asked
    assert kernel.open_now() == []


def test_a_long_name_is_cut_to_what_the_kernel_takes() -> None:
    kernel = FakeKernel()

    with Map(kernel, MapSpec("a_name_of_twenty_one", uapi.BPF_MAP_TYPE_HASH, 4, 4, 1)):
        assert kernel.of("BPF_MAP_CREATE")[0].fields["map_name"] == b"a_name_of_twent"


def test_a_refused_map_leaves_no_descriptor() -> None:
    kernel = FakeKernel()
    kernel.refuse("BPF_MAP_CREATE", errno.EPERM)

    with pytest.raises(KernelRefused, match="BPF_MAP_CREATE"):
        Map(kernel, HASH)

    assert kernel.open_now() == []


def test_values_are_kept_under_their_keys() -> None:
    with Map(FakeKernel(), HASH) as map:
        map.update(ONE, b"\0first\0\0")
        map.update(TWO, b"second\0\0")
        map.update(ONE, b"\0again\0\0")

        assert map.lookup(ONE) == b"\0again\0\0"
        assert map.lookup(TWO) == b"second\0\0"
        assert map.lookup(THREE) is None
        assert set(map.keys()) == {ONE, TWO}


def test_delete_says_whether_it_was_there() -> None:
    with Map(FakeKernel(), HASH) as map:
        map.update(ONE, bytes(8))

        assert map.delete(ONE)
        assert not map.delete(ONE)
        assert map.is_empty()


def test_an_array_is_there_from_the_beginning() -> None:
    with Map(FakeKernel(), ARRAY) as map:
        assert map.lookup(ONE) == bytes(16)
        assert map.lookup(TWO) is None


@pytest.mark.parametrize(
    ("flags", "key", "refusal"),
    [
        pytest.param(uapi.BPF_NOEXIST, ONE, errno.EEXIST, id="an entry that must be new and is not"),
        pytest.param(uapi.BPF_EXIST, TWO, errno.ENOENT, id="an entry that must be there and is not"),
    ],
)
def test_an_update_that_cannot_be_done_is_an_error(flags: int, key: bytes, refusal: int) -> None:
    with Map(FakeKernel(), HASH) as map:
        map.update(ONE, b"unharmed")

        with pytest.raises(KernelRefused) as caught:
            map.update(key, b"changed!", flags)

        assert caught.value.errno == refusal
        assert map.lookup(ONE) == b"unharmed"
        assert map.lookup(TWO) is None


@pytest.mark.parametrize("command", ["BPF_MAP_LOOKUP_ELEM", "BPF_MAP_DELETE_ELEM", "BPF_MAP_GET_NEXT_KEY"])
def test_only_enoent_means_that_it_is_not_there(command: str) -> None:
    kernel = FakeKernel()
    kernel.refuse(command, errno.EPERM)

    with Map(kernel, HASH) as map:
        map.update(ONE, bytes(8))
        with pytest.raises(KernelRefused, match=f"{command}.: EPERM"):
            _ = map.lookup(ONE), map.delete(ONE), map.is_empty()


def test_a_walk_over_keys_that_come_and_go_ends() -> None:
    kernel = FakeKernel()
    kernel.endless = True

    with Map(kernel, HASH) as map:
        for key in (ONE, TWO, THREE):
            map.update(key, bytes(8))

        keys = list(itertools.islice(map.keys(), 1000))

    assert set(keys) == {ONE, TWO, THREE}
    assert len(keys) <= HASH.entries + 1


def test_a_per_cpu_map_gives_the_value_of_every_cpu() -> None:
    kernel = FakeKernel(cpus=3)

    with Map(kernel, PER_CPU) as map:
        values = b"\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
        kernel.maps["losses"].values[ONE] = values

        assert map.lookup(ONE, cpus=3) == values


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("0\n", 1, id="one CPU"),
        pytest.param("0-3\n", 4, id="a range"),
        pytest.param("0-3,8-11\n", 12, id="a gap counts, values are indexed by number"),
        pytest.param("0,5\n", 6, id="single numbers"),
    ],
)
def test_possible_cpus(monkeypatch: pytest.MonkeyPatch, text: str, count: int) -> None:
    monkeypatch.setattr(maps, "open", lambda _: io.StringIO(text), raising=False)

    assert maps.possible_cpus() == count
