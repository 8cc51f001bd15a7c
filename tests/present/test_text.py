"""Events as lines, both styles beside each other: an event, then exactly what the reader sees."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Note, Process, Signal
from argtrace.decode.model import Bytes, Fd, Int, List, Named, Result, Struct, Text, Unused
from argtrace.decode.origin import Cgroup, Origin
from argtrace.decode.process import Ending
from argtrace.present import output, text
from argtrace.present.spell import Constants, Spelling, Style
from argtrace.present.text import Options, Perf, Strace

CAT = Process(812, 812, "cat")
WORKER = Process(813, 812, "worker")
MS = 1_000_000
# A time since the epoch for which a monotonic clock of 0 stands: 2026-11-21 04:00:00.25 UTC.
REALTIME = 1_795_233_600_250_000_000

OPENAT = Call(
    CAT, "openat", 257,
    {
        "dfd": Named(0xFFFF_FF9C, -100, "AT_FDCWD"),
        "filename": Text(0x7000, b"/etc/hosts"),
        "flags": Int(0x80000, 0x80000, 16),
        "mode": Int(0, 0, 8),
    },
    Result(3, Int(3, 3)), start=5 * MS, end=5 * MS + 4321,
)  # fmt: skip
CLOSE = Call(CAT, "close", 3, {"fd": Fd(3, 3)}, Result(0, Int(0, 0)), start=6 * MS, end=6 * MS + 700)
FAILED = replace(OPENAT, result=Result(-2, None, "ENOENT", "No such file or directory"))
NO_RESULT = Result(None)
EXECVE = replace(
    OPENAT, name="execve", result=Result(0, Int(0, 0)),
    args={
        "filename": Text(0x7000, b"/bin/ls"),
        "argv": List(0x7100, (Text(0, b"ls"), Text(0, b"-l"))),
        "envp": List(0x7200, (Text(0, b"A=1"), Text(0, b"B=2"))),
    },
)  # fmt: skip
EXIT_GROUP = Call(CAT, "exit_group", 231, {"error_code": Int(3, 3)}, NO_RESULT, start=7 * MS, end=None)
FSTAT = replace(
    CLOSE, name="newfstat",
    args={"fd": Fd(3, 3), "statbuf": Struct(1, "s", (("st_size", Int(12, 12)), ("st_blocks", Int(8, 8))))},
)  # fmt: skip
SIGCHLD = Signal(
    CAT, 8 * MS, "SIGCHLD", 17,
    {"si_signo": Named(17, 17, "SIGCHLD"), "si_code": Named(1, 1, "CLD_EXITED"), "si_pid": Int(9, 9)},
)  # fmt: skip
EXIT = Exit(CAT, 9 * MS, Ending(3))
LOST = Lost(9 * MS, 12)

PLAIN = Options()
CALLS = [
    pytest.param(
        OPENAT, PLAIN,
        '     0.000 ( 0.004 ms): cat/812 openat(dfd: AT_FDCWD, filename: "/etc/hosts", flags: 0x80000,'
        " mode: 000) = 3",
        'openat(AT_FDCWD, "/etc/hosts", 0x80000, 000) = 3 <0.000004>',
        id="a call: names, times and thread for perf, C for strace",
    ),
    pytest.param(
        CLOSE, PLAIN,
        f"     0.000 ( 0.001 ms): cat/812 {'close(fd: 3)':<69} = 0",
        "close(3)                                = 0 <0.000001>",
        id="strace's equals sign is in column 40, and times are rounded",
    ),
    pytest.param(
        replace(CLOSE, args={}, name="getppid"), PLAIN,
        f"     0.000 ( 0.001 ms): cat/812 {'getppid()':<69} = 0",
        "getppid()                               = 0 <0.000001>",
        id="a call without arguments",
    ),
    pytest.param(
        FAILED, PLAIN,
        '     0.000 ( 0.004 ms): cat/812 openat(dfd: AT_FDCWD, filename: "/etc/hosts", flags: 0x80000,'
        " mode: 000) = -1 ENOENT (No such file or directory)",
        'openat(AT_FDCWD, "/etc/hosts", 0x80000, 000) = -1 ENOENT (No such file or directory) <0.000004>',
        id="a failure ends alike in both",
    ),
    pytest.param(
        EXIT_GROUP, PLAIN,
        f"     0.000 (         ): cat/812 {'exit_group(error_code: 3)':<69} = ?",
        "exit_group(3)                           = ?",
        id="a call that does not return has no duration",
    ),
    pytest.param(
        replace(CLOSE, result=NO_RESULT, end=None, unfinished=True), PLAIN,
        f"     0.000 (         ): cat/812 {'close(fd: 3)':<69} = ? <unfinished ...>",
        "close(3)                                = ? <unfinished ...>",
        id="nor has one that was still running",
    ),
    pytest.param(
        replace(CLOSE, start=None), PLAIN,
        f"     0.000 (         ): cat/812 {'close(fd: 3)':<69} = 0",
        "close(3)                                = 0",
        id="nor has one whose entry nobody saw",
    ),
    pytest.param(
        replace(CLOSE, args={"arg1": Int(3, 3, 16)}, abi="i386", decoded=False), PLAIN,
        f"     0.000 ( 0.001 ms): cat/812 {'close[i386](arg1: 0x3)':<69} = 0 /* arguments not decoded */",
        "close[i386](0x3)                        = 0 /* arguments not decoded */ <0.000001>",
        id="a 32-bit call says so",
    ),
    pytest.param(
        EXECVE, PLAIN,
        "     0.000 ( 0.004 ms): cat/812 execve("
        'filename: "/bin/ls", argv: ["ls", "-l"], envp: 0x7200 /* 2 vars */) = 0',
        'execve("/bin/ls", ["ls", "-l"], 0x7200 /* 2 vars */) = 0 <0.000004>',
        id="an environment is counted",
    ),
    pytest.param(
        EXECVE, Options(spelling=Spelling(verbose=True)),
        "     0.000 ( 0.004 ms): cat/812 execve("
        'filename: "/bin/ls", argv: ["ls", "-l"], envp: ["A=1", "B=2"]) = 0',
        'execve("/bin/ls", ["ls", "-l"], ["A=1", "B=2"]) = 0 <0.000004>',
        id="and shown with -v",
    ),
    pytest.param(
        replace(CLOSE, process=Process(812, 812, "a\x1b[2J\udcff")), PLAIN,
        rf"     0.000 ( 0.001 ms): a\33[2J\377/812 {'close(fd: 3)':<69} = 0",
        "close(3)                                = 0 <0.000001>",
        id="a thread's name is escaped",
    ),
    pytest.param(
        replace(CLOSE, process=Process(812, 812, "")), PLAIN,
        f"     0.000 ( 0.001 ms): :812/812 {'close(fd: 3)':<69} = 0",
        "close(3)                                = 0 <0.000001>",
        id="a thread without a name is what perf calls it",
    ),
    pytest.param(
        replace(CLOSE, args={"a": Int(1, 1), "b": Unused(7), "c": Int(2, 2), "d": Unused(0)}), PLAIN,
        f"     0.000 ( 0.001 ms): cat/812 {'close(a: 1, c: 2)':<69} = 0",
        "close(1, 0x7, 2)                        = 0 <0.000001>",
        id="what is not looked at is left out, if that moves nothing to another place",
    ),
    pytest.param(
        replace(CLOSE, result=Result(0, Int(0, 0), note="Timeout")), PLAIN,
        f"     0.000 ( 0.001 ms): cat/812 {'close(fd: 3)':<69} = 0 (Timeout)",
        "close(3)                                = 0 (Timeout) <0.000001>",
        id="a result with a note",
    ),
    pytest.param(
        FSTAT, PLAIN,
        f"     0.000 ( 0.001 ms): cat/812 {'newfstat(fd: 3, statbuf: {st_size: 12, st_blocks: 8})':<69} = 0",
        "newfstat(3, {st_size=12, st_blocks=8})  = 0 <0.000001>",
        id="a structure",
    ),
    pytest.param(
        FSTAT, Options(spelling=Spelling(pretty=True)),
        "     0.000 ( 0.001 ms): cat/812 "
        "newfstat(fd: 3, statbuf: {\n    st_size: 12,\n    st_blocks: 8\n}) = 0",
        "newfstat(3, {\n    st_size=12,\n    st_blocks=8\n}) = 0 <0.000001>",
        id="the same on several lines, which have no column",
    ),
    pytest.param(
        OPENAT, Options(spelling=Spelling(Style.STRACE, Constants.VERBOSE)),
        '     0.000 ( 0.004 ms): cat/812 openat(dfd: -100 /* AT_FDCWD */, filename: "/etc/hosts",'
        " flags: 0x80000, mode: 000) = 3",
        'openat(-100 /* AT_FDCWD */, "/etc/hosts", 0x80000, 000) = 3 <0.000004>',
        id="numbers and names; the style is the line's, whatever the spelling says",
    ),
]  # fmt: skip

OTHERS = [
    pytest.param(
        SIGCHLD, PLAIN,
        "     0.000 (         ): cat/812 --- SIGCHLD {si_signo: SIGCHLD, si_code: CLD_EXITED, si_pid: 9} ---",
        "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=9} ---",
        id="a signal",
    ),
    pytest.param(
        replace(SIGCHLD, info={}), PLAIN,
        "     0.000 (         ): cat/812 --- SIGCHLD ---", "--- SIGCHLD ---",
        id="a signal that the kernel says nothing of",
    ),
    pytest.param(
        EXIT, PLAIN,
        "     0.000 (         ): cat/812 +++ exited with 3 +++", "+++ exited with 3 +++",
        id="an exit",
    ),
    pytest.param(
        replace(EXIT, ending=Ending(None, "SIGSEGV", core=True)), PLAIN,
        "     0.000 (         ): cat/812 +++ killed by SIGSEGV (core dumped) +++",
        "+++ killed by SIGSEGV (core dumped) +++",
        id="an end by a signal",
    ),
    pytest.param(EXIT, Options(quiet=True), None, None, id="no exits with -q"),
    pytest.param(
        SIGCHLD, Options(quiet=True),
        "     0.000 (         ): cat/812 --- SIGCHLD {si_signo: SIGCHLD, si_code: CLD_EXITED, si_pid: 9} ---",
        "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=9} ---",
        id="signals are shown with -q",
    ),
    pytest.param(Exec(CAT, MS, 812), PLAIN, None, None, id="an exec is told by its call"),
    pytest.param(
        Exec(CAT, MS, 813), PLAIN,
        "     0.000 (         ): cat/812 +++ superseded by execve in pid 813 +++",
        "+++ superseded by execve in pid 813 +++",
        id="unless another thread asked for it",
    ),
    pytest.param(
        LOST, Options(quiet=True),
        "     0.000 (         ): -- 12 events lost here: the buffer was full, try a larger --buffer --",
        "-- 12 events lost here: the buffer was full, try a larger --buffer --",
        id="losses are shown whatever the options",
    ),
    pytest.param(
        Note(MS, "no room"), PLAIN, "     0.000 (         ): -- no room --", "-- no room --", id="a note"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "options", "perf", "strace"), [*CALLS, *OTHERS])
def test_a_line(event: Event, options: Options, perf: str | None, strace: str | None) -> None:
    assert Perf(options).line(event) == perf
    assert Strace(options).line(event) == strace


RED, YELLOW, END = "\x1b[31m", "\x1b[33m", "\x1b[0m"
COLORED = Options(color=True)


def lasting(duration: int) -> Call:
    return replace(CLOSE, start=MS, end=MS + duration)


@pytest.mark.parametrize(
    ("event", "perf", "strace"),
    [
        pytest.param(lasting(9_999), " 0.010 ms): cat/812 close(fd: 3) ", " = 0 <", id="quick is plain"),
        pytest.param(
            lasting(10_000), f"({YELLOW} 0.010{END} ms): cat/812", " = 0 <", id="yellow from 10 microseconds"
        ),
        pytest.param(lasting(999_999), f"({YELLOW} 1.000{END} ms)", " = 0 <", id="yellow just below 1 ms"),
        pytest.param(lasting(MS), f"({RED} 1.000{END} ms)", " = 0 <", id="red from 1 ms"),
        pytest.param(
            FAILED,
            f" = {RED}-1 ENOENT (No such file or directory){END}",
            f" = {RED}-1 ENOENT (No such file or directory){END} <",
            id="a failure is red",
        ),
        pytest.param(LOST, f"{RED}-- 12 events lost", f"{RED}-- 12 events lost", id="a loss is red"),
    ],
)
def test_colors(event: Event, perf: str, strace: str) -> None:
    for style, expected in ((Perf, perf), (Strace, strace)):
        colored = style(COLORED).line(event)
        assert colored is not None
        assert expected in colored
        # Take the colours away, and it is the line without.
        for color in (RED, YELLOW, END):
            colored = colored.replace(color, "")
        assert colored == style(PLAIN).line(event)


def test_perf_counts_from_the_first_event_it_shows() -> None:
    style = Perf(PLAIN)
    begin = replace(Exec(CAT, 4 * MS, 812))

    assert style.line(begin) is None
    assert (style.line(OPENAT) or "").startswith("     0.000 (")
    assert (style.line(CLOSE) or "").startswith("     1.000 (")
    assert (style.line(EXIT) or "").startswith("     4.000 (")


def test_no_time_is_before_the_beginning() -> None:
    """A parent's wait began before the call of its child that is shown first."""
    style = Perf(replace(PLAIN, origin=0))
    child, wait = lasting(1000), replace(CLOSE, name="wait4", start=MS - 200_000, end=3 * MS)
    lines = [style.line(child) or "", style.line(wait) or ""]

    assert all(float(line.split("(")[0]) >= 0 for line in lines)


