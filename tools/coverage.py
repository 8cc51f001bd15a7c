"""How is each argument of each system call decoded, and how much is fetched for it?

    python3 -m tools.coverage            write docs/coverage.md
    python3 -m tools.coverage --check    compare, write nothing; exit 1 on a difference

Source: the declarations (`argtrace/signature/calls/`) and the plans that follow from them, for
x86-64 and the parameters of the committed table; inputs/addresses.toml for why something stays
an address or a bare number.

A *place* is what that file names: `mmap.addr`; `process_vm_readv.rvec[].iov_base`, a member of
each element; `prctl.arg3:PR_SET_VMA`, one case of a choice. Patterns may have a `*`.
"""

from __future__ import annotations

import argparse
import fnmatch
import importlib
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import Chosen, CopyBlock, Fetched, Plan, Plans
from argtrace.signature import meaning as m
from argtrace.signature.calls import families
from argtrace.signature.layouts import ArrayOf, MemberType, layout
from argtrace.signature.model import Opaque, Pointer, Signature
from argtrace.signature.spell import type_text
from argtrace.signature.syscalls import NUMBERS, signatures
from argtrace.target import X86_64
from tools.committed import INPUTS, ROOT

PAGE = "docs/coverage.md"
REASONS = INPUTS / "addresses.toml"

_NUMBERS = {
    "int": "number",
    "signed": "signed number",
    "int32": "number of 32 bits",
    "size": "size",
    "hex": "hexadecimal number",
    "address": "address",
    "fd": "descriptor",
    "dirfd": "directory's descriptor",
    "pid": "process",
    "uid": "user",
    "gid": "group",
    "signal": "signal",
    "mode": "file type and permissions",
    "permissions": "permissions",
    "device": "device",
    "wait_status": "wait status",
    "ip4": "IPv4 address",
    "port": "port",
    "big_endian": "number in network order",
    "errno": "error",
    "unused": "not looked at",
    "reserved": "to be zero",
    "clock": "clock",
    "ioctl": "command",
    "flags": "flags",
    "octal_flags": "flags and permissions",
    "enum": "enum",
    "net16": "enum in network order",
}
_AFTER = {
    m.On.SUCCESS: "after success",
    m.On.POSITIVE: "after a result above 0",
    m.On.ALWAYS: "always",
    m.On.INTERRUPTED: "when interrupted",
}


# What a declaration says, in a few words.


def kind(meaning: m.Meaning) -> str:
    """`flags open`, `struct stat, after success`, `choice by cmd (27 cases)`."""
    match meaning:
        case m.Number(kind=name, table=table):
            return f"{_NUMBERS.get(name, name)} `{table}`" if table else _NUMBERS.get(name, name)
        case m.When(on=on, mask=mask, meaning=inner):
            return f"{kind(inner)}, if `{on}` & {mask:#x}"
        case m.Choice(on=on, cases=cases):
            return f"choice by `{on}` ({len(cases)} case{'s' if len(cases) > 1 else ''})"
        case m.In(content=content) | m.To(content=content):
            return _content(content)
        case m.Out(content=content, on=on) | m.InOut(content=content, on=on):
            return f"{_content(content)}, {_AFTER[on]}"
    return _content(meaning)


def _content(content: m.Content) -> str:
    match content:
        case m.Path():
            return "path"
        case m.String():
            return "string"
        case m.Strings():
            return "strings"
        case m.Bytes(size=size):
            return f"buffer, {_size(size)}"
        case m.Cell(meaning=inner):
            return f"one {kind(inner)}"
        case m.Struct(name=name, size=size):
            return f"struct `{name}`" + (f", {_size(size)} bytes" if size is not None else "")
        case m.Array(element=element, count=count):
            return f"array of {_element(element)}, {_size(count)}"
        case m.Raw(decoder=decoder, size=size):
            return f"decoder `{decoder}`, {_size(size)}"


def _element(element: m.Cell | m.Struct | m.Raw) -> str:
    match element:
        case m.Cell(meaning=inner):
            return kind(inner)
        case m.Struct(name=name):
            return f"`{name}`"
        case m.Raw(decoder=decoder):
            return f"decoder `{decoder}`"


def _size(size: m.Size) -> str:
    match size:
        case int():
            return str(size)
        case str():
            return f"`{size}`"
        case m.Result():
            return "result"
        case m.Least(of=of):
            return f"least of {' and '.join(map(_size, of))}"
        case m.At(name=name):
            return f"`*{name}`"
        case m.Before(of=of):
            return f"{_size(of)} at entry"
        case m.Scaled(of=of, add=add, shift=shift, by=by):
            text = f"({_size(of)} + {add})" if add else _size(of)
            return text + (f" / {1 << shift}" if shift else "") + (f" * {by}" if by != 1 else "")
        case m.Encoded(name=name):
            return f"size in `{name}`"
        case m.Share(of=of, total=total):
            return f"`{of}` of {_size(total)}"


