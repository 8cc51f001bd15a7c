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


@beautifies("*.prot", "clone.clone_flags", "*.cmd", "*.request", "*.mask")
def bits(arg: Arg) -> Value:
    return Int(arg.raw, arg.bits, 16)