@pytest.fixture
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_utc")
def test_absolute_times() -> None:
    options = Options(realtime=REALTIME, absolute=True)
    late = replace(CLOSE, start=1_209_869_833_017_000, end=1_209_869_833_018_000)

    # perf: ms of the monotonic clock. strace: time of day.
    assert (Perf(options).line(late) or "").startswith("1209869833.017 ( 0.001 ms): ")
    assert (Strace(options).line(replace(CLOSE, start=7_000)) or "").startswith("04:00:00.250007 close(3)")


def test_strace_shows_threads_while_there_are_several() -> None:
    style = Strace(PLAIN)
    lines = [
        style.line(event)
        for event in (
            CLOSE,
            replace(CLOSE, process=WORKER),
            CLOSE,
            replace(EXIT, process=WORKER),
            CLOSE,
        )
    ]

    # The equals sign stays in its column whatever comes before.
    assert lines == [
        "close(3)                                = 0 <0.000001>",
        "[pid   813] close(3)                    = 0 <0.000001>",
        "[pid   812] close(3)                    = 0 <0.000001>",
        "[pid   813] +++ exited with 3 +++",
        "close(3)                                = 0 <0.000001>",
    ]


def test_strace_in_a_file_has_the_thread_first_and_then_the_time() -> None:
    quiet = Options(to_file=True, quiet=True)

    assert (Strace(quiet).line(CLOSE) or "").startswith("812 close(3) ")
    stamped = Strace(replace(quiet, absolute=True)).line(CLOSE) or ""
    assert stamped.startswith("812 ")
    assert stamped[6] == stamped[9] == ":"


