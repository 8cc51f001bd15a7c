"""Whatever the records: both executors write the same."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argtrace import native
from argtrace.native import dialects, template
from argtrace.present.escape import Hex
from argtrace.present.spell import Constants, Spelling
from argtrace.present.text import Options
from tests.laws import test_decode_law as laws
from tests.support import decoding, written
from tests.support import record_writer as write
from tests.support.written import Trace

# Records as they come: what was fetched is where it should be. And as they never come.
HEADER = st.builds(
    lambda start, duration, **rest: {"start": start, "time": start + duration, **rest},
    st.one_of(st.integers(0, 2**40), st.integers(0, 2**63)), laws.U32,
    tid=laws.TIDS, flags=st.sampled_from([0, 0, 0, 0, 1, 2, 4]), lost=st.sampled_from([0, 0, 0, 1]),
    result=st.one_of(st.integers(-600, 300), st.integers(-(2**63), 2**63 - 1)),
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from([0, 1, 3, 64, 2**32 - 100, 2**32 - 1, 2**63, 2**64 - 1]), st.integers(0, 600), laws.U64
)


def honest(
    plan: tuple[int, int, list[int]], words: list[int], data: list[bytes], header: dict[str, Any]
) -> bytes:
    """Each item with its own bytes, or unread, or not tried; a length may be anything."""
    number, count, chosen = plan
    fetched = []
    for part in itertools.islice(itertools.cycle(data), count):
        kind = part[0] % 8
        if kind == 0:
            fetched.append(write.unread(14))
        elif kind == 1:
            fetched.append(write.SKIPPED)
        else:
            fetched.append(write.Fetched(((0, len(part)),), part))
    return write.call(number, chosen + words[len(chosen) :], *fetched, **header)


PLANS = st.sampled_from(laws.every_plan())
PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40).map(
    lambda text: text.encode() + b"\0"
)
DATA = st.lists(
    st.one_of(
        PLAIN, st.binary(min_size=1, max_size=200), st.binary(min_size=1, max_size=4).map(lambda b: b * 50)
    ),
    min_size=1,
    max_size=4,
)
HONEST = st.builds(honest, PLANS, st.lists(WORDS, min_size=6, max_size=6), DATA, HEADER)
LYING = st.builds(
    lambda plan, words, items, payload, header: write.call(
        plan[0],
        plan[2] + words[len(plan[2]) :],
        *itertools.islice(itertools.cycle(items), plan[1]),
        payload=payload,
        **header,
    ),
    PLANS,
    st.lists(WORDS, min_size=6, max_size=6),
    st.lists(laws.PLACED, min_size=1, max_size=4),
    st.binary(max_size=300),
    HEADER,
)
TRUE = st.lists(st.one_of(HONEST, HONEST, HONEST, laws.TASKS), min_size=1, max_size=6)
ANY = st.lists(
    st.one_of(HONEST, HONEST, HONEST, LYING, laws.TASKS, st.binary(max_size=200)), min_size=1, max_size=6
)


def same(samples: list[bytes], form: written.Form, limit: int = laws.LIMIT) -> None:
    trace = Trace(samples, limit)
    assert written.by_native(trace, form, at=4000) == written.by_python(trace, form)


@settings(max_examples=200, deadline=None)
@given(TRUE, st.sampled_from(sorted(written.FORMS)))
def test_true_records(samples: list[bytes], form: str) -> None:
    same(samples, written.FORMS[form])


@settings(max_examples=300, deadline=None)
@given(ANY, st.sampled_from(["perf", "strace file", "json"]))
def test_any_records(samples: list[bytes], form: str) -> None:
    """Without the form whose lines say whether other threads had any: one line that cannot be read
    counts as its thread's in the one executor alone."""
    same(samples, written.FORMS[form])


@pytest.mark.parametrize(
    "sample",
    [
        write.call(39, start=2**64 - 3_000_000_000_000, time=2**64 - 1),
        write.call(59, [0, 0, 0], write.string(b"/bin/ls"), write.strings(b"ls", b"-l"), write.SKIPPED),
    ],
    ids=["a time of day beyond 2**64 ns", "strings at address 0"],
)
@pytest.mark.parametrize("form", written.FORMS)
def test_what_fuzzing_found(sample: bytes, form: str) -> None:
    same([sample], written.FORMS[form])


LOOKS = st.builds(
    Options,
    origin=st.just(0),
    color=st.booleans(),
    absolute=st.booleans(),
    quiet=st.booleans(),
    spelling=st.builds(
        Spelling,
        constants=st.sampled_from(Constants),
        hex=st.sampled_from(Hex),
        verbose=st.booleans(),
        buffer_limit=st.sampled_from([None, 0, 3]),
    ),
)


@settings(max_examples=200, deadline=None)
@given(TRUE, LOOKS, st.booleans())
def test_any_look(samples: list[bytes], look: Options, strace: bool) -> None:
    same(samples, written.strace(look) if strace else written.perf(look))


@given(st.integers(1, 4), st.integers(1, 6))
def test_no_more_lines_than_wanted(limit: int, count: int) -> None:
    samples = [write.call("getppid", [], result=number) for number in range(count)]

    lines = written.by_native(Trace(samples), written.perf(), limit=limit).splitlines()

    assert lines == written.by_python(Trace(samples), written.perf()).splitlines()[:limit]


def test_nearly_every_call_has_a_template() -> None:
    every = [
        dialects.dialect(sink, decoding.every_table())
        for form in written.FORMS.values()
        if (sink := form(None)) is not None  # type: ignore[arg-type]
    ]
    for dialect in every:
        assert dialect is not None
        made = [
            dialect.template(number, write.call(number, [*chosen, *[1] * 6][:6])) is not None
            for number, _, chosen in laws.every_plan()
            if not chosen
        ]
        assert sum(made) >= 0.9 * len(made)


def test_steps_have_the_same_numbers_on_both_sides() -> None:
    module = native.module("lines")

    assert module is not None
    assert len(template.Do) == module.STEPS
    assert [step.value for step in template.Do] == list(range(len(template.Do)))
