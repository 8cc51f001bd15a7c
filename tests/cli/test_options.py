"""What the words of a command line mean, and what is said of those that mean nothing."""

from __future__ import annotations

import argparse
from dataclasses import replace

import pytest

from argtrace.cli import options, trace
from argtrace.fetch.limits import Limits

DEFAULTS = {
    "pids": [],
    "tids": [],
    "users": [],
    "names": [],
    "exes": [],
    "cgroups": [],
    "containers": [],
    "everyone": False,
    "cpus": frozenset(),
    "exclude": [],
    "with_ancestors": False,
    "delay": 0,
    "switch_on": [],
    "switch_off": [],
    "show": [],
    "follow": True,
    "calls": [],
    "failed": None,
    "errnos": [],
    "duration": 0,
    "max_events": None,
    "summary": None,
    "by": [],
    "sort": "time",
    "top": None,
    "histogram": False,
    "times": True,
    "string_limit": None,
    "output": None,
    "style": "perf",
    "json": False,
    "absolute": False,
    "color": "auto",
    "descriptors": 0,
    "decode_fds": [],
    "comms": False,
    "constants": "abbrev",
    "pretty": False,
    "hex": 0,
    "strings_in_hex": None,
    "dump": (),
    "verbose": 0,
    "quiet": 0,
    "backend": "auto",
    "buffer": None,
    "backpressure": None,
    "strict": False,
    "debug": False,
}

