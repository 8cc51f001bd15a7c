"""How a report looks: lines with cures below, names together, and one object that its schema describes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from argtrace.doctor.findings import NO, UNSURE, YES, Finding, Group, Report
from argtrace.present.doctor import to_json, to_text

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "reference" / "doctor.schema.json").read_text())

REPORT = Report(
    possible=False,
    groups=(
        Group("Rights", (
            Finding("user", None, "id 1000"),
            Finding("CAP_BPF", NO, "loads programs", "run it with sudo", matters=True),
            Finding("CAP_PERFMON", NO, "reads memory", "run it with sudo", matters=True),
            Finding("CAP_KILL", YES, "ends a command", "not to be seen"),
        )),
        Group("Nothing", ()),
        Group("BPF: map types", (
            Finding("array", YES, ""),
            Finding("hash", YES, ""),
            Finding("arena", NO, "EINVAL"),
            Finding("ringbuf", UNSURE, "EPERM", "run it with sudo", matters=True),
            Finding("queue", UNSURE, "EPERM", "run it with sudo"),
        ), many=True),
    ),
)  # fmt: skip


def test_a_line_a_finding_and_the_cure_once() -> None:
    assert to_text(REPORT) == (
        "Rights\n"
        "  user                 id 1000\n"
        "  CAP_BPF      no      loads programs\n"
        "                       -> run it with sudo\n"
        "  CAP_PERFMON  no      reads memory\n"
        "  CAP_KILL     yes     ends a command\n"
        "\n"
        "BPF: map types\n"
        "  yes     array, hash\n"
        "  unsure  ringbuf, queue: EPERM\n"
        "          -> run it with sudo\n"
        "  no      arena  EINVAL\n"
    )


def test_colours_change_nothing_else() -> None:
    coloured = to_text(REPORT, color=True)

    assert re.sub(r"\x1b\[\d+m", "", coloured) == to_text(REPORT)
    assert "\x1b[31mno    \x1b[0m  loads programs" in coloured, "what matters is red"
    assert "\x1b[2mno    \x1b[0m  arena" in coloured, "what does not is not"


@pytest.mark.parametrize("text", ["\x1b[2Jgone", "a\nb", "\x9b31m"])
def test_what_a_machine_says_of_itself_is_no_command_to_the_terminal(text: str) -> None:
    finding = Finding(text, NO, text, text, matters=True)
    for many in (False, True):
        shown = to_text(Report(possible=True, groups=(Group("x", (finding, finding), many=many),)))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
        assert "a\nb" not in shown


def test_long_lists_are_broken_between_names() -> None:
    names = [f"helper_{at}" for at in range(50)]
    found = Group("h", tuple(Finding(name, YES, "") for name in names), many=True)
    lines = to_text(Report(possible=True, groups=(found,))).splitlines()

    assert max(map(len, lines)) <= 100
    assert re.findall(r"helper_\d+", " ".join(lines)) == names


def test_the_object() -> None:
    found = json.loads(to_json(REPORT))

    assert not list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(found))
    assert found["possible"] is False
    assert found["groups"][0]["findings"][1] == {
        "name": "CAP_BPF",
        "answer": "no",
        "says": "loads programs",
        "cure": "run it with sudo",
        "matters": True,
    }
    assert found["groups"][0]["findings"][0]["answer"] is None
    assert to_json(REPORT).isascii()
