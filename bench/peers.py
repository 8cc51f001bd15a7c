"""The tracers side by side: how each is run, and how its output is read.

    perf 6.12 with BPF      taken from $PERF612, the path of a perf that was built with
                            `make -C tools/perf BUILD_BPF_SKEL=1` of that kernel's source
    bpftrace                one printf at sys_exit plus openat's string: the least that makes a
                            line a call; nothing else is decoded

Each traces the command it starts, and no one else. Output goes to a file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argtrace.signature.syscalls import NAMES, NUMBERS

# A call that none of the workloads makes.
ABSENT = "pivot_root"

# Of tracers and traced alike: what a locale loads would be in some runs only.
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": os.environ.get("HOME", "/")}

_PERF612 = "PERF612"
_ROOT = str(Path(__file__).parents[1])


class BenchError(Exception):
    """The benchmark cannot run here: what, and the cure."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tracer. `everything` and `filtered` make its command line from the file it is to write
    and the command to trace; `line` finds a call's name in the output, `lost` a number of lost events."""

    name: str
    program: str
    everything: Callable[[str, Sequence[str], bool], list[str]] | None
    filtered: Callable[[str, Sequence[str], bool], list[str]] | None
    line: re.Pattern[bytes]
    lost: re.Pattern[bytes] | None = None
    version: tuple[str, ...] = ("--version",)
    environment: Mapping[str, str] = field(default_factory=dict)

    def found(self) -> bool:
        return shutil.which(self.program) is not None

    def told_version(self) -> str:
        """The first line of what it says."""
        command = [self.program, *self.version]
        told = subprocess.run(command, capture_output=True, text=True, check=False, env=self.surroundings())
        return (told.stdout or told.stderr).partition("\n")[0]

    def surroundings(self) -> dict[str, str]:
        return {**ENVIRONMENT, **self.environment}


# perf's own layout, and argtrace's: "  1.694 ( 0.031 ms): true/8990 munmap(".
_PERF_LINE = re.compile(rb"^[^\n(]*\([^\n)]*\): [^\n]{1,16}?/\d+ (\w+)\(", re.MULTILINE)
_STRACE_LINE = re.compile(rb"^\d+ +(\w+)\(", re.MULTILINE)
_JSON_LINE = re.compile(rb'^\{"type":"call",[^\n]*?"name":"(\w+)","number"', re.MULTILINE)
_BPFTRACE_LINE = re.compile(rb"^\d+ [^\n]{1,16}? (openat(?=\()|\d+(?= = ))", re.MULTILINE)


def _plain(program: str, *options: str) -> Callable[[str, Sequence[str], bool], list[str]]:
    def command(output: str, traced: Sequence[str], _: bool) -> list[str]:
        return [*program.split("\0"), *options, "-o", output, *traced]

    return command


_OPENAT = NUMBERS["openat"]


def bpftrace_script(tree: bool) -> str:
    """A line a call, of the command; with `tree` of all that it starts."""
    mine = "@mine[tid]" if tree else "pid == cpid"
    follow = """
BEGIN { @mine[cpid] = 1; }
tracepoint:sched:sched_process_fork /@mine[args->parent_pid]/ { @mine[args->child_pid] = 1; }
tracepoint:sched:sched_process_exit /@mine[tid]/ { delete(@mine[tid]); }
"""
    return f"""{follow if tree else ""}
tracepoint:syscalls:sys_enter_openat /{mine}/ {{ @path[tid] = args->filename; }}
tracepoint:syscalls:sys_exit_openat /{mine}/ {{
  printf("%d %s openat(%s) = %d\\n", tid, comm, str(@path[tid]), args->ret);
}}
tracepoint:raw_syscalls:sys_exit /{mine} && args->id != {_OPENAT}/ {{
  printf("%d %s %d = %d\\n", tid, comm, args->id, args->ret);
}}
END {{ clear(@path); {"clear(@mine); " if tree else ""}}}
"""


def _bpftrace(output: str, traced: Sequence[str], tree: bool) -> list[str]:
    return ["bpftrace", "-o", output, "-e", bpftrace_script(tree), "-c", shlex.join(traced)]


