"""Which numbers of the kernel's interface have names, and which of them belong together?

Source: the UAPI headers that inputs/constants/*.toml name, as gcc reads them (`compiler.py`);
enumerators of the running kernel's BTF; and the `extra` of the inputs, for names no header has.

An input file is a family, one module; a table in it is a set, for instance the flags of open:

    headers = ["linux/fcntl.h"]     # of the file's sets that have none of their own
    [open]
    kind = "flags"                  # or "enum"
    match = ["O_*"]                 # names to take: macros and enumerators
    defined = ["_IOR(*"]            # macros to take by what they are defined as
    except = ["O_LARGEFILE"]        # names to leave all the same
    zero = "O_NONE"                 # flags: what 0 is called
    first = ["O_NONBLOCK"]          # of two names for a number, the one to show
    btf_enum = "name"               # its enumerators are taken too, if they match
    source = "…"                    # where the names of `extra` are from
    [[open.fields]]                 # flags: bits that hold a number
    mask = "O_ACCMODE"
    match = ["O_RDONLY", "O_WRONLY", "O_RDWR"]
    [open.extra]                    # names that no header has, or has with another number
    O_LARGEFILE = 0x8000

Of two names for a number the header's first is shown if `first` does not say; the others are
known all the same. A name that matches but is no integer constant is an error, and a pattern
that matches nothing: the first for an exception to be made, the second for a typing error.

Facts: ("open", "O_RDWR") -> 2; for the index ("open",) -> "files".

    python3 -m tools.constant_tables                    # all families
    python3 -m tools.constant_tables files network      # these
    python3 -m tools.constant_tables --headers DIR …    # with the headers of another kernel
"""

from __future__ import annotations

import functools
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argtrace.errors import NotFound
from argtrace.signature.btf import Btf
from tools.committed import (
    INPUTS,
    RUNNING_BTF,
    SYSCALL_NOTE,
    ConflictError,
    Facts,
    Stated,
    Table,
    Unread,
    arguments,
    dictionary,
    run,
    spell,
    values,
)
from tools.compiler import Number, Reader
from tools.headers import UnreadError, find, version
from tools.kernels import VERSION, release

if TYPE_CHECKING:
    import argparse

DIRECTORY = INPUTS / "constants"
_TABLES = "argtrace/signature/tables"
_HEX_FROM = 0x1000
_PRECEDING = 3
_ABSENT = " is not below {}"
_FIELD_KEYS = {"mask", "match"}
_SET_KEYS = {
    "kind", "match", "defined", "except", "zero", "headers", "btf_enum", "first", "source", "fields", "extra"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bits:
    """A field of a flag word: its mask, by name or number, and what the numbers in it match."""

    mask: str | int
    match: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Set:
    """Names that belong together, as an input describes them."""

    name: str
    kind: str
    match: tuple[str, ...]
    defined: tuple[str, ...]
    excepted: tuple[str, ...]
    zero: str | None
    headers: tuple[str, ...]
    btf_enums: tuple[str, ...]
    first: tuple[str, ...]
    fields: tuple[Bits, ...]
    extra: dict[str, int]

    def takes(self, name: str, text: str = "") -> bool:
        """Whether a header's name belongs to the set; `text`: what it is defined as."""
        if name in self.extra:
            return False
        if name in self.singled():
            return True
        return (_like(name, self.globs()) or _like(text, self.defined)) and not _like(name, self.excepted)

    def keeps(self, name: str) -> bool:
        """Whether a committed name belongs to the set: what it was defined as nobody knows."""
        return self.takes(name, self.defined[0] if self.defined else "")

    def ways(self) -> Iterator[list[tuple[str, ...]]]:
        """How to read each header: by itself; what that leaves unclear, after some that precede it."""
        for at in range(len(self.headers)):
            first = max(0, at - _PRECEDING)
            yield [self.headers[start : at + 1] for start in range(at, first - 1, -1)]

    def globs(self) -> Iterator[str]:
        """What `match` says, that of the fields too."""
        yield from self.match
        for field in self.fields:
            yield from field.match

    def singled(self) -> Iterator[str]:
        """Names that it says by themselves, which no exception takes away."""
        yield from (field.mask for field in self.fields if isinstance(field.mask, str))
        if self.zero is not None:
            yield self.zero


def _like(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, each) for each in patterns)


