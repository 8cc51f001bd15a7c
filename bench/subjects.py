"""What is traced: the programs of bench/workloads/, built, with how many calls they make.

A loop knows its own count and tells it (workloads/report.h). For commands of many kinds of
calls (find, a storm of execs, Python's imports) `strace -f -c` counts, which loses nothing; only
calls whose number is the same in each run are compared, so not brk or futex.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.peers import ENVIRONMENT, BenchError

_SOURCES = Path(__file__).parent / "workloads"

# What an archive of text files may look like: enough that find runs for some tenths of a second.
_DIRECTORIES, _FILES = 1000, 30

_PYTHON = "/usr/bin/python3"
_IMPORTS = "asyncio, argparse, csv, email.message, http.server, json, logging, sqlite3, unittest, xml.dom"


@dataclass(frozen=True, slots=True)
class Report:
    """What a workload says of itself. `calls`: by name, those of its loop."""

    ns: int
    calls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Subject:
    """A command to trace. `compared`: the calls that must all be shown, by name; `calls`: how many
    it makes in all, by which its added time is divided. `tree`: it starts children."""

    name: str
    command: tuple[str, ...]
    report: Path
    compared: Mapping[str, int]
    calls: int
    tree: bool = False

    def reported(self) -> Report:
        """What the last run said. Raises BenchError if it did not end well."""
        return _read(self.report)


@dataclass(frozen=True, slots=True)
class Size:
    """How often each workload repeats its call or command."""

    getppid: int = 2_000_000
    openat: int = 300_000
    write: int = 500_000
    commands: int = 300
    imports: int = 5

    def shrunk(self, by: int) -> Size:
        """For a look: commands take their time as it is."""
        return Size(
            self.getppid // by,
            self.openat // by,
            self.write // by,
            max(1, self.commands // min(by, 4)),
            self.imports,
        )


NAMES = ("getppid", "openat", "write", "find", "execs", "imports")


class Builder:
    """Compiles into `directory` and hands out subjects that report there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._programs: dict[str, str] = {}

    def program(self, name: str) -> str:
        """The executable of workloads/NAME.c."""
        if name not in self._programs:
            if not shutil.which("gcc"):
                raise BenchError("the workloads need gcc: apt-get install gcc libc6-dev")
            built = self._directory / name
            source = _SOURCES / f"{name}.c"
            subprocess.run(["gcc", "-O2", "-static", "-Wall", "-o", built, source], check=True)
            self._programs[name] = str(built)
        return self._programs[name]

    def loop(self, kind: str, count: int) -> Subject:
        """A loop over one kind of call; the kinds are in workloads/loop.c."""
        report = self._directory / f"loop-{kind}.report"
        command = (self.program("loop"), str(report), kind, str(count))
        # Without a tracer it takes no time, and says itself what it does.
        subprocess.run(command, check=True)
        calls = _read(report).calls
        return Subject(kind, command, report, calls, sum(calls.values()))

    def repeat(self, name: str, count: int, command: tuple[str, ...], compared: tuple[str, ...]) -> Subject:
        report = self._directory / f"{name}.report"
        whole = (self.program("repeat"), str(report), str(count), *command)
        counted, again = self._counted(whole), self._counted(whole)
        same = {call: counted[call] for call in compared if counted.get(call, 0) == again.get(call, -1)}
        if not same:
            raise BenchError(f"{name}: the command makes other calls each time, nothing can be compared")
        return Subject(name, whole, report, same, sum(counted.values()), tree=True)

    def _counted(self, command: tuple[str, ...]) -> dict[str, int]:
        """Calls by name, from the table that strace -c prints."""
        if not shutil.which("strace"):
            raise BenchError("strace counts what is to be shown: apt-get install strace")
        summary = self._directory / "strace-c"
        strace = ["strace", "-f", "-c", "-o", str(summary), *command]
        subprocess.run(strace, check=True, stdout=subprocess.DEVNULL, timeout=600, env=ENVIRONMENT)
        found = {}
        for line in summary.read_text().splitlines():
            words = line.split()
            # % time, seconds, usecs/call, calls, errors if any, name.
            if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
                found[words[-1]] = int(words[3])
        return found

    def subject(self, name: str, size: Size) -> Subject:
        """One of NAMES."""
        makers: dict[str, Callable[[], Subject]] = {
            "getppid": lambda: self.loop("getppid", size.getppid),
            "openat": lambda: self.loop("openat", size.openat),
            "write": lambda: self.loop("write", size.write),
            "find": self._find,
            "execs": lambda: self._execs(size.commands),
            "imports": lambda: self._imports(size.imports),
        }
        return makers[name]()

    def _find(self) -> Subject:
        tree = self._directory / "tree"
        for directory in range(_DIRECTORIES):
            branch = tree / str(directory % 30) / str(directory)
            branch.mkdir(parents=True, exist_ok=True)
            for file in range(_FILES):
                (branch / f"a file of some name, number {file}").touch()
        command = ("/usr/bin/find", str(tree), "-size", "+1M")
        return self.repeat("find", 1, command, ("openat", "newfstatat", "getdents64", "fcntl", "close"))

    def _execs(self, count: int) -> Subject:
        # Of execve a tracer that starts with the command may miss the command's own.
        compared = ("openat", "close", "access", "mmap", "read", "newfstatat", "pread64", "munmap")
        return self.repeat("execs", count, (shutil.which("true") or "/bin/true",), compared)

    def _imports(self, count: int) -> Subject:
        script = self._directory / "imports.py"
        script.write_text(f"import {_IMPORTS}\n")
        if not os.access(_PYTHON, os.X_OK):
            raise BenchError(f"no {_PYTHON}: apt-get install python3")
        compared = ("openat", "newfstatat", "read", "close", "lseek", "getdents64", "ioctl")
        return self.repeat("imports", count, (_PYTHON, "-I", "-B", str(script)), compared)


def _read(report: Path) -> Report:
    words = report.read_text().rstrip("\0").split()
    values = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    if "ns" not in values:
        raise BenchError(f"{report.stem}: the workload did not end well, it reported nothing")
    return Report(values.pop("ns"), values)
