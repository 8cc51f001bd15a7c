"""What io_uring says it can do."""

from __future__ import annotations

import struct

import pytest

from argtrace.decode.model import Address, Int
from tests.support import record_writer as write
from tests.support.decoding import args
from tests.support.scope import decode, plain

HEADER = struct.pack("<BBH3I", 62, 2, 0, 0, 0, 0)


def operation(number: int, flags: int) -> bytes:
    return struct.pack("<BBHI", number, 0, flags, 0)


def test_the_operations_that_the_kernel_wrote() -> None:
    room = HEADER + operation(0, 1) + operation(22, 0) + bytes(16)
    assert plain(decode("io_uring_probe", room)) == {
        "last_op": "IORING_OP_PIPE",
        "ops_len": 2,
        "ops": [
            {"op": "IORING_OP_NOP", "flags": "IO_URING_OP_SUPPORTED"},
            {"op": "IORING_OP_READ", "flags": "0x0"},
        ],
    }


def test_fewer_were_fetched() -> None:
    found = plain(decode("io_uring_probe", HEADER + operation(0, 1), len(HEADER) + 16))
    assert found["ops"] == [{"op": "IORING_OP_NOP", "flags": "IO_URING_OP_SUPPORTED"}, "<cut: not fetched>"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param(0x1 | 0x8, Address(0x40), id="an address, of which nothing was fetched"),
        pytest.param(0x1 | 0x8 | 0x40, Int(0x40, 0x40), id="an offset into the region"),
    ],
)
def test_what_it_waits_with(flags: int, expected: object) -> None:
    assert args(write.call("io_uring_enter", [9, 0, 1, flags, 0x40, 64]))["argp"] == expected
