"""In a guest, where all takes longer, tests wait longer for what they start.

Their timeouts are there for what hangs; how long something takes they do not tell. So each is made longer for
guests in one place: here.
"""

from __future__ import annotations

import subprocess
from typing import Any

from tests.support.live import SLOWER


def install() -> None:
    """For this process: `timeout` of Popen.wait and Popen.communicate, and so of run."""
    wait, communicate = subprocess.Popen.wait, subprocess.Popen.communicate

    def wait_longer(popen: subprocess.Popen[Any], timeout: float | None = None) -> int:
        return wait(popen, _longer(timeout))

    def communicate_longer(
        popen: subprocess.Popen[Any], input: Any = None, timeout: float | None = None
    ) -> tuple[Any, Any]:
        return communicate(popen, input, _longer(timeout))

    subprocess.Popen.wait = wait_longer  # type: ignore[assignment, method-assign]
    subprocess.Popen.communicate = communicate_longer  # type: ignore[assignment, method-assign]


def _longer(timeout: float | None) -> float | None:
    return None if timeout is None else timeout * SLOWER
