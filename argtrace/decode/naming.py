"""Which numbers may have names in a trace: the words for them."""

from __future__ import annotations

PATHS, SOCKETS, DEVICES, PIDFDS = "path", "socket", "dev", "pidfd"
"""What may be told of a descriptor: its name, and more of some kinds."""
DETAILS = frozenset({SOCKETS, DEVICES, PIDFDS})
FILES = DETAILS | {PATHS}

PIDS = "pid"
"""Processes and threads, where they are traced."""
