"""argtrace: every argument that crosses a call boundary on Linux.

    import argtrace

    with argtrace.Session(argtrace.Options(calls=("openat",))) as session:
        session.run(argtrace.Command(["ls"]))
        for events in session.batches():
            for event in events:
                print(event)

Importing this loads nothing but itself; each name brings what it needs when it
is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argtrace.errors import ArgtraceError
    from argtrace.fetch.filters import Filters
    from argtrace.options import Options
    from argtrace.processes import Command
    from argtrace.session import Session

__version__ = "0.1.0"

__all__ = ["ArgtraceError", "Command", "Filters", "Options", "Session", "__version__"]

_HOME = {
    "ArgtraceError": "argtrace.errors",
    "Command": "argtrace.processes",
    "Filters": "argtrace.fetch.predicates",
    "Options": "argtrace.prepare",
    "Session": "argtrace.session",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'argtrace' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOME[name]), name)
