"""The tests that prove the rows of the matrix, under one kernel after another, or under the host's own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vm import boot, outcomes, pages, results, roots, suite
from vm.boot import root_for
from vm.kernels import Kernel
from vm.results import Result
from vm.suite import ROOT, Done, Suite


def one(kernel: Kernel, wanted: Suite, *, keep: bool, echo: bool = True) -> Done:
    """`keep`: put what it came to into its file of vm/results/."""
    if root_for(kernel) != Path("/"):
        roots.have(kernel.machine, suite.PACKAGES)
    done = suite.run(kernel, wanted, echo=echo)
    if keep and done.outcomes.tests:
        before = results.before(results.name_of(kernel), kernel.release, kernel.version)
        results.keep(results.add(before, done.outcomes, done.ended.boot or 0))
    return done


def undeserved(kernel: Kernel, done: Done) -> list[str]:
    """Skips for which the matrix has no reason."""
    empty = Result(results.name_of(kernel), kernel.release, kernel.version)
    return pages.undeserved(results.add(empty, done.outcomes, 0))


def each(
    kernels: Sequence[Kernel], wanted: Suite, *, keep: bool, at_once: int
) -> Iterator[tuple[Kernel, Done]]:
    """`at_once`: guests; one takes a CPU."""
    with ThreadPoolExecutor(at_once) as pool:
        started = [(kernel, pool.submit(one, kernel, wanted, keep=keep, echo=False)) for kernel in kernels]
        try:
            for kernel, done in started:
                yield kernel, done.result()
        finally:  # all are done, or we are to end
            pool.shutdown(wait=False, cancel_futures=True)
            boot.ENDING.set()


def host(tests: Sequence[str], *, keep: bool) -> int:
    """Without a guest. The status is that of pytest."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "outcomes"
        begin = time.monotonic()
        status = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "vm.outcomes", *tests],
            cwd=ROOT,
            env={**os.environ, outcomes.FILE: str(file)},
            check=False,
        ).returncode
        if keep:
            release = os.uname().release.split("-")[0]
            before = results.before(results.HOST, release, "the machine's own")
            results.keep(results.add(before, outcomes.read(file, suite.collect()), 0))
        print(f"vm: the host took {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return status


def proofs(*, quick: bool = False) -> list[str]:
    return pages.proofs(quick=quick)
