"""Commands of ioctl(2) on the real kernel: the program says what it gave and what it got."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import Target
from tests.support import live
from tests.support.live import Json, arg

pytestmark = pytest.mark.live


def says(expected: Any, value: Json) -> bool:
    """Whether a value of a trace is what the program expects: of structures and lists, as far as it says."""
    if value["kind"] == "changed":
        value = value["after"]
    match expected:
        case None:
            return value["kind"] in ("address", "struct")
        case dict():
            members = value["value"]
            return value["kind"] == "struct" and all(
                name in members and says(each, members[name]) for name, each in expected.items()
            )
        case list():
            items = value["value"]
            return len(items) >= len(expected) and all(map(says, expected, items))
    found = value.get("value")
    return bool(found == expected) or (value["kind"] == "unused" and found == expected)


def test_what_was_given_and_got(target: Target, tmp_path: Path) -> None:
    options = ["-v", "-e", "ioctl", "--string-limit", "4096"]
    trace = live.run(target("ioctls"), str(tmp_path / "file"), options=options, directory=tmp_path)
    assert (trace.status, trace.lost) == (0, 0), trace.stderr
    wanted = [line.split("\t") for line in trace.stdout.splitlines()]
    calls = {id(call): call for call in trace.calls("ioctl")}
    wrong = []
    for command, expected in wanted:
        found = [call for call in calls.values() if command in arg(call, "cmd")["symbol"].split(" or ")]
        assert found, f"{command} is not in the trace"
        call = calls.pop(id(found[0]))
        if not says(json.loads(expected), arg(call, "arg")):
            wrong.append((command, expected, arg(call, "arg")))
    assert wrong == []
    assert len(wanted) >= 17
