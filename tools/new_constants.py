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

from tools.compiler import Name, Reader
from tools.constant_tables import Set, families, sets
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
    for file, entries in found(options.headers, base, known).items():
        print(file)
        for name, number in entries.items():
            left = ", ".join(each.name for each in known if _leaves(each, name))
            value = "no integer constant" if number is None else f"{number:#x}"
            print(f"    {name}: {value}{f' (left out of {left})' if left else ''}")
    for file in new_files(options.headers, base) if base else ():
        print(f"{file}: only these headers have it")
    return 0


def found(headers: Path, base: Path | None, known: Sequence[Set]) -> dict[str, dict[str, int | None]]:
    """By the file that states them: names like those of the sets, in none of the sets."""
    places = list(dict.fromkeys(place for each in known for ways in each.ways() for place in ways))
    merged: dict[str, dict[str, int | None]] = {}
    with ThreadPoolExecutor(2) as pool:
        old = set[str]().union(*pool.map(partial(_names, Reader(base)), places)) if base else set[str]()
        for entries in pool.map(partial(_new, Reader(headers), known, old), places):
            for name, file, number in entries:
                names = merged.setdefault(file, {})
                if names.get(name) is None:
                    names[name] = number
    return dict(sorted(merged.items()))


def _new(
    reader: Reader, known: Sequence[Set], old: set[str], place: tuple[str, ...]
) -> list[tuple[str, str, int | None]]:
    names = _names(reader, place)
    taken = {
        name
        for name, stated in names.items()
        if any(each.takes(name, stated.text) or name in each.extra for each in known)
    }
    alike = {(names[name].file, _beginning(name)) for name in taken}
    asked = {
        name: stated
        for name, stated in names.items()
        if name not in taken | old and (stated.file, _beginning(name)) in alike
    }
    try:
        numbers = reader.numbers(place, asked)[0]
    except UnreadError:
        numbers = {}  # read by itself or after the others of a list, it may be
    return [
        (name, stated.file, numbers[name].value if name in numbers else None)
        for name, stated in asked.items()
    ]


def _names(reader: Reader, place: tuple[str, ...]) -> dict[str, Name]:
    try:
        find(reader.headers, place[-1])
        return reader.names(place)
    except UnreadError:
        return {}


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
