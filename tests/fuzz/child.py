"""One target, run in a process of its own: started by `tests.fuzz`, which reads what is noted here.

    python -m tests.fuzz.child TARGET BOARD SEED RUNS SECONDS ENGINE

BOARD is a file that both map: how many inputs were tried, and the one at hand, so that whoever is left
knows what a crash was made of. Findings go to the file's neighbours, one each.

An input that takes more than PATIENCE seconds of this process's own time, or an address space
beyond MEMORY, is a finding too.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import random
import resource
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType

PATIENCE = 5.0
TOGETHER = 32
"""Inputs that the clock is set for once."""
MEMORY = 3 << 30
BOARD = 1 << 20
TABLES = ["argtrace.signature.tables", "argtrace.signature.calls", "argtrace.signature.ioctls"]
"""Data, which has no edges, and takes seconds to instrument."""

COUNT, SIZE, INPUT = 0, 8, 16
_HEAD = struct.Struct("<QQ")
"""Where on the board: inputs tried, bytes of the one at hand, and those."""


class Slow(Exception):
    """An input took too long."""


def _slow(_: int, __: FrameType | None) -> None:
    raise Slow


class Trial:
    """`check`, with everything noted."""

    def __init__(self, check: Callable[[bytes], None], board: Path) -> None:
        self._check = check
        self._directory = board.parent
        with open(board, "r+b") as file:
            self._board = mmap.mmap(file.fileno(), BOARD)
        self._count = 0
        self._known: set[str] = set()
        signal.signal(signal.SIGVTALRM, _slow)

    def __call__(self, data: bytes) -> None:
        if self._count % TOGETHER == 0:
            # Of its own time: others may keep the machine busy.
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        self._count += 1
        self._board[: INPUT + len(data)] = _HEAD.pack(self._count, len(data)) + data
        try:
            self._check(data)
        except Slow:
            # Its neighbours' time, perhaps: again, alone.
            self._tried(data)
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a finding)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self._found(data, error)
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)

    def _tried(self, data: bytes) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        try:
            self._check(data)
        except Exception as error:  # noqa: BLE001
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self._found(data, error)

    def _found(self, data: bytes, error: Exception) -> None:
        place = where(error)
        if place not in self._known:
            self._known.add(place)
            name = hashlib.sha256(place.encode()).hexdigest()[:12]
            (self._directory / f"{name}.input").write_bytes(smallest(data, place, self._check))
            (self._directory / f"{name}.why").write_text(
                f"{place}\n{''.join(traceback.format_exception(error))}"
            )


def where(error: Exception) -> str:
    """What tells one finding from another: its type, and the innermost line of ours."""
    place = "nowhere"
    step: TracebackType | None = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if ("/argtrace/" in file or "/tests/" in file) and file != __file__:
            place = f"{'/'.join(Path(file).parts[-3:])}:{step.tb_lineno}"
        step = step.tb_next
    return f"{type(error).__name__} at {place}"


def smallest(data: bytes, place: str, check: Callable[[bytes], None], tries: int = 1500) -> bytes:
    """The input without parts that it fails without."""

    def fails(candidate: bytes) -> bool:
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        try:
            check(candidate)
        except Exception as error:  # noqa: BLE001
            return where(error) == place
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return False

    if "Slow" in place:
        return data
    part = max(len(data) // 2, 1)
    while part and tries > 0:
        at = 0
        while at < len(data) and tries > 0:
            tries -= 1
            candidate = data[:at] + data[at + part :]
            if fails(candidate):
                data = candidate
            else:
                at += part
        part //= 2
    return data


def blind(name: str, board: Path, seed: int, runs: int, seconds: float) -> None:
    """By mutation alone."""
    from tests.fuzz import target
    from tests.fuzz.mutation import Mutator

    chosen = target.load(name)
    trial = Trial(chosen.check, board)
    seeds = chosen.seeds()
    for data in seeds[:runs]:
        trial(data)
    mutator = Mutator(random.Random(seed), seeds, chosen.words, chosen.most)
    end = time.monotonic() + seconds
    for _ in range(max(runs - len(seeds), 0)):
        if time.monotonic() >= end:
            return
        trial(mutator.next())


def guided(name: str, board: Path, seed: int, runs: int, seconds: float) -> None:
    """By coverage, with atheris: what reaches new code is kept, and changed further."""
    import atheris

    from tests.fuzz.mutation import Mutator

    # Modules are imported when they are first needed: all of them are to be counted.
    with atheris.instrument_imports(include=["argtrace"], exclude=TABLES):
        from tests.fuzz import target

        chosen = target.load(name)
        trial = Trial(chosen.check, board)
        seeds = chosen.seeds()
        corpus = board.parent / "corpus"
        corpus.mkdir(exist_ok=True)
        for data in seeds:
            (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        options = [f"-max_total_time={int(seconds)}"] if seconds < 1e9 else []
        options += [f"-runs={runs}"] if runs < 1 << 31 else []  # it takes an int
        if chosen.words:
            words = board.parent / "words"
            words.write_text("".join(map(_quoted, chosen.words)))
            options.append(f"-dict={words}")
        mutator = Mutator(random.Random(seed), seeds, chosen.words, chosen.most)

        def change(data: bytes, most: int, _: int) -> bytes:
            mine = random.random() < 0.5
            return mutator.change(data)[:most] if mine else bytes(atheris.Mutate(data, most))

        atheris.Setup(
            [
                *(sys.argv[0], str(corpus), f"-seed={seed}", f"-max_len={chosen.most}"),
                *("-print_final_stats=1", "-rss_limit_mb=0", "-timeout=120", *options),
            ],
            trial,
            custom_mutator=change,
        )
        atheris.Fuzz()


def _quoted(word: bytes) -> str:
    """As libFuzzer's dictionaries have it."""
    return '"' + "".join([f"\\x{byte:02x}" for byte in word]) + '"\n'


def main() -> None:
    name, board, seed, runs, seconds, engine = sys.argv[1:]
    if "libasan" not in os.environ.get("LD_PRELOAD", ""):  # which reserves terabytes
        with contextlib.suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    run = guided if engine == "guided" else blind
    run(name, Path(board), int(seed), int(runs), float(seconds))


if __name__ == "__main__":
    main()
