"""Which numbers does bpf(2) speak?

Source: linux/bpf.h and linux/bpf_common.h; inputs/bpf.toml says which of their constants.

Facts: ("value", "BPF_MAP_CREATE") -> 0, and for members of enums, whose names no input
lists, the section they stand in: ("section", "BPF_MAP_CREATE") -> "enum bpf_cmd".
"""

from __future__ import annotations

import re
import sys
import tomllib
from typing import TYPE_CHECKING, Any

from tools.committed import INPUTS, SYSCALL_NOTE, ConflictError, Stated, Table, Unread, run
from tools.headers import Enum, UnreadError, defines, enums, evaluate, find, plain, version

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tools.committed import Facts

_HEADERS = ("linux/bpf_common.h", "linux/bpf.h")


def helpers(text: str, mapper: str) -> dict[str, int]:
    """BPF_FUNC_* by the macro that lists the helpers: FN(name), or since Linux 6.2 FN(name, number, …)."""
    listed = re.search(rf"(?m)^#define _?{mapper}\(FN[^)]*\)[ \t]+(FN\(.*)$", plain(text))
    if listed is None:
        return {}
    found = re.findall(r"\bFN\((\w+)(?:,\s*(\d+))?", listed.group(1))
    return {f"BPF_FUNC_{name}": int(number) if number else at for at, (name, number) in enumerate(found)}


def constants(text: str, sections: list[dict[str, Any]]) -> Facts:
    """The facts that one header has for the sections."""
    macros = _macros(text)
    listed = enums(text)
    facts: Facts = {}
    for section in sections:
        if "macros" in section:
            facts |= {("value", name): macros[name] for name in section["macros"] if name in macros}
            continue
        if "mapper" in section:
            members = helpers(text, section["mapper"])
        else:
            members = next((enum.members for enum in listed if _is(enum, section)), {})
        for name, value in members.items():
            if not name.startswith("__"):
                facts["value", name] = value
                facts["section", name] = section["title"]
    return facts


def _macros(text: str) -> dict[str, int]:
    known: dict[str, int] = {}
    for name, expression in defines(text).items():
        value = evaluate(expression, known)
        if value is not None:
            known[name] = value
    return known


def _is(enum: Enum, section: dict[str, Any]) -> bool:
    return enum.name == section["enum"] if "enum" in section else section["with"] in enum.members


def _state(options: argparse.Namespace) -> list[Stated | Unread]:
    headers: Path = options.headers
    try:
        return [
            Stated(name, version(headers), constants(find(headers, name).read_text(), _sections()))
            for name in _HEADERS
        ]
    except UnreadError as error:
        return [Unread(str(error))]


def _sections() -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = tomllib.loads((INPUTS / "bpf.toml").read_text())["section"]
    return sections


def _unpack(text: str) -> Facts:
    of_enums = {section["title"] for section in _sections() if "macros" not in section}
    facts: Facts = {}
    title = ""
    for line in text.splitlines():
        if line.startswith("# "):
            title = line.removeprefix("# ")
        elif assigned := re.fullmatch(r"(\w+): Final = (\w+)", line):
            facts["value", assigned[1]] = int(assigned[2], 0)
            if title in of_enums:
                facts["section", assigned[1]] = title
    return facts


def _render(facts: Facts) -> str:
    text = "from typing import Final\n"
    for section in _sections():
        if "macros" in section:
            names = section["macros"]
        else:
            where = ("section", section["title"])
            members = [str(key[1]) for key, title in facts.items() if (key[0], title) == where]
            names = sorted(members, key=lambda name: (facts["value", name], name))
        unknown = [name for name in names if ("value", name) not in facts]
        if unknown or not names:
            what = ", ".join(unknown) or "its enum"
            raise ConflictError(f"section '{section['title']}': no header has {what}")
        text += f"\n# {section['title']}\n"
        for name in names:
            value = facts["value", name]
            text += f"{name}: Final = {f'0x{value:02X}' if section.get('hex') else value}\n"
    return text


TABLES = (
    Table(
        "argtrace/kernel/uapi.py",
        "tools/bpf_uapi.py",
        "The constants of linux/bpf.h, named as there.",
        SYSCALL_NOTE,
        _state,
        _unpack,
        _render,
    ),
)

if __name__ == "__main__":
    sys.exit(run("bpf_uapi", TABLES))
