"""The calls that a trace by ptrace asks for are those that one by BPF would select."""

from __future__ import annotations

import pytest

from argtrace.decode.naming import FILES
from argtrace.fetch import record
from argtrace.fetch.summary_layout import Summing
from argtrace.options import Options
from argtrace.prepare import prepare
from argtrace.ptrace.calls import Calls
from argtrace.signature.syscalls import NUMBERS
from argtrace.target import X86_64, host


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(Options(), id="all"),
        pytest.param(Options(calls=("openat,%network",)), id="some"),
        pytest.param(Options(calls=("!%file",)), id="all but some"),
        pytest.param(Options(calls=("read",), naming=FILES), id="with descriptors"),
    ],
)
def test_what_is_wanted(options: Options) -> None:
    prepared = prepare(options)
    calls = Calls(options, host(), None)
    assert calls.wanted == frozenset(prepared.tables)
    assert calls.hidden == prepared.hidden
    assert calls.unknown == (not options.calls)
    selected = {index for index in range(record.UNKNOWN) if prepared.programs.selected[index]}
    assert {index for index in range(record.UNKNOWN) if calls.wants(index)} == selected


def test_plans_are_those_that_programs_are_made_of() -> None:
    calls = Calls(Options(), X86_64, None)
    for plans in prepare(Options(calls=("openat,fcntl,ioctl,execve,readv,exit_group",)), X86_64).plans:
        met = calls.plan(plans.number)
        assert met is not None
        assert met.default.steps == plans.default.steps
        assert met.default.returns == plans.default.returns
        assert met.selector == plans.selector
        for value, plan in plans.variants:
            assert met.variant(value) == plan


def test_nothing_is_fetched_for_a_count() -> None:
    calls = Calls(Options(summary=Summing()), X86_64, None)
    met = calls.plan(NUMBERS["openat"])
    assert met is not None
    assert met.default.steps == ()
    ended = calls.plan(NUMBERS["exit_group"])
    assert ended is not None
    assert not ended.default.returns
