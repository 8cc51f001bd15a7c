"""What a session gives to the kernel, as bytes: maps, programs, and what is put into the maps.

A ProgramSet says why each program is there and can be read; this is all that loading
takes of it, and it can be written down.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from argtrace.value import frozen, names

_IMMEDIATE = struct.Struct("<i")
_INSTRUCTION, _IMMEDIATE_AT = 8, 4  # bytes: include/uapi/linux/bpf.h, struct bpf_insn


@frozen
class Code:
    """A program without map descriptors. `maps`: which map the 64-bit load at an index names;
    `functions`: the type of each function, by the index where it begins. `type`: of program."""

    name: str
    instructions: bytes
    maps: tuple[tuple[int, str], ...]
    functions: tuple[tuple[int, int], ...] = ()
    type: int = uapi.BPF_PROG_TYPE_RAW_TRACEPOINT

    def bind(self, descriptors: Mapping[str, int]) -> bytes:
        """As the kernel takes it, with map descriptors filled in."""
        bound = bytearray(self.instructions)
        for at, name in self.maps:
            _IMMEDIATE.pack_into(bound, at * _INSTRUCTION + _IMMEDIATE_AT, descriptors[name])
        return bytes(bound)


@frozen
class Loadable:
    """`attached`: tracepoint and program, in this order. `reached`: program array, index,
    program. `values`: map, key, value. `btf`: the types of functions."""

    maps: tuple[MapSpec, ...]
    codes: tuple[Code, ...]
    attached: tuple[tuple[str, str], ...]
    reached: tuple[tuple[str, int, str], ...]
    values: tuple[tuple[str, bytes, bytes], ...]
    btf: bytes = b""

    def plain(self) -> tuple[object, ...]:
        """As nothing but tuples, strings, numbers and bytes."""
        return (
            tuple(_plain(spec) for spec in self.maps),
            tuple(_plain(code) for code in self.codes),
            self.attached,
            self.reached,
            self.values,
            self.btf,
        )

    @classmethod
    def of_plain(cls, found: Any) -> Loadable:
        """Raises TypeError or ValueError for what is not from `plain`."""
        maps, codes, attached, reached, values, btf = found
        return cls(
            tuple([MapSpec(*spec) for spec in maps]),
            tuple([Code(*code) for code in codes]),
            attached,
            reached,
            values,
            btf,
        )


def _plain(value: object) -> tuple[object, ...]:
    return tuple(getattr(value, name) for name in names(value))
