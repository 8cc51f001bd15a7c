"""What the comparison takes for the same, in logs of a few lines: no tracer, no root."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle import compare
from tests.oracle.compare import Disagreement, Trace

Events = list[dict[str, Any]]


def word(name: str, raw: int, value: int | None = None) -> dict[str, Any]:
    return {"name": name, "kind": "int", "raw": hex(raw), "value": raw if value is None else value}


def path(raw: int, value: str, *, cut: bool = False) -> dict[str, Any]:
    return {"name": "path", "kind": "string", "raw": hex(raw), "value": value, "cut": cut}


def call(
    tid: int, name: str, args: list[dict[str, Any]], result: int | None, error: str | None = None
) -> Any:
    given: dict[str, Any] | None = None
    if result is not None:
        given = {"raw": hex(result & 0xFFFF_FFFF_FFFF_FFFF)} | ({"error": error} if error else {})
    return {"type": "call", "tid": tid, "name": name, "abi": None, "args": args, "result": given}


def ended(tid: int, status: int = 0) -> dict[str, Any]:
    return {"type": "exit", "tid": tid, "status": status, "signal": None}


def strace(words: str, strings: str | None = None, *, shell: bool = False) -> Trace:
    """Of the same log twice, where there is no difference. strace itself is process 1."""
    return compare.from_strace(words, words if strings is None else strings, (1, 1), shell=shell)


def differences(theirs: Trace, events: Events, *, shell: bool = False) -> list[str]:
    compared = compare.compare(theirs, compare.from_argtrace(events, 2, shell=shell))
    return [difference.what for difference in compared.differences]


def allowed(theirs: Trace, events: Events) -> set[str]:
    compared = compare.compare(theirs, compare.from_argtrace(events, 2))
    assert not compared.differences
    return set(compared.allowed)


FORKS = "10 fork() = 0xb\n11 getppid() = 0xa\n11 +++ exited with 0 +++\n10 wait4(0xb, 0, 0, 0) = 0xb\n"


def forks(child: int, waited: int, parent: int = 20) -> Events:
    zeros = [word("status", 0), word("options", 0), word("usage", 0)]
    return [
        call(child, "getppid", [], parent),
        call(20, "fork", [], child),
        ended(child),
        call(20, "wait4", [word("pid", waited), *zeros], waited),
    ]


def test_ids_may_differ() -> None:
    events = forks(21, 21)
    # A trace begins with its command's exec.
    theirs = strace("10 execve(0, 0, 0) = 0\n" + FORKS)
    first = call(20, "execve", [word("a", 0), word("b", 0), word("c", 0)], 0)
    assert not differences(theirs, [first, *events])
    assert differences(theirs, [first, *forks(21, 22)]) == ["result", "word", "number"]
    assert differences(theirs, [first, *forks(21, 21, parent=2)]) == ["result"]


def test_the_tracer_is_somebody_s_parent() -> None:
    assert not differences(strace("10 getppid() = 0x1\n"), [call(20, "getppid", [], 2)])
    assert differences(strace("10 getppid() = 0x1\n"), [call(20, "getppid", [], 3)]) == ["result"]


def test_a_process_group_is_an_id() -> None:
    theirs = strace("10 kill(0xfffffff6, 0x9) = 0\n")
    assert not differences(theirs, [call(20, "kill", [word("pid", 0xFFFF_FFEC, -20), word("sig", 9)], 0)])
    assert differences(theirs, [call(20, "kill", [word("pid", 0xFFFF_FFEB, -21), word("sig", 9)], 0)])


def test_a_thread_that_nobody_has_seen_start() -> None:
    events = [call(20, "getpid", [], 20), call(99, "close", [word("fd", 3)], 0)]
    assert differences(strace("10 getpid() = 0xa\n"), events) == ["extra"]


@pytest.mark.parametrize(
    ("printed", "argument", "what"),
    [
        (r'"\x61"', path(8, "a"), []),
        (r'"\x61"', path(8, "b"), ["text"]),
        (r'"\x61"', path(8, "a", cut=True), ["text"]),
        (r'"\xff"', path(8, "\ufffd") | {"base64": "/w=="}, []),
        (r'"\xff"', path(8, "\ufffd"), ["text"]),
        ("0x8", {"kind": "missing", "raw": "0x8"}, []),
        (r'"\x61"', {"kind": "missing", "raw": "0x8"}, ["text"]),
        ("0x8", path(8, "a"), ["text"]),
        ("8", word("n", 8), []),
        ("-8", word("n", 8), ["number"]),
    ],
)
def test_an_argument(printed: str, argument: dict[str, Any], what: list[str]) -> None:
    theirs = strace("10 unlink(0x8) = 0\n", f"10 unlink({printed}) = 0\n")
    assert differences(theirs, [call(20, "unlink", [argument], 0)]) == what


def test_long_strings_agree_as_far_as_both_go() -> None:
    def theirs(size: int) -> Trace:
        text = "\\x61" * size
        return strace("10 unlink(0x8) = 0\n", f'10 unlink("{text}"...) = 0\n')

    def ours(size: int) -> Events:
        return [call(20, "unlink", [path(8, "a" * size, cut=True)], 0)]

    assert not differences(theirs(4095), ours(4096))
    assert not differences(theirs(4096), ours(4096))
    assert differences(theirs(4095), ours(4000)) == ["text"]
    assert differences(theirs(100), ours(4096)) == ["text"]


CHILD_ENDS = "10 pause() = 0\n10 --- SIGCHLD {si_signo=17, si_code=0x1} ---\n10 getpid() = 0xa\n"


def handles(handler: str) -> tuple[str, str]:
    """rt_sigaction of SIGCHLD, in words and in strings."""
    return "10 rt_sigaction(0x11, 0x8, 0, 0x8) = 0\n", f"10 rt_sigaction(17, {handler}, NULL, 8) = 0\n"


ACTION = [word("sig", 17), word("act", 8), word("oact", 0), word("sigsetsize", 8)]


@pytest.mark.parametrize(
    ("handler", "seen"),
    [
        ("{sa_handler=NULL, sa_mask=[]}", False),
        ("{sa_handler=0x1, sa_mask=[]}", False),
        ("{sa_handler=0x55d0, sa_mask=[]}", True),
        ("{sa_sigaction=0x55d0, sa_mask=[]}", True),
    ],
)
def test_who_sees_a_signal(handler: str, *, seen: bool) -> None:
    words, strings = handles(handler)
    theirs = strace(words + CHILD_ENDS, strings + CHILD_ENDS)
    events = [call(20, "rt_sigaction", ACTION, 0), call(20, "pause", [], 0), call(20, "getpid", [], 20)]
    if seen:
        assert differences(theirs, events) == ["missing"]
    else:
        assert allowed(theirs, events) == {"ignored"}


def test_a_call_that_only_the_tracer_interrupts_is_one_call() -> None:
    words = (
        "10 wait4(0xb, 0, 0, 0) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)\n"
        "10 --- SIGCHLD {si_signo=17, si_code=0x6} ---\n"
        "10 wait4(0xb, 0, 0, 0) = 0xb\n"
    )
    theirs = strace(words)
    assert theirs.calls == theirs.restarts == 1
    zeros = [word("status", 0), word("options", 0), word("usage", 0)]
    assert allowed(theirs, [call(20, "wait4", [word("pid", 11), *zeros], 11)]) == {"ignored"}
    # With a handler it is the program's own affair.
    assert strace(words.replace("---\n", "---\n10 rt_sigreturn() = -1 EINTR (no)\n")).restarts == 0


def test_a_shell_s_children_end_when_they_do() -> None:
    words, strings = handles("{sa_handler=0x55d0}")
    late = "10 getpid() = 0xa\n10 --- SIGCHLD {si_signo=17} ---\n10 rt_sigreturn() = 0xa\n"
    early = "10 --- SIGCHLD {si_signo=17} ---\n10 rt_sigreturn() = 0\n10 getpid() = 0xa\n"
    action = call(20, "rt_sigaction", ACTION, 0)
    signal = {"type": "signal", "tid": 20, "name": "SIGCHLD", "info": {}}
    events = [action, signal, call(20, "rt_sigreturn", [], 0), call(20, "getpid", [], 20)]
    assert not differences(strace(words + late, strings + early, shell=True), events, shell=True)
    with pytest.raises(Disagreement):
        strace(words + late, strings + early)


@pytest.mark.parametrize(
    "strings",
    [
        "10 getpid() = 10\n10 close(3) = 0\n",
        "10 getppid() = 1\n",
        "10 getpid() = -1 EPERM (no)\n",
        "10 fork() = 11\n",
    ],
    ids=["a call more", "another call", "another error", "another child"],
)
def test_a_program_that_is_not_deterministic_is_no_case(strings: str) -> None:
    with pytest.raises(Disagreement):
        strace("10 getpid() = 0xa\n", strings)


def test_every_reason_is_a_sentence() -> None:
    assert all(row.reason.endswith(".") and len(row.reason) > 40 for row in compare.ALLOWED.values())
