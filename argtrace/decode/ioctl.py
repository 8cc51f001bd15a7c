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
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, Bytes, Int, List, Missing, Named, Struct, Text, Value, Why
from argtrace.decode.payload import payload
from argtrace.fetch.derive import member_size
from argtrace.signature import constants, ioctls
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    FD,
    HEX,
    INT,
    Array,
    Cell,
    Content,
    Leaf,
    Raw,
    String,
    enum,
    flags,
    struct,
)
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.signature.model import Int as IntType

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
        return f"_IOC({_DIRECTIONS[bits.direction]}, {bits.type:#x}, {_hex(bits.number)}, {_hex(bits.size)})"
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


_TEXT = String()


def _bits(table: str) -> Content:
    return Raw(f"bits {table}", 0)


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
_LENGTHS: dict[tuple[int, str, int], tuple[str, Content]] = {
    (READ, "E", 0x06): ("EVIOCGNAME", _TEXT),
    (READ, "E", 0x07): ("EVIOCGPHYS", _TEXT),
    (READ, "E", 0x08): ("EVIOCGUNIQ", _TEXT),
    (READ, "E", 0x09): ("EVIOCGPROP", _bits("input_property")),
    (READ, "E", 0x0A): ("EVIOCGMTSLOTS", Array(Cell("int"), 0)),
    (READ, "E", 0x18): ("EVIOCGKEY", _bits("input_key")),
    (READ, "E", 0x19): ("EVIOCGLED", _bits("input_led")),
    (READ, "E", 0x1A): ("EVIOCGSND", _bits("input_sound")),
    (READ, "E", 0x1B): ("EVIOCGSW", _bits("input_switch")),
    (READ, "U", 0x2C): ("UI_GET_SYSNAME", _TEXT),
    (READ, "j", 0x13): ("JSIOCGNAME", _TEXT),
    (READ, "H", 0x04): ("HIDIOCGRAWNAME", _TEXT),
    (READ, "H", 0x05): ("HIDIOCGRAWPHYS", _TEXT),
    (READ, "H", 0x06): ("HIDIOCGNAME", _TEXT),
    (READ, "H", 0x08): ("HIDIOCGRAWUNIQ", _TEXT),
    (READ, "H", 0x12): ("HIDIOCGPHYS", _TEXT),
    (READ | WRITE, "H", 0x06): ("HIDIOCSFEATURE", BytesOf(0)),
    (READ | WRITE, "H", 0x07): ("HIDIOCGFEATURE", BytesOf(0)),
    (READ | WRITE, "H", 0x09): ("HIDIOCSINPUT", BytesOf(0)),
    (READ | WRITE, "H", 0x0A): ("HIDIOCGINPUT", BytesOf(0)),
    (READ | WRITE, "H", 0x0B): ("HIDIOCSOUTPUT", BytesOf(0)),
    (READ | WRITE, "H", 0x0C): ("HIDIOCGOUTPUT", BytesOf(0)),
}
_ABSINFO = 24
_TRANSFER = 32
"""Bytes of a spi_ioc_transfer."""
_MIXER = {READ: "MIXER_READ", WRITE: "MIXER_WRITE", READ | WRITE: "MIXER_WRITE"}


def _varying(command: int) -> Varying | None:
    direction, size, type, number = taken_apart(command)
    known = _LENGTHS.get((direction, chr(type), number))
    if known is not None:
        return Varying(f"{known[0]}({size})", known[1])
    match direction, chr(type):
        case 2, "E" if 0x20 <= number < 0x40:
            event = number - 0x20
            return Varying(
                f"EVIOCGBIT({_constant('input_event', event)}, {size})", _bits(_EVENTS.get(event, ""))
            )
        case 2, "E" if 0x40 <= number < 0x80 and size == _ABSINFO:
            return Varying(
                f"EVIOCGABS({_constant('input_absolute', number - 0x40)})", struct("input_absinfo")
            )
        case 1, "E" if 0xC0 <= number and size == _ABSINFO:
            return Varying(
                f"EVIOCSABS({_constant('input_absolute', number - 0xC0)})", struct("input_absinfo")
            )
        case 1, "k" if not number and size and size % _TRANSFER == 0:
            transfers = Array(struct("spi_ioc_transfer", tx_buf=HEX, rx_buf=HEX), size // _TRANSFER)
            return Varying(f"SPI_IOC_MESSAGE({size // _TRANSFER})", transfers)
        case (1 | 2 | 3), "M" if size == 4 and command not in _names():
            return Varying(f"{_MIXER[direction]}({number})", Cell("int"))
    return None


def _constant(table: str, number: int) -> str:
    return constants.table(table).names.get(number, f"{number:#x}")


# ---- memory ----------------------------------------------------------------------------


@functools.cache
def _encoded() -> dict[int, list[tuple[str, tuple[Content, Content]]]]:
    found: dict[int, list[tuple[str, tuple[Content, Content]]]] = {}
    for command, both in ioctls.encoded().items():
        found.setdefault(constants.number("ioctl", command), []).append((command, both))
    return found


def content(command: int, path: bytes | None, *, after: bool) -> Content | None:
    """What lies in the memory that a command of today is given."""
    known = _encoded().get(command, [])
    if len(known) > 1 and path:
        names = _of_driver(tuple(name for name, _ in known), path)
        known = [each for each in known if each[0] in names]
    if known:
        return known[0][1][after]
    varying = _varying(command)
    return varying.content if varying else None


def _path(scope: Scope) -> bytes | None:
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
    found = content(_command(scope), _path(scope), after=scope.result is not None)
    if isinstance(found, Raw):
        return scope.content(found, memory.data, memory.address)
    if found is None or isinstance(found, BytesOf):
        return Bytes(memory.address, memory.data, memory.size)
    if isinstance(found, Array) and found.count == 0:
        return scope.content(Array(found.element, memory.size // 4), memory.data, memory.address)
    return payload(found, memory.data, memory.size, memory.address, scope)
