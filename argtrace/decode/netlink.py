"""Netlink messages: headers, what the protocol puts behind them, and attributes.

    14 00 00 00 16 00 01 03 …     [[nlmsghdr {nlmsg_len=20, nlmsg_type=RTM_GETADDR, …}, ifaddrmsg {…}]]

A buffer is a list of messages, a message a list: its header, the structure that belongs
to its type, then its attributes, a list of [nlattr, content]. A connection of which
nobody knows the protocol has headers alone, and bytes.

    ┌────────────┬──────────────┬────────────┬─────────────────────────────┐
    │ nlmsghdr   │ struct of    │ nla_len,   │ payload, padded to 4 bytes  │ …
    │ 16 bytes   │ the type     │ nla_type   │ (attributes again, if nested) │
    └────────────┴──────────────┴────────────┴─────────────────────────────┘

Source: netlink(7), rtnetlink(7), sock_diag(7); include/uapi/linux/{netlink,rtnetlink,if_link,
if_addr,neighbour,fib_rules,inet_diag,unix_diag,genetlink}.h, netfilter/nfnetlink.h.
"""

from __future__ import annotations

import re
import struct as packing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from argtrace.decode import constants as decoded
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Bytes, File, Flags, Int, List, Missing, Named, Struct, Value, Why
from argtrace.decode.payload import least, payload
from argtrace.decode.tables.errno import ERRNO
from argtrace.signature import constants
from argtrace.signature.calls.network import FAMILY, SOCKET_TYPE
from argtrace.signature.constants import Constants
from argtrace.signature.meaning import (
    BIG_ENDIAN,
    DEVICE,
    HEX,
    PORT,
    UID,
    Array,
    Cell,
    Content,
    Raw,
    String,
    enum,
    flags,
    struct,
)
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.signature.meaning import Struct as StructOf

_HEADER = packing.Struct("<IHHII")
_ATTRIBUTE = packing.Struct("<HH")
_ALIGNMENT = 4
_FIRST_OF_PROTOCOL = 16  # NLMSG_MIN_TYPE
_NESTED, _NETWORK_ORDER = 1 << 15, 1 << 14
_TYPE = _NETWORK_ORDER - 1
_REQUEST = 1
_CAPPED = 0x100
_TLVS = 0x200


@dataclass(frozen=True, slots=True)
class Attributes:
    """`table` has their names; `contents` says what is in those that are no mere bytes."""

    table: str
    contents: Mapping[str, Content | Attributes | Each] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Each:
    """A nested list, whose elements are numbered, and each is a list of these attributes."""

    of: Attributes


@dataclass(frozen=True, slots=True)
class Body:
    """What is behind a message's header."""

    head: StructOf
    attributes: Attributes | None = None


def _be(size: int) -> Cell:
    return Cell(f"u{8 * size}", BIG_ENDIAN)


U8, U16, U32, U64 = Cell("u8"), Cell("u16"), Cell("u32"), Cell("u64")
TEXT = String()
IP = Raw("ip", 16)
LINK = BytesOf(32)
"""A hardware address."""
TABLE = Cell("u32", enum("rt_table"))
_RTPROT = Cell("u8", enum("rt_protocol"))

