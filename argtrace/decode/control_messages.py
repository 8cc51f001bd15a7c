"""What comes beside a message: descriptors, credentials, timestamps, where a packet came from.

    1c 00 … 01 00 00 00 01 00 00 00 03 00 00 00 …
    [cmsghdr {cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}]

    ┌───────────┬────────────┬───────────┬──────────────┐
    │ cmsg_len  │ cmsg_level │ cmsg_type │ data …       │ padded to 8 bytes
    │ 8 bytes   │ 4          │ 4         │ cmsg_len-16  │
    └───────────┴────────────┴───────────┴──────────────┘

Source: cmsg(3), unix(7), ip(7), ipv6(7), packet(7); include/linux/socket.h (CMSG_NXTHDR),
net/core/scm.c, net/ipv4/ip_sockglue.c, net/ipv6/datagram.c.
"""

from __future__ import annotations

import struct as packing

from argtrace.decode import constants as decoded
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, Bytes, Int, List, Missing, Struct, Value, Why
from argtrace.decode.payload import payload
from argtrace.decode.sockaddr import IP6
from argtrace.signature import constants
from argtrace.signature.constants import Constants
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    BIG_ENDIAN,
    ERRNO,
    FD,
    GID,
    HEX,
    IP4,
    PID,
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
from argtrace.value import replace

NO_NAMES = Constants("", {})

_HEADER = packing.Struct("<QII")
_ALIGNMENT = 8

INT = Cell("int")
U32 = Cell("u32")
CREDENTIALS = struct("ucred", pid=PID, uid=UID, gid=GID)
ERROR = struct(
    "sock_extended_err",
    ee_errno=ERRNO,
    ee_origin=enum("error_origin"),
    only_=("ee_errno", "ee_origin", "ee_type", "ee_code", "ee_info", "ee_data"),
)

# The sets of types, by level; the number of a type is not always that of the option.
_TYPES = {
    "SOL_SOCKET": "scm_socket",
    "SOL_IP": "scm_ip",
    "SOL_IPV6": "sockopt_ipv6",
    "SOL_TCP": "scm_tcp",
    "SOL_UDP": "sockopt_udp",
    "SOL_SCTP": "scm_sctp",
    "SOL_CAN_RAW": "scm_can_raw",
    "SOL_CAN_J1939": "scm_can_j1939",
    "SOL_PACKET": "scm_packet",
    "SOL_NETLINK": "scm_netlink",
    "SOL_TIPC": "scm_tipc",
    "SOL_RXRPC": "scm_rxrpc",
    "SOL_BLUETOOTH": "scm_bluetooth",
    "SOL_RDS": "scm_rds",
    "SOL_ALG": "sockopt_alg",
    "SOL_TLS": "tls_record",
    "SOL_VSOCK": "scm_vsock",
}

_CONTENTS: dict[str, Content] = {
    "SCM_CREDENTIALS": CREDENTIALS,
    "SCM_SECURITY": String(),
    "SCM_PIDFD": Cell("int", FD),
    "SO_TIMESTAMP_OLD": struct("timeval"),
    "SO_TIMESTAMP_NEW": struct("__kernel_sock_timeval"),
    "SO_TIMESTAMPNS_OLD": struct("timespec"),
    "SO_TIMESTAMPNS_NEW": struct("timespec"),
    "SO_TIMESTAMPING_OLD": Array(struct("timespec"), 3),
    "SO_TIMESTAMPING_NEW": Array(struct("timespec"), 3),
    "SCM_TIMESTAMPING_PKTINFO": struct("scm_ts_pktinfo"),
    "SCM_TS_OPT_ID": U32,
    "SO_RXQ_OVFL": U32,
    "SO_WIFI_STATUS": INT,
    "SO_TXTIME": Cell("u64"),
    "SO_MARK": Cell("u32", HEX),
    "SO_PRIORITY": U32,
    "SCM_DEVMEM_LINEAR": struct("dmabuf_cmsg"),
    "SCM_DEVMEM_DMABUF": struct("dmabuf_cmsg"),
    "SCM_INQ": INT,
    "IP_PKTINFO": struct("in_pktinfo", ipi_spec_dst=IP4, ipi_addr=IP4),
    "IP_TTL": INT,
    "IP_TOS": Cell("u8", HEX),
    "IP_ORIGDSTADDR": Raw("sockaddr", 16),
    "IP_CHECKSUM": Cell("u32", HEX),
    "IP_RECVFRAGSIZE": INT,
    "IP_PROTOCOL": Cell("int", enum("ip_protocol")),
    "IPV6_PKTINFO": struct("in6_pktinfo", ipi6_addr=IP6),
    "IPV6_2292PKTINFO": struct("in6_pktinfo", ipi6_addr=IP6),
    "IPV6_HOPLIMIT": INT,
    "IPV6_2292HOPLIMIT": INT,
    "IPV6_TCLASS": Cell("int", HEX),
    "IPV6_FLOWINFO": Cell("u32", BIG_ENDIAN),
    "IPV6_ORIGDSTADDR": Raw("sockaddr", 28),
    "IPV6_PATHMTU": struct("ip6_mtuinfo", ip6m_addr=Raw("sockaddr", 28)),
    "IPV6_RECVFRAGSIZE": INT,
    "TCP_CM_INQ": INT,
    "UDP_GRO": INT,
    "UDP_SEGMENT": Cell("u16"),
    "TLS_SET_RECORD_TYPE": Cell("u8"),
    "TLS_GET_RECORD_TYPE": Cell("u8"),
    "PACKET_AUXDATA": struct("tpacket_auxdata", tp_status=flags("tpacket_status")),
    "NETLINK_PKTINFO": struct("nl_pktinfo"),
    "NETLINK_LISTEN_ALL_NSID": INT,
    "ALG_SET_OP": Cell("u32", enum("alg_operation")),
    "ALG_SET_AEAD_ASSOCLEN": U32,
    "SCTP_INIT": struct("sctp_initmsg"),
    "SCTP_SNDRCV": struct("sctp_sndrcvinfo"),
    "SCTP_SNDINFO": struct("sctp_sndinfo"),
    "SCTP_RCVINFO": struct("sctp_rcvinfo"),
    "SCTP_NXTINFO": struct("sctp_nxtinfo"),
    "SCTP_PRINFO": struct("sctp_prinfo"),
    "SCTP_AUTHINFO": struct("sctp_authinfo"),
    "SCTP_DSTADDRV4": Cell("u32", IP4),
    "SCTP_DSTADDRV6": IP6,
}


