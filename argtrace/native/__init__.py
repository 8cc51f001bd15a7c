"""The native executor, where it was built: the ring read, calls written and put in columns, without Python.

    ring      the walk over samples; memo and digits are its tools
    lines     calls to lines, by templates (`native/template.py`)
    columns   calls to columns (`transport/columns.py`)
    stops     stops of tracees to records (`ptrace/tracer.py`)

Installing builds it with the machine's C compiler. Where there was none everything works
as well, slower: the Python it does the work of is complete. ARGTRACE_PURE=1 asks for that.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType

PURE = "ARGTRACE_PURE"


def wanted() -> bool:
    return os.environ.get(PURE, "0") in ("", "0")


def missing() -> bool:
    """Whether it is wanted, and not there."""
    return wanted() and module("lines") is None


def module(name: str) -> ModuleType | None:
    """One of those above; None if it was not built or is not wanted."""
    if not wanted():
        return None
    try:
        return importlib.import_module(f"argtrace.native.{name}")
    except ImportError:
        return None
