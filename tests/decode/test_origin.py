"""What a record says of where its call came from."""

from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.containers import Container
from argtrace.decode.events import Call
from argtrace.decode.origin import Cgroup, Origin, Origins
from argtrace.decode.stream import Naming
from argtrace.fetch import record
from argtrace.fetch.record import Flag
from argtrace.location import frames, syscall
from argtrace.location.frames import CGROUP, CPU, ORIGINS, UID
from argtrace.target import AARCH64, X86_64, Target
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from tests.support import decoding
from tests.support import record_writer as write

ID = "4f1c" + "0d2a" * 15
PATHS = {7: "/", 8: f"/system.slice/docker-{ID}.scope", 9: "/user.slice"}
EVERY = frozenset(ORIGINS)


def record_of(first: int, second: int, target: Target = X86_64) -> CallRecord:
    """A call with these words where no argument is."""
    sample = bytearray(write.call("getppid", []))
    for at, word in zip(frames.frame(target).spare, (first, second), strict=True):
        struct.pack_into("<Q", sample, record.IMAGE + at, word)
    call = records.parse(bytes(sample))
    assert isinstance(call, CallRecord)
    return call


def origins(noted: frozenset[str], target: Target = X86_64) -> Origins:
    return Origins(frames.noting(target, noted), PATHS.get)


@pytest.mark.parametrize("target", [X86_64, AARCH64], ids=["x86-64", "arm64"])
@pytest.mark.parametrize("size", range(len(ORIGINS) + 1))
def test_what_was_noted_and_nothing_else(size: int, target: Target) -> None:
    call = record_of(3 | 1000 << 32, 9, target)
    for noted in itertools.combinations(ORIGINS, size):
        assert origins(frozenset(noted), target).of(call) == Origin(
            cpu=3 if CPU in noted else None,
            uid=1000 if UID in noted else None,
            cgroup=Cgroup(9, "/user.slice") if CGROUP in noted else None,
        )


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_any_numbers(cpu: int, uid: int, id: int) -> None:
    found = origins(EVERY).of(record_of(cpu | uid << 32, id))

    assert (found.cpu, found.uid) == (cpu, uid)
    assert found.cgroup == Cgroup(id, PATHS.get(id))


@pytest.mark.parametrize("target", [X86_64, AARCH64], ids=["x86-64", "arm64"])
def test_where_others_find_them(target: Target) -> None:
    """As offsets in the image, for the native executor."""
    found = origins(EVERY, target)
    first, second = frames.frame(target).spare

    assert (found.cpu, found.uid, found.id) == ((first, 4), (first + 4, 4), (second, 8))
    assert (origins(frozenset(), target).cpu, origins(frozenset({CPU}), target).uid) == (None, None)


@pytest.mark.parametrize("target", [X86_64, AARCH64], ids=["x86-64", "arm64"])
def test_no_argument_is_there(target: Target) -> None:

    frame = frames.frame(target)
    taken = {frame.offsets[register] for register in syscall.registers(target)}

    assert len(taken) == 6
    assert taken.isdisjoint(frame.spare)
    assert set(frames.COMPAT_IMAGE.values()).isdisjoint(frames.frame(X86_64).spare)


@pytest.mark.parametrize(
    ("id", "path", "container"),
    [
        pytest.param(8, PATHS[8], Container("docker", ID), id="a container"),
        pytest.param(9, PATHS[9], None, id="in none"),
        pytest.param(7, "/", None, id="the root"),
        pytest.param(10, None, None, id="gone"),
        pytest.param(0, None, None, id="nothing at all"),
    ],
)
def test_a_cgroup(id: int, path: str | None, container: Container | None) -> None:
    cgroup = origins(EVERY).cgroup(id)

    assert (cgroup.id, cgroup.path, cgroup.container) == (id, path, container)


@pytest.mark.parametrize("flags", [0, Flag.COMPAT, Flag.LATE, Flag.NO_RESULT])
def test_a_stream_tells_it_of_every_call(flags: int) -> None:
    sample = bytearray(write.call("getppid", [], flags=flags))
    struct.pack_into("<Q", sample, record.IMAGE + frames.frame(X86_64).spare[0], 1 | 1000 << 32)
    noted = frozenset({CPU, UID})
    stream = decoding.stream(naming=Naming(origins=origins(noted)))
    (told,) = decoding.feed(bytes(sample), to=stream)
    (untold,) = decoding.feed(bytes(sample))

    assert isinstance(told, Call)
    assert isinstance(untold, Call)
    assert told.origin == Origin(1, 1000)
    assert untold.origin is None
    assert dict(told.args) == dict(untold.args)
