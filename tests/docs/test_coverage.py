"""docs/coverage.md is what the declarations say, and says of everything why it is no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from argtrace.signature import meaning as m
from argtrace.signature.model import Int, Param, Signature
from tools import committed, coverage
from tools.coverage import Coverage

LONG = Int("long", 8, signed=True)


@pytest.fixture(scope="module")
def found() -> Coverage:
    return coverage.coverage()


def test_every_call_has_a_declaration(found: Coverage) -> None:
    assert found.undeclared == []


def test_every_address_and_every_bare_number_has_one_reason(found: Coverage) -> None:
    for why in (found.addresses, found.numbers):
        assert (why.missing, why.twice) == ((), ())


def test_no_reason_is_stale(found: Coverage) -> None:
    assert (found.addresses.stale, found.numbers.stale) == ((), ())


def test_the_committed_page_is_what_the_code_says(found: Coverage) -> None:
    text = (committed.ROOT / coverage.PAGE).read_text()
    assert text == coverage.page(found), "run `make coverage`"


def test_every_call_and_every_argument_is_on_the_page(found: Coverage) -> None:
    page = coverage.page(found)
    for signature, planned in found.calls.values():
        if signature.name not in found.undeclared:
            assert f"| {signature.name} ({planned.number}) |" in page
    rows = [line for line in page.splitlines() if line.count("|") == 8 and not line.startswith("|--")]
    declared = [found.calls[name][0] for names in found.families.values() for name in names]
    heads = len(found.families)
    assert len(rows) == heads + sum(1 + len(signature.params) for signature in declared)


# The gate can fail.


def test_a_page_that_says_something_else_is_noticed(found: Coverage, tmp_path: Path) -> None:
    page = tmp_path / coverage.PAGE
    page.parent.mkdir()
    page.write_text(coverage.page(found).replace("| path |", "| address |", 1))
    assert coverage.problems(found, tmp_path)[-1].startswith("docs/coverage.md is not what")


@pytest.mark.parametrize(
    ("patterns", "outcome"),
    [
        pytest.param(["mmap.addr"], ((), (), ()), id="one reason"),
        pytest.param([], (("mmap.addr",), (), ()), id="no reason"),
        pytest.param(["mmap.addr", "mmap.adr"], ((), ("mmap.adr",), ()), id="a stale one"),
        pytest.param(["mmap.addr", "mmap.*"], ((), (), ("mmap.addr",)), id="two"),
    ],
)
def test_reasons(patterns: list[str], outcome: tuple[tuple[str, ...], ...]) -> None:
    why = coverage.reasons([{"reason": "a place", "of": patterns}], {"mmap.addr"})
    assert (why.missing, why.stale, why.twice) == outcome


def _bare(meaning: m.Meaning) -> tuple[set[str], set[str]]:
    return coverage.bare(Signature("f", (Param("a", LONG, meaning),), LONG, "table"))


IOVEC = m.struct("iovec")
FOLLOWED = m.struct("iovec", iov_base=m.To(m.Bytes("iov_len")))


@pytest.mark.parametrize(
    ("meaning", "addresses"),
    [
        pytest.param(m.ADDRESS, {"f.a"}, id="an argument"),
        pytest.param(m.When("b", 1, m.ADDRESS), {"f.a"}, id="one under a condition"),
        pytest.param(m.In(m.Array(IOVEC, 2)), {"f.a[].iov_base"}, id="a pointer nobody declared"),
        pytest.param(m.In(m.Array(FOLLOWED, 2)), set(), id="one that is followed"),
        pytest.param(
            m.InOut(m.Array(IOVEC, 2), after=m.Array(FOLLOWED, 2)), set(), id="one that is followed later"
        ),
        pytest.param(m.In(m.Array(m.Cell("u64", m.ADDRESS), 2)), {"f.a[]"}, id="an array of addresses"),
        pytest.param(
            m.Choice("b", "fcntl", {"F_GETLK": m.In(IOVEC), "F_SETLK": m.In(FOLLOWED)}, m.ADDRESS),
            {"f.a:F_GETLK.iov_base", "f.a:*"},
            id="cases of a choice",
        ),
    ],
)
def test_what_stays_an_address(meaning: m.Meaning, addresses: set[str]) -> None:
    assert _bare(meaning) == (addresses, set())


@pytest.mark.parametrize(
    ("meaning", "text"),
    [
        pytest.param(m.flags("open"), "flags `open`", id="flags"),
        pytest.param(m.In(m.Path()), "path", id="a path"),
        pytest.param(m.Out(m.struct("stat")), "struct `stat`, after success", id="an output"),
        pytest.param(
            m.Out(m.Bytes(m.Least(m.RESULT, "count"))),
            "buffer, least of result and `count`, after success",
            id="a buffer",
        ),
        pytest.param(
            m.In(m.Raw("sockaddr", m.Before(m.At("len")))), "decoder `sockaddr`, `*len` at entry", id="raw"
        ),
        pytest.param(
            m.In(m.Raw("nodes", m.Scaled("n", add=62, shift=6, by=8))),
            "decoder `nodes`, (`n` + 62) / 64 * 8",
            id="a size that is computed",
        ),
        pytest.param(
            m.Choice("cmd", "fcntl", {"F_GETFD": m.UNUSED}), "choice by `cmd` (1 case)", id="a choice"
        ),
    ],
)
def test_kinds(meaning: m.Meaning, text: str) -> None:
    assert coverage.kind(meaning) == text
