"""What an argument means that nobody has declared: a call newer than this program.

The kernel's own names and types tell much: `dfd` is a directory's descriptor, a
`umode_t` permissions, a `const char *` without a length beside it a path, a pointer to a
structure that the headers or the kernel's BTF describe that structure. What is no more
than an address stays one.
"""

from __future__ import annotations

from argtrace.signature.c_types import is_string, is_strings
from argtrace.signature.layouts import known
from argtrace.signature.meaning import (
    ADDRESS,
    DIRFD,
    FD,
    GID,
    HEX,
    INT,
    PERMISSIONS,
    PID,
    UID,
    In,
    InOut,
    Meaning,
    Path,
    Strings,
    Struct,
)
from argtrace.signature.model import Int, Opaque, Pointer, Type

_BY_TYPE = {"umode_t": PERMISSIONS, "pid_t": PID, "uid_t": UID, "gid_t": GID, "qid_t": UID}
_BY_NAME = {
    "dfd": DIRFD,
    "olddfd": DIRFD,
    "newdfd": DIRFD,
    "fd": FD,
    "fildes": FD,
    "flags": HEX,
    "at_flags": HEX,
    "mask": HEX,
    "cmd": HEX,
    "addr": ADDRESS,
    "start": ADDRESS,
}
_LENGTHS = frozenset({"len", "size", "count", "length"})


def guess(name: str, type: Type, names: frozenset[str]) -> Meaning:
    """`names`: those of all the call's parameters."""
    if isinstance(type, Int):
        return _BY_TYPE.get(type.name) or _BY_NAME.get(name, INT)
    if is_strings(type):
        return In(Strings())
    # A `char *` that the kernel may write to, or that has a length beside it, is a buffer.
    if is_string(type) and isinstance(type, Pointer) and type.const and not names & _LENGTHS:
        return In(Path())
    if isinstance(type, Pointer) and isinstance(type.target, Opaque):
        return _structure(type.target.name, const=type.const)
    return ADDRESS if isinstance(type, Pointer | Opaque) else HEX


def _structure(name: str, *, const: bool) -> Meaning:
    """Without const the kernel may write to it."""
    kind, _, name = name.rpartition(" ")
    if kind not in ("struct", "union") or not known(name):
        return ADDRESS
    return In(Struct(name)) if const else InOut(Struct(name))
