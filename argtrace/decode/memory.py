"""Beautifiers for addresses that are declared as numbers: mmap's `unsigned long addr`."""

from __future__ import annotations

from argtrace.decode.model import Address, Int, Value
from argtrace.decode.registry import Arg, beautifies


@beautifies(
    "*.addr",
    "*.brk",
    "*.new_addr",
    "mprotect.start",
    "madvise.start",
    "mlock.start",
    "mlock2.start",
    "munlock.start",
    "msync.start",
    "mincore.start",
    "mbind.start",
    "pkey_mprotect.start",
    "remap_file_pages.start",
    "mseal.start",
)
def address(arg: Arg) -> Value:
    return Address(arg.raw)


@beautifies("*.prot", "clone.clone_flags", "*.cmd", "*.request", "*.mask", "*.advice_flags")
def bits(arg: Arg) -> Value:
    return Int(arg.raw, arg.value, 16)


@beautifies("mmap.fd")
def mapped_descriptor(arg: Arg) -> Value:
    # Declared `unsigned long`, taken as an int: -1 comes as 0xffffffff.
    value = arg.raw & 0xFFFF_FFFF
    return Int(arg.raw, value - (1 << 32) if value >> 31 else value)
