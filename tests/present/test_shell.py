"""Words for a shell: what it makes of them is what they were made of."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.present import shell

WORD = st.binary(max_size=40).map(lambda data: data.replace(b"\0", b""))

CASES = [
    pytest.param(b"ls", "ls", id="a plain word is bare"),
    pytest.param(b"/usr/bin/x-1.2_3", "/usr/bin/x-1.2_3", id="so is a path"),
    pytest.param(b"--color=auto", "--color=auto", id="and an option"),
    pytest.param(b"", "''", id="nothing"),
    pytest.param(b"two words", "'two words'", id="a space"),
    pytest.param(b"it's", "'it'\\''s'", id="a quote"),
    pytest.param(b"$HOME `x` \\", "'$HOME `x` \\'", id="nothing is expanded"),
    pytest.param(b"~root", "'~root'", id="no home directory"),
    pytest.param(b"=ls", "'=ls'", id="no path of a command, as zsh has it"),
    pytest.param(b"a\nb\t", "$'a\\nb\\t'", id="a line's end"),
    pytest.param(b"\x1b[31m", "$'\\x1b[31m'", id="an escape sequence"),
    pytest.param(b"\xc3\xa91", "$'\\xc3\\xa91'", id="a digit behind an escape"),
    pytest.param(b"\x01'\\", "$'\\x01\\'\\\\'", id="quotes and backslashes among such"),
]


@pytest.mark.parametrize(("data", "text"), CASES)
def test_a_word(data: bytes, text: str) -> None:
    assert shell.word(data) == text


def test_a_first_word_that_looks_like_an_assignment() -> None:
    assert shell.words([b"A=1", b"A=1"]) == ["'A=1'", "A=1"]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        pytest.param(b"A=two words", "A='two words'", id="a value is quoted"),
        pytest.param(b"A=", "A=", id="no value"),
        pytest.param(b"A=b=c", "A=b=c", id="one with an equals sign"),
        pytest.param(b"A-B=1", "A-B=1", id="a name that no shell takes is a word"),
        pytest.param(b"A B=1", "'A B=1'", id="quoted if need be"),
    ],
)
def test_an_assignment(entry: bytes, text: str) -> None:
    assert shell.assignment(entry) == text


@given(WORD)
def test_nothing_but_printable_ascii_is_shown(data: bytes) -> None:
    assert shell.word(data).isascii()
    assert shell.word(data).isprintable()


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
@given(st.lists(WORD, min_size=1, max_size=30))
def test_bash_reads_what_was_written(argv: list[bytes]) -> None:
    script = " ".join(["printf '%s\\0'", *map(shell.word, argv)])
    read = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C"})

    assert read.stdout.split(b"\0")[:-1] == argv


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
@given(st.lists(WORD, min_size=1, max_size=5))
def test_bash_runs_a_first_word_as_a_command(argv: list[bytes]) -> None:
    """Whatever it is called: a function of every name tells its arguments."""
    script = 'command_not_found_handle() { printf "%s\\0" "$@"; }; PATH=/nowhere; ' + " ".join(
        shell.words([b"nosuchcommand", *argv])
    )
    read = subprocess.run(["bash", "-c", script], capture_output=True, check=False, env={"LC_ALL": "C"})

    assert read.stdout.split(b"\0")[1:-1] == argv
