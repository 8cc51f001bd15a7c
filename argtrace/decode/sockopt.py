"""The values of socket options: numbers, structures, names, as the level and the option say.

    setsockopt(…, SOL_SOCKET, SO_LINGER, 01 00 00 00 05 00 00 00, 8)     linger {l_onoff=1, l_linger=5}

What is not here is a number if it has four bytes, else the bytes.

Source: man pages of section 7; net/core/sock.c, net/ipv4/{ip_sockglue,tcp,udp}.c,
net/ipv6/ipv6_sockglue.c, net/packet/af_packet.c, net/netlink/af_netlink.c and the like for what
each option takes; include/uapi/linux for the structures.

Not here: which options a level has is `signature/calls/network.py`, their names `constants`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from argtrace.decode.control_messages import CREDENTIALS
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, Bytes, Value
from argtrace.decode.payload import least, payload
from argtrace.decode.sockaddr import IP6
from argtrace.signature import constants
from argtrace.signature.calls.network import FAMILY, GOT, SET, SOCKET_TYPE
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    BIG_ENDIAN,
    ERRNO,
    FD,
    GID,
    HEX,
    IP4,
    Array,
    Cell,
    Content,
    Least,
    Number,
    Raw,
    String,
    enum,
    flags,
    struct,
)
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.signature.sizes import element_size
from argtrace.value import replace

INT = Cell("int")
_HEX = Cell("u32", HEX)
_FLOW = Cell("u32", BIG_ENDIAN)
SOCKADDR = Raw("sockaddr", 128)

_MTU_DISCOVER = Cell("int", enum("ip_pmtudisc"))
_SECURITY = struct("bt_security", level=enum("bt_security"))
_IN_GROUP = struct("ip_mreqn", imr_multiaddr=IP4, imr_address=IP4)
_IN_INTERFACE = struct("ip_mreq", imr_multiaddr=IP4, imr_interface=IP4)
_IN_SOURCE = struct("ip_mreq_source", imr_multiaddr=IP4, imr_interface=IP4, imr_sourceaddr=IP4)
_IN6_GROUP = struct("ipv6_mreq", ipv6mr_multiaddr=IP6)
_GROUP = struct("group_req", gr_group=SOCKADDR)
_SOURCE = struct("group_source_req", gsr_group=SOCKADDR, gsr_source=SOCKADDR)
_PACKETS = struct("packet_mreq", mr_type=enum("packet_membership"), mr_address=BytesOf(Least("mr_alen", 8)))
_FPROG = struct("sock_fprog")
_VIF = struct("vifctl", vifc_lcl_addr=IP4, vifc_rmt_addr=IP4)
_MFC = struct("mfcctl", mfcc_origin=IP4, mfcc_mcastgrp=IP4)
_ASSOCIATION = struct("sctp_assoc_value")
_TIMESTAMPING = (
    struct("so_timestamping", flags=flags("timestamping")),
    Cell("int", flags("timestamping")),
)

_VALUES: dict[str, Content] = {
    # SOL_SOCKET
    "SO_TYPE": Cell("int", SOCKET_TYPE),
    "SO_DOMAIN": Cell("int", FAMILY),
    "SO_ERROR": Cell("int", ERRNO),
    "SO_LINGER": struct("linger"),
    "SO_PEERCRED": CREDENTIALS,
    "SO_RCVTIMEO_OLD": struct("timeval"),
    "SO_SNDTIMEO_OLD": struct("timeval"),
    "SO_RCVTIMEO_NEW": struct("__kernel_sock_timeval"),
    "SO_SNDTIMEO_NEW": struct("__kernel_sock_timeval"),
    "SO_BINDTODEVICE": String(),
    "SO_ATTACH_FILTER": _FPROG,
    "SO_ATTACH_REUSEPORT_CBPF": _FPROG,
    "SO_ATTACH_BPF": Cell("int", FD),
    "SO_ATTACH_REUSEPORT_EBPF": Cell("int", FD),
    "SO_PEERNAME": SOCKADDR,
    "SO_PEERSEC": String(),
    "SO_PEERPIDFD": Cell("int", FD),
    "SO_MARK": _HEX,
    "SO_COOKIE": Cell("u64"),
    "SO_NETNS_COOKIE": Cell("u64"),
    "SO_TXTIME": struct("sock_txtime", clockid=enum("clock_id"), flags=flags("txtime")),
    "SO_BUF_LOCK": Cell("u32", flags("sock_buf_lock")),
    "SO_DEVMEM_DONTNEED": struct("dmabuf_token"),
    # SOL_IP, SOL_IPV6
    "IP_TOS": Cell("int", HEX),
    "IP_MTU_DISCOVER": _MTU_DISCOVER,
    "IP_BLOCK_SOURCE": _IN_SOURCE,
    "IP_UNBLOCK_SOURCE": _IN_SOURCE,
    "IP_ADD_SOURCE_MEMBERSHIP": _IN_SOURCE,
    "IP_DROP_SOURCE_MEMBERSHIP": _IN_SOURCE,
    "IP_UNICAST_IF": Cell("u32", BIG_ENDIAN),
    "IP_LOCAL_PORT_RANGE": Cell("u32", HEX),
    "IP_PROTOCOL": Cell("int", enum("ip_protocol")),
    "IP_MSFILTER": struct(
        "ip_msfilter",
        imsf_multiaddr=IP4,
        imsf_interface=IP4,
        imsf_fmode=enum("mcast_filter"),
        only_=("imsf_multiaddr", "imsf_interface", "imsf_fmode", "imsf_numsrc"),
    ),
    "MCAST_MSFILTER": struct(
        "group_filter",
        gf_group=SOCKADDR,
        gf_fmode=enum("mcast_filter"),
        only_=("gf_interface", "gf_group", "gf_fmode", "gf_numsrc"),
    ),
    "SO_ORIGINAL_DST": SOCKADDR,
    "MCAST_JOIN_GROUP": _GROUP,
    "MCAST_LEAVE_GROUP": _GROUP,
    "MCAST_BLOCK_SOURCE": _SOURCE,
    "MCAST_UNBLOCK_SOURCE": _SOURCE,
    "MCAST_JOIN_SOURCE_GROUP": _SOURCE,
    "MCAST_LEAVE_SOURCE_GROUP": _SOURCE,
    "MRT_ADD_VIF": _VIF,
    "MRT_DEL_VIF": _VIF,
    "MRT_ADD_MFC": _MFC,
    "MRT_DEL_MFC": _MFC,
    "MRT_ADD_MFC_PROXY": _MFC,
    "MRT_DEL_MFC_PROXY": _MFC,
    "IPT_SO_GET_INFO": struct("ipt_getinfo"),
    "IPT_SO_SET_REPLACE": struct("ipt_replace"),
    "IPT_SO_GET_REVISION_MATCH": struct("xt_get_revision"),
    "IPT_SO_GET_REVISION_TARGET": struct("xt_get_revision"),
    "IPV6_TCLASS": Cell("int", HEX),
    "IPV6_ADDRFORM": Cell("int", FAMILY),
    "IPV6_MTU_DISCOVER": Cell("int", enum("ipv6_pmtudisc")),
    "IPV6_ADD_MEMBERSHIP": _IN6_GROUP,
    "IPV6_DROP_MEMBERSHIP": _IN6_GROUP,
    "IPV6_JOIN_ANYCAST": _IN6_GROUP,
    "IPV6_LEAVE_ANYCAST": _IN6_GROUP,
    "IPV6_PKTINFO": struct("in6_pktinfo", ipi6_addr=IP6),
    "IPV6_2292PKTINFO": struct("in6_pktinfo", ipi6_addr=IP6),
    "IPV6_PATHMTU": struct("ip6_mtuinfo", ip6m_addr=Raw("sockaddr", 28)),
    "IPV6_FLOWLABEL_MGR": struct("in6_flowlabel_req", flr_dst=IP6, flr_label=BIG_ENDIAN),
    "IPV6_ADDR_PREFERENCES": Cell("int", flags("ipv6_addr_preferences")),
    "IPV6_UNICAST_IF": _FLOW,
    "IP6T_SO_ORIGINAL_DST": SOCKADDR,
    "IP6T_SO_GET_REVISION_MATCH": struct("xt_get_revision"),
    "IP6T_SO_GET_REVISION_TARGET": struct("xt_get_revision"),
    "MRT6_ADD_MIF": struct("mif6ctl"),
    "ICMP_FILTER": _HEX,
    "ICMPV6_FILTER": Array(_HEX, 8),
    # SOL_TCP, SOL_UDP, SOL_MPTCP, SOL_TLS
    "TCP_CONGESTION": String(),
    "TCP_ULP": String(),
    "TCP_INFO": struct(
        "tcp_info",
        tcpi_state=enum("tcp_state"),
        tcpi_ca_state=enum("tcp_ca_state"),
        tcpi_options=flags("tcpi_options"),
    ),
    "TCP_REPAIR": Cell("int", enum("tcp_repair")),
    "TCP_REPAIR_QUEUE": Cell("int", enum("tcp_repair_queue")),
    "TCP_REPAIR_WINDOW": struct("tcp_repair_window"),
    "TCP_QUEUE_SEQ": Cell("u32"),
    "TCP_TIMESTAMP": Cell("u32"),
    "TCP_MD5SIG": struct("tcp_md5sig", tcpm_addr=SOCKADDR),
    "TCP_MD5SIG_EXT": struct("tcp_md5sig", tcpm_addr=SOCKADDR),
    "TCP_AO_ADD_KEY": struct("tcp_ao_add", addr=SOCKADDR),
    "TCP_AO_DEL_KEY": struct("tcp_ao_del", addr=SOCKADDR),
    "TCP_AO_INFO": struct("tcp_ao_info_opt"),
    "TCP_AO_REPAIR": struct("tcp_ao_repair"),
    "TCP_ZEROCOPY_RECEIVE": struct("tcp_zerocopy_receive", address=HEX, copybuf_address=HEX, msg_control=HEX),
    "UDP_ENCAP": Cell("int", enum("udp_encap")),
    "MPTCP_INFO": struct("mptcp_info", mptcpi_flags=flags("mptcp_info_flags"), mptcpi_token=HEX),
    "MPTCP_TCPINFO": struct("mptcp_subflow_data"),
    "MPTCP_SUBFLOW_ADDRS": struct("mptcp_subflow_data"),
    # SOL_SCTP
    "SCTP_RTOINFO": struct("sctp_rtoinfo"),
    "SCTP_ASSOCINFO": struct("sctp_assocparams"),
    "SCTP_INITMSG": struct("sctp_initmsg"),
    "SCTP_EVENTS": struct("sctp_event_subscribe"),
    "SCTP_STATUS": struct("sctp_status"),
    "SCTP_PEER_ADDR_PARAMS": struct("sctp_paddrparams", spp_address=SOCKADDR),
    "SCTP_DEFAULT_SEND_PARAM": struct("sctp_sndrcvinfo"),
    "SCTP_CONTEXT": _ASSOCIATION,
    "SCTP_PR_SUPPORTED": _ASSOCIATION,
    "SCTP_STREAM_SCHEDULER": _ASSOCIATION,
    # SOL_PACKET
    "PACKET_ADD_MEMBERSHIP": _PACKETS,
    "PACKET_DROP_MEMBERSHIP": _PACKETS,
    "PACKET_VERSION": Cell("int", enum("tpacket_version")),
    "PACKET_TIMESTAMP": Cell("int", flags("timestamping")),
    "PACKET_FANOUT": struct("fanout_args", type_flags=flags("packet_fanout")),
    "PACKET_ROLLOVER_STATS": struct("tpacket_rollover_stats"),
    # SOL_NETLINK, and the others
    "NETLINK_RX_RING": struct("nl_mmap_req"),
    "NETLINK_TX_RING": struct("nl_mmap_req"),
    "TIPC_GROUP_JOIN": struct("tipc_group_req", scope=enum("tipc_scope"), flags=HEX),
    "BT_SECURITY": _SECURITY,
    "BT_POWER": struct("bt_power"),
    "BT_VOICE": struct("bt_voice"),
    "ALG_SET_KEY_BY_KEY_SERIAL": INT,
    "SO_VM_SOCKETS_BUFFER_SIZE": Cell("u64"),
    "SO_VM_SOCKETS_BUFFER_MIN_SIZE": Cell("u64"),
    "SO_VM_SOCKETS_BUFFER_MAX_SIZE": Cell("u64"),
    "SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD": struct("timeval"),
    "SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW": struct("__kernel_sock_timeval"),
    "XDP_MMAP_OFFSETS": struct("xdp_mmap_offsets"),
    "XDP_UMEM_REG": struct("xdp_umem_reg", addr=HEX, flags=flags("xdp_umem_flags")),
    "XDP_STATISTICS": struct("xdp_statistics"),
    "XDP_OPTIONS": struct("xdp_options", flags=flags("xdp_options")),
    "CAN_RAW_ERR_FILTER": _HEX,
    "RDS_GET_MR": struct("rds_get_mr_args"),
}

# As many of these as there is room for.
_ELEMENTS: dict[str, Array] = {
    "SO_PEERGROUPS": Array(Cell("u32", GID), 0),
    "SO_MEMINFO": Array(Cell("u32"), 0),
    "NETLINK_LIST_MEMBERSHIPS": Array(Cell("u32", HEX), 0),
    "TCP_REPAIR_OPTIONS": Array(struct("tcp_repair_opt"), 0),
    "CAN_RAW_FILTER": Array(struct("can_filter", can_id=HEX, can_mask=HEX), 0),
}

# One of several: the first of which there is enough.
_ONE_OF: dict[str, tuple[Content, ...]] = {
    "SO_TIMESTAMPING_OLD": _TIMESTAMPING,
    "SO_TIMESTAMPING_NEW": _TIMESTAMPING,
    "SO_MAX_PACING_RATE": (Cell("u64"), Cell("u32")),
    "IP_MULTICAST_IF": (_IN_GROUP, _IN_INTERFACE, Cell("u32", IP4)),
    "IP_ADD_MEMBERSHIP": (_IN_GROUP, _IN_INTERFACE),
    "IP_DROP_MEMBERSHIP": (_IN_GROUP, _IN_INTERFACE),
    "SCTP_MAXSEG": (_ASSOCIATION, INT),
    "SCTP_MAX_BURST": (_ASSOCIATION, INT),
    "PACKET_RX_RING": (struct("tpacket_req3"), struct("tpacket_req")),
    "PACKET_TX_RING": (struct("tpacket_req3"), struct("tpacket_req")),
    "PACKET_STATISTICS": (struct("tpacket_stats_v3"), struct("tpacket_stats")),
}

# Structures that grow, of which older kernels and programs know a part.
_GROWING = frozenset(
    {
        "IP_MSFILTER",
        "MCAST_MSFILTER",
        "MPTCP_INFO",
        "MPTCP_SUBFLOW_ADDRS",
        "MPTCP_TCPINFO",
        "PACKET_FANOUT",
        "SCTP_EVENTS",
        "SCTP_PEER_ADDR_PARAMS",
        "SCTP_STATUS",
        "TCP_AO_INFO",
        "TCP_INFO",
        "TCP_ZEROCOPY_RECEIVE",
    }
)

_TLS_INFO = struct("tls_crypto_info", version=enum("tls_version"), cipher_type=enum("tls_cipher"))


@decodes("sockopt")
def sockopt(memory: Memory, scope: Scope) -> Value:
    return _value(memory, _option(scope, got=False), scope)


@decodes("getsockopt")
def getsockopt(memory: Memory, scope: Scope) -> Value:
    return _value(memory, _option(scope, got=True), scope)


def _option(scope: Scope, *, got: bool) -> str:
    """The option's name; empty if it has none."""
    try:
        level, number = (scope.number(name) & 0xFFFF_FFFF for name in ("level", "optname"))
    except KeyError:
        return ""
    table = _tables(got=got).get(level)
    return constants.table(table).names.get(number, "") if table else ""


