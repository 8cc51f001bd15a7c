"""Values as text, in both styles: quoted as C would have it, and nothing that a terminal obeys.

What strace has a spelling for is spelt as strace 6.1 does it (each was seen there).
"""

from __future__ import annotations

import ast
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from argtrace.decode.tables.signals import SIGNALS
from argtrace.present import escape, spell
from argtrace.present.escape import Hex
from argtrace.present.spell import PERF, STRACE, Constants, Spelling, Style


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", '""', id="nothing"),
        pytest.param(b"/etc/hosts", '"/etc/hosts"', id="plain text"),
        pytest.param(
            b" !\"#'\\~", r'''" !\"#'\\~"''', id="quotes and backslashes are escaped, nothing else is"
        ),
        pytest.param(b"\n\t\r\v\f", r'"\n\t\r\v\f"', id="what C has a letter for"),
        pytest.param(b"\a\b", r'"\7\10"', id="strace writes no \\a and no \\b: they are octal"),
        pytest.param(b"\0", r'"\0"', id="an octal escape is as short as can be"),
        pytest.param(b"\x001", r'"\0001"', id="but three digits before a digit, or that would belong to it"),
        pytest.param(b"\x009", r'"\09"', id="9 is no octal digit"),
        pytest.param(b"\x1f8", r'"\378"', id="8 is no octal digit"),
        pytest.param(b"\x1f7", r'"\0377"', id="7 is one"),
        pytest.param(b"\x1f\n", r'"\37\n"', id="another escape is no digit"),
        pytest.param(b"\x1f\x1f", r'"\37\37"', id="nor is one in octal"),
        pytest.param(b"\x1b[31mred\x1b[m", r'"\33[31mred\33[m"', id="colours"),
        pytest.param(b"\x1b]0;title\x07", r'"\33]0;title\7"', id="a window's title"),
        pytest.param(b"\x9b31m", r'"\23331m"', id="an escape sequence in one byte"),
        pytest.param(b"\x7f\x80\xff", r'"\177\200\377"', id="delete, and bytes above ASCII"),
        pytest.param("é".encode(), r'"\303\251"', id="text that is no ASCII, as strace shows it"),
        pytest.param("\u202e".encode(), r'"\342\200\256"', id="the mark that turns a line around"),
        pytest.param(b"\xc3(", r'"\303("', id="invalid UTF-8"),
    ],
)
def test_quote(data: bytes, expected: str) -> None:
    assert escape.quote(data) == expected


@given(st.binary())
def test_a_quoted_string_reads_back(data: bytes) -> None:
    text = escape.quote(data)

    assert ast.literal_eval(f"b{text}") == data
    assert text.isascii()
    assert text.isprintable()


@given(st.binary())
def test_no_octal_escape_could_be_shorter(data: bytes) -> None:
    text = escape.quote(data)
    for at in range(len(text) - 4):
        if text[at : at + 2] == "\\0" and text[at + 2] in "01234567":
            shorter = text[: at + 1] + text[at + 1 : at + 4].lstrip("0") + text[at + 4 :]
            assert ast.literal_eval(f"b{shorter}") != data


MIXED = b'\x01\x001z\xff\n\t"\\'


@pytest.mark.parametrize(
    ("how", "data", "expected"),
    [
        pytest.param(Hex.NONE, MIXED, r'''"\1\0001z\377\n\t\"\\"''', id="octal"),
        pytest.param(Hex.CHARS, MIXED, r'''"\x01\x001z\xff\n\t\"\\"''', id="those characters"),
        pytest.param(Hex.STRINGS, MIXED, r'"\x01\x00\x31\x7a\xff\x0a\x09\x22\x5c"', id="those strings"),
        pytest.param(Hex.STRINGS, b'a\n\t"\\', r'''"a\n\t\"\\"''', id="not what is white space only"),
        pytest.param(Hex.ALL, b"abc", r'"\x61\x62\x63"', id="all strings"),
        pytest.param(Hex.ALL, b"", '""', id="of nothing, nothing"),
    ],
)
def test_hexadecimal(how: Hex, data: bytes, expected: str) -> None:
    assert escape.quote(data, how) == expected
    # It is one option for strings and buffers alike.
    for value in (Text(1, data), Bytes(1, data, len(data))):
        assert spell.value(value, Spelling(hex=how)) == expected


