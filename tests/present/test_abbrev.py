"""Which members of a long structure are shown."""

from __future__ import annotations

import pytest

from argtrace.decode.model import Device, Flags, Int, Struct
from argtrace.present import abbrev


def shown(name: str, *members: str) -> list[str]:
    struct = Struct(0, name, tuple((member, Int(1, 1)) for member in members))
    chosen, more = abbrev.members(struct)
    assert more == (len(chosen) < len(members))
    return [member for member, _ in chosen]


STAT = ("st_dev", "st_mode", "st_size", "st_blocks")
MANY = [f"m{n}" for n in range(40)]


def test_members_keep_the_order_of_the_structure() -> None:
    assert shown("stat", *STAT) == ["st_mode", "st_size"]
    assert shown("statx", "stx_mask", "stx_blksize", "stx_attributes") == ["stx_mask", "stx_attributes"]


def test_a_structure_that_is_not_long_is_whole() -> None:
    assert shown("timespec", "tv_sec", "tv_nsec") == ["tv_sec", "tv_nsec"]
    assert shown("stat", "st_mode", "st_size") == ["st_mode", "st_size"]


def test_one_that_nobody_described_has_its_first_members() -> None:
    assert shown("generated", *MANY) == MANY[:32]
    assert shown("generated", *MANY[:32]) == MANY[:32]


def test_members_of_another_kernel_are_better_than_none() -> None:
    assert shown("stat", "inode", "mode") == ["inode", "mode"]


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        pytest.param("S_IFREG", ["st_mode", "st_size"], id="a file has a size"),
        pytest.param("S_IFCHR", ["st_mode", "st_rdev"], id="a device has a number"),
        pytest.param("S_IFBLK", ["st_mode", "st_rdev"], id="so has a disk"),
    ],
)
def test_stat(type: str, expected: list[str]) -> None:
    members = (
        ("st_ino", Int(5, 5)),
        ("st_mode", Flags(1, 1, (type,), 0o644, 8)),
        ("st_size", Int(0, 0)),
        ("st_rdev", Device(0, 0, 0, 0)),
    )

    assert [name for name, _ in abbrev.members(Struct(0, "stat", members))[0]] == expected
