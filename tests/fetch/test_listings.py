"""The programs of a few calls, instruction by instruction, as files to read.

A change of what is generated shows here as a difference of text. If it is meant:

    ARGTRACE_UPDATE=1 pytest tests/fetch/test_listings.py

writes the files anew; then read the difference before it is committed. Offsets in
kernel structures are those of tests/support/generated.py, not a kernel's.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from argtrace.fetch.asm import Program
from argtrace.signature.spell import prototype
from tests.support.generated import enter_index, exit_index, program_set, signatures

LISTINGS = Path(__file__).parent.parent / "cases" / "listings"

CALLS = [
    pytest.param("getppid", id="getppid has no strings and no exit half"),
    pytest.param("openat", id="openat has one string"),
    pytest.param("renameat", id="renameat has two"),
    pytest.param("execve", id="execve walks its arrays"),
    pytest.param("exit_group", id="exit_group does not return"),
]


def _programs(call: str) -> list[Program]:
    """The call's own halves, and the walks if it has any."""
    reached = program_set(call).reached
    halves = [reached[key] for key in (enter_index(call), exit_index(call)) if key in reached]
    return halves + [program for (array, _), program in reached.items() if array == "exec_steps"]


def _text(call: str) -> str:
    (signature,) = signatures(call).values()
    listings = [f"{program.name}:\n{program.listing()}\n" for program in _programs(call)]
    return f"; {prototype(signature)}\n\n" + "\n".join(listings)


@pytest.mark.parametrize("call", CALLS)
def test_listing(call: str) -> None:
    path = LISTINGS / f"{call}.bpf"
    if os.environ.get("ARGTRACE_UPDATE"):
        path.write_text(_text(call))

    assert _text(call) == path.read_text()


def test_each_file_belongs_to_a_call() -> None:
    assert {path.stem for path in LISTINGS.glob("*.bpf")} == {case.values[0] for case in CALLS}
