"""The constants agree with the headers of this machine, and their generator with what a header says.

Not here: how a number is taken apart into names is tests/laws/test_constants_law.py.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from argtrace.errors import NotFound
from tools import committed, constant_tables, new_constants
from tools.committed import ConflictError, Stated, Table, Unread
from tools.compiler import Number, Reader, enumerators

TABLES = {table.path: table for table in constant_tables.TABLES}
FILES = "argtrace/signature/tables/constants_files.py"

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="The values of constants are gcc's word.")


def every_table() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


def checked(table: Table, root: Path = committed.ROOT, headers: str = "/usr/include") -> list[str]:
    return committed.check(
        table, root, table.state(committed.arguments("test", ["--root", str(root), "--headers", headers]))
    )


# ---- the tables and the headers of this machine -----------------------------------------


@every_table()
def test_what_this_machine_states_is_committed(table: Table) -> None:
    assert checked(table) == []


@every_table()
def test_a_table_is_as_its_generator_writes_it_from_its_own_facts(table: Table, tmp_path: Path) -> None:
    copy = tmp_path / table.path
    copy.parent.mkdir(parents=True)
    shutil.copy(committed.ROOT / table.path, copy)
    before = copy.read_text()
    committed.update(table, tmp_path, [Stated("nothing new", "Linux 99", table.unpack(before))])
    assert copy.read_text() == before


@pytest.mark.parametrize("family", constant_tables.families())
def test_every_pattern_finds_something(family: str) -> None:
    path = committed.ROOT / constant_tables.table(family).path
    assert constant_tables.idle(family, path.read_text()) == []


def test_every_module_has_its_input() -> None:
    modules = (committed.ROOT / FILES).parent.glob("constants_*.py")
    assert {f"constants_{family}" for family in (*constant_tables.families(), "index")} == {
        path.stem for path in modules
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            '0x80000: "O_CLOEXEC",\n        0x100000',
            '0x90000: "O_CLOEXEC",\n        0x100000',
            id="a number",
        ),
        pytest.param('"O_DIRECTORY"', '"O_DIRECTORIES"', id="a name"),
        pytest.param('        0x200000: "O_PATH",\n', "", id="a name that is gone"),
        pytest.param('("AT_STATX_SYNC_TYPE", 0x6000, {', '("AT_STATX_SYNC_TYPE", 0xe000, {', id="a mask"),
        pytest.param('2: "O_RDWR"', '3: "O_RDWR"', id="a number in a field"),
        pytest.param('0x8: "SPLICE_F_GIFT"', '0x10: "SPLICE_F_GIFT"', id="a number of our own"),
        pytest.param('"O_PATH"', "'O_PATH'", id="the spelling"),
    ],
)
def test_a_fact_that_was_altered_fails_the_check(tmp_path: Path, old: str, new: str) -> None:
    text = (committed.ROOT / FILES).read_text()
    assert text.count(old) == 1
    (tmp_path / FILES).parent.mkdir(parents=True)
    (tmp_path / FILES).write_text(text.replace(old, new))
    assert checked(TABLES[FILES], tmp_path)


# ---- a header of our own ----------------------------------------------------------------

HEADER = """
#ifndef LIFT_H
#define LIFT_H
#include <linux/parts.h>
#define LIFT_UP 0x1
#define LIFT_DOWN 0x2
#define LIFT_BOTH (LIFT_UP | LIFT_DOWN)
#define LIFT_TOP (1 << 31)
#define LIFT_FAR (1ULL << 40)
#define LIFT_OLD_UP LIFT_UP
#define LIFT_NONE 0
#define LIFT_SPEED 0xf0
#define LIFT_SLOW (1 << 4)
#define LIFT_FAST (2 << 4)
#define LIFT_MODE(mode) (mode)
#define LIFT_GUARD
#if 0
#define LIFT_NEVER 0x4
#endif
#define LIFT_GONE 0x8
#undef LIFT_GONE
enum lift_floor { FLOOR_CELLAR = -1, FLOOR_GROUND, FLOOR_ONE = sizeof(struct { int a, b; }),
#define FLOOR_ONE FLOOR_ONE
    FLOOR_ROOF = 0xfffffff0, FLOOR_ZERO = 0 };
#endif
"""
PARTS = "#define PART_DOOR 7\nstruct door { long width, height; };\n"
IOCTL = """
#include <asm-generic/ioctl.h>
#define LIFT_IOC_DOOR _IOR('L', 2, struct door)
#define LIFT_IOC_GO _IO('L', 1)
"""
INPUT = """
headers = ["linux/lift.h"]

