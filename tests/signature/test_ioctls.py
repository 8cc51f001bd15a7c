"""What commands are given, by our declarations and by the headers' definitions: they fit the commands' bits.

Not here: that every name in a declaration exists is `test_calls.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from argtrace.signature import constants
from argtrace.signature.ioctls import commands, defined
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    Array,
    Bytes,
    Cell,
    Choice,
    Content,
    In,
    InOut,
    Meaning,
    Number,
    Raw,
    String,
    Struct,
    To,
    struct,
)
from argtrace.signature.sizes import cell_size, element_size
from argtrace.signature.tables.ioctl_types import TYPES

ENCODED = commands.encoded()
DEFINED = sorted(command for names in TYPES.values() for command in names.split())


def bits(command: str) -> int:
    """The size that a command has in its bits."""
    return constants.number("ioctl", command) >> 16 & 0x3FFF


def size(content: Content) -> int | None:
    match content:
        case Cell():
            return cell_size(content)
        case Struct(name=name):
            return layout(name).size
        case Array(count=int(count)):
            return element_size(content) * count
        case Raw(size=int(length)) | Bytes(size=int(length)):
            return length
    assert isinstance(content, String)
    return None


@pytest.mark.parametrize("command", sorted(ENCODED))
def test_a_declaration_has_the_size_of_its_command(command: str) -> None:
    for content in ENCODED[command]:
        assert size(content) in (bits(command), None)


def test_a_definition_has_the_size_of_its_command() -> None:
    wrong = [
        command
        for command in DEFINED
        if (content := defined.content(command)) is not None and size(content) not in (bits(command), None)
    ]
    assert len(DEFINED) > 2400
    assert wrong == []


def meanings(content: Content) -> Iterator[Meaning]:
    match content:
        case Struct(members=members):
            for _, meaning in members:
                yield from inside(meaning)
        case Array(element=element):
            yield from meanings(element)


def inside(meaning: Meaning) -> Iterator[Meaning]:
    yield meaning
    match meaning:
        case Choice(cases=cases, default=default):
            for _, case in (*cases, ("", default)):
                yield from inside(case)
        case Struct() | Array():
            yield from meanings(meaning)


def test_what_is_copied_by_its_bits_has_no_pointer_to_follow() -> None:
    # Those bytes are fetched before anybody knows what they are.
    pointing = [
        command
        for command, both in ENCODED.items()
        for content in both
        for meaning in meanings(content)
        if isinstance(meaning, To)
    ]
    assert pointing == []


def test_no_command_is_declared_twice() -> None:
    declared = [
        constants.number("ioctl", command)
        for names in (*commands.arguments(), *ENCODED)
        for command in ((names,) if isinstance(names, str) else names)
    ]
    assert [f"{number:#x}" for number in declared if declared.count(number) > 1] == []


def test_families_are_put_together() -> None:
    assert commands.arguments()["TIOCSCTTY"] == Number("int")
    assert ENCODED["BLKGETSIZE64"] == (Cell("u64"), Cell("u64"))
    assert "KVM_CREATE_VM" in {
        command for names in commands.results() for command in ((names,) if isinstance(names, str) else names)
    }


@pytest.mark.parametrize(
    ("command", "way"),
    [
        *((each, In) for each in ("FS_IOC_SHUTDOWN", "BTRFS_IOC_DEVICES_READY", "BTRFS_IOC_QGROUP_LIMIT")),
        *((each, InOut) for each in ("UBI_IOCMKVOL", "UBI_IOCATT", "EVIOCSFF", "RTC_PARAM_GET")),
        *((each, InOut) for each in ("PTP_SYS_OFFSET", "PTP_SYS_OFFSET2")),
        *((each, InOut) for each in ("SNDRV_PCM_IOCTL_REWIND", "SNDRV_PCM_IOCTL_FORWARD")),
        ("SNDRV_CTL_IOCTL_PCM_NEXT_DEVICE", InOut),
    ],
)
def test_a_command_that_has_the_direction_in_its_bits_wrong(command: str, way: type[In | InOut]) -> None:
    declared = [
        meaning
        for names, meaning in commands.arguments().items()
        if command in ((names,) if isinstance(names, str) else names)
    ]
    assert [type(meaning) for meaning in declared] == [way]
    for meaning in declared:
        assert isinstance(meaning, In | InOut)
        assert size(meaning.content) == bits(command)


def test_an_array_of_unknown_length_is_left_out() -> None:
    assert defined.sized("timespec") == struct("timespec")
    assert defined.sized("kvm_msr_list") == struct("kvm_msr_list", only_=("nmsrs",))


def test_a_command_that_no_header_defines_so() -> None:
    assert defined.content("TCGETS") is None
    assert defined.content("NOTHING") is None