def test_a_plain_name_has_no_quotes() -> None:
    assert escape.plain(b"kworker/0:1") == "kworker/0:1"
    assert escape.plain(b"a\x1b[31m\n") == r"a\33[31m\n"


TEXTS = List(0x7000, (Text(0, b"ls"), Text(0, b"-l")))
FAULT = Missing(0, Why.UNREADABLE, "EFAULT")
HOSTS = File(b"/etc/hosts")
ODD = File(b'/tmp/a<b>"\n')
TCP = File(b"socket:[8]", "TCP:[127.0.0.1:80->127.0.0.1:4242]")
OPEN = Flags(0x241, 0x241, ("O_WRONLY", "O_CREAT", "O_TRUNC"))
MODE = Flags(0o100644, 0o100644, ("S_IFREG",), 0o644, base=8)
STAT = Struct(0x7000, "stat", (("st_ino", Int(5, 5)), ("st_mode", MODE), ("st_size", Int(12, 12))))
POINT = Struct(0x7000, "point", (("x", Int(1, 1)), ("y", Int(2, 2))))
LOOPBACK6 = bytes(15) + b"\1"


def numbers(count: int) -> tuple[Value, ...]:
    return tuple(Int(n, n) for n in range(count))


def signals(*names: str) -> tuple[Value, ...]:
    return tuple(Named(number, number, name) for number, name in SIGNALS.items() if name in names)


