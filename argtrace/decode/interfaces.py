"""Requests about network interfaces: which member of an ifreq a command of ioctl(2) is about.

    SIOCGIFADDR      {ifr_name="lo", ifr_addr={sa_family=AF_INET, …}}
    SIOCGIFFLAGS     {ifr_name="lo", ifr_flags=IFF_UP|IFF_LOOPBACK|IFF_RUNNING}

Source: include/uapi/linux/if.h, sockios.h; netdevice(7); net/core/dev_ioctl.c, drivers/net/tun.c.

Not here: requests that hold a pointer are declared in `signature/ioctls/network.py`.
"""

from __future__ import annotations

import functools
import re

from argtrace.decode import ioctl
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Bytes, Missing, Struct, Text, Value, Why
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import ADDRESS, HEX, Array, Cell, Content, Raw, enum, flags, struct
from argtrace.signature.model import Int as IntType

_NAME = 16
"""IFNAMSIZ."""
_FAMILY = IntType("unsigned short", 2, signed=False)
_ADDRESS = Raw("sockaddr", 16)
_IFREQ: dict[str, tuple[str, Content]] = {
    "SIOC[GS]IFADDR|SIOCDIFADDR": ("ifr_addr", _ADDRESS),
    "SIOC[GS]IFDSTADDR": ("ifr_dstaddr", _ADDRESS),
    "SIOC[GS]IFBRDADDR": ("ifr_broadaddr", _ADDRESS),
    "SIOC[GS]IFNETMASK": ("ifr_netmask", _ADDRESS),
    "SIOC[GS]IFHW(ADDR|BROADCAST)|SIOC(ADD|DEL)MULTI|SIOCBONDSETHWADDR": (
        "ifr_hwaddr",
        Raw("hardware_address", 16),
    ),
    "SIOC[GS]IFP?FLAGS": ("ifr_flags", Cell("short", flags("interface_flags"))),
    "TUN(SETIFF|GETIFF|SETQUEUE)": ("ifr_flags", Cell("short", flags("tun_flags"))),
    "SIOC[GS]IFMETRIC": ("ifr_metric", Cell("int")),
    "SIOC[GS]IFMTU": ("ifr_mtu", Cell("int")),
    "SIOC[GS]IFTXQLEN": ("ifr_qlen", Cell("int")),
    "SIOCSIFNAME": ("ifr_newname", Raw("interface_name", _NAME)),
    "SIOCGIF(INDEX|NAME)$|SIOCBR(ADD|DEL)IF": ("ifr_ifindex", Cell("int")),
    "SIOC[GS]IFMAP": ("ifr_map", struct("ifmap", mem_start=HEX, mem_end=HEX, base_addr=HEX)),
    "SIOC[GS]IFSLAVE|SIOCBOND(ENSLAVE|RELEASE|CHANGEACTIVE)": ("ifr_slave", Raw("interface_name", _NAME)),
    "SIOC[GS]MII(PHY|REG)": ("ifr_data", struct("mii_ioctl_data")),
}
_DATA = ("ifr_data", Cell("void *", ADDRESS))


@functools.lru_cache(4096)
def _member(command: int) -> tuple[str, Content]:
    """The member of ifr_ifru that a command is about."""
    for pattern, member in _IFREQ.items():
        if any(re.match(pattern, name) for name in ioctl.names(command)):
            return member
    return _DATA


Member = tuple[int, str, Content]
"""Where it is, its name, what is there."""

_NAMED: Member = (0, "ifr_name", Raw("interface_name", _NAME))


@decodes("ifreq")
def ifreq(memory: Memory, scope: Scope) -> Value:
    return _request(memory, (_NAMED, (_NAME, *_member(ioctl.command(scope)))), scope)


@decodes("ifreq_name")
def ifreq_name(memory: Memory, scope: Scope) -> Value:
    return _request(memory, (_NAMED,), scope)


@decodes("ifreq_index")
def ifreq_index(memory: Memory, scope: Scope) -> Value:
    return _request(memory, ((_NAME, "ifr_ifindex", Cell("int")),), scope)


@decodes("ifreq_address")
def ifreq_address(memory: Memory, scope: Scope) -> Value:
    """One of those that SIOCGIFCONF gives."""
    return _request(memory, (_NAMED, (_NAME, "ifr_addr", _ADDRESS)), scope)


@decodes("ifreqs")
def ifreqs(memory: Memory, scope: Scope) -> Value:
    each = Raw("ifreq_address", layout("ifreq").size)
    array = Array(each, memory.size // layout("ifreq").size)
    return scope.content(array, memory.data, memory.address)


def _request(memory: Memory, members: tuple[Member, ...], scope: Scope) -> Struct:
    data, end, found = memory.data, None, []
    for at, name, content in members:
        if len(data) < at + _NAME:  # no member is less
            end = Missing(0, Why.CUT, f"{len(data)} bytes of {memory.size}")
            break
        found.append((name, scope.content(content, data[at:], 0)))
    return Struct(memory.address, "ifreq", tuple(found), None, end)


@decodes("interface_name")
def interface_name(memory: Memory, scope: Scope) -> Value:
    return Text(memory.address, memory.data[:_NAME].split(b"\0", 1)[0])


@decodes("hardware_address")
def hardware_address(memory: Memory, scope: Scope) -> Value:
    """A sockaddr whose family is a type of hardware."""
    if len(memory.data) < _FAMILY.size:
        return Bytes(memory.address, memory.data, memory.size)
    family = scope.leaf(enum("hardware_type"), int.from_bytes(memory.data[: _FAMILY.size], "little"), _FAMILY)
    data = memory.data[_FAMILY.size : _NAME]
    return Struct(memory.address, "sockaddr", (("sa_family", family), ("sa_data", Bytes(0, data, len(data)))))
