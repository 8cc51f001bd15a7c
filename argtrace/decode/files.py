"""Beautifiers for descriptors, modes and flag words.

Source: include/uapi/linux/fcntl.h (AT_FDCWD).
"""

from __future__ import annotations

from argtrace.decode.model import Fd, Int, Named, Value
from argtrace.decode.registry import Arg, beautifies, beautifies_type

AT_FDCWD = -100


@beautifies("*.dfd", "*.olddfd", "*.newdfd", "*.from_dfd", "*.to_dfd", "*.fs_dfd")
def directory(arg: Arg) -> Value:
    # The kernel takes an int: a program that passed 0xffffff9c as an unsigned
    # number meant, and got, AT_FDCWD.
    if arg.value == AT_FDCWD:
        return Named(arg.raw, arg.value, "AT_FDCWD")
    return Fd(arg.raw, arg.value)


@beautifies("*.fd", "*.fildes", "*.oldfd", "*.newfd", "*.in_fd", "*.out_fd", "*.fd_in", "*.fd_out", "*.epfd")
def descriptor(arg: Arg) -> Value:
    # write(2) declares `unsigned int fd`: -1 is what the program passed.
    value = arg.value
    return Fd(arg.raw, value - (1 << 32) if 1 << 31 <= value < 1 << 32 else value)


@beautifies_type("umode_t")
def mode(arg: Arg) -> Value:
    return Int(arg.raw, arg.value, 8)


@beautifies("*.mode", "umask.mask")
def permissions(arg: Arg) -> Value:
    return Int(arg.raw, arg.value, 8)


@beautifies("*.flags", "*.at_flags", "*.flag")
def flags(arg: Arg) -> Value:
    # Until the tables of names: bits are read in hexadecimal.
    return Int(arg.raw, arg.raw & 0xFFFF_FFFF if arg.value < 0 else arg.value, 16)