def test_a_thread_whose_exit_is_not_shown_is_gone_too() -> None:
    style = Strace(Options(quiet=True))
    for event in (CLOSE, replace(CLOSE, process=WORKER), replace(EXIT, process=WORKER)):
        style.line(event)

    assert (style.line(CLOSE) or "").startswith("close(")


BYTES = Bytes(0x7000, b"hello\n", 6)
WRITE = replace(CLOSE, name="write", args={"fd": Fd(1, 1), "buf": BYTES}, result=Result(6, Int(6, 6)))


def test_a_sink_shows_the_bytes_of_the_descriptors_asked_for(tmp_path: Path) -> None:
    sink = text.TextSink(output.to_file(str(tmp_path / "trace")), Strace(PLAIN), dump={1})
    for event in (WRITE, replace(WRITE, args={"fd": Fd(2, 2), "buf": BYTES}), SIGCHLD):
        sink.event(event)
    sink.close()

    assert [line[:28].rstrip() for line in (tmp_path / "trace").read_text().splitlines()] == [
        'write(1, "hello\\n")',
        "    00000000  68 65 6c 6c 6f",
        "    00000006",
        'write(2, "hello\\n")',
        "--- SIGCHLD {si_signo=SIGCHL",
    ]


def test_a_sink_writes_a_line_an_event_and_nothing_for_none(tmp_path: Path) -> None:
    sink = text.TextSink(output.to_file(str(tmp_path / "trace")), Strace(PLAIN))
    for event in (CLOSE, Exec(CAT, MS, 812), EXIT):
        sink.event(event)
    sink.close()

    assert (tmp_path / "trace").read_text() == (
        "close(3)                                = 0 <0.000001>\n+++ exited with 3 +++\n"
    )