def sets(family: str) -> dict[str, Set]:
    """The sets of an input file."""
    try:
        text = tomllib.loads((DIRECTORY / f"{family}.toml").read_text())
    except tomllib.TOMLDecodeError as error:
        raise ConflictError(f"{family}.toml: {error}") from error
    headers = tuple(text.pop("headers", ()))
    return {name: _set(name, entry, headers) for name, entry in text.items()}


def _set(name: str, entry: Any, headers: tuple[str, ...]) -> Set:
    if not isinstance(entry, dict):
        raise ConflictError(f"{name}: is no set")
    fields = entry.get("fields", [])
    if any(field.keys() != _FIELD_KEYS for field in fields):
        raise ConflictError(f"{name}: a field has a mask and a match, the exceptions are the set's")
    if unknown := entry.keys() - _SET_KEYS:
        raise ConflictError(f"{name}: no such key: {', '.join(sorted(unknown))}")
    if entry.get("kind") not in {"flags", "enum"}:
        raise ConflictError(f"{name}: its kind is flags or enum")
    if entry["kind"] == "enum" and ("zero" in entry or fields):
        raise ConflictError(f"{name}: only flags have fields and a name for zero")
    if entry.get("extra") and not entry.get("source"):
        raise ConflictError(f"{name}: extra names need a source")
    btf = entry.get("btf_enum", [])
    return Set(
        name,
        entry["kind"],
        tuple(entry.get("match", ())),
        tuple(entry.get("defined", ())),
        tuple(entry.get("except", ())),
        entry.get("zero"),
        tuple(entry.get("headers", headers)),
        (btf,) if isinstance(btf, str) else tuple(btf),
        tuple(entry.get("first", ())),
        tuple(Bits(field["mask"], tuple(field["match"])) for field in fields),
        entry.get("extra", {}),
    )


# ---- from the sources to facts ---------------------------------------------------------


def _state(family: str, options: argparse.Namespace) -> list[Stated | Unread]:
    try:
        wanted = sets(family).values()
    except ConflictError:
        return []  # to be raised where the table is rendered
    extra: Facts = {(each.name, name): number for each in wanted for name, number in each.extra.items()}
    stated: list[Stated | Unread] = (
        [Stated(f"tools/inputs/constants/{family}.toml", "", extra)] if extra else []
    )
    return [*stated, *_of_headers(options.headers, wanted), *_of_btf(options.btf, wanted)]


def _of_headers(directory: Path, wanted: Iterable[Set]) -> Iterator[Stated | Unread]:
    try:
        by = version(directory)
    except UnreadError as error:
        yield Unread(str(error))
        return
    reading = _Reading(directory, wanted)
    facts: dict[str, Facts] = {}
    for each in wanted:
        for name, number in reading.of(each).items():
            if isinstance(number, Number):
                facts.setdefault(number.file, {})[each.name, name] = _kept(number, each.kind)
            else:
                facts.setdefault(each.headers[-1], {})[each.name, name] = number
    absent = [reason for reason in reading.unread if reason.endswith(_ABSENT.format(directory))]
    if absent:
        names = ", ".join(reason.partition(" ")[0] for reason in absent)
        yield Unread(names + _ABSENT.format(directory))
    yield from (Unread(reason) for reason in reading.unread if reason not in absent)
    yield from (Stated(file, by, found) for file, found in facts.items())


def _kept(number: Number, kind: str) -> int:
    """A flag without a sign, 1 << 31 as 0x80000000; a number of an enumeration as C has it."""
    return number.value % (1 << 8 * number.size) if kind == "flags" else number.value


Numbers = dict[str, Number | str]
"""By name, a reason where there is none."""
Texts = dict[str, tuple[Number | str, str]]
"""The same with what each name is defined as."""


