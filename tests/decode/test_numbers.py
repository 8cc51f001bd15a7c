"""Numbers as people write them: each kind, at the edges of its type, with nothing of the word lost."""

from __future__ import annotations

import pytest

from argtrace.decode import numbers
from argtrace.decode.model import Address, Device, Fd, File, Flags, Int, Ip, Named, Pid, Unused, Value
from argtrace.signature.calls import declarations
from argtrace.signature.meaning import (
    ADDRESS,
    BIG_ENDIAN,
    CLOCK,
    DEVICE,
    DIRFD,
    ERRNO,
    FD,
    GID,
    HEX,
    INT,
    INT32,
    IP4,
    MODE,
    PERMISSIONS,
    PID,
    PORT,
    RESERVED,
    SIGNAL,
    SIGNED,
    SIZE,
    UID,
    UNUSED,
    WAIT_STATUS,
    Leaf,
    Number,
    enum,
    flags,
    int32,
    net16,
    octal_flags,
)
from argtrace.signature.model import Int as Type
from tests.support.scope import Given

U8, U16, U32, U64 = (Type(f"u{8 * size}", size, signed=False) for size in (1, 2, 4, 8))
S8, S16, S32, S64 = (Type(f"s{8 * size}", size, signed=True) for size in (1, 2, 4, 8))

MINUS_1, MINUS_1_32 = (1 << 64) - 1, (1 << 32) - 1
AT_FDCWD = MINUS_1 - 99
SCOPE = Given({}, {3: File(b"/etc/hosts"), (1 << 31) - 1: File(b"/last")})


def leaf(meaning: Leaf, word: int, type: Type) -> Value:
    return SCOPE.leaf(meaning, word, type)


PLAIN = [
    pytest.param(INT, S32, MINUS_1_32, -1, id="an int has a sign"),
    pytest.param(INT, S32, 0x7FFF_FFFF, 0x7FFF_FFFF, id="the largest int"),
    pytest.param(INT, S32, 0xDEAD_0000_0001, 1, id="of a register what the type has"),
    pytest.param(INT, U32, MINUS_1, MINUS_1_32, id="an unsigned one has none"),
    pytest.param(INT, S64, 1 << 63, -(1 << 63), id="the least long"),
    pytest.param(INT, S8, 0x80, -128, id="the least s8"),
    pytest.param(SIGNED, U64, MINUS_1, -1, id="a sign that the type does not show"),
    pytest.param(SIGNED, U32, 1 << 31, -(1 << 31), id="the least of 32 bits"),
    pytest.param(SIZE, S64, MINUS_1, MINUS_1, id="a size has none"),
    pytest.param(SIZE, S32, MINUS_1, MINUS_1_32, id="whatever its type"),
    pytest.param(INT32, U64, MINUS_1_32, -1, id="32 bits of a long word"),
    pytest.param(INT32, U64, 1 << 32 | 5, 5, id="and no more of it"),
    pytest.param(UID, U32, 1000, 1000, id="a user"),
    pytest.param(UID, U32, MINUS_1_32, -1, id="no user"),
    pytest.param(GID, U32, MINUS_1_32 - 1, MINUS_1_32 - 1, id="nobody's group"),
    pytest.param(UID, U16, 0xFFFF, -1, id="no user, of 16 bits"),
    pytest.param(BIG_ENDIAN, U32, 0x0100_007F, 0x7F00_0001, id="32 bits in network order"),
    pytest.param(BIG_ENDIAN, U64, 1, 1 << 56, id="64 bits in it"),
    pytest.param(PORT, U16, 0x5000, 80, id="a port"),
]


@pytest.mark.parametrize(("meaning", "type", "word", "number"), PLAIN)
def test_a_plain_number(meaning: Number, type: Type, word: int, number: int) -> None:
    assert leaf(meaning, word, type) == Int(word, number)


