"""What a declaration asks for: in which half it is read, which lengths come first, which
pointers are followed.

Not here: the copies that come of it are `derive.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from argtrace.signature.layouts import Member, layout
from argtrace.signature.meaning import (
    Array,
    At,
    Before,
    Bytes,
    Choice,
    Content,
    In,
    InOut,
    Least,
    Meaning,
    On,
    Out,
    Raw,
    Scaled,
    Size,
    Struct,
    To,
)
from argtrace.signature.sizes import WORD


def content_of(meaning: Meaning, on: On | None) -> tuple[Content, On | None] | None:
    """What this half reads of an argument, and after which results."""
    match meaning, on:
        case In(content=content), None:
            return content, None
        case InOut(content=content), None:
            return content, None
        case Out(content=content, on=when), On():
            return content, when
        case InOut(content=content, after=after, on=when), On():
            return after or content, when
    return None


def lengths(content: Content, *, before: bool = False) -> set[str]:
    """The numbers in memory that a size needs: those of this half, or those of the one before."""
    match content:
        case Bytes(size=size) | Raw(size=size):
            return _ats(size, before=before)
        case Array(count=count):
            return _ats(count, before=before)
        case Struct(size=size, members=members):
            found = set() if size is None else _ats(size, before=before)
            for _, meaning in members:
                pointer = pointer_of(meaning)
                if isinstance(pointer, To):
                    found |= lengths(pointer.content, before=before)
            return found
    return set()


def befores(meanings: Iterable[Meaning]) -> set[str]:
    """The numbers in memory that are needed again when the call returns."""
    read = [each[0] for meaning in meanings if (each := content_of(meaning, On.SUCCESS)) is not None]
    return {name for each in read for name in lengths(each, before=True)}


def _ats(size: Size, *, before: bool = False) -> set[str]:
    match size:
        case At(name=name):
            return set() if before else {name}
        case Before(of=At(name=name)):
            return {name} if before else set()
        case Least(of=of):
            return {name for each in of for name in _ats(each, before=before)}
        case Scaled(of=of):
            return _ats(of, before=before)
    return set()


def pointer_of(meaning: Meaning) -> Meaning:
    """What is fetched for a member: where flags decide whether it is a pointer, it is tried as one."""
    if isinstance(meaning, Choice):
        cases = [pointer_of(case) for _, case in meaning.cases]
        return next((case for case in cases if isinstance(case, To)), pointer_of(meaning.default))
    return meaning


def follows(content: Struct) -> bool:
    """Whether it has pointers that are followed."""
    meanings = [pointer_of(meaning) for _, meaning in content.members]
    return any(
        isinstance(meaning, To) or (isinstance(meaning, Struct) and follows(meaning)) for meaning in meanings
    )


def nests(content: Struct) -> bool:
    """Whether what those point to has pointers of its own."""
    for _, declared in content.members:
        meaning = pointer_of(declared)
        if isinstance(meaning, Struct) and nests(meaning):
            return True
        if isinstance(meaning, To):
            inner = meaning.content.element if isinstance(meaning.content, Array) else meaning.content
            if isinstance(inner, Struct) and follows(inner):
                return True
    return False


def needed(content: Struct, member: Member) -> int:
    """Bytes of the structure that must be there to follow this pointer: with its length, all of it."""
    return member.offset + WORD if content.size is not None else layout(content.name).size
