"""Sets of named numbers: what is found, under which names, and in what order.

Not here: that the tables agree with the headers is tests/tools/test_constant_tables.py.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from argtrace.signature import constants
from argtrace.signature.tables.constants_index import FAMILIES


def test_a_field_holds_the_access_mode_and_no_flag_has_its_bits() -> None:
    table = constants.table("open")
    (access,) = table.fields
    assert (access.mask, dict(access.names)) == (
        3,
        {0: "O_RDONLY", 1: "O_WRONLY", 2: "O_RDWR", 3: "O_ACCMODE"},
    )
    assert not any(number & 3 for number in table.names)


def test_a_name_of_several_bits_stands_before_those_it_contains() -> None:
    names = list(constants.table("open").names.values())
    assert names.index("O_SYNC") < names.index("O_DSYNC")
    assert names.index("O_TMPFILE") < names.index("O_DIRECTORY")


def test_no_flag_at_all_has_a_name() -> None:
    table = constants.table("mmap_prot")
    assert table.zero == "PROT_NONE"
    assert 0 not in table.names


@pytest.mark.parametrize(
    ("table", "name", "number"),
    [
        pytest.param("fcntl", "F_GETLK", 5, id="of an enumeration"),
        pytest.param("open", "O_CLOEXEC", 0o2000000, id="a flag"),
        pytest.param("open", "O_RDWR", 2, id="within a field"),
        pytest.param("at_statx", "AT_STATX_SYNC_TYPE", 0x6000, id="a mask"),
        pytest.param("mmap_prot", "PROT_NONE", 0, id="of no flag"),
        pytest.param("at_statx", "AT_STATX_SYNC_AS_STAT", 0, id="zero in a field"),
        pytest.param("fanotify_fd", "FAN_NOFD", -1, id="below zero, as C has it"),
    ],
)
def test_each_name_has_its_number(table: str, name: str, number: int) -> None:
    assert constants.number(table, name) == number


def test_a_second_name_is_known_and_not_shown() -> None:
    table = constants.table("madvise")
    second = {name: number for name, number in table.aliases.items() if number in table.names}
    for name, number in second.items():
        assert name not in table.names.values()
        assert constants.number("madvise", name) == number


def test_what_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        constants.table("levitation")
    with pytest.raises(KeyError):
        constants.number("fcntl", "F_LEVITATE")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_set_has_names(name: str) -> None:
    table = constants.table(name)
    assert table.name == name
    assert table.names or table.fields or table.zero


def test_a_module_is_imported_when_it_is_asked_for() -> None:
    program = (
        "import sys; from argtrace.signature import constants; constants.table('open');"
        "print(*sorted(name for name in sys.modules if '.constants_' in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    tables = "argtrace.signature.tables.constants_"
    assert done.stdout.split() == [f"{tables}files", f"{tables}index"]
