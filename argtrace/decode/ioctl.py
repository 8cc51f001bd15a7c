"""Commands of ioctl(2) by name, and the memory they are given.

    0x5401        TCGETS
    0x80405506    EVIOCGNAME(64)
    0x8004ff01    _IOC(_IOC_READ, 0xff, 0x1, 0x4)

Many drivers chose the same numbers. Where the descriptor is known to be one of a driver's,
its names are shown, else all: `SNDCTL_TMR_START or TCSETS`. Where several drivers may be
meant and they copy different things, what we declared ourselves comes first; of what only
headers define nobody knows which, and the memory is shown as bytes.

Source: include/uapi/asm-generic/ioctl.h.

Not here: what each command is given is `signature/ioctls/`; commands of many numbers are
`ioctl_lengths.py`; what has a form that no layout describes is `interfaces.py`, `ethtool.py`,
`flexible_arrays.py`.
"""

from __future__ import annotations

import functools
import re

from argtrace.decode import input_devices, ioctl_lengths
from argtrace.decode.decoders import Memory, Scope, decodes, file_of
from argtrace.decode.ioctl_lengths import Varying, parts
from argtrace.decode.model import Address, Bytes, Value
from argtrace.decode.payload import payload
from argtrace.signature import constants
from argtrace.signature.ioctls import commands, defined
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.signature.meaning import Content, Raw
from argtrace.value import replace

_DIRECTIONS = ("_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE")


# ---- names -----------------------------------------------------------------------------


def name(command: int, path: bytes | None = None) -> str:
    """What a command is called; `path`: of what its descriptor is open on, if that is known."""
    known = names(command)
    if not known:
        direction, size, type, number = parts(command)
        return f"_IOC({_DIRECTIONS[direction]}, {_hex(type)}, {_hex(number)}, {_hex(size)})"
    return " or ".join(_of_driver(known, path))


def _hex(number: int) -> str:
    return f"{number:#x}" if number else "0"


@functools.lru_cache(4096)
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


def _varying(command: int) -> Varying | None:
    found = ioctl_lengths.varying(command)
    return found or (None if command in _names() else ioctl_lengths.mixer(command))


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
    (r"/dev/lirc", r"LIRC_"),
    (r"/dev/ipmi", r"IPMICTL_"),
    (r"/dev/ublk", r"UBLK_"),
    (r"/dmabuf:", r"DMA_BUF_"),
    (r"/dev/u?random", r"RND"),
    (r"/dev/(mcelog|cpu/)", r"MCE_|X86_"),
    (r"/dev/mtd", r"MEM|MTD|OTP|ECC"),
    (r"/dev/vfio/", r"VFIO_"),
    (r"/dev/(sr|cdrom)", r"CDROM|DVD_"),
    (r"/dev/(sg|bsg/)", r"SG_|SCSI_"),
    (r"/dev/(loop|sd|vd|nvme|dm-|md|nbd)", r"BLK|LOOP_|HDIO_|NVME_|SCSI_|SG_|NBD_"),
    (r"socket:|/dev/net/tun", r"SIOC|TUN|FIO"),
)


def _of_driver(known: tuple[str, ...], path: bytes | None) -> tuple[str, ...]:
    if path is None or len(known) < 2:
        return known
    text = path.decode(errors="replace")
    for device, beginning in _DRIVERS:
        if re.match(device, text):
            return tuple(each for each in known if re.match(beginning, each)) or known
    return known


def path(scope: Scope) -> bytes | None:
    file = file_of("fd", scope)
    return file.path if file else None


def command(scope: Scope) -> int:
    """0 where none is known."""
    try:
        return scope.number("cmd") & 0xFFFF_FFFF
    except KeyError:
        return 0


# ---- memory ----------------------------------------------------------------------------


@functools.cache
def _encoded() -> dict[int, dict[str, tuple[Content, Content]]]:
    found: dict[int, dict[str, tuple[Content, Content]]] = {}
    for command, both in commands.encoded().items():
        found.setdefault(constants.number("ioctl", command), {})[command] = both
    return found


def content(command: int, path: bytes | None = None, *, after: bool = False) -> Content | None:
    """What lies in the memory that a command of today is given."""
    varying = _varying(command)
    known = _of_driver(names(command), path)
    declared = _encoded().get(command, {})
    for each in known:
        if each in declared:
            return declared[each][after]
    found = {content for each in known if (content := defined.content(each)) is not None}
    if varying and varying.name in known:
        found.add(varying.content)
    return found.pop() if len(found) == 1 else None


@decodes("ioctl")
def ioctl(memory: Memory, scope: Scope) -> Value:
    if not memory.size:
        return Address(memory.address)
    number = command(scope)
    varying = _varying(number)
    if varying and varying.bits:
        return input_devices.bits(memory, varying.bits)
    found = content(number, path(scope), after=scope.result is not None)
    if found is None or isinstance(found, BytesOf):
        return Bytes(memory.address, memory.data, memory.size)
    if isinstance(found, Raw):
        found = replace(found, size=memory.size)
    return payload(found, memory.data, memory.size, memory.address, scope, partly=memory.cut)
