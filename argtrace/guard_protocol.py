"""What argtrace and its guards agree on: their messages, a page they share, the least ring.

    argtrace ─── RING + u64 bytes, with the ring's descriptor ──> guard
             ─── RELEASED, or DONE ──────────────────────────────>
             <── READY, or REFUSED + why + NUL + remedy ───────────

One message a packet (unix(7), SOCK_SEQPACKET).
"""

from __future__ import annotations

from typing import Final

READY: Final = b"ready"
REFUSED: Final = b"refused"
RING: Final = b"ring"
RELEASED: Final = b"released"
DONE: Final = b"done"
LONGEST: Final = 4096  # bytes of an answer; the word before it apart

# The page that they share, in words.
HELD: Final = 0  # how often the command was frozen
HELD_NS: Final = 1  # for how long in all
MAY_HOLD: Final = 2  # argtrace reads the ring from now on
TALLY_WORDS: Final = 3

LEAST_RING: Final = 1 << 20
"""Bytes of a ring that is kept from filling on a busy machine too: of 256K one record in 1,000 was lost."""
