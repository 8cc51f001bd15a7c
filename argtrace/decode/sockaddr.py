"""Socket addresses of all families, and the addresses in them.

    02 00 00 50 7f 00 00 01 …    sockaddr_in {sa_family=AF_INET, sin_port=80, sin_addr=127.0.0.1}

Members have their names in C, but the first is `sa_family` in all of them. Of an address
shorter than its family's structure, and of a family nobody knows, the bytes are kept.

Source: man pages of section 7; include/uapi/linux/{in,in6,un,netlink,if_packet,vm_sockets,
if_alg,can,x25,ax25,rose,atalk,llc,tipc,if_xdp,nfc,phonet,qrtr,mctp,rxrpc,if_pppox,atm}.h,
caif/caif_socket.h until Linux 6.19; include/net/bluetooth/*.h, include/net/af_ieee802154.h.
"""

from __future__ import annotations

from argtrace.decode import constants as decoded
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, Bytes, Ip, Struct, Text, Value
from argtrace.signature import constants
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    BIG_ENDIAN,
    FD,
    HEX,
    IP4,
    PID,
    PORT,
    RESERVED,
    Choice,
    Least,
    Meaning,
    Raw,
    String,
    When,
    enum,
    flags,
    net16,
    struct,
)
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.signature.meaning import Struct as StructOf

_FAMILY = 2
"""Bytes of sa_family."""
_PATH = 108
"""UNIX_PATH_MAX."""
SHARED = 1
"""XDP_SHARED_UMEM."""

IP6 = Raw("ip", 16)
ETHERNET = net16("ethernet_protocol")
BDADDR = BytesOf(6)
CALL_SIGN = struct("ax25_address", ax25_call=BytesOf(7))
AX25 = struct("sockaddr_ax25", sax25_call=CALL_SIGN, only_=("sax25_call", "sax25_ndigis"))

_TIPC = Choice(
    "addrtype",
    "tipc_addrtype",
    {
        "TIPC_SERVICE_RANGE": struct("sockaddr_tipc.addr", only_=("nameseq",)),
        "TIPC_SERVICE_ADDR": struct("sockaddr_tipc.addr", only_=("name",)),
        "TIPC_SOCKET_ADDR": struct("sockaddr_tipc.addr", only_=("id",)),
    },
    default=BytesOf(12),
)


def _of(name: str, **members: Meaning) -> StructOf:
    """All of the structure's members but the family, which is the first."""
    return StructOf(
        name, tuple(members.items()), only=tuple(member.name for member in layout(name).members[1:])
    )


_IN6 = _of("sockaddr_in6", sin6_port=PORT, sin6_flowinfo=BIG_ENDIAN, sin6_addr=IP6)

