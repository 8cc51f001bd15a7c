"""What does a C header state?

Source: C11 6.6 (constant expressions) and 6.7.2.2 (enumerations), as far as UAPI headers use them.

Text in, names and numbers out. There is no preprocessor: of two definitions of a name the
first counts, whatever #if stands around it, and only what has a plain integer value is
given out. `find` and `version` are the only ones that touch the file system.

Not here: what a running kernel states is `kernels.py`.
"""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


_TRIPLETS = {"arm": "arm-linux-gnueabihf"}


class UnreadError(Exception):
    """A source that cannot be read here; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Enum:
    """One enum of a header; `name` is "" when it has none."""

    name: str
    members: dict[str, int]


def find(headers: Path, name: str, machine: str = "x86_64") -> Path:
    """Where the header is below the include directory; asm/ is the machine's, never another's."""
    multiarch = headers / _TRIPLETS.get(machine, f"{machine}-linux-gnu") / name
    if multiarch.is_file():
        return multiarch
    plain = headers / name
    if not plain.is_file():
        raise UnreadError(f"{name} is not below {headers}")
    # Only x86 has a third table of system calls, so its header tells whose asm/ this is.
    x86 = (headers / "asm/unistd_x32.h").is_file()
    if name.startswith("asm/") and not (x86 and machine == "x86_64"):
        raise UnreadError(f"{name} below {headers} is not that of {machine.replace('x86_64', 'x86-64')}")
    return plain


def version(headers: Path) -> str:
    """The release the headers are from: "Linux 7.3.4"."""
    known = defines(find(headers, "linux/version.h").read_text())
    parts = [known.get(f"LINUX_VERSION_{part}", "") for part in ("MAJOR", "PATCHLEVEL", "SUBLEVEL")]
    if not all(parts):
        code = int(known["LINUX_VERSION_CODE"])
        parts = [str(code >> 16), str(code >> 8 & 0xFF), str(code & 0xFF)]
    return "Linux " + ".".join(parts)


def plain(text: str) -> str:
    """The text without comments and without line continuations."""
    text = re.sub(r"\\\n", " ", text)
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL)


def defines(text: str) -> dict[str, str]:
    """The macros without parameters: name -> text, in the header's order, empty ones left out."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"(?m)^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(\S.*?)[ \t]*$", plain(text)):
        found.setdefault(name, value)
    return found


def enums(text: str) -> list[Enum]:
    """The enums whose members are plain, in the header's order."""
    known: dict[str, int] = {}
    found = []
    # Lines of the preprocessor stand inside some enums.
    body = re.sub(r"(?m)^[ \t]*#.*$", "", plain(text))
    for name, members in re.findall(r"\benum\s*(\w*)\s*\{(.*?)\}", body, re.DOTALL):
        enum = Enum(name, {})
        following = 0
        for member in filter(None, (part.strip() for part in members.split(","))):
            head, _, expression = member.partition("=")
            # A macro that stands for members: "___BPF_FUNC_MAPPER(__BPF_ENUM_FN)".
            value = following if not expression else evaluate(expression, known)
            if value is None or not head.strip().isidentifier():
                break
            known[head.strip()] = enum.members[head.strip()] = value
            following = value + 1
        found.append(enum)
    return found


def evaluate(expression: str, known: Mapping[str, int]) -> int | None:
    """The value of an integer constant expression, None for anything else."""
    # 16U, 0xffULL: the suffix says how wide, which a Python integer need not know.
    text = re.sub(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", expression.strip())
    try:
        return _value(ast.parse(text, mode="eval").body, known)
    except (SyntaxError, ValueError):
        return None


def _value(node: ast.expr, known: Mapping[str, int]) -> int:
    # C and Python bind these operators alike: | weakest, then &, shifts, + and -, *.
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, known), _value(right, known))
    raise ValueError
