"""What the reader of strace's text makes of each thing that strace prints, and what it refuses."""

from __future__ import annotations

import pytest

from tests.parity import strace_tree as tree
from tests.parity.strace_tree import (
    Anything,
    Array,
    Call,
    Change,
    Exit,
    Function,
    Item,
    Members,
    Node,
    Number,
    Other,
    Signal,
    Struct,
    Text,
)


def number(value: int, *names: str, complete: bool = True, parts: tuple[int, ...] = ()) -> Number:
    return Number(value, names, complete, parts=parts)


VALUES = [
    pytest.param("0", Number(0), id="zero"),
    pytest.param("-1", Number(-1), id="a negative number"),
    pytest.param("0x7fff0000", Number(0x7FFF_0000), id="an address"),
    pytest.param("0640", Number(0o640), id="octal digits"),
    pytest.param("000", Number(0), id="octal zero"),
    pytest.param("NULL", Number(0, null=True), id="no address"),
    pytest.param("0x2 /* O_RDWR */", number(2, "O_RDWR"), id="a number and its name"),
    pytest.param(
        "0x80002 /* O_RDWR|O_CLOEXEC */", number(0x80002, "O_RDWR", "O_CLOEXEC"), id="a number and its names"
    ),
    pytest.param("0x80 /* AT_??? */", number(0x80, complete=False), id="a number that has no name"),
    pytest.param("0x88 /* 0x8 /* MAP_??? */|0x80 */", number(0x88, complete=False), id="nor these bits"),
    pytest.param("0x8 /* ?_OK */", number(8, complete=False), id="nor this one"),
    pytest.param(
        "0x102 /* O_RDWR|0x100 */", number(0x102, "O_RDWR", complete=False), id="a bit that has no name"
    ),
    pytest.param("0100644 /* S_IFREG|0644 */", number(0o100644, "S_IFREG"), id="a mode"),
    pytest.param(
        "0x800 /* SHM_HUGETLB */|21<<26 /* SHM_HUGE_SHIFT */|000",
        number(0x5400_0800, "SHM_HUGETLB", complete=False, parts=(0x800, 21 << 26, 0)),
        id="parts, one of them shifted",
    ),
    pytest.param(
        "0x5 /* MFD_HUGETLB|21<<MFD_HUGE_SHIFT */", number(5, "MFD_HUGETLB", complete=False), id="no name"
    ),
    pytest.param(
        "0 /* NL0 */|0 /* CR0 */|0x5 /* OPOST|ONLCR */",
        number(5, "NL0", "CR0", "OPOST", "ONLCR", parts=(0, 0, 5)),
        id="fields that are zero",
    ),
    pytest.param("8192 /* 2*4096 */", Number(8192), id="a product is no name"),
    pytest.param("5 /* 1970-01-01T00:00:05+0000 */", Number(5), id="a time is none"),
    pytest.param(
        "0x5402 /* SNDCTL_TMR_START or TCSETS */",
        number(0x5402, "SNDCTL_TMR_START or TCSETS"),
        id="two devices' command",
    ),
    pytest.param(
        "5 /* QCMD(Q_SYNC, USRQUOTA) */",
        number(5, "Q_SYNC", "USRQUOTA"),
        id="what a number is put together of",
    ),
    pytest.param("3</etc/hosts>", Number(3, file="/etc/hosts"), id="a descriptor"),
    pytest.param("3</a>(deleted)", Number(3, file="/a (deleted)"), id="of a file that is gone"),
    pytest.param(
        "5<TCP:[127.0.0.1:80->127.0.0.1:7]>", Number(5, file="TCP:[127.0.0.1:80->127.0.0.1:7]"), id="a socket"
    ),
    pytest.param("0</dev/null<char 1:3>>", Number(0, file="/dev/null<char 1:3>"), id="a device"),
    pytest.param(
        '3<UNIX-STREAM:[1->2,"a>"]>', Number(3, file='UNIX-STREAM:[1->2,"a>"]'), id="a socket with a path"
    ),
    pytest.param(
        "-100 /* AT_FDCWD */</tmp>", Number(-100, ("AT_FDCWD",), file="/tmp"), id="the directory it is in"
    ),
    pytest.param('"a\\n\\"\\\\\\0009\\377\\x7f"', Text(b'a\n"\\\x009\xff\x7f'), id="escapes"),
    pytest.param('"abc"...', Text(b"abc", cut=True), id="a string that goes on"),
    pytest.param('@"name"', Text(b"name", abstract=True), id="an abstract name"),
    pytest.param('"/* no */ => {a=[1]}"', Text(b"/* no */ => {a=[1]}"), id="a string with everything"),
    pytest.param(
        '"\\x00\\x35" /* htons(53) */', Text(b"\x005", note=Function("htons", (Number(53),))), id="a port"
    ),
    pytest.param(
        '"\\x77\\xff" /* htons(0x77ff /* ETH_P_??? */) */',
        Text(b"w\xff", note=Function("htons", (number(0x77FF, complete=False),))),
        id="a comment in a comment",
    ),
    pytest.param(
        '"\\x7f\\x00\\x00\\x01" /* inet_addr("127.0.0.1") */',
        Text(b"\x7f\0\0\1", note=Function("inet_addr", (Text(b"127.0.0.1"),))),
        id="an address of IPv4",
    ),
    pytest.param("{}", Struct(()), id="an empty structure"),
    pytest.param(
        "{a=1, b={c=2}}",
        Struct((("a", Number(1)), ("b", Struct((("c", Number(2)),))))),
        id="a structure in a structure",
    ),
    pytest.param("{a=1, ...}", Struct((("a", Number(1)),), more=True), id="with more"),
    pytest.param("{a=1} /* text */", Struct((("a", Number(1)),)), id="with a remark"),
    pytest.param("{a=8 => 16}", Struct((("a", Change(Number(8), Number(16))),)), id="a member in and out"),
    pytest.param("{a=0 => a=5}", Struct((("a", Change(Number(0), Number(5))),)), id="its name said twice"),
    pytest.param(
        "{a=1} => {b=2}",
        Change(Struct((("a", Number(1)),)), Struct((("b", Number(2)),))),
        id="a structure in and out",
    ),
    pytest.param("[]", Array(()), id="an empty array"),
    pytest.param("[1, 2]", Array((Number(1), Number(2))), id="an array"),
    pytest.param("[1, ... /* 0x1000 */]", Array((Number(1),), more=True), id="that ends in the unreadable"),
    pytest.param("[...]", Array((), more=True), id="that is not shown"),
    pytest.param("[5] => [8]", Change(Array((Number(5),)), Array((Number(8),))), id="a cell in and out"),
    pytest.param("[5 => 8]", Array((Change(Number(5), Number(8)),)), id="the other way to say it"),
    pytest.param(
        "[[VINTR]=0x3, [VQUIT]=0x1c]",
        Array((Number(3), Number(0x1C)), indexes=("VINTR", "VQUIT")),
        id="names",
    ),
    pytest.param("[2 /* INT */ 15 /* TERM */]", Members((number(2, "INT"), number(15, "TERM"))), id="a set"),
    pytest.param("~[]", Members((), complement=True), id="everything"),
    pytest.param("~[2 /* INT */]", Members((number(2, "INT"),), complement=True), id="everything but one"),
    pytest.param("[{WIFEXITED(s) && WEXITSTATUS(s) == 42}]", Array((Number(42 << 8),)), id="an exit status"),
    pytest.param(
        "[{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL && WCOREDUMP(s)}]", Array((Number(0x89),)), id="a death"
    ),
    pytest.param(
        "[{WIFSIGNALED(s) && WTERMSIG(s) == 15 /* SIGTERM */}]", Array((Number(15),)), id="a death by number"
    ),
    pytest.param("[{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}]", Array((Number(0x137F),)), id="a stop"),
    pytest.param("[{WIFCONTINUED(s)}]", Array((Number(0xFFFF),)), id="a process that goes on"),
    pytest.param(
        "{a.b.c=1, a.d=2}",
        Struct((("a", Struct((("b", Struct((("c", Number(1)),))),))), ("a", Struct((("d", Number(2)),))))),
        id="members of members",
    ),
    pytest.param(
        "v4l2_fourcc('Y', 'U', '\\x01', ' ') /* V4L2_PIX_FMT_X */",
        number(0x20015559, "V4L2_PIX_FMT_X"),
        id="letters that are a number",
    ),
    pytest.param("makedev(0x8, 0x1)", Function("makedev", (Number(8), Number(1))), id="a call"),
    pytest.param(
        "BPF_STMT(0x6 /* BPF_RET */|0 /* BPF_K */, 0)",
        Function("BPF_STMT", (number(6, "BPF_RET", "BPF_K", parts=(6, 0)), Number(0))),
        id="an instruction",
    ),
    pytest.param("A|B|0x8", Other("A|B|0x8"), id="names alone"),
    pytest.param("_", Anything(), id="whatever there is"),
    pytest.param("*?", Other("*?"), id="what is not understood is kept"),
    pytest.param("1 2", Other("1 2"), id="also with something after it"),
]