class _Reading:
    """The headers of some sets, each read once; `unread` says what could not be."""

    def __init__(self, directory: Path, wanted: Iterable[Set]) -> None:
        self.unread: dict[str, None] = {}
        self._directory, self._wanted = directory, wanted
        self._reader = Reader(directory)
        self._read: dict[tuple[str, ...], Texts | UnreadError] = {}
        alone = dict.fromkeys((header,) for each in wanted for header in each.headers)
        with ThreadPoolExecutor(2) as pool:
            self._read |= zip(alone, pool.map(self._numbers, alone), strict=True)

    def of(self, wanted: Set) -> Numbers:
        """Its names in the headers' order, the first header with a number first."""
        known: Numbers = {}
        for ways in wanted.ways():
            numbers = self._header(wanted, ways)
            known |= {
                name: number for name, number in numbers.items() if not isinstance(known.get(name), Number)
            }
        return known

    def _header(self, wanted: Set, ways: Iterable[tuple[str, ...]]) -> Numbers:
        found: Numbers = {}
        errors = []
        for includes in ways:
            if includes not in self._read:
                self._read[includes] = self._numbers(includes)
            read = self._read[includes]
            if isinstance(read, UnreadError):
                errors.append(str(read))
                continue
            for name, (number, text) in read.items():
                if wanted.takes(name, text) and not isinstance(found.get(name), Number):
                    found[name] = number
            if all(isinstance(number, Number) for number in found.values()):
                return found
        if not found:
            self.unread |= dict.fromkeys(errors)
        return found

    def _numbers(self, includes: tuple[str, ...]) -> Texts | UnreadError:
        """The names of the last header that some set wants of it."""
        header = includes[-1]
        sharing = [each for each in self._wanted if header in each.headers]
        try:
            find(self._directory, header)
            names = self._reader.names(includes)
            asked = {
                name: stated
                for name, stated in names.items()
                if any(each.takes(name, stated.text) for each in sharing)
            }
            numbers, unclear = self._reader.numbers(includes, asked)
        except UnreadError as error:
            return error
        return {
            name: (numbers.get(name) or f"no integer constant: {unclear[name]}", stated.text)
            for name, stated in asked.items()
        }


def _of_btf(path: Path, wanted: Iterable[Set]) -> Iterator[Stated | Unread]:
    asked = [(each, enum) for each in wanted for enum in each.btf_enums]
    if not asked:
        return
    try:
        btf = _btf(path)
    except OSError as error:
        yield Unread(f"the BTF {path} cannot be read: {error.strerror}")
        return
    facts: Facts = {}
    for each, enum in asked:
        try:
            members = btf.enumerators(enum)
        except NotFound as error:
            yield Unread(f"{each.name}: {error}")
            continue
        facts |= {(each.name, name): number for name, number in members.items() if each.takes(name)}
    # BTF does not name its kernel.
    yield Stated("vmlinux BTF", release(VERSION.read_text()) if path == RUNNING_BTF else path.name, facts)


@functools.cache
def _btf(path: Path) -> Btf:
    return Btf(path.read_bytes())


# ---- from facts to a module ------------------------------------------------------------


def _unpack(family: str, text: str) -> Facts:
    """The committed names that the input still asks for."""
    known = values(text)
    facts: Facts = {}
    for each in sets(family).values():
        names: dict[str, int] = {}
        for kind in ("FLAGS", "ENUMS"):
            names |= {name: number for number, name in known.get(kind, {}).get(each.name, {}).items()}
        for mask, number, held in known.get("FIELDS", {}).get(each.name, ()):
            names |= {mask: number} | {name: number for number, name in held.items()}
        if each.name in known.get("ZERO", {}):
            names[known["ZERO"][each.name]] = 0
        names |= known.get("ALIASES", {}).get(each.name, {})
        facts |= {
            (each.name, name): number
            for name, number in names.items()
            if (number == each.extra[name] if name in each.extra else each.keeps(name))
        }
    return facts


def committed_names(family: str, text: str) -> set[str]:
    """All names of a module."""
    return {str(name) for _, name in _unpack(family, text)}


