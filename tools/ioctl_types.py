"""What does a header say that a command of ioctl(2) copies? _IOR('E', 0x02, struct input_id): an input_id.

Source: the headers of the set `ioctl` in inputs/constants/ioctl.toml. gcc's preprocessor expands each
command up to _IOC(…, sizeof(TYPE)); then a structure with a member a command, of that type, is compiled
with -gbtf, and its layout read.

Facts: ("type", "EVIOCGID") -> "input_id"; and of structures that structs.py does not have, as many of
them are known to one driver only, the facts of `struct_table.py`. A header that cannot be read by
itself is read after some that precede it in the input.

Not here: which commands there are, and their numbers, is `constant_tables.py`; this reads what it wrote.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from argtrace.signature.layouts import ArrayOf, MemberType, scalar
from argtrace.signature.model import Int, Opaque, Pointer
from tools import struct_table
from tools.committed import (
    SYSCALL_NOTE,
    ConflictError,
    Facts,
    Stated,
    Table,
    Unread,
    dictionary,
    run,
    values,
)
from tools.compiler import Reader
from tools.constant_tables import sets
from tools.headers import UnreadError, version
from tools.struct_table import Group

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

TYPES = "argtrace/signature/tables/ioctl_types.py"
STRUCTS = "argtrace/signature/tables/structs_ioctl.py"
_COMMANDS = "argtrace/signature/tables/constants_ioctl.py"
_PROBE = "argtrace_commands"
_GRANTED = ("stddef.h", "stdint-gcc.h", "linux/types.h", "linux/const.h", "linux/ioctl.h")


def _state(part: str, options: argparse.Namespace) -> list[Stated | Unread]:
    try:
        release = version(options.headers)
    except UnreadError as error:
        return [Unread(str(error))]
    found = _read(options.headers, options.root)
    unread = [Unread(each) for each in found if isinstance(each, str)]
    facts: Facts = {}
    for each in found:
        if not isinstance(each, str):
            _include(facts, each, part)
    for name in struct_table.changed_since(release, "changed_ioctl"):
        facts.pop(("struct", name), None)
    return [*unread, Stated("UAPI headers", release, facts)]


def _include(facts: Facts, found: Facts, part: str) -> None:
    for key, value in found.items():
        if (key[0] == "type") != (part == "type"):
            continue
        # Of two headers with one command the first counts, as for its number.
        if facts.setdefault(key, value) != value and part != "type":
            raise ConflictError(f"{' '.join(map(str, key))}: {facts[key]!r} and {value!r}")


@functools.cache
def _read(directory: Path, root: Path) -> list[Facts | str]:
    """What each header has, or why it cannot be read."""
    commands = values((root / _COMMANDS).read_text())
    wanted = {*commands["ENUMS"]["ioctl"].values(), *commands["ALIASES"]["ioctl"]}
    known = struct_table.unpack((root / struct_table.STRUCTS).read_text())
    one = functools.partial(_header, directory, sorted(wanted), known)
    with ThreadPoolExecutor(2) as pool:
        return [each for each in pool.map(one, sets("ioctl")["ioctl"].ways()) if each]


def _header(
    directory: Path, commands: Sequence[str], known: Facts, ways: Iterable[tuple[str, ...]]
) -> Facts | str:
    """What one header has; a text, why that cannot be said, where every way to read it failed."""
    reason = ""
    for includes in ways:
        try:
            types = _types(directory, includes, commands)
            return _facts(directory, includes, types, known) if types else {}
        except UnreadError as error:
            reason = reason or str(error)
    return reason


def _types(directory: Path, includes: Sequence[str], commands: Sequence[str]) -> dict[str, str]:
    """The C types that commands are defined with."""
    # Without _IOC what is made of it remains to be read; within enums too.
    before, after = "".join(f"#include <{name}>\n" for name in _GRANTED), "#undef _IOC\n"
    text = before + after + "".join(f"#include <{name}>\n" for name in includes)
    text += "".join(f'\n"argtrace {name}" = {name}' for name in commands)
    done = Reader(directory).preprocessed(text)
    found: dict[str, str] = {}
    for quoted, named, rest in re.findall(r'(?:"argtrace (\w+)"|\b(\w+))\s*=\s*\(*\s*_IOC\s*\((.*)', done):
        name = quoted or named
        size = re.search(r"\bsizeof\s*\(", rest)
        if name in commands and size:
            found.setdefault(name, _argument(rest[size.end() :]))
    return found


def _argument(text: str) -> str:
    """Up to the parenthesis that closes what the text is in."""
    depth = 0
    for at, letter in enumerate(text):
        if depth == 0 and letter == ")":
            return text[:at].strip()
        depth += (letter == "(") - (letter == ")")
    return text


def _facts(directory: Path, includes: tuple[str, ...], types: dict[str, str], known: Facts) -> Facts:
    found = None
    while found is None:
        # Members are called by their place: a command's name is a macro.
        members = "".join(f"\t__typeof__({type}) argtrace_{at};\n" for at, type in enumerate(types.values()))
        prelude = "".join(f"#include <{name}>\n" for name in _GRANTED)
        group = Group(includes, prelude, f"struct {_PROBE} {{\n{members}}};\n", (_PROBE,))
        try:
            found = struct_table.read(group, directory)
        except UnreadError as error:
            incomplete = re.search(r"argtrace_(\d+)\W+has incomplete type", str(error))
            if incomplete is None:
                raise
            # Some headers define commands with structures that no header has.
            types = {name: types[name] for at, name in enumerate(types) if at != int(incomplete[1])}
    probe = found.layouts.pop(_PROBE)
    for member in probe.members:
        # A pointer to what is copied, where sizeof should have been of that.
        if isinstance(member.type, Pointer) and isinstance(member.type.target, Opaque):
            found.add(member.type.target.name)
    of: Facts = {
        ("type", command): struct_table.spelled(_plain(each.type))
        for command, each in zip(types, probe.members, strict=True)
    }
    found.layouts = {
        name: each
        for name, each in found.layouts.items()
        if ("struct", struct_table.renamed(name)) not in known
    }
    return {**found.facts(), **of}


def _plain(type: MemberType) -> MemberType:
    """The same with a number whose type only some headers have as one that all know: u32."""
    match type:
        case ArrayOf(element=element, count=count):
            return ArrayOf(_plain(element), count)
        case Int(name=name, size=size, signed=signed):
            try:
                scalar(name)
            except KeyError:
                return Int(f"{'s' if signed else 'u'}{8 * size}", size, signed)
    return type


def _unpack_types(text: str) -> Facts:
    known = values(text).get("TYPES", {})
    return {("type", command): type for type, commands in known.items() for command in commands.split()}


def _render_types(facts: Facts) -> str:
    by_type: dict[str, list[str]] = {}
    for (_, command), type in facts.items():
        by_type.setdefault(type, []).append(str(command))
    return dictionary(
        "TYPES", "dict[str, str]", ((type, " ".join(sorted(by_type[type]))) for type in sorted(by_type))
    )


TABLES = (
    Table(
        STRUCTS,
        "tools/ioctl_types.py",
        "Structures that only commands of ioctl(2) are given; as in structs.py.",
        SYSCALL_NOTE,
        functools.partial(_state, "struct"),
        struct_table.unpack,
        struct_table.render,
        struct_table.newer,
    ),
    Table(
        TYPES,
        "tools/ioctl_types.py",
        "What commands of ioctl(2) copy, as their definitions say: type -> names of commands.",
        SYSCALL_NOTE,
        functools.partial(_state, "type"),
        _unpack_types,
        _render_types,
    ),
)

if __name__ == "__main__":
    sys.exit(run("ioctl_types", TABLES))
