"""Commands of ioctl(2) by name, and the memory they are given.

    0x5401        TCGETS
    0x80405506    EVIOCGNAME(64)
    0x8004ff01    _IOC(_IOC_READ, 0xff, 0x1, 0x4)

Many drivers chose the same numbers. Where the descriptor is known to be one of a driver's,
its names are shown, else all: `SNDCTL_TMR_START or TCSETS`.

Source: include/uapi/asm-generic/ioctl.h; linux/{input,uinput,hidraw,hiddev,joystick}.h,
linux/spi/spidev.h for commands with a length or a number in them; linux/if.h for what member
of an ifreq is meant.

Not here: what each command is given is `signature/ioctls/`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, Bytes, Int, List, Missing, Named, Struct, Text, Value, Why
from argtrace.decode.payload import payload
from argtrace.signature import constants
from argtrace.signature.ioctls import commands, files
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
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
from argtrace.signature.model import Int as IntType
from argtrace.signature.sizes import element_size, member_size

READ, WRITE = 2, 1
_DIRECTIONS = ("_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE")


class Bits(NamedTuple):
    """| direction: 2 | size: 14 | type: 8 | nr: 8 |"""

    direction: int
    size: int
    type: int
    number: int


def taken_apart(command: int) -> Bits:
    return Bits(command >> 30 & 3, command >> 16 & 0x3FFF, command >> 8 & 0xFF, command & 0xFF)


# ---- names -----------------------------------------------------------------------------


def name(command: int, path: bytes | None = None) -> str:
    """What a command is called; `path`: of what its descriptor is open on, if that is known."""
    known = names(command)
    if not known:
        bits = taken_apart(command)
        return (
            f"_IOC({_DIRECTIONS[bits.direction]}, {_hex(bits.type)}, {_hex(bits.number)}, {_hex(bits.size)})"
        )
    return " or ".join(_of_driver(known, path) if path and len(known) > 1 else known)


def _hex(number: int) -> str:
    return f"{number:#x}" if number else "0"


@functools.cache
def names(command: int) -> tuple[str, ...]:
    """All that a command can be called."""
    varying = _varying(command)
    return (*_names().get(command, ()), *([varying.name] if varying else ()))


@functools.cache
def _names() -> dict[int, tuple[str, ...]]:
    table = constants.table("ioctl")
    found = {number: [name] for number, name in table.names.items()}
    for alias, number in table.aliases.items():
        found[number].append(alias)
    return {number: tuple(sorted(each)) for number, each in found.items()}


# What names of commands begin with, by what the paths of the devices do.
_DRIVERS: tuple[tuple[str, str], ...] = (
    (r"/dev/(tty|pts/|ptmx|console)", r"TC|TIOC|FIO|KD|VT_|GIO_|PIO_|KIOC"),
    (r"/dev/(dsp|mixer|audio|sequencer|music)", r"SNDCTL_|SOUND_"),
    (r"/dev/snd/", r"SNDRV_"),
    (r"/dev/dri/", r"DRM_"),
    (r"/dev/(hidraw|usb/hiddev)", r"HIDIOC"),
    (r"/dev/input/", r"EVIOC|JSIOC"),
    (r"/dev/uinput", r"UI_"),
    (r"/dev/bus/usb/", r"USBDEVFS_"),
    (r"/dev/video", r"VIDIOC_(?!SUBDEV)"),
    (r"/dev/v4l-subdev", r"VIDIOC_SUBDEV_"),
    (r"/dev/rtc", r"RTC_"),
    (r"/dev/u?random", r"RND"),
    (r"/dev/(mcelog|cpu/)", r"MCE_|X86_"),
    (r"/dev/mtd", r"MEM|MTD|OTP|ECC"),
    (r"/dev/vfio/", r"VFIO_"),
    (r"/dev/(sr|cdrom)", r"CDROM|DVD_"),
    (r"/dev/(sg|bsg/)", r"SG_|SCSI_"),
    (r"/dev/(loop|sd|vd|nvme|dm-|md|nbd)", r"BLK|LOOP_|HDIO_|NVME_|SCSI_|SG_|NBD_"),
    (r"socket:|/dev/net/tun", r"SIOC|TUN|FIO"),
)


def _of_driver(known: tuple[str, ...], path: bytes) -> tuple[str, ...]:
    text = path.decode(errors="replace")
    for device, beginning in _DRIVERS:
        if re.match(device, text):
            return tuple(each for each in known if re.match(beginning, each)) or known
    return known


# ---- commands that are many numbers ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Varying:
    """A command with a length or a number in it, and what it copies."""

    name: str
    content: Content
    bits: str = ""
    """The constants that its bits stand for, if it is a set of those."""


_TEXT, _BYTES = String(), BytesOf(0)

# The sets of events that an input device can give, by the kind of event; EVIOCGBIT(EV_KEY, 96).
_EVENTS = {
    0: "input_event",
    1: "input_key",
    2: "input_relative",
    3: "input_absolute",
    4: "input_misc",
    5: "input_switch",
    0x11: "input_led",
    0x12: "input_sound",
    0x15: "force_feedback",
}
_LENGTHS: dict[tuple[int, str, int], tuple[str, Content | str]] = {
    (READ, "E", 0x06): ("EVIOCGNAME", _TEXT),
    (READ, "E", 0x07): ("EVIOCGPHYS", _TEXT),
    (READ, "E", 0x08): ("EVIOCGUNIQ", _TEXT),
    (READ, "E", 0x09): ("EVIOCGPROP", "input_property"),
    (READ, "E", 0x0A): ("EVIOCGMTSLOTS", Array(Cell("int"), 0)),
    (READ, "E", 0x18): ("EVIOCGKEY", "input_key"),
    (READ, "E", 0x19): ("EVIOCGLED", "input_led"),
    (READ, "E", 0x1A): ("EVIOCGSND", "input_sound"),
    (READ, "E", 0x1B): ("EVIOCGSW", "input_switch"),
    (READ, "U", 0x2C): ("UI_GET_SYSNAME", _TEXT),
    (READ, "j", 0x13): ("JSIOCGNAME", _TEXT),
    (READ, "H", 0x04): ("HIDIOCGRAWNAME", _TEXT),
    (READ, "H", 0x05): ("HIDIOCGRAWPHYS", _TEXT),
    (READ, "H", 0x06): ("HIDIOCGNAME", _TEXT),
    (READ, "H", 0x08): ("HIDIOCGRAWUNIQ", _TEXT),
    (READ, "H", 0x12): ("HIDIOCGPHYS", _TEXT),
    (READ | WRITE, "H", 0x06): ("HIDIOCSFEATURE", _BYTES),
    (READ | WRITE, "H", 0x07): ("HIDIOCGFEATURE", _BYTES),
    (READ | WRITE, "H", 0x09): ("HIDIOCSINPUT", _BYTES),
    (READ | WRITE, "H", 0x0A): ("HIDIOCGINPUT", _BYTES),
    (READ | WRITE, "H", 0x0B): ("HIDIOCSOUTPUT", _BYTES),
    (READ | WRITE, "H", 0x0C): ("HIDIOCGOUTPUT", _BYTES),
}
_ABSINFO = 24
_TRANSFER = 32
"""Bytes of a spi_ioc_transfer."""
_MIXER = {READ: "MIXER_READ", WRITE: "MIXER_WRITE", READ | WRITE: "MIXER_WRITE"}


def _varying(command: int) -> Varying | None:
    direction, size, type, number = taken_apart(command)
    known = _LENGTHS.get((direction, chr(type), number))
    if known is not None:
        title, means = f"{known[0]}({size})", known[1]
        return Varying(title, _BYTES, means) if isinstance(means, str) else Varying(title, means)
    match direction, chr(type):
        case 2, "E" if 0x20 <= number < 0x40:
            event = number - 0x20
            title = f"EVIOCGBIT({_constant('input_event', event)}, {size})"
            return Varying(title, _BYTES, _EVENTS.get(event, ""))
        case 2, "E" if 0x40 <= number < 0x80 and size == _ABSINFO:
            return Varying(
                f"EVIOCGABS({_constant('input_absolute', number - 0x40)})", struct("input_absinfo")
            )
        case 1, "E" if number >= 0xC0 and size == _ABSINFO:
            return Varying(
                f"EVIOCSABS({_constant('input_absolute', number - 0xC0)})", struct("input_absinfo")
            )
        case 1, "k" if not number and size and size % _TRANSFER == 0:
            transfers = Array(struct("spi_ioc_transfer", tx_buf=HEX, rx_buf=HEX), size // _TRANSFER)
            return Varying(f"SPI_IOC_MESSAGE({size // _TRANSFER})", transfers)
        case ((1 | 2 | 3), "M") if size == 4 and command not in _names():
            return Varying(f"{_MIXER[direction]}({number})", Cell("int"))
    return None


def _constant(table: str, number: int) -> str:
    return constants.table(table).names.get(number, f"{number:#x}")


# ---- memory ----------------------------------------------------------------------------


@functools.cache
def _encoded() -> dict[int, list[tuple[str, tuple[Content, Content]]]]:
    found: dict[int, list[tuple[str, tuple[Content, Content]]]] = {}
    for command, both in commands.encoded().items():
        found.setdefault(constants.number("ioctl", command), []).append((command, both))
    return found


def content(command: int, path: bytes | None = None, *, after: bool = False) -> Content | None:
    """What lies in the memory that a command of today is given."""
    known = _encoded().get(command, [])
    if len(known) > 1 and path:
        names = _of_driver(tuple(name for name, _ in known), path)
        known = [each for each in known if each[0] in names]
    if known:
        return known[0][1][after]
    varying = _varying(command)
    return varying.content if varying else None


def path(scope: Scope) -> bytes | None:
    try:
        file = scope.file(scope.number("fd") & 0x7FFF_FFFF)
    except KeyError:
        return None
    return file.path if file else None


def _command(scope: Scope) -> int:
    try:
        return scope.number("cmd") & 0xFFFF_FFFF
    except KeyError:
        return 0


@decodes("ioctl")
def ioctl(memory: Memory, scope: Scope) -> Value:
    if not memory.size:
        return Address(memory.address)
    command = _command(scope)
    varying = _varying(command)
    if varying and varying.bits:
        return _bits(memory, varying.bits)
    found = content(command, path(scope), after=scope.result is not None)
    if found is None or isinstance(found, BytesOf):
        return Bytes(memory.address, memory.data, memory.size)
    if isinstance(found, Array) and found.count == 0:
        found = replace(found, count=memory.size // element_size(found))
    return payload(found, memory.data, memory.size, memory.address, scope)


def _bits(memory: Memory, table: str) -> Value:
    names = constants.table(table).names
    bits = int.from_bytes(memory.data, "little")
    numbers = (number for number in range(bits.bit_length()) if bits >> number & 1)
    items = tuple(
        Named(number, number, names[number]) if number in names else Int(number, number) for number in numbers
    )
    return List(memory.address, items, Missing(0, Why.CUT, "not fetched") if memory.cut else None)


@decodes("control_characters")
def control_characters(memory: Memory, scope: Scope) -> Value:
    names = constants.table("termios_cc").names
    return Struct(
        memory.address,
        "c_cc",
        tuple((names.get(at, f"[{at}]"), Int(byte, byte, 16)) for at, byte in enumerate(memory.data)),
    )


# ---- interfaces ------------------------------------------------------------------------

_NAME = 16
"""IFNAMSIZ."""
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
    "SIOC[GS]IF(INDEX|NAME)$|SIOCBR(ADD|DEL)IF": ("ifr_ifindex", Cell("int")),
    "SIOC[GS]IFMAP": ("ifr_map", struct("ifmap", mem_start=HEX, mem_end=HEX, base_addr=HEX)),
    "SIOC[GS]IFSLAVE|SIOCBOND(ENSLAVE|RELEASE|CHANGEACTIVE)": ("ifr_slave", Raw("interface_name", 16)),
    "SIOC[GS]MII(PHY|REG)": ("ifr_data", struct("mii_ioctl_data")),
}
_NEWNAME = ("ifr_newname", Raw("interface_name", 16))
_DATA = ("ifr_data", Cell("void *", ADDRESS))


@functools.cache
def _member(command: int) -> tuple[str, Content]:
    """The member of ifr_ifru that a command is about."""
    known = _names().get(command, ("",))
    if known == ("SIOCSIFNAME",):
        return _NEWNAME
    for pattern, member in _IFREQ.items():
        if any(re.match(pattern, each) for each in known):
            return member
    return _DATA


@decodes("ifreq")
def ifreq(memory: Memory, scope: Scope) -> Value:
    member, means = _member(_command(scope))
    return _request(memory, ("ifr_name", Raw("interface_name", 16)), (member, means), scope)


@decodes("ifreq_name")
def ifreq_name(memory: Memory, scope: Scope) -> Value:
    return _request(memory, ("ifr_name", Raw("interface_name", 16)), None, scope)


@decodes("ifreq_index")
def ifreq_index(memory: Memory, scope: Scope) -> Value:
    return _request(memory, None, ("ifr_ifindex", Cell("int")), scope)


def _request(
    memory: Memory, name: tuple[str, Content] | None, member: tuple[str, Content] | None, scope: Scope
) -> Struct:
    data, end, members = memory.data, None, []
    for at, each in ((0, name), (_NAME, member)):
        if each is None:
            continue
        if len(data) < at + _NAME:
            end = Missing(0, Why.CUT, f"{len(data)} bytes of 40")
            break
        members.append((each[0], scope.content(each[1], data[at:], 0)))
    return Struct(memory.address, "ifreq", tuple(members), None, end)


@decodes("ifreqs")
def ifreqs(memory: Memory, scope: Scope) -> Value:
    """What SIOCGIFCONF gives: an address each."""
    size = layout("ifreq").size
    member = _IFREQ["SIOC[GS]IFADDR|SIOCDIFADDR"]
    items = tuple(
        _request(
            Memory(memory.address + at, memory.data[at : at + size], size),
            ("ifr_name", Raw("interface_name", 16)),
            member,
            scope,
        )
        for at in range(0, len(memory.data) - size + 1, size)
    )
    if memory.cut:
        return List(memory.address, items, Missing(0, Why.CUT, "not fetched"), memory.size // size)
    return List(memory.address, items)


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


_FAMILY = IntType("unsigned short", 2, signed=False)

# ---- files -----------------------------------------------------------------------------

_HEADER = struct(
    "fiemap",
    fm_flags=flags("fiemap_flags"),
    only_=("fm_start", "fm_length", "fm_flags", "fm_mapped_extents", "fm_extent_count"),
)
_EXTENT = struct("fiemap_extent", fe_flags=flags("fiemap_extent_flags"))
_ASKED = struct("file_dedupe_range", only_=("src_offset", "src_length", "dest_count"))
_TARGET = struct("file_dedupe_range_info", dest_fd=FD, status=enum("dedupe_status"))


@decodes("fiemap")
def fiemap(memory: Memory, scope: Scope) -> Value:
    """A header, and as many extents as it says there are."""
    return _headed(memory, _HEADER, "fm_mapped_extents", ("fm_extents", _EXTENT), scope)


@decodes("dedupe")
def dedupe(memory: Memory, scope: Scope) -> Value:
    return _headed(memory, _ASKED, "dest_count", ("info", _TARGET), scope)


def _headed(
    memory: Memory, header: StructOf, count: str, elements: tuple[str, StructOf], scope: Scope
) -> Value:
    """A structure that ends with an array, of which it says how many elements there are."""
    described = layout(header.name)
    head = scope.content(header, memory.data[: described.size], memory.address)
    if not isinstance(head, Struct) or len(memory.data) < described.size:
        return head
    at, size = described.member(count).offset, member_size(described.member(count).type)
    there = int.from_bytes(memory.data[at : at + size], "little")
    name, element = elements
    each = layout(element.name).size
    data = memory.data[described.size : described.size + there * each]
    return replace(head, members=(*head.members, (name, scope.content(Array(element, there), data, 0))))


@decodes("encryption_policy")
def encryption_policy(memory: Memory, scope: Scope) -> Value:
    """The first byte says which of two it is. FS_IOC_GET_ENCRYPTION_POLICY_EX has its size before it."""
    data = memory.data
    if memory.size == layout("fscrypt_get_policy_ex_arg").size:
        data = data[8:]
    policy = files.POLICY_2 if data[:1] == b"\2" else files.POLICY_1
    return payload(policy, data[: layout(policy.name).size], layout(policy.name).size, memory.address, scope)