# Alike in both styles.
VALUES = [
    pytest.param(Int(0xFFFF_FFFF, -1), "-1", id="a number"),
    pytest.param(Int(0o644, 0o644, 8), "0644", id="a mode"),
    pytest.param(Int(2, 2, 8), "002", id="a mode has three digits at least"),
    pytest.param(Int(0, 0, 8), "000", id="no mode"),
    pytest.param(Int(0x80000, 0x80000, 16), "0x80000", id="flags"),
    pytest.param(Int(0, 0, 16), "0", id="no flags"),
    pytest.param(Named(0xFFFF_FF9C, -100, "AT_FDCWD"), "AT_FDCWD", id="a number with a name"),
    pytest.param(OPEN, "O_WRONLY|O_CREAT|O_TRUNC", id="flags with names"),
    pytest.param(
        Flags(0x80_0003, 0x80_0003, ("A", "B"), 0x80_0000), "A|B|0x800000", id="a bit without a name"
    ),
    pytest.param(Flags(0x800, 0x800, (), 0x800), "0x800", id="no bit has a name"),
    pytest.param(Flags(0, 0, ()), "0", id="no bit at all"),
    pytest.param(Flags(0, 0, ("PROT_NONE",)), "PROT_NONE", id="which has a name"),
    pytest.param(MODE, "S_IFREG|0644", id="a file's mode"),
    pytest.param(
        Flags(0o104755, 0o104755, ("S_IFREG", "S_ISUID"), 0o755, 8), "S_IFREG|S_ISUID|0755", id="and another"
    ),
    pytest.param(Flags(0o100000, 0o100000, ("S_IFREG",), 0, 8), "S_IFREG|000", id="a file nobody may read"),
    pytest.param(Fd(3, 3), "3", id="a descriptor"),
    pytest.param(Fd(0xFFFF_FFFF, -1), "-1", id="no descriptor"),
    pytest.param(Fd(3, 3, HOSTS), "3</etc/hosts>", id="a descriptor's file"),
    pytest.param(Fd(3, 3, ODD), r"3</tmp/a\74b\76\"\n>", id="what would end a path is escaped"),
    pytest.param(Fd(3, 3, File(b"pipe:[8]")), "3<pipe:[8]>", id="a pipe"),
    pytest.param(
        Fd(3, 3, TCP), "3<TCP:[127.0.0.1:80->127.0.0.1:4242]>", id="a socket's ends, not its number"
    ),
    pytest.param(
        Fd(3, 3, File(b"/dev/null", "char 1:3")), "3</dev/null<char 1:3>>", id="a device's path and numbers"
    ),
    pytest.param(
        Fd(3, 3, File(b"socket:[8]", 'UNIX-STREAM:[8->9,"/tmp/\x1b[31m\udcff"]')),
        r'3<UNIX-STREAM:[8->9,"/tmp/\33[31m\377"]>',
        id="a socket's name can hold anything",
    ),
    pytest.param(Pid(812, 812), "812", id="a process nobody knows"),
    pytest.param(Device(0x801, 0x801, 8, 1), "makedev(0x8, 0x1)", id="a device"),
    pytest.param(Device(0, 0, 0, 0), "makedev(0, 0)", id="no device"),
    pytest.param(Unused(0), "0", id="what is not looked at, where its place must be filled"),
    pytest.param(Address(0x7FFF_0000_1000), "0x7fff00001000", id="an address"),
    pytest.param(Address(0), "NULL", id="a null pointer"),
    pytest.param(Text(0x7000, b"text"), '"text"', id="a string"),
    pytest.param(Text(0x7000, b""), '""', id="an empty string"),
    pytest.param(Text(0x7000, b"te", cut=True), '"te"...', id="a string that was cut"),
    pytest.param(Text(0x7000, b"hosts", absolute=b"/etc/hosts"), '"hosts"</etc/hosts>', id="where that is"),
    pytest.param(Bytes(0x7000, b"a\0b", 3), r'"a\0b"', id="a buffer"),
    pytest.param(Bytes(0x7000, b"", 0), '""', id="an empty buffer"),
    pytest.param(Bytes(0x7000, b"abc", 51), '"abc"...', id="a buffer of which more was not wanted"),
    pytest.param(
        Missing(0x7000, Why.UNREADABLE, "EFAULT"), "0x7000 <unreadable: EFAULT>", id="nothing there"
    ),
    pytest.param(
        Missing(0x7000, Why.NOT_CAPTURED, "too many execs at once"),
        "0x7000 <not captured: too many execs at once>",
        id="memory that nobody looked at",
    ),
    pytest.param(List(0x7000, ()), "[]", id="an empty list"),
    pytest.param(TEXTS, '["ls", "-l"]', id="a list"),
    pytest.param(List(0x7000, (Fd(3, 3), Fd(4, 4, HOSTS))), "[3, 4</etc/hosts>]", id="a pair of descriptors"),
    pytest.param(
        List(0x7000, TEXTS.items, Missing(0, Why.CUT, "no room")), '["ls", "-l", ...]', id="a list cut"
    ),
    pytest.param(List(0x7000, numbers(2), length=8), "[0, 1, ...]", id="a list that is known to be longer"),
    pytest.param(List(0x7000, (Text(0, b"ls"),), FAULT), '["ls", <unreadable: EFAULT>]', id="it breaks off"),
    pytest.param(
        List(0x7000, (Text(0, b"ls"), FAULT, Text(0, b"x", cut=True))),
        '["ls", <unreadable: EFAULT>, "x"...]',
        id="a list with holes",
    ),
    pytest.param(Struct(0x7000, "empty", ()), "{}", id="a structure without members"),
    pytest.param(
        Changed(0x7000, Int(128, 128), Int(16, 16)), "[128 => 16]", id="a length that became another"
    ),
    pytest.param(
        Changed(0x7000, List(0x7000, numbers(1)), List(0x7000, (Int(9, 9),))),
        "[0 => 9]",
        id="in brackets once",
    ),
    pytest.param(
        Changed(0x7000, List(0x7000, ()), List(0x7000, numbers(2))), "[] => [0, 1]", id="a list that grew"
    ),
]