_LINK = Attributes(
    "ifla",
    {
        "IFLA_ADDRESS": LINK,
        "IFLA_BROADCAST": LINK,
        "IFLA_PERM_ADDRESS": LINK,
        **dict.fromkeys(
            ("IFLA_IFNAME", "IFLA_QDISC", "IFLA_IFALIAS", "IFLA_PHYS_PORT_NAME", "IFLA_ALT_IFNAME"), TEXT
        ),
        **dict.fromkeys(("IFLA_PARENT_DEV_NAME", "IFLA_PARENT_DEV_BUS_NAME"), TEXT),
        **dict.fromkeys(
            ("IFLA_MTU", "IFLA_MIN_MTU", "IFLA_MAX_MTU", "IFLA_LINK", "IFLA_MASTER", "IFLA_TXQLEN"), U32
        ),
        **dict.fromkeys(
            ("IFLA_WEIGHT", "IFLA_NET_NS_PID", "IFLA_NET_NS_FD", "IFLA_NUM_VF", "IFLA_GROUP"), U32
        ),
        **dict.fromkeys(
            ("IFLA_PROMISCUITY", "IFLA_ALLMULTI", "IFLA_NUM_TX_QUEUES", "IFLA_NUM_RX_QUEUES"), U32
        ),
        **dict.fromkeys(
            ("IFLA_GSO_MAX_SEGS", "IFLA_GSO_MAX_SIZE", "IFLA_GRO_MAX_SIZE", "IFLA_TSO_MAX_SIZE"), U32
        ),
        **dict.fromkeys(("IFLA_TSO_MAX_SEGS", "IFLA_GSO_IPV4_MAX_SIZE", "IFLA_GRO_IPV4_MAX_SIZE"), U32),
        **dict.fromkeys(("IFLA_CARRIER_CHANGES", "IFLA_CARRIER_UP_COUNT", "IFLA_CARRIER_DOWN_COUNT"), U32),
        **dict.fromkeys(("IFLA_LINK_NETNSID", "IFLA_NEW_NETNSID", "IFLA_TARGET_NETNSID"), Cell("s32")),
        **dict.fromkeys(("IFLA_IF_NETNSID", "IFLA_NEW_IFINDEX"), Cell("s32")),
        **dict.fromkeys(("IFLA_OPERSTATE", "IFLA_LINKMODE", "IFLA_CARRIER", "IFLA_PROTO_DOWN"), U8),
        **dict.fromkeys(("IFLA_NETNS_IMMUTABLE",), U8),
        **dict.fromkeys(("IFLA_HEADROOM", "IFLA_TAILROOM"), U16),
        "IFLA_EXT_MASK": Cell("u32", flags("ext_filter")),
        "IFLA_EVENT": U32,
        "IFLA_STATS": struct("rtnl_link_stats"),
        "IFLA_STATS64": struct("rtnl_link_stats64"),
        "IFLA_MAP": struct("rtnl_link_ifmap", mem_start=HEX, mem_end=HEX, base_addr=HEX),
        "IFLA_LINKINFO": Attributes("ifla_info", {"IFLA_INFO_KIND": TEXT, "IFLA_INFO_SLAVE_KIND": TEXT}),
        "IFLA_XDP": Attributes(
            "ifla_xdp", {"IFLA_XDP_ATTACHED": U8, "IFLA_XDP_PROG_ID": U32, "IFLA_XDP_FLAGS": U32}
        ),
        "IFLA_AF_SPEC": Attributes(
            "address_family",
            {
                "AF_INET": Attributes("ifla_inet", {"IFLA_INET_CONF": Array(U32, 0)}),
                "AF_INET6": Attributes(
                    "ifla_inet6",
                    {
                        "IFLA_INET6_FLAGS": Cell("u32", HEX),
                        "IFLA_INET6_CONF": Array(Cell("s32"), 0),
                        "IFLA_INET6_STATS": Array(U64, 0),
                        "IFLA_INET6_ICMP6STATS": Array(U64, 0),
                        "IFLA_INET6_TOKEN": IP,
                        "IFLA_INET6_ADDR_GEN_MODE": U8,
                        "IFLA_INET6_RA_MTU": U32,
                    },
                ),
            },
        ),
        "IFLA_PROP_LIST": Attributes("ifla", {"IFLA_ALT_IFNAME": TEXT}),
    },
)
_ADDRESS = Attributes(
    "ifa",
    {
        **dict.fromkeys(("IFA_ADDRESS", "IFA_LOCAL", "IFA_BROADCAST", "IFA_ANYCAST", "IFA_MULTICAST"), IP),
        "IFA_LABEL": TEXT,
        "IFA_FLAGS": Cell("u32", flags("ifa_flags")),
        "IFA_CACHEINFO": struct("ifa_cacheinfo"),
        "IFA_RT_PRIORITY": U32,
        "IFA_TARGET_NETNSID": Cell("s32"),
        "IFA_PROTO": Cell("u8", enum("ifa_protocol")),
    },
)
_METRICS = Attributes(
    "rtax",
    dict.fromkeys(
        (
            "RTAX_LOCK",
            "RTAX_MTU",
            "RTAX_WINDOW",
            "RTAX_RTT",
            "RTAX_RTTVAR",
            "RTAX_SSTHRESH",
            "RTAX_CWND",
            "RTAX_ADVMSS",
            "RTAX_REORDERING",
            "RTAX_HOPLIMIT",
            "RTAX_INITCWND",
            "RTAX_FEATURES",
            "RTAX_RTO_MIN",
            "RTAX_INITRWND",
            "RTAX_QUICKACK",
            "RTAX_FASTOPEN_NO_COOKIE",
        ),
        U32,
    )
    | {"RTAX_CC_ALGO": TEXT},
)
_ROUTE = Attributes(
    "rta",
    {
        **dict.fromkeys(("RTA_DST", "RTA_SRC", "RTA_GATEWAY", "RTA_PREFSRC", "RTA_NEWDST"), IP),
        **dict.fromkeys(
            ("RTA_IIF", "RTA_OIF", "RTA_PRIORITY", "RTA_FLOW", "RTA_MARK", "RTA_UID", "RTA_NH_ID"), U32
        ),
        "RTA_METRICS": _METRICS,
        "RTA_CACHEINFO": struct("rta_cacheinfo"),
        "RTA_TABLE": TABLE,
        "RTA_MFC_STATS": struct("rta_mfc_stats"),
        "RTA_PREF": U8,
        "RTA_TTL_PROPAGATE": U8,
        "RTA_ENCAP_TYPE": U16,
        "RTA_EXPIRES": U32,
        "RTA_IP_PROTO": Cell("u8", enum("ip_protocol")),
        "RTA_SPORT": _be(2),
        "RTA_DPORT": _be(2),
    },
)
_NEIGHBOUR = Attributes(
    "nda",
    {
        "NDA_DST": IP,
        "NDA_LLADDR": LINK,
        "NDA_CACHEINFO": struct("nda_cacheinfo"),
        **dict.fromkeys(
            ("NDA_PROBES", "NDA_VNI", "NDA_IFINDEX", "NDA_MASTER", "NDA_SRC_VNI", "NDA_NH_ID"), U32
        ),
        "NDA_VLAN": U16,
        "NDA_PORT": _be(2),
        "NDA_LINK_NETNSID": Cell("s32"),
        "NDA_PROTOCOL": _RTPROT,
        "NDA_FLAGS_EXT": U32,
    },
)
_RULE = Attributes(
    "fra",
    {
        "FRA_DST": IP,
        "FRA_SRC": IP,
        "FRA_IIFNAME": TEXT,
        "FRA_OIFNAME": TEXT,
        **dict.fromkeys(("FRA_GOTO", "FRA_PRIORITY", "FRA_FWMARK", "FRA_FLOW", "FRA_FWMASK"), U32),
        **dict.fromkeys(("FRA_SUPPRESS_IFGROUP", "FRA_SUPPRESS_PREFIXLEN"), U32),
        "FRA_TUN_ID": _be(8),
        "FRA_TABLE": TABLE,
        "FRA_L3MDEV": U8,
        "FRA_PROTOCOL": _RTPROT,
        "FRA_IP_PROTO": Cell("u8", enum("ip_protocol")),
        "FRA_UID_RANGE": struct("fib_rule_uid_range", start=UID, end=UID),
        "FRA_SPORT_RANGE": struct("fib_rule_port_range"),
        "FRA_DPORT_RANGE": struct("fib_rule_port_range"),
    },
)
_PARAMETERS = Attributes(
    "ndtpa",
    {
        **dict.fromkeys(
            ("NDTPA_IFINDEX", "NDTPA_REFCNT", "NDTPA_QUEUE_LEN", "NDTPA_APP_PROBES", "NDTPA_PROXY_QLEN"), U32
        ),
        **dict.fromkeys(
            ("NDTPA_UCAST_PROBES", "NDTPA_MCAST_PROBES", "NDTPA_QUEUE_LENBYTES", "NDTPA_MCAST_REPROBES"), U32
        ),
        **dict.fromkeys(("NDTPA_REACHABLE_TIME", "NDTPA_BASE_REACHABLE_TIME", "NDTPA_RETRANS_TIME"), U64),
        **dict.fromkeys(
            ("NDTPA_GC_STALETIME", "NDTPA_DELAY_PROBE_TIME", "NDTPA_ANYCAST_DELAY", "NDTPA_LOCKTIME"), U64
        ),
        **dict.fromkeys(("NDTPA_PROXY_DELAY", "NDTPA_INTERVAL_PROBE_TIME_MS"), U64),
    },
)
_TABLES = Attributes(
    "ndta",
    {
        "NDTA_NAME": TEXT,
        **dict.fromkeys(("NDTA_THRESH1", "NDTA_THRESH2", "NDTA_THRESH3"), U32),
        "NDTA_GC_INTERVAL": U64,
        "NDTA_CONFIG": struct("ndt_config"),
        "NDTA_STATS": struct("ndt_stats"),
        "NDTA_PARMS": _PARAMETERS,
    },
)
_TRAFFIC = Attributes(
    "tca",
    {
        "TCA_KIND": TEXT,
        **dict.fromkeys(("TCA_CHAIN", "TCA_FCNT", "TCA_INGRESS_BLOCK", "TCA_EGRESS_BLOCK"), U32),
        "TCA_HW_OFFLOAD": U8,
        "TCA_DUMP_INVISIBLE": BytesOf(0),
    },
)
_NEXTHOP = Attributes(
    "nha",
    {
        **dict.fromkeys(("NHA_ID", "NHA_OIF", "NHA_MASTER"), U32),
        "NHA_GATEWAY": IP,
        "NHA_GROUP_TYPE": U16,
        "NHA_ENCAP_TYPE": U16,
    },
)
_NAMESPACES = Attributes(
    "netnsa",
    dict.fromkeys(("NETNSA_NSID", "NETNSA_TARGET_NSID", "NETNSA_CURRENT_NSID"), Cell("s32"))
    | dict.fromkeys(("NETNSA_PID", "NETNSA_FD"), U32),
)
_CONTROL = Attributes(
    "ctrl_attribute",
    {
        "CTRL_ATTR_FAMILY_ID": U16,
        "CTRL_ATTR_FAMILY_NAME": TEXT,
        **dict.fromkeys(("CTRL_ATTR_VERSION", "CTRL_ATTR_HDRSIZE", "CTRL_ATTR_MAXATTR", "CTRL_ATTR_OP"), U32),
        "CTRL_ATTR_OPS": Each(
            Attributes(
                "ctrl_operation",
                {"CTRL_ATTR_OP_ID": U32, "CTRL_ATTR_OP_FLAGS": Cell("u32", flags("genl_operation"))},
            )
        ),
        "CTRL_ATTR_MCAST_GROUPS": Each(
            Attributes("ctrl_group", {"CTRL_ATTR_MCAST_GRP_NAME": TEXT, "CTRL_ATTR_MCAST_GRP_ID": U32})
        ),
    },
)
_ACKNOWLEDGED = Attributes(
    "nlmsgerr_attribute",
    {"NLMSGERR_ATTR_MSG": TEXT}
    | dict.fromkeys(("NLMSGERR_ATTR_OFFS", "NLMSGERR_ATTR_MISS_TYPE", "NLMSGERR_ATTR_MISS_NEST"), U32),
)

