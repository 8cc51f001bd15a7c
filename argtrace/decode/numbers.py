"""Numbers as people write them: one function for each kind of number that a declaration can name.

Each gets the number's bits without a sign, its size, and the signed value if its C type
has one; `table` is the declared set of constants.

Sources: include/uapi/linux/fcntl.h (AT_FDCWD), linux/kdev_t.h and sys/sysmacros.h (device
numbers), linux/stat.h (file types), wait(2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from argtrace.decode import constants as decoded
from argtrace.decode.clocks import dynamic
from argtrace.decode.decoders import Scope
from argtrace.decode.model import Address, Device, Fd, Flags, Int, Ip, Named, Pid, Unused, Value
from argtrace.decode.process import ending
from argtrace.decode.tables.errno import ERRNO
from argtrace.decode.tables.signals import SIGNALS
from argtrace.signature import constants, model
from argtrace.signature.layouts import MemberType
from argtrace.value import replace

AT_FDCWD = -100


class Word(NamedTuple):
    """`raw` as it came, 64 bits of a register or a member's own; `size` in bytes of its C type."""

    raw: int
    size: int
    signed: bool

    @property
    def bits(self) -> int:
        """Cut to the type's size, without a sign: what flags and masks are read from."""
        return self.raw & (1 << 8 * self.size) - 1

    @property
    def value(self) -> int:
        """Cut to the type's size, with its sign."""
        return narrow(self.raw, self.size, signed=self.signed)

    @property
    def as_int(self) -> int:
        """As the kernel takes an int or pid_t, however the parameter is declared."""
        return narrow(self.raw, min(self.size, 4), signed=True)


def word(raw: int, type: MemberType | model.Type) -> Word:
    if isinstance(type, model.Int):
        return Word(raw, type.size, type.signed)
    return Word(raw, 8, signed=False)


def narrow(raw: int, size: int, *, signed: bool) -> int:
    bits = 8 * size
    value = raw & (1 << bits) - 1
    return value - (1 << bits) if signed and value >> bits - 1 else value


Kind = Callable[[Word, str, Scope], Value]


def _int(number: Word, table: str, scope: Scope) -> Value:
    return Int(number.raw, number.value)


def _size(number: Word, table: str, scope: Scope) -> Value:
    return Int(number.raw, number.bits)


def _hex(number: Word, table: str, scope: Scope) -> Value:
    return Int(number.raw, number.bits, 16)


def _octal(number: Word, table: str, scope: Scope) -> Value:
    return Int(number.raw, number.bits, 8)


def _address(number: Word, table: str, scope: Scope) -> Value:
    return Address(number.bits)


def _fd(number: Word, table: str, scope: Scope) -> Value:
    # write(2) declares `unsigned int fd`, readv(2) `unsigned long fd`; all look up the low
    # 32 bits, and -1 is what the program passed.
    fd = number.as_int
    return Fd(number.raw, fd, scope.file(fd) if fd >= 0 else None)


def _dirfd(number: Word, table: str, scope: Scope) -> Value:
    # The kernel takes an int: a program that passed 0xffffff9c meant, and got, AT_FDCWD.
    if number.as_int == AT_FDCWD:
        return Named(number.raw, AT_FDCWD, "AT_FDCWD")
    return _fd(number, table, scope)


def _pid(number: Word, table: str, scope: Scope) -> Value:
    return Pid(number.raw, number.as_int)


def _id(number: Word, table: str, scope: Scope) -> Value:
    # -1 leaves an id as it is; others are unsigned.
    value = -1 if number.bits == (1 << 8 * number.size) - 1 else number.bits
    return Int(number.raw, value)


def _flags(number: Word, table: str, scope: Scope) -> Value:
    return decoded.flags(number.raw, number.bits, constants.table(table))


def _enum(number: Word, table: str, scope: Scope) -> Value:
    return decoded.enum(number.raw, number.value, number.bits, constants.table(table))


def _signed(number: Word, table: str, scope: Scope) -> Value:
    return Int(number.raw, narrow(number.raw, number.size, signed=True))


def _octal_flags(number: Word, table: str, scope: Scope) -> Value:
    found = decoded.flags(number.raw, number.bits, constants.table(table))
    return replace(found, base=8) if isinstance(found, Flags) else found


def _int32(number: Word, table: str, scope: Scope) -> Value:
    if not table:
        return Int(number.raw, number.as_int)
    return decoded.enum(number.raw, number.as_int, number.bits & 0xFFFF_FFFF, constants.table(table))


