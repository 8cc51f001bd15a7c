"""Control messages: where each begins and ends, and what is in those that we know."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from argtrace.decode import control_messages
from argtrace.decode.model import Address, Fd, File, List, Struct
from argtrace.signature import constants
from tests.support.scope import ADDRESS, Given, decode, plain

SOCKET, IP, IPV6 = 1, 0, 41


def message(level: int, kind: int, data: bytes, length: int | None = None) -> bytes:
    length = 16 + len(data) if length is None else length
    return struct.pack("<QII", length, level, kind) + data + bytes(-len(data) % 8)


CASES = [
    pytest.param(
        message(SOCKET, 2, struct.pack("<III", 7, 8, 9)), "SCM_CREDENTIALS", {"pid": 7, "uid": 8, "gid": 9}
    ),
    pytest.param(message(SOCKET, 3, b"unconfined\0"), "SCM_SECURITY", b"unconfined"),
    pytest.param(
        message(SOCKET, 29, struct.pack("<qq", 5, 6)), "SO_TIMESTAMP_OLD", {"tv_sec": 5, "tv_usec": 6}
    ),
    pytest.param(
        message(SOCKET, 37, struct.pack("<6q", 1, 2, 0, 0, 3, 4)),
        "SO_TIMESTAMPING_OLD",
        [{"tv_sec": 1, "tv_nsec": 2}, {"tv_sec": 0, "tv_nsec": 0}, {"tv_sec": 3, "tv_nsec": 4}],
    ),
    pytest.param(
        message(IP, 8, struct.pack("<i4s4s", 2, b"\x7f\0\0\1", b"\x0a\0\0\1")),
        "IP_PKTINFO",
        {"ipi_ifindex": 2, "ipi_spec_dst": "127.0.0.1", "ipi_addr": "10.0.0.1"},
    ),
    pytest.param(message(IP, 2, struct.pack("<i", 64)), "IP_TTL", [64]),
    pytest.param(message(IP, 1, b"\x10"), "IP_TOS", [16]),
    pytest.param(message(IP, 2, b"\x40"), "IP_TTL", b"\x40", id="too short for its type"),
    pytest.param(
        message(IP, 11, struct.pack("<IBBBxII", 111, 2, 3, 3, 0, 0) + b"\2\0\0\0\x7f\0\0\1" + bytes(8)),
        "IP_RECVERR",
        {
            "ee_errno": "ECONNREFUSED",
            "ee_origin": "SO_EE_ORIGIN_ICMP",
            "ee_type": 3,
            "ee_code": 3,
            "ee_info": 0,
            "ee_data": 0,
            "offender": {"sa_family": "AF_INET", "sin_port": 0, "sin_addr": "127.0.0.1"},
        },
    ),
    pytest.param(
        message(IPV6, 50, bytes(15) + b"\1" + struct.pack("<i", 1)),
        "IPV6_PKTINFO",
        {"ipi6_addr": "::1", "ipi6_ifindex": 1},
    ),
    pytest.param(message(279, 2, struct.pack("<I", 4) + b"abcd"), "ALG_SET_IV", {"ivlen": 4, "iv": b"abcd"}),
    pytest.param(message(282, 1, b"\x16"), "TLS_SET_RECORD_TYPE", [22]),
    pytest.param(message(SOCKET, 99, b"what"), 99, b"what", id="one that nobody knows"),
]


@pytest.mark.parametrize(("data", "kind", "content"), CASES)
def test_contents(data: bytes, kind: object, content: Any) -> None:
    (one,) = plain(decode("control_messages", data))
    assert (one["cmsg_type"], one["cmsg_data"]) == (kind, content)


def test_descriptors_are_files() -> None:
    file = File(b"/etc/hosts")
    value = decode(
        "control_messages", message(SOCKET, 1, struct.pack("<ii", 3, 4)), scope=Given(files={3: file})
    )
    assert isinstance(value, List)
    (one,) = value.items
    assert isinstance(one, Struct)
    data = one["cmsg_data"]
    assert isinstance(data, List)
    assert data.items == (Fd(3, 3, file), Fd(4, 4))


def test_one_after_the_other() -> None:
    both = message(SOCKET, 1, struct.pack("<i", 3)) + message(SOCKET, 2, struct.pack("<III", 1, 2, 3))
    assert [each["cmsg_len"] for each in plain(decode("control_messages", both))] == [20, 28]


ENDS = [
    pytest.param(
        message(SOCKET, 1, b"\3\0\0\0", 5),
        ["<cut: its length is too short>"],
        id="a length below the header's",
    ),
    pytest.param(
        message(SOCKET, 1, b"\3\0\0\0") + b"left", ["<cut: 4 bytes more>"], id="less than a header behind it"
    ),
    pytest.param(message(SOCKET, 1, b"\3\0\0\0", 400), [], id="a length beyond the end"),
]


@pytest.mark.parametrize(("data", "end"), ENDS)
def test_where_it_ends(data: bytes, end: list[str]) -> None:
    assert plain(decode("control_messages", data))[1:] == end


def test_what_is_not_fetched_is_said() -> None:
    value = decode("control_messages", message(SOCKET, 1, b"\3\0\0\0"), size=512)
    assert plain(value)[1:] == ["<cut: 488 bytes more>"]


def test_descriptors_that_are_not_fetched_are_said() -> None:
    data = message(SOCKET, 1, struct.pack("<200i", *range(200)))
    value = decode("control_messages", data[:512], size=len(data))
    assert plain(value)[1:] == ["<cut: 304 bytes more>"]
    assert isinstance(value, List)
    one = value.items[0]
    assert isinstance(one, Struct)
    descriptors = one["cmsg_data"]
    assert isinstance(descriptors, List)
    assert (len(descriptors.items), descriptors.length) == (124, 200)
    assert plain(descriptors)[124:] == ["<cut: not fetched>"]


def test_no_room_for_a_header() -> None:
    assert decode("control_messages", b"abc") == Address(ADDRESS)


def test_every_type_it_knows_is_one() -> None:
    tables = control_messages._TYPES.values()
    names = {name for table in tables for name in constants.table(table).names.values()}
    assert control_messages._CONTENTS.keys() - names == set()