def _bpftrace_absent(output: str, traced: Sequence[str], _: bool) -> list[str]:
    script = f'tracepoint:syscalls:sys_exit_{ABSENT} {{ printf("%d\\n", args->ret); }}'
    return ["bpftrace", "-o", output, "-e", script, "-c", shlex.join(traced)]


_ARGTRACE = f"{sys.executable}\0-m\0argtrace"
_ARGTRACE_ROOM = {"PYTHONPATH": _ROOT}


def peers() -> list[Peer]:
    """All that are known, argtrace first; not all need be installed."""
    perf612 = os.environ.get(_PERF612, f"${_PERF612}")
    bpftrace_lost = re.compile(rb"Lost (\d+) events")
    perf_lost = re.compile(rb"LOST (\d+) events")
    large = {"BPFTRACE_PERF_RB_PAGES": "16384"}
    argtrace_lost = re.compile(rb"(\d+) lost")
    return [
        Peer(
            "argtrace",
            sys.executable,
            _plain(_ARGTRACE),
            _plain(_ARGTRACE, "-e", ABSENT),
            _PERF_LINE,
            argtrace_lost,
            ("-m", "argtrace", "--version"),
            _ARGTRACE_ROOM,
        ),
        Peer(
            "argtrace --json",
            sys.executable,
            _plain(_ARGTRACE, "--json"),
            None,
            _JSON_LINE,
            argtrace_lost,
            ("-m", "argtrace", "--version"),
            _ARGTRACE_ROOM,
        ),
        Peer(
            "ptrace",
            sys.executable,
            _plain(_ARGTRACE, "--backend", "ptrace"),
            _plain(_ARGTRACE, "--backend", "ptrace", "-e", ABSENT),
            _PERF_LINE,
            argtrace_lost,
            ("-m", "argtrace", "--version"),
            _ARGTRACE_ROOM,
        ),
        Peer(
            "strace -f",
            "strace",
            _plain("strace", "-f"),
            _plain("strace", "-f", "-e", f"trace={ABSENT}"),
            _STRACE_LINE,
        ),
        Peer(
            "strace --seccomp-bpf",
            "strace",
            None,
            _plain("strace", "-f", "--seccomp-bpf", "-e", f"trace={ABSENT}"),
            _STRACE_LINE,
        ),
        Peer(
            "perf trace",
            "perf",
            _plain("perf", "trace"),
            _plain("perf", "trace", "-e", ABSENT),
            _PERF_LINE,
            perf_lost,
        ),
        Peer(
            "perf trace 6.12 BPF",
            perf612,
            _plain(perf612, "trace"),
            _plain(perf612, "trace", "-e", ABSENT),
            _PERF_LINE,
            perf_lost,
        ),
        Peer(
            "perf trace 6.12 BPF, 64 MiB",
            perf612,
            _plain(perf612, "trace", "-m", "64M"),
            None,
            _PERF_LINE,
            perf_lost,
        ),
        Peer("bpftrace", "bpftrace", _bpftrace, _bpftrace_absent, _BPFTRACE_LINE, bpftrace_lost),
        Peer(
            "bpftrace, 64 MiB",
            "bpftrace",
            _bpftrace,
            None,
            _BPFTRACE_LINE,
            bpftrace_lost,
            environment=large,
        ),
    ]


def call_name(found: bytes) -> str:
    """What a line calls its call: a name, or bpftrace's number."""
    return NAMES.get(int(found), found.decode()) if found.isdigit() else found.decode()


def choose(names: Sequence[str]) -> tuple[list[Peer], dict[str, str]]:
    """Those that are here, and why the others are not."""
    known = peers()
    for name in names:
        if not any(peer.name.startswith(name) for peer in known):
            raise BenchError(f"no peer {name}; there are {', '.join(peer.name for peer in known)}")
    wanted = [peer for peer in known if not names or any(peer.name.startswith(name) for name in names)]
    absent = {peer.name: f"{peer.program} is not installed" for peer in wanted if not peer.found()}
    return [peer for peer in wanted if peer.found()], absent
