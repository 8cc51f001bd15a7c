"""Every target passes what it begins with, and finds what is broken before it."""

from __future__ import annotations

import functools
import json
import marshal
import random
import re
import struct
from collections.abc import Callable
from typing import Any

import pytest

from argtrace import cgroups, errors, kept, proc_files, processes
from argtrace.cli import options as option_module
from argtrace.decode import containers, contents, seen
from argtrace.decode.model import Text
from argtrace.kernel import buildid
from argtrace.present import execs as shown_execs
from argtrace.present import summary, text
from argtrace.ptrace import copies
from argtrace.signature import select, tracefs
from argtrace.signature.btf_wire import Wire
from argtrace.transport import columns, records, ring
from tests.fuzz import child, target
from tests.fuzz.mutation import Mutator
from tests.fuzz.targets import decoders as decoders_target
from tests.fuzz.targets import options as options_target


def inputs(name: str, most: int, seed: int = 1) -> Any:
    """The seeds, `most` of them where there are more, and then what is made of them, without end."""
    chosen = target.load(name)
    seeds = chosen.seeds()
    mutator = Mutator(random.Random(seed), seeds, chosen.words, chosen.most)
    yield from seeds[:: max(len(seeds) // most, 1)]
    while True:
        yield mutator.next()


def first_finding(name: str, most: int) -> Exception | None:
    check = target.load(name).check
    for _, data in zip(range(most), inputs(name, 1000), strict=False):
        try:
            check(data)
        except Exception as error:  # noqa: BLE001 (that is what is looked for)
            return error
    return None


def test_every_target_is_in_a_group_and_has_a_budget() -> None:
    assert sorted(target.NAMES) == target.there() == sorted(target.BUDGET)
    assert sum(target.BUDGET.values()) >= 10_000_000
    assert all(target.load(name).seeds() for name in target.NAMES)


@pytest.mark.parametrize("name", target.NAMES)
def test_a_target_finds_nothing(name: str) -> None:
    check = target.load(name).check
    for _, data in zip(range(80), inputs(name, 30), strict=False):
        try:
            check(data)
        except Exception as error:
            error.add_note(f"python -m tests.fuzz {name} --hex {data.hex()}")
            raise


Broken = list[tuple[object, str, object]]
"""Where, what, and what it becomes."""


def _item(call: records.CallRecord, number: int) -> tuple[int, int]:
    """Without looking whether it is there."""
    at, size = struct.unpack_from("<Ii", call.raw, 112 + 8 * number)
    return at, size


def _raw(data: bytes, *_: object) -> str:
    """Without escapes."""
    return data.decode("latin-1")


def _without_check(found: Callable[..., object], form: str) -> Callable[..., object]:
    """A word packed as a number that it may be too large for."""

    @functools.wraps(found)
    def broken(meaning: object, word: int, *rest: object) -> object:
        struct.pack(form, word)
        return found(meaning, word, *rest)

    return broken


def _loaded(path: str) -> object:
    with open(path, "rb") as file:
        return json.loads(file.read())


def _contents(path: str) -> object:
    with open(path, "rb") as file:
        return marshal.loads(file.read()[4:])


def _table(sockets: Any) -> dict[int, tuple[int, bytes]]:
    """As it was: whatever lines there are."""
    return {int(words[6]): (int(words[4], 16), words[-1]) for words in sockets._lines("unix")}


def _matches(pattern: str, name: str) -> bool:
    try:
        return bool(re.search(pattern.removeprefix("/"), name))
    except re.error:
        return False


BROKEN: dict[str, Broken] = {
    "records": [(records.CallRecord, "item", _item)],
    "ring": [(ring, "BPF_RINGBUF_DISCARD_BIT", 0)],
    "stream": [(text, "plain", _raw)],
    "execs": [(shown_execs, "plain", _raw)],
    "seen": [(seen, "file_name", lambda names, *_: b"/" + names.split(b"\0")[0])],
    "columns": [(columns, "is_call", lambda sample: len(sample) >= 112)],
    "copies": [(copies, "INTERRUPTED", frozenset({-4})), (copies, "_before_page_end", lambda *_: None)],
    "summary": [(summary, "_histogram", lambda row: str(min(dict(row.tally.histogram()))))],
    "lines": [(text, "_decimals", lambda ns, _: f"{ns}.0")],
    "calls": [(text, "_decimals", lambda ns, _: f"{ns}.0")],
    "decoders": [(decoders_target, "EVERY", [lambda memory, _: Text(0, memory.data[3:4] * memory.data[3])])],
    "contents": [(contents, "leaf", _without_check(contents.leaf, "<q"))],
    "btf": [(Wire, "_position", lambda wire, of: wire.positions[of - wire.first_id])],
    "split_btf": [(Wire, "_position", lambda wire, of: wire.positions[of - wire.first_id])],
    "formats": [(tracefs, "_FIELD", re.compile(tracefs._FIELD.pattern.replace("{1,9}", "*")))],
    "kept": [(kept, "_contents", _contents)],
    "cache": [(target.load("cache").check.__globals__["cache"], "_read", _loaded)],
    "notes": [(buildid, "_NOTE", struct.Struct("<IIIQ"))],
    "proc": [(processes, "_IS_NUMBER", bool)],
    "sockets": [(proc_files._Sockets, "_unix_table", _table)],
    "diag": [(proc_files, "_peer", lambda diagnosis, _: int.from_bytes(diagnosis.recv(99)[40:], "little"))],
    "cgroups": [(cgroups, "_unescaped", lambda name: name.encode("ascii").decode())],
    "containers": [(containers, "_unescaped", lambda name: name.encode("ascii").decode())],
    "options": [(option_module, "_milliseconds", lambda text: int(float(text)))],
    "select": [(select, "_matches", _matches)],
    "guard": [(text, "plain", _raw)],
    "logs": [(errors, "telling_line", str)],
}


@pytest.mark.parametrize("name", target.NAMES)
def test_a_target_finds_what_is_broken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options_target._parsers.cache_clear()
    for owner, attribute, broken in BROKEN[name]:
        monkeypatch.setattr(owner, attribute, broken)

    assert first_finding(name, 4000) is not None
    options_target._parsers.cache_clear()


def test_what_is_broken_in_python_alone_is_found_by_the_native_half() -> None:
    """And nothing is found of what is not: the table above says something."""
    assert first_finding("calls", 60) is None


def test_a_finding_is_made_small() -> None:
    def check(data: bytes) -> None:
        if b"a" in data and data.count(b"b") > 1:
            raise ValueError

    with pytest.raises(ValueError) as caught:  # noqa: PT011
        check(b"abb")
    place = child.where(caught.value)

    assert "ValueError" in place
    assert child.smallest(b"xxxxbxxxxxxaxxxxxxxbxxxxbx" * 9, place, check) in {b"abb", b"bab", b"bba"}