_FAMILIES: dict[str, StructOf] = {
    "AF_INET": struct("sockaddr_in", sin_port=PORT, sin_addr=IP4, only_=("sin_port", "sin_addr")),
    "AF_INET6": _IN6,
    "AF_NETLINK": _of("sockaddr_nl", nl_pad=RESERVED, nl_groups=HEX),
    "AF_PACKET": _of(
        "sockaddr_ll",
        sll_protocol=ETHERNET,
        sll_hatype=enum("hardware_type"),
        sll_pkttype=enum("packet_type"),
    ),
    "AF_VSOCK": _of(
        "sockaddr_vm",
        svm_reserved1=RESERVED,
        svm_port=enum("vsock_port"),
        svm_cid=enum("vsock_cid"),
        svm_flags=flags("vsock_flags"),
        svm_zero=RESERVED,
    ),
    "AF_ALG": _of(
        "sockaddr_alg",
        salg_type=String(),
        salg_feat=flags("alg_feature"),
        salg_mask=flags("alg_feature"),
    ),
    "AF_CAN": _of("sockaddr_can"),
    "AF_X25": _of("sockaddr_x25"),
    "AF_ROSE": _of(
        "sockaddr_rose",
        srose_addr=struct("rose_address", rose_addr=BytesOf(5)),
        srose_call=CALL_SIGN,
        srose_digi=CALL_SIGN,
    ),
    "AF_APPLETALK": struct(
        "sockaddr_at",
        sat_addr=struct("atalk_addr", s_net=BIG_ENDIAN),
        only_=("sat_port", "sat_addr"),
    ),
    "AF_IPX": _of(
        "sockaddr_ipx",
        sipx_port=PORT,
        sipx_network=BIG_ENDIAN,
        sipx_node=BytesOf(6),
        sipx_type=HEX,
        sipx_zero=HEX,
    ),
    "AF_LLC": _of("sockaddr_llc", sllc_arphrd=enum("hardware_type"), sllc_sap=HEX, sllc_mac=BytesOf(6)),
    "AF_TIPC": _of("sockaddr_tipc", addrtype=enum("tipc_addrtype"), scope=enum("tipc_scope"), addr=_TIPC),
    "AF_XDP": _of(
        "sockaddr_xdp", sxdp_flags=flags("xdp_flags"), sxdp_shared_umem_fd=When("sxdp_flags", SHARED, FD)
    ),
    "AF_CAIF": _of("sockaddr_caif"),
    "AF_PHONET": _of("sockaddr_pn", spn_obj=HEX, spn_dev=HEX, spn_resource=HEX, spn_zero=RESERVED),
    "AF_QIPCRTR": _of("sockaddr_qrtr", sq_node=enum("qrtr_node"), sq_port=enum("qrtr_port")),
    "AF_IUCV": _of(
        "sockaddr_iucv", **dict.fromkeys(("siucv_nodeid", "siucv_user_id", "siucv_name"), BytesOf(8))
    ),
    "AF_ATMPVC": _of("sockaddr_atmpvc"),
    "AF_ATMSVC": _of("sockaddr_atmsvc"),
    "AF_MCTP": _of(
        "sockaddr_mctp",
        __smctp_pad0=RESERVED,
        smctp_network=HEX,
        smctp_type=HEX,
        smctp_tag=HEX,
        __smctp_pad1=RESERVED,
    ),
    "AF_RXRPC": _of(
        "sockaddr_rxrpc", transport_type=flags("socket_type"), transport=Raw("sockaddr", "transport_len")
    ),
}

# What is there of an address that may be shorter than its structure: sin6_scope_id came later.
_SHORTEST = {"AF_INET6": 24}

_BLUETOOTH = {
    6: _of("sockaddr_hci", hci_channel=enum("hci_channel")),
    8: _of("sockaddr_sco", sco_bdaddr=BDADDR),
    10: _of("sockaddr_rc", rc_bdaddr=BDADDR),
    12: StructOf(
        "sockaddr_l2",
        (("l2_psm", enum("l2cap_psm")), ("l2_bdaddr", BDADDR), ("l2_cid", enum("l2cap_cid"))),
        only=("l2_psm", "l2_bdaddr", "l2_cid"),
    ),
    14: _of(
        "sockaddr_l2",
        l2_psm=enum("l2cap_psm"),
        l2_bdaddr=BDADDR,
        l2_cid=enum("l2cap_cid"),
        l2_bdaddr_type=enum("bdaddr_type"),
    ),
}
_PPPOX = _of(
    "sockaddr_pppox",
    sa_protocol=enum("pppox_protocol"),
    sa_addr=Choice(
        "sa_protocol",
        "pppox_protocol",
        {
            "PX_PROTO_OE": struct("sockaddr_pppox.sa_addr", only_=("pppoe",)),
            "PX_PROTO_PPTP": struct(
                "sockaddr_pppox.sa_addr", pptp=struct("pptp_addr", sin_addr=IP4), only_=("pptp",)
            ),
        },
        default=BytesOf(24),
    ),
)
_PPPOL2TP = _of(
    "sockaddr_pppol2tp",
    sa_protocol=enum("pppox_protocol"),
    pppol2tp=struct("pppol2tp_addr", pid=PID, fd=FD, addr=Raw("sockaddr", 16)),
)