@pytest.mark.parametrize(("text", "node"), VALUES)
def test_a_value(text: str, node: Node) -> None:
    assert tree.parse(text) == node


LINES = [
    pytest.param("7 getpid() = 7", [Call(7, "getpid", (), Number(7))], id="a call without arguments"),
    pytest.param(
        '7     access("/", 0 /* F_OK */)        = 0',
        [Call(7, "access", (Text(b"/"), number(0, "F_OK")), Number(0))],
        id="a line with columns",
    ),
    pytest.param(
        "7 close(-1) = -1 EBADF (Bad file descriptor)",
        [Call(7, "close", (Number(-1),), Number(-1), "EBADF")],
        id="an error",
    ),
    pytest.param(
        "7 pause() = ? ERESTARTNOHAND (To be restarted if no handler)",
        [Call(7, "pause", (), None, "ERESTARTNOHAND")],
        id="a code that restarts",
    ),
    pytest.param("7 exit_group(0) = ?", [Call(7, "exit_group", (Number(0),), None)], id="no result"),
    pytest.param(
        "7 restart_syscall(<... resuming interrupted clock_nanosleep ...>) = 0",
        [Call(7, "restart_syscall", (), Number(0))],
        id="a restart",
    ),
    pytest.param(
        "7 dup(3</a>) = 4</a>",
        [Call(7, "dup", (Number(3, file="/a"),), Number(4, file="/a"))],
        id="a result with its file",
    ),
    pytest.param(
        "7 poll(NULL, 0, 5) = 0 (Timeout)",
        [Call(7, "poll", (Number(0, null=True), Number(0), Number(5)), Number(0), remark="Timeout")],
        id="a remark",
    ),
    pytest.param(
        "7 clone(child_stack=NULL, flags=0x100 /* CLONE_VM */|17 /* SIGCHLD */) = 8",
        [
            Call(
                7,
                "clone",
                (Number(0, null=True), number(0x111, "CLONE_VM", "SIGCHLD", parts=(0x100, 17))),
                Number(8),
                names=("child_stack", "flags"),
            )
        ],
        id="arguments with names",
    ),
    pytest.param(
        "7 --- SIGCHLD {si_signo=17 /* SIGCHLD */, si_pid=8} ---",
        [Signal(7, "SIGCHLD", Struct((("si_signo", number(17, "SIGCHLD")), ("si_pid", Number(8)))))],
        id="a signal",
    ),
    pytest.param("7 --- stopped by SIGSTOP ---", [], id="a stop, which is no delivery"),
    pytest.param("7 +++ exited with 42 +++", [Exit(7, 42)], id="an end"),
    pytest.param("7 +++ killed by SIGSEGV (core dumped) +++", [Exit(7, None, "SIGSEGV")], id="a death"),
]


