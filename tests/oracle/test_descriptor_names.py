"""The same commands under strace -yy and under argtrace -yy: each call names its descriptors alike.

Numbers of inodes, ports and processes differ from run to run; every other character is compared.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.oracle.runs import BACKENDS, ENVIRONMENT
from tests.support.live import ARGTRACE

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("strace") is None, reason="The oracle of this test is strace."),
]

ROOT = Path(__file__).parents[2]

COMMANDS = [
    pytest.param(
        [
            str(Path(sys.executable).resolve()),
            "-S",
            "-E",
            str(Path(__file__).parent / "targets/descriptors.py"),
        ],
        id="one of each kind",
    ),
    pytest.param(
        [
            "sh",
            "-c",
            "cat < /etc/hostname | tr a-z A-Z > out; exec 5<>out 6>&5 5>&-; cat /etc/passwd >&6; cat <&6",
        ],
        id="pipes and redirections",
    ),
    pytest.param(["ls", "-l", "/proc/self/fd"], id="ls"),
    pytest.param(["tar", "cf", "x.tar", "-C", "/etc", "apt"], id="tar"),
]

_CALL = re.compile(r"\d+ +(?:(\w+)\(|<\.\.\. (\w+) resumed>)")
# A descriptor with its name, in which there may be others; and whether its file is deleted.
_NAMED = re.compile(r"(?<![\w.])(\d+)<((?:->|[^<>]|<[^<>]*>)*)>(\(deleted\))?")
# strings, but for names of abstract sockets; our absolute paths; durations
_OTHER = re.compile(r'(?<![@,])"(?:[^"\\]|\\.)*"(?:<[^>]*>)?| <\d+\.\d+>$')


def names(log: Path) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        call = _CALL.match(line)
        if call is None:
            continue
        for fd, named, deleted in _NAMED.findall(_OTHER.sub("", line[call.end() :])):
            name = named.removesuffix(" (deleted)")
            name += "(deleted)" if deleted or name != named else ""
            found[call[1] or call[2], fd, re.sub(r"\d{3,}", "N", name)] += 1
    return found


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_names_are_those_of_strace(command: list[str], backend: str, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    tracers = {
        "strace": ["strace", "-f", "-yy", "-e", "trace=!execve"],
        "argtrace": [*ARGTRACE, "--backend", backend, "--style", "strace", "-yy", "-e", "!execve"],
    }
    found = {}
    for name, tracer in tracers.items():
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        subprocess.run(
            [*tracer, "-o", str(tmp_path / name), "--", *command],
            cwd=scratch, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)}, timeout=120, check=True,
        )  # fmt: skip
        found[name] = names(tmp_path / name)

    assert found["argtrace"].total() > 50
    assert (found["argtrace"] - found["strace"], found["strace"] - found["argtrace"]) == (
        Counter(),
        Counter(),
    )
