"""Whatever the value, and however it is written: a line of plain ASCII, and JSON as its schema says."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.events import Call, Process
from argtrace.decode.model import Bytes, Changed, Fd, List, Result, Struct, Text, Value
from argtrace.present import hexdump, jsonl, spell, text
from argtrace.present.escape import Hex
from argtrace.present.spell import Constants, Spelling, Style
from tests.support import schema, values

SPELLINGS = st.builds(
    Spelling,
    style=st.sampled_from(Style),
    constants=st.sampled_from(Constants),
    hex=st.sampled_from(Hex),
    pretty=st.booleans(),
    verbose=st.booleans(),
    buffer_limit=st.one_of(st.none(), st.integers(0, 40)),
)
ARGS = values.named(values.values(), 3)
NAMES = st.sampled_from(["openat", "read", "sendmsg", "execve", "getdents64"])


def lies_flat(written: str) -> bool:
    return written.isascii() and written.isprintable()


def joined(written: str) -> str:
    """What `pretty` wrote, in one line."""
    return re.sub(r"\n *", "", re.sub(r",\n *", ", ", written))


@given(values.values(), SPELLINGS)
def test_a_value_is_plain_ascii(value: Value, how: Spelling) -> None:
    written = spell.value(value, how)

    assert written
    assert all(lies_flat(line) for line in written.split("\n"))
    assert how.pretty or "\n" not in written


@given(values.values(), SPELLINGS)
def test_pretty_adds_nothing_but_layout(value: Value, how: Spelling) -> None:
    in_one_line = spell.value(value, replace(how, pretty=False))

    assert joined(spell.value(value, replace(how, pretty=True))) == in_one_line


@given(values.results(), SPELLINGS)
def test_a_result_is_plain_ascii(result: Result, how: Spelling) -> None:
    assert all(lies_flat(line) for line in spell.result(result, how).split("\n"))


@given(NAMES, ARGS, values.results(), SPELLINGS)
def test_a_call_is_plain_ascii_and_its_json_keeps_the_schema(
    name: str, args: dict[str, Value], result: Result, how: Spelling
) -> None:
    call = Call(Process(2, 1, "a\x1b\udcff"), name, 0, args, result, 1, 2)
    look = text.Options(spelling=how)

    for style in (text.Perf(look), text.Strace(look)):
        assert all(lies_flat(line) for line in (style.line(call) or "").split("\n"))
    written = json.dumps(jsonl.to_json(call))
    assert lies_flat(written)
    assert schema.problems(written.encode()) == []


def leaves(value: Value, given: Any) -> list[tuple[Value, Any]]:
    """Each value beside its JSON."""
    pairs = [(value, given)]
    match value:
        case List(items=items):
            for item, each in zip(items, given["value"], strict=True):
                pairs += leaves(item, each)
        case Struct(members=members):
            for name, member in members:
                pairs += leaves(member, given["value"][name])
        case Changed(before=before, after=after):
            pairs += leaves(before, given["before"]) + leaves(after, given["after"])
    return pairs


def decoded(given: Any, name: str) -> bytes:
    key = "base64" if name == "value" else f"{name}_base64"
    return base64.b64decode(given[key]) if key in given else given[name].encode()


@given(values.values())
def test_json_has_every_value_and_loses_no_byte(value: Value) -> None:
    for part, got in leaves(value, json.loads(json.dumps(jsonl.value_to_json(value)))):
        assert int(got["raw"], 16) == part.raw
        match part:
            case Text(data=data, absolute=absolute):
                assert decoded(got, "value") == data
                assert absolute is None or decoded(got, "absolute") == absolute
            case Bytes(data=data):
                assert decoded(got, "value") == data
            case Fd(file=file) if file is not None:
                assert decoded(got, "path") == file.path


@given(
    st.one_of(
        st.binary(max_size=100),
        st.builds(lambda part, n: part * n, st.binary(max_size=20), st.integers(0, 20)),
    )
)
def test_a_dump_reads_back(data: bytes) -> None:
    *lines, end = hexdump.dump(data)
    got = b""
    for line in lines:
        assert lies_flat(line)
        if line == "*":
            continue
        offset = int(line[:8], 16)
        got += got[-16:] * ((offset - len(got)) // 16)
        got += bytes.fromhex(line[10:58])
    got += got[-16:] * ((int(end, 16) - len(got)) // 16)

    assert got == data
