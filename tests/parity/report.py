"""How far argtrace says what strace says: run everything, count, print.

    python -m tests.parity.report [--write FILE] [--all] [PROGRAM...]

`--write` writes the report as Markdown; `--all` prints every difference, not one of each place.
Ends with 1 if a difference has no reason, a reason no difference, or a target is not reached.

Not here: counting is `counts.py`; the page `page.py`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.parity import page, runs
from tests.parity.counts import Report, corpus, everyday_programs, grouped, table, unused
from tests.parity.everyday import PROGRAMS


def text(report: Report, *, every: bool = False) -> Iterator[str]:
    lines = table(report)
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    for line in lines:
        yield _padded(line, widths)
    yield ""
    yield (f"{report.programs} programs in {report.seconds:.1f} s, {report.lost} events lost")
    if report.cold.total:
        of = f"{report.cold.equal} of {report.cold.total}"
        yield f"alone, argtrace could read {of} arguments that it could read after strace had"
    explained = sum(map(len, report.explained.values()))
    yield f"{explained} differences with a reason, {len(report.unexplained)} without"
    for row, found in report.explained.items():
        yield f"  {len(found)}  {row.place} ({row.what}): {row.why}"
    yield ""
    if every:
        yield from map(str, report.unexplained)
    else:
        yield from (f"  {count}  {difference}" for count, difference in grouped(report.unexplained))


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(line, widths, strict=True)
    return "  ".join((first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="tests.parity.report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", metavar="FILE", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    wanted = parser.parse_args(arguments)
    if wanted.write and wanted.programs:
        parser.error("what is written is of all programs")
    with tempfile.TemporaryDirectory(prefix="argtrace-parity-") as scratch:
        reports = [corpus(wanted.programs or runs.names(), Path(scratch))[0]]
        if not wanted.programs:
            reports.append(everyday_programs(Path(scratch))[0])
    for report in reports:
        for line in text(report, every=wanted.all):
            print(line)
        print()
    failed = any(report.unexplained for report in reports)
    if not wanted.programs:
        for program in PROGRAMS:
            if program.missing:
                print(f"not installed: {', '.join(program.missing)} ({program.what})")
        for row in unused(*reports):
            failed = True
            print(f"not needed: {row.place} ({row.what})")
        for missed in reports[0].missed():
            failed = True
            print(f"target missed: {missed}")
    if wanted.write:
        own, everyday = reports
        wanted.write.write_text("\n".join(page.markdown(own, everyday, page.versions())) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
