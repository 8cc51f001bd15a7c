"""What io_uring says it can do."""

from __future__ import annotations

import struct

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