[lift]
kind = "flags"
match = ["LIFT_*"]
except = ["LIFT_GUARD", "LIFT_SPEED"]
zero = "LIFT_NONE"
source = "our own"
[[lift.fields]]
mask = "LIFT_SPEED"
match = ["LIFT_SLOW", "LIFT_FAST"]
[lift.extra]
LIFT_SECRET = 0x100

[floor]
kind = "enum"
match = ["FLOOR_*"]
first = ["FLOOR_ZERO"]

[ioctl]
kind = "enum"
headers = ["linux/parts.h", "linux/liftctl.h"]
match = ["LIFT_IOC_*"]
"""
OUTPUT = """
FLAGS: dict[str, dict[int, str]] = {
    "lift": {
        0x3: "LIFT_BOTH",
        0x1: "LIFT_UP",
        0x2: "LIFT_DOWN",
        0x100: "LIFT_SECRET",
        0x80000000: "LIFT_TOP",
        0x10000000000: "LIFT_FAR",
    },
}

ENUMS: dict[str, dict[int, str]] = {
    "floor": {
        0: "FLOOR_ZERO",
        8: "FLOOR_ONE",
        0xfffffff0: "FLOOR_ROOF",
        -1: "FLOOR_CELLAR",
    },
    "ioctl": {
        0x4c01: "LIFT_IOC_GO",
        0x80104c02: "LIFT_IOC_DOOR",
    },
}

FIELDS: dict[str, tuple[tuple[str, int, dict[int, str]], ...]] = {
    "lift": (
        ("LIFT_SPEED", 0xf0, {
            0x10: "LIFT_SLOW",
            0x20: "LIFT_FAST",
        }),
    ),
}

ZERO: dict[str, str] = {
    "lift": "LIFT_NONE",
}

ALIASES: dict[str, dict[str, int]] = {
    "lift": {
        "LIFT_OLD_UP": 1,
    },
    "floor": {
        "FLOOR_GROUND": 0,
    },
}
"""


class Workshop:
    """An include directory and an input, and the module they make."""

    def __init__(self, root: Path) -> None:
        self.root, self.headers, self.inputs = root, root / "include", root / "inputs"
        for directory in ("linux", "asm-generic"):
            (self.headers / directory).mkdir(parents=True)
        self.inputs.mkdir()
        self.header("linux/version.h", "#define LINUX_VERSION_CODE 328707\n")
        shutil.copy("/usr/include/asm-generic/ioctl.h", self.headers / "asm-generic/ioctl.h")
        self.header("linux/lift.h", HEADER)
        self.header("linux/parts.h", PARTS)
        self.header("linux/liftctl.h", IOCTL)
        self.input(INPUT)

    def header(self, name: str, text: str) -> None:
        (self.headers / name).write_text(text)

    def input(self, text: str) -> None:
        (self.inputs / "lifts.toml").write_text(text)

    def run(self, *options: str) -> int:
        return constant_tables.main(
            ["lifts", *options, "--root", str(self.root), "--headers", str(self.headers)]
        )

    @property
    def text(self) -> str:
        return (self.root / constant_tables.table("lifts").path).read_text()


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    made = Workshop(tmp_path)
    monkeypatch.setattr(constant_tables, "DIRECTORY", made.inputs)
    return made


def test_a_module_is_made_of_headers_and_input(workshop: Workshop) -> None:
    assert workshop.run() == 0
    head, _, body = workshop.text.partition('"""\n')
    assert body == OUTPUT
    listed = "linux/lift.h (Linux 5.4.3); linux/liftctl.h (Linux 5.4.3)"
    assert f"# Source: tools/inputs/constants/lifts.toml; {listed}.\n" in head
    index = (workshop.root / constant_tables.INDEX.path).read_text()
    assert '    "floor": "lifts",\n    "ioctl": "lifts",\n    "lift": "lifts",\n' in index
    assert workshop.run("--check") == 0


def test_macros_can_be_taken_by_what_they_are_defined_as(workshop: Workshop) -> None:
    workshop.input(INPUT.replace('match = ["LIFT_IOC_*"]', 'defined = ["_IO(*", "_IOR(*"]'))
    assert workshop.run() == 0
    assert workshop.text.partition('"""\n')[2] == OUTPUT
    assert workshop.run("--check") == 0


