"""What is in a netlink message: the structure of its type, and what its attributes contain.

Source: rtnetlink(7), sock_diag(7); include/uapi/linux/{rtnetlink,if_link,if_addr,neighbour,fib_rules,
nexthop,inet_diag,unix_diag,netlink_diag,packet_diag,genetlink}.h, netfilter/nfnetlink.h, and
the policies of the attributes: net/core/rtnetlink.c, net/ipv4/fib_frontend.c and the like.

Data alone: how messages are taken apart is `netlink.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from argtrace.decode.sockaddr import IP6 as IP
from argtrace.signature.calls.network import FAMILY, SOCKET_TYPE
from argtrace.signature.meaning import (
    BIG_ENDIAN,
    DEVICE,
    HEX,
    PORT,
    RESERVED,
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
from argtrace.value import fresh, frozen


@frozen
class Attributes:
    """`table` has their names; `contents` says what is in those that are no mere bytes."""

    table: str
    contents: Mapping[str, Content | Attributes | Each] = fresh(factory=dict)


@frozen
class Each:
    """A nested list, whose elements are numbered, and each is a list of these attributes."""

    of: Attributes


@frozen
class Body:
    """What is behind a message's header."""

    head: StructOf
    attributes: Attributes | None = None


def _be(size: int) -> Cell:
    return Cell(f"u{8 * size}", BIG_ENDIAN)


def _all(content: Content, *names: str) -> dict[str, Content]:
    """Several attributes that contain the same."""
    return {name: content for each in names for name in each.split()}


U8, U16, U32, S32, U64 = (Cell(type) for type in ("u8", "u16", "u32", "s32", "u64"))
TEXT = String()
LINK = BytesOf(32)
"""A hardware address."""
TABLE = Cell("u32", enum("rt_table"))
_RTPROT = Cell("u8", enum("rt_protocol"))