@functools.cache
def _tables(*, got: bool) -> Mapping[int, str]:
    """The set of a level's options, by the level."""
    names = GOT if got else SET
    return {
        constants.number(names.table, level): options.table
        for level, options in names.cases
        if isinstance(options, Number)
    }


def _value(memory: Memory, name: str, scope: Scope) -> Value:
    data, size = memory.data, memory.size
    if size >> 31:  # as an int it is negative
        return Address(memory.address)
    if name in {"TLS_TX", "TLS_RX"}:
        cipher = _tls(data)
        if cipher is _TLS_INFO and size > least(cipher):
            return Bytes(memory.address, data, size)  # a key for what nobody knows
        return payload(cipher, data, size, memory.address, scope)
    if name == "SO_GET_FILTER":  # its length counts instructions
        return scope.content(Array(Raw("sock_filter", 8), size), data, memory.address)
    if name in _ELEMENTS:
        each = _ELEMENTS[name]
        return scope.content(replace(each, count=size // element_size(each)), data, memory.address)
    content = next((one for one in _ONE_OF.get(name, ()) if least(one) <= len(data)), _VALUES.get(name))
    if content is None and size == least(INT):
        content = INT
    if content is None:
        return Bytes(memory.address, data, size)
    if isinstance(content, Raw):
        content = replace(content, size=size)
    return payload(content, data, size, memory.address, scope, partly=name in _GROWING)


def _tls(data: bytes) -> Content:
    """Keys are as long as the cipher has them."""
    cipher = constants.table("tls_cipher").names.get(int.from_bytes(data[2:4], "little"), "")
    name = f"tls12_crypto_info_{cipher.removeprefix('TLS_CIPHER_').lower()}"
    try:
        whole = layout(name).size
    except KeyError:
        return _TLS_INFO
    return struct(name, info=_TLS_INFO) if whole <= len(data) else _TLS_INFO
