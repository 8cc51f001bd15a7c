"""The options of argtrace, and what their words mean.

Letters follow perf trace and strace where those agree (-e -f -o -p -v -q); where
they differ the help says whose meaning a letter has.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Container, Sequence

from argtrace import __version__
from argtrace.cli import summary, targets
from argtrace.fetch.limits import Limits

EPILOG = """\
examples:
  argtrace -- ls -l                              every call of ls
  argtrace -e openat,%network -- curl URL        some calls, some classes
  argtrace --failure -- make                     what fails
  argtrace --duration 10 -p 1234                 what takes more than 10 ms
  argtrace -u www-data --failure                 what fails for a user, whoever it is
  argtrace --container 4f1c --show cgroup        a container, and which calls are whose
  argtrace -s --by errno -- make                 counts, errors and times of each call
  argtrace --json -o trace.json -- ./app         for programs to read
  argtrace -o '|grep hosts' -- getent hosts x    through a filter
  argtrace plan -e execve --cost                 what would be fetched, and its price
  argtrace doctor                                what this machine allows, and the cures

exit status: the command's own, or its signal; 125 argtrace failed, 126/127 the
command could not be started, 2 wrong options.
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="argtrace",
        usage="argtrace [OPTIONS] [--] COMMAND [ARG...]\n"
        "       argtrace [OPTIONS] -p PID | -u USER | --name NAME | --container ID | -a\n"
        "       argtrace exec [OPTIONS] ...\n"
        "       argtrace plan [OPTIONS]\n       argtrace doctor [--json]",
        description="Show the system calls of a command and its children, of processes, or of all, with "
        "their arguments.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    targets.add_options(top)

    events = top.add_argument_group("which calls (decided in the kernel)")
    add_selection(events)
    result = events.add_mutually_exclusive_group()
    result.add_argument(
        "--failure", "--failed-only", "-Z", dest="failed", action="store_const", const=True,
        help="only calls that failed",
    )  # fmt: skip
    result.add_argument(
        "--success", "--successful-only", "-z", dest="failed", action="store_const", const=False,
        help="only calls that did not fail",
    )  # fmt: skip
    events.add_argument(
        "--errno", dest="errnos", metavar="NAME[,NAME...]", type=_list(errno), default=[], action="extend",
        help="only calls that failed with these: ENOENT,EACCES",
    )  # fmt: skip
    events.add_argument(
        "--duration", metavar="MS", type=_milliseconds, default=0,
        help="only calls of at least MS milliseconds",
    )  # fmt: skip
    events.add_argument(
        "--max-events", metavar="N", type=count, help="stop tracing after N lines; the command goes on"
    )

    targets.add_window(events)

    summary.add_options(top)

    output = top.add_argument_group("output")
    output.add_argument(
        "-o", "--output", metavar="FILE",
        help="a file, '|COMMAND', or - for standard output (default: standard error)",
    )  # fmt: skip
    output.add_argument(
        "--style", choices=("perf", "strace"), default="perf", help="layout of lines (default: perf)"
    )
    output.add_argument("--json", action="store_true", help="a JSON object a line (docs/reference/json.md)")
    output.add_argument(
        "-T", "--time", dest="absolute", action="store_true",
        help="full time stamps: ms of the clock as perf's -T, time of day in strace style",
    )  # fmt: skip
    output.add_argument(
        "--show", metavar="LIST", type=_origins, action="extend", default=[],
        help="of each call cpu (where it began), uid, cgroup (and its container), or all",
    )  # fmt: skip
    output.add_argument("--show-cpu", dest="show", action="append_const", const="cpu", help=argparse.SUPPRESS)
    output.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto",
        help="default: auto, on a terminal unless NO_COLOR is set",
    )  # fmt: skip
    add_names(output)
    _add_spelling(output)
    output.add_argument(
        "-v", "--verbose", action="count", default=0,
        help="structures, arrays and environments in full; statistics",
    )  # fmt: skip
    output.add_argument("-q", "--quiet", action="count", default=0, help="no lines for exits")

    add_other(top)
    return top


def add_other(top: argparse.ArgumentParser) -> None:
    """What every trace has."""
    other = top.add_argument_group("other")
    other.add_argument(
        "--backend", choices=("auto", "bpf", "ptrace"), default="auto",
        help="who traces: bpf; ptrace, which needs no rights (docs/backends.md); default: the first that can",
    )  # fmt: skip
    other.add_argument(
        "--buffer", metavar="SIZE", type=size, default=None,
        help="of the kernel's buffer (default: 64M; 32M and at least 1M where a command may be frozen)",
    )  # fmt: skip
    other.add_argument(
        "--backpressure", action="store_true", default=None,
        help="slow down processes that argtrace did not start, too, while the buffer is full",
    )  # fmt: skip
    other.add_argument(
        "--no-backpressure", dest="backpressure", action="store_false",
        help="never slow or freeze the command: records are lost if the buffer fills (docs/reliability.md)",
    )  # fmt: skip
    other.add_argument("--strict", action="store_true", help="exit with 125 if any record was lost")
    other.add_argument("--debug", action="store_true", help="tracebacks for errors of our own")
    other.add_argument("--version", action="version", version=f"argtrace {__version__}")
    other.add_argument("-h", "--help", action="help", help="this text")


