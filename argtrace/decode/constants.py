"""A number taken apart into the names that constants give it.

    flags(0x80241, …, table("open"))    Flags(names=("O_WRONLY", "O_CREAT", "O_TRUNC", "O_CLOEXEC"))
    enum(5, …, table("fcntl"))          Named(5, "F_GETLK")

No bit is lost: the numbers of all names of a Flags and its `rest` make up its value.

Not here: which sets of constants there are is `signature/constants.py`.
"""

from __future__ import annotations

from argtrace.decode.model import Flags, Int, Named
from argtrace.signature.constants import Constants


def flags(raw: int, bits: int, table: Constants) -> Flags:
    """The numbers in fields first, then each flag whose bits are all left. `bits`: the value without sign."""
    if not bits and table.zero is not None:
        return Flags(raw, 0, (table.zero,))
    names: list[str] = []
    rest = bits
    for field in table.fields:
        name = field.names.get(bits & field.mask)
        if name is not None:
            names.append(name)
            rest &= ~field.mask
    for number, name in table.names.items():
        if not rest:
            break
        if rest & number == number:
            names.append(name)
            rest &= ~number
    return Flags(raw, bits, tuple(names), rest)


def enum(raw: int, value: int, bits: int, table: Constants) -> Named | Int:
    """`bits`: the word cut to its type's size, without sign; `value`: with the sign that the type has."""
    name = table.names.get(bits) or table.names.get(value)
    if name is None:
        # A constant below zero in a type without a sign: -1 as 64 bits, or as 0xffffffff, which
        # a long word holds too where the kernel takes an int.
        signed = bits - (1 << 32 if bits < 1 << 32 else 1 << 64)
        name = table.names.get(signed)
    return Int(raw, value) if name is None else Named(raw, value, name)
