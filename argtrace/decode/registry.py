"""Which beautifier decodes which argument.

Asked in this order: the call's own argument ("kill.sig"), the parameter's name
whatever the call ("*.dfd"), the C type ("umode_t"). Where nobody answers,
`generic.py` does, from the type alone.

A beautifier takes the argument's word and its C type and gives a Value. It knows
nothing of layout, styles or records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argtrace.decode.model import Value
from argtrace.signature.model import Int, Param, Type


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: its 64-bit word, and its declared type."""

    raw: int
    type: Type

    @property
    def value(self) -> int:
        """The word as the type has it: cut to its size, with its sign."""
        if not isinstance(self.type, Int):
            return self.raw
        return narrow(self.raw, self.type.size, self.type.signed)

    @property
    def bits(self) -> int:
        """The word cut to the type's size, without a sign: what flags and masks are read from."""
        return narrow(self.raw, self.type.size, signed=False) if isinstance(self.type, Int) else self.raw


Beautifier = Callable[[Arg], Value]

_BY_ARGUMENT: dict[str, Beautifier] = {}
_BY_NAME: dict[str, Beautifier] = {}
_BY_TYPE: dict[str, Beautifier] = {}


def beautifies(*arguments: str) -> Callable[[Beautifier], Beautifier]:
    """For "call.parameter", or "*.parameter" in every call that has one of that name."""

    def register(function: Beautifier) -> Beautifier:
        for argument in arguments:
            call, _, name = argument.partition(".")
            table, key = (_BY_NAME, name) if call == "*" else (_BY_ARGUMENT, argument)
            if key in table:
                raise ValueError(f"{argument} has a beautifier already")
            table[key] = function
        return function

    return register


def beautifies_type(*names: str) -> Callable[[Beautifier], Beautifier]:
    """For every parameter of this integer type."""

    def register(function: Beautifier) -> Beautifier:
        for name in names:
            if name in _BY_TYPE:
                raise ValueError(f"type {name} has a beautifier already")
            _BY_TYPE[name] = function
        return function

    return register


def find(call: str, param: Param) -> Beautifier | None:
    type_name = param.type.name if isinstance(param.type, Int) else ""
    # A name says something of a number only: `int *flags` is no set of flags.
    by_name = _BY_NAME.get(param.name) if isinstance(param.type, Int) else None
    return _BY_ARGUMENT.get(f"{call}.{param.name}") or by_name or _BY_TYPE.get(type_name)


def registered() -> Mapping[str, Beautifier]:
    """The beautifiers of single arguments, for the test that their calls exist."""
    return dict(_BY_ARGUMENT)


def narrow(raw: int, size: int, signed: bool) -> int:
    """The low `size` bytes of a word, with their sign if they have one."""
    bits = size * 8
    value = raw & (1 << bits) - 1
    return value - (1 << bits) if signed and value >> bits - 1 else value