def heading(meaning: m.Meaning) -> str:
    """The kind alone, to be counted."""
    match meaning:
        case m.Number(kind=name):
            return _NUMBERS.get(name, name)
        case m.When(meaning=inner):
            return heading(inner)
        case m.Choice():
            return "choice by another argument"
        case m.In() | m.Out() | m.InOut() | m.To():
            return heading(meaning.content)
        case m.Bytes():
            return "buffer"
        case m.Cell():
            return "one number in memory"
        case m.Struct():
            return "structure"
        case m.Array(element=m.Struct()):
            return "array of structures"
        case m.Array():
            return "array of numbers"
        case m.Raw():
            return "decoder of its own"
    return _content(meaning)


def direction(meaning: m.Meaning) -> str:
    """`in`, `out`, `in-out`, `number`; of a choice all that it can be."""
    order = ("number", "in", "out", "in-out")
    return ", ".join(sorted(set(_directions(meaning)), key=order.index))


def _directions(meaning: m.Meaning) -> Iterator[str]:
    match meaning:
        case m.In():
            yield "in"
        case m.Out():
            yield "out"
        case m.InOut():
            yield "in-out"
        case m.Choice(cases=cases, default=default):
            for _, case in cases:
                yield from _directions(case)
            yield from _directions(default)
        case _:
            yield "number"


# What stays an address or a bare number.


@dataclass(slots=True)
class Bare:
    """Places that are shown as an address, and as a bare number; those that are followed."""

    addresses: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    followed: set[str] = field(default_factory=set)

    def walk(self, meaning: m.Meaning, place: str) -> None:
        match meaning:
            case m.Number(kind="address"):
                self.addresses.add(place)
            case m.Number(kind="hex"):
                self.numbers.add(place)
            case m.When(meaning=inner):
                self.walk(inner, place)
            case m.Choice(cases=cases, default=default):
                for name, case in cases:
                    self.walk(case, f"{place}:{name}")
                if default != m.HEX:  # a selector no case has: unknown to us, or to the kernel
                    self.walk(default, f"{place}:*")
            case m.In(content=content) | m.Out(content=content):
                self.walk(content, place)
            case m.InOut(content=content, after=after):
                self.walk(content, place)
                if after is not None:
                    self.walk(after, place)
            case m.To(content=content):
                self.followed.add(_whole(place))
                self.walk(content, place)
            case m.Cell(meaning=inner):
                self.walk(inner, f"{place}[]")
            case m.Array(element=m.Cell() as cell):
                self.walk(cell, place)
            case m.Array(element=element):
                self.walk(element, f"{place}[]")
            case m.Struct(name=name, members=members, only=only):
                self._structure(name, dict(members), only, place)

    def _structure(
        self, name: str, meanings: Mapping[str, m.Meaning], only: tuple[str, ...], place: str
    ) -> None:
        for member in layout(name).members:
            if only and member.name not in only:
                continue
            below = f"{place}.{member.name}"
            if member.name in meanings:
                self.walk(meanings[member.name], below)
            else:
                self._member(member.type, below)

    def _member(self, type: MemberType, place: str) -> None:
        match type:
            case Pointer():
                self.addresses.add(place)
            case Opaque(name=name):
                self._structure(name, {}, (), place)
            case ArrayOf(element=element):
                self._member(element, place)

    def left(self) -> tuple[set[str], set[str]]:
        """Without those that the other half of the call follows."""
        return {each for each in self.addresses if _whole(each) not in self.followed}, self.numbers


def _whole(place: str) -> str:
    """A member whatever the case that it is: `uargs.pidfd:CLONE_PIDFD`."""
    return re.sub(r"(:[^.:]+)+$", "", place)


def bare(signature: Signature) -> tuple[set[str], set[str]]:
    """The places of a call that are addresses, and those that are bare numbers."""
    addresses: set[str] = set()
    numbers: set[str] = set()
    for param in signature.params:
        found = Bare()
        found.walk(param.meaning, f"{signature.name}.{param.declared or param.name}")
        kept, plain = found.left()
        addresses |= kept
        numbers |= plain
    return addresses, numbers


@dataclass(frozen=True, slots=True)
class Reasons:
    """`patterns`: of each reason, with the places they match. `missing`: places without a reason;
    `stale`: patterns of no place; `twice`: places that several patterns match."""

    patterns: Mapping[str, Mapping[str, tuple[str, ...]]]
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    twice: tuple[str, ...]

    def places(self, reason: str) -> list[str]:
        return [place for places in self.patterns[reason].values() for place in places]


