"""Which calls are there on x86-64, which on arm64, which in their 32-bit programs, and what do they take?

Source: asm/unistd_64.h and asm/unistd_32.h for names and numbers; the syscalls/sys_enter_*
formats of kernels for parameters; inputs/syscalls.toml for what neither states. For arm64 the
table that new machines share, asm-generic/unistd.h, and arm64's own asm/unistd_64.h where it is:
a call that both machines have takes the same, but for those whose `order` the input gives. For 32-bit
arm programs arm's asm/unistd-eabi.h, and asm/unistd.h for the calls that are arm's alone.

Facts: ("name", 257) -> "openat", ("parameters", "openat") -> (("int", "dfd"), …);
("order", "clone") -> (0, 1, 2, 4, 3), x86-64's positions in arm64's order.

A new kernel: fetch its headers, let it write its formats (kernels.py), then

    python3 -m tools.syscall_tables --headers DIR --formats FILE

The running kernel's formats are always asked, and first.
"""

from __future__ import annotations

import re
import sys
import tomllib
from typing import TYPE_CHECKING, Any

from argtrace.signature.aliases import ENTRY_NAMES
from tools import kernels
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
    from collections.abc import Iterator
    from pathlib import Path

    from tools.committed import Facts

NATIVE = "argtrace/signature/tables/syscalls_x86_64.py"
COMPAT = "argtrace/signature/tables/syscalls_i386.py"
AARCH64 = "argtrace/signature/tables/syscalls_aarch64.py"
ARM = "argtrace/signature/tables/syscalls_arm.py"

# Of the table that machines share: a gap for calls of one machine alone, the table's length, a
# call that some have instead of sync_file_range; and those with 64-bit times where a long has 32.
_NO_CALLS = {"arch_specific_syscall", "syscalls", "sync_file_range2"}
_TIME64 = range(403, 424)


def numbers(headers: Path, header: str, machine: str = "x86_64") -> Stated | Unread:
    """The names of a unistd header by number."""
    try:
        text = find(headers, header, machine).read_text()
        source = header if machine == "x86_64" else f"{header} of {machine}"
        return Stated(source, version(headers), {("name", number): name for number, name in _names(text)})
    except UnreadError as error:
        return Unread(str(error))


def generic(headers: Path) -> Stated | Unread:
    """The calls of asm-generic/unistd.h where a long has 64 bits."""
    listed = numbers(headers, "asm-generic/unistd.h")
    if isinstance(listed, Unread):
        return listed
    facts = {
        key: name for key, name in listed.facts.items() if name not in _NO_CALLS and key[1] not in _TIME64
    }
    return Stated(listed.source, listed.release, facts)


def _names(text: str) -> Iterator[tuple[int, str]]:
    known = defines(text)
    # "#define __NR3264_lseek 62" is lseek, or llseek on 32 bits, whose definition is the later one.
    shared = {macro: int(number) for macro, number in known.items() if macro.startswith("__NR3264_")}
    for macro, stated in known.items():
        name = macro.removeprefix("__NR_")
        number = re.sub(r"\(__NR_SYSCALL_BASE\s*\+\s*(\d+)\)", r"\1", stated)  # of arm; 0 in its EABI
        if name == macro:
            continue
        if re.fullmatch(r"\d+", number):
            yield int(number), name
        elif number in shared:
            yield shared.pop(number), name


def parameters(formats: Path | None, names: set[str]) -> Stated | Unread:
    """What a kernel says of the calls with these names, known variants left out."""
    try:
        release, described = kernels.formats(formats)
    except UnreadError as error:
        return Unread(str(error))
    known = {(each["name"], _tuples(each["parameters"])) for each in _inputs()["variant"]}
    facts: Facts = {}
    for name in sorted(names):
        found = described.get(ENTRY_NAMES.get(name, name))
        if found is not None and (name, found) not in known:
            facts["parameters", name] = found
    return Stated("syscalls/sys_enter_*/format", release, facts)


def _native(options: argparse.Namespace) -> list[Stated | Unread]:
    listed = numbers(options.headers, "asm/unistd_64.h")
    committed = options.root / NATIVE
    names = {fact for key, fact in _unpack_native(_text(committed)).items() if key[0] == "name"}
    if isinstance(listed, Stated):
        names |= set(listed.facts.values())
    inputs = _inputs()
    by_hand: Facts = {("parameters", name): () for name in inputs["unimplemented"]["names"]}
    for name, call in inputs["callable"].items():
        by_hand["parameters", name] = _tuples(call["parameters"])
    return [
        listed,
        *(parameters(formats, names) for formats in (None, *options.formats)),
        Stated("tools/inputs/syscalls.toml", "", by_hand),
    ]


