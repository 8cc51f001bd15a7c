"""`argtrace [OPTIONS] -- COMMAND`: trace, print, end as the command ended.

The child is forked before anything heavy is imported: it is small then, and
waits while the rest is set up.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from argparse import Namespace
from types import FrameType
from typing import TYPE_CHECKING

from argtrace import __version__
from argtrace.cli import FAILED, options, report, say
from argtrace.errors import OutputFailed
from argtrace.present import output as outputs
from argtrace.processes import Command, CommandFailed, given_environment

if TYPE_CHECKING:
    from argtrace.present import Sink
    from argtrace.session import Session


def main(arguments: list[str]) -> int:
    parser = options.parser()
    wanted = parser.parse_args(arguments)
    words = options.command(wanted.command)
    if bool(words) == bool(wanted.pids):
        parser.error("a COMMAND or -p PID, not both" if words else "no COMMAND to start, no -p PID")
    with contextlib.ExitStack() as stack:
        command = None
        if words:
            command = Command(words, given_environment())
            stack.callback(command.close)
        output = _output(wanted.output)
        stack.callback(output.abandon)
        return _Run(wanted, command, output).run()


def _output(target: str | None) -> outputs.Output:
    if target is None:
        return outputs.to_stderr()
    if target == "-":
        return outputs.Output(1, "standard output", keep=True)
    if target.startswith("|"):
        return outputs.to_program(target[1:])
    return outputs.to_file(target)


class _Run:
    """One trace, from its options to its exit status."""

    def __init__(self, wanted: Namespace, command: Command | None, output: outputs.Output) -> None:
        self._wanted = wanted
        self._command = command
        self._output = output
        self._events = 0
        self._broken = False
        self._stopped_by: int | None = None
        self._interrupts = 0

    def run(self) -> int:
        # After the fork: keep the child small.
        from argtrace import prepare as prepares  # noqa: PLC0415
        from argtrace import session as sessions  # noqa: PLC0415
        from argtrace.fetch.predicates import Filters  # noqa: PLC0415

        wanted = self._wanted
        chosen = prepares.Options(
            calls=tuple(wanted.calls),
            filters=Filters(wanted.failed, tuple(wanted.errnos), wanted.duration),
            limits=options.limits(wanted),
            ring=wanted.buffer or prepares.DEFAULT_RING,
            follow=wanted.follow,
            naming=options.naming(wanted),
            dumped=wanted.dump,
        )
        with sessions.Session(chosen) as session:
            self._watch_signals(session)
            for pid in wanted.pids:
                session.attach(pid)
            refused = self._release(session)
            sink = self._sink(session)
            try:
                self._show(session, sink)
                self._close(session, sink)
            except OutputFailed as failed:
                self._broken = True
                session.close()
                report(failed)
                if self._command is not None and not self._command.ended():
                    say("tracing has stopped; the command goes on")
            lost = session.lost
        if refused is not None:
            raise refused
        return self._status(lost)

    def _release(self, session: Session) -> CommandFailed | None:
        """Start the command. A refused exec is shown like any call, then it is our failure."""
        try:
            if self._command is not None:
                session.run(self._command)
        except CommandFailed as failed:
            return failed
        return None

    def _show(self, session: Session, sink: Sink) -> None:
        limit = self._wanted.max_events
        for events in session.batches():
            for event in events:
                if limit is not None and self._events >= limit:
                    session.stop()
                    break
                self._events += sink.event(event)
            else:
                if not events:
                    sink.flush()
                continue
            break

    def _sink(self, session: Session) -> Sink:
        from argtrace.fetch.derive import Limits  # noqa: PLC0415
        from argtrace.present import escape, jsonl, spell, text  # noqa: PLC0415

        wanted = self._wanted
        if wanted.json:
            sink = jsonl.JsonSink(self._output)
            sink.line(
                {
                    "type": "start",
                    "schema": jsonl.SCHEMA,
                    "version": __version__,
                    "kernel": os.uname().release,
                    "arch": os.uname().machine,
                    "time": session.origin,
                    "realtime": session.origin + session.realtime,
                    "command": self._command and [jsonl.unicode(word) for word in self._command.argv],
                    "pids": wanted.pids,
                }
            )
            return sink
        look = text.Options(
            origin=session.origin,
            realtime=session.realtime,
            absolute=wanted.absolute,
            spelling=spell.Spelling(
                constants=spell.Constants(wanted.constants),
                hex=escape.Hex(options.strings_in_hex(wanted)),
                pretty=wanted.pretty,
                verbose=wanted.verbose > 0,
                buffer_limit=Limits().buffers if wanted.dump and wanted.string_limit is None else None,
            ),
            quiet=wanted.quiet > 0,
            color=_color(wanted.color, self._output.fileno()),
            to_file=wanted.output is not None,
        )
        style = text.Strace(look) if wanted.style == "strace" else text.Perf(look)
        return text.TextSink(self._output, style, wanted.dump)

    def _close(self, session: Session, sink: Sink) -> None:
        """The closing words: in the stream for JSON, beside it for people."""
        by_call = session.lost_by_call() if session.lost else {}
        if self._wanted.json:
            end = {"type": "end", "events": self._events, "lost": session.lost, "lost_by_call": by_call}
            sink.line(end)  # type: ignore[attr-defined]
        sink.close()
        if session.lost or self._wanted.verbose:
            which = ", ".join(f"{name} {count}" for name, count in by_call.items())
            say(f"{self._events} events, {session.lost} lost" + (f": {which}" if which else ""))

    def _watch_signals(self, session: Session) -> None:
        """Ctrl-C is the command's first; a second one, or one with no command, is ours."""

        def handle(number: int, _: FrameType | None) -> None:
            self._interrupts += 1
            theirs = self._command is not None and not self._command.ended()
            if number == signal.SIGINT and theirs and self._interrupts == 1:
                return
            self._stopped_by = number
            session.stop()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handle)

    def _status(self, lost: int) -> int:
        if self._command is None:
            return self._own_status(lost)
        if self._stopped_by is not None and not self._command.ended():
            # As strace does: what ends the tracer ends the command it started.
            self._command.kill(self._stopped_by)
            _die(self._stopped_by)
        status = self._command.wait()
        if os.WIFSIGNALED(status):
            _die(os.WTERMSIG(status))
        return self._own_status(lost) or os.WEXITSTATUS(status)

    def _own_status(self, lost: int) -> int:
        return FAILED if self._broken or (lost and self._wanted.strict) else 0


def _color(wish: str, fd: int) -> bool:
    if wish != "auto":
        return wish == "always"
    # https://no-color.org: set to anything but the empty string.
    return os.isatty(fd) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _die(number: int) -> None:
    """End by a signal, without a core dump of ours beside the command's."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    sys.stdout.flush()
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
