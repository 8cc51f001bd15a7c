"""Commands of ioctl(2) that are many numbers: those with a length or a place in them.

    0x80405506    EVIOCGNAME(64)
    0x80184540    EVIOCGABS(ABS_X)
    0x40406b00    SPI_IOC_MESSAGE(2)

Source: include/uapi/linux/{input,uinput,hidraw,hiddev,joystick,soundcard}.h, linux/spi/spidev.h;
drivers/input/evdev.c.

Not here: commands of one number, and those that nobody knows, are `ioctl.py`; what input devices
give that no layout describes is `input_devices.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from argtrace.signature import constants
from argtrace.signature.meaning import HEX, Array, Cell, Content, Raw, String, struct
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.value import frozen

READ, WRITE = 2, 1


class Parts(NamedTuple):
    """What a command of today has in its bits: | direction: 2 | size: 14 | type: 8 | number: 8 |"""

    direction: int
    size: int
    type: int
    number: int


def parts(command: int) -> Parts:
    return Parts(command >> 30 & 3, command >> 16 & 0x3FFF, command >> 8 & 0xFF, command & 0xFF)


@frozen
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
    (READ, "E", 0x0A): ("EVIOCGMTSLOTS", Raw("multitouch_slots", 0)),
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
_AXIS = 24
"""Bytes of an input_absinfo."""
_TRANSFER = 32
"""Bytes of a spi_ioc_transfer."""


def varying(command: int) -> Varying | None:
    direction, size, type, number = parts(command)
    known = _LENGTHS.get((direction, chr(type), number))
    if known is not None:
        title, means = f"{known[0]}({size})", known[1]
        return Varying(title, _BYTES, means) if isinstance(means, str) else Varying(title, means)
    match direction, chr(type):
        case 2, "E" if 0x20 <= number < 0x40:
            event = number - 0x20
            title = f"EVIOCGBIT({_constant('input_event', event)}, {size})"
            return Varying(title, _BYTES, _EVENTS.get(event, ""))
        case 2, "E" if 0x40 <= number < 0x80 and size == _AXIS:
            return Varying(f"EVIOCGABS({_axis(number - 0x40)})", struct("input_absinfo"))
        case 1, "E" if number >= 0xC0 and size == _AXIS:
            return Varying(f"EVIOCSABS({_axis(number - 0xC0)})", struct("input_absinfo"))
        case 1, "k" if not number and size and size % _TRANSFER == 0:
            transfers = Array(struct("spi_ioc_transfer", tx_buf=HEX, rx_buf=HEX), size // _TRANSFER)
            return Varying(f"SPI_IOC_MESSAGE({size // _TRANSFER})", transfers)
    return None


def mixer(command: int) -> Varying | None:
    """A channel of a sound card that has no name of its own."""
    direction, size, type, number = parts(command)
    if chr(type) != "M" or size != 4 or not direction:
        return None
    return Varying(f"MIXER_{'READ' if direction == READ else 'WRITE'}({number})", Cell("int"))


def _axis(number: int) -> str:
    return _constant("input_absolute", number)


def _constant(table: str, number: int) -> str:
    return constants.table(table).names.get(number, f"{number:#x}")