# What differs.
STYLED = [
    pytest.param(Pid(812, 812, "cat"), "812 (cat)", "812<cat>", id="a process by its name"),
    pytest.param(Pid(1, 1, 'a<b>"\x1b\udcff'), r"1 (a<b>\"\33\377)", r"1<a\74b\76\"\33\377>", id="any name"),
    pytest.param(Ip(0, b"\x7f\0\0\1"), "127.0.0.1", 'inet_addr("127.0.0.1")', id="an address of IPv4"),
    pytest.param(Ip(0, LOOPBACK6), "::1", 'inet_pton(AF_INET6, "::1")', id="an address of IPv6"),
    pytest.param(POINT, "{x: 1, y: 2}", "{x=1, y=2}", id="a structure"),
    pytest.param(
        Struct(0, "s", (("a", Int(1, 1)), ("pad", Unused(0)), ("p", POINT))),
        "{a: 1, p: {x: 1, y: 2}}",
        "{a=1, p={x=1, y=2}}",
        id="members in members, and padding",
    ),
    pytest.param(
        Struct(0, "s", POINT.members[:1], end=Missing(0, Why.CUT, "8 bytes of 16")),
        "{x: 1, ...}",
        "{x=1, ...}",
        id="a structure cut",
    ),
    pytest.param(
        Struct(0, "s", POINT.members[:1], end=FAULT),
        "{x: 1, <unreadable: EFAULT>}",
        "{x=1, <unreadable: EFAULT>}",
        id="a structure that breaks off",
    ),
    pytest.param(
        Struct(0, "msghdr", (("msg_namelen", Changed(0, Int(128, 128), Int(28, 28))),)),
        "{msg_namelen: 128 => 28}",
        "{msg_namelen=128 => 28}",
        id="a member that changed needs no brackets",
    ),
    pytest.param(
        Changed(0x7000, POINT, POINT),
        "{x: 1, y: 2} => {x: 1, y: 2}",
        "{x=1, y=2} => {x=1, y=2}",
        id="a structure that changed",
    ),
    pytest.param(
        Struct(0, "sockaddr_in", (("sin_port", Int(0x5000, 80)), ("sin_addr", Ip(0, b"\x7f\0\0\1")))),
        "{sin_port: 80, sin_addr: 127.0.0.1}",
        '{sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}',
        id="a socket's address",
    ),
    pytest.param(
        Struct(0, "sockaddr_in6", (("sin6_flowinfo", Int(5, 5)), ("sin6_addr", Ip(0, LOOPBACK6)))),
        "{sin6_flowinfo: 5, sin6_addr: ::1}",
        '{sin6_flowinfo=htonl(5), inet_pton(AF_INET6, "::1", &sin6_addr)}',
        id="that of IPv6",
    ),
    pytest.param(
        List(0, signals("SIGINT", "SIGUSR1")), "[SIGINT, SIGUSR1]", "[INT USR1]", id="a set of signals"
    ),
    pytest.param(
        List(0, signals(*set(SIGNALS.values()) - {"SIGKILL", "SIGRTMIN"})),
        "~[SIGKILL, SIGRTMIN]",
        "~[KILL RTMIN]",
        id="all but a few signals",
    ),
    pytest.param(List(0, signals(*SIGNALS.values())), "~[]", "~[]", id="all signals"),
    pytest.param(
        List(0, signals("SIGINT"), Missing(0, Why.CUT, "")), "[SIGINT, ...]", "[INT, ...]", id="a set cut"
    ),
]


@pytest.mark.parametrize(
    ("value", "perf", "strace"),
    [*STYLED, *(pytest.param(*case.values, case.values[1], id=case.id) for case in VALUES)],
)
def test_a_value(value: Value, perf: str, strace: str) -> None:
    assert spell.value(value, PERF) == perf
    assert spell.value(value, STRACE) == strace


def test_every_kind_of_value_has_a_spelling() -> None:
    assert set(spell._SPELL) == set(get_args(Value)) == {type(case.values[0]) for case in [*VALUES, *STYLED]}