def add_names(group: argparse._ActionsContainer) -> None:
    """Which numbers get a name: shared by `trace` and `plan`."""
    group.add_argument(
        "-y", dest="descriptors", action="count", default=0,
        help="paths of descriptors, absolute paths; -yy: ends of sockets, devices, processes of pidfds too",
    )  # fmt: skip
    group.add_argument(
        "--decode-fds", dest="decode_fds", metavar="SET", type=_kinds, action="extend", default=[],
        help="the same by name: path,socket,dev,pidfd, or all (also as -e decode-fds=SET)",
    )  # fmt: skip
    group.add_argument(
        "-Y",
        "--decode-pids",
        dest="comms",
        action="store_true",
        help="names of traced processes at their ids",
    )


# What strace can decode of these is what they are called.
_NAMED_ALREADY = frozenset({"eventfd", "signalfd"})


def _kinds(text: str) -> list[str]:
    from argtrace.decode.naming import FILES  # noqa: PLC0415 (start-up: only if asked for)

    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in FILES | _NAMED_ALREADY | {"all", "none"}:
            known = ", ".join(sorted(FILES))
            raise argparse.ArgumentTypeError(f"'{word}' is nothing of a descriptor; write {known} or all")
    return sorted(FILES) if "all" in words else [word for word in words if word in FILES]


def _origins(text: str) -> list[str]:
    from argtrace.location.frames import ORIGINS  # noqa: PLC0415 (start-up: only if asked for)

    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in (*ORIGINS, "container", "all"):
            raise argparse.ArgumentTypeError(
                f"'{word}' is nothing of a call's; write {', '.join(ORIGINS)} or all"
            )
    return list(ORIGINS) if "all" in words else ["cgroup" if word == "container" else word for word in words]


