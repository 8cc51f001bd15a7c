"""How do the structures of the kernel's interface lie in memory on x86-64, and which differ on arm64?

Source: the UAPI headers that inputs/structs.toml lists, and its own C text for what no
header has, as gcc lays them out: each group is compiled with -gbtf and its BTF read.

Facts: ("struct", "timespec") -> (16, (("tv_sec", 0, "time64_t", None), …)), where the last is
(first bit, count) of a bit-field; ("int", "u32") -> (4, False); ("alias",
"__kernel_timespec") -> "timespec".

A structure that grew is one fact: the larger one holds, and an older header that
states the smaller one does not contradict it.

Not here: from BTF to a layout is `argtrace/signature/btf_layouts.py`.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argtrace.errors import NotFound
from argtrace.signature import btf_layouts
from argtrace.signature.btf import Btf, Kind
from argtrace.signature.btf_types import Struct, Typedef
from argtrace.signature.layouts import ArrayOf, Layout, MemberType, Row, rows
from argtrace.signature.model import Int, Opaque, Pointer, Type, Void
from tools.committed import (
    INPUTS,
    SYSCALL_NOTE,
    ConflictError,
    Stated,
    Table,
    Unread,
    dictionary,
    run,
    spell,
    values,
)
from tools.headers import UnreadError, find, plain, version

if TYPE_CHECKING:
    import argparse

    from tools.committed import Facts

STRUCTS = "argtrace/signature/tables/structs.py"
AARCH64 = "argtrace/signature/tables/structs_aarch64.py"

_COMPILE = ("gcc", "-m64", "-gbtf", "-fno-eliminate-unused-debug-types", "-w", "-D__EXPORTED_HEADERS__", "-c")
# Both machines are LP64 with the same alignments, so one compiler lays out for both; what a header
# says for x86-64 alone (EPOLL_PACKED) must not hold.
_ANOTHER = ("-U__x86_64__", "-D__aarch64__")
# gcc 12 and 13 write the dimensions of `a[2][3]` in the wrong order.
_PROBE = "struct argtrace_probe { char dimensions[2][3]; };\n"


@dataclass(frozen=True, slots=True)
class Group:
    """One C file to compile, and what is wanted of its types: names, or patterns of them."""

    headers: tuple[str, ...] = ()
    prelude: str = ""
    code: str = ""
    structs: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    rename: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    source: str = ""
    machine: str = "x86_64"


def groups(kind: str) -> list[Group]:
    """Those of the headers, "from"; of our own text, "own"; of what arm64 has otherwise, "aarch64"."""
    found = []
    for each in _inputs()[kind]:
        fields: Any = {
            name: tuple(value) if isinstance(value, list) else value for name, value in each.items()
        }
        found.append(Group(**fields))
    return found


def changed_since(release: str, kind: str = "changed") -> set[str]:
    """What later headers spell differently than those of this release, "Linux 6.1.192"."""
    changed: dict[str, list[str]] = _inputs()[kind]
    return {name for since, names in changed.items() if _number(release) < _number(since) for name in names}


def _number(release: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", release)]


@functools.cache
def _inputs() -> dict[str, Any]:
    return tomllib.loads((INPUTS / "structs.toml").read_text())


@functools.cache
def _renames() -> dict[str, str]:
    # Of all groups: what one names by its own name is a member's type in another.
    every = (*groups("from"), *groups("own"))
    return {old: new for group in every for old, new in group.rename.items()}


def read(group: Group, directory: Path) -> Found | None:
    """What is wanted of a group with a directory's headers, as far as it has them."""
    if group.headers and not any(_has(directory, name, group.machine) for name in group.headers):
        return None
    found = Found(_compile(group, directory))
    declared = {name for header in group.whole for name in _declared(directory, header)}
    for name in _wanted(found.btf, (*group.structs, *sorted(declared))):
        found.add(name)
    for name, parts in group.parts.items():
        for member, title in parts.items():
            found.add_part(name, member, title)
    return found