def test_an_older_header_takes_nothing_away_and_a_newer_adds(workshop: Workshop) -> None:
    workshop.run()
    workshop.header("linux/lift.h", "#define LIFT_UP 1\n#define LIFT_SIDE 4\n")
    assert workshop.run("--check") == 1
    assert workshop.run() == 0
    assert '0x3: "LIFT_BOTH"' in workshop.text
    assert '0x4: "LIFT_SIDE"' in workshop.text


def test_a_number_that_changed_stops_and_writes_nothing(
    workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.run()
    before = workshop.text
    workshop.header("linux/lift.h", HEADER.replace("LIFT_DOWN 0x2", "LIFT_DOWN 0x4"))
    assert workshop.run() == 1
    assert "lift LIFT_DOWN: committed 2; linux/lift.h (Linux 5.4.3) states 4" in capsys.readouterr().err
    assert workshop.text == before


def test_a_name_that_the_input_takes_no_more_is_gone(workshop: Workshop) -> None:
    workshop.run()
    workshop.input(INPUT.replace('"LIFT_GUARD", ', '"LIFT_GUARD", "LIFT_FAR", '))
    assert workshop.run("--check") == 1
    assert workshop.run() == 0
    assert "LIFT_FAR" not in workshop.text


FIELD = 'match = ["LIFT_SLOW", "LIFT_FAST"]'
FLOOR = 'match = ["FLOOR_*"]'
FAULTS = {
    "nothing": ('"LIFT_SPEED"]', '"LIFT_S*"]', "lift: nothing is like LIFT_SLOW"),
    "a flag in a field": (FIELD, 'match = ["LIFT_SLOW"]', "LIFT_FAST (0x20) has bits of LIFT_SPEED"),
    "outside of its field": (
        FIELD,
        'match = ["LIFT_S*", "LIFT_*"]',
        " is not within LIFT_SPEED",
    ),
    "fields over each other": (
        FIELD,
        f"{FIELD}\n[[lift.fields]]\nmask = 0x18\nmatch=[]",
        "two fields have bits in",
    ),
    "no mask": ('mask = "LIFT_SPEED"', 'mask = "LIFT_SPEEDS"', "lift: no header has LIFT_SPEEDS"),
    "a typing error": (FLOOR, 'match = ["FLOOR_*", "STAIR_*"]', "floor: nothing is like STAIR_*"),
    "a zero of no flags": (FLOOR, 'zero = "LIFT_NONE"', "floor: only flags have fields"),
    "no source": ('source = "our own"\n', "", "lift: extra names need a source"),
    "no such key": ("first = ", "frist = ", "floor: no such key: frist"),
    "no match in a field": (FIELD, "", "lift: a field has a mask and a match"),
    "no set": ("headers = [", "header = [", "header: is no set"),
    "no such kind": ('kind = "flags"', 'kind = "bits"', "lift: its kind is flags or enum"),
    "no TOML": ("[floor]", "[floor", "lifts.toml: "),
    "a structure not known": ('"linux/parts.h", ', "", "ioctl: LIFT_IOC_DOOR: no integer constant: invalid"),
}


@pytest.mark.parametrize(("old", "new", "problem"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_input_is_said(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], old: str, new: str, problem: str
) -> None:
    workshop.input(INPUT.replace(old, new))
    assert workshop.run() == 1
    assert problem in capsys.readouterr().err


def test_a_macro_that_is_no_number_is_said(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.header("linux/lift.h", HEADER + '#define LIFT_NAME "lift"\n#define LIFT_SIZE lift_size\n')
    assert workshop.run() == 1
    err = capsys.readouterr().err
    assert "lift: LIFT_NAME: no integer constant: " in err
    assert "lift: LIFT_SIZE: no integer constant: " in err


def test_a_header_that_is_not_there_or_no_c_is_not_read(
    workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.run()
    (workshop.headers / "linux/liftctl.h").unlink()
    workshop.header("linux/lift.h", "#define LIFT_UP 0x1\nstruct lift { tall doors; };\n")
    assert workshop.run() == 0
    err = capsys.readouterr().err
    assert "not read: linux/liftctl.h is not below" in err
    assert "not read: linux/lift.h does not compile: unknown type name" in err


def test_two_families_with_one_set_stop(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.run()
    (workshop.inputs / "hoists.toml").write_text(INPUT)
    assert constant_tables.main(["hoists", "--root", str(workshop.root), "--headers", str(workshop.headers)])
    assert "floor is in hoists and in lifts" in capsys.readouterr().err


def test_enumerators_of_the_running_kernel_are_taken_if_they_match(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enum_of(name: str) -> dict[str, int]:
        if name != "lift_floor":
            raise NotFound(name, "enums")
        return {"FLOOR_ONE": 8, "FLOOR_ATTIC": 99, "CEILING": 100}

    monkeypatch.setattr(constant_tables, "_btf", lambda _: SimpleNamespace(enumerators=enum_of))
    workshop.input(
        INPUT.replace('match = ["FLOOR_*"]', 'match = ["FLOOR_*"]\nbtf_enum = ["lift_floor", "stairs"]')
    )
    assert workshop.run() == 0
    assert '99: "FLOOR_ATTIC"' in workshop.text
    assert "vmlinux BTF (Linux " in workshop.text
    assert "CEILING" not in workshop.text


# ---- what is new -------------------------------------------------------------------------


def test_what_no_set_has_is_listed(workshop: Workshop) -> None:
    base = workshop.root / "base"
    shutil.copytree(workshop.headers, base)
    workshop.header(
        "linux/lift.h", HEADER + "#define OTHER_THING 5\n#define FLOOR_SIZE 6\n#define FLOOR_SIGN int\n"
    )
    workshop.header("linux/parts.h", PARTS + "#define PART_WINDOW 8\n")
    workshop.header("linux/hoist.h", "")
    workshop.input(
        INPUT.replace('match = ["FLOOR_*"]', 'match = ["FLOOR_*"]\nexcept = ["FLOOR_S*"]')
        + '\n[part]\nkind = "enum"\nmatch = ["PART_DOOR"]\n'
    )
    assert workshop.run() == 0
    known = list(constant_tables.sets("lifts").values())
    have = new_constants.held(workshop.root)
    assert {"LIFT_UP", "LIFT_SPEED", "FLOOR_ZERO", "LIFT_OLD_UP"} <= have
    assert new_constants.found(workshop.headers, base, known, have) == {
        "linux/lift.h": {"FLOOR_SIZE": 6, "FLOOR_SIGN": None},
        "linux/parts.h": {"PART_WINDOW": 8},
    }
    assert list(new_constants.new_files(workshop.headers, base)) == ["linux/hoist.h"]
    without = new_constants.found(workshop.headers, None, known, have)
    assert without["linux/parts.h"] == {"PART_WINDOW": 8}
    assert without["linux/lift.h"] == {"FLOOR_SIZE": 6, "FLOOR_SIGN": None}


# ---- the compiler as a reader --------------------------------------------------------------


def test_the_compiler_keeps_the_sign_and_the_size(workshop: Workshop) -> None:
    reader = Reader(workshop.headers)
    names = reader.names(["linux/lift.h"])
    assert names["PART_DOOR"].file == "linux/parts.h"
    assert not names.keys() & {"LIFT_MODE", "LIFT_GUARD", "LIFT_NEVER", "LIFT_GONE"}
    numbers, unclear = reader.numbers(["linux/lift.h"], names)
    assert unclear == {}
    assert numbers["FLOOR_CELLAR"].value == -1
    assert numbers["LIFT_TOP"] == Number(-(1 << 31), 4, "linux/lift.h")
    assert numbers["LIFT_FAR"] == Number(1 << 40, 8, "linux/lift.h")
    assert numbers["FLOOR_ROOF"].value == 0xFFFFFFF0


def test_enumerators_are_found_whatever_their_values_are() -> None:
    text = "enum { A = F(1, 2), B, C = (1 << 3), };\n"
    text += "enum __attribute__((packed)) b { D __attribute__((x)), E = sizeof(int) } ;"
    assert list(enumerators(text)) == ["A", "B", "C", "D", "E"]


def test_a_machine_without_the_compiler_reads_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(workshop.root))
    table = constant_tables.table("lifts")
    stated = table.state(
        committed.arguments("test", ["--root", str(workshop.root), "--headers", str(workshop.headers)])
    )
    assert [each.reason for each in stated if isinstance(each, Unread)] == ["there is no gcc"]


def test_a_check_of_a_fault_in_the_input_is_a_conflict(workshop: Workshop) -> None:
    workshop.run()
    workshop.input("[lift]\n")
    with pytest.raises(ConflictError, match="lift: its kind"):
        checked(constant_tables.table("lifts"), workshop.root, str(workshop.headers))
