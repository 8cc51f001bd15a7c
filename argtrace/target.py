"""Whose calls they are: architecture and byte order as a value, never the host's.

A recording made on one machine is read on another, so every stage that needs to
know takes a `Target`.
"""

from __future__ import annotations

import os
from typing import Literal

from argtrace.errors import NotSupported
from argtrace.value import frozen


@frozen
class Target:
    """`arch` as the kernel spells it in `uname -m`; both supported ones are LP64. `compat`: the ABI of
    the 32-bit programs that its kernels run too."""

    arch: str
    compat: str
    byteorder: Literal["little", "big"] = "little"


X86_64 = Target("x86_64", "i386")
AARCH64 = Target("aarch64", "arm")

TARGETS = {target.arch: target for target in (X86_64, AARCH64)}


def host() -> Target:
    """The machine we run on. Raises NotSupported for one we have no tables for."""
    machine = os.uname().machine
    if machine not in TARGETS:
        raise NotSupported(f"tracing on {machine}", remedy="this version traces x86_64 and aarch64 kernels")
    return TARGETS[machine]
