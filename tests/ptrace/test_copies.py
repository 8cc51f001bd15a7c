"""All that the BPF programs' copies are tested for, of those by ptrace: the same cases, run again."""

from __future__ import annotations

import pytest

from argtrace.fetch.limits import Limits
from argtrace.signature.meaning import Declaration
from tests.fetch import test_copies as programs
from tests.support.steps import planned
from tests.support.tracee import Tracee

# A ring without room: a tracee's records wait for it.
_OF_PROGRAMS_ALONE = {"test_a_chunk_that_finds_no_room_is_a_loss"}

_CASES = {name: test for name, test in vars(programs).items() if name.startswith("test_")}
assert set(_CASES) >= _OF_PROGRAMS_ALONE
globals().update({name: test for name, test in _CASES.items() if name not in _OF_PROGRAMS_ALONE})


@pytest.fixture(autouse=True)
def _by_ptrace(monkeypatch: pytest.MonkeyPatch) -> None:
    def tracee(declaration: Declaration, limits: Limits = programs.LIMITS) -> Tracee:
        return Tracee(planned(declaration, limits=limits))

    monkeypatch.setattr(programs, "machine", tracee)
