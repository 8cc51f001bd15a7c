"""Where strace and argtrace may differ, and why: each row a place, what differs, and the reason.

`place` is a regular expression for call.argument.member, with array indexes as `[]`; what follows a change's
`<` (before) or `>` (after) is after it. `test`, if there is one, checks what must be so if the reason is
true. A row that no difference needs is an error (`test_parity.py`), so that none outlives its reason.

Not here: what counts as a difference at all is `compare.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.parity.compare import Difference


@dataclass(frozen=True, slots=True)
class Row:
    place: str
    what: str
    why: str
    test: Callable[[Difference], bool] | None = None

    def applies(self, difference: Difference) -> bool:
        place = re.sub(r"\[\d+\]", "[]", difference.place)
        return (
            re.fullmatch(self.what, difference.what) is not None
            and re.fullmatch(self.place, place) is not None
            and (self.test is None or self.test(difference))
        )


EXPLAINED: tuple[Row, ...] = (
    Row(
        "SIGKILL",
        "extra",
        "No tracer is told of SIGKILL (kernel/signal.c, get_signal); the tracepoint signal_deliver is.",
    ),
)


def explanation(difference: Difference) -> Row | None:
    return next((row for row in EXPLAINED if row.applies(difference)), None)
