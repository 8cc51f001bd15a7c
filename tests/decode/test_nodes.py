"""Sets of memory nodes."""

from __future__ import annotations

import pytest

from tests.support.scope import decode, plain


@pytest.mark.parametrize(
    ("data", "nodes"),
    [
        pytest.param(b"", [], id="no bits"),
        pytest.param(bytes(8), [], id="no nodes"),
        pytest.param(b"\1" + bytes(7), [0], id="the first"),
        pytest.param(bytes(7) + b"\x80", [63], id="the last of a long"),
        pytest.param(b"\5" + bytes(7) + b"\1" + bytes(7), [0, 2, 64], id="in two longs"),
    ],
)
def test_each_bit_is_a_node(data: bytes, nodes: list[int]) -> None:
    assert plain(decode("nodes", data)) == nodes


def test_a_set_larger_than_what_was_fetched() -> None:
    assert plain(decode("nodes", b"\2", size=512)) == [1, "<cut: not fetched>"]
