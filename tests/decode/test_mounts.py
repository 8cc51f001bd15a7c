"""What statmount gives: the members its mask names, and strings behind them."""

from __future__ import annotations

import pytest

from argtrace.decode.model import Struct
from argtrace.signature.constants import number
from argtrace.signature.layouts import layout
from tests.support.scope import ADDRESS, decode, plain


def statmount(area: bytes, *got: str, **members: int) -> bytes:
    data = bytearray(512)
    members |= {"size": 512 + len(area), "mask": sum(number("statmount", f"STATMOUNT_{bit}") for bit in got)}
    described = layout("statmount")
    for name, value in members.items():
        member = described.member(name)
        size = getattr(member.type, "size")  # noqa: B009
        data[member.offset : member.offset + size] = value.to_bytes(size, "little")
    return bytes(data) + area


def test_only_what_was_got_is_there() -> None:
    data = statmount(b"", "PROPAGATE_FROM", propagate_from=9, mnt_id=5)
    assert plain(decode("statmount", data)) == {
        "size": 512,
        "mask": "STATMOUNT_PROPAGATE_FROM",
        "propagate_from": 9,
    }


def test_numbers_have_their_names() -> None:
    data = statmount(b"", "SB_BASIC", sb_dev_major=8, sb_magic=0xEF53, sb_flags=0x11)
    assert plain(decode("statmount", data)) == {
        "size": 512,
        "mask": "STATMOUNT_SB_BASIC",
        "sb_dev_major": 8,
        "sb_dev_minor": 0,
        "sb_magic": "EXT2_SUPER_MAGIC",
        "sb_flags": "SB_RDONLY|SB_SYNCHRONOUS",
    }


AREA = b"\0ext4\0/mnt\0a\0b\0"


def test_strings_are_where_their_members_say() -> None:
    data = statmount(
        AREA, "FS_TYPE", "MNT_POINT", "MNT_ROOT", "OPT_ARRAY", fs_type=1, mnt_point=6, opt_num=2, opt_array=11
    )
    found = decode("statmount", data)
    assert isinstance(found, Struct)
    assert found["fs_type"].raw == ADDRESS + 513
    shown = plain(found)
    assert (shown["fs_type"], shown["mnt_point"], shown["mnt_root"]) == (b"ext4", b"/mnt", b"")
    assert shown["opt_array"] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("at", "size", "shown"),
    [
        pytest.param(100, None, "<cut: beyond the end>", id="beyond the strings"),
        pytest.param(100, 4096, "<cut: not fetched>", id="in what was not fetched"),
    ],
)
def test_a_string_that_is_not_there(at: int, size: int | None, shown: str) -> None:
    assert plain(decode("statmount", statmount(AREA, "FS_TYPE", fs_type=at), size))["fs_type"] == shown


def test_an_array_that_is_longer_than_its_strings() -> None:
    data = statmount(AREA, "OPT_ARRAY", opt_num=1 << 31, opt_array=11)
    assert plain(decode("statmount", data))["opt_array"] == [b"a", b"b", "<cut: not fetched>"]


def test_half_of_the_structure() -> None:
    shown = plain(decode("statmount", statmount(b"", "FS_TYPE", "MNT_OPTS")[:20]))
    assert list(shown) == ["size", "mask", "mnt_opts", "…"]
