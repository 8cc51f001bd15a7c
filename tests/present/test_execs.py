"""Program starts as lines and objects: a start, then exactly the line."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest

from argtrace.decode.events import Lost, Note
from argtrace.decode.execs import End, Execs, Gap, Start, Word, Words
from argtrace.decode.origin import Cgroup
from argtrace.decode.process import Ending
from argtrace.decode.settings import Setting
from argtrace.present.execs import HEAD, ExecSink, Look, alarm, to_json, to_line
from argtrace.present.output import Output
from argtrace.value import replace
from tests.decode.test_execs import call, exit, setting, texts
from tests.support import schema

MS = 1_000_000
LOOK = Look()
SETTING = Setting(
    7, "shell", 1000, 1001, 1000, 1001, 50, 10, Cgroup(3, "/user.slice"), b"/home", b"/usr/bin/ls"
)
START = Start(
    1, "execve", 10, 10, "ls", 1 * MS, 2 * MS, 0, None, Word(b"/usr/bin/ls"), None,
    Words((Word(b"ls"), Word(b"-l"))), Words((Word(b"A=1"), Word(b"B=two words"))), SETTING,
)  # fmt: skip
WHO = "     1.000    1000      10       7 shell            "
LATER = "     5.000    1000      10       7 shell            "


def named(start: Start, filename: bytes) -> Start:
    return replace(start, filename=Word(filename))


LINES = [
    pytest.param(START, LOOK, "0         ls -l  # /usr/bin/ls", id="a start"),
    pytest.param(named(START, b"ls"), LOOK, "0         ls -l", id="a file is said once"),
    pytest.param(
        replace(START, result=-2, error="ENOENT"), LOOK, "ENOENT    ls -l  # /usr/bin/ls", id="failed"
    ),
    pytest.param(replace(START, result=None), LOOK, "?         ls -l  # /usr/bin/ls", id="no result"),
    pytest.param(
        named(START, b"./ls"), LOOK, "0         ls -l  # ./ls, in /home", id="the directory"
    ),
    pytest.param(START, Look(cwd=True), "0         ls -l  # /usr/bin/ls, in /home", id="asked for"),
    pytest.param(
        START, Look(cgroup=True), "0         ls -l  # /usr/bin/ls, cgroup /user.slice", id="the cgroup"
    ),
    pytest.param(
        replace(START, setting=replace(SETTING, cgroup=Cgroup(3, "/docker/" + "0f" * 32))),
        LOOK,
        "0         ls -l  # /usr/bin/ls, docker 0f0f0f0f0f0f",
        id="a container",
    ),
    pytest.param(
        replace(START, setting=replace(SETTING, euid=0)), LOOK, "0         ls -l  # /usr/bin/ls, as uid 0",
        id="a setuid program",
    ),
    pytest.param(
        replace(START, setting=replace(SETTING, exe=b"/usr/bin/dash")),
        LOOK,
        "0         ls -l  # /usr/bin/ls, runs /usr/bin/dash",
        id="a script's interpreter",
    ),
    pytest.param(
        replace(named(START, b""), dirfd=4), LOOK, "0         ls -l  # fd 4, runs /usr/bin/ls",
        id="a file by its descriptor",
    ),
    pytest.param(
        replace(START, called=None, returned=1 * MS), LOOK, "0         ls -l  # /usr/bin/ls, entry not seen",
        id="found under way",
    ),
    pytest.param(
        replace(START, filename=Word(b"", "EFAULT")),
        LOOK,
        "0         ls -l  # file name: EFAULT, runs /usr/bin/ls",
        id="a file name that was not there",
    ),
    pytest.param(
        replace(START, argv=Words((Word(b"ls"), Word(b"", "EFAULT"), Word(b"ab", "EFAULT")))),
        LOOK,
        "0         ls [EFAULT] ab[EFAULT]  # /usr/bin/ls, 2 of argv not read",
        id="arguments that were not there",
    ),
    pytest.param(
        replace(START, argv=Words((Word(b"ls"),), Gap("lost", 3, 4096))),
        LOOK,
        "0         ls [...]  # /usr/bin/ls, argv: 3 strings and 4096 bytes missing (lost)",
        id="how much is missing",
    ),
    pytest.param(
        replace(START, argv=Words((Word(b"ls"),), Gap("no room"))),
        LOOK,
        "0         ls [...]  # /usr/bin/ls, argv: more missing (no room)",
        id="where that is not known",
    ),
    pytest.param(
        START, Look(environment=frozenset()), "0         env -i A=1 B='two words' ls -l  # /usr/bin/ls",
        id="the environment",
    ),
    pytest.param(
        START,
        Look(environment=frozenset({b"B", b"C"})),
        "0         B='two words' ls -l  # /usr/bin/ls, C is not set",
        id="some of it, and what is not set",
    ),
    pytest.param(
        replace(START, env=Words((Word(b"A-B=1"), Word(b"odd")))),
        Look(environment=frozenset({b"A-B", b"odd"})),
        "0         env A-B=1 ls -l  # /usr/bin/ls, env has odd without =",
        id="what no shell takes for an assignment",
    ),
    pytest.param(
        replace(START, env=Words((), Gap("EFAULT"))),
        Look(environment=frozenset({b"C"})),
        "0         ls -l  # /usr/bin/ls, C is not in what was read, env: more missing (EFAULT)",
        id="what was not read may be set",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("start", "look", "line"), LINES)
def test_a_start(start: Start, look: Look, line: str) -> None:
    assert to_line(start, look) == WHO + line


def test_a_start_of_which_nothing_else_is_known() -> None:
    line = to_line(replace(START, setting=None), LOOK)

    assert line is not None
    assert line.startswith("     1.000       ?      10       ? ?                0 ")
    assert line.endswith("ls -l  # /usr/bin/ls, its parent, user and directory are not known")


def test_columns_are_where_their_names_are() -> None:
    assert len(WHO) == HEAD.index("RESULT")


ENDS = [
    pytest.param(End(START, 5 * MS, Ending(3)), "exit 3    ls  # ran 3.000 ms", id="a status"),
    pytest.param(End(START, 5 * MS, Ending(None, "SIGKILL")), "SIGKILL   ls  # ran 3.000 ms", id="a signal"),
    pytest.param(
        End(START, 5 * MS, Ending(None, "SIGSEGV", core=True)),
        "SIGSEGV+core ls  # ran 3.000 ms",
        id="a core dump",
    ),
    pytest.param(End(START, 5 * MS, None, by=2), "exec      ls  # ran 3.000 ms", id="another program"),
    pytest.param(End(START, 5 * MS, None, lost=True), "?         ls  # ran 3.000 ms", id="nobody saw it"),
]


@pytest.mark.parametrize(("end", "line"), ENDS)
def test_an_end(end: End, line: str) -> None:
    assert to_line(end, LOOK) == LATER + line


def test_no_lines_for_ends() -> None:
    assert to_line(End(START, 5 * MS, Ending(0)), Look(ends=False)) is None


def test_one_line_when_it_has_ended() -> None:
    look = Look(at_end=True)

    assert to_line(START, look) is None
    assert (
        to_line(End(START, 5 * MS, Ending(3)), look) == WHO + "exit 3    ls -l  # ran 3.000 ms, /usr/bin/ls"
    )
    failed = replace(START, result=-2, error="ENOENT")
    assert to_line(failed, look) == WHO + "ENOENT    ls -l  # /usr/bin/ls"


def test_a_hostile_start_shows_nothing_but_printable_ascii() -> None:
    hostile = b"\x1b[2J\n# \xff"
    start = replace(
        START,
        filename=Word(hostile),
        argv=Words((Word(hostile), Word(hostile, "EFAULT"))),
        env=Words((Word(b"A=" + hostile), Word(hostile))),
        setting=replace(
            SETTING,
            parent_comm=os.fsdecode(hostile),
            cwd=hostile,
            exe=hostile,
            cgroup=Cgroup(3, os.fsdecode(hostile)),
        ),
    )
    for names in (frozenset(), frozenset({b"A", hostile})):
        line = to_line(start, Look(environment=names, cwd=True, cgroup=True))
        assert line is not None
        assert line.isascii()
        assert line.isprintable()
        written = json.dumps(to_json(start, Look(environment=names)))
        assert written.isascii()
        assert schema.problems(written.encode(), schema.EXECS) == []


def test_an_object_of_a_start() -> None:
    found: Any = to_json(START, LOOK)

    assert found == {
        "type": "exec", "time": 1 * MS, "id": 1, "pid": 10, "tid": 10, "comm": "ls", "call": "execve",
        "result": 0, "error": None, "duration": 1 * MS, "entry_seen": True,
        "filename": "/usr/bin/ls", "dirfd": None,
        "argv": ["ls", "-l"], "argv_missing": None,
        "env": {"A": ["1"], "B": ["two words"]}, "env_missing": None,
        "parent": {"pid": 7, "comm": "shell", "started": 10}, "started": 50,
        "uid": 1000, "gid": 1001, "euid": 1000, "egid": 1001, "cwd": "/home", "exe": "/usr/bin/ls",
        "cgroup": {"id": 3, "path": "/user.slice"}, "container": None,
    }  # fmt: skip


def test_an_object_says_what_is_missing_and_what_is_no_text() -> None:
    start = replace(
        START,
        argv=Words((Word(b"\xff"), Word(b"", "EFAULT")), Gap("lost", None, 10)),
        env=Words((Word(b"A=1"), Word(b"A=2"), Word(b"odd"))),
        setting=None,
    )
    found: Any = to_json(start, Look(environment=frozenset({b"A"})))

    assert found["argv"] == ["�", None]
    assert found["argv_base64"] == {"0": "/w=="}
    assert found["argv_missing"] == {
        "strings": None,
        "bytes": 10,
        "reason": "lost",
        "unread": {"1": "EFAULT"},
    }
    assert found["env"] == {"A": ["1", "2"]}
    assert (found["parent"], found["uid"], found["cwd"], found["cgroup"]) == (None,) * 4


def test_an_object_of_an_end() -> None:
    assert to_json(End(START, 5 * MS, Ending(None, "SIGKILL")), LOOK) == {
        "type": "exec_end", "time": 5 * MS, "id": 1, "pid": 10, "comm": "ls", "ran": 3 * MS,
        "how": "signal", "status": None, "signal": "SIGKILL", "core": False, "by": None,
    }  # fmt: skip


def test_a_sink_writes_starts_ends_and_losses() -> None:
    sink = ExecSink(Output(-1, "nowhere", keep=True), Execs(), LOOK, objects=True)

    written = [
        sink.written(event)
        for event in (
            call(setting=setting(), argv=texts(b"ls")),
            Lost(5, 3),
            Note(6, "a note"),
            exit(10, 900),
        )
    ]
    assert [json.loads(line)["type"] for line in written] == ["exec", "lost", "note", "exec_end"]


def test_losses_are_lines_too() -> None:
    sink = ExecSink(Output(-1, "nowhere", keep=True), Execs(), LOOK, objects=False)

    assert sink.written(Lost(5, 3)).startswith("-- 3 records lost here")
    assert sink.written(Note(5, "so it is")) == "-- so it is --\n"
    assert not sink.written(exit(10, 900))


def test_a_note_that_quotes_others_is_safe_to_show() -> None:
    line = alarm(Note(5, "cgroup /a\x1b[2J"), Look())

    assert line == "-- cgroup /a\\33[2J --"


# ---- the reference ------------------------------------------------------------------------

REFERENCE = schema.EXECS.with_name("execs.md")
OBJECTS = re.findall(r"^```json\n(.*?)^```", REFERENCE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_examples_are_as_the_schema_says() -> None:
    assert [json.loads(text)["type"] for text in OBJECTS] == ["exec", "exec_end"]
    for text in OBJECTS:
        assert schema.problems(json.dumps(json.loads(text)).encode(), schema.EXECS) == []


STARTED: Any = to_json(START, LOOK)
ENDED: Any = to_json(End(START, 5 * MS, Ending(3, None)), LOOK)


# What a reader may rely on is what the schema forbids.
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({**STARTED, "more": 1}, id="a member that is not described"),
        pytest.param(
            {name: STARTED[name] for name in STARTED if name != "env"}, id="a member that is not there"
        ),
        pytest.param({**STARTED, "result": 1}, id="an exec returns no number but 0 and errors"),
        pytest.param({**STARTED, "argv": "ls"}, id="argv is a list"),
        pytest.param({**STARTED, "env": {"A": "1"}}, id="of values there is a list"),
        pytest.param({**STARTED, "argv_missing": {"strings": 1}}, id="half of what is missing"),
        pytest.param({**ENDED, "status": None}, id="an exit has a status"),
        pytest.param({**ENDED, "signal": "SIGKILL"}, id="an exit has no signal"),
        pytest.param({**ENDED, "how": "replaced", "status": None}, id="replaced by nothing"),
    ],
)
def test_what_the_schema_forbids(wrong: dict[str, object]) -> None:
    assert schema.problems(json.dumps(wrong).encode(), schema.EXECS)
