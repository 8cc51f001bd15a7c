"""Commands of ioctl(2) by name, and which content lies behind a command."""

from __future__ import annotations

import pytest

from argtrace.decode import ioctl
from argtrace.decode.model import File
from argtrace.signature import constants
from argtrace.signature.meaning import ADDRESS, Array, Bytes, Cell, Raw, String, struct
from argtrace.signature.meaning import Struct as StructOf
from tests.support.scope import Given, decode, plain

READ, WRITE = 2, 1


def command(direction: int, type: str | int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | (ord(type) if isinstance(type, str) else type) << 8 | number


# ---- names -----------------------------------------------------------------------------

NAMES = [
    pytest.param(0x5401, "TCGETS", id="a plain number"),
    pytest.param(0x5413, "TIOCGWINSZ", id="another"),
    pytest.param(0x80045430, "TIOCGPTN", id="one with a size"),
    pytest.param(0x80086601, "FS_IOC_GETFLAGS", id="of files"),
    pytest.param(0x12345678, "_IOC(_IOC_NONE, 0x56, 0x78, 0x1234)", id="nobody's"),
    pytest.param(0x8004FF01, "_IOC(_IOC_READ, 0xff, 0x1, 0x4)", id="nobody's that reads"),
    pytest.param(0xFFFFFFFF, "_IOC(_IOC_READ|_IOC_WRITE, 0xff, 0xff, 0x3fff)", id="the last"),
    pytest.param(0, "_IOC(_IOC_NONE, 0, 0, 0)", id="the first"),
    pytest.param(command(READ, "E", 0x06, 64), "EVIOCGNAME(64)", id="a length"),
    pytest.param(command(READ, "E", 0x06, 0), "EVIOCGNAME(0)", id="no length"),
    pytest.param(command(READ, "E", 0x21, 96), "EVIOCGBIT(EV_KEY, 96)", id="an event and a length"),
    pytest.param(command(READ, "E", 0x26, 8), "EVIOCGBIT(0x6, 8)", id="an event nobody knows"),
    pytest.param(command(READ, "E", 0x40, 24), "EVIOCGABS(ABS_X)", id="the first axis"),
    pytest.param(command(READ, "E", 0x7F, 24), "EVIOCGABS(0x3f)", id="an axis nobody knows"),
    pytest.param(
        command(READ, "E", 0x40, 20), "_IOC(_IOC_READ, 0x45, 0x40, 0x14)", id="an axis of another size"
    ),
    pytest.param(command(WRITE, "E", 0xC1, 24), "EVIOCSABS(ABS_Y)", id="an axis to set"),
    pytest.param(command(WRITE, "k", 0, 96), "SPI_IOC_MESSAGE(3)", id="transfers"),
    pytest.param(command(WRITE, "k", 0, 33), "_IOC(_IOC_WRITE, 0x6b, 0, 0x21)", id="parts of a transfer"),
    pytest.param(command(READ, "M", 0x30, 4), "MIXER_READ(48)", id="a channel without a name"),
    pytest.param(command(READ | WRITE, "M", 0x30, 4), "MIXER_WRITE(48)", id="the same to set"),
    pytest.param(command(READ, "H", 0x04, 12), "HIDIOCGRAWNAME(12)", id="a name of a HID"),
]


@pytest.mark.parametrize(("number", "name"), NAMES)
def test_name(number: int, name: str) -> None:
    assert ioctl.name(number) == name


SHARED = [
    pytest.param(0x5402, None, "SNDCTL_TMR_START or TCSETS", id="nobody knows which"),
    pytest.param(0x5402, b"/dev/pts/3", "TCSETS", id="a terminal"),
    pytest.param(0x5402, b"/dev/sequencer2", "SNDCTL_TMR_START", id="a sequencer"),
    pytest.param(0x5402, b"/dev/zero", "SNDCTL_TMR_START or TCSETS", id="neither"),
    pytest.param(0x5402, b"/dev/snd/\xff", "SNDCTL_TMR_START or TCSETS", id="a driver that has neither"),
    pytest.param(0xC0185502, b"/dev/bus/usb/001/002", "USBDEVFS_BULK", id="USB"),
    pytest.param(0xC0185502, b"/dev/snd/controlC0", "SNDRV_CTL_IOCTL_CARD_BYTES", id="sound"),
    pytest.param(0x5401, b"/dev/snd/seq", "TCGETS", id="there is but one"),
]


@pytest.mark.parametrize(("number", "path", "name"), SHARED)
def test_a_number_of_several_drivers(number: int, path: bytes | None, name: str) -> None:
    assert ioctl.name(number, path) == name


def test_every_name_is_found_by_its_number() -> None:
    table = constants.table("ioctl")
    known = {name: number for number, name in table.names.items()} | dict(table.aliases)
    assert len(known) > 3000
    missing = [name for name, number in known.items() if name not in ioctl.names(number & 0xFFFFFFFF)]
    assert missing == []


# ---- what lies behind them -------------------------------------------------------------


def content(name: str, path: bytes | None = None, *, after: bool = False) -> object:
    return ioctl.content(constants.number("ioctl", name), path, after=after)


def test_what_we_declare() -> None:
    found = content("EVIOCGID")
    assert isinstance(found, StructOf)
    assert dict(found.members).keys() == {"bustype", "vendor", "product", "version"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("SNDRV_PCM_IOCTL_PVERSION", Cell("int"), id="a number"),
        pytest.param("SNDRV_PCM_IOCTL_DELAY", Cell("snd_pcm_sframes_t"), id="a number by its typedef"),
        pytest.param("FW_CDEV_IOC_GET_CYCLE_TIMER", struct("fw_cdev_get_cycle_timer"), id="a structure"),
        pytest.param("VDUSE_DESTROY_DEV", String(), id="letters"),
        pytest.param("JSIOCGAXMAP", Bytes(64), id="bytes"),
        pytest.param("JSIOCGBTNMAP", Array(Cell("u16"), 512), id="numbers"),
        pytest.param("VFAT_IOCTL_READDIR_BOTH", Array(struct("__fat_dirent"), 2), id="structures"),
        pytest.param("UDF_GETEABLOCK", Cell("void *", ADDRESS), id="a pointer"),
        pytest.param("SNDRV_FIREWIRE_IOCTL_GET_INFO", struct("snd_firewire_get_info"), id="one driver's"),
    ],
)
def test_what_a_definition_says(name: str, expected: object) -> None:
    assert content(name) == expected