NAMELESS = Attributes("")
"""Those of which nobody knows the names."""
_LINK = Attributes(
    "ifla",
    {
        "IFLA_ADDRESS": LINK,
        "IFLA_BROADCAST": LINK,
        "IFLA_PERM_ADDRESS": LINK,
        **_all(
            TEXT,
            "IFLA_IFNAME IFLA_QDISC IFLA_IFALIAS IFLA_PHYS_PORT_NAME IFLA_ALT_IFNAME",
            "IFLA_PARENT_DEV_NAME IFLA_PARENT_DEV_BUS_NAME",
        ),
        **_all(
            U32,
            "IFLA_MTU IFLA_MIN_MTU IFLA_MAX_MTU IFLA_LINK IFLA_MASTER IFLA_TXQLEN",
            "IFLA_WEIGHT IFLA_NET_NS_PID IFLA_NET_NS_FD IFLA_NUM_VF IFLA_GROUP",
            "IFLA_PROMISCUITY IFLA_ALLMULTI IFLA_NUM_TX_QUEUES IFLA_NUM_RX_QUEUES",
            "IFLA_GSO_MAX_SEGS IFLA_GSO_MAX_SIZE IFLA_GRO_MAX_SIZE IFLA_TSO_MAX_SIZE",
            "IFLA_TSO_MAX_SEGS IFLA_GSO_IPV4_MAX_SIZE IFLA_GRO_IPV4_MAX_SIZE",
            "IFLA_CARRIER_CHANGES IFLA_CARRIER_UP_COUNT IFLA_CARRIER_DOWN_COUNT",
        ),
        **_all(
            S32,
            "IFLA_LINK_NETNSID IFLA_NEW_NETNSID IFLA_TARGET_NETNSID",
            "IFLA_NEW_IFINDEX",
        ),
        "IFLA_OPERSTATE": Cell("u8", enum("if_operstate")),
        "IFLA_LINKMODE": Cell("u8", enum("if_link_mode")),
        **_all(U8, "IFLA_CARRIER IFLA_PROTO_DOWN IFLA_NETNS_IMMUTABLE"),
        **_all(U16, "IFLA_HEADROOM IFLA_TAILROOM"),
        "IFLA_EXT_MASK": Cell("u32", flags("ext_filter")),
        "IFLA_EVENT": U32,
        "IFLA_STATS": struct("rtnl_link_stats"),
        "IFLA_STATS64": struct("rtnl_link_stats64"),
        "IFLA_MAP": struct("rtnl_link_ifmap", mem_start=HEX, mem_end=HEX, base_addr=HEX),
        "IFLA_LINKINFO": Attributes("ifla_info", {"IFLA_INFO_KIND": TEXT, "IFLA_INFO_SLAVE_KIND": TEXT}),
        "IFLA_XDP": Attributes(
            "ifla_xdp",
            {
                "IFLA_XDP_ATTACHED": Cell("u8", enum("xdp_attached")),
                "IFLA_XDP_FLAGS": Cell("u32", flags("xdp_link_flags")),
                **_all(U32, "IFLA_XDP_PROG_ID IFLA_XDP_DRV_PROG_ID IFLA_XDP_SKB_PROG_ID IFLA_XDP_HW_PROG_ID"),
                "IFLA_XDP_FD": S32,
                "IFLA_XDP_EXPECTED_FD": S32,
            },
        ),
        "IFLA_AF_SPEC": Attributes(
            "address_family",
            {
                "AF_INET": Attributes("ifla_inet", {"IFLA_INET_CONF": Array(U32, 0)}),
                "AF_INET6": Attributes(
                    "ifla_inet6",
                    {
                        "IFLA_INET6_FLAGS": Cell("u32", flags("inet6_link")),
                        "IFLA_INET6_CONF": Array(S32, 0),
                        "IFLA_INET6_CACHEINFO": struct("ifla_cacheinfo"),
                        "IFLA_INET6_STATS": Array(U64, 0),
                        "IFLA_INET6_ICMP6STATS": Array(U64, 0),
                        "IFLA_INET6_TOKEN": IP,
                        "IFLA_INET6_ADDR_GEN_MODE": Cell("u8", enum("in6_addr_gen_mode")),
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
        **_all(IP, "IFA_ADDRESS IFA_LOCAL IFA_BROADCAST IFA_ANYCAST IFA_MULTICAST"),
        "IFA_LABEL": TEXT,
        "IFA_FLAGS": Cell("u32", flags("ifa_flags")),
        "IFA_CACHEINFO": struct("ifa_cacheinfo"),
        "IFA_RT_PRIORITY": U32,
        "IFA_TARGET_NETNSID": S32,
        "IFA_PROTO": Cell("u8", enum("ifa_protocol")),
    },
)
_METRICS = Attributes(
    "rtax",
    _all(
        U32,
        "RTAX_LOCK RTAX_MTU RTAX_WINDOW RTAX_RTT RTAX_RTTVAR RTAX_SSTHRESH RTAX_CWND RTAX_ADVMSS",
        "RTAX_REORDERING RTAX_HOPLIMIT RTAX_INITCWND RTAX_FEATURES RTAX_RTO_MIN RTAX_INITRWND",
        "RTAX_QUICKACK RTAX_FASTOPEN_NO_COOKIE",
    )
    | {"RTAX_CC_ALGO": TEXT},
)
_ROUTE = Attributes(
    "rta",
    {
        **_all(IP, "RTA_DST RTA_SRC RTA_GATEWAY RTA_PREFSRC RTA_NEWDST"),
        **_all(U32, "RTA_IIF RTA_OIF RTA_PRIORITY RTA_FLOW RTA_MARK RTA_UID RTA_NH_ID"),
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
        **_all(U32, "NDA_PROBES NDA_VNI NDA_IFINDEX NDA_MASTER NDA_SRC_VNI NDA_NH_ID"),
        "NDA_VLAN": U16,
        "NDA_PORT": _be(2),
        "NDA_LINK_NETNSID": S32,
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
        **_all(
            U32,
            "FRA_GOTO FRA_PRIORITY FRA_FWMARK FRA_FLOW FRA_FWMASK",
            "FRA_SUPPRESS_IFGROUP FRA_SUPPRESS_PREFIXLEN",
        ),
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
        **_all(
            U32,
            "NDTPA_IFINDEX NDTPA_REFCNT NDTPA_QUEUE_LEN NDTPA_APP_PROBES NDTPA_PROXY_QLEN",
            "NDTPA_UCAST_PROBES NDTPA_MCAST_PROBES NDTPA_QUEUE_LENBYTES NDTPA_MCAST_REPROBES",
        ),
        **_all(
            U64,
            "NDTPA_REACHABLE_TIME NDTPA_BASE_REACHABLE_TIME NDTPA_RETRANS_TIME",
            "NDTPA_GC_STALETIME NDTPA_DELAY_PROBE_TIME NDTPA_ANYCAST_DELAY NDTPA_LOCKTIME",
            "NDTPA_PROXY_DELAY NDTPA_INTERVAL_PROBE_TIME_MS",
        ),
    },
)
_TABLES = Attributes(
    "ndta",
    {
        "NDTA_NAME": TEXT,
        **_all(U32, "NDTA_THRESH1 NDTA_THRESH2 NDTA_THRESH3"),
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
        **_all(U32, "TCA_CHAIN TCA_FCNT TCA_INGRESS_BLOCK TCA_EGRESS_BLOCK"),
        "TCA_HW_OFFLOAD": U8,
        "TCA_DUMP_INVISIBLE": BytesOf(0),
    },
)
_NEXTHOP = Attributes(
    "nha",
    {
        **_all(U32, "NHA_ID NHA_OIF NHA_MASTER"),
        "NHA_GATEWAY": IP,
        "NHA_GROUP_TYPE": U16,
        "NHA_ENCAP_TYPE": U16,
    },
)
_NAMESPACES = Attributes(
    "netnsa",
    _all(S32, "NETNSA_NSID NETNSA_TARGET_NSID NETNSA_CURRENT_NSID") | _all(U32, "NETNSA_PID NETNSA_FD"),
)
_SETTINGS = Attributes(
    "netconfa",
    _all(
        S32,
        "NETCONFA_IFINDEX NETCONFA_FORWARDING NETCONFA_RP_FILTER NETCONFA_MC_FORWARDING NETCONFA_PROXY_NEIGH",
        "NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN NETCONFA_INPUT NETCONFA_BC_FORWARDING",
    ),
)
_CONTROL = Attributes(
    "ctrl_attribute",
    {
        "CTRL_ATTR_FAMILY_ID": U16,
        "CTRL_ATTR_FAMILY_NAME": TEXT,
        **_all(U32, "CTRL_ATTR_VERSION CTRL_ATTR_HDRSIZE CTRL_ATTR_MAXATTR CTRL_ATTR_OP"),
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
ACKNOWLEDGED = Attributes(
    "nlmsgerr_attribute",
    {
        "NLMSGERR_ATTR_MSG": TEXT,
        **_all(U32, "NLMSGERR_ATTR_OFFS NLMSGERR_ATTR_MISS_TYPE NLMSGERR_ATTR_MISS_NEST"),
    },
)

_INTERFACE = Body(
    struct(
        "ifinfomsg",
        ifi_family=FAMILY,
        __ifi_pad=RESERVED,
        ifi_type=enum("hardware_type"),
        ifi_flags=flags("net_device_flags"),
        ifi_change=flags("net_device_flags"),
    ),
    _LINK,
)
_ADDRESSES = Body(
    struct("ifaddrmsg", ifa_family=FAMILY, ifa_flags=flags("ifa_flags"), ifa_scope=enum("rt_scope")), _ADDRESS
)
_TC = Body(
    struct(
        "tcmsg", tcm_family=FAMILY, tcm__pad1=RESERVED, tcm__pad2=RESERVED, tcm_handle=HEX, tcm_parent=HEX
    ),
    _TRAFFIC,
)

# rtnetlink's types come in fours, NEW, DEL, GET and SET: by the first of them.
ROUTING: dict[str, Body] = {
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
            ndm_pad1=RESERVED,
            ndm_pad2=RESERVED,
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
            res1=RESERVED,
            res2=RESERVED,
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
    "RTM_NEWACTION": Body(struct("tcamsg", tca_family=FAMILY, tca__pad1=RESERVED, tca__pad2=RESERVED)),
    "RTM_NEWNEIGHTBL": Body(
        struct("ndtmsg", ndtm_family=FAMILY, ndtm_pad1=RESERVED, ndtm_pad2=RESERVED), _TABLES
    ),
    "RTM_NEWADDRLABEL": Body(
        struct("ifaddrlblmsg", ifal_family=FAMILY, __ifal_reserved=RESERVED),
        Attributes("ifal", {"IFAL_ADDRESS": IP, "IFAL_LABEL": U32}),
    ),
    "RTM_NEWNETCONF": Body(struct("netconfmsg", ncm_family=FAMILY), _SETTINGS),
    "RTM_NEWMDB": Body(struct("br_port_msg", family=FAMILY), NAMELESS),
    "RTM_NEWVLAN": Body(
        struct("br_vlan_msg", family=FAMILY, reserved1=RESERVED, reserved2=RESERVED), NAMELESS
    ),
    "RTM_NEWNSID": Body(struct("rtgenmsg", rtgen_family=FAMILY), _NAMESPACES),
    "RTM_NEWSTATS": Body(
        struct("if_stats_msg", family=FAMILY, pad1=RESERVED, pad2=RESERVED, filter_mask=HEX),
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
                **_all(U8, "INET_DIAG_TOS INET_DIAG_TCLASS INET_DIAG_SHUTDOWN INET_DIAG_SKV6ONLY"),
                "INET_DIAG_PROTOCOL": Cell("u8", enum("ip_protocol")),
                "INET_DIAG_SKMEMINFO": Array(U32, 0),
                "INET_DIAG_MARK": U32,
                "INET_DIAG_CLASS_ID": U32,
                "INET_DIAG_CGROUP_ID": U64,
                "INET_DIAG_SOCKOPT": struct("inet_diag_sockopt"),
            },
        ),
    )


DIAGNOSED: dict[tuple[str, bool], Body] = {
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

GENERIC = Body(struct("genlmsghdr"), NAMELESS)
NLCTRL = Body(struct("genlmsghdr", cmd=enum("ctrl_command")), _CONTROL)
NETFILTER = Body(struct("nfgenmsg", nfgen_family=FAMILY, res_id=BIG_ENDIAN), NAMELESS)
CIPHER = Body(struct("crypto_user_alg", cru_type=HEX, cru_mask=HEX, cru_flags=HEX), NAMELESS)
AUDIT = Body(struct("audit_status", mask=HEX, feature_bitmap=HEX))
