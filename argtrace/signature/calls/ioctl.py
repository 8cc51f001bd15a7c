"""ioctl(2): what the third argument is, by the command.

Source: ioctl(2); include/uapi/asm-generic/ioctl.h.

A command of today says in its bits how many bytes are copied, and which way: that is the
default, and what those bytes are is the decoder's. The others are cases.

Not here: the commands, a family a module, are `signature/ioctls/`.
"""

from __future__ import annotations

from argtrace.signature.ioctls import commands
from argtrace.signature.meaning import FD, INT, Choice, Declaration, Encoded, InOut, Number, Raw, call

COPIED = InOut(
    Raw("ioctl", Encoded("cmd", reads=False), limit=4096),
    after=Raw("ioctl", Encoded("cmd", reads=True), limit=4096),
)

CALLS: dict[str, Declaration] = {
    "ioctl": call(
        Choice("cmd", "ioctl", commands.results(), default=INT),
        fd=FD,
        cmd=Number("ioctl", "ioctl"),
        arg=Choice("cmd", "ioctl", commands.arguments(), default=COPIED),
    ),
}
