"""The corpus under strace and argtrace at once: every call, 99 % of numbers, 97 % of pointers, and a reason
for each difference that is left. The same for programs of every day.

A comparison that cannot fail is none: decoders are broken on purpose, and what argtrace said, a value of each
kind at a time, and it must be noticed.
"""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.parity import broken, counts, page, report, runs
from tests.parity.compare import Comparison, Difference
from tests.parity.counts import Report
from tests.parity.everyday import PROGRAMS, Program
from tests.parity.explained import EXPLAINED
from tests.parity.runs import Observed, Runs

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Runs]:
    """Both traces of all our programs, compared."""
    _needed()
    return counts.corpus(runs.names(), tmp_path_factory.mktemp("parity"))


@pytest.fixture(scope="module")
def everyday(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Runs]:
    """The same of programs of every day."""
    _needed()
    return counts.everyday_programs(tmp_path_factory.mktemp("everyday"))


def _needed() -> None:
    """Skips, or fails, where nothing can be compared."""
    missing = [name for name in ("strace", "gcc", "setarch") if shutil.which(name) is None]
    reason = f"Parity needs {' and '.join(missing)}: install what is missing." if missing else ""
    if not missing and subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode:
        reason = "strace cannot trace here: it needs ptrace(2), which a container may not have."
    if reason and os.environ.get("ARGTRACE_LIVE") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def test_nothing_is_lost(corpus: tuple[Report, Runs]) -> None:
    assert corpus[0].programs >= 150
    assert corpus[0].lost == 0


def test_the_targets_are_reached(corpus: tuple[Report, Runs]) -> None:
    for line in report.text(corpus[0]):
        print(line)  # for -rP
    assert corpus[0].missed() == []


def test_results_signals_and_names_of_descriptors(corpus: tuple[Report, Runs]) -> None:
    """Nobody asked for these; what is explained is not equal."""
    total = corpus[0].total()
    assert total.results.share > 0.99
    assert total.signals.share > 0.9
    assert total.files.share > 0.93


def _each_time(found: Sequence[Difference], again: Callable[[], Report]) -> list[str]:
    """Those that come in three runs: who of several threads was first is no matter of decoding."""
    left = list(found)
    for _ in range(2):
        if left:
            repeated = {(each.program, each.place, each.what) for each in again().unexplained}
            left = [each for each in left if (each.program, each.place, each.what) in repeated]
    return [str(each) for each in left]


def test_every_difference_has_a_reason(corpus: tuple[Report, Runs], tmp_path: Path) -> None:
    unexplained = corpus[0].unexplained
    names = sorted({each.program for each in unexplained})
    assert _each_time(unexplained, lambda: counts.corpus(names, tmp_path)[0]) == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_of_every_day(program: Program, everyday: tuple[Report, Runs], tmp_path: Path) -> None:
    if program.missing:
        pytest.skip(f"{program.what}: {', '.join(program.missing)} is not installed.")
    found, seen = everyday
    comparison = found.families[program.name]
    events = seen.programs[program.name].argtrace
    undecoded = {event["name"] for event in events if event["type"] == "call" and not event["decoded"]}
    assert comparison.calls.total > 20
    assert comparison.calls.share == 1
    assert comparison.scalars.share > 0.98
    unexplained = [each for each in found.unexplained if each.program == program.name]
    assert _each_time(unexplained, lambda: counts.everyday_programs(tmp_path)[0]) == []
    assert undecoded == set()


def test_nothing_of_a_program_of_every_day_is_lost(everyday: tuple[Report, Runs]) -> None:
    assert everyday[0].lost == 0
    assert everyday[0].programs >= 9


def test_every_reason_is_needed(corpus: tuple[Report, Runs], everyday: tuple[Report, Runs]) -> None:
    compared = page.OF.format(**page.versions())
    if compared not in (runs.HERE.parents[1] / "docs/parity.md").read_text():
        pytest.skip(f"docs/parity.md, and its reasons, are not those of {compared}.")
    assert [row.place for row in counts.unused(corpus[0], everyday[0])] == []
    assert len({(row.place, row.what, row.why) for row in EXPLAINED}) == len(EXPLAINED)


def test_what_argtrace_cannot_read_without_strace_is_rare(corpus: tuple[Report, Runs]) -> None:
    assert corpus[0].cold.total > 3000
    assert corpus[0].cold.share > 0.99


def test_every_program_makes_calls_of_its_own(corpus: tuple[Report, Runs]) -> None:
    few = {name: len(seen.strace) for name, seen in corpus[1].programs.items() if len(seen.strace) < 22}
    assert few == {}, "starting alone takes 18"


