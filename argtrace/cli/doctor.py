"""`argtrace doctor`: what this machine allows, and how to mend what is missing.

Exit status: 0 if calls can be traced, 1 if not.
"""

from __future__ import annotations

import argparse
import os
import sys

from argtrace.cli.trace import color
from argtrace.doctor import survey
from argtrace.doctor.findings import examine
from argtrace.present import doctor as present


def main(arguments: list[str]) -> int:
    wanted = _parser().parse_args(arguments)
    report = examine(survey.machine())
    text = (
        present.to_json(report) + "\n"
        if wanted.json
        else present.to_text(report, color=color(wanted.color, 1))
    )
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # `argtrace doctor | head`: who reads has seen enough. The interpreter flushes once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0 if report.possible else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="argtrace doctor",
        description="Say what this machine allows, what argtrace will therefore do, and how to mend gaps.",
        epilog="exit status: 0 if calls can be traced, 1 if not",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="as one object (docs/reference/doctor.md)")
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto",
        help="default: auto, on a terminal unless NO_COLOR is set",
    )  # fmt: skip
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    return parser
