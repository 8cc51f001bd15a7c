"""Where a call came from: what `fetch/origin.py` noted, with the cgroup's path beside its id."""

from __future__ import annotations

from collections.abc import Callable

from argtrace.decode.containers import Container, identify
from argtrace.location.frames import CGROUP, CPU, UID, WORD, Frame
from argtrace.transport.records import CallRecord
from argtrace.value import frozen

Field = tuple[int, int]
"""Offset in the image, and bytes."""


@frozen
class Cgroup:
    """One of version 2. `path` is from the root of what is mounted; None where it is gone."""

    id: int
    path: str | None

    @property
    def container(self) -> Container | None:
        """The container whose cgroup this is, or is in."""
        return None if self.path is None else identify(self.path)


@frozen
class Origin:
    """What was asked for of it; else None. `uid`: the real one, in the initial user namespace."""

    cpu: int | None = None
    uid: int | None = None
    cgroup: Cgroup | None = None


class Origins:
    """What is told of each call: `cpu`, `uid` and `id`, the cgroup's, or None of what is not.

    `frame.noted` says what was noted; `path`: a cgroup's, by its id.
    """

    def __init__(self, frame: Frame, path: Callable[[int], str | None]) -> None:
        first, second = frame.spare
        self.cpu: Field | None = (first, 4) if CPU in frame.noted else None
        self.uid: Field | None = (first + 4, 4) if UID in frame.noted else None
        self.id: Field | None = (second, 8) if CGROUP in frame.noted else None
        self._first, self._second = first // WORD, second // WORD
        self._path = path

    def of(self, call: CallRecord) -> Origin:
        first, second = call.image[self._first], call.image[self._second]
        return Origin(
            None if self.cpu is None else first & 0xFFFF_FFFF,
            None if self.uid is None else first >> 32,
            None if self.id is None else self.cgroup(second),
        )

    def cgroup(self, id: int) -> Cgroup:
        return Cgroup(id, self._path(id))