def test_the_page_has_nothing_of_this_machine(
    corpus: tuple[Report, Runs], everyday: tuple[Report, Runs]
) -> None:
    versions = page.versions()
    text = "\n".join(page.markdown(corpus[0], everyday[0], versions))
    assert f"Linux {versions['kernel']}" in text
    for place in (str(Path.home()), str(runs.HERE.parents[1]), "argtrace-parity-"):
        assert place not in text


# ---------------------------------------------------------------- broken on purpose

Change = Callable[[dict[str, Any]], None]


def _value(json: dict[str, Any]) -> None:
    json["value"] += 1


def _symbol(json: dict[str, Any]) -> None:
    json["symbol"] += "X"


def _no_symbol(json: dict[str, Any]) -> None:
    del json["symbol"]


def _name_less(json: dict[str, Any]) -> None:
    json["names"].pop()


def _name_more(json: dict[str, Any]) -> None:
    json["names"].append("X")


def _text(json: dict[str, Any]) -> None:
    json["value"] += "x"


def _text_less(json: dict[str, Any]) -> None:
    json["value"] = json["value"][:-1]


def _address(json: dict[str, Any]) -> None:
    json["value"] = json["raw"] = "0x1234"


def _to_address(json: dict[str, Any]) -> None:
    json |= {"kind": "address", "value": json["raw"]}


def _to_missing(json: dict[str, Any]) -> None:
    json |= {"kind": "missing", "value": None, "why": "unreadable", "reason": "EFAULT"}


def _item_less(json: dict[str, Any]) -> None:
    json["value"].pop()


def _item_more(json: dict[str, Any]) -> None:
    json["value"].append(copy.deepcopy(json["value"][0]))


def _items_swapped(json: dict[str, Any]) -> None:
    json["value"].reverse()


def _member_less(json: dict[str, Any]) -> None:
    json["value"].popitem()


def _minor(json: dict[str, Any]) -> None:
    json["value"] ^= 1


def _host(json: dict[str, Any]) -> None:
    json["value"] = "192.0.2.77"


def _unchanged(json: dict[str, Any]) -> None:
    json |= {**json.pop("after"), "before": None}


def _never(json: dict[str, Any]) -> None:
    json |= {**json.pop("before"), "after": None}


# argtrace broken in one way (`broken.py`): programs that show it, the target that is missed, a place that
# differs.
WAYS = [
    pytest.param("a_kind_of_number", ("open_flags", "mem_map"), "scalars", "mmap.prot"),
    pytest.param("the_order_of_bytes", ("sock_tcp", "sock_udp"), "pointers", "connect.uservaddr.sin_port"),
    pytest.param("a_layout", ("stat_files",), "pointers", "newfstatat.statbuf.st_size"),
    pytest.param("a_declaration", ("mem_map",), "scalars", "mmap.flags"),
    pytest.param("a_decoder", ("sock_tcp", "sock_unix"), "pointers", "bind.umyaddr"),
]


@pytest.mark.parametrize(("way", "programs", "counted", "place"), WAYS)
def test_a_broken_decoder_misses_the_target(
    way: str, programs: tuple[str, ...], counted: str, place: str, tmp_path: Path
) -> None:
    """argtrace itself is broken, and says so itself of what it traces."""
    _needed()
    built = runs.build([runs.PROGRAMS / f"{name}.c" for name in programs])
    words = {name: [str(built[name])] for name in programs}
    whole, _ = counts.run(words, tmp_path)
    found, _ = counts.run(words, tmp_path, way)
    assert (whole.missed(), whole.unexplained) == ([], [])
    assert counted in {missed.split(":")[0] for missed in found.missed()}
    assert place in {difference.place for difference in found.unexplained}
    assert any(place in line for line in report.text(found))


def test_every_way_to_break_it_is_tried() -> None:
    assert {str(case.values[0]) for case in WAYS} == set(broken.WAYS)