class Found:
    """The layouts wanted of one compilation, with those they consist of, by the names that C has."""

    def __init__(self, btf: Btf) -> None:
        self.btf = btf
        self.layouts: dict[str, Layout] = {}
        self.asked: set[str] = set()
        (probe,) = btf_layouts.layout(btf, "argtrace_probe").members
        self._turned = probe.type == ArrayOf(ArrayOf(Int("char", 1, signed=True), 2), 3)

    def add(self, name: str) -> None:
        name = self._tag(name)
        self.asked.add(renamed(name))
        self._add(name)

    def add_part(self, name: str, member: str, title: str) -> None:
        try:
            found = btf_layouts.layout(self.btf, name, part=member)
        except NotFound:
            return  # this release has no such command
        self._keep(title, found)

    def facts(self) -> Facts:
        found: Facts = {}
        for name, layout in self.layouts.items():
            rows = []
            for member in layout.members:
                for integer in _integers(member.type):
                    found["int", integer.name] = (integer.size, integer.signed)
                rows.append((member.name, member.offset, spelled(member.type), member.bits))
            found["struct", renamed(name)] = (layout.size, tuple(rows))
        for alias, name in self._aliases():
            found["alias", alias] = name
        return found

    def _add(self, name: str) -> None:
        if name not in self.layouts:
            self._keep(name, btf_layouts.layout(self.btf, name))

    def _keep(self, name: str, layout: Layout) -> None:
        if self._turned:
            turned = (replace(member, type=_turn(member.type)) for member in layout.members)
            layout = replace(layout, members=tuple(turned))
        self.layouts[name] = layout
        for member in layout.members:
            type = member.type
            while isinstance(type, ArrayOf):
                type = type.element
            if isinstance(type, Opaque):
                self._add(type.name if "." in type.name else self._tag(type.name))

    def _tag(self, name: str) -> str:
        struct = self.btf.type(btf_layouts.structure(self.btf, name))
        assert isinstance(struct, Struct)
        return struct.name or name

    def _aliases(self) -> Iterator[tuple[str, str]]:
        for name in self.layouts:
            if renamed(name) != name:
                yield name, renamed(name)
        for id in self.btf.ids(Kind.TYPEDEF):
            struct = self.btf.type(self.btf.strip(id))
            typedef = self.btf.type(id)
            if isinstance(struct, Struct) and struct.name in self.layouts:
                assert isinstance(typedef, Typedef)
                if typedef.name != struct.name:
                    yield typedef.name, renamed(struct.name)


def renamed(name: str) -> str:
    """What a structure of C is called in the table."""
    renames = _renames()
    if name in renames or "." not in name:
        return renames.get(name, name)
    outer, _, member = name.rpartition(".")
    return f"{renamed(outer)}.{member}"


def spelled(type: MemberType | Type) -> str:
    """As the tables have it."""
    match type:
        case ArrayOf():
            dimensions = ""
            while isinstance(type, ArrayOf):
                dimensions += f"[{type.count}]"
                type = type.element
            return spelled(type) + dimensions
        case Pointer(target=target, const=const):
            inner = spelled(target)
            inner = f"const {inner}" if const and not inner.endswith("*") else inner
            return f"{inner}*" if inner.endswith("*") else f"{inner} *"
        case Int(name=name):
            return name
        case Opaque(name=name):
            return renamed(name)
        case Void():
            return "void"


def newer(key: tuple[str | int, ...], committed: Any, stated: Any) -> Any:
    """Which of two statements on one structure the other has grown into; None if neither."""
    if key[0] != "struct":
        return None
    grown = [new for new, old in ((committed, stated), (stated, committed)) if _grew(old, new)]
    if len(grown) == 2:
        # They differ in spare members only. One more is what was padding before.
        grown = [max(grown, key=_members)] if len({*map(_members, grown)}) == 2 else []
    return grown[0] if grown else None


