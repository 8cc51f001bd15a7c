"""How wide are the parameters that are no pointers, and are they signed?

Source: a kernel's BTF (Documentation/bpf/btf.rst, "Type Encoding"), for the types that
occur in the committed table of system calls.

Facts: ("SCALARS", "umode_t") -> (2, False), ("POINTERS", "cap_user_header_t") -> True.

Not here: the program's own reader of BTF, `argtrace/signature/btf.py`; this one knows
only what the table needs, so that neither can carry a fault into the other.
"""

from __future__ import annotations

import re
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.committed import RUNNING_BTF, ConflictError, Stated, Table, Unread, dictionary, run, spell, values
from tools.headers import UnreadError
from tools.kernels import VERSION, release
from tools.syscall_tables import NATIVE

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tools.committed import Facts

SCALARS = "argtrace/signature/tables/scalars.py"

_INT, _PTR, _ENUM, _FUNC_PROTO, _ENUM64 = 1, 2, 6, 13, 19
# typedef, volatile, const, restrict, type tag: the type is that of what they name.
_TRANSPARENT = {8, 9, 10, 11, 18}
_TYPEDEF = 8
# Bytes after a type's three words: so many, and so many for each of its elements.
_TAIL = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12),
         17: (4, 0), 19: (0, 12)}  # fmt: skip
_LAST_KIND = 19
_INT_SIGNED = 1 << 24

# The C words, and what gcc and clang call them in debug information.
_COMPILER_NAMES = {
    "long": ("long int", "long"),
    "unsigned": ("unsigned int",),
    "unsigned long": ("long unsigned int", "unsigned long"),
}


@dataclass(frozen=True, slots=True)
class Type:
    kind: int
    flag: bool
    size_or_type: int
    encoding: int


class Btf:
    """The types of a BTF blob: by number, and the named ones that can be scalars by name."""

    def __init__(self, data: bytes) -> None:
        magic, _, _, head, types_at, types_size, names_at, _ = struct.unpack_from("<HBBIIIII", data)
        if magic != 0xEB9F:
            raise UnreadError("the BTF does not begin with its magic number")
        self.types = [Type(0, flag=False, size_or_type=0, encoding=0)]
        self.named: dict[str, list[int]] = {}
        at, end = head + types_at, head + types_at + types_size
        while at < end:
            name, info, size_or_type = struct.unpack_from("<III", data, at)
            kind = info >> 24 & 0x1F
            if kind > _LAST_KIND:
                raise UnreadError(f"the BTF has a type of kind {kind}, newer than this reader")
            fixed, each = _TAIL.get(kind, (0, 0))
            encoding = struct.unpack_from("<I", data, at + 12)[0] if kind == _INT else 0
            if name and kind in (_INT, _ENUM, _ENUM64, _TYPEDEF):
                begin = head + names_at + name
                text = data[begin : data.index(b"\0", begin)].decode()
                key = f"enum {text}" if kind in (_ENUM, _ENUM64) else text
                self.named.setdefault(key, []).append(len(self.types))
            self.types.append(Type(kind, bool(info >> 31), size_or_type, encoding))
            at += 12 + fixed + each * (info & 0xFFFF)

    def scalar(self, name: str) -> tuple[int, bool] | None:
        """(size, signed) of the type; None if it is a pointer. LookupError: unknown, or no scalar."""
        found = {
            self._resolve(number)
            for spelled in _COMPILER_NAMES.get(name, (name,))
            for number in self.named.get(spelled, ())
        }
        if len(found) != 1:
            raise LookupError(name)
        return found.pop()

    def _resolve(self, number: int) -> tuple[int, bool] | None:
        type = self.types[number]
        while type.kind in _TRANSPARENT:
            type = self.types[type.size_or_type]
        match type.kind:
            case 1:  # int
                return type.size_or_type, bool(type.encoding & _INT_SIGNED)
            case 6 | 19:  # enum, enum64: the flag says that a member is negative
                return type.size_or_type, type.flag
            case 2:  # pointer
                return None
        raise LookupError(type.kind)


def wanted(root: Path) -> set[str]:
    """The types without a star in the committed table of calls, `const` taken away."""
    calls = values((root / NATIVE).read_text())["CALLS"]
    types = {type for _, params in calls.values() for type, _ in params if "*" not in type}
    return {re.sub(r"\bconst\b", "", type).strip() for type in types}


def _state(options: argparse.Namespace) -> list[Stated | Unread]:
    try:
        btf = Btf(options.btf.read_bytes())
    except OSError as error:
        return [Unread(f"the BTF {options.btf} cannot be read: {error.strerror}")]
    except UnreadError as error:
        return [Unread(str(error))]
    facts: Facts = {}
    for name in sorted(wanted(options.root)):
        try:
            scalar = btf.scalar(name)
        except LookupError:
            continue  # this kernel was built without the call that takes it
        if scalar is None:
            facts["POINTERS", name] = True
        else:
            facts["SCALARS", name] = scalar
    # BTF does not name its kernel.
    running = options.btf == RUNNING_BTF
    return [Stated("vmlinux BTF", release(VERSION.read_text()) if running else options.btf.name, facts)]


def _unpack(text: str) -> Facts:
    known = values(text)
    facts: Facts = {("SCALARS", name): scalar for name, scalar in known.get("SCALARS", {}).items()}
    return facts | {("POINTERS", name): True for name in known.get("POINTERS", ())}


def _render(facts: Facts) -> str:
    scalars = sorted((str(key[1]), scalar) for key, scalar in facts.items() if key[0] == "SCALARS")
    pointers = sorted(str(key[1]) for key in facts if key[0] == "POINTERS")
    both = {name for name, _ in scalars} & set(pointers)
    if both:
        raise ConflictError(f"both scalar and pointer: {', '.join(sorted(both))}")
    lines = "".join(f"        {spell(name)},\n" for name in pointers)
    return (
        dictionary("SCALARS", "dict[str, tuple[int, bool]]", scalars)
        + f"\nPOINTERS: frozenset[str] = frozenset(\n    {{\n{lines}    }}\n)\n"
    )


TABLES = (
    Table(
        SCALARS,
        "tools/scalar_table.py",
        "The types of parameters that show no star: SCALARS name -> (bytes, signed); POINTERS hide one.",
        "",
        _state,
        _unpack,
        _render,
    ),
)

if __name__ == "__main__":
    sys.exit(run("scalar_table", TABLES))
