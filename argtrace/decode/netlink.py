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
from collections.abc import Iterator

from argtrace.decode import constants as decoded
from argtrace.decode.control_messages import NO_NAMES
from argtrace.decode.decoders import Memory, Scope, decodes, file_of, streams
from argtrace.decode.model import Bytes, Flags, Int, List, Missing, Named, Struct, Value, Why
from argtrace.decode.netlink_bodies import (
    ACKNOWLEDGED,
    AUDIT,
    CIPHER,
    DIAGNOSED,
    GENERIC,
    NAMELESS,
    NETFILTER,
    NLCTRL,
    ROUTING,
    Attributes,
    Body,
    Each,
)
from argtrace.decode.payload import least, payload
from argtrace.decode.tables.errno import ERRNO
from argtrace.signature import constants
from argtrace.signature.meaning import Array, Cell, Content
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.signature.meaning import Struct as StructOf
from argtrace.signature.sizes import element_size
from argtrace.value import replace

_HEADER = packing.Struct("<IHHII")
_ATTRIBUTE = packing.Struct("<HH")
_ALIGNMENT = 4
_FIRST_OF_PROTOCOL = 16  # NLMSG_MIN_TYPE
_NESTED, _NETWORK_ORDER = 1 << 15, 1 << 14
_TYPE = _NETWORK_ORDER - 1
_REQUEST = 1
_CAPPED = 0x100
_TLVS = 0x200
_DEEPEST = 8
"""Attributes within attributes that are looked at; the kernel's own go to five."""

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

_DETAIL = re.compile(r"NETLINK:\[([A-Z][A-Z_0-9]*)")


@streams(b"NETLINK")
@decodes("netlink")
def netlink(memory: Memory, scope: Scope) -> Value:
    """What goes through the call's descriptor `fd`."""
    file = file_of("fd", scope)
    known = _DETAIL.match(file.detail) if file and file.detail else None
    protocol = known[1] if known else ""
    if protocol == "KOBJECT_UEVENT":  # strings, each ended by NUL
        return Bytes(memory.address, memory.data, memory.size)
    return messages(memory, protocol, scope)


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
        at += _aligned(max(length, _HEADER.size))
        if length < _HEADER.size:
            break
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
    """NLMSG_ERROR: an error or, with 0, an acknowledgement, and of what. NLMSG_DONE: an error or 0."""
    if name == "NLMSG_DONE" and len(rest.data) >= 4:
        yield _error(rest.data)
        behind = Memory(rest.address + 4, rest.data[4:], rest.size - 4)
        if behind.size:
            yield attributes(behind, ACKNOWLEDGED, scope)
        return
    # What it is about is no error itself.
    about_error = int.from_bytes(rest.data[8:10], "little") == constants.number("nlmsg_type", "NLMSG_ERROR")
    if name != "NLMSG_ERROR" or len(rest.data) < 4 + _HEADER.size or about_error:
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
            attributes(behind, ACKNOWLEDGED, scope)
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
            return ROUTING.get(first)
        case "SOCK_DIAG" if name in {"SOCK_DIAG_BY_FAMILY", "SOCK_DESTROY"}:
            family = constants.table("address_family").names.get(data[0], "") if data else ""
            return DIAGNOSED.get((family, bool(bits & _REQUEST)))
        case "GENERIC":
            return NLCTRL if name == "nlctrl" else GENERIC
        case "NETFILTER":
            return NETFILTER
        case "CRYPTO":
            return CIPHER
        case "AUDIT" if name in {"AUDIT_GET", "AUDIT_SET"}:
            return AUDIT
    return None


def attributes(memory: Memory, of: Attributes, scope: Scope, depth: int = 0) -> Value:
    if depth > _DEEPEST:
        return Bytes(memory.address, memory.data, memory.size)
    items: list[Value] = []
    at = 0
    while at + _ATTRIBUTE.size <= len(memory.data):
        length, kind = _ATTRIBUTE.unpack_from(memory.data, at)
        if length < _ATTRIBUTE.size:
            break
        size = min(length, memory.size - at) - _ATTRIBUTE.size
        start = at + _ATTRIBUTE.size
        part = Memory(memory.address + start, memory.data[start : start + size], size)
        items.append(_attribute(memory.address + at, length, kind, part, of, scope, depth))
        at += _aligned(length)
    end = None
    if at < memory.size:
        end = Missing(memory.address + at, Why.CUT, f"{memory.size - at} bytes more")
    return List(memory.address, tuple(items), end)


def _attribute(
    address: int, length: int, kind: int, part: Memory, of: Attributes, scope: Scope, depth: int
) -> Value:
    table = constants.table(of.table) if of.table else NO_NAMES
    name = table.names.get(kind & _TYPE)
    header = (("nla_len", Int(length, length)), ("nla_type", _attribute_type(kind, name)))
    items: list[Value] = [Struct(address, "nlattr", header)]
    if part.size:
        items.append(_content(part, kind, of.contents.get(name or ""), scope, depth))
    return List(address, tuple(items))


def _attribute_type(kind: int, name: str | None) -> Value:
    if kind & (_NESTED | _NETWORK_ORDER):
        marks = decoded.flags(kind, kind & ~_TYPE, constants.table("nla_flags"))
        if name is None:
            return Flags(kind, kind, marks.names, kind & _TYPE)
        return Flags(kind, kind, (*marks.names, name))
    return Int(kind, kind, 16) if name is None else Named(kind, kind, name)


def _content(
    part: Memory, kind: int, of: Content | Attributes | Each | None, scope: Scope, depth: int
) -> Value:
    match of:
        case Attributes():
            return attributes(part, of, scope, depth + 1)
        case Each(of=inner):
            return attributes(part, Attributes("", {"": inner}), scope, depth + 1)
        case None if kind & _NESTED:
            return attributes(part, NAMELESS, scope, depth + 1)
        case None | BytesOf():
            return Bytes(part.address, part.data, part.size)
        case Array():
            whole = replace(of, count=len(part.data) // element_size(of))
            return scope.content(whole, part.data, part.address)
        case Cell() if len(part.data) >= least(of):
            return scope.content(of, part.data, part.address)
    return payload(of, part.data, part.size, part.address, scope, partly=isinstance(of, StructOf))
