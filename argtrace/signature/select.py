"""Which calls `-e` asks for?

A list of terms, each of them one of

    openat        a name                     %file       a class
    open*         a glob                     /^p?read    a regular expression (strace)
    ?openat3      no error if there is none  !stat       taken away from the others

`!futex,%memory` takes away all of its terms. `trace=openat` is strace's spelling.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

from argtrace.errors import ArgtraceError, NotFound
from argtrace.signature.classes import class_members, class_names
from argtrace.signature.model import Signature


def select(expressions: Collection[str], signatures: Mapping[int, Signature]) -> frozenset[int]:
    """The numbers that the expressions ask for together; all where there are none.

    A list adds its terms, but those with a `!`; a list that begins with `!` takes all
    of its terms away. What is taken away is taken from what the others add, or from
    everything if none adds. Raises NotFound for a name nobody has.
    """
    added: list[str] = []
    removed: list[str] = []
    for expression in map(_strip, expressions):
        for term in filter(None, (term.strip() for term in expression.split(","))):
            negated = expression.startswith("!") or term.startswith("!")
            (removed if negated else added).append(term.removeprefix("!"))
    begin = _union(added, signatures) if added else frozenset(signatures)
    return begin - _union(removed, signatures)


def _strip(expression: str) -> str:
    return expression.removeprefix("trace=").removeprefix("t=").strip()


def _union(terms: Collection[str], signatures: Mapping[int, Signature]) -> frozenset[int]:
    return frozenset[int]().union(*(_term(term, signatures) for term in terms))


def _term(term: str, signatures: Mapping[int, Signature]) -> frozenset[int]:
    optional = term.startswith("?")
    name = term.removeprefix("?")
    if name == "all":
        return frozenset(signatures)
    if name == "none":
        return frozenset()
    if name.startswith("%"):
        if optional and name[1:] not in class_names():
            return frozenset()
        members = class_members(name[1:], signatures)
        return frozenset(number for number, s in signatures.items() if s.name in members)
    matched = frozenset(number for number, s in signatures.items() if _matches(name, s.name))
    if not matched and not optional:
        names = [signature.name for signature in signatures.values()]
        raise NotFound(name, "system calls", tuple(difflib.get_close_matches(name, names, 3)))
    return matched


def _matches(pattern: str, name: str) -> bool:
    if pattern.startswith("/"):
        try:
            return re.search(pattern[1:], name) is not None
        except (re.error, OverflowError, RecursionError) as error:
            raise ArgtraceError(
                f"'{pattern}' is no regular expression: {error}",
                remedy="a leading / makes a term a regular expression; a glob has none",
            ) from error
    return fnmatchcase(name, pattern)
