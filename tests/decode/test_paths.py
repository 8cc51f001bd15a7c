"""Joining paths: what is known of a link is nothing."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode import paths
from argtrace.decode.paths import Place

TOP = Place(b"/", exact=True)

HOME = Place(b"/home/u", exact=True)
OPENED = Place(b"/home/u/link", exact=False)
JAIL = Place(b"/jail", exact=True)

CASES = [
    pytest.param(TOP, HOME, b"a/b", b"/home/u/a/b", id="a relative path begins at the directory"),
    pytest.param(TOP, HOME, b"/etc/hosts", b"/etc/hosts", id="an absolute one does not"),
    pytest.param(TOP, HOME, b"", b"/home/u", id="an empty one is the directory"),
    pytest.param(TOP, HOME, b"./a//b/.", b"/home/u/a/b", id="dots and doubled slashes name nothing"),
    pytest.param(TOP, HOME, b"../v", b"/home/v", id="what is above a place that the kernel named is known"),
    pytest.param(TOP, HOME, b"../../../..", b"/", id="above the root is the root"),
    pytest.param(
        TOP, HOME, b"a/../b", b"/home/u/a/../b", id="what is above a name that may be a link is not"
    ),
    pytest.param(TOP, OPENED, b"..", b"/home/u/link/..", id="nor above a directory as a call named it"),
    pytest.param(JAIL, JAIL, b"/etc", b"/jail/etc", id="the root may be another"),
    pytest.param(JAIL, JAIL, b"../..", b"/jail", id="and is its own parent too"),
    pytest.param(
        Place(b"/j", exact=False), HOME, b"..", b"/home/u/..", id="which is unknown of a root like that"
    ),
]


@pytest.mark.parametrize(("root", "start", "path", "expected"), CASES)
def test_join(root: Place, start: Place, path: bytes, expected: bytes) -> None:
    assert paths.join(root, start, path).path == expected


@given(st.lists(st.sampled_from([b"a", b"b", b".", b"..", b""]), max_size=8).map(b"/".join))
def test_where_no_link_is_it_is_the_same_file(path: bytes) -> None:
    joined = b"/" + path.lstrip(b"/") if path.startswith(b"/") else b"/home/u/" + path

    assert os.path.normpath(paths.join(TOP, HOME, path).path) == os.path.normpath(joined)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/proc/self/maps", b"/proc/7/maps"),
        (b"/proc/self", b"/proc/7"),
        (b"/proc/thread-self/comm", b"/proc/7/task/8/comm"),
        (b"/proc/selfish", b"/proc/selfish"),
    ],
)
def test_proc_is_each_ones_own(path: bytes, expected: bytes) -> None:
    assert paths.of_process(path, 7, 8) == expected
