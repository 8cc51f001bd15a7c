"""What are the error numbers called, and what do they mean?

Source: asm-generic/errno-base.h and asm-generic/errno.h for names; glibc's strerror for
texts; inputs/errno.toml for what neither has.

Where two names share a number, the canonical one is that which the header gives the
number itself: `#define EWOULDBLOCK EAGAIN` makes EWOULDBLOCK the other. ENOTSUP is
glibc's alone.

Facts: ("name", 2) -> "ENOENT", ("text", 2) -> "No such file or directory",
("restart", 512) -> ("ERESTARTSYS", "To be restarted …").
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from typing import TYPE_CHECKING

from tools.committed import (
    INPUTS,
    SYSCALL_NOTE,
    ConflictError,
    Stated,
    Table,
    Unread,
    dictionary,
    run,
    values,
)
from tools.headers import UnreadError, defines, find, version

if TYPE_CHECKING:
    import argparse

    from tools.committed import Facts

_HEADERS = ("asm-generic/errno-base.h", "asm-generic/errno.h")


def _state(options: argparse.Namespace) -> list[Stated | Unread]:
    stated: list[Stated | Unread] = []
    numbers: set[int] = set()
    try:
        for header in _HEADERS:
            known = defines(find(options.headers, header).read_text())
            names = {int(number): name for name, number in known.items() if re.fullmatch(r"\d+", number)}
            stated.append(Stated(header, version(options.headers), {("name", n): names[n] for n in names}))
            numbers |= set(names)
    except UnreadError as error:
        stated.append(Unread(str(error)))
    stated.append(_texts(numbers))
    inputs = tomllib.loads((INPUTS / "errno.toml").read_text())
    by_hand: Facts = {("text", int(number)): text for number, text in inputs["texts"].items()}
    by_hand |= {("restart", int(number)): tuple(entry) for number, entry in inputs["restart"].items()}
    return [*stated, Stated("tools/inputs/errno.toml", "", by_hand)]


def _texts(numbers: set[int]) -> Stated | Unread:
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION")
    except ValueError:
        libc = None
    if libc is None:
        return Unread("the texts are glibc's, and this C library is another")
    texts = {number: os.strerror(number) for number in sorted(numbers)}
    facts: Facts = {("text", n): text for n, text in texts.items() if not text.startswith("Unknown error")}
    return Stated("strerror", libc, facts)


def _unpack(text: str) -> Facts:
    known = values(text)
    facts: Facts = {}
    for number, (name, meaning) in known.get("ERRNO", {}).items():
        facts["name", number] = name
        facts["text", number] = meaning
    return facts | {("restart", number): entry for number, entry in known.get("RESTART", {}).items()}


def _render(facts: Facts) -> str:
    names = sorted((key[1], name) for key, name in facts.items() if key[0] == "name")
    silent = [name for number, name in names if ("text", number) not in facts]
    if silent:
        raise ConflictError(f"no text for {', '.join(silent)}: add it to tools/inputs/errno.toml")
    entries = [(number, (name, facts["text", number])) for number, name in names]
    restart = sorted((key[1], entry) for key, entry in facts.items() if key[0] == "restart")
    return (
        dictionary("ERRNO", "dict[int, tuple[str, str]]", entries)
        + "\n"
        + dictionary("RESTART", "dict[int, tuple[str, str]]", restart)
    )


TABLES = (
    Table(
        "argtrace/decode/tables/errno.py",
        "tools/errno_table.py",
        "Error numbers: number -> (name, text); RESTART has those that never leave the kernel untraced.",
        SYSCALL_NOTE,
        _state,
        _unpack,
        _render,
    ),
)

if __name__ == "__main__":
    sys.exit(run("errno_table", TABLES))
