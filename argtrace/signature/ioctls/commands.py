"""What the commands of ioctl(2) are given and what they return, a family a module.

    ARGUMENTS   of commands that do not say in their bits what is copied, or say it wrongly
    ENCODED     of those whose bits say how many bytes, and which way: what these are; two
                contents where what comes back is another than what went in
    RESULTS     of those that return more than 0

Names of commands are those of the set `ioctl` in `constants.py`.

Not here: what a header's definition says that a command copies, for those of which no family says
more, is `defined.py`; commands of many numbers, EVIOCGNAME(len), are `decode/ioctl_lengths.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from argtrace.signature.ioctls import (
    block,
    buses,
    devices,
    files,
    guests,
    kernel,
    network,
    terminal,
    video,
    volumes,
)
from argtrace.signature.meaning import Content, Meaning

Commands = str | tuple[str, ...]

_FAMILIES = (terminal, files, block, volumes, network, kernel, guests, devices, buses, video)


def arguments() -> dict[Commands, Meaning]:
    return _merged(*(family.ARGUMENTS for family in _FAMILIES))


def results() -> dict[Commands, Meaning]:
    return _merged(*(family.RESULTS for family in _FAMILIES))


def encoded() -> dict[str, tuple[Content, Content]]:
    """By command: at entry and when it returned."""
    found: dict[str, tuple[Content, Content]] = {}
    for family in _FAMILIES:
        for names, content in family.ENCODED.items():
            both = content if isinstance(content, tuple) else (content, content)
            found |= dict.fromkeys((names,) if isinstance(names, str) else names, both)
    return found


def _merged(*families: Mapping[Commands, Meaning]) -> dict[Commands, Meaning]:
    return {names: meaning for family in families for names, meaning in family.items()}