def _grew(old: Any, new: Any) -> bool:
    """Every member of `old` is in `new` as it was, or was a place kept free."""
    (old_size, old_rows), (new_size, new_rows) = old, new
    names = {row[0]: row for row in new_rows}
    added = any(row not in old_rows for row in new_rows)
    kept = all(names.get(row[0]) == row or _spare(row[0]) for row in old_rows)
    return kept and (new_size == old_size or (new_size > old_size and added))


def _members(struct: Any) -> int:
    return len(struct[1])


def _spare(name: str) -> bool:
    return any(word in name for word in ("reserved", "spare", "pad", "unused", "resv", "rsv", "align"))


def _turn(type: MemberType) -> MemberType:
    counts = []
    while isinstance(type, ArrayOf):
        counts.append(type.count)
        type = type.element
    for count in counts:
        type = ArrayOf(type, count)
    return type


def _integers(type: MemberType | Type) -> list[Int]:
    match type:
        case ArrayOf(element=inner) | Pointer(target=inner):
            return _integers(inner)
        case Int():
            return [type]
        case _:
            return []


def _wanted(btf: Btf, names: tuple[str, ...]) -> Iterator[str]:
    known = [
        name
        for kind in (Kind.STRUCT, Kind.UNION, Kind.TYPEDEF)
        for id in btf.ids(kind)
        if isinstance(type := btf.type(id), Struct | Typedef)
        and isinstance(btf.type(btf.strip(id)), Struct)
        and (name := type.name)
    ]
    for pattern in names:
        yield from fnmatch.filter(known, pattern)


def _declared(directory: Path, header: str) -> Iterator[str]:
    """The structures and unions that a header itself defines."""
    if _has(directory, header):
        text = plain(find(directory, header).read_text())
        yield from re.findall(r"\b(?:struct|union)\s+(\w+)\s*\{", text)
        yield from re.findall(r"\}\s*(\w+)\s*;", text)


def _compile(group: Group, directory: Path) -> Btf:
    headers = (name for name in group.headers if _has(directory, name, group.machine))
    includes = "".join(f"#include <{name}>\n" for name in headers)
    text = f"{group.prelude}\n{includes}{group.code}\n{_PROBE}"
    below = (directory / f"{group.machine}-linux-gnu", directory)
    paths = [f"-isystem{path}" for path in below if path.is_dir()]
    paths += _ANOTHER if group.machine != "x86_64" else ()
    with tempfile.TemporaryDirectory() as scratch:
        source, object, blob = (Path(scratch, name) for name in ("a.c", "a.o", "a.btf"))
        source.write_text(text)
        extract = ("objcopy", "-O", "binary", "--only-section=.BTF", "--set-section-flags", ".BTF=alloc")
        for command in ((*_COMPILE, *paths, source, "-o", object), (*extract, object, blob)):
            try:
                subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
            except OSError as error:
                raise UnreadError(f"{command[0]}: {error.strerror}") from error
            except subprocess.CalledProcessError as error:
                # A header that cannot stand alone: its group needs another before it, or a prelude.
                problem = next((line for line in error.stderr.splitlines() if "error:" in line), error.stderr)
                raise UnreadError(problem) from error
        return Btf(blob.read_bytes(), source=", ".join(group.headers), pointer_size=8)


def _has(directory: Path, name: str, machine: str = "x86_64") -> bool:
    try:
        find(directory, name, machine)
    except UnreadError:
        return False
    return True


def _state(options: argparse.Namespace) -> list[Stated | Unread]:
    try:
        release = version(options.headers)
    except UnreadError as error:
        return [Unread(str(error))]
    own, of_headers = groups("own"), groups("from")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(functools.partial(_ask, directory=options.headers), (*own, *of_headers)))
    stated = _together([answer for answer in answers if not isinstance(answer, Unread)])
    ours = {key for answer in answers[: len(own)] if not isinstance(answer, Unread) for key in answer[0]}
    later = changed_since(release)
    theirs = {key: value for key, value in stated.items() if key not in ours and key[-1] not in later}
    return [
        *dict.fromkeys(answer for answer in answers if isinstance(answer, Unread)),
        Stated("UAPI headers", release, theirs),
        Stated("tools/inputs/structs.toml", "", {key: stated[key] for key in stated if key in ours}),
    ]


