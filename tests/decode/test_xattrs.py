"""Names one after the other, each with its NUL."""

from __future__ import annotations

import pytest

from argtrace.decode.model import List, Text
from tests.support.scope import ADDRESS, decode, plain


def test_names_are_apart() -> None:
    assert decode("xattr_names", b"user.a\0security.selinux\0") == List(
        ADDRESS, (Text(ADDRESS, b"user.a"), Text(ADDRESS + 7, b"security.selinux"))
    )


@pytest.mark.parametrize(
    ("data", "size", "names"),
    [
        pytest.param(b"", None, [], id="none"),
        pytest.param(b"\0a\0", None, [b"", b"a"], id="an empty name is one"),
        pytest.param(b"a\0user.b", None, [b"a", b"user.b", "<cut: a name without its end>"], id="no NUL"),
        pytest.param(b"a\0us", 9, [b"a", b"us", "<cut: not fetched>"], id="within a name"),
        pytest.param(b"a\0", 9, [b"a", "<cut: not fetched>"], id="between names"),
    ],
)
def test_ends(data: bytes, size: int | None, names: list[object]) -> None:
    assert plain(decode("xattr_names", data, size)) == names


def test_a_name_that_is_not_whole_says_so() -> None:
    found = decode("xattr_names", b"us", 9)
    assert isinstance(found, List)
    assert found.items == (Text(ADDRESS, b"us", cut=True),)