@pytest.mark.parametrize(
    ("value", "raw", "both"),
    [
        pytest.param(OPEN, "0x241", "0x241 /* O_WRONLY|O_CREAT|O_TRUNC */", id="flags"),
        pytest.param(
            Flags(0x80_0001, 0x80_0001, ("A",), 0x80_0000),
            "0x800001",
            "0x800001 /* A|0x800000 */",
            id="with a rest",
        ),
        pytest.param(Flags(0x800, 0x800, (), 0x800), "0x800", "0x800", id="flags without names"),
        pytest.param(Flags(0, 0, ("PROT_NONE",)), "0", "0 /* PROT_NONE */", id="no flags"),
        pytest.param(MODE, "0100644", "0100644 /* S_IFREG|0644 */", id="a file's mode"),
        pytest.param(Named(0, -100, "AT_FDCWD"), "-100", "-100 /* AT_FDCWD */", id="a negative number"),
        pytest.param(Named(0x5401, 0x5401, "TCGETS"), "0x5401", "0x5401 /* TCGETS */", id="a command"),
        pytest.param(Named(0, 0, "SEEK_SET"), "0", "0 /* SEEK_SET */", id="zero"),
        pytest.param(Named(13, 13, "SIGPIPE"), "13", "13 /* SIGPIPE */", id="a signal"),
        pytest.param(List(0, signals("SIGINT")), "[2]", "[2 /* SIGINT */]", id="a set of signals"),
        pytest.param(
            List(0, signals(*set(SIGNALS.values()) - {"SIGKILL"})),
            "~[9]",
            "~[9 /* SIGKILL */]",
            id="a full set",
        ),
        pytest.param(Device(0x801, 0x801, 8, 1), "0x801", "0x801 /* makedev(0x8, 0x1) */", id="a device"),
        pytest.param(Int(64, 64), "64", "64", id="what has no name anyway"),
    ],
)
def test_constants(value: Value, raw: str, both: str) -> None:
    assert spell.value(value, Spelling(constants=Constants.RAW)) == raw
    assert spell.value(value, Spelling(constants=Constants.VERBOSE)) == both


IN_FULL = Spelling(verbose=True)
UP_TO_31 = ", ".join(map(str, range(32)))
WORDS = (Text(0, b"x"),) * 33
MANY = ", ".join(['"x"'] * 33)


@pytest.mark.parametrize(
    ("value", "short", "long"),
    [
        pytest.param(
            STAT,
            "{st_mode: S_IFREG|0644, st_size: 12, ...}",
            "{st_ino: 5, st_mode: S_IFREG|0644, st_size: 12}",
            id="a structure",
        ),
        pytest.param(
            List(0, numbers(33)), f"[{UP_TO_31}, ...]", f"[{UP_TO_31}, 32]", id="an array of more than 32"
        ),
        pytest.param(List(0, numbers(32)), f"[{UP_TO_31}]", f"[{UP_TO_31}]", id="one of 32 is not long"),
        pytest.param(List(0, WORDS), f"[{MANY}]", f"[{MANY}]", id="a command's words are never too many"),
        pytest.param(
            Struct(0, "sock_fprog", (("len", Int(2, 2)), ("filter", List(0x7000, (POINT, POINT))))),
            "{len: 2, filter: 0x7000 /* 2 entries */}",
            "{len: 2, filter: [{x: 1, y: 2}, {x: 1, y: 2}]}",
            id="an array in a structure that is only counted",
        ),
    ],
)
def test_long_values(value: Value, short: str, long: str) -> None:
    assert spell.value(value, PERF) == short
    assert spell.value(value, IN_FULL) == long


def test_a_line_shows_no_more_of_a_buffer_because_more_was_fetched() -> None:
    assert spell.value(Bytes(1, b"abcdef", 6), Spelling(buffer_limit=4)) == '"abcd"...'
    assert spell.value(Bytes(1, b"abcd", 4), Spelling(buffer_limit=4)) == '"abcd"'
    assert spell.value(Text(1, b"abcdef"), Spelling(buffer_limit=4)) == '"abcdef"'


PRETTY = [
    pytest.param(POINT, "{\n    x=1,\n    y=2\n}", id="a member a line"),
    pytest.param(
        Struct(0, "s", (("a", POINT), ("b", TEXTS))),
        '{\n    a={\n        x=1,\n        y=2\n    },\n    b=[\n        "ls",\n        "-l"\n    ]\n}',
        id="deeper and deeper",
    ),
    pytest.param(List(0, numbers(3)), "[0, 1, 2]", id="numbers stay together"),
    pytest.param(List(0, ()), "[]", id="nothing takes no lines"),
    pytest.param(
        STAT, "{\n    st_mode=S_IFREG|0644,\n    st_size=12,\n    ...\n}", id="what is left out is a line"
    ),
    pytest.param(Text(0, b"a\nb"), r'"a\nb"', id="a string keeps to its line"),
]


