"""What are the signals called, and the codes that say why one was sent?

Source: asm/signal.h and asm-generic/signal.h for signals, asm-generic/siginfo.h for codes.

Of two names for a number the header's first counts (SIGABRT before SIGIOT, SIGSYS before
SIGUNUSED). Real-time signals are counted from the kernel's SIGRTMIN, 32, and spelled as
strace does: SIGRTMIN, then SIGRT_1 to SIGRT_32; glibc keeps 32 and 33 for itself and calls
34 SIGRTMIN. SIGIO and SIGPOLL are one number, and either name finds its codes.

Facts: ("signal", 2) -> "SIGINT", ("code", "SIGSEGV", 1) -> "SEGV_MAPERR".
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from tools.committed import SYSCALL_NOTE, ConflictError, Stated, Table, Unread, dictionary, run, spell, values
from tools.headers import UnreadError, defines, find, version

if TYPE_CHECKING:
    import argparse

    from tools.committed import Facts

# The prefix of a code -> the signals it comes with; "" is any signal.
_CODES = {
    "SI": ("",),
    "ILL": ("SIGILL",),
    "FPE": ("SIGFPE",),
    "SEGV": ("SIGSEGV",),
    "BUS": ("SIGBUS",),
    "TRAP": ("SIGTRAP",),
    "CLD": ("SIGCHLD",),
    "POLL": ("SIGIO", "SIGPOLL"),
    "SYS": ("SIGSYS",),
}
# Numbers that are no codes, though their names begin like one.
_NO_CODES = {"SI_MAX_SIZE"}


def signals(text: str, last: int) -> Facts:
    """The names of asm/signal.h, and real-time names up to the last number."""
    known = {name: int(number) for name, number in defines(text).items() if re.fullmatch(r"\d+", number)}
    first = known["SIGRTMIN"]
    facts: Facts = {}
    for name, number in known.items():
        # SIGSTKSZ, which is a size, is above them all.
        if re.fullmatch(r"SIG[A-Z0-9]+", name) and 0 < number <= first:
            facts.setdefault(("signal", number), name)
    return facts | {("signal", number): f"SIGRT_{number - first}" for number in range(first + 1, last + 1)}


def codes(text: str) -> Facts:
    """The codes of siginfo.h. A name that begins with __ is of a machine long gone."""
    facts: Facts = {}
    for name, number in defines(text).items():
        # Not a plain number: TRAP_PERF_FLAG_ASYNC, which is a flag of another field.
        if name not in _NO_CODES and re.fullmatch(r"-?\d+|0x[0-9a-f]+", number):
            for signal in _CODES.get(name.split("_")[0], ()):
                other = facts.setdefault(("code", signal, int(number, 0)), name)
                if other != name:
                    raise ConflictError(f"{other} and {name} are one number")
    return facts


def _state(options: argparse.Namespace) -> list[Stated | Unread]:
    try:
        release = version(options.headers)
        last = int(defines(find(options.headers, "asm-generic/signal.h").read_text())["_NSIG"])
        return [
            Stated("asm/signal.h", release, signals(find(options.headers, "asm/signal.h").read_text(), last)),
            Stated(
                "asm-generic/siginfo.h",
                release,
                codes(find(options.headers, "asm-generic/siginfo.h").read_text()),
            ),
        ]
    except UnreadError as error:
        return [Unread(str(error))]


def _unpack(text: str) -> Facts:
    known = values(text)
    facts: Facts = {("signal", number): name for number, name in known.get("SIGNALS", {}).items()}
    for signal, names in known.get("SI_CODES", {}).items():
        facts |= {("code", signal, number): name for number, name in names.items()}
    return facts


def _render(facts: Facts) -> str:
    names = sorted((key[1], name) for key, name in facts.items() if key[0] == "signal")
    text = dictionary("SIGNALS", "dict[int, str]", names)
    text += "\nSI_CODES: dict[str, dict[int, str]] = {\n"
    for signal in (each for group in _CODES.values() for each in group):
        text += f"    {spell(signal)}: {{\n"
        # From 0 up, then from -1 down: SI_USER first.
        found = {int(key[2]): name for key, name in facts.items() if key[:2] == ("code", signal)}
        for number, name in sorted(found.items(), key=lambda entry: (entry[0] < 0, abs(entry[0]))):
            text += f"        {number}: {spell(name)},\n"
        text += "    },\n"
    return text + "}\n"


TABLES = (
    Table(
        "argtrace/decode/tables/signals.py",
        "tools/signal_table.py",
        'Signals of x86-64: number -> name; SI_CODES signal ("" for any) -> code -> name.',
        SYSCALL_NOTE,
        _state,
        _unpack,
        _render,
    ),
)

if __name__ == "__main__":
    sys.exit(run("signal_table", TABLES))
