"""Which calls `-e` asks for: names, globs, regular expressions, classes, negation.

openat,close      these two                %file        a class
open*             a glob                   /^p?read     a regular expression (strace)
!futex,%memory    all but these            ?openat3     no error if there is none
trace=openat      strace's spelling of the same
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

from argtrace.errors import ArgtraceError, NotFound
from argtrace.signature.classes import class_members
from argtrace.signature.model import Signature


def select(expressions: Collection[str], signatures: Mapping[int, Signature]) -> frozenset[int]:
    """The numbers that the expressions ask for together; all where there are none.

    Positive ones add up; negative ones (a leading `!`) take away from what the
    positive ones gave, or from everything. Raises NotFound for a name nobody has.
    """
    everything = frozenset(signatures)
    positive = [e for e in map(_strip, expressions) if not e.startswith("!")]
    negative = [e[1:] for e in map(_strip, expressions) if e.startswith("!")]
    chosen = frozenset[int]().union(*(_list(e, signatures) for e in positive)) if positive else everything
    return chosen.difference(*(_list(e, signatures) for e in negative))


def _strip(expression: str) -> str:
    return expression.removeprefix("trace=").removeprefix("t=").strip()


def _list(expression: str, signatures: Mapping[int, Signature]) -> frozenset[int]:
    terms = [term.strip() for term in expression.split(",") if term.strip()]
    return frozenset[int]().union(*(_term(term, signatures) for term in terms))


def _term(term: str, signatures: Mapping[int, Signature]) -> frozenset[int]:
    optional = term.startswith("?")
    name = term.removeprefix("?")
    if name == "all":
        return frozenset(signatures)
    if name == "none":
        return frozenset()
    if name.startswith("%"):
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
        except re.error as error:
            raise ArgtraceError(
                f"'{pattern}' is no regular expression: {error}",
                remedy="a leading / makes a term a regular expression; a glob has none",
            ) from error
    return fnmatchcase(name, pattern)
