"""The types in the definitions of ioctl's commands: out of headers that one sees whole, and as committed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from argtrace.signature.tables import ioctl_types as committed_types
from tools import committed, constant_tables, ioctl_types, struct_table
from tools.committed import ROOT, Stated, Unread
from tools.headers import find

if shutil.which("gcc") is None:
    pytest.skip("The headers are read with gcc, which is not here.", allow_module_level=True)

LIFTS = """
#include <linux/types.h>
#include <linux/ioctl.h>
struct door { __u8 width[4]; struct hinge *hinge; };
struct hinge { long pins; };
typedef struct { int floor; } stop_t;
struct unknown;
#define LIFT_IOR(number, type) _IOR('L', number, type)
#define LIFT_GO _IO('L', 1)
#define LIFT_DOOR LIFT_IOR(2, struct door)
#define LIFT_STOP _IOW('L', 3, stop_t)
#define LIFT_SPEED _IOWR('L', 4, unsigned int)
#define LIFT_NAME _IOR('L', 5, char[16])
#define LIFT_MAP _IOR('L', 6, __u16[2][3])
#define LIFT_HINGE _IOR('L', 7, struct hinge *)
#define LIFT_LOST _IOR('L', 8, struct unknown)
#define LIFT_RAW _IOC(_IOC_READ, 'L', 9, sizeof(struct door))
#define LIFT_OTHER _IOR('L', 10, int)
enum { LIFT_ENUM = _IOR('L', 11, __u64) };
"""
INPUT = """
[ioctl]
kind = "enum"
headers = ["linux/lift.h"]
match = ["LIFT_*"]
"""
COMMANDS = """
ENUMS: dict[str, dict[int, str]] = {
    "ioctl": {
        1: "LIFT_GO", 2: "LIFT_DOOR", 3: "LIFT_STOP", 4: "LIFT_SPEED", 5: "LIFT_NAME", 6: "LIFT_MAP",
        7: "LIFT_HINGE", 8: "LIFT_LOST", 9: "LIFT_RAW",
    },
}
ALIASES: dict[str, dict[str, int]] = {"ioctl": {"LIFT_ENUM": 11}}
"""
STRUCTURES = 'STRUCTS: dict[str, tuple[int, str]] = {\n    "hinge": (8, """\n0 long pins"""),\n}\n'


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What is found in our header, by kind of fact and name."""
    root = tmp_path_factory.mktemp("lifts")
    headers, tables = root / "include", root / "argtrace/signature/tables"
    for name in ("asm-generic", "asm", "linux"):
        there = find(Path("/usr/include"), f"{name}/types.h").parent
        shutil.copytree(there, headers / name, ignore=lambda _, names: _others(names))
    (headers / "linux" / "lift.h").write_text(LIFTS)
    (root / "ioctl.toml").write_text(INPUT)
    tables.mkdir(parents=True)
    (tables / "constants_ioctl.py").write_text(COMMANDS)
    (tables / "structs.py").write_text(STRUCTURES)
    options = committed.arguments("test", ["--headers", str(headers), "--root", str(root)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constant_tables, "DIRECTORY", root)
        stated = [each for table in ioctl_types.TABLES for each in table.state(options)]
    assert all(isinstance(each, Stated) for each in stated)
    return {
        " ".join(map(str, key)): value
        for each in stated
        if isinstance(each, Stated)
        for key, value in each.facts.items()
    }


def _others(names: list[str]) -> list[str]:
    """All but the headers that ours needs."""
    needed = (
        "types",
        "ioctl",
        "const",
        "version",
        "posix_types",
        "stddef",
        "bitsperlong",
        "int-",
        "compiler",
    )
    return [name for name in names if not name.startswith(needed)]


@pytest.mark.parametrize(
    ("command", "type"),
    [
        pytest.param("LIFT_GO", None, id="nothing is copied"),
        pytest.param("LIFT_DOOR", "door", id="a macro of a macro"),
        pytest.param("LIFT_STOP", "stop_t", id="a structure without a name of its own"),
        pytest.param("LIFT_SPEED", "unsigned int", id="a number"),
        pytest.param("LIFT_NAME", "char[16]", id="an array"),
        pytest.param("LIFT_MAP", "u16[2][3]", id="an array of arrays"),
        pytest.param("LIFT_HINGE", "hinge *", id="a pointer"),
        pytest.param("LIFT_LOST", None, id="a structure that no header has"),
        pytest.param("LIFT_RAW", "door", id="sizeof"),
        pytest.param("LIFT_ENUM", "u64", id="an enumerator"),
        pytest.param("LIFT_OTHER", None, id="no command of ours"),
    ],
)
def test_type_of_a_command(facts: dict[str, object], command: str, type: str | None) -> None:
    assert facts.get(f"type {command}") == type


def test_structures_that_nobody_has_yet(facts: dict[str, object]) -> None:
    assert facts["struct door"] == (16, (("width", 0, "u8[4]", None), ("hinge", 8, "hinge *", None)))
    assert facts["struct stop_t"] == (4, (("floor", 0, "int", None),))
    assert "struct hinge" not in facts
    assert "struct argtrace_commands" not in facts


@pytest.mark.parametrize("table", ioctl_types.TABLES, ids=lambda table: table.path.rpartition("/")[2])
def test_what_this_machine_states_is_committed(table: committed.Table) -> None:
    stated = table.state(committed.arguments("test", []))
    assert committed.check(table, ROOT, stated) == []
    if reasons := [each.reason for each in stated if isinstance(each, Unread)]:
        pytest.skip(f"The rest of {table.path} could not be compared: {'; '.join(reasons)}.")


def test_a_structure_is_in_one_table() -> None:
    paths = (struct_table.STRUCTS, ioctl_types.STRUCTS)
    both = [struct_table.unpack((ROOT / path).read_text()) for path in paths]
    assert [key for key in both[1] if key in both[0] and key[0] != "int"] == []


def test_a_command_has_one_type() -> None:
    commands = [command for names in committed_types.TYPES.values() for command in names.split()]
    assert len(commands) == len(set(commands))
