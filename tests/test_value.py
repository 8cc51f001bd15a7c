"""Values are what dataclasses are, as far as anybody looks."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import ClassVar

import pytest

from argtrace.value import fresh, frozen, mutable, names, replace


@frozen
class Point:
    """Where."""

    LIMIT: ClassVar[int] = 9
    x: int
    y: int = 2
    marks: list[int] = fresh(factory=list)

    def sum(self) -> int:
        return self.x + self.y


@frozen
class Named(Point):
    name: str = ""


@frozen
class Nothing:
    pass


@mutable
class Counter:
    count: int = 0


def test_fields_are_given_by_place_or_name() -> None:
    assert (Point(1).x, Point(1).y, Point(1, y=5).y, Point(1).sum()) == (1, 2, 5, 3)
    assert names(Named(1)) == ("x", "y", "marks", "name")
    assert Named(1, 2, [], "a").name == "a"
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]


def test_what_is_made_anew_is_not_shared() -> None:
    Point(1).marks.append(3)

    assert Point(1).marks == []


def test_equal_if_all_is() -> None:
    assert Point(1) == Point(1, 2)
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)
    assert Nothing() == Nothing()
    assert len({Scaled(1), Scaled(1), Scaled(2)}) == 2


@frozen
class Scaled:
    by: int


def test_frozen_is_frozen_and_mutable_is_not() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError, match="x"):
        Point(1).x = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Point(1).z = 3  # type: ignore[attr-defined]
    counter = Counter()
    counter.count += 1

    assert counter == Counter(1)
    with pytest.raises(TypeError):
        hash(counter)


def test_shown_matched_copied() -> None:
    assert repr(Point(1)) == "Point(x=1, y=2, marks=[])"
    match Point(1, 7):
        case Point(x, y=y):
            assert (x, y) == (1, 7)
    assert copy.deepcopy(Named(1, name="a")) == Named(1, name="a")
    assert pickle.loads(pickle.dumps(Scaled(4))) == Scaled(4)


def test_replace_and_the_standard_librarys_own() -> None:
    assert replace(Named(1), y=8) == Named(1, 8) == dataclasses.replace(Named(1), y=8)
    assert [field.name for field in dataclasses.fields(Point)] == ["x", "y", "marks"]
    assert dataclasses.asdict(Scaled(3)) == {"by": 3}
    assert Point.LIMIT == 9
    assert Point.__doc__ == "Where."