def _state_aarch64(options: argparse.Namespace) -> list[Stated | Unread]:
    """What differs from the committed table of x86-64. A group whose asm/ is not there says nothing."""
    try:
        release = version(options.headers)
        find(options.headers, "asm/stat.h", "aarch64")
    except UnreadError as error:
        return [Unread(str(error))]
    answers = [_ask(replace(group, machine="aarch64"), options.headers) for group in groups("aarch64")]
    stated = _together([answer for answer in answers if not isinstance(answer, Unread)])
    same = unpack((options.root / STRUCTS).read_text())
    differ = {key: value for key, value in stated.items() if same.get(key) != value}
    unread = [answer for answer in answers if isinstance(answer, Unread)]
    return [*unread, Stated("UAPI headers of arm64", release, differ)]


def _ask(group: Group, directory: Path) -> tuple[Facts, set[str]] | Unread:
    try:
        found = read(group, directory)
        return (found.facts(), found.asked) if found else ({}, set())
    except UnreadError as error:
        return Unread(str(error))


def _together(answers: list[tuple[Facts, set[str]]]) -> Facts:
    """Of two spellings of one structure, that of the group which asked for it: the other is often libc's."""
    together: Facts = {}
    asked: set[str | int] = set()
    for found, names in answers:
        for key, value in found.items():
            other: Any = together.setdefault(key, value)
            if other == value:
                continue
            if key[0] != "struct" or other[0] != value[0] or {key[-1]} <= asked & names:
                raise ConflictError(f"{' '.join(map(str, key))}: {other!r} and {value!r}")
            if key[-1] in names:
                together[key] = value
        asked |= names
    return together


def unpack(text: str) -> Facts:
    known = values(text)
    facts: Facts = {("int", name): value for name, value in known.get("INTS", {}).items()}
    facts |= {("alias", name): value for name, value in known.get("ALIASES", {}).items()}
    for name, (size, lines) in known.get("STRUCTS", {}).items():
        facts["struct", name] = (size, tuple(rows(lines)))
    return facts


def render(facts: Facts) -> str:
    ints, aliases, structs = (
        {str(key[1]): facts[key] for key in sorted(facts, key=str) if key[0] == kind}
        for kind in ("int", "alias", "struct")
    )
    twice = sorted((set(ints) & {*structs, *aliases}) | (set(aliases) & set(structs)))
    if twice:
        raise ConflictError(f"two things of one name: {', '.join(twice)}")
    return (
        dictionary("INTS", "dict[str, tuple[int, bool]]", ints.items())
        + "\n"
        + dictionary("ALIASES", "dict[str, str]", aliases.items())
        + "\nSTRUCTS: dict[str, tuple[int, str]] = {\n"
        + "".join(_entry(name, *value) for name, value in structs.items())
        + "}\n"
    )


def _entry(name: str, size: int, rows: tuple[Row, ...]) -> str:
    # A line a member: what grows shows in a diff. And it is one constant, which is read in no time.
    lines = (
        f"\n{offset}{f'.{bits[0]}:{bits[1]}' if bits else ''} {type} {member}"
        for member, offset, type, bits in rows
    )
    return f'    {spell(name)}: ({size}, """{"".join(lines)}"""),\n'


TABLES = (
    Table(
        STRUCTS,
        "tools/struct_table.py",
        "Structures of x86-64: name -> (bytes, a line a member: offset[.first bit:bits] type name).",
        SYSCALL_NOTE,
        _state,
        unpack,
        render,
        newer,
    ),
    Table(
        AARCH64,
        "tools/struct_table.py",
        "Structures that arm64 has otherwise than x86-64, or alone; as in structs.py.",
        SYSCALL_NOTE,
        _state_aarch64,
        unpack,
        render,
        newer,
    ),
)

if __name__ == "__main__":
    sys.exit(run("struct_table", TABLES))
