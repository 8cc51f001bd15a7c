"""What the arguments of the clock and timer calls mean.

Sources: man pages of section 2; kernel/time/.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    CLOCK,
    INT,
    SIZE,
    Cell,
    Choice,
    Declaration,
    In,
    InOut,
    On,
    Out,
    Raw,
    call,
    enum,
    flags,
    struct,
)

SIGEVENT = Raw("sigevent", 64)

_TIMESPEC, _TIMEVAL, _TIMEZONE = struct("timespec"), struct("timeval"), struct("timezone")
_ITIMERSPEC, _ITIMERVAL = struct("itimerspec"), struct("itimerval")
_TIMEX = struct("timex", modes=flags("timex_modes"), status=flags("timex_status"))
_WHICH = enum("itimer_which")
_LEFT = Out(_TIMESPEC, On.INTERRUPTED)

CALLS: dict[str, Declaration] = {
    "nanosleep": call(rqtp=In(_TIMESPEC), rmtp=_LEFT),
    "clock_nanosleep": call(
        which_clock=CLOCK,
        flags=flags("timer_flags"),
        rqtp=In(_TIMESPEC),
        # Of a time that is absolute nothing is left to sleep.
        rmtp=Choice("flags", "timer_flags", {"TIMER_ABSTIME": ADDRESS}, default=_LEFT, mask=1),
    ),
    "getitimer": call(which=_WHICH, value=Out(_ITIMERVAL)),
    "setitimer": call(which=_WHICH, value=In(_ITIMERVAL), ovalue=Out(_ITIMERVAL)),
    "gettimeofday": call(tv=Out(_TIMEVAL), tz=Out(_TIMEZONE)),
    "settimeofday": call(tv=In(_TIMEVAL), tz=In(_TIMEZONE)),
    "adjtimex": call(enum("clock_state"), txc_p=InOut(_TIMEX)),
    "clock_adjtime": call(enum("clock_state"), which_clock=CLOCK, utx=InOut(_TIMEX)),
    "time": call(tloc=Out(Cell("long"))),
    "clock_settime": call(which_clock=CLOCK, tp=In(_TIMESPEC)),
    "clock_gettime": call(which_clock=CLOCK, tp=Out(_TIMESPEC)),
    "clock_getres": call(which_clock=CLOCK, tp=Out(_TIMESPEC)),
    "timer_create": call(which_clock=CLOCK, timer_event_spec=In(SIGEVENT), created_timer_id=Out(Cell("int"))),
    "timer_settime": call(
        timer_id=INT, flags=flags("timer_flags"), new_setting=In(_ITIMERSPEC), old_setting=Out(_ITIMERSPEC)
    ),
    "timer_gettime": call(timer_id=INT, setting=Out(_ITIMERSPEC)),
    "timer_getoverrun": call(SIZE, timer_id=INT),
    "timer_delete": call(timer_id=INT),
}
