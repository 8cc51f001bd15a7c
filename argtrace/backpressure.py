"""Backpressure: a command we start is held while its records are read, so that none is lost.

What argtrace itself does of it: start the guard, hand it the ring, notice if it is
gone, and put everything back at the end. When to freeze, and who thaws if somebody
is killed, is `guard.py`; the cgroup is `cgroups.py`; what a traced program can notice
of it is docs/reliability.md.

    command = Command(["make"])
    with Session(options) as session:
        session.run(command, Backpressure(command.pid))

The guard is forked early, while argtrace is small, and puts the command into its leaf
meanwhile: the first move into a cgroup waits for an RCU grace period (cgroup_threadgroup_rwsem).
Meanwhile nobody can make a thread or a process: so it is done first, before argtrace has threads.
Of the module socket its C half will do: the rest brings enums of some 300 names, 4 ms of start-up.
"""

from __future__ import annotations

import _socket
import contextlib
import mmap
import os
import select
import signal
import struct

from argtrace import guard_protocol as words
from argtrace.cgroups import Leaf, NoFreezer, ours
from argtrace.guard import Guard

_ANSWER = 5.0  # seconds in which the guard must have made the leaf
_ENDING = 1000  # milliseconds in which the guard must have ended


class Backpressure:
    """The guard of one command. `close` it before the command is waited for in vain."""

    def __init__(self, command: int) -> None:
        """Start the guard. Never fails: after `watch`, `refused` says why there is none."""
        self._leaf: Leaf | None = None
        self._control: _socket.socket | None = None
        self._hung_up = select.poll()
        self._guard = self._guard_fd = -1
        self.refused: NoFreezer | None = None
        self.left: str | None = None
        """The leaf's directory if it had to stay, since the command made cgroups in it."""
        self._tally = mmap.mmap(-1, words.TALLY_WORDS * 8)
        try:
            self._leaf = Leaf(ours())
            self._start(self._leaf, command)
        except NoFreezer as refused:
            self.refused = refused
        except OSError as error:
            self.refused = NoFreezer(f"cannot start a guard: {error.strerror}")

    def watch(self, ring: int, size: int) -> None:
        """Hand the guard the ring, by descriptor and bytes. If there is none, `refused` says why."""
        if self._control is not None and self.refused is None:
            try:
                self._control.settimeout(_ANSWER)
                answer = self._control.recv(2 * words.LONGEST)
                if answer == words.READY:
                    passed = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("i", ring))
                    self._control.sendmsg([words.RING + struct.pack("<Q", size)], [passed])
                    return
                self.refused = _reason(answer)
            except OSError:
                self.refused = _reason(b"")
        if self.refused is not None:
            self._end_guard()

    def refuse(self, why: str) -> None:
        """There is nothing to watch."""
        if self.refused is None:
            self.refused = NoFreezer(why, slowed=False)
        self._end_guard()

    def begin(self) -> None:
        """From now on the command may be frozen: somebody reads the ring."""
        if self._control is not None:
            memoryview(self._tally).cast("Q")[words.MAY_HOLD] = 1
            self._tell(words.RELEASED)

    def gone(self) -> NoFreezer | None:
        """Whether all guards have ended unasked. Then the command is thawed, and said once."""
        # With each batch of records: nothing is made for it.
        if self._control is None or not self._hung_up.poll(0):
            return None
        answer = b""
        with contextlib.suppress(OSError):
            answer = self._control.recv(2 * words.LONGEST, _socket.MSG_DONTWAIT)
        self._end_guard()
        return _reason(answer)

    @property
    def parent(self) -> str | None:
        """The cgroup that the command's is in, while there is a guard."""
        return None if self._leaf is None or self._control is None else self._leaf.parent

    @property
    def held(self) -> tuple[int, float]:
        """How often the command was frozen, and for how many seconds in all."""
        tally = memoryview(self._tally).cast("Q")
        return tally[words.HELD], tally[words.HELD_NS] / 1e9

    def close(self) -> None:
        """Thaw, put what still runs back, remove the leaf, end the guard. May be called twice."""
        self._end_guard()

    def _start(self, leaf: Leaf, command: int) -> None:
        mine, its = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        tracer = os.pidfd_open(os.getpid())
        # For the guard they stay blocked: nothing but SIGKILL ends it, whatever the terminal sends.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._guard = os.fork()
            if self._guard == 0:
                Guard(leaf, its, tracer, self._tally).run(command)
            self._guard_fd = os.pidfd_open(self._guard)
            self._control = mine
            self._hung_up.register(mine, 0)
        except OSError:
            mine.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            its.close()
            os.close(tracer)

    def _tell(self, message: bytes) -> None:
        with contextlib.suppress(OSError):  # gone() will say
            assert self._control is not None
            self._control.send(message)

    def _end_guard(self) -> None:
        if self._control is None or self._leaf is None:
            return
        # Before the guard ends: if we are killed in this moment, it goes on where we were.
        if not self._leaf.dissolve():
            self.left = self._leaf.path
        self._tell(words.DONE)
        self._control.close()
        self._control = None
        waiting = select.poll()
        waiting.register(self._guard_fd, select.POLLIN)
        if not waiting.poll(_ENDING):
            signal.pidfd_send_signal(self._guard_fd, signal.SIGKILL)  # somebody stopped it
        os.close(self._guard_fd)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._guard, 0)


def _reason(answer: bytes) -> NoFreezer:
    """Why there is no guard: by its own words, if it had any."""
    if not answer.startswith(words.REFUSED):
        return NoFreezer("somebody ended the processes thaw-guard and thaw-standby")
    why, _, remedy = answer.removeprefix(words.REFUSED).decode(errors="replace").partition("\0")
    return NoFreezer(why, remedy=remedy) if remedy else NoFreezer(why)