# A value broken in one way: the program, the argument or member, what is done, what must be noticed.
BROKEN = [
    pytest.param("open_flags", "openat.flags", _name_less, "names", id="a flag less"),
    pytest.param("open_flags", "openat.flags", _name_more, "names", id="a flag more"),
    pytest.param("open_flags", "openat.flags", _value, "value", id="another word of flags"),
    pytest.param("open_flags", "openat.filename", _text, "bytes", id="a letter more in a path"),
    pytest.param("open_flags", "openat.filename", _text_less, "bytes", id="a letter less in a path"),
    pytest.param("open_flags", "openat.filename", _to_address, "kind", id="a path that is an address"),
    pytest.param("open_flags", "openat.filename", _to_missing, "kind", id="a path that was not read"),
    pytest.param("open_flags", "openat.dfd", _symbol, "names", id="another name of a number"),
    pytest.param("open_flags", "openat.dfd", _no_symbol, "names", id="no name of a number"),
    pytest.param("open_how", "openat2.how", _member_less, "member", id="a member less"),
    pytest.param("open_how", "openat2.how.resolve", _value, "value", id="another member"),
    pytest.param("rw_basic", "write.buf", _text, "bytes", id="a byte more in a buffer"),
    pytest.param("rw_basic", "pread64.buf", _to_address, "kind", id="an output that is an address"),
    pytest.param("rw_basic", "close.fd", _value, "value", id="another descriptor"),
    pytest.param("rw_vectors", "writev.vec", _item_less, "element", id="a part less"),
    pytest.param("rw_vectors", "writev.vec", _item_more, "element", id="a part more"),
    pytest.param("rw_vectors", "writev.vec", _items_swapped, "bytes|value", id="parts the other way round"),
    pytest.param("rw_copies", "sendfile.offset", _never, "value", id="a change that did not happen"),
    pytest.param("rw_copies", "sendfile.offset", _unchanged, "value", id="a change without what was before"),
    pytest.param("mem_map", "mmap.addr", _address, "value", id="another address"),
    pytest.param("mode_mknod", "mknod.dev", _minor, "value", id="another device"),
    pytest.param("stat_files", "stat.statbuf.st_size", _value, "value", id="another size"),
    pytest.param("sock_tcp", "bind.umyaddr.sin_addr", _host, "value", id="another host"),
    pytest.param("sock_tcp", "connect.uservaddr.sin_port", _value, "value", id="another port"),
    pytest.param("sig_masks", "rt_sigprocmask.nset", _item_less, "value", id="a signal less in a set"),
    pytest.param("poll_poll", "poll.ufds.revents", _name_less, "names", id="an event less"),
    pytest.param("proc_wait4", "wait4.upid", _value, "value", id="another process"),
    pytest.param("proc_wait4", "wait4.stat_addr", _value, "value", id="another status"),
    pytest.param("fcntl_flags", "fcntl.result", _name_less, "names", id="a flag less in a result"),
    pytest.param("mem_new", "cachestat.cstat.nr_cache", _value, "value", id="what a program expects"),
]


def _places(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value of a call by its place, as differences name it, without indexes."""

    def walk(place: str, json: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        yield place, json
        match json["kind"]:
            case "struct":
                for name, member in json["value"].items():
                    yield from walk(f"{place}.{name}", member)
            case "list":
                for item in json["value"]:
                    yield from walk(place, item)
            case "changed":
                yield from walk(place, json["after"])

    for arg in event["args"]:
        yield from walk(f"{event['name']}.{arg['name']}", arg)
    if event["result"] is not None:
        yield from walk(f"{event['name']}.result", event["result"])


def _compared(program: str, observed: Observed, corpus: Runs) -> Comparison:
    return counts.compared(program, observed, corpus.numbers, runs.source(program))


@pytest.mark.parametrize(("program", "place", "change", "what"), BROKEN)
def test_a_broken_value_is_noticed(
    program: str, place: str, change: Change, what: str, corpus: tuple[Report, Runs]
) -> None:
    observed = corpus[1].programs[program]
    before = _compared(program, observed, corpus[1])
    events: Any = copy.deepcopy(list(observed.argtrace))
    name = place.partition(".")[0]
    calls = [event for event in events if event["type"] == "call" and event["name"] == name]
    broken = 0
    for call in calls:
        for found, json in list(_places(call)):
            if found != place:
                continue
            try:
                change(json)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # a value of another kind: this call has no such thing to break
            broken += 1
    after = _compared(program, Observed(observed.strace, events), corpus[1])
    new = [difference for difference in after.differences if difference not in before.differences]
    assert broken, "there is nothing to break"
    assert new, "nobody noticed"
    assert {difference.what for difference in new} & set(what.split("|"))


def test_a_call_that_is_not_there_is_noticed(corpus: tuple[Report, Runs]) -> None:
    observed = corpus[1].programs["open_flags"]
    events = list(observed.argtrace)
    events.remove(next(event for event in events if event["type"] == "call" and event["name"] == "creat"))
    after = _compared("open_flags", Observed(observed.strace, events), corpus[1])
    assert after.calls.share < 1
    assert [d.call for d in after.differences if d.what == "missing"] == ["creat"]


def test_a_signal_that_is_not_there_is_noticed(corpus: tuple[Report, Runs]) -> None:
    observed = corpus[1].programs["sig_deliveries"]
    events = [event for event in observed.argtrace if event.get("name") != "SIGSEGV"]
    after = _compared("sig_deliveries", Observed(observed.strace, events), corpus[1])
    assert {d.call for d in after.differences if d.what == "missing"} == {"SIGSEGV"}