# The words, what differs from the defaults, and the command.
PARSED = [
    pytest.param("ls", {}, "ls", id="a command"),
    pytest.param("-- ls", {}, "ls", id="a command that is set apart"),
    pytest.param("ls -l -o x -e y", {}, "ls -l -o x -e y", id="options behind the command are its own"),
    pytest.param("-- ls -- x", {}, "ls -- x", id="so is a second --"),
    pytest.param("git log -- x", {}, "git log -- x", id="and the first, if it comes later"),
    pytest.param("-- -odd", {}, "-odd", id="a command that begins with a dash"),
    pytest.param("-e openat,%file ls", {"calls": ["openat,%file"]}, "ls", id="calls"),
    pytest.param(
        "-e openat --trace=!close ls", {"calls": ["openat", "!close"]}, "ls", id="calls twice add up"
    ),
    pytest.param("-e trace=openat ls", {"calls": ["trace=openat"]}, "ls", id="strace's spelling of the same"),
    pytest.param("-y ls", {"descriptors": 1}, "ls", id="paths of descriptors"),
    pytest.param("-yy -Y ls", {"descriptors": 2, "comms": True}, "ls", id="all of them, and processes"),
    pytest.param(
        "--decode-fds=socket,eventfd -e decode-fds=dev ls",
        {"decode_fds": ["socket", "dev"]}, "ls", id="some of descriptors, by name and as strace has it",
    ),
    pytest.param("-e decode-pids=comm ls", {"comms": True}, "ls", id="processes as strace has it"),
    pytest.param("-p 12", {"pids": [12]}, "", id="a process"),
    pytest.param("-p 12,13 --attach 14 --pid=15", {"pids": [12, 13, 14, 15]}, "", id="processes"),
    pytest.param("-f ls", {}, "ls", id="strace's -f is how it is anyway"),
    pytest.param("-t 12,13", {"tids": [12, 13]}, "", id="threads"),
    pytest.param("-u root,12", {"users": [0, 12]}, "", id="users by name and number"),
    pytest.param("--name sh,py* --name x", {"names": ["sh", "py*", "x"]}, "", id="names of commands"),
    pytest.param("--exe /bin/sh", {"exes": ["/bin/sh"]}, "", id="a program"),
    pytest.param("--cgroup /a --cgroup b", {"cgroups": ["/a", "b"]}, "", id="cgroups"),
    pytest.param("--container 4f1c", {"containers": ["4f1c"]}, "", id="a container"),
    pytest.param("-a --exclude 12,sh", {"everyone": True, "exclude": ["12", "sh"]}, "", id="all but some"),
    pytest.param("-C 0-1,0 ls", {"cpus": frozenset({0, 1})}, "ls", id="CPUs as the kernel lists them"),
    pytest.param("-D 5 ls", {"delay": 5_000_000}, "ls", id="after some milliseconds"),
    pytest.param(
        "--switch-on open --switch-off close ls", {"switch_on": ["open"], "switch_off": ["close"]}, "ls",
        id="between calls",
    ),
    pytest.param("--show cpu,container ls", {"show": ["cpu", "cgroup"]}, "ls", id="where a call came from"),
    pytest.param("--show-cpu ls", {"show": ["cpu"]}, "ls", id="as perf has it"),
    pytest.param("--no-follow ls", {"follow": False}, "ls", id="not what it starts"),
    *(
        pytest.param(f"{word} ls", {"failed": True}, "ls", id=f"failures: {word}")
        for word in ("--failure", "--failed-only", "-Z")
    ),
    *(
        pytest.param(f"{word} ls", {"failed": False}, "ls", id=f"successes: {word}")
        for word in ("--success", "--successful-only", "-z")
    ),
    pytest.param("--errno ENOENT,13 --errno eperm ls", {"errnos": [2, 13, 1]}, "ls", id="errors"),
    pytest.param("--duration 1.5 ls", {"duration": 1_500_000}, "ls", id="milliseconds become nanoseconds"),
    pytest.param("--max-events 10 ls", {"max_events": 10}, "ls", id="so many lines"),
    pytest.param("-s ls", {"summary": "alone"}, "ls", id="a table alone"),
    pytest.param("-S --histogram ls", {"summary": "beside", "histogram": True}, "ls", id="a table below"),
    pytest.param(
        "-s --by thread,errno --by process ls", {"summary": "alone", "by": ["thread", "errno", "process"]},
        "ls", id="rows that are split",
    ),
    pytest.param(
        "-s --sort calls --max-summary 3 --no-times ls",
        {"summary": "alone", "sort": "calls", "top": 3, "times": False}, "ls", id="which rows",
    ),
    pytest.param("--string-limit 16384 ls", {"string_limit": 16384}, "ls", id="the longest strings"),
    pytest.param("--string-limit 0 ls", {"string_limit": 0}, "ls", id="buffers to their end"),
    pytest.param("-o x --style strace ls", {"output": "x", "style": "strace"}, "ls", id="where to and how"),
    pytest.param("-o - --json ls", {"output": "-", "json": True}, "ls", id="to standard output"),
    pytest.param("-T -v -v -q ls", {"absolute": True, "verbose": 2, "quiet": 1}, "ls", id="more and less"),
    pytest.param("-X raw --pretty ls", {"constants": "raw", "pretty": True}, "ls", id="how values look"),
    pytest.param("--const-print-style=verbose ls", {"constants": "verbose"}, "ls", id="strace's long word"),
    pytest.param("-xx ls", {"hex": 2}, "ls", id="strings in hexadecimal"),
    pytest.param("--strings-in-hex ls", {"strings_in_hex": "all"}, "ls", id="the next word is no value"),
    pytest.param("--strings-in-hex=none ls", {"strings_in_hex": "none"}, "ls", id="the same word is"),
    pytest.param("--dump 0,3 ls", {"dump": frozenset({0, 3})}, "ls", id="the data of two descriptors"),
    pytest.param("--dump all ls", {"dump": options.EVERY_DESCRIPTOR}, "ls", id="of all"),
    pytest.param("-vv -qq ls", {"verbose": 2, "quiet": 2}, "ls", id="letters in a row"),
    pytest.param("--backend ptrace ls", {"backend": "ptrace"}, "ls", id="who traces"),
    pytest.param("--buffer 1M --strict ls", {"buffer": 1 << 20, "strict": True}, "ls", id="how much room"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "changed", "command"), PARSED)
def test_a_command_line(line: str, changed: dict[str, object], command: str) -> None:
    wanted = vars(options.parser().parse_args(line.split()))

    assert options.command(wanted.pop("command")) == command.split()
    wanted.pop("follow_forks")
    assert wanted == DEFAULTS | changed


LIMITS = [
    pytest.param("ls", Limits(4096, 32), id="paths as long as there are, and the beginning of buffers"),
    pytest.param("--string-limit 100 ls", Limits(100, 100), id="one limit for strings and buffers"),
    pytest.param("--dump all ls", replace(Limits(), buffers=options.DUMPED), id="a dump has more of buffers"),
    pytest.param("--dump all --string-limit 8 ls", Limits(8, 8), id="no more than was asked for"),
]


