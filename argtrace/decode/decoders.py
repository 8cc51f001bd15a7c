"""Decoders of memory that no layout describes: which there are, and what they are given.

    @decodes("sockaddr")
    def sockaddr(memory: Memory, scope: Scope) -> Value: ...

A declaration names one as Raw("sockaddr", size). Whatever the bytes, a decoder gives
a value: what is too short becomes Missing, or a Struct with an `end`.

Not here: what is decoded by its layout alone is `contents.py`.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Protocol

import argtrace.decode
from argtrace.decode import index
from argtrace.decode.model import File, Value
from argtrace.signature.layouts import MemberType
from argtrace.signature.meaning import Content, Leaf
from argtrace.value import frozen


@frozen
class Memory:
    """`data`: what was fetched from `address`; `size`: how many bytes there are in truth."""

    address: int
    data: bytes
    size: int

    @property
    def cut(self) -> bool:
        return len(self.data) < self.size


class Scope(Protocol):
    """What surrounds a value: the call's other arguments, the members beside it."""

    @property
    def result(self) -> int | None:
        """What the call returned; None at entry, and where it did not return."""

    @property
    def verbose(self) -> bool: ...

    def number(self, name: str) -> int:
        """A member beside this one, or an argument, by its declared name: a 64-bit word without sign.

        Raises KeyError.
        """

    def content(self, content: Content, data: bytes, address: int) -> Value:
        """Decode memory by its declaration."""

    def leaf(self, meaning: Leaf, word: int, type: MemberType) -> Value:
        """Decode a number by its declaration; `type` says its size and sign."""

    def file(self, fd: int) -> File | None:
        """What a descriptor refers to, as far as known."""


def file_of(descriptor: str, scope: Scope) -> File | None:
    """What the descriptor in this argument or member refers to, as far as known."""
    try:
        fd = scope.number(descriptor) & 0xFFFF_FFFF
    except KeyError:
        return None
    return scope.file(fd)


Decoder = Callable[[Memory, Scope], Value]

_DECODERS: dict[str, Decoder] = {}


_STREAMS: dict[bytes, Decoder] = {}


def streams(*kinds: bytes) -> Callable[[Decoder], Decoder]:
    """A decoder of what is read from, or written to, descriptors of this kind: their path, or
    what their detail begins with."""

    def register(function: Decoder) -> Decoder:
        for kind in kinds:
            if kind in _STREAMS:
                raise ValueError(f"{kind!r} has a decoder already")
            _STREAMS[kind] = function
        return function

    return register


def stream(file: File | None) -> Decoder | None:
    """What decodes the bytes that go through this descriptor, if they have a form."""
    if file is None or file.as_bytes:
        return None
    load()
    found = _STREAMS.get(file.path)
    if found is None and file.detail:
        found = _STREAMS.get(file.detail.split(":", 1)[0].encode())
    return found


def decodes(*names: str) -> Callable[[Decoder], Decoder]:
    def register(function: Decoder) -> Decoder:
        for name in names:
            if name in _DECODERS:
                raise ValueError(f"{name} has a decoder already")
            _DECODERS[name] = function
        return function

    return register


def decoder(name: str) -> Decoder:
    """Raises KeyError."""
    if name not in _DECODERS:
        importlib.import_module(f"argtrace.decode.{_homes()[name]}")
    return _DECODERS[name]


@functools.cache
def _homes() -> dict[str, str]:
    """Module by decoder."""
    return {name: module for module, names in index.MODULES.items() for name in names.split()}


@functools.cache
def load() -> None:
    """Import every module of `decode/`: those with decoders register them."""
    import pkgutil  # noqa: PLC0415 (start-up)

    for module in pkgutil.iter_modules(argtrace.decode.__path__):
        if not module.ispkg:
            importlib.import_module(f"argtrace.decode.{module.name}")
