"""`argtrace exec`: one line a program start, with what it was started with, and how it ended.

Targets, output and exit status are those of a trace; `--name` and `--exe` choose among starts, whoever
makes them.
"""

from __future__ import annotations

import argparse
import time
from argparse import Namespace
from typing import TYPE_CHECKING

from argtrace import processes
from argtrace.cli import options, targets, trace

if TYPE_CHECKING:
    from argtrace.options import Options
    from argtrace.present import Sink
    from argtrace.present.execs import ExecSink
    from argtrace.ptrace.session import PtraceSession
    from argtrace.session import Session

EPILOG = """\
examples:
  argtrace exec -- make                        what a build runs, with all arguments
  argtrace exec -a                             what everybody starts, until Ctrl-C
  argtrace exec --name 'python*' --env PATH,PYTHONPATH
                                               starts of these, with two variables
  argtrace exec -u www-data --ignore-failed    what a user starts
  argtrace exec --json -o starts.json --env -- ./app
                                               for programs to read (docs/reference/execs.md)

Behind # is what is no part of the command: a line from COMMAND on can be pasted into a shell.
"""

SCHEMA = 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="argtrace exec",
        usage="argtrace exec [OPTIONS] [--] COMMAND [ARG...]\n"
        "       argtrace exec [OPTIONS] -a|-p PID|--name GLOB|...",
        description="Show program starts, failed ones too, and how they ended.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    targets.add_options(top, starts=True)
    shown = top.add_argument_group("what to show")
    shown.add_argument("--ignore-failed", dest="failed", action="store_false", help="only starts that worked")
    shown.add_argument(
        "--env", metavar="NAME[,NAME...]", nargs="?", const="", action="append",
        help="the environment before the command: all of it, or these variables (write -- before COMMAND)",
    )  # fmt: skip
    shown.add_argument(
        "--cwd", action="store_true", help="the working directory of each, not only where it matters"
    )
    shown.add_argument(
        "--show-cgroup", action="store_true", help="the cgroup of each; its container is always shown"
    )
    ends = shown.add_mutually_exclusive_group()
    ends.add_argument("-q", "--quiet", action="count", default=0, help="no lines for ends")
    ends.add_argument(
        "--at-end", action="store_true", help="one line a program, when it has ended, with its run time"
    )
    shown.add_argument(
        "--max-events", metavar="N", type=options.count, help="stop after N lines; the command goes on"
    )

    output = top.add_argument_group("output")
    output.add_argument(
        "-o", "--output", metavar="FILE",
        help="a file, '|COMMAND', or - for standard output (default: standard error)",
    )  # fmt: skip
    output.add_argument("--json", action="store_true", help="a JSON object a line (docs/reference/execs.md)")
    output.add_argument("-T", "--time", dest="absolute", action="store_true", help="time of day")
    output.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto",
        help="default: auto, on a terminal unless NO_COLOR is set",
    )  # fmt: skip
    output.add_argument(
        "-v", "--verbose", action="count", default=0, help="how many starts there were, at the end"
    )
    options.add_other(top)
    top.set_defaults(summary=None, delay=0, switch_on=[], switch_off=[], usage=None)
    return top


def main(arguments: list[str]) -> int:
    top = parser()
    wanted = top.parse_args(arguments)
    words = options.command(wanted.command)
    wanted.command = words
    choose(wanted)
    targets.check(top, wanted, words)
    return trace.start(wanted, words, _Run)


def choose(wanted: Namespace) -> None:
    """Names are those of what is started: whoever starts it, if nobody was said."""
    wanted.patterns = (*wanted.names, *wanted.exes)
    wanted.names, wanted.exes = [], []
    aimed = wanted.command or wanted.pids or wanted.tids or targets.standing(wanted)
    if wanted.patterns and not aimed:
        wanted.everyone = True


def environment(wanted: Namespace) -> frozenset[bytes] | None:
    """Names, none for all; None: nothing of it."""
    if wanted.env is None:
        return None
    if "" in wanted.env:
        return frozenset()
    return frozenset(
        name.strip().encode(errors="surrogateescape") for text in wanted.env for name in text.split(",")
    )


class _Run(trace.Run):
    """A trace of execs alone."""

    _shown: ExecSink

    def _options(self) -> Options:
        from argtrace.decode.execs import CALLS  # noqa: PLC0415 (after the fork)
        from argtrace.fetch.limits import Limits  # noqa: PLC0415
        from argtrace.options import Options  # noqa: PLC0415

        return Options(
            calls=CALLS,
            limits=Limits(whole=True),
            ring=self._ring(),
            follow=self._wanted.follow,
            targets=targets.targets(self._wanted),
            settings=True,
            paced=self._paced(),
        )

    def _sink(self, session: Session | PtraceSession) -> Sink:
        from argtrace.decode.execs import Execs, Wanted  # noqa: PLC0415 (after the fork)
        from argtrace.present.execs import HEAD, ExecSink, Look  # noqa: PLC0415

        wanted = self._wanted
        look = Look(
            origin=session.origin,
            realtime=session.realtime,
            absolute=wanted.absolute,
            environment=environment(wanted),
            cwd=wanted.cwd,
            cgroup=wanted.show_cgroup,
            ends=not wanted.quiet,
            at_end=wanted.at_end,
            color=trace.color(wanted.color, self._output.fileno()),
        )
        sink = ExecSink(
            self._output, Execs(Wanted(wanted.patterns, wanted.failed)), look, objects=wanted.json
        )
        if wanted.json:
            sink.line(self._beginning(session, SCHEMA))
        else:
            self._output.write(HEAD + "\n")
        self._shown = sink
        return sink

    def _tend(self) -> None:
        self._shown.look(processes.gone, time.clock_gettime_ns(time.CLOCK_MONOTONIC))

    def _close(self, session: Session | PtraceSession, sink: Sink) -> None:
        self._shown.still_running(time.clock_gettime_ns(time.CLOCK_MONOTONIC))
        super()._close(session, sink)