_NFC = {
    16: _of("sockaddr_nfc", nfc_protocol=enum("nfc_link")),
    96: _of(
        "sockaddr_nfc_llcp",
        nfc_protocol=enum("nfc_link"),
        dsap=HEX,
        ssap=HEX,
        service_name=BytesOf(Least("service_name_len", 63)),
    ),
}

_LONG, _SHORT = (
    struct(
        "ieee802154_addr_sa",
        addr_type=enum("ieee802154_address"),
        pan_id=HEX,
        hwaddr=BytesOf(8),
        short_addr=HEX,
        only_=("addr_type", "pan_id", address),
    )
    for address in ("hwaddr", "short_addr")
)


@decodes("sockaddr")
def sockaddr(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    if len(data) < _FAMILY or memory.size >> 31:  # as an int it is negative, and the kernel looks at nothing
        return Address(memory.address)
    number = int.from_bytes(data[:_FAMILY], "little")
    family = decoded.enum(number, number, number, constants.table("address_family"))
    name = constants.table("address_family").names.get(number, "")
    if name == "AF_UNIX":
        return _unix(memory, family)
    content = _structure(name, data)
    if content is None:
        rest = Bytes(memory.address + _FAMILY, data[_FAMILY:], memory.size - _FAMILY)
        return Struct(
            memory.address, "sockaddr", (("sa_family", family), ("sa_data", rest))[: 1 + (rest.length > 0)]
        )
    described = scope.content(content, data, memory.address)
    assert isinstance(described, Struct)
    members = tuple((key, _whole(key, value, data)) for key, value in described.members)
    end = described.end if memory.cut else None
    return Struct(memory.address, content.name, (("sa_family", family), *members), end=end)


def _whole(member: str, value: Value, data: bytes) -> Value:
    """A last member that may be longer than the structure has it."""
    match member:
        case "sll_addr":  # of an InfiniBand device it has 20 bytes
            length = data[11]
            return Bytes(value.raw, data[12 : 12 + length], length)
        case "salg_name":  # struct sockaddr_alg_new
            return Text(value.raw, data[24:].split(b"\0", 1)[0])
    return value


def _structure(name: str, data: bytes) -> StructOf | None:
    """What describes this address; None if it is too short for that."""
    match name:
        case "AF_BLUETOOTH":
            return _BLUETOOTH.get(len(data))
        case "AF_PPPOX" if len(data) >= 30:
            return _PPPOL2TP if data[2] == 1 and len(data) >= 38 else _PPPOX
        case "AF_NFC":
            return _largest(_NFC, len(data))
        case "AF_AX25" | "AF_NETROM":
            full = struct("full_sockaddr_ax25", fsa_ax25=AX25)
            return _largest({16: AX25, 72: full}, len(data))
        case "AF_IEEE802154" if len(data) >= 20:
            return _of("sockaddr_ieee802154", addr=_SHORT if data[4:8] == b"\2\0\0\0" else _LONG)
    content = _FAMILIES.get(name)
    if content is None or len(data) < _SHORTEST.get(name, layout(content.name).size):
        return None
    return content


def _largest(of: dict[int, StructOf], size: int) -> StructOf | None:
    """The longest of the structures that fits."""
    return next((content for length, content in reversed(of.items()) if length <= size), None)


def _unix(memory: Memory, family: Value) -> Struct:
    """A path ends at its NUL or with the address; an abstract name begins with NUL, and has a length."""
    path = memory.data[_FAMILY : _FAMILY + _PATH]
    if path[:1] != b"\0":
        path = path.split(b"\0", 1)[0]
    named: tuple[tuple[str, Value], ...] = ()
    if memory.size > _FAMILY:
        named = (("sun_path", Text(memory.address + _FAMILY, path)),)
    return Struct(memory.address, "sockaddr_un", (("sa_family", family), *named))


@decodes("ip")
def ip(memory: Memory, _: Scope) -> Value:
    """4 or 16 bytes of an address; others are what they are."""
    data = memory.data[: memory.size]
    if len(data) not in {4, 16}:
        return Bytes(memory.address, data, memory.size)
    return Ip(memory.address, data)