@pytest.mark.parametrize(("line", "items"), LINES)
def test_a_line(line: str, items: list[Item]) -> None:
    assert tree.read(line + "\n") == items


def test_two_threads_that_interrupt_each_other() -> None:
    log = (
        "7 wait4(8,  <unfinished ...>\n"
        "8 close(0x1 <unfinished ...>\n"
        "8 <... close resumed>)              = 0\n"
        "7 <... wait4 resumed>NULL, 0, NULL) = 8\n"
    )
    null = Number(0, null=True)
    assert tree.read(log) == [
        Call(8, "close", (Number(1),), Number(0)),
        Call(7, "wait4", (Number(8), null, Number(0), null), Number(8)),
    ]


def test_a_thread_that_dies_in_a_call_and_one_that_replaces_it() -> None:
    log = (
        "7 recvfrom(4,  <unfinished ...>\n"
        "8 execve(0x1, 0x2, 0x3 <unfinished ...>\n"
        "7 <... recvfrom resumed> <unfinished ...>) = ?\n"
        "7 +++ superseded by execve in pid 8 +++\n"
        "7 <... execve resumed>) = 0\n"
    )
    assert tree.read(log) == [
        Call(7, "recvfrom", (Number(4),), None),
        Call(7, "execve", (Number(1), Number(2), Number(3)), Number(0)),
    ]


