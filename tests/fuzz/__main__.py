"""Fuzzing of whatever argtrace reads: python -m tests.fuzz [TARGET|GROUP ...] --runs N | --seconds S

    python -m tests.fuzz                        every target, 10 seconds each
    python -m tests.fuzz btf --runs 100000      one of them, so many inputs
    python -m tests.fuzz records --seconds 60   a group: its time is shared by its targets
    python -m tests.fuzz btf --hex eb9f01…      one input, to see what it does
    python -m tests.fuzz lines --sanitize       its native modules with gcc's sanitizers
    python -m tests.fuzz --list

With atheris installed (pip install -e '.[fuzz]') inputs that reach new code of argtrace are kept and changed
further; without it, and with --blind, they are changes of the seeds. What is found is printed as bytes
in hexadecimal, made small, with the traceback; the exit status is then 1. docs/fuzzing.md has more.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.fuzz import child, sanitize
from tests.fuzz.target import BUDGET, GROUPS, NAMES, load

BLIND = frozenset(
    {
        *("lines", "calls", "columns", "copies", "ring"),
        *("stream", "execs", "summary", "options", "select", "kept", "cache"),
        *("notes", "guard", "logs"),
    }
)
"""Where atheris does not help: what they run is native; or the C of Python's own modules, or so much of
argtrace that counting makes it ten times slower; or a handful of lines."""


class Outcome(NamedTuple):
    """`coverage`: edges of argtrace's code that inputs reached; None where nobody counted. `peak`: MiB."""

    inputs: int
    seconds: float
    coverage: int | None
    peak: int
    findings: list[str]


def run(
    name: str,
    runs: int,
    seconds: float,
    *,
    seed: int = 1,
    guided: bool = False,
    tree: Path = sanitize.ROOT,
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """A target in a process of its own."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as scratch:
        board = Path(scratch) / "board"
        board.write_bytes(bytes(child.BOARD))
        engine = "guided" if guided else "blind"
        words = [sys.executable, "-m", "tests.fuzz.child", name, str(board)]
        words += [str(seed), str(min(runs, 1 << 40)), str(min(seconds, 1e9)), engine]
        begin = time.monotonic()
        with open(Path(scratch) / "said", "w+b") as said:
            process = subprocess.Popen(words, stdout=said, stderr=said, cwd=tree, env=environment)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            took = time.monotonic() - begin
            said.seek(0)
            text = said.read().decode(errors="replace")
        noted = board.read_bytes()
        inputs = int.from_bytes(noted[child.COUNT : child.SIZE], "little")
        findings = [
            f"{path.read_text()}input: {path.with_suffix('.input').read_bytes().hex()}"
            for path in sorted(Path(scratch).glob("*.why"))
        ]
        if process.returncode:
            size = int.from_bytes(noted[child.SIZE : child.INPUT], "little")
            last = noted[child.INPUT : child.INPUT + size]
            findings.append(f"ended with {process.returncode}\n{text[-6000:]}\ninput: {last.hex()}")
        reached = re.findall(r"\bcov: (\d+)", text)
        coverage = int(reached[-1]) if reached else None
        return Outcome(inputs, took, coverage, used.ru_maxrss >> 10, findings)


def main() -> int:
    first, _, epilog = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=first, epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", metavar="TARGET|GROUP", nargs="*", default=list(GROUPS))
    parser.add_argument("--runs", type=int, help="inputs of each target")
    parser.add_argument("--seconds", type=float, help="of each target, or of each group that is named")
    parser.add_argument("--jobs", type=int, default=1, help="groups or targets at a time")
    parser.add_argument("--budget", action="store_true", help="ten million inputs: half an hour of two cores")
    parser.add_argument("--seed", type=int, default=1, help="another one gives other inputs (default: 1)")
    parser.add_argument("--blind", action="store_true", help="without atheris")
    parser.add_argument(
        "--sanitize", action="store_true", help="with native modules built with gcc's sanitizers; and blind"
    )
    parser.add_argument("--hex", help="one input, whose traceback goes to standard error")
    parser.add_argument("--list", action="store_true", help="the targets")
    wanted = parser.parse_args()
    for name in wanted.names:
        if name not in NAMES and name not in GROUPS:
            parser.error(f"no target or group {name}: {', '.join((*GROUPS, *NAMES))}")
    if wanted.list:
        for name in NAMES:
            print(f"{name:12} {load(name).about}")
        return 0
    if wanted.hex is not None:
        load(wanted.names[0]).check(bytes.fromhex(wanted.hex))
        print("nothing is wrong with it")
        return 0
    if not wanted.sanitize:
        return _every(wanted, sanitize.ROOT, None)
    with tempfile.TemporaryDirectory(prefix="fuzz-sanitized-") as tree:
        return _every(wanted, Path(tree), sanitize.build(Path(tree)))


def _every(wanted: argparse.Namespace, tree: Path, environment: Mapping[str, str] | None) -> int:
    blind = wanted.blind or wanted.sanitize
    atheris = importlib.util.find_spec("atheris") is not None and not blind

    def group(named: str) -> Iterator[tuple[str, Outcome]]:
        names = GROUPS[named].split() if named in GROUPS else [named]
        seconds = 10.0 if wanted.seconds is None else wanted.seconds / len(names)
        if wanted.seconds is None and (wanted.budget or wanted.runs is not None):
            seconds = 1e9
        for name in names:
            guided = atheris and name not in BLIND
            runs = BUDGET[name] if wanted.budget else 1 << 40 if wanted.runs is None else wanted.runs
            yield (
                name,
                run(name, runs, seconds, seed=wanted.seed, guided=guided, tree=tree, environment=environment),
            )

    def told(named: str) -> list[Outcome]:
        outcomes = []
        for name, outcome in group(named):
            print(_told(name, outcome), flush=True)
            outcomes.append(outcome)
        return outcomes

    print(f"{'target':12} {'inputs':>10} {'a second':>9} {'reached':>8} {'MiB':>5}  findings", flush=True)
    with ThreadPoolExecutor(wanted.jobs) as pool:
        every = [outcome for outcomes in pool.map(told, wanted.names) for outcome in outcomes]
    tried = sum(outcome.inputs for outcome in every)
    found = sum(len(outcome.findings) for outcome in every)
    print(f"{'in all':12} {tried:10} {'':25} {found or 'none'}")
    return 1 if found or not all(outcome.inputs for outcome in every) else 0


def _told(name: str, outcome: Outcome) -> str:
    rate = outcome.inputs / max(outcome.seconds, 0.001)
    reached = "-" if outcome.coverage is None else str(outcome.coverage)
    count = len(outcome.findings) or ("none" if outcome.inputs else "nothing was tried")
    line = f"{name:12} {outcome.inputs:10} {rate:9.0f} {reached:>8} {outcome.peak:5}  {count}"
    return line + "".join(f"\n\n{name}: {finding}\n" for finding in outcome.findings)


if __name__ == "__main__":
    sys.exit(main())