_INTERFACE = Body(
    struct(
        "ifinfomsg",
        ifi_family=FAMILY,
        ifi_type=enum("hardware_type"),
        ifi_flags=flags("net_device_flags"),
        ifi_change=flags("net_device_flags"),
    ),
    _LINK,
)
_ADDRESSES = Body(
    struct("ifaddrmsg", ifa_family=FAMILY, ifa_flags=flags("ifa_flags"), ifa_scope=enum("rt_scope")), _ADDRESS
)
_TC = Body(struct("tcmsg", tcm_family=FAMILY, tcm_handle=HEX, tcm_parent=HEX), _TRAFFIC)

# rtnetlink's types come in fours, NEW, DEL, GET and SET: by the first of them.
_ROUTING: dict[str, Body] = {
    "RTM_NEWLINK": _INTERFACE,
    "RTM_NEWLINKPROP": _INTERFACE,
    "RTM_NEWADDR": _ADDRESSES,
    "RTM_NEWMULTICAST": _ADDRESSES,
    "RTM_NEWANYCAST": _ADDRESSES,
    "RTM_NEWROUTE": Body(
        struct(
            "rtmsg",
            rtm_family=FAMILY,
            rtm_tos=HEX,
            rtm_table=enum("rt_table"),
            rtm_protocol=enum("rt_protocol"),
            rtm_scope=enum("rt_scope"),
            rtm_type=enum("rt_type"),
            rtm_flags=flags("rtm_flags"),
        ),
        _ROUTE,
    ),
    "RTM_NEWNEIGH": Body(
        struct(
            "ndmsg",
            ndm_family=FAMILY,
            ndm_state=flags("neighbour_state"),
            ndm_flags=flags("neighbour_flags"),
            ndm_type=enum("rt_type"),
        ),
        _NEIGHBOUR,
    ),
    "RTM_NEWRULE": Body(
        struct(
            "fib_rule_hdr",
            family=FAMILY,
            tos=HEX,
            table=enum("rt_table"),
            action=enum("rule_action"),
            flags=flags("rule_flags"),
        ),
        _RULE,
    ),
    "RTM_NEWQDISC": _TC,
    "RTM_NEWTCLASS": _TC,
    "RTM_NEWTFILTER": _TC,
    "RTM_NEWCHAIN": _TC,
    "RTM_NEWACTION": Body(struct("tcamsg", tca_family=FAMILY)),
    "RTM_NEWNEIGHTBL": Body(struct("ndtmsg", ndtm_family=FAMILY), _TABLES),
    "RTM_NEWADDRLABEL": Body(
        struct("ifaddrlblmsg", ifal_family=FAMILY),
        Attributes("ifal", {"IFAL_ADDRESS": IP, "IFAL_LABEL": U32}),
    ),
    "RTM_NEWNSID": Body(struct("rtgenmsg", rtgen_family=FAMILY), _NAMESPACES),
    "RTM_NEWSTATS": Body(
        struct("if_stats_msg", family=FAMILY, filter_mask=HEX),
        Attributes("ifla_stats", {"IFLA_STATS_LINK_64": struct("rtnl_link_stats64")}),
    ),
    "RTM_NEWNEXTHOP": Body(
        struct(
            "nhmsg",
            nh_family=FAMILY,
            nh_scope=enum("rt_scope"),
            nh_protocol=enum("rt_protocol"),
            nh_flags=flags("rtm_flags"),
        ),
        _NEXTHOP,
    ),
}

