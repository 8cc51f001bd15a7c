"""What the arguments of the scheduling calls mean.

Sources: man pages of section 2, sched(7); kernel/sched/syscalls.c.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    HEX,
    PID,
    RESULT,
    SIZE,
    UNUSED,
    Cell,
    Declaration,
    In,
    Least,
    Out,
    Raw,
    call,
    flags,
    struct,
)

POLICY = flags("sched_policy")

_PARAM = struct("sched_param")
_CPU = Out(Cell("unsigned int"))

CALLS: dict[str, Declaration] = {
    "sched_yield": call(),
    "sched_setparam": call(pid=PID, param=In(_PARAM)),
    "sched_getparam": call(pid=PID, param=Out(_PARAM)),
    "sched_setscheduler": call(pid=PID, policy=POLICY, param=In(_PARAM)),
    "sched_getscheduler": call(POLICY, pid=PID),
    "sched_get_priority_max": call(policy=POLICY),
    "sched_get_priority_min": call(policy=POLICY),
    "sched_rr_get_interval": call(pid=PID, interval=Out(struct("timespec"))),
    "sched_setaffinity": call(pid=PID, len=SIZE, user_mask_ptr=In(Raw("cpu_set", "len"))),
    # The result is how many bytes were written.
    "sched_getaffinity": call(
        SIZE, pid=PID, len=SIZE, user_mask_ptr=Out(Raw("cpu_set", Least(RESULT, "len")))
    ),
    # The first member is the structure's size.
    "sched_setattr": call(pid=PID, uattr=In(Raw("sched_attr", 56)), flags=HEX),
    "sched_getattr": call(
        pid=PID,
        uattr=Out(Raw("sched_attr", Least("usize", 56))),
        usize=SIZE,
        flags=flags("sched_getattr_flags"),
    ),
    "getcpu": call(cpup=_CPU, nodep=_CPU, unused=UNUSED),
}