ID = "4f1c" + "0d2a" * 15
DOCKER = Cgroup(7, f"/system.slice/docker-{ID}.scope/init.scope")
ORIGINS = [
    pytest.param(Origin(cpu=1), "[001] ", "", id="a CPU"),
    pytest.param(Origin(cpu=1023), "[1023] ", "", id="one of many"),
    pytest.param(Origin(uid=0), "", "uid:0 ", id="root"),
    pytest.param(Origin(uid=4_294_967_294), "", "uid:4294967294 ", id="nobody"),
    pytest.param(Origin(cgroup=Cgroup(1, "/")), "", "cgroup:/ ", id="the root"),
    pytest.param(Origin(cgroup=Cgroup(2, "/user.slice")), "", "cgroup:/user.slice ", id="a cgroup"),
    pytest.param(Origin(cgroup=DOCKER), "", f"docker:{ID[:12]} ", id="a container"),
    pytest.param(Origin(cgroup=Cgroup(3, "/lxc.payload.web")), "", "lxc:web ", id="one with a name"),
    pytest.param(Origin(cgroup=Cgroup(99, None)), "", "cgroup:99, gone ", id="a cgroup that is gone"),
    pytest.param(Origin(0, 33, DOCKER), "[000] ", f"uid:33 docker:{ID[:12]} ", id="all of it"),
    pytest.param(Origin(), "", "", id="nothing"),
    pytest.param(
        Origin(cgroup=Cgroup(4, '/\udcff\x1b[2J\n"\\é')), "",
        r'cgroup:/\377\33[2J\n\"\\\303\251 ', id="a name that is no text",
    ),
    pytest.param(
        Origin(cgroup=Cgroup(5, "/lxc.payload.\x1b]0;x\x07")), "", r"lxc:\33]0;x\7 ", id="nor a container's",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("origin", "cpu", "where"), ORIGINS)
def test_where_a_call_came_from(origin: Origin, cpu: str, where: str) -> None:
    """The CPU is before the duration, as perf has it; the rest behind the thread."""
    call = replace(CLOSE, origin=origin)

    assert Perf(PLAIN).line(call) == (f"     0.000 {cpu}( 0.001 ms): cat/812 {where}{'close(fd: 3)':<69} = 0")
    assert Strace(PLAIN).line(call) == f"{f'{cpu}{where}close(3)':<39} = 0 <0.000001>"


def test_where_a_call_came_from_that_has_no_duration() -> None:
    call = replace(EXIT_GROUP, origin=Origin(2, 5))

    assert Perf(PLAIN).line(call) == (
        f"     0.000 [002] (         ): cat/812 uid:5 {'exit_group(error_code: 3)':<69} = ?"
    )


def test_where_a_call_came_from_is_behind_thread_and_time() -> None:
    style = Strace(replace(PLAIN, to_file=True))

    assert (style.line(replace(CLOSE, origin=Origin(2, 5))) or "").startswith("812 [002] uid:5 close(3) ")


def test_a_note_that_quotes_others_is_safe_to_show() -> None:
    """The cgroup that we are in may be called anything but a newline."""
    note = Note(MS, "our cgroup /a\x1b[2J/\udcffé")

    for style in (Perf(Options()), Strace(Options())):
        line = style.line(note) or ""
        assert line.isascii()
        assert line.isprintable()
        assert "our cgroup /a\\33[2J/\\377" in line
