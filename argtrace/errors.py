"""Every exception argtrace raises, and what each one carries.

`str()` of each is one line that says what and where; `remedy` is one sentence
that says what the user can do about it, or None. What goes wrong with *one
argument of one event* is no exception but a value: `decode.model.Unreadable`.
"""

from __future__ import annotations

import errno as _errno
import os


def one_line(text: str) -> str:
    """As it may be shown: what is quoted was named by others, a container say, and may have line ends and
    a terminal's control characters in it."""
    return "".join([c if c.isprintable() else ascii(c)[1:-1] for c in text])


class ArgtraceError(Exception):
    """The base of all our errors. `remedy`: one sentence for the user, or None."""

    of_machine = False
    """Whether `argtrace doctor` says more."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(one_line(message))
        self.remedy = remedy


class FormatError(ArgtraceError):
    """Bytes or text that are not what they claim to be."""

    def __init__(self, source: str, offset: int, expected: str) -> None:
        super().__init__(f"{source}: at offset {offset}: expected {expected}")
        self.source = source
        self.offset = offset
        self.expected = expected


class NotFound(ArgtraceError, LookupError):
    """A name nobody knows. `similar` are close matches, best first."""

    def __init__(self, name: str, looked_in: str, similar: tuple[str, ...] = ()) -> None:
        hint = f" (did you mean {', '.join(similar)}?)" if similar else ""
        super().__init__(f"{looked_in}: no '{name}'{hint}")
        self.name = name
        self.looked_in = looked_in
        self.similar = similar


class NotSupported(ArgtraceError):
    """We asked the kernel or the machine for a feature, and the answer was no."""

    of_machine = True

    def __init__(self, feature: str, *, since: str | None = None, remedy: str | None = None) -> None:
        when = f" (Linux {since} has it)" if since else ""
        super().__init__(f"not supported here: {feature}{when}", remedy=remedy)
        self.feature = feature
        self.since = since


class NotPermitted(ArgtraceError, PermissionError):
    """The kernel refused for want of a right. `needs` names what is missing."""

    of_machine = True

    def __init__(self, wanted: str, needs: tuple[str, ...], *, remedy: str | None = None) -> None:
        ArgtraceError.__init__(self, f"not permitted: {wanted}: needs {', '.join(needs)}", remedy=remedy)
        self.wanted = wanted
        self.needs = needs


class KernelRefused(ArgtraceError, OSError):
    """A system call of ours failed in a way we have no better name for."""

    def __init__(self, call: str, errno: int, *, remedy: str | None = None) -> None:
        name = _errno.errorcode.get(errno, str(errno))
        ArgtraceError.__init__(self, f"{call}: {name} ({os.strerror(errno)})", remedy=remedy)
        self.call = call
        self.errno = errno


class VerifierRejected(KernelRefused):
    """The verifier refused a program. Shows the telling line, keeps the whole log."""

    def __init__(self, program: str, errno: int, log: str) -> None:
        super().__init__(
            f"bpf(BPF_PROG_LOAD, {program})",
            errno,
            remedy="this is a fault of argtrace or of the kernel: --debug shows the verifier's whole log",
        )
        self.program = program
        self.log = log

    def __str__(self) -> str:
        return f"{super().__str__()}: {telling_line(self.log) or 'the verifier wrote no log'}"


class OutputFailed(ArgtraceError):
    """What we decoded could not be written: full disk, closed pipe."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"cannot write to {target}: {reason}")
        self.target = target
        self.reason = reason


def telling_line(log: str) -> str:
    """The line of a verifier log that says why: the last one that is not statistics.

    Linux 7.3 explains it below, with advice to whoever writes programs."""
    for line in reversed(log.partition("\nVerification failed: ")[0].splitlines()):
        text = line.strip()
        # "processed 23 insns (limit 1000000) max_states_per_insn 0 …" ends every log.
        if text and not text.startswith(("processed ", "verification time ", "stack depth ")):
            return text
    return ""