STATES = flags("tcp_states")
STATE = enum("tcp_state")


def _internet(ip: Content, *, asked: bool) -> Body:
    ends = struct("inet_diag_sockid", idiag_sport=PORT, idiag_dport=PORT, idiag_src=ip, idiag_dst=ip)
    if asked:
        head = struct(
            "inet_diag_req_v2",
            sdiag_family=FAMILY,
            sdiag_protocol=enum("ip_protocol"),
            idiag_ext=HEX,
            idiag_states=STATES,
            id=ends,
        )
        return Body(
            head,
            Attributes("inet_diag_request", {"INET_DIAG_REQ_PROTOCOL": Cell("u32", enum("ip_protocol"))}),
        )
    head = struct("inet_diag_msg", idiag_family=FAMILY, idiag_state=STATE, id=ends, idiag_uid=UID)
    return Body(
        head,
        Attributes(
            "inet_diag",
            {
                "INET_DIAG_MEMINFO": struct("inet_diag_meminfo"),
                "INET_DIAG_INFO": struct("tcp_info", tcpi_state=STATE),
                "INET_DIAG_CONG": TEXT,
                **dict.fromkeys(
                    ("INET_DIAG_TOS", "INET_DIAG_TCLASS", "INET_DIAG_SHUTDOWN", "INET_DIAG_SKV6ONLY"), U8
                ),
                "INET_DIAG_PROTOCOL": Cell("u8", enum("ip_protocol")),
                "INET_DIAG_SKMEMINFO": Array(U32, 0),
                "INET_DIAG_MARK": U32,
                "INET_DIAG_CLASS_ID": U32,
                "INET_DIAG_CGROUP_ID": U64,
                "INET_DIAG_SOCKOPT": struct("inet_diag_sockopt"),
            },
        ),
    )


