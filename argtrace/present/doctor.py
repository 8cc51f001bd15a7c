"""What `argtrace doctor` says: a line a finding and below it its cure, or one JSON object.

    Rights
      CAP_BPF          yes     loads programs and makes maps
      CAP_SYS_PTRACE   no      -y and -p of other users' processes
                       cure    sudo setcap …

Of groups with many findings those that are there are listed together.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from argtrace import __version__
from argtrace.doctor.findings import Finding, Group, Report
from argtrace.doctor.probes import Answer
from argtrace.present.escape import plain

SCHEMA = 1

_WIDTH = 100
_ANSWER = 6

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _OFF = (f"\x1b[{code}m" for code in ("1", "2", "31", "32", "33", "0"))


def to_text(report: Report, *, color: bool = False) -> str:
    return "\n".join("".join(_group(group, color=color)) for group in report.groups if group.findings)


def to_json(report: Report) -> str:
    """docs/reference/doctor.schema.json."""
    found: dict[str, Any] = {
        "type": "doctor",
        "schema": SCHEMA,
        "version": __version__,
        "possible": report.possible,
        "groups": [
            {"title": group.title, "findings": [_object(finding) for finding in group.findings]}
            for group in report.groups
        ],
    }
    return json.dumps(found, indent=1)


def _object(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "answer": finding.answer and finding.answer.value,
        "says": finding.says,
        "cure": finding.cure,
        "matters": finding.matters,
    }


def _group(group: Group, *, color: bool) -> Iterator[str]:
    yield _in(_BOLD, group.title, color=color) + "\n"
    alike: dict[object, list[Finding]] = {}
    for at, finding in enumerate(group.findings):
        says = "" if finding.answer is Answer.YES else finding.says
        alike.setdefault((finding.answer, says, finding.cure) if group.many else at, []).append(finding)
    several = [found for found in alike.values() if group.many and len(found) > 1]
    alone = [found[0] for found in alike.values() if found not in several]
    for found in several:
        yield from _together(found, color=color)
    width = max((len(finding.name) for finding in alone), default=0)
    last = None
    for finding in alone:
        cure = finding.cure if _tells(finding) and finding.cure != last else None
        last = cure or last
        yield from _lines(finding, cure, width, answer_first=group.many, color=color)


def _together(found: list[Finding], *, color: bool) -> Iterator[str]:
    """Many of which the same is to be said."""
    first = found[0]
    says = "" if first.answer is Answer.YES else f": {plain(first.says.encode())}"
    indent = " " * (2 + _ANSWER + 2)
    names = textwrap.fill(
        ", ".join(plain(finding.name.encode()) for finding in found) + says,
        _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False,
    )  # fmt: skip
    yield f"  {_in(_color(first), f'{_word(first):{_ANSWER}}', color=color)}  {names[len(indent) :]}\n"
    if _tells(first) and first.cure is not None:
        yield f"{indent}{_in(_DIM, '->', color=color)} {plain(first.cure.encode())}\n"


def _word(finding: Finding) -> str:
    return "" if finding.answer is None else finding.answer.value


def _tells(finding: Finding) -> bool:
    return finding.answer in (Answer.NO, Answer.UNSURE)


def _lines(
    finding: Finding, cure: str | None, width: int, *, answer_first: bool, color: bool
) -> Iterator[str]:
    name, says = f"{plain(finding.name.encode()):{width}}", plain(finding.says.encode())
    answer = _in(_color(finding), f"{_word(finding):{_ANSWER}}", color=color)
    first, second = (answer, name) if answer_first else (name, answer)
    yield f"  {first}  {second}  {says}".rstrip() + "\n"
    if cure is not None:
        yield f"  {'':{width + _ANSWER + 2}}  {_in(_DIM, '->', color=color)} {plain(cure.encode())}\n"


def _color(finding: Finding) -> str:
    match finding.answer:
        case Answer.YES:
            return _GREEN
        case Answer.NO:
            return _RED if finding.matters else _DIM
        case Answer.UNSURE:
            return _YELLOW
    return ""


def _in(code: str, text: str, *, color: bool) -> str:
    return f"{code}{text}{_OFF}" if color and code else text
