"""A target runs in a process of its own: what it finds, and how it ends, is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fuzz import __main__ as runner

FUZZ = Path(__file__).parent

HEAD = """
from tests.fuzz.target import Target

def check(data):
    {body}

TARGET = Target("a test", check, lambda: [b"seed", b"another"])
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the runner's half that is needed, for targets of a test's own."""
    (tmp_path / "tests" / "fuzz" / "targets").mkdir(parents=True)
    for name in ("child", "target", "mutation"):
        shutil.copy(FUZZ / f"{name}.py", tmp_path / "tests" / "fuzz")
    return tmp_path


def outcome(tree: Path, body: str, runs: int = 300) -> runner.Outcome:
    path = tree / "tests" / "fuzz" / "targets" / "ours.py"
    path.write_text(HEAD.format(body=body.replace("\n", "\n    ")))
    return runner.run("ours", runs, 30, tree=tree)


def test_nothing_is_wrong(tree: Path) -> None:
    found = outcome(tree, "pass")

    assert found.inputs == 300
    assert found.findings == []


def test_what_is_raised_is_told_once_a_place_with_its_input(tree: Path) -> None:
    found = outcome(
        tree, "if data != b'seed':\n    raise KeyError(len(data))\nreturn {}[0] if not data else None"
    )

    (finding,) = found.findings
    assert found.inputs == 300
    assert finding.startswith("KeyError at fuzz/targets/ours.py:")
    assert finding.endswith("input: ")  # made small: no byte is needed


def test_a_process_that_dies_leaves_its_last_input(tree: Path) -> None:
    found = outcome(tree, "import os\nif data == b'another':\n    os.abort()")

    (finding,) = found.findings
    assert finding.startswith("ended with -6")
    assert finding.endswith(f"input: {b'another'.hex()}")


def test_an_input_that_takes_for_ever_is_a_finding(tree: Path) -> None:
    patience = tree / "tests" / "fuzz" / "child.py"
    patience.write_text(patience.read_text().replace("PATIENCE = 5.0", "PATIENCE = 0.2"))
    found = outcome(tree, "while data == b'another':\n    pass", runs=2)

    (finding,) = found.findings
    assert finding.startswith("Slow at fuzz/targets/ours.py")


def test_memory_without_bound_is_a_finding(tree: Path) -> None:
    found = outcome(tree, "return bytes(1 << 40) if data == b'another' else None", runs=2)

    (finding,) = found.findings
    assert finding.startswith("MemoryError at fuzz/targets/ours.py")