@pytest.mark.parametrize(("line", "limits"), LIMITS)
def test_how_much_is_fetched(line: str, limits: Limits) -> None:
    assert options.limits(options.parser().parse_args(line.split())) == limits


def test_more_of_arrays_is_fetched_where_more_is_shown() -> None:
    usual, verbose = Limits(), options.limits(options.parser().parse_args(["-v", "ls"]))

    assert (verbose.strings, verbose.buffers) == (usual.strings, usual.buffers)
    assert verbose.followed > usual.followed
    assert verbose.elements > usual.elements
    assert verbose.tables > usual.tables


def test_buffers_to_their_end_are_not_kept_in_the_record() -> None:
    limits = options.limits(options.parser().parse_args(["--string-limit", "0", "ls"]))

    assert limits.whole
    assert limits.strings == Limits().strings


def test_two_runs_do_not_share_lists() -> None:
    options.parser().parse_args(["-e", "openat", "-p", "12", "--errno", "1"])

    wanted = options.parser().parse_args(["ls"])
    assert (wanted.calls, wanted.pids, wanted.errnos) == ([], [], [])


USAGE = [
    pytest.param("", "nothing to trace: a COMMAND, -p PID", id="nothing to trace"),
    pytest.param("--", "nothing to trace: a COMMAND, -p PID", id="nothing behind the --"),
    pytest.param("-t 12 ls", "a COMMAND or -p PID, not both", id="a command and a thread"),
    pytest.param("-t x", "'x' is no process id", id="a thread is a number"),
    pytest.param("-u nosuchuser1", "no user 'nosuchuser1'", id="no such user"),
    pytest.param("-C 1-x ls", "'1-x' is no CPU", id="a CPU is a number"),
    pytest.param("-C 3-1 ls", "'3-1': no such CPUs", id="CPUs in the wrong order"),
    pytest.param("-C 8000 ls", "no CPU 8000: there are 0 to", id="a CPU that is not there"),
    pytest.param("-a --no-follow", "not with --no-follow", id="everybody has what processes start"),
    pytest.param("-D 5 --switch-on open ls", "--delay or --switch-on", id="two ways to begin"),
    pytest.param("-D -1 ls", "'-1' is no number of milliseconds", id="a delay has no sign"),
    pytest.param("-s --no-times -C 0 ls", "--no-times does not look", id="who does not look at entries"),
    pytest.param("--show pid ls", "'pid' is nothing of a call's", id="what can be shown"),
    pytest.param("-p 12 ls", "a COMMAND or -p PID, not both", id="two things to trace"),
    pytest.param("--nosuch ls", "unrecognized arguments: --nosuch", id="no such option"),
    pytest.param("--verb ls", "unrecognized arguments: --verb", id="no option is guessed from its beginning"),
    pytest.param("-p 0", "'0' is no process id", id="process 0 is none"),
    pytest.param("-p 12,x", "'x' is no process id", id="a process is a number"),
    pytest.param("-p -1", "-p", id="a process is no negative number"),
    pytest.param("--failure --success ls", "not allowed with", id="failures and successes"),
    pytest.param(
        "--errno EACCESS ls", "no error 'EACCESS' (did you mean EACCES", id="an error that is misspelt"
    ),
    pytest.param("--errno 0 ls", "no error '0'", id="success is no error"),
    pytest.param("--errno 4096 ls", "no error '4096'", id="beyond the last error"),
    pytest.param("--duration soon ls", "'soon' is no number of milliseconds", id="a duration is a number"),
    pytest.param("--duration -1 ls", "--duration", id="a duration is not negative"),
    pytest.param("--duration nan ls", "'nan' is no number of milliseconds", id="a duration is a real number"),
    pytest.param("--duration inf ls", "'inf' is no number of milliseconds", id="a duration ends"),
    pytest.param("--max-events 0 ls", "'0' is no positive number", id="a trace of no lines"),
    pytest.param("-s -S ls", "not allowed with", id="a table alone that is not alone"),
    pytest.param("-s --by cpu ls", "'cpu' is no way to split rows; write thread", id="rows by what is none"),
    pytest.param("-s --top 0 ls", "'0' is no positive number", id="a table of no rows"),
    pytest.param("--by errno ls", "are for a summary: add -s or -S", id="rows without a table"),
    pytest.param("-S --max-events 3 ls", "--max-events ends a trace", id="a table of a part"),
    pytest.param("-S --no-times ls", "--no-times goes with -s", id="no times, and lines that have them"),
    pytest.param("-s --no-times --duration 1 ls", "--no-times goes with -s", id="no times, and some"),
    pytest.param("--string-limit -1 ls", "--string-limit", id="strings of less than no bytes"),
    pytest.param("--string-limit all ls", "'all' is not between 0 and 16384", id="a limit is a number"),
    pytest.param("--string-limit 16385 ls", "'16385' is not between", id="strings that are too long"),
    pytest.param("--style json ls", "invalid choice: 'json'", id="a style that is an option of its own"),
    pytest.param("-X hex ls", "invalid choice: 'hex'", id="a way to write constants that is none"),
    pytest.param("--strings-in-hex=some ls", "ignored explicit argument 'some'", id="hexadecimal how"),
    pytest.param(
        "--dump 1,x ls", "'x' is no file descriptor; write 0,2 or all", id="a descriptor is a number"
    ),
    pytest.param("--dump 2147483648 ls", "'2147483648' is no file descriptor", id="and not too large"),
    pytest.param("--dump , ls", "'' is no file descriptor", id="nor nothing"),
    pytest.param("--decode-fds=x ls", "'x' is nothing of a descriptor; write dev, path", id="no such name"),
    pytest.param("-e decode-fds=x ls", "'x' is nothing of a descriptor", id="nor as strace has it"),
    pytest.param("--buffer 1X ls", "'1X' is no size: write 512K or 64M", id="a size in no unit"),
    pytest.param("--buffer 63K ls", "'63K' is not between 64K and 1G", id="a buffer that is too small"),
]


