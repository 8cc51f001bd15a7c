"""What an option's value is, by its level and its name."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from argtrace.decode import sockopt
from argtrace.decode.model import Address, Struct
from argtrace.signature import constants
from argtrace.signature.calls.network import GOT, SET
from argtrace.signature.meaning import Number
from tests.support.scope import ADDRESS, Given, decode, plain

TABLES = {
    "SOL_SOCKET": "sockopt_socket",
    "SOL_IP": "sockopt_ip",
    "SOL_IPV6": "sockopt_ipv6",
    "SOL_TCP": "sockopt_tcp",
    "SOL_PACKET": "sockopt_packet",
    "SOL_NETLINK": "sockopt_netlink",
    "SOL_TLS": "sockopt_tls",
    "SOL_SCTP": "sockopt_sctp",
}


def value(level: str, name: str, data: bytes, got: bool = False, size: int | None = None) -> Any:
    table = "getsockopt_socket" if got and level == "SOL_SOCKET" else TABLES[level]
    numbers = {"level": constants.number("socket_level", level), "optname": constants.number(table, name)}
    return plain(decode("getsockopt" if got else "sockopt", data, size, Given(numbers)))


ONE = struct.pack("<i", 1)
GROUP = b"\xe0\0\0\1"
HOST = b"\x0a\0\0\1"

CASES = [
    pytest.param("SOL_SOCKET", "SO_REUSEADDR", ONE, [1]),
    pytest.param("SOL_SOCKET", "SO_REUSEADDR", b"\1", b"\1", id="too short for a number"),
    pytest.param("SOL_SOCKET", "SO_LINGER", struct.pack("<ii", 1, 5), {"l_onoff": 1, "l_linger": 5}),
    pytest.param("SOL_SOCKET", "SO_RCVTIMEO_OLD", struct.pack("<qq", 1, 2), {"tv_sec": 1, "tv_usec": 2}),
    pytest.param("SOL_SOCKET", "SO_BINDTODEVICE", b"eth0\0", b"eth0"),
    pytest.param("SOL_SOCKET", "SO_TYPE", ONE, ["SOCK_STREAM"]),
    pytest.param("SOL_SOCKET", "SO_ERROR", struct.pack("<i", 111), ["ECONNREFUSED"]),
    pytest.param("SOL_SOCKET", "SO_TIMESTAMPING_OLD", struct.pack("<i", 8), ["SOF_TIMESTAMPING_RX_SOFTWARE"]),
    pytest.param(
        "SOL_SOCKET",
        "SO_TIMESTAMPING_OLD",
        struct.pack("<ii", 8, 3),
        {"flags": "SOF_TIMESTAMPING_RX_SOFTWARE", "bind_phc": 3},
        id="the larger of two structures",
    ),
    pytest.param("SOL_IP", "IP_MULTICAST_IF", HOST, ["10.0.0.1"]),
    pytest.param(
        "SOL_IP",
        "IP_ADD_MEMBERSHIP",
        GROUP + HOST,
        {"imr_multiaddr": "224.0.0.1", "imr_interface": "10.0.0.1"},
    ),
    pytest.param(
        "SOL_IP",
        "IP_ADD_MEMBERSHIP",
        GROUP + HOST + ONE,
        {"imr_multiaddr": "224.0.0.1", "imr_address": "10.0.0.1", "imr_ifindex": 1},
    ),
    pytest.param(
        "SOL_IP",
        "MCAST_JOIN_GROUP",
        struct.pack("<I4x", 2) + b"\2\0\0\0" + GROUP + bytes(120),
        {"gr_interface": 2, "gr_group": {"sa_family": "AF_INET", "sin_port": 0, "sin_addr": "224.0.0.1"}},
    ),
    pytest.param(
        "SOL_IPV6",
        "IPV6_ADD_MEMBERSHIP",
        b"\xff\2" + bytes(13) + b"\1" + ONE,
        {"ipv6mr_multiaddr": "ff02::1", "ipv6mr_ifindex": 1},
    ),
    pytest.param("SOL_TCP", "TCP_CONGESTION", b"reno", b"reno", id="four bytes that are no number"),
    pytest.param("SOL_PACKET", "PACKET_VERSION", struct.pack("<i", 2), ["TPACKET_V3"]),
    pytest.param(
        "SOL_PACKET",
        "PACKET_FANOUT",
        struct.pack("<HH", 7, 0x1001),
        {"id": 7, "type_flags": "PACKET_FANOUT_LB|PACKET_FANOUT_FLAG_ROLLOVER"},
        id="the part of a structure that older programs know",
    ),
    pytest.param("SOL_NETLINK", "NETLINK_LIST_MEMBERSHIPS", struct.pack("<II", 1, 2), [1, 2]),
    pytest.param(
        "SOL_TLS",
        "TLS_TX",
        struct.pack("<HH8s16s4s8s", 0x303, 51, b"i" * 8, b"k" * 16, b"s" * 4, b"r" * 8),
        {
            "info": {"version": "TLS_1_2_VERSION", "cipher_type": "TLS_CIPHER_AES_GCM_128"},
            "iv": b"i" * 8,
            "key": b"k" * 16,
            "salt": b"s" * 4,
            "rec_seq": b"r" * 8,
        },
        id="keys as long as the cipher has them",
    ),
    pytest.param(
        "SOL_TLS", "TLS_TX", struct.pack("<HH", 0x304, 99), {"version": "TLS_1_3_VERSION", "cipher_type": 99}
    ),
    pytest.param(
        "SOL_TLS",
        "TLS_TX",
        struct.pack("<HH4s", 0x304, 99, b"key!"),
        struct.pack("<HH4s", 0x304, 99, b"key!"),
        id="a key of a cipher that nobody knows",
    ),
    pytest.param("SOL_SCTP", "SCTP_MAXSEG", struct.pack("<i", 1400), [1400]),
]


@pytest.mark.parametrize(("level", "name", "data", "expected"), CASES)
def test_values(level: str, name: str, data: bytes, expected: Any) -> None:
    assert value(level, name, data) == expected


def test_a_number_means_another_option_where_it_is_read() -> None:
    code = struct.pack("<HBBI", 6, 0, 0, 0xFFFF)
    instruction = {"code": "BPF_RET|BPF_K", "jt": 0, "jf": 0, "k": 0xFFFF}
    assert value("SOL_SOCKET", "SO_GET_FILTER", code, got=True, size=1) == [instruction]
    # As many bytes are fetched as there are instructions.
    assert value("SOL_SOCKET", "SO_GET_FILTER", (3 * code)[:9], got=True, size=9) == [
        instruction,
        "<cut: not fetched>",
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\1\0", {"sa_family": "AF_UNIX"}),
        (
            b"\2\0\0\x50\x0a\0\0\1" + bytes(8),
            {"sa_family": "AF_INET", "sin_port": 80, "sin_addr": "10.0.0.1"},
        ),
    ],
)
def test_an_address_is_as_long_as_its_length(data: bytes, expected: Any) -> None:
    assert value("SOL_SOCKET", "SO_PEERNAME", data, got=True) == expected


def test_a_structure_of_an_older_kernel_is_whole() -> None:
    found = decode("getsockopt", b"\7" + bytes(103), level=6, optname=11)
    assert isinstance(found, Struct)
    assert (found.name, found.end, plain(found["tcpi_state"])) == ("tcp_info", None, "TCP_CLOSE")


def test_one_that_was_not_fetched_in_full_is_cut() -> None:
    found = decode("getsockopt", b"\7" + bytes(103), 240, level=6, optname=11)
    assert isinstance(found, Struct)
    assert found.end is not None


@pytest.mark.parametrize(("data", "expected"), [(ONE, [1]), (b"\1\2", b"\1\2"), (b"", b"")])
def test_of_unknown_options_numbers_are_numbers(data: bytes, expected: object) -> None:
    assert plain(decode("sockopt", data, level=77, optname=88)) == expected
    assert plain(decode("sockopt", data)) == expected


def test_a_negative_length_is_none() -> None:
    assert decode("sockopt", ONE, 0xFFFF_FFFF, level=1, optname=2) == Address(ADDRESS)


def test_every_option_it_knows_is_one() -> None:
    tables = [
        options.table for choice in (SET, GOT) for _, options in choice.cases if isinstance(options, Number)
    ]
    names = {name for table in tables for name in constants.table(table).names.values()}
    known = {*sockopt._VALUES, *sockopt._ELEMENTS, *sockopt._ONE_OF, *sockopt._GROWING}
    assert known - names == set()
