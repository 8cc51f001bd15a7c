"""`argtrace [OPTIONS] -- COMMAND`: trace, print, end as the command ended.

The child is forked before anything heavy is imported: it is small then, and
waits while the rest is set up.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys
from argparse import Namespace
from types import FrameType
from typing import TYPE_CHECKING

from argtrace import __version__, address_space, backend, native
from argtrace.backpressure import Backpressure
from argtrace.cli import FAILED, options, report, say, summary, targets
from argtrace.errors import ArgtraceError, OutputFailed
from argtrace.guard_protocol import LEAST_RING
from argtrace.present import output as outputs
from argtrace.processes import Command, CommandFailed, given_environment

if TYPE_CHECKING:
    from argtrace.backend import Choice
    from argtrace.options import Options
    from argtrace.present import Sink
    from argtrace.ptrace.session import PtraceSession
    from argtrace.session import Session


def main(arguments: list[str]) -> int:
    parser = options.parser()
    wanted = parser.parse_args(arguments)
    words = options.command(wanted.command)
    wanted.command = words
    targets.check(parser, wanted, words)
    summary.check(parser, wanted)
    return start(wanted, words, Run)


def start(wanted: Namespace, words: list[str], kind: type[Run]) -> int:
    """Start the command, if there is one, and trace; the exit status."""
    address_space.ask()
    choice = backend.choose(wanted.backend)
    with contextlib.ExitStack() as stack:
        command = backpressure = None
        if words:
            command = Command(words, given_environment())
            stack.callback(command.close)
            held = wanted.backpressure is not False and wanted.summary != "alone"
            if choice.name == backend.BPF and held:
                backpressure = Backpressure(command.pid)
                stack.callback(backpressure.close)
        output = _output(wanted.output)
        stack.callback(output.abandon)
        return kind(wanted, command, output, backpressure, choice).run()


def _output(target: str | None) -> outputs.Output:
    if target is None:
        return outputs.to_stderr()
    if target == "-":
        return outputs.Output(1, "standard output", keep=True)
    if target.startswith("|"):
        return outputs.to_program(target[1:])
    return outputs.to_file(target)


def _session(chosen: Options) -> Session:
    from argtrace import start  # noqa: PLC0415 (after the fork)

    begun = start.begin(chosen)
    try:
        # Meanwhile programs are being loaded.
        from argtrace.session import Session  # noqa: PLC0415

        return Session(chosen, begun=begun)
    except BaseException:
        begun.close()
        raise


def _ptrace(chosen: Options, wanted: Namespace) -> PtraceSession:
    from argtrace.ptrace.session import PtraceSession  # noqa: PLC0415 (after the fork)

    # A filter outlives its tracer, who is to leave after so many lines.
    return PtraceSession(chosen, filtered=wanted.max_events is None)


class Run:
    """One trace, from its options to its exit status."""

    def __init__(
        self,
        wanted: Namespace,
        command: Command | None,
        output: outputs.Output,
        backpressure: Backpressure | None,
        choice: Choice,
    ) -> None:
        self._choice = choice
        self._wanted = wanted
        self._command = command
        self._output = output
        self._backpressure = backpressure
        self._events = 0
        self._broken = False
        self._stopped_by: int | None = None
        self._interrupts = 0

    def _ring(self) -> int:
        from argtrace.options import DEFAULT_RING, HELD_RING  # noqa: PLC0415 (after the fork)

        ring: int = self._wanted.buffer or (DEFAULT_RING if self._backpressure is None else HELD_RING)
        return ring if self._backpressure is None else max(ring, LEAST_RING)

    def _paced(self) -> bool:
        wish: bool | None = self._wanted.backpressure
        return self._command is not None if wish is None else wish

    def _options(self) -> Options:
        # After the fork: keep the child small.
        from argtrace.fetch.filters import Filters  # noqa: PLC0415
        from argtrace.options import Options  # noqa: PLC0415

        wanted = self._wanted
        return Options(
            calls=tuple(wanted.calls),
            filters=Filters(wanted.failed, tuple(wanted.errnos), wanted.duration),
            limits=options.limits(wanted),
            ring=self._ring(),
            follow=wanted.follow,
            naming=options.naming(wanted),
            dumped=wanted.dump,
            summary=summary.summing(wanted),
            origins=frozenset(wanted.show),
            targets=targets.targets(wanted),
            window=targets.window(wanted),
            paced=self._paced(),
        )

    def run(self) -> int:
        wanted = self._wanted
        with contextlib.ExitStack() as stack:
            session = self._begin(stack, self._options())
            self._watch_signals(session)
            for pid in wanted.pids:
                session.attach(pid)
            for tid in wanted.tids:
                session.attach_thread(tid)
            refused = self._release(session)
            stays = session.give_up_rights()
            if stays is not None and wanted.verbose:
                report(stays)
            gc.freeze()
            gc.enable()
            if self._backpressure is not None and self._backpressure.refused and not wanted.quiet:
                report(self._backpressure.refused)
            sink = self._sink(session)
            if wanted.summary == "alone":
                sink = summary.Silent(sink)
            try:
                self._show(session, sink)
                self._close(session, sink)
            except OutputFailed as failed:
                self._broken = True
                session.close()
                report(failed)
                if self._command is not None and not self._command.ended():
                    say("tracing has stopped; the command goes on")
            lost = self._lost(session)
        if self._backpressure is not None and self._backpressure.left:
            say(f"{self._backpressure.left} stays: the command made cgroups in it that are still there")
        if refused is not None:
            raise refused
        return self._status(lost)

    def _begin(self, stack: contextlib.ExitStack, chosen: Options) -> Session | PtraceSession:
        """Who traces: BPF, or ptrace where BPF is refused before the command has begun."""
        wanted = self._wanted
        session: Session | PtraceSession | None = None
        if self._choice.name == backend.BPF:
            try:
                session = stack.enter_context(_session(chosen))
            except ArgtraceError as refused:
                instead = backend.instead(refused) if wanted.backend == backend.AUTO else None
                if instead is None:
                    raise
                self._choice = instead
                if self._backpressure is not None:
                    self._backpressure.close()
                    self._backpressure = None
        if session is None:
            if (what := backend.beyond_ptrace(chosen)) is not None:
                raise backend.refuse(what, self._choice)
            session = stack.enter_context(_ptrace(chosen, wanted))
        unasked = self._choice.name == backend.PTRACE and wanted.backend == backend.AUTO
        if wanted.verbose or (unasked and not wanted.quiet):
            say(backend.told(self._choice))
        return session

    def _release(self, session: Session | PtraceSession) -> CommandFailed | None:
        """Start the command. A refused exec is shown like any call, then it is our failure."""
        try:
            if self._command is not None:
                session.run(self._command, self._backpressure)
        except CommandFailed as failed:
            return failed
        return None

    def _show(self, session: Session | PtraceSession, sink: Sink) -> None:
        limit = self._wanted.max_events
        lines = session.lines(sink, limit)
        if lines is None and native.missing():
            self._tell_of_python()
        for events in session.batches(lazy=False):
            for event in events:
                if lines is not None:
                    sink.output.write(lines.event(event))
                elif limit is None or self._events < limit:
                    self._events += sink.event(event)
            if lines is not None:
                self._events = lines.shown
            self._tend()
            sink.flush()
            if limit is not None and self._events >= limit:
                session.stop()
                break

    def _tend(self) -> None:
        """Between batches."""

    def _tell_of_python(self) -> None:
        """Once on a machine: why this is slow."""
        from argtrace import cache  # noqa: PLC0415 (start-up: seldom needed)

        told = os.path.join(cache.directory(), "told-of-python")
        if not os.path.exists(told):
            say("the native executor was not built: lines are written by Python, some 50 times slower; "
                "install gcc and argtrace anew, or set ARGTRACE_PURE=1 to want it so")  # fmt: skip
            cache.write(told, b"")

    def _sink(self, session: Session | PtraceSession) -> Sink:
        from argtrace.fetch.limits import Limits  # noqa: PLC0415
        from argtrace.present import escape, spell, text  # noqa: PLC0415

        wanted = self._wanted
        if wanted.json:
            from argtrace.present import jsonl  # noqa: PLC0415

            sink = jsonl.JsonSink(self._output)
            sink.line(self._beginning(session, jsonl.SCHEMA))
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
            color=color(wanted.color, self._output.fileno()),
            to_file=wanted.output is not None,
        )
        style = text.Strace(look) if wanted.style == "strace" else text.Perf(look)
        return text.TextSink(self._output, style, wanted.dump)

    def _beginning(self, session: Session | PtraceSession, schema: int) -> dict[str, object]:
        """The first object."""
        from argtrace.present import jsonl  # noqa: PLC0415

        return {
            "type": "start",
            "schema": schema,
            "version": __version__,
            "kernel": os.uname().release,
            "arch": os.uname().machine,
            "time": session.origin,
            "realtime": session.origin + session.realtime,
            "command": self._command and [jsonl.unicode(word) for word in self._command.argv],
            "pids": self._wanted.pids,
        }

    def _close(self, session: Session | PtraceSession, sink: Sink) -> None:
        """The closing words: in the stream for JSON, beside it for people."""
        lost = self._lost(session)
        by_call = session.lost_by_call() if lost else {}
        if self._wanted.summary is not None:
            summary.show(session, self._wanted, sink)
        if self._wanted.json:
            from argtrace.present import jsonl  # noqa: PLC0415

            end = {"type": "end", "events": self._events, "lost": lost, "lost_by_call": by_call}
            sink.output.write(jsonl.encode(end) + "\n")
        sink.close()
        if lost or self._wanted.verbose:
            which = ", ".join(f"{name} {count}" for name, count in by_call.items())
            say(f"{self._events} events, {lost} lost" + (f": {which}" if which else ""))
        if self._backpressure is not None:
            held, seconds = self._backpressure.held
            if held and self._wanted.verbose:
                say(
                    f"the command was frozen {held} times, {seconds:.3f} s in all, for its records to be read"
                )

    def _lost(self, session: Session | PtraceSession) -> int:
        # What `-s` counts does not come by the buffer.
        return 0 if self._wanted.summary == "alone" else session.lost

    def _watch_signals(self, session: Session | PtraceSession) -> None:
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


def color(wish: str, fd: int) -> bool:
    """Whether to write colours there."""
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