def test_before_and_after() -> None:
    before, after = content("VIDIOC_G_CTRL"), content("VIDIOC_G_CTRL", after=True)
    assert isinstance(before, StructOf)
    assert isinstance(after, StructOf)
    assert (before.only, after.only) == (("id",), ())


def test_of_two_drivers_that_copy_different_things_nobody_knows_which() -> None:
    shared = constants.number("ioctl", "UBLK_U_CMD_ADD_DEV")
    assert ioctl.names(shared) == ("PWM_IOCTL_GETWF", "UBLK_U_CMD_ADD_DEV")
    assert ioctl.content(shared) is None
    assert ioctl.content(shared, b"/dev/ublk-control") == struct("ublksrv_ctrl_cmd")


def test_a_length_is_no_part_of_what_is_there() -> None:
    assert ioctl.content(command(READ, "E", 0x06, 64)) == String()
    assert ioctl.content(command(READ, "E", 0x0A, 64)) == Raw("multitouch_slots", 0)
    assert ioctl.content(command(READ, "?", 1, 8)) is None


# ---- the decoder -----------------------------------------------------------------------


def test_nothing_is_copied() -> None:
    assert plain(decode("ioctl", b"", 0, cmd=0x5401)) == "0x1000"


def test_nobody_knows_the_command() -> None:
    assert plain(decode("ioctl", b"abc", cmd=command(READ, "?", 1, 3))) == b"abc"
    assert plain(decode("ioctl", b"abc")) == b"abc"


def test_too_little_for_its_type() -> None:
    number = constants.number("ioctl", "EVIOCGID")
    assert plain(decode("ioctl", b"\3\0", 2, cmd=number)) == b"\3\0"
    assert plain(decode("ioctl", b"\3\0\1\0", 8, cmd=number)) == {
        "bustype": "BUS_USB",
        "vendor": 1,
        "…": "<cut: 4 bytes of 8>",
    }


def test_the_driver_by_the_descriptor() -> None:
    number, data = constants.number("ioctl", "UBLK_U_CMD_ADD_DEV"), bytes(32)
    assert plain(decode("ioctl", data, cmd=number, fd=3)) == data
    scope = Given({"cmd": number, "fd": 3}, {3: File(b"/dev/ublk-control")})
    assert plain(decode("ioctl", data, scope=scope))["dev_id"] == 0


def test_the_path_of_its_descriptor() -> None:
    files = {3: File(b"/dev/pts/0"), 0x7FFF_FFFF: File(b"/dev/snd/timer")}
    assert ioctl.path(Given({"fd": 0xFFFF_FFFF_0000_0003}, files)) == b"/dev/pts/0"
    assert ioctl.path(Given({"fd": -1}, files)) is None
    assert ioctl.path(Given({}, files)) is None
