"""The path of what is open, or of a directory, as the kernel has it: from a dentry up to the root.

Through the mounts, to the root of the mount namespace; each name with its NUL, the last
component first.

Sources: fs/d_path.c, prepend_path(); include/linux/{dcache,mount}.h, fs/mount.h. Offsets are found in BTF.
"""

from __future__ import annotations

from enum import IntEnum

from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import R0, R1, R2, R3, R6, R7, R8, R9, R10, WORD, follow
from argtrace.fetch.file_fields import FileFields
from argtrace.fetch.isa import Reg

NAME_SPACE = 256  # NAME_MAX, with the NUL
MOST_NAMES = 4096
DEPTH = 96
"""Names and mounts on the way to the root."""

MNT, PARENT = -48, -64
"""On the stack: the mount that the dentry is seen through, and what is above."""


class What(IntEnum):
    """`what`, as bits."""

    UNATTACHED = 1
    """A file that is in no directory: the one name is its kind's."""
    UNLINKED = 2
    INCOMPLETE = 4
    """There were more names than we follow."""


def walk(asm: Asm, fields: FileFields, what: int, done: str) -> None:
    """Append the names from dentry r9 to the root to the record r7, at r8; then go to `done`.

    r6 counts the steps. `what`: where in the record it says What.
    """
    read(asm, R10, WORD, R9, fields.dentry_hashed, 8)
    asm.load(R1, R10, WORD)
    asm.jump("!=", R1, 0, "linked")
    read(asm, R10, PARENT, R9, fields.dentry_parent, 8)
    asm.load(R1, R10, PARENT)
    asm.jump("==", R1, R9, "linked")  # the root of a file system is in no directory
    asm.store(R7, what, What.UNLINKED, 4)
    asm.label("linked")
    asm.move(R6, 0)

    asm.label("step", most=DEPTH)
    asm.load(R1, R10, MNT)
    read(asm, R10, WORD, R1, fields.vfsmount_root, 8)
    asm.load(R1, R10, WORD)
    asm.jump("==", R1, R9, "mount")
    read(asm, R10, PARENT, R9, fields.dentry_parent, 8)
    asm.load(R1, R10, PARENT)
    asm.jump("==", R1, R9, "unattached")
    _name(asm, fields)
    asm.load(R9, R10, PARENT)
    asm.label("next")
    asm.alu("+=", R6, 1)
    asm.jump("<", R6, DEPTH, "step")
    asm.label("incomplete")
    asm.load(R1, R7, what, 4)
    asm.alu("|=", R1, What.INCOMPLETE)
    asm.store(R7, what, R1, 4)
    asm.goto(done)

    # The top of this mount: go on where it is mounted, if it is.
    asm.label("mount")
    asm.load(R9, R10, MNT)
    asm.alu("-=", R9, fields.mount_mnt)
    read(asm, R10, MNT, R9, fields.mount_parent, 8)
    asm.load(R1, R10, MNT)
    asm.jump("==", R1, R9, done)
    asm.alu("+=", R1, fields.mount_mnt)
    asm.store(R10, MNT, R1)
    follow(asm, R9, R9, fields.mount_mountpoint)
    asm.goto("next")

    asm.label("unattached")
    asm.store(R7, what, What.UNATTACHED, 4)
    _name(asm, fields)
    asm.goto(done)


def _name(asm: Asm, fields: FileFields) -> None:
    """Append the name of dentry r9."""
    asm.jump(">", R8, MOST_NAMES, "incomplete")
    read(asm, R10, WORD, R9, fields.dentry_name, 8)
    asm.load(R3, R10, WORD)
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.move(R2, NAME_SPACE)
    asm.call("probe_read_kernel_str")
    asm.jump(">", R0, NAME_SPACE, "incomplete")
    asm.alu("+=", R8, R0)
    # One range for every step, so that the verifier knows a step it has seen.
    asm.alu("&=", R8, 0x1FFF)


def read(asm: Asm, to: Reg, at: int, base: Reg, offset: int, size: int) -> None:
    """Copy a member of a kernel structure to to + at: zeros where it cannot be read."""
    asm.move(R3, base)
    asm.alu("+=", R3, offset)
    asm.move(R1, to)
    asm.alu("+=", R1, at)
    asm.move(R2, size)
    asm.call("probe_read_kernel")
