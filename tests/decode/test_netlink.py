"""Netlink messages: one after the other, with what the protocol says is in them."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from argtrace.decode.model import Bytes, File
from argtrace.decode.netlink_bodies import ACKNOWLEDGED, DIAGNOSED, NLCTRL, ROUTING, Attributes, Body, Each
from argtrace.signature import constants
from tests.support.scope import ADDRESS, Given, decode, plain

REQUEST, MULTI, ACK, DUMP = 1, 2, 4, 0x300


def message(kind: int, payload: bytes = b"", flags: int = 0, length: int | None = None) -> bytes:
    length = 16 + len(payload) if length is None else length
    return struct.pack("<IHHII", length, kind, flags, 7, 0) + payload + bytes(-len(payload) % 4)


def attribute(kind: int, payload: bytes) -> bytes:
    return struct.pack("<HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def read(data: bytes, protocol: str = "ROUTE", size: int | None = None) -> Any:
    scope = Given({"fd": 3}, {3: File(b"socket:[8]", f"NETLINK:[{protocol}:4711]")})
    return plain(decode("netlink", data, size, scope))


def test_header_and_structure() -> None:
    request = message(18, struct.pack("<BBHiII", 0, 0, 1, 2, 0x41, 0), REQUEST | DUMP)
    assert read(request) == [
        [
            {
                "nlmsg_len": 32,
                "nlmsg_type": "RTM_GETLINK",
                "nlmsg_flags": "NLM_F_REQUEST|NLM_F_DUMP",
                "nlmsg_seq": 7,
                "nlmsg_pid": 0,
            },
            {
                "ifi_family": "AF_UNSPEC",
                "ifi_type": "ARPHRD_ETHER",
                "ifi_index": 2,
                "ifi_flags": "IFF_UP|IFF_RUNNING",
                "ifi_change": "0x0",
            },
        ]
    ]


ADDR = struct.pack("<BBBBI", 2, 24, 0x80, 0, 4)


def test_attributes() -> None:
    attributes = (
        attribute(1, b"\x0a\0\0\1")
        + attribute(3, b"eth0\0")
        + attribute(8, struct.pack("<I", 0x80))
        + attribute(99, b"?")
    )
    assert read(message(20, ADDR + attributes))[0][2] == [
        [{"nla_len": 8, "nla_type": "IFA_ADDRESS"}, "10.0.0.1"],
        [{"nla_len": 9, "nla_type": "IFA_LABEL"}, b"eth0"],
        [{"nla_len": 8, "nla_type": "IFA_FLAGS"}, "IFA_F_PERMANENT"],
        [{"nla_len": 5, "nla_type": 99}, b"?"],
    ]


def test_attributes_within_attributes() -> None:
    kind = attribute(0x8000 | 18, attribute(1, b"bridge\0"))
    assert read(message(16, bytes(16) + kind))[0][2] == [
        [
            {"nla_len": 16, "nla_type": "NLA_F_NESTED|IFLA_LINKINFO"},
            [[{"nla_len": 11, "nla_type": "IFLA_INFO_KIND"}, b"bridge"]],
        ]
    ]


def test_a_list_of_numbered_elements() -> None:
    operations = attribute(6, attribute(1, attribute(1, b"\3\0\0\0") + attribute(2, b"\x0e\0\0\0")))
    _, head, found = read(message(16, b"\1\2\0\0" + operations), "GENERIC")[0]
    assert head == {"cmd": "CTRL_CMD_NEWFAMILY", "version": 2}
    assert found[0][1][0][1] == [
        [{"nla_len": 8, "nla_type": "CTRL_ATTR_OP_ID"}, 3],
        [
            {"nla_len": 8, "nla_type": "CTRL_ATTR_OP_FLAGS"},
            "GENL_CMD_CAP_DO|GENL_CMD_CAP_DUMP|GENL_CMD_CAP_HASPOL",
        ],
    ]


FLAGS = [
    pytest.param(16, 0x400 | REQUEST, "NLM_F_REQUEST|NLM_F_CREATE", id="something is made"),
    pytest.param(17, 0x200 | REQUEST, "NLM_F_REQUEST|NLM_F_BULK", id="something is deleted"),
    pytest.param(18, 0x400 | REQUEST, "NLM_F_REQUEST|NLM_F_ATOMIC", id="something is asked for"),
    pytest.param(2, 0x100, "NLM_F_CAPPED", id="an answer"),
    pytest.param(3, 0x100, "0x100", id="a bit that means nothing here"),
]


@pytest.mark.parametrize(("kind", "flags", "names"), FLAGS)
def test_flags_mean_what_the_type_says(kind: int, flags: int, names: str) -> None:
    assert read(message(kind, b"", flags))[0][0]["nlmsg_flags"] == names


TYPES = [
    pytest.param("SOCK_DIAG", 20, "SOCK_DIAG_BY_FAMILY"),
    pytest.param("AUDIT", 1000, "AUDIT_GET"),
    pytest.param("XFRM", 0x10, "XFRM_MSG_NEWSA"),
    pytest.param("GENERIC", 16, "nlctrl"),
    pytest.param("NETFILTER", 0xA01, "NFNL_SUBSYS_NFTABLES<<8|NFT_MSG_GETTABLE"),
    pytest.param("NETFILTER", 0x1FF, "NFNL_SUBSYS_CTNETLINK<<8|0xff"),
    pytest.param("NETFILTER", 0xFF00, 0xFF00),
    pytest.param("ROUTE", 9999, 9999),
    pytest.param("8", 16, 16, id="of a protocol nobody knows"),
    pytest.param("8", 3, "NLMSG_DONE", id="the same in every protocol"),
]


@pytest.mark.parametrize(("protocol", "kind", "name"), TYPES)
def test_types(protocol: str, kind: int, name: object) -> None:
    assert read(message(kind), protocol)[0][0]["nlmsg_type"] == name


def test_sockets_asked_for_and_found() -> None:
    ends = struct.pack(">HH16s16s", 80, 0, b"\x7f\0\0\1" + bytes(12), bytes(16)) + bytes(12)
    asked = read(message(20, b"\2\6\0\0" + struct.pack("<I", 0x400) + ends, REQUEST), "SOCK_DIAG")[0][1]
    assert (asked["sdiag_protocol"], asked["idiag_states"]) == ("IPPROTO_TCP", "TCPF_LISTEN")
    found = read(message(20, b"\2\x0a\0\0" + ends + bytes(20), MULTI), "SOCK_DIAG")[0][1]
    assert (found["idiag_state"], found["id"]["idiag_src"], found["id"]["idiag_sport"]) == (
        "TCP_LISTEN",
        "127.0.0.1",
        80,
    )


def test_errors_say_what_they_are_about() -> None:
    about = message(18, b"", REQUEST)
    (_, error), *_ = read(message(2, struct.pack("<i", -19) + about))
    assert error["error"] == "-ENODEV"
    assert error["msg"][0]["nlmsg_type"] == "RTM_GETLINK"


def test_an_acknowledgement_with_attributes() -> None:
    answer = struct.pack("<i", 0) + message(18, b"", REQUEST) + attribute(1, b"well\0")
    assert read(message(2, answer, 0x300))[0][2] == [
        [{"nla_len": 9, "nla_type": "NLMSGERR_ATTR_MSG"}, b"well"]
    ]


def test_one_message_after_the_other() -> None:
    both = message(20, ADDR + b"\5\0\3\0x", MULTI) + message(3, bytes(4), MULTI)
    assert [each[0]["nlmsg_type"] for each in read(both)] == ["RTM_NEWADDR", "NLMSG_DONE"]


def test_what_is_not_fetched_is_said() -> None:
    first, end = read(message(20, ADDR + attribute(1, b"\x0a\0\0\1")) * 3, size=400)[2:]
    assert first[0]["nlmsg_type"] == "RTM_NEWADDR"
    assert end == "<cut: 304 bytes more>"


ENDS = [
    pytest.param(message(18, b"", length=5), 1, id="a length below the header's"),
    pytest.param(message(18, b"", length=4000), 1, id="a length beyond the end"),
    pytest.param(message(18) + b"rest", 2, id="less than a header behind it"),
]


@pytest.mark.parametrize(("data", "count"), ENDS)
def test_where_it_ends(data: bytes, count: int) -> None:
    assert len(read(data)) == count


def test_events_of_devices_are_text() -> None:
    scope = Given({"fd": 3}, {3: File(b"socket:[8]", "NETLINK:[KOBJECT_UEVENT:1]")})
    text = b"add@/devices/x\0ACTION=add\0"
    assert decode("netlink", text, scope=scope) == Bytes(ADDRESS, text, len(text))


def test_nesting_has_an_end() -> None:
    deep = b""
    for _ in range(100):
        deep = attribute(0x8001, deep)
    read(message(0xA01, bytes(4) + deep), "NETFILTER")
    error = b""
    for _ in range(100):
        error = message(2, bytes(4) + error)
    read(error)


def test_every_attribute_it_knows_is_one() -> None:
    wrong: list[str] = []

    def look(at: object) -> None:
        if isinstance(at, Body):
            look(at.attributes)
        elif isinstance(at, Each):
            look(at.of)
        elif isinstance(at, Attributes):
            names = constants.table(at.table).names.values() if at.table else at.contents
            wrong.extend(name for name in at.contents if name not in names)
            for content in at.contents.values():
                look(content)

    for each in (*ROUTING.values(), *DIAGNOSED.values(), NLCTRL, ACKNOWLEDGED):
        look(each)
    assert wrong == []
    assert ROUTING.keys() - set(constants.table("rtm_type").names.values()) == set()
