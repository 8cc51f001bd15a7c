"""The native executor, where it was built: the ring read and calls written without Python.

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


def walk() -> ModuleType | None:
    """The module, or None if it was not built or is not wanted."""
    if not wanted():
        return None
    try:
        return importlib.import_module("argtrace.native.walk")
    except ImportError:
        return None
