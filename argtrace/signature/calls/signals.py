"""What the arguments of the signal calls mean.

Sources: man pages of section 2; kernel/signal.c.
"""

from __future__ import annotations

from argtrace.signature.calls.process import SIGINFO
from argtrace.signature.meaning import (
    ADDRESS,
    PID,
    SIGNAL,
    SIZE,
    Choice,
    Declaration,
    In,
    Least,
    Out,
    Raw,
    When,
    call,
    enum,
    flags,
    struct,
)

_SA_RESTORER = 0x4000000

# The kernel takes no other size than 8.
SIGSET = Raw("sigset", Least("sigsetsize", 8))

_HANDLER = Choice(
    "sa_handler",
    "sigaction_handler",
    {("SIG_DFL", "SIG_IGN", "SIG_ERR"): enum("sigaction_handler")},
    default=ADDRESS,
    mask=0xFFFF_FFFF_FFFF_FFFF,
)
_SIGACTION = struct(
    "sigaction",
    only_=("sa_handler", "sa_mask", "sa_flags", "sa_restorer"),
    sa_handler=_HANDLER,
    sa_mask=Raw("sigset", 8),
    sa_flags=flags("sigaction_flags"),
    sa_restorer=When("sa_flags", _SA_RESTORER, ADDRESS),
)
_STACK = struct("sigaltstack", ss_sp=ADDRESS, ss_flags=flags("sigaltstack_flags"), ss_size=SIZE)

CALLS: dict[str, Declaration] = {
    "kill": call(pid=PID, sig=SIGNAL),
    "tkill": call(pid=PID, sig=SIGNAL),
    "tgkill": call(tgid=PID, pid=PID, sig=SIGNAL),
    "rt_sigaction": call(sig=SIGNAL, act=In(_SIGACTION), oact=Out(_SIGACTION), sigsetsize=SIZE),
    "rt_sigprocmask": call(how=enum("sigprocmask_how"), nset=In(SIGSET), oset=Out(SIGSET), sigsetsize=SIZE),
    "rt_sigreturn": call(),
    "rt_sigpending": call(uset=Out(SIGSET), sigsetsize=SIZE),
    "rt_sigtimedwait": call(
        SIGNAL, uthese=In(SIGSET), uinfo=Out(SIGINFO), uts=In(struct("timespec")), sigsetsize=SIZE
    ),
    "rt_sigqueueinfo": call(pid=PID, sig=SIGNAL, uinfo=In(SIGINFO)),
    "rt_tgsigqueueinfo": call(tgid=PID, pid=PID, sig=SIGNAL, uinfo=In(SIGINFO)),
    "rt_sigsuspend": call(unewset=In(SIGSET), sigsetsize=SIZE),
    "sigaltstack": call(uss=In(_STACK), uoss=Out(_STACK)),
    "pause": call(),
    "alarm": call(SIZE, seconds=SIZE),
    "restart_syscall": call(),
}
