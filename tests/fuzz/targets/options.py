"""Any words on the command line: options, or a sentence and status 2; never a traceback."""

from __future__ import annotations

import contextlib
import functools
import io
from argparse import ArgumentParser

from argtrace.cli import exec as exec_command
from argtrace.cli import options, plan, summary, targets
from argtrace.errors import ArgtraceError
from tests.fuzz.target import Target

VALUES = (
    *(b"512K", b"64M", b"1G", b"65536", b"1e9", b"1e-400", b"inf", b"nan", b"0", b"-1", b"9" * 5000),
    *("٣".encode(), "²".encode(), b"ENOENT", b"EACCES,2", b"0-3", b"3-0", b"0-99999999", b"root", b"1,2,all"),
    *(
        b"trace=openat",
        b"decode-fds=path,socket",
        b"decode-pids=comm",
        b"!%memory",
        b"cpu,uid",
        b"thread,errno",
    ),
    b"\xff",
)


@functools.cache
def _parsers() -> tuple[ArgumentParser, ...]:
    return options.parser(), exec_command.parser(), plan._parser()


@functools.cache
def _options() -> list[bytes]:
    every = {name for parser in _parsers() for action in parser._actions for name in action.option_strings}
    return [name.encode() for name in sorted(every)]


def check(data: bytes) -> None:
    which, data = data[0] % 3 if data else 0, data[1:]
    words = [word.decode(errors="surrogateescape") for word in data.split(b"\0")]
    parser = _parsers()[which]
    said = io.StringIO()
    status: int | str | None = 0
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            wanted = parser.parse_args(words)
            if which == 0:
                command = options.command(wanted.command)
                targets.check(parser, wanted, command)
                summary.check(parser, wanted)
                summary.summing(wanted)
                options.strings_in_hex(wanted)
            if which != 1:
                options.limits(wanted)
                options.naming(wanted)
            if which < 2:
                _targets(wanted)
        except SystemExit as ended:
            status = ended.code
        except ArgtraceError as error:
            status = str(error)
    assert status in (0, 2) or "\n" not in str(status)


def _targets(wanted: object) -> None:
    from argparse import Namespace

    assert isinstance(wanted, Namespace)
    if not (wanted.cgroups or wanted.containers):  # which look at this machine
        targets.targets(wanted)
        targets.window(wanted)


def seeds() -> list[bytes]:
    made = [
        b"-e\0openat,%network\0--\0ls\0-l",
        b"-s\0--by\0thread,errno\0--top\0" + b"6\0--\0true",
        b"-a\0--exclude\0chronyd,12\0-C\0" + b"0-1",
        b"--duration\0" + b"1.5\0-p\0" + b"1",
        b"--string-limit\0" + b"0\0--dump\0" + b"0,1\0cat",
        b"--delay\0" + b"5\0--switch-off\0close\0-a",
    ]
    made += [option + b"\0" + value + b"\0true" for option in _options() for value in VALUES[::6]]
    made += [b"-e\0" + value + b"\0true" for value in VALUES]  # which is many options
    return [bytes([which]) + each for which in range(3) for each in made]


TARGET = Target("the command line (cli/options.py, targets.py, summary.py)", check, seeds, VALUES, most=6000)
