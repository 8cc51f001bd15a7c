"""The words of `argtrace exec`."""

from __future__ import annotations

from argparse import Namespace

import pytest

from argtrace.cli import exec


def parsed(*words: str) -> Namespace:
    wanted = exec.parser().parse_args(words)
    wanted.command = [word for word in wanted.command if word != "--"]
    exec.choose(wanted)
    return wanted


def test_a_name_is_that_of_what_is_started() -> None:
    wanted = parsed("--name", "py*,ls", "--", "make")

    assert (wanted.patterns, wanted.names, wanted.everyone) == (("py*", "ls"), [], False)


def test_without_another_target_whoever_starts_it() -> None:
    assert parsed("--name", "ls").everyone
    assert parsed("--exe", "/bin/ls").patterns == ("/bin/ls",)
    assert not parsed("--name", "ls", "-p", "1").everyone
    assert not parsed("--name", "ls", "-u", "0").everyone


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param([], None, id="nothing of it"),
        pytest.param(["--env"], frozenset(), id="all"),
        pytest.param(["--env", "A,B", "--env", "C"], frozenset({b"A", b"B", b"C"}), id="some"),
        pytest.param(["--env", "A", "--env"], frozenset(), id="all is more than some"),
    ],
)
def test_the_environment(words: list[str], names: frozenset[bytes] | None) -> None:
    assert exec.environment(parsed(*words, "--", "ls")) == names


def test_contradictions(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        ([], "nothing to trace"),
        (["-q", "--at-end", "--", "ls"], "not allowed with"),
        (["-p", "1", "--", "ls"], "not both"),
    ):
        with pytest.raises(SystemExit) as ended:
            exec.main(words)
        assert ended.value.code == 2
        assert said in capsys.readouterr().err
