"""Kernels that no archive has any more, pretended: what is chosen for each, and that it does the same.

The other live tests run for any of these too: ARGTRACE_PRETEND=5.4 pytest tests/live.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from argtrace import running_kernel
from argtrace.fetch.features import ALL, Features
from argtrace.fetch.limits import Limits
from argtrace.kernel.calls import PRETEND
from argtrace.options import Options
from argtrace.session import Session
from argtrace.value import names
from tests.fetch.conftest import NOTHING
from tests.support import live

if PRETEND in os.environ:
    pytest.skip("Another is pretended already.", allow_module_level=True)

pytestmark = pytest.mark.live

MISSING = {
    "4.19": set(names(ALL)),
    "5.2": set(names(ALL)) - {"values"},
    "5.4": set(names(ALL)) - {"values", "loops"},
    "5.5": {"ring", "exchange", "task", "functions", "runs", "allocation"},
    "5.8": {"exchange", "task", "functions", "runs", "allocation"},
    "5.10": {"exchange", "task", "functions", "allocation"},
    "5.12": {"task", "allocation"},
    "5.15": {"allocation"},
    "6.1": set[str](),
}
"""Members of Features that each has not."""

SCRIPT = "ls -la /usr/lib/os-release >&2; cat /nonexistent; (exec env -i A=b /no/such 2>/dev/null); exit 7"

MOST = {"4.19": 131_072, "5.4": 131_072, "5.10": 131_072}
"""Instructions that the verifier may go through: BPF_COMPLEXITY_LIMIT_INSNS before 5.2."""


@pytest.fixture(params=MISSING)
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if tuple(int(part) for part in request.param.split(".")) > live.LINUX:
        pytest.skip("This kernel is older than the one to be pretended: it has no more than it has.")
    monkeypatch.setenv(PRETEND, request.param)
    monkeypatch.setitem(live.ENVIRONMENT, PRETEND, request.param)
    return str(request.param)


def test_what_it_has_is_found_by_asking(version: str) -> None:
    expected = Features(**{name: name not in MISSING[version] for name in names(ALL)})

    assert running_kernel.features() == expected
    assert (expected == NOTHING) == (version == "4.19")


def test_calls_are_the_same(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is fetched at entry, at exit, from nested pointers, of children and of execs."""
    shown = lines(tmp_path)
    monkeypatch.delitem(live.ENVIRONMENT, PRETEND)
    expected = lines(tmp_path)

    left_out = [line for line in shown if LEFT_OUT in line]
    for line in left_out:
        del shown[line]
    assert not left_out or live.LINUX >= (7, 0)
    assert not shown - expected
    assert not expected - shown or left_out
    assert shown.total() > 90


@pytest.mark.parametrize("version", MOST, indirect=True)
@pytest.mark.parametrize("limits", [Limits(), Limits(whole=True)], ids=["as usual", "buffers whole"])
def test_the_verifier_takes_what_it_would(version: str, limits: Limits) -> None:
    session = Session(Options(limits=limits))
    try:
        session.load()
        costs = [program.cost() for program in session.loaded.values()]
    finally:
        session.close()

    assert max(cost.instructions for cost in costs) <= 4096 or version == "5.10"
    if not limits.whole:
        assert max(cost.verified or 0 for cost in costs) <= MOST[version]


UNLIKE = ("getrandom",) if live.ON_X86_64 else ("getrandom", "munmap")
"""Calls whose number differs from run to run: ld.so aligns a library to 64 KiB, and gives back what is before
and behind it, if there is any."""

LEFT_OUT = "the kernel left out our programs"
"""Said on Linux 7.0 and later, where programs of raw tracepoints are preempted, as on no kernel that is
pretended, and left out of what other tasks do meanwhile, traced or not."""


def lines(directory: Path) -> Counter[str]:
    """What is shown, but for numbers: ids and addresses differ from run to run."""
    file = directory / "trace"
    for _ in range(5):
        done = live.text("--style", "strace", "-o", str(file), "--", "sh", "-c", SCRIPT)
        assert done.returncode == 7
        if LEFT_OUT not in file.read_text():
            break
    return Counter(
        re.sub(r" +=", " =", re.sub(r"0x[0-9a-f]+|[0-9]+", "#", line))
        for line in file.read_text().splitlines()
        if not any(call in line for call in UNLIKE)
    )