def test_a_string_that_looks_like_the_end_of_a_line() -> None:
    line = '7 access("a)b, \\"c\\" = 0 <unfinished ...>", 0) = -1 ENOENT (No such file or directory)\n'
    (call,) = tree.read(line)
    assert isinstance(call, Call)
    assert call.args[0] == Text(b'a)b, "c" = 0 <unfinished ...>')


@pytest.mark.parametrize("said", ['"3', "3 /* x", "{a=<new>}", "3, 'long'"])
def test_arguments_that_are_not_understood_are_kept(said: str) -> None:
    (found,) = tree.read(f"7 read({said}) = 1\n")
    assert found == Call(7, "read", (Other(said),), Number(1))


@pytest.mark.parametrize(
    ("log", "why"),
    [
        pytest.param("getpid() = 7\n", "line 1 has no thread", id="no thread"),
        pytest.param("7 getpid() = 7\n7 strange\n", "line 2: not understood", id="no line of strace's"),
        pytest.param("7 getpid() 7\n", "line 1: no result", id="no result"),
        pytest.param("7 read(3, 0x8 = 1\n", "line 1: no result", id="no end of the arguments"),
        pytest.param("7 read(3) = 1 and more\n", "line 1: after the result", id="more after the result"),
        pytest.param("7 read(3 <unfinished ...>\n", "calls without an end", id="a call that was not resumed"),
        pytest.param(
            "7 read(3 <unfinished ...>\n7 <... write resumed>) = 1\n",
            "read was resumed as write",
            id="another call",
        ),
    ],
)
def test_what_is_no_line_is_an_error(log: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        tree.read(log)


def test_what_a_program_expects() -> None:
    source = (
        "/* expect: mseal(_, 4096, 0) = 0 */\n"
        "int x; /* expect: no */\n"
        "/* expect: cachestat(-1, NULL, {a=1}, A|0x4) = -1 EBADF */\n"
        "/* expect: lsm_list_modules() = _ */\n"
    )
    null = Number(0, null=True)
    assert tree.expectations(source) == [
        ("mseal", (Anything(), Number(4096), Number(0)), Number(0), None),
        (
            "cachestat",
            (Number(-1), null, Struct((("a", Number(1)),)), Other("A|0x4")),
            Number(-1),
            "EBADF",
        ),
        ("lsm_list_modules", (), Anything(), None),
    ]


@pytest.mark.parametrize("line", ["mseal(1", "mseal(1) 0", "mseal = 0"], ids=["no end", "no =", "no call"])
def test_an_expectation_that_is_none(line: str) -> None:
    with pytest.raises(ValueError, match=r"expected before|no result|no call"):
        tree.expectations(f"/* expect: {line} */\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIGHUP", 1), ("SYS", 31), ("RTMIN", 32), ("SIGRT_1", 33), ("RT_32", 64), ("RTMAX", 64)],
)
def test_a_signal_s_number(name: str, value: int) -> None:
    assert tree.signal_number(name) == value
