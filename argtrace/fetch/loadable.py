"""What a session gives to the kernel, as bytes: maps, programs, and what is put into the maps.

A ProgramSet says why each program is there and can be read; this is all that loading
takes of it, and it can be written down.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from argtrace.kernel.maps import MapSpec

_IMMEDIATE = struct.Struct("<i")
_INSTRUCTION, _IMMEDIATE_AT = 8, 4  # bytes: include/uapi/linux/bpf.h, struct bpf_insn


@dataclass(frozen=True, slots=True)
class Code:
    """A program without map descriptors. `maps`: which map the 64-bit load at an index names."""

    name: str
    instructions: bytes
    maps: tuple[tuple[int, str], ...]

    def bind(self, descriptors: Mapping[str, int]) -> bytes:
        """As the kernel takes it, with map descriptors filled in."""
        bound = bytearray(self.instructions)
        for at, name in self.maps:
            _IMMEDIATE.pack_into(bound, at * _INSTRUCTION + _IMMEDIATE_AT, descriptors[name])
        return bytes(bound)


@dataclass(frozen=True, slots=True)
class Loadable:
    """`attached`: tracepoint and program, in this order. `reached`: program array, index,
    program. `values`: map, key, value."""

    maps: tuple[MapSpec, ...]
    codes: tuple[Code, ...]
    attached: tuple[tuple[str, str], ...]
    reached: tuple[tuple[str, int, str], ...]
    values: tuple[tuple[str, bytes, bytes], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "maps": [astuple(spec) for spec in self.maps],
            "codes": [(code.name, _text(code.instructions), code.maps) for code in self.codes],
            "attached": self.attached,
            "reached": self.reached,
            "values": [(name, _text(key), _text(value)) for name, key, value in self.values],
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Loadable:
        """Raises KeyError, TypeError or ValueError for what is not from `to_json`."""
        return cls(
            tuple(MapSpec(*spec) for spec in found["maps"]),
            tuple(
                Code(name, base64.b64decode(code), tuple((at, of) for at, of in maps))
                for name, code, maps in found["codes"]
            ),
            tuple((tracepoint, name) for tracepoint, name in found["attached"]),
            tuple((array, index, name) for array, index, name in found["reached"]),
            tuple(
                (name, base64.b64decode(key), base64.b64decode(value)) for name, key, value in found["values"]
            ),
        )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
