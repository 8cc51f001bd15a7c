"""What the reader of strace's logs makes of each kind of line, and what it refuses."""

from __future__ import annotations

import pytest

from tests.oracle import strace_log
from tests.oracle.strace_log import Call, Cut, Exit, Item, Signal

LINES = [
    pytest.param("7 getpid() = 7", [Call(7, "getpid", (), 7)], id="a call without arguments"),
    pytest.param(
        "14432 openat(0xffffff9c, 0x7ffff7ff30b1, 0x80000, 0) = 0x3",
        [Call(14432, "openat", ("0xffffff9c", "0x7ffff7ff30b1", "0x80000", "0"), 3)],
        id="a call in words",
    ),
    pytest.param(
        "7     close(0x3)                        = 0",
        [Call(7, "close", ("0x3",), 0)],
        id="a line with columns",
    ),
    pytest.param(
        "7 close(-1) = -1 EBADF (Bad file descriptor)",
        [Call(7, "close", ("-1",), -1, "EBADF")],
        id="an error",
    ),
    pytest.param(
        "7 x() = -1 (errno 4000)", [Call(7, "x", (), -1, "(errno 4000)")], id="an error that has no name"
    ),
    pytest.param(
        "7 read(3, 0x8, 1) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
        [Call(7, "read", ("3", "0x8", "1"), None, "ERESTARTSYS")],
        id="a code that restarts",
    ),
    pytest.param("7 exit_group(0) = ?", [Call(7, "exit_group", ("0",), None)], id="no result"),
    pytest.param("7 umask(022) = 022", [Call(7, "umask", ("022",), 18)], id="a result in octal digits"),
    pytest.param("7 poll(NULL, 0, 5) = 0 (Timeout)", [Call(7, "poll", ("NULL", "0", "5"), 0)], id="a remark"),
    pytest.param(
        "7 fcntl(3, 0x3) = 0x801 (flags 0x801)", [Call(7, "fcntl", ("3", "0x3"), 0x801)], id="flags beside it"
    ),
    pytest.param(
        '7 newfstatat(3, "", {st_mode=0100644, st_size=37071, ...}, 0x1000) = 0',
        [Call(7, "newfstatat", ("3", '""', "{st_mode=0100644, st_size=37071, ...}", "0x1000"), 0)],
        id="a structure is one argument",
    ),
    pytest.param(
        "7 wait4(9, [{WIFEXITED(s) && WEXITSTATUS(s) == 4}], 0, NULL) = 9",
        [Call(7, "wait4", ("9", "[{WIFEXITED(s) && WEXITSTATUS(s) == 4}]", "0", "NULL"), 9)],
        id="parentheses within",
    ),
    pytest.param(
        r'7 write(1, "\x29\x2c", 2) = 2', [Call(7, "write", ("1", r'"\x29\x2c"', "2"), 2)], id="a string"
    ),
    pytest.param(
        '7 x("a)\\", (b", 1) = 0', [Call(7, "x", ('"a)\\", (b"', "1"), 0)], id="a string that is not in bytes"
    ),
    pytest.param(
        "7 utimes(8, [1 /* 1970-01-01T00:00:01+0000, (x */, 2]) = 0",
        [Call(7, "utimes", ("8", "[1 /* 1970-01-01T00:00:01+0000, (x */, 2]"), 0)],
        id="a comment is passed over",
    ),
    pytest.param(
        "7 restart_syscall(<... resuming interrupted clock_nanosleep ...>) = 0",
        [Call(7, "restart_syscall", ("<... resuming interrupted clock_nanosleep ...>",), 0)],
        id="a restart, with what it restarts",
    ),
    pytest.param(
        "7 clone3({flags=0x3d0f00} => {parent_tid=[8]}, 88) = 8",
        [Call(7, "clone3", ("{flags=0x3d0f00} => {parent_tid=[8]}", "88"), 8)],
        id="an argument in and out",
    ),
    pytest.param(
        "7 --- SIGCHLD {si_signo=17, si_code=0x1, si_pid=8} ---",
        [Signal(7, "SIGCHLD", {"si_signo": "17", "si_code": "0x1", "si_pid": "8"})],
        id="a signal",
    ),
    pytest.param(
        "7 --- SIGRT_2 {si_signo=34, si_value={sival_int=42, sival_ptr=0x2a}} ---",
        [Signal(7, "SIGRT_2", {"si_signo": "34", "si_value": "{sival_int=42, sival_ptr=0x2a}"})],
        id="a signal with a value",
    ),
    pytest.param("7 --- stopped by SIGSTOP ---", [], id="a stop, which is no delivery"),
    pytest.param("7 +++ exited with 42 +++", [Exit(7, 42)], id="an end"),
    pytest.param("7 +++ killed by SIGKILL +++", [Exit(7, None, "SIGKILL")], id="a death"),
    pytest.param(
        "7 +++ killed by SIGSEGV (core dumped) +++", [Exit(7, None, "SIGSEGV")], id="with a core file"
    ),
]


