"""C type text to Type: `const char *const *` is a pointer to const pointers to const char.

The text is that of tracefs formats and of our tables: one name, qualifiers,
stars. No arrays, no functions.

Source of sizes: `tables/scalars.py`.

Not here: types of a running kernel's structures are `btf.py`.
"""

from __future__ import annotations

import functools

from argtrace.signature.model import Int, Opaque, Pointer, Type, Void
from argtrace.signature.tables.scalars import POINTERS, SCALARS

CHAR = Int("char", 1, signed=True)

# A type no table knows comes in a register like all others: shown as the word it is.
_WORD = 8


@functools.cache  # a kernel's 1,100 parameters have some 120 types
def parse(text: str) -> Type:
    words = text.replace("*", " * ").split()
    const = "const" in words[: words.index("*")] if "*" in words else False
    stars = words.count("*")
    name = " ".join(word for word in words if word not in ("const", "volatile", "*"))
    if not stars:
        return _scalar(name)
    type = _target(name)
    for _ in range(stars):
        type = Pointer(type, const)
    return type


def is_string(type: Type) -> bool:
    """`char *` or `const char *`."""
    return isinstance(type, Pointer) and type.target == CHAR


def is_strings(type: Type) -> bool:
    """`char **` in any of its const spellings."""
    return isinstance(type, Pointer) and is_string(type.target)


def _scalar(name: str) -> Type:
    if name in POINTERS:
        return Opaque(name)
    size, signed = SCALARS.get(name, (_WORD, False))
    return Int(name, size, signed)


def _target(name: str) -> Type:
    if name == "void":
        return Void()
    if name == "char":
        return CHAR
    if name in SCALARS:
        return Int(name, *SCALARS[name])
    return Opaque(name)