def reasons(groups: Sequence[Mapping[str, Any]], places: set[str]) -> Reasons:
    patterns = {
        group["reason"]: {pattern: _matching(pattern, places) for pattern in group["of"]} for group in groups
    }
    taken = Counter(place for of in patterns.values() for matched in of.values() for place in matched)
    return Reasons(
        patterns,
        tuple(sorted(places - taken.keys())),
        tuple(pattern for of in patterns.values() for pattern, matched in of.items() if not matched),
        tuple(sorted(place for place, count in taken.items() if count > 1)),
    )


def _matching(pattern: str, places: set[str]) -> tuple[str, ...]:
    # Brackets of a place are no character class.
    glob = pattern.replace("[]", "[[]]")
    return tuple(sorted(place for place in places if fnmatch.fnmatchcase(place, glob)))


# The page.


@dataclass(frozen=True, slots=True)
class Coverage:
    calls: Mapping[str, tuple[Signature, Plans]]
    families: Mapping[str, tuple[str, ...]]
    addresses: Reasons
    numbers: Reasons

    @property
    def undeclared(self) -> list[str]:
        declared = {name for names in self.families.values() for name in names}
        return sorted(NUMBERS.keys() - declared)


def coverage() -> Coverage:
    calls = {
        signature.name: (signature, plans(number, signature, X86_64, Limits()))
        for number, signature in signatures(NUMBERS.values(), None).items()
    }
    declared = {family: tuple(_declared(family)) for family in families()}
    addresses: set[str] = set()
    numbers: set[str] = set()
    for name in (name for names in declared.values() for name in names):
        of_addresses, of_numbers = bare(calls[name][0])
        addresses |= of_addresses
        numbers |= of_numbers
    table = tomllib.loads(REASONS.read_text())
    return Coverage(calls, declared, reasons(table["address"], addresses), reasons(table["number"], numbers))


def _declared(family: str) -> dict[str, m.Declaration]:
    calls: dict[str, m.Declaration] = importlib.import_module(f"argtrace.signature.calls.{family}").CALLS
    return calls


def page(found: Coverage) -> str:
    return "\n".join([*_head(found), *_counts(found), *_bare(found), *_calls(found), *_choices(found)]) + "\n"


def _head(found: Coverage) -> Iterator[str]:
    limits = Limits()
    params = sum(len(signature.params) for signature, _ in found.calls.values())
    yield "# Coverage"
    yield ""
    yield "Generated by tools/coverage.py. Do not edit: run `make coverage`."
    yield ""
    yield f"{len(found.calls)} system calls of x86-64 with {params} arguments. The word of each argument is"
    yield "always there; bytes are what is fetched beside it, at most, with the default limits:"
    yield f"{limits.strings} of a string and 2 to know its end, {limits.buffers} of a buffer,"
    yield f"{limits.elements} elements of an array. What the pointers inside point to comes after a `+`."
    yield "Where another argument decides, it is the least and the most of the cases. `=` is the result of a"
    yield "call that did not fail."
    if found.undeclared:
        yield ""
        yield f"Without a declaration: {', '.join(found.undeclared)}."
    yield ""


def _counts(found: Coverage) -> Iterator[str]:
    counted: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    for signature, _ in found.calls.values():
        for param in signature.params:
            counted[heading(param.meaning)] += 1
            ways["it depends" if "," in direction(param.meaning) else direction(param.meaning)] += 1
    yield "## Counts"
    yield ""
    yield from _count("kind", counted)
    yield from _count("direction", ways)


def _count(of: str, counted: Counter[str]) -> Iterator[str]:
    yield f"| arguments | {of} |"
    yield "|---:|---|"
    yield from (
        f"| {count} | {each} |" for each, count in sorted(counted.items(), key=lambda it: (-it[1], it[0]))
    )
    yield ""


def _bare(found: Coverage) -> Iterator[str]:
    for title, what, why in (
        ("Address only", "stay addresses", found.addresses),
        ("Bare numbers", "are shown in hexadecimal, without a name", found.numbers),
    ):
        every = [place for reason in why.patterns for place in why.places(reason)]
        whole = sum(place.count(".") == 1 and ":" not in place and "[" not in place for place in every)
        yield f"## {title}"
        yield ""
        yield f"{len(every)} places {what}: {whole} arguments; the others are members of structures,"
        yield "elements, or cases of an argument that can be several things."
        yield ""
        yield "| places | why | which |"
        yield "|---:|---|---|"
        for reason, patterns in why.patterns.items():
            which = ", ".join(_which(pattern, places) for pattern, places in patterns.items())
            yield f"| {len(why.places(reason))} | {reason} | {which} |"
        if why.missing:
            yield f"| {len(why.missing)} | **no reason** | {_which('', why.missing)} |"
        yield ""