@pytest.mark.parametrize(("line", "items"), LINES)
def test_a_line(line: str, items: list[Item]) -> None:
    assert strace_log.read(line + "\n") == items


def test_two_threads_that_interrupt_each_other() -> None:
    log = (
        "7 wait4(8,  <unfinished ...>\n"
        "8 close(0x1 <unfinished ...>\n"
        "8 <... close resumed>)              = 0\n"
        "8 +++ exited with 0 +++\n"
        "7 <... wait4 resumed>[{WIFEXITED(s)}], 0, NULL) = 8\n"
    )
    assert strace_log.read(log) == [
        Call(8, "close", ("0x1",), 0),
        Exit(8, 0),
        Call(7, "wait4", ("8", "[{WIFEXITED(s)}]", "0", "NULL"), 8),
    ]


def test_a_thread_that_dies_in_a_call() -> None:
    log = (
        "7 read(3,  <unfinished ...>\n"
        "7 <... read resumed> <unfinished ...>) = ?\n"
        "7 +++ killed by SIGKILL +++\n"
    )
    assert strace_log.read(log) == [Call(7, "read", ("3", ""), None), Exit(7, None, "SIGKILL")]


def test_a_thread_that_replaces_the_first() -> None:
    log = (
        "7 recvfrom(4,  <unfinished ...>\n"
        "8 execve(0x1, 0x2, 0x3 <unfinished ...>\n"
        "7 <... recvfrom resumed> <unfinished ...>) = ?\n"
        "7 +++ superseded by execve in pid 8 +++\n"
        "7 <... execve resumed>) = 0\n"
    )
    assert strace_log.read(log) == [
        Call(7, "recvfrom", ("4", ""), None),
        Call(7, "execve", ("0x1", "0x2", "0x3"), 0),
    ]


@pytest.mark.parametrize(
    ("log", "why"),
    [
        pytest.param("getpid() = 7\n", "line 1 has no thread", id="no thread"),
        pytest.param("7 getpid() = 7\n7 strange\n", "line 2: not understood", id="no line of strace's"),
        pytest.param(
            "7 read(3, 0x8 = 1\n", "line 1: the arguments have no end", id="no end of the arguments"
        ),
        pytest.param("7 getpid() 7\n", "line 1: no result", id="no result"),
        pytest.param("7 read(3 <unfinished ...>\n", "calls without an end", id="a call that was not resumed"),
        pytest.param(
            "7 read(3 <unfinished ...>\n7 <... write resumed>) = 1\n",
            "read was resumed as write",
            id="another call",
        ),
    ],
)
def test_what_is_not_understood_is_not_dropped(log: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        strace_log.read(log)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-100", -100),
        ("0x7ffff7ff30b1", 0x7FFF_F7FF_30B1),
        ("0100644", 0o100644),
        ("NULL", 0),
        ('""', b""),
        (r'"\x61\x00\xff"', b"a\0\xff"),
        (r'"\x61"...', Cut(b"a")),
        ("[]", []),
        (r'["\x61", 0x8, ""]', [b"a", 8, b""]),
        ("[3, 4]", [3, 4]),
        ("{st_size=1}", None),
        ("[{x=1}]", [None]),
        ("~[]", None),
        ("0x1 /* why */", None),
        ("...", None),
    ],
)
def test_values(text: str, value: strace_log.Value | None) -> None:
    assert strace_log.value(text) == value


def test_counts() -> None:
    table = (
        "syscall              calls\n---------------- ---------\nread                     1\n"
        "close                    2\n---------------- ---------\ntotal                    3\n"
    )
    assert strace_log.read_counts(table) == {"read": 1, "close": 2}


@pytest.mark.parametrize("table", ["", "read 1\ntotal 2\n"], ids=["nothing", "a total of something else"])
def test_counts_that_do_not_add_up(table: str) -> None:
    with pytest.raises(ValueError, match="the calls are not"):
        strace_log.read_counts(table)
