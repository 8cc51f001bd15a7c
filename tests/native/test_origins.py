"""Both executors write the same of where calls came from, whatever of it was asked for."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argtrace.decode.origin import Origins
from argtrace.fetch import record
from argtrace.fetch.record import Flag, Kind
from argtrace.location import frames
from argtrace.location.frames import ORIGINS
from argtrace.present import jsonl
from argtrace.present.text import Options
from argtrace.target import X86_64
from tests.laws import test_decode_law as laws
from tests.native.test_laws import TRUE
from tests.support import record_writer as write
from tests.support import schema, written
from tests.support.written import Trace

SUBSETS = [
    frozenset(names) for size in range(len(ORIGINS) + 1) for names in itertools.combinations(ORIGINS, size)
]
FORMS = {
    f"{name}{', colored' * color}{', whole times' * absolute}": form(
        Options(origin=0, color=color, absolute=absolute, realtime=10**18 + 7)
    )
    for name, form in (("perf", written.perf), ("strace", written.strace))
    for color in (False, True)
    for absolute in (False, True)
} | {"strace file": written.strace(Options(origin=0, to_file=True)), "json": jsonl.JsonSink}

ID = "4f1c" + "0d2a" * 15
PATHS = {
    1: "/",
    2: f"/system.slice/docker-{ID}.scope/init.scope",
    3: "/user.slice/user-1000.slice",
    4: '/\udcff\x1b[2J\n\t"\\é%s{}',
    5: "/lxc.payload.\x1b]0;x\x07\udcfe",
    6: "/machine.slice/machine-\\x1b\\xff\\x22.scope",
}
GONE = 99


def origins(noted: frozenset[str]) -> Origins:
    return Origins(frames.noting(X86_64, noted), PATHS.get)


def same(samples: list[bytes], form: written.Form, noted: frozenset[str]) -> str:
    trace = Trace(samples, limit=laws.LIMIT, origins=origins(noted))
    expected = written.by_python(trace, form)
    assert written.by_native(trace, form, at=4000) == expected
    return expected


def calls() -> list[bytes]:
    """Of several kinds, and each cgroup more than once."""
    made = []
    for at, cgroup in enumerate((*PATHS, GONE, 0, *PATHS, GONE, (1 << 64) - 1)):
        sample = (
            write.call("getppid", [], result=1),
            write.call("openat", [-100, 0x7000, 0x80000], write.string(b"/etc/hosts"), result=-2),
            write.call("openat", [-100, 0x7000], write.unread(14), result=-14, tid=101),
            write.call(64, [1, 2], flags=Flag.COMPAT),
            write.call("read", [3, 0, 0], start=0, flags=Flag.LATE),
            write.call("exit_group", [3], flags=Flag.NO_RESULT, time=0),
            write.call(500, [1, 2, 3]),
        )[at % 7]
        made.append(
            write.noted(sample, cpu=(0, 1, 999, 1000, 2**32 - 1)[at % 5], uid=at * 77_777_777, cgroup=cgroup)
        )
    return made


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("noted", SUBSETS, ids=lambda noted: " ".join(sorted(noted)) or "nothing")
def test_both_write_the_same(noted: frozenset[str], form: str) -> None:
    lines = same(calls(), FORMS[form], noted)

    assert len(lines.splitlines()) == len(calls())
    for line in lines.splitlines():
        for name, words in {
            "cpu": ("[", '"cpu":'), "uid": (" uid:", '"uid":'), "cgroup": ("cgroup:", '"cgroup_id":')
        }.items():  # fmt: skip
            if form == "json":
                assert (words[1] in line) == (name in noted)
            elif name == "uid":
                assert (words[0] in f" {line}") == (name in noted)


SAMPLES = st.builds(
    lambda samples, cpus, uids, cgroups: [
        write.noted(sample, cpu=cpu, uid=uid, cgroup=cgroup)
        if sample[: 2] == Kind.CALL.to_bytes(2, "little") and len(sample) >= record.ITEMS
        else sample
        for sample, cpu, uid, cgroup in zip(
            samples, itertools.cycle(cpus), itertools.cycle(uids), itertools.cycle(cgroups), strict=False
        )
    ],
    TRUE,
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3),
    st.lists(st.one_of(st.sampled_from([*PATHS]), laws.U64), min_size=1, max_size=4),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(SAMPLES, st.sampled_from(sorted(FORMS)), st.sampled_from(SUBSETS))
def test_any_records(samples: list[bytes], form: str, noted: frozenset[str]) -> None:
    same(samples, FORMS[form], noted)


@pytest.mark.parametrize("noted", SUBSETS, ids=lambda noted: " ".join(sorted(noted)) or "nothing")
def test_every_line_is_as_the_schema_says(noted: frozenset[str]) -> None:
    for line in same(calls(), FORMS["json"], noted).splitlines():
        assert schema.problems(line.encode()) == []
        assert set(json.loads(line)) & {"cpu", "uid", "cgroup", "cgroup_id", "container"} == {
            member
            for name in noted
            for member in {"cgroup": ("cgroup", "cgroup_id", "container")}.get(name, (name,))
        }


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_a_name_reaches_a_terminal(form: str) -> None:
    """Who makes a cgroup names it. Our own colours are taken away first."""
    lines = same(calls(), FORMS[form], frozenset(ORIGINS))
    for ours in ("\x1b[31m", "\x1b[33m", "\x1b[0m"):
        lines = lines.replace(ours, "")

    assert lines.replace("\n", "").isascii()
    assert lines.replace("\n", "").isprintable()