_DIAGNOSED: dict[tuple[str, bool], Body] = {
    ("AF_INET", True): _internet(Raw("ip", 4), asked=True),
    ("AF_INET", False): _internet(Raw("ip", 4), asked=False),
    ("AF_INET6", True): _internet(IP, asked=True),
    ("AF_INET6", False): _internet(IP, asked=False),
    ("AF_UNIX", True): Body(
        struct("unix_diag_req", sdiag_family=FAMILY, udiag_states=STATES, udiag_show=flags("unix_diag_show"))
    ),
    ("AF_UNIX", False): Body(
        struct("unix_diag_msg", udiag_family=FAMILY, udiag_type=SOCKET_TYPE, udiag_state=STATE),
        Attributes(
            "unix_diag",
            {
                "UNIX_DIAG_NAME": BytesOf(108),
                "UNIX_DIAG_VFS": struct("unix_diag_vfs", udiag_vfs_dev=DEVICE),
                "UNIX_DIAG_PEER": U32,
                "UNIX_DIAG_ICONS": Array(U32, 0),
                "UNIX_DIAG_RQLEN": struct("unix_diag_rqlen"),
                "UNIX_DIAG_MEMINFO": Array(U32, 0),
                "UNIX_DIAG_SHUTDOWN": U8,
                "UNIX_DIAG_UID": Cell("u32", UID),
            },
        ),
    ),
    ("AF_NETLINK", True): Body(
        struct(
            "netlink_diag_req",
            sdiag_family=FAMILY,
            sdiag_protocol=enum("netlink_protocol"),
            ndiag_show=flags("netlink_diag_show"),
        )
    ),
    ("AF_NETLINK", False): Body(
        struct(
            "netlink_diag_msg",
            ndiag_family=FAMILY,
            ndiag_type=SOCKET_TYPE,
            ndiag_protocol=enum("netlink_protocol"),
            ndiag_state=STATE,
        ),
        Attributes(
            "netlink_diag",
            {"NETLINK_DIAG_MEMINFO": Array(U32, 0), "NETLINK_DIAG_GROUPS": Array(Cell("u64", HEX), 0)},
        ),
    ),
    ("AF_PACKET", True): Body(
        struct("packet_diag_req", sdiag_family=FAMILY, pdiag_show=flags("packet_diag_show"))
    ),
    ("AF_PACKET", False): Body(
        struct("packet_diag_msg", pdiag_family=FAMILY, pdiag_type=SOCKET_TYPE, pdiag_num=HEX),
        Attributes(
            "packet_diag", {"PACKET_DIAG_UID": Cell("u32", UID), "PACKET_DIAG_MEMINFO": Array(U32, 0)}
        ),
    ),
}