NAMED = [
    pytest.param(enum("whence"), U32, 2, 2, "SEEK_END", id="one of several"),
    pytest.param(DIRFD, S32, AT_FDCWD & MINUS_1_32, -100, "AT_FDCWD", id="the working directory"),
    pytest.param(DIRFD, U64, AT_FDCWD, -100, "AT_FDCWD", id="in a long word"),
    pytest.param(CLOCK, S32, 1, 1, "CLOCK_MONOTONIC", id="a clock"),
    pytest.param(CLOCK, S32, -5 & MINUS_1_32, -5, "FD_TO_CLOCKID(0)", id="a descriptor's clock"),
    pytest.param(SIGNAL, S32, 9, 9, "SIGKILL", id="a signal"),
    pytest.param(ERRNO, S32, 2, 2, "ENOENT", id="an error"),
    pytest.param(ERRNO, S32, -2 & MINUS_1_32, -2, "-ENOENT", id="an error below zero"),
    pytest.param(int32("key_serial"), S64, MINUS_1 - 2, -3, "KEY_SPEC_SESSION_KEYRING", id="a key"),
    pytest.param(
        int32("key_serial"), U64, MINUS_1_32 - 2, -3, "KEY_SPEC_SESSION_KEYRING", id="with no sign above it"
    ),
    pytest.param(
        net16("ethernet_protocol"), U16, 0x0008, 0x0800, "ETH_P_IP", id="a protocol in network order"
    ),
    pytest.param(net16("ethernet_protocol"), S32, 0x0300, 3, "ETH_P_ALL", id="in an int"),
    pytest.param(WAIT_STATUS, U32, 3 << 8, 3 << 8, "exited with 3", id="an exit"),
    pytest.param(WAIT_STATUS, U32, 9, 9, "killed by SIGKILL", id="a death"),
    pytest.param(WAIT_STATUS, U32, 0x8B, 0x8B, "killed by SIGSEGV, core dumped", id="a core dump"),
    pytest.param(WAIT_STATUS, U32, 0x137F, 0x137F, "stopped by SIGSTOP", id="a stop"),
    pytest.param(WAIT_STATUS, U32, 0x857F, 0x857F, "stopped by SIGTRAP|0x80", id="a stop at a call"),
    pytest.param(WAIT_STATUS, U32, 0x3057F, 0x3057F, "stopped by SIGTRAP, event 3", id="a stop at an event"),
    pytest.param(WAIT_STATUS, U32, 0xFFFF, 0xFFFF, "continued", id="on it goes"),
]


@pytest.mark.parametrize(("meaning", "type", "word", "number", "name"), NAMED)
def test_a_number_with_a_name(meaning: Number, type: Type, word: int, number: int, name: str) -> None:
    assert leaf(meaning, word, type) == Named(word, number, name)


@pytest.mark.parametrize(
    ("meaning", "type", "word", "number"),
    [
        pytest.param(enum("whence"), U32, 99, 99, id="none of several"),
        pytest.param(CLOCK, S32, 99, 99, id="no clock"),
        pytest.param(SIGNAL, S32, 0, 0, id="no signal"),
        pytest.param(SIGNAL, S32, 65, 65, id="one beyond the last signal"),
        pytest.param(SIGNAL, S32, MINUS_1, -1, id="one below the first"),
        pytest.param(ERRNO, S32, 0, 0, id="no error"),
        pytest.param(ERRNO, S32, 4000, 4000, id="one that nobody knows"),
        pytest.param(int32("key_serial"), S64, 0x1234, 0x1234, id="a key like any other"),
        pytest.param(
            net16("ethernet_protocol"), U16, 0xEEFE, 0xFEEE, id="no protocol, in network order all the same"
        ),
    ],
)
def test_a_number_without_its_name(meaning: Number, type: Type, word: int, number: int) -> None:
    assert leaf(meaning, word, type) == Int(word, number)


