"""What a call moved: which bytes, and the lines they make, as hexdump(1) has them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argtrace.decode.events import Call, Process
from argtrace.decode.model import Address, Bytes, Changed, Fd, Int, List, Result, Struct, Text, Value
from argtrace.present import hexdump


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        pytest.param(b"", ["00000000"], id="nothing"),
        pytest.param(
            b"hello\n\x7f\xff~",
            ["00000000  68 65 6c 6c 6f 0a 7f ff  7e                       |hello...~|", "00000009"],
            id="less than a line",
        ),
        pytest.param(
            bytes(range(0x20, 0x31)),
            [
                "00000000  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f  | !\"#$%&'()*+,-./|",
                "00000010  30                                                |0|",
                "00000011",
            ],
            id="one more than a line",
        ),
        pytest.param(
            bytes(48) + b"x" * 16,
            [
                "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
                "*",
                "00000030  78 78 78 78 78 78 78 78  78 78 78 78 78 78 78 78  |xxxxxxxxxxxxxxxx|",
                "00000040",
            ],
            id="the same again and again",
        ),
    ],
)
def test_lines(data: bytes, lines: list[str]) -> None:
    assert hexdump.dump(data) == lines


@pytest.mark.skipif(not shutil.which("hexdump"), reason="It is hexdump's word where there is hexdump.")
@settings(max_examples=20)
@given(st.lists(st.sampled_from([bytes(16), b"x" * 16, bytes(range(7)), b"\xff"]), max_size=8).map(b"".join))
def test_hexdump_agrees(data: bytes) -> None:
    theirs = subprocess.run(["hexdump", "-C"], input=data, capture_output=True, check=True).stdout

    assert hexdump.dump(data) == (theirs.decode().splitlines() or ["00000000"])


def buffer(data: bytes, length: int | None = None) -> Bytes:
    return Bytes(0x7000, data, len(data) if length is None else length)


def vector(*data: bytes) -> List:
    parts = [Struct(0, "iovec", (("iov_base", buffer(each)), ("iov_len", Int(9, 9)))) for each in data]
    return List(0x7000, tuple(parts))


def message(*data: bytes) -> Struct:
    other = buffer(b"not this")
    return Struct(0x7000, "msghdr", (("msg_name", other), ("msg_iov", vector(*data)), ("msg_control", other)))


def dumped(name: str, result: Result, *args: Value) -> list[str]:
    """The text part of each line, of descriptor 3."""
    call = Call(Process(1, 1, "x"), name, 0, {f"a{n}": arg for n, arg in enumerate(args)}, result, 1, 2)
    return [line.partition("|")[2][:-1] or line for line in hexdump.of_call(call, {3})]


def moved(count: int) -> Result:
    return Result(count, Int(count, count))


THREE = Fd(3, 3)


@pytest.mark.parametrize(
    ("name", "result", "args", "expected"),
    [
        pytest.param("read", moved(2), (THREE, buffer(b"ab")), ["ab", "00000002"], id="what was read"),
        pytest.param("write", moved(1), (THREE, buffer(b"ab")), ["a", "00000001"], id="what was written"),
        pytest.param(
            "write",
            moved(9),
            (THREE, buffer(b"ab", 9)),
            ["ab", "00000002  ... 9 bytes in all"],
            id="as far as fetched",
        ),
        pytest.param("write", moved(2), (Fd(2, 2), buffer(b"ab")), [], id="not of others"),
        pytest.param("write", moved(0), (THREE, buffer(b"")), [], id="nothing"),
        pytest.param("write", Result(-9, error="EBADF"), (THREE, buffer(b"ab")), [], id="nor of a failure"),
        pytest.param("write", Result(None), (THREE, buffer(b"ab")), [], id="nor before it returned"),
        pytest.param("read", moved(2), (THREE, Address(0x7000)), [], id="what could not be decoded"),
        pytest.param(
            "fsetxattr", moved(2), (THREE, Text(0, b"x"), buffer(b"ab")), [], id="bytes of another kind"
        ),
        pytest.param("write", moved(2), (), [], id="a call without arguments"),
        pytest.param(
            "writev",
            moved(4),
            (THREE, vector(b"ab", b"cde", b"f")),
            ["buffer 1 of 2", "ab", "00000002", "buffer 2 of 2", "cd", "00000002"],
            id="several buffers, as far as they were used",
        ),
        pytest.param("sendmsg", moved(2), (THREE, message(b"ab")), ["ab", "00000002"], id="a message's data"),
        pytest.param(
            "recvmsg",
            moved(2),
            (THREE, Changed(0, message(), message(b"ab"))),
            ["ab", "00000002"],
            id="what came of a message",
        ),
        pytest.param(
            "sendmmsg",
            moved(1),
            (THREE, List(0, (Struct(0, "mmsghdr", (("msg_hdr", message(b"ab")),)),))),
            ["ab", "00000002"],
            id="one message is two bytes",
        ),
        pytest.param(
            "sendmmsg",
            moved(1),
            (
                THREE,
                List(
                    0, tuple(Struct(0, "mmsghdr", (("msg_hdr", message(data)),)) for data in (b"ab", b"cd"))
                ),
            ),
            ["ab", "00000002"],
            id="one of two messages was sent",
        ),
        pytest.param(
            "mq_timedsend", moved(0), (THREE, buffer(b"ab")), ["ab", "00000002"], id="a call that returns 0"
        ),
        pytest.param(
            "mq_timedsend", Result(-11, error="EAGAIN"), (THREE, buffer(b"ab")), [], id="unless it fails"
        ),
        pytest.param(
            "sendto",
            moved(2),
            (THREE, buffer(b"ab"), Struct(0, "sockaddr", (("sa_data", buffer(b"x")),))),
            ["ab", "00000002"],
            id="not where it went",
        ),
    ],
)
def test_what_a_call_moved(name: str, result: Result, args: tuple[Value, ...], expected: list[str]) -> None:
    assert dumped(name, result, *args) == expected
