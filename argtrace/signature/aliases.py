"""Under which name does the kernel describe a call whose number bears another name?

Source: arch/x86/entry/syscalls/syscall_64.tbl, Linux 7.3: `4 common stat sys_newstat`; the
function's name without `sys_` is that of the event, `syscalls/sys_enter_newstat`. `_sysctl`
was there until Linux 5.4.

The one place for it: the generator of the tables reads it, and so does the running program.
"""

from __future__ import annotations

__all__ = ["ENTRY_NAMES"]

ENTRY_NAMES: dict[str, str] = {
    "_sysctl": "sysctl",
    "fstat": "newfstat",
    "lstat": "newlstat",
    "sendfile": "sendfile64",
    "stat": "newstat",
    "umount2": "umount",
    "uname": "newuname",
}
"""Name in asm/unistd_64.h -> name in tracefs; a call that is not here has one name for both."""
