"""A value with some of its parts replaced, at whatever depth."""

from __future__ import annotations

from collections.abc import Callable

from argtrace.decode.model import Changed, List, Struct, Value
from argtrace.value import replace


def rewritten(value: Value, leaf: Callable[[Value], Value]) -> Value:
    """`leaf` gives what is to stand for a value that has no others inside; itself, to keep it."""
    match value:
        case List(items=items):
            return replace(value, items=tuple(rewritten(item, leaf) for item in items))
        case Struct(members=members):
            return replace(value, members=tuple((name, rewritten(each, leaf)) for name, each in members))
        case Changed(before=before, after=after):
            return replace(value, before=rewritten(before, leaf), after=rewritten(after, leaf))
    return leaf(value)
