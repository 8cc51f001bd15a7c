"""The types of the kernel we run on, for tests that take its word. Skips where it tells none."""

from __future__ import annotations

import functools
import os

import pytest

from argtrace.signature.btf import Btf

PATH = "/sys/kernel/btf/vmlinux"


@functools.cache
def _read() -> Btf | None:
    if not os.access(PATH, os.R_OK):
        return None
    with open(PATH, "rb") as file:
        return Btf(file.read())


def vmlinux() -> Btf:
    found = _read()
    if found is None:
        pytest.skip(f"The kernel's types cannot be read from {PATH}.")
    return found
