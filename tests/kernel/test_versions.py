"""What versions.py says, beside what kernels say of themselves (releases.json: `python3 -m vm releases`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from argtrace.kernel import uapi, versions
from argtrace.kernel.versions import Version

RELEASES = json.loads((Path(__file__).parent / "releases.json").read_text())
TABLES = {
    "bpf_map_type": ("BPF_MAP_TYPE_", versions.MAPS),
    "bpf_prog_type": ("BPF_PROG_TYPE_", versions.PROGRAMS),
    "bpf_func_id": ("BPF_FUNC_", versions.HELPERS),
    "bpf_cmd": ("", versions.COMMANDS),
}


def version(series: str) -> Version:
    major, minor = map(int, series.split("."))
    return major, minor


def numbers(prefix: str, since: Mapping[str, Version]) -> dict[str, int]:
    return {name: getattr(uapi, f"{prefix}{name}") for name in since}


@pytest.mark.parametrize("series", RELEASES)
@pytest.mark.parametrize("enum", TABLES)
def test_a_kernel_knows_what_came_with_it_or_before(enum: str, series: str) -> None:
    prefix, since = TABLES[enum]
    known = {name for name, number in numbers(prefix, since).items() if number < RELEASES[series][enum]}
    assert known == {name for name, first in since.items() if first <= version(series)}


@pytest.mark.parametrize("enum", TABLES)
def test_what_has_a_higher_number_is_no_older(enum: str) -> None:
    """Numbers of bpf(2) are given one after the other."""
    prefix, since = TABLES[enum]
    found = numbers(prefix, since)
    in_order = sorted(since, key=lambda name: found[name])
    assert all(since[one] <= since[next] for one, next in pairwise(in_order))


@pytest.mark.parametrize("series", RELEASES)
def test_the_size_of_its_attributes(series: str) -> None:
    assert versions.attr_size(version(series)) == RELEASES[series]["bpf_attr"]
