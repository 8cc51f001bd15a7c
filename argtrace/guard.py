"""The guard: a process that freezes a command before the ring is full, and always thaws it.

Sources: Documentation/admin-guide/cgroup-v2.rst (cgroup.freeze), pidfd_open(2), unix(7).

    argtrace ──fork──> guard ──fork──> standby
       reads            watches the ring's positions, freezes above one mark, thaws below another

It is a process of its own because argtrace may be held up, in a write to a slow pipe
or by SIGSTOP, just when the ring fills; and because argtrace may be killed. Whoever of
the three is left puts things right:

    argtrace ends      the guard thaws, moves what runs back, removes the leaf, ends
    the guard ends     the standby is the guard from then on, and forks another standby
    both end           the standby finds argtrace gone as soon as it is the guard
    both guards end    argtrace sees the end of their socket (backpressure.py), and thaws
    all three at once  the next argtrace sweeps (cgroups.py)

It holds no descriptor of argtrace but the ring's, so that no pipe stays open because of it.

Not here: how full is too full, and when to look, is `high_water.py`.
"""

from __future__ import annotations

import _socket
import contextlib
import gc
import mmap
import os
import select
import signal
import struct
import time
from typing import TYPE_CHECKING, Never

from argtrace.cgroups import Leaf, NoFreezer, sweep
from argtrace.guard_protocol import (
    DONE,
    HELD,
    HELD_NS,
    LONGEST,
    MAY_HOLD,
    READY,
    REFUSED,
    RELEASED,
    RING,
)

if TYPE_CHECKING:
    from argtrace.high_water import Gauge