@decodes("control_messages")
def control_messages(memory: Memory, scope: Scope) -> Value:
    if memory.size < _HEADER.size:
        return Address(memory.address)
    items: list[Value] = []
    at = 0
    while at + _HEADER.size <= len(memory.data):
        length, level, kind = _HEADER.unpack_from(memory.data, at)
        data = memory.data[at + _HEADER.size : at + max(length, _HEADER.size)]
        items.append(_message(memory.address + at, length, level, kind, data, scope))
        if length < _HEADER.size:
            return List(
                memory.address, tuple(items), Missing(memory.address + at, Why.CUT, "its length is too short")
            )
        at += -(-length // _ALIGNMENT) * _ALIGNMENT
    if at < memory.size or memory.cut:
        at = min(at, len(memory.data))
        end = Missing(memory.address + at, Why.CUT, f"{memory.size - at} bytes more")
        return List(memory.address, tuple(items), end)
    return List(memory.address, tuple(items))


def _message(address: int, length: int, level: int, kind: int, data: bytes, scope: Scope) -> Struct:
    levels = constants.table("socket_level")
    named = _TYPES.get(levels.names.get(level, ""))
    types = constants.table(named) if named else NO_NAMES
    members: list[tuple[str, Value]] = [
        ("cmsg_len", Int(length, length)),
        ("cmsg_level", decoded.enum(level, level, level, levels)),
        ("cmsg_type", decoded.enum(kind, kind, kind, types)),
    ]
    size = length - _HEADER.size
    if size > 0:
        where = address + _HEADER.size
        members.append(("cmsg_data", _data(types.names.get(kind, ""), data, size, where, scope)))
    return Struct(address, "cmsghdr", tuple(members))


def _data(name: str, data: bytes, size: int, address: int, scope: Scope) -> Value:
    match name:
        case "SCM_RIGHTS":
            return scope.content(Array(Cell("int", FD), size // 4), data, address)
        case "IP_RECVERR" | "IPV6_RECVERR" | "PACKET_TX_TIMESTAMP" | "VSOCK_RECVERR":
            error = payload(ERROR, data, size, address, scope)
            at = layout("sock_extended_err").size
            if not isinstance(error, Struct) or len(data) == at:
                return error
            # SO_EE_OFFENDER: who sent it lies behind it.
            offender = scope.content(Raw("sockaddr", size - at), data[at:], address + at)
            return replace(error, members=(*error.members, ("offender", offender)))
        case "ALG_SET_IV" if len(data) >= 4:
            length = int.from_bytes(data[:4], "little")
            iv = Bytes(address + 4, data[4 : 4 + length], length)
            return Struct(address, "af_alg_iv", (("ivlen", Int(length, length)), ("iv", iv)))
    content = _CONTENTS.get(name)
    return Bytes(address, data, size) if content is None else payload(content, data, size, address, scope)