def _which(pattern: str, places: Sequence[str]) -> str:
    """The places, or the pattern where it says as much."""
    if pattern and len(places) > 4:
        return f"`{pattern}` ({len(places)})"
    return ", ".join(f"`{place}`" for place in places)


def _calls(found: Coverage) -> Iterator[str]:
    for family, names in found.families.items():
        yield f"## {family}"
        yield ""
        yield "| call | argument | C type | direction | decoded as | at entry | at exit |"
        yield "|---|---|---|---|---|---:|---:|"
        for name in sorted(names, key=lambda name: NUMBERS[name]):
            yield from _rows(*found.calls[name])
        yield ""


def _rows(signature: Signature, planned: Plans) -> Iterator[str]:
    call = f"{signature.name} ({planned.number})"
    for at, param in enumerate(signature.params):
        entry, exit = (_bytes(planned, at, exit=exit) for exit in (False, True))
        type = type_text(param.type)
        columns = (param.name, f"`{type}`", direction(param.meaning), kind(param.meaning), entry, exit)
        yield f"| {call} | {' | '.join(columns)} |"
        call = ""
    yield f"| {call} | = | `{type_text(signature.result)}` | | {kind(signature.returns)} | | |"


def _bytes(planned: Plans, argument: int, *, exit: bool) -> str:
    sizes = []
    for plan in planned.all():
        copies = plan.arguments[argument]
        fetched = copies.exit if exit else copies.entry
        sizes.append((0, 0, True) if fetched is None else _fetched(plan, fetched))
    least, most = min(size[:2] for size in sizes), max(size[:2] for size in sizes)
    if not any(most):
        return ""
    if least != most:
        return f"{_sum(*least)} … {_sum(*most)}"
    return _sum(*most) if all(size[2] for size in sizes) else f"≤ {_sum(*most)}"


def _sum(own: int, inside: int) -> str:
    return f"{own} + {inside}" if inside else str(own)


def _fetched(plan: Plan, fetched: Fetched) -> tuple[int, int, bool]:
    """Bytes at most, those of the pointers inside, and whether it is always so many."""
    step = next(step for step in plan.steps if step.item == fetched.item)
    fixed = False
    match step:
        case CopyBlock(size=int(own)):
            fixed = True
        case CopyBlock(size=Chosen(exit=exit)):
            own, fixed = plan.sizes[exit], True
        case CopyBlock(room=own):
            pass
        case _:
            own = step.space
    parts = [_fetched(plan, each)[:2] for _, each in fetched.inner]
    inside = sum(own + deeper for own, deeper in parts)
    return own, inside, fixed and not inside


def _choices(found: Coverage) -> Iterator[str]:
    yield "## Choices"
    yield ""
    yield "What an argument is, by the number of another. Cases with one outcome stand together."
    yield ""
    for signature, _ in found.calls.values():
        for param in signature.params:
            if not isinstance(param.meaning, m.Choice) or len(param.meaning.cases) < 2:
                continue
            yield f"### {signature.name}: {param.name}, by {param.meaning.on}"
            yield ""
            outcomes: defaultdict[str, list[str]] = defaultdict(list)
            for name, case in param.meaning.cases:
                outcomes[_outcome(case)].append(name)
            outcomes[_outcome(param.meaning.default)].append("all others")
            yield from (f"- {outcome}: {', '.join(names)}" for outcome, names in outcomes.items())
            yield ""


def _outcome(meaning: m.Meaning) -> str:
    if isinstance(meaning, m.In | m.Out | m.InOut):
        return f"{direction(meaning)}, {kind(meaning)}"
    return kind(meaning)


def problems(found: Coverage, root: Path = ROOT) -> list[str]:
    """What a reader of the committed page would be told wrong."""
    wrong = [f"{name}: no declaration" for name in found.undeclared]
    for why in (found.addresses, found.numbers):
        wrong += [f"{place}: no reason in tools/inputs/{REASONS.name}" for place in why.missing]
        wrong += [f"{pattern}: a reason for nothing in tools/inputs/{REASONS.name}" for pattern in why.stale]
        wrong += [f"{place}: two reasons in tools/inputs/{REASONS.name}" for place in why.twice]
    path = root / PAGE
    if not path.exists() or path.read_text() != page(found):
        wrong.append(f"{PAGE} is not what the declarations say; run `make coverage`")
    return wrong


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tools.coverage")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a difference")
    wanted = parser.parse_args(argv)
    found = coverage()
    if not wanted.check:
        (ROOT / PAGE).write_text(page(found))
    wrong = problems(found)
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
