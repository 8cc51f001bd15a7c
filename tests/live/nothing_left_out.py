"""Is every call of every task there, where tasks take turns on a CPU? For kernels in a guest.

    python -m tests.live.nothing_left_out --build DIR    compile what is traced
    python -m tests.live.nothing_left_out DIR [CHECK]    trace it, a line a check; the status: did all pass?

From Linux 7.0 on a program at a tracepoint may be preempted, and is then left out for others
(`fetch/context.py`). So many tasks, one CPU, and exact numbers. Needs Python and argtrace alone:
`python3 -m vm run 7.3 -- env XDG_CACHE_HOME=/dev/shm PYTHONPATH=… python -m tests.live.nothing_left_out DIR`.
Without a guest it runs as well, and `test_tracepoints.py` does that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support import live

TARGETS = Path(__file__).parent / "targets"

LOOPS, ROUNDS = 4, 5_000
THREAD_ROUNDS = 3  # as in targets/crowd.c
CHILDREN = 60
SIGNALS = 40

Check = Callable[[Path, Path], str]
"""Of compiled programs and a directory for the trace: what is wrong, or nothing."""


def build(directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    for name in ("asker", "crowd", "compat"):
        built = live.compile(TARGETS / f"{name}.c", directory)
        if built != str(directory / name):  # in a guest, by the host
            shutil.copy(built, directory / name)


def _trace(directory: Path, options: Sequence[str], *command: str) -> live.Trace:
    return live.run(*command, options=options, directory=directory, timeout=250)


def _wrong(trace: live.Trace, found: object, expected: object) -> str:
    """What differs, with all that the trace says of itself."""
    if not trace.lines:
        return f"no trace: status {trace.status}, {trace.stderr[-300:]}"
    told = [line["text"] for line in trace.of("note")]
    if trace.status == 0 and found == expected and trace.lost == 0 and not told:
        return ""
    return f"{found}, not {expected}; status {trace.status}, lost {trace.lost}, {told} {trace.stderr[-300:]}"


def _at_once(programs: Path) -> list[str]:
    one = f"{programs}/asker {ROUNDS} & "
    return ["sh", "-c", f"{one * LOOPS} wait"]


def loops(programs: Path, scratch: Path) -> str:
    trace = _trace(scratch, ["-e", "getppid"], *_at_once(programs))
    made = sorted(Counter(call["tid"] for call in trace.calls("getppid")).values())
    return _wrong(trace, made[-LOOPS:], [ROUNDS] * LOOPS)


def crowd(count: int) -> Check:
    def check(programs: Path, scratch: Path) -> str:
        options = ["-e", live.here("access,read,getppid")]
        trace = _trace(scratch, options, f"{programs}/crowd", str(count))
        made = Counter(call["tid"] for call in trace.calls("getppid"))
        reads = Counter(call["tid"] for call in trace.calls("read") if call["result"]["value"] < 64)
        found = Counter((rounds, reads[tid]) for tid, rounds in made.items() if rounds == THREAD_ROUNDS)
        ends = len(trace.of("exit"))
        return _wrong(trace, (found, ends), ({(THREAD_ROUNDS, THREAD_ROUNDS): count}, count + 1))

    return check


def children(programs: Path, scratch: Path) -> str:
    """A shell that has several at a time: each is seen to begin, to run a program, and to end."""
    two = f"{programs}/asker 5 & {programs}/asker 5"
    script = f"i=0; while [ $i -lt {CHILDREN} ]; do {two}; i=$((i + 1)); done; wait"
    trace = _trace(scratch, ["-e", "execve,getppid,exit_group"], "sh", "-c", script)
    ran = [call for call in trace.calls("execve") if call["result"]["value"] == 0]
    names = {line["comm"] for line in trace.of("exit")}
    mine = Counter(call["tid"] for call in trace.calls("getppid"))
    found = (len(ran), sum(count == 5 for count in mine.values()), len(trace.of("exit")), names)
    return _wrong(trace, found, (2 * CHILDREN + 1, 2 * CHILDREN, 2 * CHILDREN + 1, {"sh", "asker"}))


def signals(programs: Path, scratch: Path) -> str:
    """While others make calls as fast as they can. Each is told of, most with all of its siginfo."""
    script = (
        f"trap 'n=$((n + 1))' USR1; {programs}/asker 3000 & {programs}/asker 3000 & n=0; "
        f"while [ $n -lt {SIGNALS} ]; do kill -USR1 $$; done; wait"
    )
    trace = _trace(scratch, ["-e", "getppid"], "sh", "-c", script)
    found = sum(line["name"] == "SIGUSR1" for line in trace.of("signal"))
    return _wrong(trace, found, SIGNALS)


def counts(*options: str) -> Check:
    def check(programs: Path, scratch: Path) -> str:
        trace = _trace(scratch, options, *_at_once(programs))
        found = sum(row["calls"] for row in trace.of("summary") if row["name"] == "getppid")
        own = 1  # the shell asks once when it begins
        return _wrong(trace, found, LOOPS * ROUNDS + own)

    return check


def thirty_two_bits(programs: Path, scratch: Path) -> str:
    trace = _trace(scratch, [], f"{programs}/compat")
    found = [call["name"] for call in trace.calls() if call["abi"] == live.COMPAT]
    own = [] if live.ON_X86_64 else ["set_tls", "exit"]  # there it is a program of its own
    return _wrong(trace, found, ["open", "open", "close", "syscall_0x1ff", *own])


CHECKS: dict[str, Check] = {
    "4 loops": loops,
    "100 threads": crowd(100),
    "540 threads": crowd(540),
    "children": children,
    "signals": signals,
    "-s": counts("-s"),
    "-s --no-times": counts("-s", "--no-times"),
    "-S": counts("-S", "-e", "getppid"),
    "32-bit calls": thirty_two_bits,
}


def main(words: Sequence[str]) -> int:
    if words[0] == "--build":
        build(Path(words[1]))
        return 0
    print(os.uname().release, flush=True)
    failed = 0
    for name in words[1:] or CHECKS:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            try:
                wrong = CHECKS[name](Path(words[0]), Path(scratch))
            except subprocess.TimeoutExpired:
                wrong = "it did not end"
        failed += bool(wrong)
        print(f"{name}: {wrong or 'well'} ({time.monotonic() - begun:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
