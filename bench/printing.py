"""Tables for a terminal or for a document, and what they were measured on."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence

from bench.peers import Peer


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, markdown: bool) -> str:
    """The first column is text, the others are figures."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    if markdown:
        rule = "|---|" + "---:|" * (len(head) - 1)
        first, *rest = ["| " + " | ".join(line) + " |" for line in lines]
        return "\n".join([first, rule, *rest])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def surroundings(used: Iterable[Peer]) -> str:
    """The kernel, the machine, and each tool's own word on its version."""
    system = os.uname()
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    lines = [f"Linux {system.release} {system.machine}, {os.cpu_count()} CPUs, load {load}"]
    versions = {peer.program: peer.told_version() for peer in used}
    return "\n".join([*lines, *dict.fromkeys(versions.values())])


def median(figures: Iterable[float]) -> float:
    """0 of nothing."""
    kept = list(figures)
    return statistics.median(kept) if kept else 0


def figure(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}"