def _compat(options: argparse.Namespace) -> list[Stated | Unread]:
    return [numbers(options.headers, "asm/unistd_32.h")]


def _aarch64(options: argparse.Namespace) -> list[Stated | Unread]:
    orders: Facts = {("order", name): tuple(call["order"]) for name, call in _inputs()["aarch64"].items()}
    return [
        generic(options.headers),
        numbers(options.headers, "asm/unistd_64.h", "aarch64"),
        Stated("tools/inputs/syscalls.toml", "", orders),
    ]


def _arm(options: argparse.Namespace) -> list[Stated | Unread]:
    return [numbers(options.headers, "asm/unistd-eabi.h", "arm"), _private(options.headers)]


def _private(headers: Path) -> Stated | Unread:
    """Those that no other machine has: "#define __ARM_NR_set_tls (__ARM_NR_BASE+5)"."""
    try:
        known = defines(find(headers, "asm/unistd.h", "arm").read_text())
    except UnreadError as error:
        return Unread(str(error))
    found = {macro: re.fullmatch(r"\(__\w+\s*\+\s*(\w+)\)", text) for macro, text in known.items()}
    base = found.get("__ARM_NR_BASE")
    facts: Facts = {
        ("name", int(base[1], 16) + int(number[1])): macro.removeprefix("__ARM_NR_")
        for macro, number in found.items()
        if base and number and macro.startswith("__ARM_NR_") and macro != "__ARM_NR_BASE"
    }
    return Stated("asm/unistd.h of arm", version(headers), facts)


def _unpack_aarch64(text: str) -> Facts:
    orders = values(text).get("ORDERS", {})
    return _unpack_compat(text) | {("order", name): order for name, order in orders.items()}


def _render_aarch64(facts: Facts) -> str:
    orders = sorted((key[1], order) for key, order in facts.items() if key[0] == "order")
    return (
        _render_compat(facts)
        + "\n# x86-64's parameters, by position, in the order they have on arm64.\n"
        + dictionary("ORDERS", "dict[str, tuple[int, ...]]", orders)
    )


def _unpack_native(text: str) -> Facts:
    facts: Facts = {}
    for number, (name, params) in values(text).get("CALLS", {}).items():
        facts["name", number] = name
        facts["parameters", name] = params
    return facts


def _render_native(facts: Facts) -> str:
    names = sorted((key[1], name) for key, name in facts.items() if key[0] == "name")
    unknown = [name for _, name in names if ("parameters", name) not in facts]
    if unknown:
        raise ConflictError(f"no source has the parameters of {', '.join(unknown)}")
    entries = ((number, (name, facts["parameters", name])) for number, name in names)
    return dictionary("CALLS", "dict[int, tuple[str, tuple[tuple[str, str], ...]]]", entries)


def _unpack_compat(text: str) -> Facts:
    return {("name", number): name for number, name in values(text).get("NAMES", {}).items()}


def _render_compat(facts: Facts) -> str:
    names = sorted((key[1], name) for key, name in facts.items() if key[0] == "name")
    return dictionary("NAMES", "dict[int, str]", names)


def _inputs() -> dict[str, Any]:
    return tomllib.loads((INPUTS / "syscalls.toml").read_text())


def _tuples(params: list[list[str]]) -> kernels.Parameters:
    return tuple((type, name) for type, name in params)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


TABLES = (
    Table(
        NATIVE,
        "tools/syscall_tables.py",
        "The system calls of x86-64: number -> (name, ((C type, parameter name), ...)).",
        SYSCALL_NOTE,
        _native,
        _unpack_native,
        _render_native,
    ),
    Table(
        COMPAT,
        "tools/syscall_tables.py",
        "The system calls of 32-bit x86 programs: number -> name.",
        SYSCALL_NOTE,
        _compat,
        _unpack_compat,
        _render_compat,
    ),
    Table(
        AARCH64,
        "tools/syscall_tables.py",
        "The system calls of arm64: number -> name; and whose parameters are not in x86-64's order.",
        SYSCALL_NOTE,
        _aarch64,
        _unpack_aarch64,
        _render_aarch64,
    ),
    Table(
        ARM,
        "tools/syscall_tables.py",
        "The system calls of 32-bit arm programs: number -> name.",
        SYSCALL_NOTE,
        _arm,
        _unpack_compat,
        _render_compat,
    ),
)

if __name__ == "__main__":
    sys.exit(run("syscall_tables", TABLES))
