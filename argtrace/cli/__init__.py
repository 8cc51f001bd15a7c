"""The command line: which command was asked for, and how failures end.

Exit status: the traced command's own; by the same signal, if one killed it; 125
if argtrace itself failed, 126 or 127 if the command could not be started (as
env(1) and timeout(1) have it); 2 for a wrong option.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from argtrace.errors import ArgtraceError, VerifierRejected, one_line

FAILED = 125
"""argtrace's own failure, as distinct from any that a command is likely to have."""

_COMMANDS = {
    "trace": "argtrace.cli.trace",
    "exec": "argtrace.cli.exec",
    "plan": "argtrace.cli.plan",
    "doctor": "argtrace.cli.doctor",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run argtrace. Returns the exit status; raises SystemExit for --help and usage errors."""
    _fill_standard_descriptors()
    arguments = list(sys.argv[1:] if argv is None else argv)
    # A program that is called as one of ours is traced with `argtrace -- plan`.
    name = arguments.pop(0) if arguments and arguments[0] in _COMMANDS else "trace"
    try:
        status: int = importlib.import_module(_COMMANDS[name]).main(arguments)
    except ArgtraceError as error:
        if "--debug" in arguments:
            import traceback  # noqa: PLC0415 (start-up: only for failures)

            traceback.print_exc()
            if isinstance(error, VerifierRejected):
                sys.stderr.write(error.log)
        report(error)
        return getattr(error, "status", FAILED)
    except (MemoryError, OSError, ImportError, RuntimeError, SystemError) as error:
        if "--debug" in arguments or (shortage := short_of(error)) is None:
            raise
        report(shortage)
        return FAILED
    except KeyboardInterrupt:
        return 130
    return status


_SHORTAGES = {
    errno.ENOMEM: ("memory", "raise `ulimit -v`, or memory.max of its cgroup"),
    errno.EMFILE: ("descriptors", "raise `ulimit -n`: some 60 suffice"),
    errno.ENFILE: ("descriptors of the machine's", "raise /proc/sys/fs/file-max"),
    errno.ENOSPC: ("room", "make some on its disk, or raise /proc/sys/fs/epoll/max_user_watches"),
    errno.EAGAIN: ("processes or threads", "raise `ulimit -u` or `ulimit -v`, or pids.max of its cgroup"),
}


def short_of(error: BaseException) -> ArgtraceError | None:
    """What argtrace itself is short of, by what Python made of it; None if that is something else."""
    number = error.errno if isinstance(error, OSError) else None
    # SystemError: Python itself did not look whether there was memory.
    if isinstance(error, (MemoryError, SystemError)):
        number = errno.ENOMEM
    elif isinstance(error, RuntimeError) and "start new thread" in str(error):
        number = errno.EAGAIN
    elif isinstance(error, ImportError):
        # The dynamic linker's words are all there is: "cannot open shared object file: Too many open files".
        mapping = ("failed to map", "cannot map", "cannot allocate", os.strerror(errno.ENOMEM))
        if any(words in str(error) for words in mapping):
            number = errno.ENOMEM
        elif os.strerror(errno.EMFILE) in str(error):
            number = errno.EMFILE
    if number not in _SHORTAGES:
        return None
    what, remedy = _SHORTAGES[number]
    return ArgtraceError(f"out of {what}: {str(error) or type(error).__name__}", remedy=remedy)


def run() -> NoReturn:
    """The program. Ends without taking Python apart, which takes longer than many commands run:
    what has to be given back has been, and what remains the kernel takes."""
    gc.disable()  # what is imported stays; `trace` turns it on again
    status = main()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None: we were started without
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def _fill_standard_descriptors() -> None:
    """A standard descriptor we were started without would be the next file we open.

    What fills it is closed again at the command's exec (PEP 446), which finds it as we did.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def report(error: ArgtraceError) -> None:
    """What went wrong, and the cure, on standard error."""
    more = "`argtrace doctor` says more" if error.of_machine else None
    remedy = "; ".join(filter(None, (error.remedy, more)))
    say(str(error), remedy)


def say(text: str, remedy: str = "") -> None:
    """A line to the user that is no part of the trace, and perhaps one with what can be done about it.

    Nobody to hear it is no failure.
    """
    lines = f"argtrace: {one_line(text)}\n" + (f"          {one_line(remedy)}\n" if remedy else "")
    with contextlib.suppress(OSError):
        os.write(2, lines.encode())
