"""Any text as a verifier's log: one line of it, and an error whose text is one line."""

from __future__ import annotations

from argtrace.errors import VerifierRejected, telling_line
from tests.fuzz.target import Target

LOG = b"""func#0 @0
0: R1=ctx() R10=fp0
0: (79) r2 = *(u64 *)(r1 +8)          ; R1=ctx() R2_w=scalar()
1: (95) exit
R0 !read_ok
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
"""


def check(data: bytes) -> None:
    log = data.decode(errors="replace")
    line = telling_line(log)
    assert line in log
    assert len(line.splitlines()) <= 1
    said = str(VerifierRejected("program", 13, log))
    assert len(said.splitlines()) == 1
    assert said


def seeds() -> list[bytes]:
    return [LOG, LOG + b"\nVerification failed: R0 !read_ok\nsee there\n", b"", b"processed 1 insns\n"]


WORDS = (
    b"\n",
    b"processed ",
    b"verification time ",
    b"stack depth ",
    b"\nVerification failed: ",
    b"\r",
    b"\x1c",
)

TARGET = Target("logs of the verifier (errors.py)", check, seeds, WORDS)
