"""How do facts get into the committed tables, and do the tables still agree with their sources?

A *fact* is a key and a value: ("name", 257) -> "openat". A table is text that `render`
makes from facts and `unpack` turns back. Sources only ever add facts: what is committed
stays, for it may come from a newer header than the one at hand, and a source that says
otherwise is an error for a person to decide.

A table's second line says which releases of each source brought facts:

    # Source: asm/errno.h (Linux 6.1.192, Linux 7.3.4); tools/inputs/errno.toml.

Not here: what the facts of a family are, and what states them, is that family's module.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Facts = dict[tuple[str | int, ...], Any]
Sources = dict[str, list[str]]

ROOT = Path(__file__).resolve().parent.parent
INPUTS = ROOT / "tools" / "inputs"
RUNNING_BTF = Path("/sys/kernel/btf/vmlinux")
SYSCALL_NOTE = "# Licence of the headers: GPL-2.0 WITH Linux-syscall-note."


class ConflictError(Exception):
    """What a source states is not what is committed, or the facts do not suffice."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What one source says. `release` is "" for an input of our own."""

    source: str
    release: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Unread:
    """A source that could not be read here."""

    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """One committed module: where it is, what states its facts, how its text is made."""

    path: str
    tool: str
    docstring: str
    note: str
    state: Callable[[argparse.Namespace], list[Stated | Unread]]
    unpack: Callable[[str], Facts]
    render: Callable[[Facts], str]
    # Of two values for a key, the one that holds both; None if they contradict each other.
    newer: Callable[[tuple[str | int, ...], Any, Any], Any] = lambda _key, _committed, _stated: None


def arguments(prog: str, argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, the same for every family."""
    parser = argparse.ArgumentParser(prog=f"python3 -m tools.{prog}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a difference")
    parser.add_argument("--headers", type=Path, default=Path("/usr/include"), help="an include directory")
    parser.add_argument(
        "--formats", type=Path, action="append", default=[], help="another kernel's, see tools/kernels.py"
    )
    parser.add_argument("--btf", type=Path, default=RUNNING_BTF, help="a kernel's BTF")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree whose tables are meant")
    return parser.parse_args(argv)


def run(prog: str, tables: Iterable[Table], argv: Sequence[str] | None = None) -> int:
    """Write the tables, or check them; the exit status."""
    options = arguments(prog, argv)
    problems = []
    for table in tables:
        stated = table.state(options)
        for unread in (each for each in stated if isinstance(each, Unread)):
            print(f"{table.path}: not read: {unread.reason}", file=sys.stderr)
        try:
            if options.check:
                problems += check(table, options.root, stated)
            else:
                update(table, options.root, stated)
        except ConflictError as error:
            problems.append(f"{table.path}: {error}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def check(table: Table, root: Path, stated: Sequence[Stated | Unread]) -> list[str]:
    """Each fact that is missing or different, and whether the text is as we would write it."""
    path = root / table.path
    if not path.exists():
        return [f"{table.path}: is not there"]
    text = path.read_text()
    facts = table.unpack(text)
    problems = [
        f"{table.path}: {_differs(key, facts.get(key), value, each)}"
        for each in stated
        if isinstance(each, Stated)
        for key, value in each.facts.items()
        if key not in facts or _joined(table, key, facts[key], value) != facts[key]
    ]
    if not problems and text != _page(table, facts, _sources(text)):
        problems.append(f"{table.path}: is not as {table.tool} writes it; run `make tables`")
    return problems


def update(table: Table, root: Path, stated: Sequence[Stated | Unread]) -> None:
    """Add what the sources state to the table; ConflictError, and nothing written, if they disagree."""
    path = root / table.path
    text = path.read_text() if path.exists() else ""
    facts, sources = table.unpack(text), _sources(text)
    conflicts = []
    for each in stated:
        if isinstance(each, Unread):
            continue
        joined = {
            key: _joined(table, key, facts[key], value) if key in facts else value
            for key, value in each.facts.items()
        }
        conflicts += [
            _differs(key, facts[key], each.facts[key], each) for key, value in joined.items() if value is None
        ]
        new = {key: value for key, value in joined.items() if key not in facts or facts[key] != value}
        facts.update(new)
        if new:
            releases = sources.setdefault(each.source, [])
            if each.release and each.release not in releases:
                releases.append(each.release)
    if conflicts:
        raise ConflictError("; ".join(conflicts))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_page(table, facts, sources))


def values(text: str) -> dict[str, Any]:
    """The names a table assigns, with their values: literals, or a frozenset of a literal."""
    found: dict[str, Any] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            value = node.value
            if isinstance(value, ast.Call):
                found[node.target.id] = frozenset(ast.literal_eval(value.args[0]) if value.args else ())
            else:
                found[node.target.id] = ast.literal_eval(value)
    return found


def spell(value: object) -> str:
    """A value of a table as Python text, strings in double quotes."""
    if isinstance(value, tuple):
        inner = ", ".join(spell(each) for each in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def dictionary(name: str, annotation: str, entries: Iterable[tuple[object, object]]) -> str:
    """An annotated dictionary, one entry a line."""
    lines = (f"    {spell(key)}: {spell(value)},\n" for key, value in entries)
    return f"{name}: {annotation} = {{\n{''.join(lines)}}}\n"


def _joined(table: Table, key: tuple[str | int, ...], committed: Any, stated: Any) -> Any:
    return committed if committed == stated else table.newer(key, committed, stated)


def _differs(key: tuple[str | int, ...], committed: object, value: object, stated: Stated) -> str:
    what = " ".join(str(part) for part in key)
    who = f"{stated.source} ({stated.release})" if stated.release else stated.source
    if committed is None:
        return f"{what}: missing; {who} states {value!r}"
    return f"{what}: committed {committed!r}; {who} states {value!r}"


def _page(table: Table, facts: Facts, sources: Sources) -> str:
    listed = "; ".join(f"{name} ({', '.join(by)})" if by else name for name, by in sources.items())
    head = [
        f"# Generated by {table.tool}. Do not edit: run `make tables`.",
        f"# Source: {listed}.",
        *([table.note] if table.note else []),
        f'"""{table.docstring}"""',
    ]
    return "\n".join(head) + "\n\n" + table.render(facts)


def _sources(text: str) -> Sources:
    line = re.search(r"(?m)^# Source: (.*)\.$", text)
    found: Sources = {}
    for part in line.group(1).split("; ") if line else ():
        name, _, releases = part.rstrip(")").partition(" (")
        found[name] = releases.split(", ") if releases else []
    return found
