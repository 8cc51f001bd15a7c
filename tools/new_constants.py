"""Which named numbers do these headers have that no set of constants has?

Source: the headers that inputs/constants/*.toml name, and those they include.

A number is listed if the sets have others from the same file whose names begin alike, up to
the first underscore; `--base DIR` leaves out what the headers there have too, and then adds
the header files that only the newer have. What a set leaves out on purpose says so.

    python3 -m tools.new_constants --headers DIR --base /usr/include
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from tools.committed import ROOT
from tools.compiler import Name, Reader
from tools.constant_tables import Set, committed_names, families, sets, table
from tools.headers import UnreadError, find

_DIRECTORIES = ("asm-generic", "linux", "misc", "mtd", "rdma", "scsi", "sound", "video")


def main() -> int:
    """Print them; the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.new_constants")
    parser.add_argument("--headers", type=Path, default=Path("/usr/include"), help="an include directory")
    parser.add_argument("--base", type=Path, help="another, whose names are no news")
    options = parser.parse_args()
    base = options.base if options.base != options.headers else None
    known = [each for family in families() for each in sets(family).values()]
    for file, entries in found(options.headers, base, known, held(ROOT)).items():
        print(file)
        for name, number in entries.items():
            left = ", ".join(each.name for each in known if _leaves(each, name))
            value = "no integer constant" if number is None else f"{number:#x}"
            print(f"    {name}: {value}{f' (left out of {left})' if left else ''}")
    for file in new_files(options.headers, base) if base else ():
        print(f"{file}: only these headers have it")
    return 0


def held(root: Path) -> set[str]:
    """The names that the committed sets have."""
    modules = ((family, root / table(family).path) for family in families())
    return {
        name
        for family, path in modules
        if path.exists()
        for name in committed_names(family, path.read_text())
    }


def found(
    headers: Path, base: Path | None, known: Sequence[Set], have: set[str]
) -> dict[str, dict[str, int | None]]:
    """By the file that states them: names like those of the sets, which none of them has or takes."""
    listed = list(dict.fromkeys(header for each in known for header in each.headers))
    with ThreadPoolExecutor(2) as pool:
        old = set[str]().union(*pool.map(partial(_names, Reader(base)), listed)) if base else set[str]()
        stated = list(pool.map(partial(_names, Reader(headers)), listed))
        alike = {
            (by.file, _beginning(name)) for names in stated for name, by in names.items() if name in have
        }
        passed = have | old
        asked = []
        for names in stated:
            candidates = {name: by for name, by in names.items() if name not in passed}
            passed |= candidates.keys()
            asked.append({name: by for name, by in candidates.items() if _wanted(name, by, alike, known)})
        merged: dict[str, dict[str, int | None]] = {}
        for names, numbers in zip(asked, pool.map(partial(_numbers, headers), listed, asked), strict=True):
            for name, by in names.items():
                merged.setdefault(by.file, {})[name] = numbers.get(name)
    return dict(sorted(merged.items()))


def _wanted(name: str, by: Name, alike: set[tuple[str, str]], known: Sequence[Set]) -> bool:
    return (by.file, _beginning(name)) in alike and not any(
        name in each.extra or each.takes(name, by.text) for each in known
    )


def _names(reader: Reader, header: str) -> dict[str, Name]:
    try:
        find(reader.headers, header)
        return reader.names((header,))
    except UnreadError:
        return {}


def _numbers(headers: Path, header: str, names: dict[str, Name]) -> dict[str, int]:
    try:
        numbers, _ = Reader(headers).numbers((header,), names)
    except UnreadError:
        return {}
    return {name: number.value for name, number in numbers.items()}


def _beginning(name: str) -> str:
    return name.partition("_")[0]


def _leaves(each: Set, name: str) -> bool:
    return not each.takes(name) and replace(each, excepted=()).takes(name)


def new_files(headers: Path, base: Path) -> Iterator[str]:
    """The header files that only the first directory has."""
    for directory in _DIRECTORIES:
        for path in sorted((headers / directory).rglob("*.h")):
            file = str(path.relative_to(headers))
            if not (base / file).exists():
                yield file


if __name__ == "__main__":
    sys.exit(main())