def _net16(number: Word, table: str, scope: Scope) -> Value:
    swapped = int.from_bytes((number.bits & 0xFFFF).to_bytes(2, "big"), "little")
    return decoded.enum(number.raw, swapped, swapped, constants.table(table))


def _clock(number: Word, table: str, scope: Scope) -> Value:
    clock = number.as_int
    if clock < 0:
        return Named(number.raw, clock, dynamic(clock))
    return decoded.enum(number.raw, clock, clock, constants.table(table))


def _signal(number: Word, table: str, scope: Scope) -> Value:
    value = number.as_int
    name = SIGNALS.get(value)
    return Int(number.raw, value) if name is None else Named(number.raw, value, name)


FILE_TYPES = {  # bits 0o170000 of a mode
    0o140000: "S_IFSOCK",
    0o120000: "S_IFLNK",
    0o100000: "S_IFREG",
    0o060000: "S_IFBLK",
    0o040000: "S_IFDIR",
    0o020000: "S_IFCHR",
    0o010000: "S_IFIFO",
}
_BITS = {0o4000: "S_ISUID", 0o2000: "S_ISGID", 0o1000: "S_ISVTX"}


def _mode(number: Word, table: str, scope: Scope) -> Value:
    bits = number.bits
    names = []
    if bits & 0o170000 in FILE_TYPES:
        names.append(FILE_TYPES[bits & 0o170000])
        bits &= ~0o170000
    for bit, name in _BITS.items():
        if bits & bit:
            names.append(name)
            bits &= ~bit
    return Flags(number.raw, number.bits, tuple(names), bits, base=8)


def _device(number: Word, table: str, scope: Scope) -> Value:
    bits = number.bits
    major = bits >> 8 & 0xFFF | bits >> 32 & 0xFFFF_F000
    minor = bits & 0xFF | bits >> 12 & 0xFFFF_FF00
    return Device(number.raw, bits, major, minor)


def _wait_status(number: Word, table: str, scope: Scope) -> Value:
    code = number.bits
    if code == 0xFFFF:
        return Named(number.raw, code, "continued")
    if code & 0xFF == 0x7F:
        # ptrace(2): an event above the signal that stopped it.
        event = f", event {code >> 16}" if code >> 16 else ""
        trace = code >> 8 & 0x80
        name = SIGNALS.get(code >> 8 & 0x7F, str(code >> 8 & 0x7F)) + ("|0x80" if trace else "")
        return Named(number.raw, code, f"stopped by {name}{event}")
    end = ending(code)
    if end.signal is None:
        return Named(number.raw, code, f"exited with {end.status}")
    return Named(number.raw, code, f"killed by {end.signal}{', core dumped' if end.core else ''}")


def _ip4(number: Word, table: str, scope: Scope) -> Value:
    return Ip(number.raw, number.bits.to_bytes(4, "little"))


def _big_endian(number: Word, table: str, scope: Scope) -> Value:
    return Int(number.raw, int.from_bytes(number.bits.to_bytes(number.size, "little"), "big"))


def _errno(number: Word, table: str, scope: Scope) -> Value:
    value = number.value
    name = ERRNO.get(abs(value))
    sign = "-" if value < 0 else ""
    return Int(number.raw, value) if name is None else Named(number.raw, value, sign + name[0])


def _unused(number: Word, table: str, scope: Scope) -> Value:
    return Unused(number.raw)


def _reserved(number: Word, table: str, scope: Scope) -> Value:
    return Int(number.raw, number.bits, 16) if number.bits else Unused(number.raw)


def _ioctl(number: Word, table: str, scope: Scope) -> Value:
    from argtrace.decode import ioctl  # noqa: PLC0415 (it decodes numbers itself)

    return Named(number.raw, number.bits, ioctl.name(number.bits, ioctl.path(scope)))


KINDS: dict[str, Kind] = {
    "ioctl": _ioctl,
    "int": _int,
    "size": _size,
    "signed": _signed,
    "int32": _int32,
    "clock": _clock,
    "net16": _net16,
    "octal_flags": _octal_flags,
    "hex": _hex,
    "permissions": _octal,
    "address": _address,
    "fd": _fd,
    "dirfd": _dirfd,
    "pid": _pid,
    "uid": _id,
    "gid": _id,
    "flags": _flags,
    "enum": _enum,
    "signal": _signal,
    "mode": _mode,
    "device": _device,
    "wait_status": _wait_status,
    "ip4": _ip4,
    "port": _big_endian,
    "big_endian": _big_endian,
    "errno": _errno,
    "unused": _unused,
    "reserved": _reserved,
}