def _render(family: str, facts: Facts) -> str:
    wanted = sets(family)
    problems = [f"{key[0]}: {key[1]}: {value}" for key, value in facts.items() if isinstance(value, str)]
    shapes = {}
    for each in wanted.values():
        names = {str(key[1]): value for key, value in facts.items() if key[0] == each.name}
        if not problems:
            shapes[each.name] = shape(each, names)
    if problems:
        raise ConflictError("\n  ".join(["", *problems]))
    text = ""
    for title, kind in (("FLAGS", "flags"), ("ENUMS", "enum")):
        tables = {name: form.names for name, form in shapes.items() if wanted[name].kind == kind}
        if tables:
            body = "".join(
                f"    {spell(name)}: {_numbers(names, 4, wanted[name].kind)},\n"
                for name, names in tables.items()
            )
            text += f"{title}: dict[str, dict[int, str]] = {{\n{body}}}\n\n"
    fields = {name: form.fields for name, form in shapes.items() if form.fields}
    if fields:
        body = "".join(
            f"    {spell(name)}: (\n"
            + "".join(
                f"        ({spell(mask)}, {bits:#x}, {_numbers(held, 8, 'flags')}),\n"
                for mask, bits, held in form
            )
            + "    ),\n"
            for name, form in fields.items()
        )
        text += f"FIELDS: dict[str, tuple[tuple[str, int, dict[int, str]], ...]] = {{\n{body}}}\n\n"
    zeros = [(name, wanted[name].zero) for name in shapes if wanted[name].zero is not None]
    if zeros:
        text += dictionary("ZERO", "dict[str, str]", zeros) + "\n"
    aliases = {name: form.aliases for name, form in shapes.items() if form.aliases}
    if aliases:
        body = "".join(
            f"    {spell(name)}: {{\n"
            + "".join(f"        {spell(alias)}: {_number(number)},\n" for alias, number in names.items())
            + "    },\n"
            for name, names in aliases.items()
        )
        text += f"ALIASES: dict[str, dict[str, int]] = {{\n{body}}}\n\n"
    return text.removesuffix("\n")


def idle(family: str, text: str) -> list[str]:
    """The patterns of an input that nothing in its module is like."""
    facts = _unpack(family, text)
    return [
        f"{each.name}: nothing is like {pattern}"
        for each in sets(family).values()
        for pattern in (*each.globs(), *each.singled(), *each.first)
        if not any(key[0] == each.name and fnmatchcase(str(key[1]), pattern) for key in facts)
    ]


@dataclass(frozen=True, slots=True)
class Shape:
    """A set as a program needs it: of two names for a number one is an alias."""

    names: dict[int, str]
    fields: list[tuple[str, int, dict[int, str]]]
    aliases: dict[str, int]


def shape(each: Set, names: Mapping[str, int]) -> Shape:
    """Sort the names of a set into flags, numbers within fields, and aliases."""
    aliases: dict[str, int] = {}
    if each.kind == "enum":
        return Shape(_distinct(each, sorted(names.items(), key=_by_number), aliases), [], aliases)
    masks = []
    for field in each.fields:
        if field.mask not in names and isinstance(field.mask, str):
            raise ConflictError(f"{each.name}: no header has {field.mask}")
        masks.append(names[field.mask] if isinstance(field.mask, str) else field.mask)
    if any(one & other for one, other in combinations(masks, 2)):
        raise ConflictError(f"{each.name}: two fields have bits in common")
    held: list[list[tuple[str, int]]] = [[] for _ in masks]
    flags = []
    for name, number in names.items():
        if any(name == field.mask for field in each.fields) or name == each.zero:
            continue
        for field, mask, inside in zip(each.fields, masks, held, strict=True):
            if _like(name, field.match):
                if number & ~mask:
                    raise ConflictError(f"{each.name}: {name} ({number:#x}) is not within {field.mask}")
                inside.append((name, number))
                break
            if number & mask:
                raise ConflictError(f"{each.name}: {name} ({number:#x}) has bits of {field.mask}")
        else:
            flags.append((name, number))
    aliases |= {name: number for name, number in flags if not number}
    fields = [
        (
            field.mask if isinstance(field.mask, str) else "",
            mask,
            _distinct(each, sorted(inside, key=_by_number), aliases),
        )
        for field, mask, inside in zip(each.fields, masks, held, strict=True)
    ]
    ordered = sorted((entry for entry in flags if entry[1]), key=_by_bits)
    return Shape(_distinct(each, ordered, aliases), fields, aliases)


