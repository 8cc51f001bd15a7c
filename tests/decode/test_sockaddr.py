"""Addresses of each family, written as the bytes a program passes."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest

from argtrace.decode.model import Address, Struct
from tests.support.scope import ADDRESS, decode, plain


def _family(number: int, rest: bytes) -> bytes:
    return struct.pack("<H", number) + rest


INET = struct.pack(">H4s8x", 80, bytes((127, 0, 0, 1)))
INET6 = struct.pack(">HI16sI", 443, 0x12345, socket.inet_pton(socket.AF_INET6, "fe80::1"), 2 << 24)

CASES = [
    pytest.param(
        _family(2, INET),
        {"sa_family": "AF_INET", "sin_port": 80, "sin_addr": "127.0.0.1"},
        id="internet, without its padding",
    ),
    pytest.param(
        _family(10, INET6),
        {
            "sa_family": "AF_INET6",
            "sin6_port": 443,
            "sin6_flowinfo": 0x12345,
            "sin6_addr": "fe80::1",
            "sin6_scope_id": 2,
        },
        id="internet 6",
    ),
    pytest.param(
        _family(10, INET6[:22]),
        {"sa_family": "AF_INET6", "sin6_port": 443, "sin6_flowinfo": 0x12345, "sin6_addr": "fe80::1"},
        id="internet 6 as it was first, without a scope",
    ),
    pytest.param(
        _family(2, INET[:9]), {"sa_family": "AF_INET", "sa_data": INET[:9]}, id="too short for its family"
    ),
    pytest.param(_family(1, b"/run/x\0rest"), {"sa_family": "AF_UNIX", "sun_path": b"/run/x"}, id="a path"),
    pytest.param(
        _family(1, b"\0name\0d"), {"sa_family": "AF_UNIX", "sun_path": b"\0name\0d"}, id="an abstract name"
    ),
    pytest.param(_family(1, b""), {"sa_family": "AF_UNIX"}, id="no name"),
    pytest.param(
        _family(1, b"a" * 120), {"sa_family": "AF_UNIX", "sun_path": b"a" * 108}, id="a path without NUL"
    ),
    pytest.param(
        _family(16, struct.pack("<HII", 0, 77, 1)),
        {"sa_family": "AF_NETLINK", "nl_pid": 77, "nl_groups": 1},
        id="netlink",
    ),
    pytest.param(
        _family(17, struct.pack(">H", 0x806) + struct.pack("<iHBB8s", 3, 1, 4, 6, b"\1\2\3\4\5\6")),
        {
            "sa_family": "AF_PACKET",
            "sll_protocol": "ETH_P_ARP",
            "sll_ifindex": 3,
            "sll_hatype": "ARPHRD_ETHER",
            "sll_pkttype": "PACKET_OUTGOING",
            "sll_halen": 6,
            "sll_addr": b"\1\2\3\4\5\6",
        },
        id="packet, with an address as long as it says",
    ),
    pytest.param(
        _family(40, struct.pack("<HIIB3x", 0, 0xFFFF_FFFF, 2, 1)),
        {
            "sa_family": "AF_VSOCK",
            "svm_port": "VMADDR_PORT_ANY",
            "svm_cid": "VMADDR_CID_HOST",
            "svm_flags": "VMADDR_FLAG_TO_HOST",
        },
        id="vsock",
    ),
    pytest.param(
        _family(38, struct.pack("<14sII64s", b"hash", 0, 0, b"sha256")),
        {
            "sa_family": "AF_ALG",
            "salg_type": b"hash",
            "salg_feat": "0x0",
            "salg_mask": "0x0",
            "salg_name": b"sha256",
        },
        id="crypto",
    ),
    pytest.param(
        _family(31, b"\1\2\3\4\5\6\7"),
        {"sa_family": "AF_BLUETOOTH", "sa_data": b"\1\2\3\4\5\6\7"},
        id="bluetooth of no length that there is",
    ),
    pytest.param(
        _family(31, b"\1\2\3\4\5\6\7\0"),
        {"sa_family": "AF_BLUETOOTH", "rc_bdaddr": b"\1\2\3\4\5\6", "rc_channel": 7},
        id="bluetooth, by its length RFCOMM",
    ),
    pytest.param(
        _family(31, b"\3\0\1\2\3\4\5\6\4\0"),
        {
            "sa_family": "AF_BLUETOOTH",
            "l2_psm": "L2CAP_PSM_RFCOMM",
            "l2_bdaddr": b"\1\2\3\4\5\6",
            "l2_cid": "L2CAP_CID_ATT",
        },
        id="bluetooth, by its length L2CAP of older programs",
    ),
    pytest.param(
        _family(30, struct.pack("<BbIII", 2, 2, 18888, 17, 0)),
        {
            "sa_family": "AF_TIPC",
            "addrtype": "TIPC_SERVICE_ADDR",
            "scope": "TIPC_CLUSTER_SCOPE",
            "addr": {"name": {"name": {"type": 18888, "instance": 17}, "domain": 0}},
        },
        id="the part of a union that the type says",
    ),
    pytest.param(
        _family(33, struct.pack("<HHH", 52, 2, 16) + _family(2, INET) + bytes(12)),
        {
            "sa_family": "AF_RXRPC",
            "srx_service": 52,
            "transport_type": "SOCK_DGRAM",
            "transport_len": 16,
            "transport": {"sa_family": "AF_INET", "sin_port": 80, "sin_addr": "127.0.0.1"},
        },
        id="an address in an address",
    ),
    pytest.param(
        _family(99, b"\1\2"), {"sa_family": 99, "sa_data": b"\1\2"}, id="a family that nobody knows"
    ),
    pytest.param(_family(0, b""), {"sa_family": "AF_UNSPEC"}, id="a family and no more"),
]


@pytest.mark.parametrize(("data", "members"), CASES)
def test_families(data: bytes, members: dict[str, Any]) -> None:
    assert plain(decode("sockaddr", data)) == members


@pytest.mark.parametrize("data", [b"", b"\2"])
def test_without_a_family_it_is_an_address(data: bytes) -> None:
    assert decode("sockaddr", data) == Address(ADDRESS)


def test_a_negative_length_is_none() -> None:
    assert decode("sockaddr", _family(2, INET), 0xFFFF_FFFF) == Address(ADDRESS)


def test_its_name_is_that_of_the_structure() -> None:
    value = decode("sockaddr", _family(2, INET))
    assert isinstance(value, Struct)
    assert (value.name, value.raw, value.end) == ("sockaddr_in", ADDRESS, None)
