"""Events as JSON: an event, then exactly the object; every line ASCII, and as the schema says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Note, Process, Signal
from argtrace.decode.model import (
    Address,
    Bytes,
    Changed,
    Device,
    Fd,
    File,
    Flags,
    Int,
    Ip,
    List,
    Missing,
    Named,
    Pid,
    Result,
    Struct,
    Text,
    Unused,
    Value,
    Why,
)
from argtrace.decode.origin import Cgroup, Origin
from argtrace.decode.process import Ending
from argtrace.present import jsonl, output
from tests.support import schema
from tools import capture_records

CAT = Process(812, 810, "cat", 4_567)
WHO = {"pid": 810, "tid": 812, "started": 4_567, "comm": "cat"}
OPENAT = Call(CAT, "openat", 257, {}, Result(3, Int(3, 3)), start=5000, end=9321)
AS_OPENAT = {
    "type": "call", "time": 5000, "duration": 4321, **WHO, "name": "openat", "number": 257,
    "abi": None, "decoded": True, "entry_seen": True, "unfinished": False, "args": [],
    "result": {"kind": "int", "raw": "0x3", "value": 3},
}  # fmt: skip


def line(event: Event, tmp_path: Path) -> bytes:
    """What a file gets for an event, through everything on the way."""
    sink = jsonl.JsonSink(output.to_file(str(tmp_path / "trace")))
    sink.event(event)
    sink.close()
    return (tmp_path / "trace").read_bytes()


def with_arg(value: Value) -> Call:
    return replace(OPENAT, args={"name": value})


ID = "4f1c" + "0d2a" * 15

EVENTS = [
    pytest.param(OPENAT, AS_OPENAT, id="a call"),
    pytest.param(replace(OPENAT, origin=Origin()), AS_OPENAT, id="from nowhere that was asked for"),
    pytest.param(
        replace(OPENAT, origin=Origin(0, 4_294_967_295)),
        {**AS_OPENAT, "cpu": 0, "uid": 4_294_967_295},
        id="its CPU and user",
    ),
    pytest.param(
        replace(OPENAT, origin=Origin(cgroup=Cgroup(7, "/user.slice"))),
        {**AS_OPENAT, "cgroup": "/user.slice", "cgroup_id": 7, "container": None},
        id="its cgroup, no container's",
    ),
    pytest.param(
        replace(OPENAT, origin=Origin(cgroup=Cgroup((1 << 64) - 1, f"/docker/{ID}/x"))),
        {
            **AS_OPENAT,
            "cgroup": f"/docker/{ID}/x",
            "cgroup_id": (1 << 64) - 1,
            "container": {"runtime": "docker", "id": ID},
        },
        id="a container's",
    ),
    pytest.param(
        replace(OPENAT, origin=Origin(cgroup=Cgroup(7, None))),
        {**AS_OPENAT, "cgroup": None, "cgroup_id": 7, "container": None},
        id="a cgroup that is gone",
    ),
    pytest.param(
        replace(OPENAT, origin=Origin(cgroup=Cgroup(7, "/lxc.payload.\udcff\x1bé"))),
        {
            **AS_OPENAT,
            "cgroup": "/lxc.payload.\ufffd\x1bé",
            "cgroup_id": 7,
            "container": {"runtime": "lxc", "id": "\ufffd\x1bé"},
        },
        id="a cgroup whose name is no text",
    ),
    pytest.param(
        replace(OPENAT, args={"fd": Fd(3, 3), "flags": Int(1, 1)}),
        {
            **AS_OPENAT,
            "args": [
                {"name": "fd", "kind": "fd", "raw": "0x3", "value": 3},
                {"name": "flags", "kind": "int", "raw": "0x1", "value": 1},
            ],
        },
        id="arguments keep their order",
    ),
    pytest.param(
        replace(OPENAT, result=Result(-2, None, "ENOENT", "No such file or directory")),
        {
            **AS_OPENAT,
            "result": {
                "kind": "error",
                "raw": "0xfffffffffffffffe",
                "value": -2,
                "error": "ENOENT",
                "text": "No such file or directory",
                "restarts": False,
            },
        },
        id="a call that failed",
    ),
    pytest.param(
        replace(OPENAT, result=Result(0x7000, Address(0x7000))),
        {**AS_OPENAT, "result": {"kind": "address", "raw": "0x7000", "value": "0x7000"}},
        id="a call that returns an address",
    ),
    pytest.param(
        replace(OPENAT, result=Result(0x8002, Flags(0x8002, 0x8002, ("O_RDWR", "O_LARGEFILE")))),
        {
            **AS_OPENAT,
            "result": {
                "kind": "flags",
                "raw": "0x8002",
                "value": 0x8002,
                "names": ["O_RDWR", "O_LARGEFILE"],
                "rest": 0,
            },
        },
        id="a call that returns flags",
    ),
    pytest.param(
        replace(OPENAT, result=Result(0, Int(0, 0), note="Timeout")),
        {**AS_OPENAT, "result": {"kind": "int", "raw": "0x0", "value": 0}},
        id="a note is for people",
    ),
    pytest.param(
        replace(OPENAT, result=Result(None), end=None, unfinished=True),
        {**AS_OPENAT, "result": None, "duration": None, "unfinished": True},
        id="a call that did not return",
    ),
    pytest.param(
        replace(OPENAT, start=None),
        {**AS_OPENAT, "time": 9321, "duration": None, "entry_seen": False},
        id="a call whose entry nobody saw",
    ),
    pytest.param(
        replace(OPENAT, abi="i386", decoded=False),
        {**AS_OPENAT, "abi": "i386", "decoded": False},
        id="a 32-bit call",
    ),
    pytest.param(
        replace(OPENAT, process=Process(812, 810, "\udcffx", 4_567)),
        {**AS_OPENAT, "comm": "\ufffdx", "comm_base64": "/3g="},
        id="a thread's name that is no UTF-8",
    ),
    pytest.param(
        Signal(CAT, 7, "SIGTERM", 15, {"si_signo": Named(15, 15, "SIGTERM")}),
        {
            "type": "signal",
            "time": 7,
            **WHO,
            "name": "SIGTERM",
            "number": 15,
            "info": {"si_signo": {"kind": "int", "raw": "0xf", "value": 15, "symbol": "SIGTERM"}},
        },
        id="a signal",
    ),
    pytest.param(
        Exit(CAT, 7, Ending(3)),
        {"type": "exit", "time": 7, **WHO, "status": 3, "signal": None, "core": False},
        id="an exit",
    ),
    pytest.param(
        Exit(CAT, 7, Ending(None, "SIGSEGV", core=True)),
        {"type": "exit", "time": 7, **WHO, "status": None, "signal": "SIGSEGV", "core": True},
        id="an end by a signal",
    ),
    pytest.param(Exec(CAT, 7, 813), {"type": "exec", "time": 7, **WHO, "former_tid": 813}, id="an exec"),
    pytest.param(Lost(7, 12), {"type": "lost", "time": 7, "count": 12}, id="a loss"),
    pytest.param(Note(7, "so it is"), {"type": "note", "time": 7, "text": "so it is"}, id="a note"),
]


@pytest.mark.parametrize(("event", "expected"), EVENTS)
def test_an_event(event: Event, expected: object, tmp_path: Path) -> None:
    written = line(event, tmp_path)

    assert json.loads(written) == expected
    assert written.endswith(b"}\n")
    assert written.count(b"\n") == 1
    assert schema.problems(written) == []


def test_the_cases_have_every_event() -> None:
    assert {type(case.values[0]) for case in EVENTS} == set(get_args(Event))


FAULT = Missing(0, Why.UNREADABLE, "EFAULT")
AS_FAULT = {"kind": "missing", "raw": "0x0", "value": None, "why": "unreadable", "reason": "EFAULT"}


def as_text(data: str, **more: object) -> dict[str, object]:
    return {"kind": "string", "raw": "0x0", "value": data, "length": len(data), "cut": False, **more}


def as_bytes(data: str | None, **more: object) -> dict[str, object]:
    length = 0 if data is None else len(data.encode())
    return {"kind": "bytes", "raw": "0x7000", "value": data, "length": length, "cut": False, **more}


VALUES = [
    pytest.param(
        Int(0xFFFF_FFFF, -1), {"kind": "int", "raw": "0xffffffff", "value": -1}, id="a number and its word"
    ),
    pytest.param(
        Int((1 << 64) - 1, (1 << 64) - 1),
        {"kind": "int", "raw": "0xffffffffffffffff", "value": 18446744073709551615},
        id="the largest number",
    ),
    pytest.param(
        Int(-6, -6, 8), {"kind": "int", "raw": "0xfffffffffffffffa", "value": -6}, id="a word has no sign"
    ),
    pytest.param(
        Named(0xFFFF_FF9C, -100, "AT_FDCWD"),
        {"kind": "int", "raw": "0xffffff9c", "value": -100, "symbol": "AT_FDCWD"},
        id="a number with a name",
    ),
    pytest.param(
        Flags(0xFFFF_0000_0241, 0x241, ("O_WRONLY", "O_CREAT"), 0x200),
        {
            "kind": "flags",
            "raw": "0xffff00000241",
            "value": 0x241,
            "names": ["O_WRONLY", "O_CREAT"],
            "rest": 0x200,
        },
        id="flags",
    ),
    pytest.param(
        Flags(0o100644, 0o100644, ("S_IFREG",), 0o644, base=8),
        {"kind": "flags", "raw": "0x81a4", "value": 0o100644, "names": ["S_IFREG"], "rest": 0o644},
        id="a file's mode",
    ),
    pytest.param(Fd(3, 3), {"kind": "fd", "raw": "0x3", "value": 3}, id="a descriptor"),
    pytest.param(
        Fd(3, 3, File(b"/etc/hosts")),
        {"kind": "fd", "raw": "0x3", "value": 3, "path": "/etc/hosts"},
        id="a descriptor's file",
    ),
    pytest.param(
        Fd(3, 3, File(b"/caf\xe9", "char 1:3 \udcff")),
        {
            "kind": "fd",
            "raw": "0x3",
            "value": 3,
            "path": "/caf\ufffd",
            "path_base64": "L2NhZuk=",
            "detail": "char 1:3 \ufffd",
        },
        id="one whose name is no UTF-8",
    ),
    pytest.param(Pid(9, 9), {"kind": "pid", "raw": "0x9", "value": 9}, id="a process"),
    pytest.param(
        Pid(9, 9, "cat"), {"kind": "pid", "raw": "0x9", "value": 9, "comm": "cat"}, id="a process we know"
    ),
    pytest.param(
        Pid(9, 9, "\udcffx"),
        {"kind": "pid", "raw": "0x9", "value": 9, "comm": "\ufffdx", "comm_base64": "/3g="},
        id="by whatever name",
    ),
    pytest.param(
        Device(0x801, 0x801, 8, 1),
        {"kind": "device", "raw": "0x801", "value": 0x801, "major": 8, "minor": 1},
        id="a device",
    ),
    pytest.param(
        Ip(0x0100_007F, b"\x7f\0\0\1"), {"kind": "ip", "raw": "0x100007f", "value": "127.0.0.1"}, id="IPv4"
    ),
    pytest.param(Ip(0, bytes(15) + b"\1"), {"kind": "ip", "raw": "0x0", "value": "::1"}, id="IPv6"),
    pytest.param(Unused(7), {"kind": "unused", "raw": "0x7", "value": 7}, id="what is not looked at"),
    pytest.param(Address(0), {"kind": "address", "raw": "0x0", "value": "0x0"}, id="a null pointer"),
    pytest.param(Text(0x7000, b"ls"), as_text("ls", raw="0x7000"), id="a string"),
    pytest.param(Text(0, "é\n\x1b".encode()), as_text("é\n\x1b", length=4), id="a length is in bytes"),
    pytest.param(Text(0, b""), as_text(""), id="an empty string"),
    pytest.param(Text(0, b"l", cut=True), as_text("l", length=None, cut=True), id="a string that was cut"),
    pytest.param(
        Text(0, b"\xc3(\xff"), as_text("\ufffd(\ufffd", base64="wyj/"), id="invalid UTF-8 keeps its bytes"
    ),
    pytest.param(
        Text(0, b"\xed\xb3\xbf"), as_text("\ufffd" * 3, base64="7bO/"), id="a surrogate in UTF-8 is none"
    ),
    pytest.param(
        Text(0, b"ab\xc3", cut=True),
        as_text("ab\ufffd", base64="YWLD", length=None, cut=True),
        id="cut in the middle of a character",
    ),
    pytest.param(
        Text(0, b"x", absolute=b"/tmp/x"),
        as_text("x", absolute="/tmp/x"),
        id="a relative path, and where it is",
    ),
    pytest.param(
        Text(0, b"x", absolute=b"/\xff/x"),
        as_text("x", absolute="/\ufffd/x", absolute_base64="L/8veA=="),
        id="which may be anything",
    ),
    pytest.param(Bytes(0x7000, "é\0".encode(), 3), as_bytes("é\0"), id="a buffer of text"),
    pytest.param(Bytes(0x7000, b"", 0), as_bytes(""), id="an empty buffer"),
    pytest.param(Bytes(0x7000, b"abc", 51), as_bytes("abc", length=51, cut=True), id="a buffer, not in full"),
    pytest.param(
        Bytes(0x7000, b"\x7fELF\xff", 5),
        as_bytes(None, base64="f0VMRv8=", length=5),
        id="a buffer of no text",
    ),
    pytest.param(
        Bytes(0x7000, b"ab\xc3", 4),
        as_bytes(None, base64="YWLD", length=4, cut=True),
        id="or cut in the middle of a character",
    ),
    pytest.param(List(0x7000, ()), {"kind": "list", "raw": "0x7000", "value": [], "end": None}, id="no list"),
    pytest.param(
        List(0, (Text(0, b"ls"), FAULT), FAULT),
        {"kind": "list", "raw": "0x0", "value": [as_text("ls"), AS_FAULT], "end": AS_FAULT},
        id="a list that breaks off",
    ),
    pytest.param(
        List(0x7000, (Text(0, b"ls"),), FAULT, 9),
        {"kind": "list", "raw": "0x7000", "value": [as_text("ls")], "end": AS_FAULT, "length": 9},
        id="a list that is known to be longer",
    ),
    pytest.param(
        Struct(0x7000, "timespec", (("tv_sec", Int(1, 1)), ("tv_nsec", Int(5, 5))), ns=1_000_000_005),
        {
            "kind": "struct",
            "raw": "0x7000",
            "type": "timespec",
            "end": None,
            "ns": 1_000_000_005,
            "value": {
                "tv_sec": {"kind": "int", "raw": "0x1", "value": 1},
                "tv_nsec": {"kind": "int", "raw": "0x5", "value": 5},
            },
        },
        id="a time",
    ),
    pytest.param(
        Struct(0, "kind", (("name", Text(0, b"ls")),), end=FAULT),
        {"kind": "struct", "raw": "0x0", "type": "kind", "value": {"name": as_text("ls")}, "end": AS_FAULT},
        id="a structure that breaks off, with members of any name",
    ),
    pytest.param(
        Changed(0x7000, Int(128, 128), Int(16, 16)),
        {
            "kind": "changed",
            "raw": "0x7000",
            "before": {"kind": "int", "raw": "0x80", "value": 128},
            "after": {"kind": "int", "raw": "0x10", "value": 16},
        },
        id="a length that became another",
    ),
    *(
        pytest.param(
            Missing(0x7000, why, "reason"),
            {"kind": "missing", "raw": "0x7000", "value": None, "why": why.value, "reason": "reason"},
            id=f"what is missing: {why.value}",
        )
        for why in Why
    ),
]


@pytest.mark.parametrize(("value", "expected"), VALUES)
def test_a_value(value: Value, expected: dict[str, object], tmp_path: Path) -> None:
    written = line(with_arg(value), tmp_path)

    assert json.loads(written)["args"] == [{"name": "name", **expected}]
    assert written.isascii()
    assert schema.problems(written) == []


def test_every_kind_of_value_has_an_object() -> None:
    assert set(jsonl._TO_JSON) == set(get_args(Value)) == {type(case.values[0]) for case in VALUES}


def start_line(**changes: object) -> dict[str, Any]:
    return {
        "type": "start", "schema": jsonl.SCHEMA, "version": "0.1.0", "kernel": "6.18.0", "arch": "x86_64",
        "time": 1, "realtime": 2, "command": ["cat", "x"], "pids": [], **changes,
    }  # fmt: skip


# What a reader may rely on is what the schema forbids.
CALL = json.loads(json.dumps(AS_OPENAT))
STRING = {"name": "s", **as_text("x")}
BUFFER = {"name": "b", **as_bytes("x")}
LIST: dict[str, object] = {"name": "l", "kind": "list", "raw": "0x0", "value": [], "end": None}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({}, id="no type"),
        pytest.param({"type": "other"}, id="an unknown type"),
        pytest.param(start_line(schema=2), id="another version"),
        pytest.param(start_line(command=[]), id="a command of no words"),
        pytest.param({**CALL, "time": -1}, id="a time before the beginning"),
        pytest.param({**CALL, "time": 1.5}, id="half a nanosecond"),
        pytest.param({**CALL, "color": "red"}, id="something more"),
        pytest.param({k: v for k, v in CALL.items() if k != "pid"}, id="something less"),
        pytest.param({**CALL, "result": {"kind": "int", "raw": 3, "value": 3}}, id="a word as a number"),
        pytest.param({**CALL, "args": [{"kind": "int", "raw": "0x3", "value": 3}]}, id="a nameless argument"),
        pytest.param({**CALL, "args": [{**STRING, "kind": "int"}]}, id="a number that is text"),
        pytest.param({**CALL, "args": [{**STRING, "raw": "0x00"}]}, id="a word with zeros before it"),
        pytest.param({**CALL, "args": [{**STRING, "cut": True}]}, id="a cut string that has a length"),
        pytest.param({**CALL, "args": [{**STRING, "more": 1}]}, id="a string with something more"),
        pytest.param({**CALL, "args": [{**STRING, "absolute_base64": "eA=="}]}, id="bytes of no path"),
        pytest.param({**CALL, "args": [{**BUFFER, "value": None}]}, id="a buffer without its bytes"),
        pytest.param({**CALL, "args": [{**BUFFER, "base64": "eA=="}]}, id="a buffer that has them twice"),
        pytest.param({**CALL, "args": [{**LIST, "value": [STRING]}]}, id="an element with a name"),
        pytest.param({**CALL, "args": [{**LIST, "value": [{"kind": "int"}]}]}, id="half an element"),
        pytest.param({**CALL, "args": [{**LIST, "end": BUFFER}]}, id="an end that is something"),
        pytest.param({**CALL, "result": STRING}, id="a result with a name"),
        pytest.param({"type": "exit", "time": 1, **WHO, "status": 1, "signal": "SIGHUP", "core": False},
                     id="two endings"),
        pytest.param({"type": "lost", "time": 1, "count": 0}, id="a loss of nothing"),
    ],
)  # fmt: skip
def test_what_the_schema_forbids(wrong: dict[str, object]) -> None:
    assert schema.problems(json.dumps(wrong).encode())


def test_the_schema_takes_the_first_and_the_last_line() -> None:
    end = {"type": "end", "events": 3, "lost": 1, "lost_by_call": {"openat": 1}}

    for written in (start_line(), start_line(command=None, pids=[1, 2]), end):
        assert schema.problems(json.dumps(written).encode()) == []


def test_words_of_the_command_are_text_for_everybody() -> None:
    assert jsonl.unicode("caf\udce9 é") == "caf\ufffd é"


# ---- the reference ------------------------------------------------------------------------

REFERENCE = schema.PATH.with_name("json.md")
BLOCKS = re.findall(r"^```(json|sh|python)\n(.*?)^```", REFERENCE.read_text(), re.MULTILINE | re.DOTALL)
OBJECTS = [text for kind, block in BLOCKS if kind == "json" for text in re.split(r"\n(?=\{)", block)]


@pytest.mark.parametrize("text", OBJECTS, ids=lambda text: text[:60])
def test_an_example_is_as_the_schema_says(text: str) -> None:
    shown = json.loads(text)
    whole = {**CALL, "args": [shown]} if "kind" in shown else shown

    assert schema.problems(json.dumps(whole).encode()) == []


def test_the_reference_has_every_type_and_kind() -> None:
    definitions = json.loads(schema.PATH.read_text())
    types = definitions["properties"]["type"]["enum"]
    kinds = [*definitions["$defs"]["value"]["properties"]["kind"]["enum"], "error"]
    text = REFERENCE.read_text()

    assert [word for word in [*types, *kinds] if f"`{word}`" not in text] == []


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """A directory with a trace.json as the examples read it."""
    calls = (capture_records.DIRECTORY / "cat.jsonl").read_text()
    (tmp_path / "trace.json").write_text(json.dumps(start_line()) + "\n" + calls)
    return tmp_path


@pytest.mark.parametrize("example", [block for kind, block in BLOCKS if kind == "sh"])
@pytest.mark.skipif(not shutil.which("jq"), reason="The examples for jq are run where there is jq.")
def test_an_example_for_jq(example: str, trace: Path) -> None:
    ended = subprocess.run(example, shell=True, cwd=trace, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


@pytest.mark.parametrize("example", [block for kind, block in BLOCKS if kind == "python"])
def test_an_example_in_python(example: str, trace: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", example], cwd=trace, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-1].endswith(" /etc/hostname")
