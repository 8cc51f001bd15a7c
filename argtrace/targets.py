"""Which tasks are to be traced besides a command and given ids: by what they are.

Not here: the kernel's side is `fetch/choosing.py`; who is there already is looked for in `chosen.py`.
"""

from __future__ import annotations

from argtrace.fetch.choice import COMM_BITS, NAME_KEY, Choice, Gate, Verdict
from argtrace.fetch.record import COMM_SIZE
from argtrace.value import frozen


@frozen
class Targets:
    """`names`: of commands as /proc/PID/comm has them, whose last character may be `*`. `exes`: paths.
    `uids`: real ones. `cgroups`: directories. `cpus`: those whose calls are shown, none for all.

    Excluded are `not_names`, `not_pids`, and `not_families`: processes with what they start.
    """

    everyone: bool = False
    names: tuple[str, ...] = ()
    exes: tuple[str, ...] = ()
    uids: tuple[int, ...] = ()
    cgroups: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    not_pids: tuple[int, ...] = ()
    not_families: tuple[int, ...] = ()
    cpus: frozenset[int] = frozenset()

    @property
    def standing(self) -> bool:
        """Whether more may come at any time: such a trace does not end by itself."""
        return bool(self.everyone or self.names or self.exes or self.uids or self.cgroups)

    @property
    def choice(self) -> Choice:
        return Choice(
            self.everyone,
            bool(self.names or self.not_names),
            bool(self.exes),
            bool(self.uids),
            len(self.cgroups),
            bool(self.not_pids or self.not_families),
        )

    def verdicts(self) -> dict[bytes, bytes]:
        """Keys and values of the map `names`. Who is excluded by a name is not let in by the same."""
        named = {name_key(name): Verdict.IN for name in self.names}
        named |= {name_key(name): Verdict.OUT for name in self.not_names}
        return {key: verdict.to_bytes(4, "little") for key, verdict in named.items()}

    def named(self, comm: bytes) -> Verdict | None:
        """What the kernel's side says to a name: the longest match."""
        found: list[tuple[int, Verdict]] = []
        for names, verdict in ((self.names, Verdict.IN), (self.not_names, Verdict.OUT)):
            for name in names:
                bits, key = NAME_KEY.unpack(name_key(name))
                if comm.ljust(COMM_SIZE, b"\0").startswith(key[: bits // 8]):
                    found.append((bits, verdict))
        return max(found)[1] if found else None


@frozen
class Window:
    """When calls are shown: from `delay` ns after the beginning on, from a call of `opening` on, until
    one of `closing`. Both are expressions as `-e` takes them."""

    delay: int = 0
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return self != Window()

    @property
    def closed(self) -> bool:
        """Whether nothing is shown at first."""
        return bool(self.delay or self.opening)


NOBODY = Targets()
ALWAYS = Window()


def gate(targets: Targets, window: Window, *, paced: bool = False) -> Gate:
    return Gate(bool(targets.cpus), window.any, paced)


def name_key(name: str) -> bytes:
    """A key of the map `names`: bits that count, and the name. The kernel keeps 15 bytes of a name."""
    text = name.encode(errors="surrogateescape")
    if text.endswith(b"*"):
        text = text[:-1][: COMM_SIZE - 1]
        return NAME_KEY.pack(8 * len(text), text)
    text = text[: COMM_SIZE - 1]
    return NAME_KEY.pack(min(8 * (len(text) + 1), COMM_BITS), text)