class _Expression(argparse.Action):
    """`-e`: calls, or as strace has it which numbers get names."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 (argparse's interface)
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        text = str(values)
        qualifier, equals, rest = text.partition("=")
        if equals and qualifier in ("decode-fds", "decode-fd"):
            try:
                namespace.decode_fds = [*namespace.decode_fds, *_kinds(rest)]
            except argparse.ArgumentTypeError as error:
                raise argparse.ArgumentError(self, str(error)) from error
        elif text in ("decode-pids=comm", "decode-pid=comm"):
            namespace.comms = True
        else:
            namespace.calls = [*namespace.calls, text]


def naming(wanted: argparse.Namespace) -> frozenset[str]:
    """From -y, -yy, --decode-fds and -Y."""
    from argtrace.decode.naming import FILES, PATHS, PIDS  # noqa: PLC0415

    names = {*wanted.decode_fds, *((PATHS,) if wanted.descriptors else ())}
    if wanted.descriptors > 1:
        names |= FILES
    return frozenset(names | ({PIDS} if wanted.comms else set()))


def _add_spelling(group: argparse._ActionsContainer) -> None:
    """How values look in text."""
    group.add_argument(
        "-X", "--const-print-style", dest="constants", choices=("raw", "abbrev", "verbose"), default="abbrev",
        help="of what has a name: the number, the name (default), or both",
    )  # fmt: skip
    group.add_argument("--pretty", action="store_true", help="a member of a structure or array a line")
    group.add_argument(
        "-x", dest="hex", action="count", default=0,
        help="strings with characters that are no ASCII in hexadecimal; -xx: all strings",
    )  # fmt: skip
    group.add_argument(
        "--strings-in-hex", dest="strings_in_hex", action="store_const", const="all",
        help="the same as -xx; or =non-ascii (-x), =non-ascii-chars (only those characters), =none",
    )  # fmt: skip
    for which in ("none", "non-ascii-chars", "non-ascii", "all"):
        # Options of their own: the next word is the command's, not a value.
        group.add_argument(
            f"--strings-in-hex={which}", dest="strings_in_hex", action="store_const", const=which,
            help=argparse.SUPPRESS,
        )  # fmt: skip
    group.add_argument(
        "--dump", metavar="FD[,FD...]", type=_descriptors, default=(),
        help="below each call the data it read from or wrote to these descriptors, or all",
    )  # fmt: skip


def add_selection(group: argparse._ActionsContainer) -> None:
    """Options that decide what is fetched: shared by `trace` and `plan`. -e can mean one of `add_names`."""
    group.add_argument(
        "-e", "--trace", dest="calls", metavar="LIST", action=_Expression, default=[],
        help="names, globs (open*), /regex, classes (%%file %%network %%process %%memory %%signal %%desc "
        "%%ipc %%creds %%clock); a leading ! takes the list away",
    )  # fmt: skip
    group.add_argument(
        "--string-limit", metavar="N", type=_string_limit, default=None,
        help="bytes of a string or buffer to fetch (default: 4096 of a string, 32 of a buffer); 0 for all",
    )  # fmt: skip


def _list(item: Callable[[str], int]) -> Callable[[str], list[int]]:
    def parse(text: str) -> list[int]:
        return [item(part.strip()) for part in text.split(",") if part.strip()]

    return parse


def strings_in_hex(wanted: argparse.Namespace) -> str:
    """By name, from -x and --strings-in-hex; the latter says it more exactly."""
    chosen: str | None = wanted.strings_in_hex
    return chosen or ("none", "non-ascii", "all")[min(wanted.hex, 2)]


EVERY_DESCRIPTOR = range(1 << 31)


def _descriptors(text: str) -> Container[int]:
    if text == "all":
        return EVERY_DESCRIPTOR
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if not word.isdecimal() or int(word) not in EVERY_DESCRIPTOR:
            raise argparse.ArgumentTypeError(f"'{word}' is no file descriptor; write 0,2 or all")
    return frozenset(map(int, words))


def errno(text: str) -> int:
    """ENOENT or 2, to 2."""
    from argtrace.decode.tables.errno import ERRNO, RESTART  # noqa: PLC0415 (start-up: only if asked for)

    numbers = {name: number for table in (ERRNO, RESTART) for number, (name, _) in table.items()}
    if text.isdecimal() and 0 < int(text) <= 4095:
        return int(text)
    if text.upper() not in numbers:
        import difflib  # noqa: PLC0415 (start-up: only for mistakes)

        similar = difflib.get_close_matches(text.upper(), numbers, 3)
        hint = f" (did you mean {', '.join(similar)}?)" if similar else ""
        raise argparse.ArgumentTypeError(f"no error '{text}'{hint}")
    return numbers[text.upper()]


def _milliseconds(text: str) -> int:
    """To ns."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1e9:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of milliseconds")
    return int(value * 1_000_000)


def count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no positive number")
    return int(text)


# Bytes of a buffer in its call's record, where all of it is wanted: the rest is in chunks.
CHUNKED = 4096

# Elements of an array with -v.
MANY = 256
# Bytes of a directory's entries: what glibc's readdir(3) asks for at a time.
ENTRIES = 32768
# And of those whose pointers are followed.
FOLLOWED = 16
# Bytes of a buffer with --dump; the line itself shows as many as without.
DUMPED = 4096

# A path has at most 4096 bytes; four strings a call must fit a slot that the
# kernel allocates in one piece.
MAX_STRING = 16384


def limits(wanted: argparse.Namespace) -> Limits:
    """How much is fetched, from --string-limit, -v and --dump."""
    usual = Limits()
    if wanted.string_limit == 0:
        return Limits(buffers=CHUNKED, followed=FOLLOWED, elements=MANY, tables=ENTRIES, whole=True)
    return Limits(
        strings=wanted.string_limit or usual.strings,
        buffers=wanted.string_limit or (DUMPED if getattr(wanted, "dump", ()) else usual.buffers),
        followed=FOLLOWED if getattr(wanted, "verbose", 0) else usual.followed,
        tables=ENTRIES if getattr(wanted, "verbose", 0) else usual.tables,
        elements=MANY if getattr(wanted, "verbose", 0) else usual.elements,
    )


def _string_limit(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= MAX_STRING:
        raise argparse.ArgumentTypeError(f"'{text}' is not between 0 and {MAX_STRING}")
    return int(text)


_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_MIN_RING, _MAX_RING = 1 << 16, 1 << 30


def size(text: str) -> int:
    """64M to bytes, rounded up to a power of two as the kernel wants it."""
    digits = text.rstrip("kKmMgG")
    unit = _UNITS.get(text[len(digits) :].upper())
    if not digits.isdecimal() or unit is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no size: write 512K or 64M")
    value = int(digits) * unit
    if not _MIN_RING <= value <= _MAX_RING:
        raise argparse.ArgumentTypeError(f"'{text}' is not between 64K and 1G")
    return 1 << (value - 1).bit_length()


def command(words: Sequence[str]) -> list[str]:
    """The command's own words: without the `--` that set them apart."""
    return list(words[1:] if words and words[0] == "--" else words)
