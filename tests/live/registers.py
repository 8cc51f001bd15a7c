"""argtrace as on a kernel without PTRACE_GET_SYSCALL_INFO, or without a part of its own.

python registers.py argtrace's words…
"""

from __future__ import annotations

import functools
import sys

from argtrace import cli
from argtrace.ptrace import session

session.PtraceSession = functools.partial(session.PtraceSession, registers=True)  # type: ignore[assignment, misc]
sys.exit(cli.main(sys.argv[1:]))
