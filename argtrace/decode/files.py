"""Beautifiers for descriptors, modes and flag words.

Source: include/uapi/linux/fcntl.h (AT_FDCWD).
"""

from __future__ import annotations

from argtrace.decode.model import Fd, Int, Named, Value
from argtrace.decode.registry import Arg, beautifies, beautifies_type, narrow

AT_FDCWD = -100


@beautifies("*.dfd", "*.olddfd", "*.newdfd", "*.from_dfd", "*.to_dfd")
def directory(arg: Arg) -> Value:
    # The kernel takes an int: a program that passed 0xffffff9c as an unsigned
    # number meant, and got, AT_FDCWD.
    if arg.value == AT_FDCWD:
        return Named(arg.raw, arg.value, "AT_FDCWD")
    return Fd(arg.raw, arg.value)


@beautifies(
    "*.fd",
    "*.fildes",
    "*.oldfd",
    "*.newfd",
    "*.in_fd",
    "*.out_fd",
    "*.fd_in",
    "*.fd_out",
    "*.fs_fd",
    "*.epfd",
)
def descriptor(arg: Arg) -> Value:
    # write(2) declares `unsigned int fd`, readv(2) and mmap(2) `unsigned long fd`; all
    # look up the low 32 bits, and -1 is what the program passed.
    return Fd(arg.raw, narrow(arg.raw, 4, signed=True))


@beautifies_type("umode_t")
def mode(arg: Arg) -> Value:
    return Int(arg.raw, arg.value, 8)


@beautifies("umask.mask")
def permissions(arg: Arg) -> Value:
    return Int(arg.raw, arg.bits, 8)


@beautifies("*.flags", "*.at_flags", "*.flag")
def flags(arg: Arg) -> Value:
    # Until the tables of names: bits are read in hexadecimal.
    return Int(arg.raw, arg.bits, 16)
