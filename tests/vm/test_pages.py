"""The matrix: what a cell says, what is kept of a run, and that the pages are what the results say."""

from __future__ import annotations

import pytest

from vm import pages, results
from vm.outcomes import Outcome, Outcomes
from vm.pages import Row
from vm.results import Result

ROW = Row("a feature", ("tests/a.py::one", "tests/b.py"))


def result(**tests: tuple[str, str]) -> Result:
    names = {"one": "tests/a.py::one[x]", "two": "tests/b.py::two", "other": "tests/a.py::one_more"}
    return Result("amd64-6.12", "6.12.1", "1", tests={names[name]: each for name, each in tests.items()})


PASSED, FAILED, SKIPPED = ("passed", ""), ("failed", "it broke"), ("skipped", "no such thing")


@pytest.mark.parametrize(
    ("found", "cell"),
    [
        pytest.param(None, ".", id="no run"),
        pytest.param(result(other=FAILED), ".", id="only another test"),
        pytest.param(result(one=PASSED, two=PASSED, other=FAILED), "yes", id="all passed"),
        pytest.param(result(one=FAILED), "**failed**", id="its only one failed"),
        pytest.param(result(one=FAILED, two=PASSED), "**failed** 1 of 2", id="one failed"),
        pytest.param(result(one=SKIPPED, two=SKIPPED), "no [7]", id="all skipped"),
        pytest.param(result(one=SKIPPED, two=PASSED), "yes but [7]", id="one skipped"),
    ],
)
def test_a_cell(found: Result | None, cell: str) -> None:
    assert pages.cell(ROW, found, lambda _: 7) == cell


def test_a_skip_is_deserved_where_the_row_says_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "rows", lambda: (ROW,))
    assert pages.undeserved(result(one=SKIPPED, two=PASSED)) == ["tests/a.py::one[x]: no such thing"]
    monkeypatch.setattr(pages, "rows", lambda: (Row(ROW.feature, ROW.tests, "6.9"),))
    assert pages.undeserved(result(one=SKIPPED)) == []


def test_a_run_of_some_tests_leaves_the_others() -> None:
    ran = Outcomes({"tests/b.py::two": Outcome("failed", "now", 2.0)})
    made = results.add(result(one=PASSED, two=PASSED), ran, boot=4.0)

    assert made.tests == {"tests/a.py::one[x]": PASSED, "tests/b.py::two": ("failed", "now")}
    assert (made.boot, made.seconds, made.count) == (4.0, 2, 1)


def test_a_run_takes_away_tests_that_are_no_more() -> None:
    ran = Outcomes(
        {"tests/b.py::two": Outcome("passed", "", 2.0)},
        known=frozenset({"tests/b.py::two", "tests/a.py::one_more"}),
    )
    made = results.add(result(one=PASSED, other=PASSED), ran, boot=4.0)

    assert set(made.tests) == {"tests/b.py::two", "tests/a.py::one_more"}


@pytest.mark.parametrize(
    ("tests", "cell"),
    [
        ([], "."),
        ([PASSED, PASSED], "2"),
        ([PASSED, SKIPPED, SKIPPED], "1, 2 no [7]"),
        ([FAILED, SKIPPED], "0, 1 no [7], **1 failed**"),
    ],
)
def test_all_tests_of_a_file(tests: list[tuple[str, str]], cell: str) -> None:
    assert pages.of_file(tests, lambda _: 7) == cell


def test_every_row_has_tests_that_exist() -> None:
    for test in pages.proofs():
        file, _, name = test.partition("[")[0].partition("::")
        text = (pages.ROOT / file).read_text()
        assert f"def {name}(" in text or not name, test


def test_the_pages_are_what_the_results_say() -> None:
    for name, text in pages.pages().items():
        assert (pages.ROOT / name).read_text() == text, f"{name}: python -m vm pages writes it"


def test_the_budgets_are_read_from_the_test() -> None:
    assert {"BASE", "COPY", "INLINED", "ANY", "WALK", "TOGETHER"} <= pages.budgets().keys()
