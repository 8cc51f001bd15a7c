"""Waiting for descriptors, and descriptors that are made for it: poll, epoll, eventfd, signalfd, timerfd.

Source: man pages of section 2; fs/select.c, fs/eventpoll.c, fs/eventfd.c, fs/signalfd.c,
fs/timerfd.c; include/uapi/linux/eventpoll.h.

Not here: what a pollfd's descriptor is, is `decode/descriptors.py`; bits of an fd_set
and what is in epoll_data, `decode/polling.py`.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    CLOCK,
    FD,
    INT,
    RESULT,
    SIZE,
    Array,
    Choice,
    Declaration,
    In,
    InOut,
    On,
    Out,
    Raw,
    Scaled,
    To,
    call,
    enum,
    flags,
    struct,
)

# The kernel writes revents alone, and does not look at what is in it before.
ASKED = struct("pollfd", fd=FD, events=flags("poll"), only_=("fd", "events"))
ANSWERED = struct("pollfd", revents=flags("poll"), only_=("revents",))
POLLFDS = InOut(Array(ASKED, "nfds"), Array(ANSWERED, "nfds"))

# Whole longs, n bits and what is left of the last.
FDS = InOut(Raw("fd_set", Scaled("n", add=63, shift=6, by=8), limit=128))

# The time that is left is written whatever the outcome (poll_select_finish in fs/select.c).
LEFT = InOut(struct("timespec"), on=On.ALWAYS)

MASK = In(Raw("sigset", "sigsetsize"))

EVENT = struct("epoll_event", events=flags("epoll"), data=Raw("epoll_data", 8))
EVENTS = Out(Array(EVENT, RESULT))

CALLS: dict[str, Declaration] = {
    "poll": call(ufds=POLLFDS, nfds=SIZE, timeout_msecs=INT),
    "ppoll": call(ufds=POLLFDS, nfds=SIZE, tsp=LEFT, sigmask=MASK, sigsetsize=SIZE),
    "select": call(n=INT, inp=FDS, outp=FDS, exp=FDS, tvp=InOut(struct("timeval"), on=On.ALWAYS)),
    "pselect6": call(
        n=INT,
        inp=FDS,
        outp=FDS,
        exp=FDS,
        tsp=LEFT,
        # A sixth argument that would be two.
        sig=In(struct("sigset_argpack", sigmask=To(Raw("sigset", "sigsetsize")), sigsetsize=SIZE)),
    ),
    "epoll_create": call(FD, size=INT),
    "epoll_create1": call(FD, flags=flags("epoll_create")),
    "epoll_ctl": call(
        epfd=FD,
        op=enum("epoll_ctl"),
        fd=FD,
        event=Choice("op", "epoll_ctl", {"EPOLL_CTL_DEL": ADDRESS}, default=In(EVENT)),
    ),
    "epoll_wait": call(epfd=FD, events=EVENTS, maxevents=INT, timeout=INT),
    "epoll_pwait": call(epfd=FD, events=EVENTS, maxevents=INT, timeout=INT, sigmask=MASK, sigsetsize=SIZE),
    "epoll_pwait2": call(
        epfd=FD,
        events=EVENTS,
        maxevents=INT,
        timeout=In(struct("timespec")),
        sigmask=MASK,
        sigsetsize=SIZE,
    ),
    # Numbers without a call behind them: no kernel had one (ENOSYS).
    "epoll_ctl_old": call(),
    "epoll_wait_old": call(),
    "eventfd": call(FD, count=SIZE),
    "eventfd2": call(FD, count=SIZE, flags=flags("eventfd")),
    "signalfd": call(FD, ufd=FD, user_mask=In(Raw("sigset", "sizemask")), sizemask=SIZE),
    "signalfd4": call(
        FD, ufd=FD, user_mask=In(Raw("sigset", "sizemask")), sizemask=SIZE, flags=flags("signalfd")
    ),
    "timerfd_create": call(FD, clockid=CLOCK, flags=flags("timerfd_create")),
    "timerfd_settime": call(
        ufd=FD,
        flags=flags("timerfd_settime"),
        utmr=In(struct("itimerspec")),
        otmr=Out(struct("itimerspec")),
    ),
    "timerfd_gettime": call(ufd=FD, otmr=Out(struct("itimerspec"))),
}
