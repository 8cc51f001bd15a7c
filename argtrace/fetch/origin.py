"""Where a call came from: the CPU, the user and the cgroup, as they are when it begins.

They go into the two words of the image that hold no argument (`location/frames.py`):

    first            +4              second
    +----------------+---------------+----------------------+
    | cpu: u32       | uid: u32      | cgroup: u64          |
    +----------------+---------------+----------------------+

`uid` is the real one, in the initial user namespace; `cgroup` the id of that of version 2, which
is its directory's inode number. What was not asked for is left as the registers were.

Source: include/uapi/linux/bpf.h: bpf_get_smp_processor_id, bpf_get_current_uid_gid,
bpf_get_current_cgroup_id.
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import R0, R7
from argtrace.fetch.record import RECORD
from argtrace.location.frames import CGROUP, CPU, UID, Frame


def note(asm: Asm, frame: Frame) -> None:
    """Into the record in the slot r7. Loses r0 to r5."""
    first, second = (RECORD + record.IMAGE + at for at in frame.spare)
    if CPU in frame.noted:
        asm.call("get_smp_processor_id")
        asm.store(R7, first, R0, 4)
    if UID in frame.noted:
        asm.call("get_current_uid_gid")
        asm.store(R7, first + 4, R0, 4)
    if CGROUP in frame.noted:
        asm.call("get_current_cgroup_id")
        asm.store(R7, second, R0)