@pytest.mark.parametrize(("value", "expected"), PRETTY)
def test_pretty(value: Value, expected: str) -> None:
    assert spell.value(value, Spelling(Style.STRACE, pretty=True)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(TEXTS, "0x7000 /* 2 vars */", id="a list is counted"),
        pytest.param(List(0x7000, ()), "0x7000 /* 0 vars */", id="an empty one too"),
        pytest.param(List(0x7000, TEXTS.items[:1]), "0x7000 /* 1 var */", id="one alone"),
        pytest.param(List(0x7000, TEXTS.items[:1], FAULT), "0x7000 /* 1+ vars */", id="one, and who knows"),
        pytest.param(List(0x7000, TEXTS.items, FAULT), "0x7000 /* 2+ vars */", id="one that is not whole"),
        pytest.param(Address(0), "NULL", id="a null pointer stays one"),
        pytest.param(
            Missing(0x7000, Why.UNREADABLE, "EFAULT"),
            "0x7000 <unreadable: EFAULT>",
            id="what is missing stays so",
        ),
    ],
)
def test_an_environment_in_short(value: Value, expected: str) -> None:
    assert spell.argument("execve", "envp", value, PERF) == expected


def test_only_what_is_known_to_be_long_is_shown_in_short() -> None:
    entries = List(0x7000, numbers(1), Missing(0, Why.CUT, "not fetched"), length=128)

    assert spell.argument("getdents64", "dirent", entries, PERF) == "0x7000 /* 128 entries */"
    assert spell.argument("getdents64", "dirent", entries, IN_FULL) == "[0, ...]"
    assert spell.argument("execve", "argv", TEXTS, PERF) == '["ls", "-l"]'
    assert spell.argument("execve", "envp", TEXTS, IN_FULL) == '["ls", "-l"]'


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(Result(None), "?", id="none"),
        pytest.param(Result(3, Int(3, 3)), "3", id="a number"),
        pytest.param(Result(-4096, Int(0, -4096)), "-4096", id="a negative number that is no error"),
        pytest.param(Result(0x7000, Address(0x7000)), "0x7000", id="an address"),
        pytest.param(
            Result(-2, None, "ENOENT", "No such file or directory"),
            "-1 ENOENT (No such file or directory)",
            id="an error, as strace and perf agree on",
        ),
        pytest.param(
            Result(-512, None, "ERESTARTSYS", "To be restarted if SA_RESTART is set", restarts=True),
            "? ERESTARTSYS (To be restarted if SA_RESTART is set)",
            id="a call that goes on later, as strace has it",
        ),
        pytest.param(
            Result(-4000, None, "E4000", "Unknown error 4000"), "-1 E4000 (Unknown error 4000)", id="unknown"
        ),
        pytest.param(Result(0, Int(0, 0), note="Timeout"), "0 (Timeout)", id="what a zero means"),
        pytest.param(
            Result(0x8002, Flags(0x8002, 0x8002, ("O_RDWR", "O_LARGEFILE"))),
            "0x8002 (O_RDWR|O_LARGEFILE)",
            id="flags",
        ),
        pytest.param(Result(0, Flags(0, 0, ("PER_LINUX",))), "0 (PER_LINUX)", id="no flags, by their name"),
        pytest.param(Result(0, Flags(0, 0, ())), "0", id="no flags"),
        pytest.param(Result(5, Named(5, 5, "TIME_ERROR")), "5 (TIME_ERROR)", id="a number with a name"),
        pytest.param(Result(0o22, Int(0o22, 0o22, 8)), "022", id="umask's former"),
        pytest.param(Result(812, Pid(812, 812, "cat")), "812<cat>", id="a new process"),
        pytest.param(Result(3, Fd(3, 3, HOSTS)), "3</etc/hosts>", id="a new descriptor"),
    ],
)
def test_a_result(result: Result, expected: str) -> None:
    assert spell.result(result, STRACE) == expected


def test_what_strace_calls_flags() -> None:
    assert spell.result(Result(0x241, OPEN), PERF, "fcntl") == "0x241 (flags O_WRONLY|O_CREAT|O_TRUNC)"


def test_a_result_as_a_number_only() -> None:
    raw = Spelling(constants=Constants.RAW)

    assert spell.result(Result(0x241, OPEN), raw) == "0x241"
    assert spell.result(Result(5, Named(5, 5, "TIME_ERROR")), raw) == "5"
