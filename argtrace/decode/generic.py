"""What a C type alone says of a word: an integer, or an address."""

from __future__ import annotations

from argtrace.decode.model import Address, Int, Value
from argtrace.decode.registry import Arg
from argtrace.signature import model


def generic(arg: Arg) -> Value:
    if isinstance(arg.type, model.Int):
        return Int(arg.raw, arg.value)
    return Address(arg.raw)


def word(arg: Arg) -> Value:
    """A word of unknown meaning: hexadecimal, as nobody knows its sign."""
    return Int(arg.raw, arg.raw, 16)


def half(arg: Arg) -> Value:
    """A word of a 32-bit call: the kernel takes the low half of the register."""
    return Int(arg.raw, arg.raw & 0xFFFF_FFFF, 16)