_GENERIC = struct("genlmsghdr")
_NLCTRL = struct("genlmsghdr", cmd=enum("ctrl_command"))
_NETFILTER = struct("nfgenmsg", nfgen_family=FAMILY, res_id=BIG_ENDIAN)

_SETS = {
    "ROUTE": "rtm_type",
    "SOCK_DIAG": "sock_diag_type",
    "XFRM": "xfrm_type",
    "SELINUX": "selinux_type",
    "AUDIT": "audit_type",
    "CRYPTO": "crypto_type",
    "GENERIC": "genl_type",
}
_SUBSYSTEMS = {
    "NFNL_SUBSYS_NONE": "nfnl_type",
    "NFNL_SUBSYS_CTNETLINK": "conntrack_type",
    "NFNL_SUBSYS_CTNETLINK_EXP": "conntrack_exp_type",
    "NFNL_SUBSYS_QUEUE": "nfqueue_type",
    "NFNL_SUBSYS_ULOG": "nflog_type",
    "NFNL_SUBSYS_IPSET": "ipset_type",
    "NFNL_SUBSYS_NFTABLES": "nft_type",
}

_DETAIL = re.compile(r"NETLINK:\[(?:([A-Z_0-9]+)[:\]])?")


def protocol(file: File | None) -> str | None:
    """ROUTE, GENERIC, …; empty if that is not known, None for what is no netlink socket."""
    found = _DETAIL.match(file.detail or "") if file else None
    if found is None:
        return None
    return found[1] if found[1] and not found[1].isdigit() else ""


@decodes("message")
def message(memory: Memory, scope: Scope) -> Value:
    """What is sent or received on the call's descriptor `fd`."""
    try:
        spoken = protocol(scope.file(scope.number("fd") & 0xFFFF_FFFF))
    except KeyError:
        spoken = None
    if spoken is None or spoken == "KOBJECT_UEVENT":  # strings, ended by NUL
        return Bytes(memory.address, memory.data, memory.size)
    return messages(memory, spoken, scope)


@decodes("netlink")
def netlink(memory: Memory, scope: Scope) -> Value:
    try:
        spoken = protocol(scope.file(scope.number("fd") & 0xFFFF_FFFF)) or ""
    except KeyError:
        spoken = ""
    return messages(memory, spoken, scope)