OTHERS = [
    pytest.param(HEX, S32, MINUS_1, Int(MINUS_1, MINUS_1_32, 16), id="hexadecimal has no sign"),
    pytest.param(PERMISSIONS, U16, 0o644, Int(0o644, 0o644, 8), id="permissions"),
    pytest.param(ADDRESS, S64, MINUS_1, Address(MINUS_1), id="an address"),
    pytest.param(UNUSED, U32, 7, Unused(7), id="what nobody looks at"),
    pytest.param(RESERVED, U32, 0, Unused(0), id="what is to be zero, and is"),
    pytest.param(RESERVED, U32, 7, Int(7, 7, 16), id="and is not"),
    pytest.param(RESERVED, U32, 1 << 32, Unused(1 << 32), id="and is, in its type"),
    pytest.param(FD, U32, 3, Fd(3, 3, File(b"/etc/hosts")), id="a descriptor"),
    pytest.param(FD, U64, 1 << 32 | 3, Fd(1 << 32 | 3, 3, File(b"/etc/hosts")), id="of which 32 bits count"),
    pytest.param(FD, S32, 4, Fd(4, 4), id="one that nobody knows"),
    pytest.param(FD, U32, MINUS_1_32, Fd(MINUS_1_32, -1), id="none"),
    pytest.param(FD, S32, (1 << 31) - 1, Fd((1 << 31) - 1, (1 << 31) - 1, File(b"/last")), id="the last"),
    pytest.param(
        FD, S32, AT_FDCWD & MINUS_1_32, Fd(AT_FDCWD & MINUS_1_32, -100), id="no directory is meant here"
    ),
    pytest.param(DIRFD, S32, 3, Fd(3, 3, File(b"/etc/hosts")), id="a directory"),
    pytest.param(PID, S32, MINUS_1_32, Pid(MINUS_1_32, -1), id="every process"),
    pytest.param(PID, U64, 812, Pid(812, 812), id="a process"),
    pytest.param(
        IP4, U32, 0x0100_007F, Ip(0x0100_007F, bytes([127, 0, 0, 1])), id="an address in the internet"
    ),
    pytest.param(DEVICE, U64, 0x801, Device(0x801, 0x801, 8, 1), id="a device"),
    pytest.param(
        DEVICE,
        U64,
        0xFFF0_0FFF,
        Device(0xFFF0_0FFF, 0xFFF0_0FFF, 15, 0xFFFFF & 0xFFF00 | 0xFF),
        id="its 12 and 20 bits",
    ),
    pytest.param(
        DEVICE, U64, MINUS_1, Device(MINUS_1, MINUS_1, MINUS_1_32, MINUS_1_32), id="all 64 of glibc's"
    ),
    pytest.param(MODE, U32, 0o100644, Flags(0o100644, 0o100644, ("S_IFREG",), 0o644, 8), id="a file"),
    pytest.param(
        MODE,
        U16,
        0o41777,
        Flags(0o41777, 0o41777, ("S_IFDIR", "S_ISVTX"), 0o777, 8),
        id="a directory like /tmp",
    ),
    pytest.param(MODE, U16, 0o170000, Flags(0o170000, 0o170000, (), 0o170000, 8), id="no type there is"),
    pytest.param(MODE, U16, 0, Flags(0, 0, (), 0, 8), id="nothing"),
    pytest.param(flags("mmap_prot"), S32, 3, Flags(3, 3, ("PROT_READ", "PROT_WRITE")), id="flags"),
    pytest.param(flags("mmap_prot"), S32, 0, Flags(0, 0, ("PROT_NONE",)), id="none, which has a name"),
    pytest.param(
        flags("mmap_prot"),
        S32,
        MINUS_1_32 << 32 | 1 << 31 | 1,
        Flags(MINUS_1_32 << 32 | 1 << 31 | 1, 1 << 31 | 1, ("PROT_READ",), 1 << 31),
        id="a bit without a name, in its type",
    ),
    pytest.param(
        octal_flags("ipc_get"),
        S32,
        0o1600,
        Flags(0o1600, 0o1600, ("IPC_CREAT",), 0o600, 8),
        id="beside permissions",
    ),
]


@pytest.mark.parametrize(("meaning", "type", "word", "expected"), OTHERS)
def test_kinds(meaning: Number, type: Type, word: int, expected: Value) -> None:
    assert leaf(meaning, word, type) == expected


def test_every_kind_has_a_case() -> None:
    tried = {case.values[0].kind for case in (*PLAIN, *NAMED, *OTHERS)}  # type: ignore[union-attr]

    assert numbers.KINDS.keys() - tried == {"ioctl"}  # whose name needs a descriptor


def test_every_kind_that_is_declared_is_there() -> None:
    used = {
        meaning.kind
        for declaration in declarations().values()
        for _, meaning in (*declaration.params, ("", declaration.result))
        if isinstance(meaning, Number)
    }

    assert used <= numbers.KINDS.keys()