@pytest.mark.parametrize(("line", "message"), USAGE)
def test_a_wrong_command_line(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        trace.main(line.split())

    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert message in told
    assert "usage: argtrace [OPTIONS]" in told


@pytest.mark.parametrize(
    ("text", "bytes"),
    [
        pytest.param("64K", 1 << 16, id="the smallest"),
        pytest.param("65536", 1 << 16, id="in bytes"),
        pytest.param("65537", 1 << 17, id="rounded up to a power of two"),
        pytest.param("100m", 1 << 27, id="in small letters"),
        pytest.param("1G", 1 << 30, id="the largest"),
    ],
)
def test_sizes(text: str, bytes: int) -> None:
    assert options.size(text) == bytes


@pytest.mark.parametrize(
    "text", ["", "M", "-1M", "1.5M", "1MM", "1 M", "0x10000", "65535", "2G", "1025M", "²"]
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        options.size(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("ENOENT", 2, id="a name"),
        pytest.param("enoent", 2, id="in small letters"),
        pytest.param("1", 1, id="the first number"),
        pytest.param("4095", 4095, id="the last"),
        pytest.param("4000", 4000, id="a number without a name"),
        pytest.param("ERESTARTSYS", 512, id="one of the kernel's own"),
    ],
)
def test_errors(text: str, number: int) -> None:
    assert options.errno(text) == number


@pytest.mark.parametrize(
    ("line", "strings"),
    [
        pytest.param("", "none", id="as they are"),
        pytest.param("-x", "non-ascii", id="x"),
        pytest.param("-x -x", "all", id="two"),
        pytest.param("-xxx", "all", id="more is not more"),
        pytest.param("--strings-in-hex", "all", id="in words"),
        pytest.param(
            "--strings-in-hex=non-ascii-chars", "non-ascii-chars", id="for which there is no letter"
        ),
        pytest.param("-xx --strings-in-hex=non-ascii", "non-ascii", id="words are more exact"),
    ],
)
def test_strings_in_hexadecimal(line: str, strings: str) -> None:
    assert options.strings_in_hex(options.parser().parse_args(line.split())) == strings


def test_every_option_has_a_help_of_its_own() -> None:
    hidden = {"command", "follow_forks"}
    aliases = {"--show-cpu"}
    for action in options.parser()._actions:
        assert action.help, action.option_strings
        with_value = any("=" in word for word in action.option_strings)
        assert (action.help == argparse.SUPPRESS) == (
            action.dest in hidden or with_value or aliases.issuperset(action.option_strings)
        )