def messages(memory: Memory, protocol: str, scope: Scope) -> Value:
    if len(memory.data) < _HEADER.size:
        return Bytes(memory.address, memory.data, memory.size)
    items: list[Value] = []
    at = 0
    while at + _HEADER.size <= len(memory.data):
        length = int.from_bytes(memory.data[at : at + 4], "little")
        size = min(max(length, _HEADER.size), memory.size - at)
        part = Memory(memory.address + at, memory.data[at : at + size], size)
        items.append(List(part.address, tuple(_message(part, protocol, scope))))
        if length < _HEADER.size:
            break
        at += _aligned(length)
    end = None
    if at < memory.size:
        end = Missing(memory.address + at, Why.CUT, f"{memory.size - at} bytes more")
    return List(memory.address, tuple(items), end)


def _aligned(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT


def _message(memory: Memory, protocol: str, scope: Scope) -> Iterator[Value]:
    length, kind, bits, sequence, port = _HEADER.unpack_from(memory.data)
    type = _type(kind, protocol)
    members = (
        ("nlmsg_len", Int(length, length)),
        ("nlmsg_type", type),
        ("nlmsg_flags", decoded.flags(bits, bits, constants.table(_flags(type, kind, protocol)))),
        ("nlmsg_seq", Int(sequence, sequence)),
        ("nlmsg_pid", Int(port, port)),
    )
    yield Struct(memory.address, "nlmsghdr", members)
    rest = Memory(memory.address + _HEADER.size, memory.data[_HEADER.size :], memory.size - _HEADER.size)
    if not rest.size:
        return
    name = type.name if isinstance(type, Named) else ""
    if kind < _FIRST_OF_PROTOCOL:
        yield from _control(name, bits, rest, protocol, scope)
        return
    body = _body(name, kind, bits, rest.data, protocol)
    if body is None:
        yield Bytes(rest.address, rest.data, rest.size)
        return
    yield scope.content(body.head, rest.data, rest.address)
    at = _aligned(least(body.head))
    if rest.size > at:
        behind = Memory(rest.address + at, rest.data[at:], rest.size - at)
        if body.attributes is None:
            yield Bytes(behind.address, behind.data, behind.size)
        else:
            yield attributes(behind, body.attributes, scope)


def _type(kind: int, protocol: str) -> Named | Int:
    if kind < _FIRST_OF_PROTOCOL:
        return decoded.enum(kind, kind, kind, constants.table("nlmsg_type"))
    if protocol == "NETFILTER":
        subsystem = decoded.enum(kind, kind >> 8, kind >> 8, constants.table("nfnl_subsystem"))
        if not isinstance(subsystem, Named):
            return Int(kind, kind, 16)
        table = _SUBSYSTEMS.get(subsystem.name)
        of_it = constants.table(table).names.get(kind & 0xFF) if table else None
        return Named(kind, kind, f"{subsystem.name}<<8|{of_it or hex(kind & 0xFF)}")
    named = _SETS.get(protocol)
    return decoded.enum(kind, kind, kind, constants.table(named)) if named else Int(kind, kind, 16)


def _flags(type: Named | Int, kind: int, protocol: str) -> str:
    """The set of flags; their upper bits depend on whether something is made, deleted or asked for."""
    name = type.name if isinstance(type, Named) else ""
    if kind < _FIRST_OF_PROTOCOL:
        return "nlmsg_flags_ack" if name == "NLMSG_ERROR" else "nlmsg_flags"
    if protocol == "SOCK_DIAG" or "_GET" in name or (name == "nlctrl"):
        return "nlmsg_flags_get"
    if "_NEW" in name or "_SET" in name or "_UPD" in name:
        return "nlmsg_flags_new"
    if "_DEL" in name:
        return "nlmsg_flags_delete"
    return "nlmsg_flags"


def _control(name: str, bits: int, rest: Memory, protocol: str, scope: Scope) -> Iterator[Value]:
    """NLMSG_ERROR: an error or, with 0, an acknowledgement, and what it is about; NLMSG_DONE: an error or 0."""
    if name == "NLMSG_DONE" and len(rest.data) >= 4:
        yield _error(rest.data)
        behind = Memory(rest.address + 4, rest.data[4:], rest.size - 4)
        if behind.size:
            yield attributes(behind, _ACKNOWLEDGED, scope)
        return
    if name != "NLMSG_ERROR" or len(rest.data) < 4 + _HEADER.size:
        yield Bytes(rest.address, rest.data, rest.size)
        return
    length = int.from_bytes(rest.data[4:8], "little")
    size = _HEADER.size if bits & _CAPPED else min(max(length, _HEADER.size), rest.size - 4)
    about = Memory(rest.address + 4, rest.data[4 : 4 + size], size)
    said = List(about.address, tuple(_message(about, protocol, scope)))
    yield Struct(rest.address, "nlmsgerr", (("error", _error(rest.data)), ("msg", said)))
    at = 4 + _aligned(size)
    if rest.size > at:
        behind = Memory(rest.address + at, rest.data[at:], rest.size - at)
        yield (
            attributes(behind, _ACKNOWLEDGED, scope)
            if bits & _TLVS
            else Bytes(behind.address, behind.data, behind.size)
        )


def _error(data: bytes) -> Value:
    error = int.from_bytes(data[:4], "little", signed=True)
    known = ERRNO.get(-error)
    raw = error & 0xFFFF_FFFF
    return Named(raw, error, f"-{known[0]}") if known else Int(raw, error)


def _body(name: str, kind: int, bits: int, data: bytes, protocol: str) -> Body | None:
    match protocol:
        case "ROUTE":
            first = constants.table("rtm_type").names.get(kind & ~3, "")
            return _ROUTING.get(first)
        case "SOCK_DIAG" if name in {"SOCK_DIAG_BY_FAMILY", "SOCK_DESTROY"}:
            family = constants.table("address_family").names.get(data[0], "") if data else ""
            return _DIAGNOSED.get((family, bool(bits & _REQUEST)))
        case "GENERIC":
            return Body(_NLCTRL, _CONTROL) if name == "nlctrl" else Body(_GENERIC, Attributes(""))
        case "NETFILTER":
            return Body(_NETFILTER, Attributes(""))
    return None


def attributes(memory: Memory, of: Attributes, scope: Scope) -> Value:
    items: list[Value] = []
    at = 0
    while at + _ATTRIBUTE.size <= len(memory.data):
        length, kind = _ATTRIBUTE.unpack_from(memory.data, at)
        if length < _ATTRIBUTE.size:
            break
        size = min(length, memory.size - at) - _ATTRIBUTE.size
        start = at + _ATTRIBUTE.size
        part = Memory(memory.address + start, memory.data[start : start + size], size)
        items.append(_attribute(memory.address + at, length, kind, part, of, scope))
        at += _aligned(length)
    end = None
    if at < memory.size:
        end = Missing(memory.address + at, Why.CUT, f"{memory.size - at} bytes more")
    return List(memory.address, tuple(items), end)


def _attribute(address: int, length: int, kind: int, part: Memory, of: Attributes, scope: Scope) -> Value:
    table = constants.table(of.table) if of.table else _NAMELESS
    name = table.names.get(kind & _TYPE)
    header = (("nla_len", Int(length, length)), ("nla_type", _attribute_type(kind, name)))
    items: list[Value] = [Struct(address, "nlattr", header)]
    if part.size:
        items.append(_content(part, kind, of.contents.get(name or ""), scope))
    return List(address, tuple(items))


_NAMELESS = Constants("", {})


def _attribute_type(kind: int, name: str | None) -> Value:
    if kind & (_NESTED | _NETWORK_ORDER):
        marks = decoded.flags(kind, kind & ~_TYPE, constants.table("nla_flags"))
        if name is None:
            return Flags(kind, kind, marks.names, kind & _TYPE)
        return Flags(kind, kind, (*marks.names, name))
    return Int(kind, kind, 16) if name is None else Named(kind, kind, name)


def _content(part: Memory, kind: int, of: Content | Attributes | Each | None, scope: Scope) -> Value:
    match of:
        case Attributes():
            return attributes(part, of, scope)
        case Each(of=inner):
            return attributes(part, Attributes("", {"": inner}), scope)
        case Array():
            return scope.content(
                replace(of, count=len(part.data) // least(replace(of, count=1))), part.data, part.address
            )
        case BytesOf():
            return Bytes(part.address, part.data, part.size)
        case None:
            if kind & _NESTED:
                return attributes(part, Attributes(""), scope)
            return Bytes(part.address, part.data, part.size)
    return payload(of, part.data, part.size, part.address, scope, partly=isinstance(of, StructOf))