class Guard:
    """What the guard and its standby have in common; `run` never returns."""

    def __init__(self, leaf: Leaf, control: _socket.socket, tracer: int, tally: mmap.mmap) -> None:
        self._leaf = leaf
        self._control = control
        self._tracer = tracer
        self._tally = memoryview(tally).cast("Q")
        self._standby = self._standby_pid = -1
        self._ring = -1
        self._frozen_since = 0

    def run(self, command: int) -> Never:
        """Guard process `command`. For a child just forked; in its standby too."""
        try:
            self._guard(command)
        except BaseException as error:
            self._refuse(f"its guard failed: {error!r}")
            raise
        finally:
            self._retire()

    def _guard(self, command: int) -> None:
        self._settle()
        if self._stand_by():  # the guard has ended before there was anything to watch
            return
        try:
            self._leaf.make()
            self._leaf.admit(command)
        except NoFreezer as refused:
            self._refuse(refused.why, refused.remedy or "")
            return
        self._control.send(READY)
        sweep(self._leaf.parent)
        _give_up_rights(self._leaf.parent)  # of its next standby too
        size = self._expect_ring()
        if size:
            self._stand_by()  # one that has the ring too, and watches it as its guard did
            self._watch(size)

    def _refuse(self, why: str, remedy: str = "") -> None:
        message = f"{why}\0{remedy}".encode(errors="replace")
        with contextlib.suppress(OSError):  # nobody to hear it
            self._control.send(REFUSED + message[:LONGEST], _socket.MSG_DONTWAIT)

    def _settle(self) -> None:
        """Be nobody's business but argtrace's: no terminal, no descriptors, no signals, no name of its."""
        gc.disable()
        os.setsid()
        os.chdir("/")
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd, inheritable=False)
        self._close_others()
        # A page fault in user space or a busy machine must not keep it from freezing in time.
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        _rename("thaw-guard")

    def _close_others(self) -> None:
        kept = {0, 1, 2, self._control.fileno(), self._tracer}
        for fd in {int(name) for name in os.listdir("/proc/self/fd")} - kept:
            with contextlib.suppress(OSError):  # the listing's own is closed
                os.close(fd)

    def _stand_by(self) -> bool:
        """Fork a standby in place of the one there is.

        Returns False in the guard; True in the standby, once the guard has ended.
        """
        guard = os.pidfd_open(os.getpid())
        pid = os.fork()
        if pid:
            os.close(guard)
            self._end_standby()
            self._standby_pid, self._standby = pid, os.pidfd_open(pid)
            return False
        _rename("thaw-standby")
        waiting = select.poll()
        waiting.register(guard, select.POLLIN)
        waiting.poll()
        os.close(guard)
        _rename("thaw-guard")
        if self._standby >= 0:
            os.close(self._standby)
        self._standby = self._standby_pid = -1
        return True

    def _end_standby(self) -> None:
        if self._standby >= 0:
            signal.pidfd_send_signal(self._standby, signal.SIGKILL)
            os.waitpid(self._standby_pid, 0)
            os.close(self._standby)
            self._standby = self._standby_pid = -1

    def _expect_ring(self) -> int:
        """The ring's size, once argtrace has one; 0 if it ends before."""
        waiting = select.poll()
        for fd in (self._control.fileno(), self._tracer):
            waiting.register(fd, select.POLLIN)
        waiting.poll()
        if self._said() != RING:
            return 0
        message, ((_, _, descriptor),), _, _ = self._control.recvmsg(LONGEST, _socket.CMSG_SPACE(4))
        (self._ring,) = struct.unpack("i", descriptor)
        (size,) = struct.unpack_from("<Q", message, len(RING))
        return int(size)

    def _said(self) -> bytes:
        """What argtrace said last, left where it is for the standby; DONE if it has ended."""
        if _readable(self._tracer):
            return DONE
        try:
            message = self._control.recv(LONGEST, _socket.MSG_PEEK | _socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b""
        return next((word for word in (RING, RELEASED) if message.startswith(word)), DONE)

    def _watch(self, size: int) -> None:
        """Until argtrace has ended, or says that it is done."""
        from argtrace.high_water import Gauge, Marks, Pace  # noqa: PLC0415 (after the move: see backpressure.py)

        marks, gauge = Marks.of(size), Gauge(self._ring)
        pace, waiting = Pace(marks), self._waiting(gauge)
        self._note_state()
        ready = {self._control.fileno(): 0}
        while True:
            if self._standby < 0 or self._standby in ready:
                if self._stand_by():
                    self._note_state()
                waiting = self._waiting(gauge)
            if ready.keys() & {self._control.fileno(), self._tracer}:
                said = self._said()
                if said == DONE:
                    return
                if said:
                    self._control.recv(LONGEST)  # it was only to wake us
            read, written = gauge.positions()
            if self._frozen_since and written - read <= marks.low:
                self._hold(False)
            elif not self._frozen_since and written - read >= marks.high and self._tally[MAY_HOLD]:
                self._hold(True)
            ready = gauge.sleep(waiting, pace.next(read, written, frozen=bool(self._frozen_since)))

    def _waiting(self, gauge: Gauge) -> select.poll:
        """For argtrace, the standby, and the ring."""
        waiting = select.poll()
        for fd in (self._control.fileno(), self._tracer, self._standby, gauge.woken.fileno()):
            if fd >= 0:
                waiting.register(fd, select.POLLIN)
        return waiting

    def _note_state(self) -> None:
        """What the guard before us has left: how long it was frozen then, nobody knows."""
        self._frozen_since = time.monotonic_ns() if self._leaf.frozen() else 0

    def _hold(self, frozen: bool) -> None:
        self._leaf.freeze(frozen)
        now = time.monotonic_ns()
        if frozen:
            self._tally[HELD] += 1
            self._frozen_since = now
        else:
            self._tally[HELD_NS] += now - self._frozen_since
            self._frozen_since = 0

    def _retire(self) -> Never:
        """Leave nothing frozen, and nothing behind; also after an error of our own."""
        try:
            self._leaf.dissolve()
            self._end_standby()
        finally:
            os._exit(0)


def _give_up_rights(parent: str) -> None:
    """Keep what removing the leaf takes."""
    from argtrace import rights  # noqa: PLC0415 (after the move: see backpressure.py)

    rights.drop(rights.for_cgroup(parent))


def _readable(fd: int) -> bool:
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    return bool(waiting.poll(0))


def _rename(name: str) -> None:
    """As ps shows it: comm and command line. `pkill -f argtrace` is not to find a guard."""
    with contextlib.suppress(OSError), open("/proc/self/comm", "w") as file:
        file.write(name)
    with contextlib.suppress(OSError, ValueError), open("/proc/self/stat", "rb") as file:
        # Fields 48 and 49 of proc_pid_stat(5): where the arguments are in our memory.
        fields = file.read().rpartition(b")")[2].split()
        begin, end = int(fields[45]), int(fields[46])
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(begin)
            memory.write(name.encode()[: end - begin].ljust(end - begin, b"\0"))
