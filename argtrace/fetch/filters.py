"""What a call must be to be shown.

Not here: how the kernel decides it is `predicates.py`.
"""

from __future__ import annotations

from argtrace.value import frozen

MAX_ERRNO = 4095
"""include/linux/err.h: results from -4095 to -1 are errors, all others are not."""


@frozen
class Filters:
    """What a call must be to be shown. Empty: every call is.

    `failed`: True only failed ones, False only the others, None both. `errnos`:
    only these (positive). `duration`: at least so many ns.
    """

    failed: bool | None = None
    errnos: tuple[int, ...] = ()
    duration: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything a call must be."""
        return self.on_result or self.duration > 0

    @property
    def on_result(self) -> bool:
        """Whether a call without a result can pass."""
        return self.failed is not None or bool(self.errnos)
