"""Every declaration fits its call, and all that it names exists."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from argtrace import decode
from argtrace.decode import decoders, numbers
from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.signature import constants
from argtrace.signature.calls import families
from argtrace.signature.layouts import ArrayOf, layout, scalar
from argtrace.signature.meaning import (
    Array,
    At,
    Before,
    Bytes,
    Cell,
    Choice,
    Declaration,
    Encoded,
    In,
    InOut,
    Least,
    Meaning,
    Number,
    Out,
    Raw,
    Result,
    Scaled,
    Share,
    Size,
    Struct,
    To,
    When,
)
from argtrace.signature.syscalls import NUMBERS, signatures
from argtrace.signature.tables import syscalls_x86_64
from argtrace.target import X86_64

LISTED = dict(syscalls_x86_64.CALLS.values())
DECLARED: dict[str, Declaration] = {
    name: declaration
    for family in families()
    for name, declaration in importlib.import_module(f"argtrace.signature.calls.{family}").CALLS.items()
}

for module in pkgutil.iter_modules(decode.__path__):
    importlib.import_module(f"argtrace.decode.{module.name}")


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_it_has_the_parameters_of_its_call(name: str) -> None:
    assert len(DECLARED[name].params) == len(LISTED[name])


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_what_it_names_exists(name: str) -> None:
    declaration = DECLARED[name]
    arguments = frozenset(param for param, _ in declaration.params)
    wrong = [*_wrong(declaration.result, arguments)]
    for _, meaning in declaration.params:
        wrong += _wrong(meaning, arguments)
    assert wrong == []


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_plan_follows_from_it(name: str) -> None:
    number = NUMBERS[name]
    assert plans(number, signatures([number], None)[number], X86_64, Limits()).default.number == number


def _wrong(meaning: Meaning, names: frozenset[str]) -> Iterator[str]:
    """`names`: arguments, and members beside."""
    match meaning:
        case Number(kind=kind, table=table):
            if kind not in numbers.KINDS:
                yield f"no kind {kind}"
            if table:
                yield from _table(table)
        case When(on=on, meaning=number):
            yield from _known(on, names)
            yield from _wrong(number, names)
        case Choice(on=on, table=table, cases=cases, default=default, mask=mask):
            yield from _known(on, names)
            yield from _table(table) if table else ()
            taken: dict[int, str] = {}
            for case, inner in cases:
                yield from _wrong(inner, names)
                try:
                    value = constants.number(table, case) & mask
                except (KeyError, ValueError):
                    yield f"no {case} in {table}"
                    continue
                if value in taken:
                    yield f"{case} and {taken[value]} are one number"
                taken[value] = case
            yield from _wrong(default, names)
        case In(content=content) | Out(content=content) | To(content=content):
            yield from _wrong(content, names)
        case InOut(content=content, after=after):
            yield from _wrong(content, names)
            if after is not None:
                yield from _wrong(after, names)
        case Bytes(size=size):
            yield from _size(size, names)
        case Cell(type=type, meaning=leaf):
            try:
                scalar(type)
            except KeyError:
                yield f"no type {type}"
            yield from _wrong(leaf, names)
        case Array(element=element, count=count):
            yield from _size(count, names)
            yield from _wrong(element, names)
        case Raw(decoder=decoder, size=size):
            yield from _size(size, names)
            try:
                decoders.decoder(decoder)
            except KeyError:
                yield f"no decoder {decoder}"
        case Struct(name=name, members=members, size=size, only=only):
            if size is not None:
                yield from _size(size, names)
            try:
                described = layout(name)
            except KeyError:
                yield f"no layout {name}"
                return
            beside = {member.name: member.type for member in described.members}
            for wanted in (*(member for member, _ in members), *only):
                if wanted not in beside:
                    yield f"no member {name}.{wanted}"
            for member, inner in members:
                if isinstance(beside.get(member), ArrayOf) and isinstance(inner, Number | When | To):
                    yield f"{name}.{member} is an array"
                yield from _wrong(inner, names | beside.keys())


def _known(name: str, names: frozenset[str]) -> Iterator[str]:
    if name not in names:
        yield f"nothing is called {name}"


def _table(name: str) -> Iterator[str]:
    try:
        constants.table(name)
    except KeyError:
        yield f"no constants {name}"


def _size(size: Size, names: frozenset[str]) -> Iterator[str]:
    match size:
        case str():
            yield from _known(size, names)
        case Least(of=of):
            for each in of:
                yield from _size(each, names)
        case Scaled(of=of) | Before(of=of):
            yield from _size(of, names)
        case At(name=name):
            # Of the structure that an argument points to, a member.
            yield from _known(name.split(".")[0], names)
        case Encoded(name=name):
            yield from _known(name, names)
        case Share(of=of, total=total):
            yield from _size(of, names)
            yield from _size(total, names)
        case int() | Result():
            pass