def _by_number(entry: tuple[str, int]) -> tuple[bool, int]:
    return entry[1] < 0, entry[1]


def _by_bits(entry: tuple[str, int]) -> tuple[int, int, int]:
    """A name of several bits before those that it contains."""
    number = entry[1]
    return number & -number, -number.bit_count(), number


def _distinct(each: Set, entries: Iterable[tuple[str, int]], aliases: dict[str, int]) -> dict[int, str]:
    chosen: dict[int, str] = {}
    for name, number in entries:
        shown = chosen.setdefault(number, name)
        if name in each.first and shown not in each.first:
            chosen[number] = name
            aliases[shown] = number
        elif shown != name:
            aliases[name] = number
    return chosen


def _numbers(names: Mapping[int, str], indent: int, kind: str) -> str:
    spelled = hex if kind == "flags" else _number
    inner = "".join(f"{'':{indent}}    {spelled(number)}: {spell(name)},\n" for number, name in names.items())
    return f"{{\n{inner}{'':{indent}}}}"


def _number(number: int) -> str:
    return f"{number:#x}" if number >= _HEX_FROM else str(number)


def families() -> list[str]:
    """What inputs there are."""
    return sorted(path.stem for path in DIRECTORY.glob("*.toml"))


def table(family: str) -> Table:
    """The module of a family."""
    return Table(
        f"{_TABLES}/constants_{family}.py",
        "tools/constant_tables.py",
        f"Named numbers: those of tools/inputs/constants/{family}.toml.",
        SYSCALL_NOTE,
        functools.partial(_state, family),
        functools.partial(_unpack, family),
        functools.partial(_render, family),
    )


# ---- the index -------------------------------------------------------------------------


def _state_index(options: argparse.Namespace) -> list[Stated | Unread]:
    facts: Facts = {}
    for family in families():
        path = options.root / f"{_TABLES}/constants_{family}.py"
        known = values(path.read_text()) if path.exists() else {}
        facts |= {(name, family): True for kind in ("FLAGS", "ENUMS") for name in known.get(kind, ())}
    return [Stated("tools/inputs/constants", "", facts)]


def _unpack_index(text: str) -> Facts:
    there = {family: _names(family) for family in families()}
    listed = values(text).get("FAMILIES", {}).items()
    return {(name, family): True for name, family in listed if name in there.get(family, ())}


def _names(family: str) -> Iterable[str]:
    try:
        return sets(family)
    except ConflictError:
        return ()  # said where its own module is made


def _render_index(facts: Facts) -> str:
    found: dict[str, str] = {}
    for name, family in sorted((str(name), str(family)) for name, family in facts):
        if found.setdefault(name, family) != family:
            raise ConflictError(f"{name} is in {found[name]} and in {family}")
    return dictionary("FAMILIES", "dict[str, str]", found.items())


INDEX = Table(
    f"{_TABLES}/constants_index.py",
    "tools/constant_tables.py",
    "Which module has a set of named numbers: set -> the constants_* module with it.",
    "",
    _state_index,
    _unpack_index,
    _render_index,
)
TABLES = (*map(table, families()), INDEX)


def main(argv: Sequence[str]) -> int:
    """Write or check the families that come first in the command line, or all; the exit status."""
    given = list(takewhile(lambda word: not word.startswith("-"), argv))
    rest = argv[len(given) :]
    status = run("constant_tables", [*map(table, given), INDEX] if given else TABLES, rest)
    root = arguments("constant_tables", rest).root
    for family in given or families():
        path = root / table(family).path
        try:
            problems = idle(family, path.read_text()) if path.exists() else []
        except ConflictError:
            continue  # said above
        for problem in problems:
            print(f"{table(family).path}: {problem}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
