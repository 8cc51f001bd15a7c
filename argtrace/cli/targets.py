"""The options that say whose calls are wanted, and when.

-p -t -u -a -C and --delay --switch-on --switch-off mean what they mean to perf trace.
"""

from __future__ import annotations

import argparse
import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argtrace.targets import Targets, Window

STANDING = ("everyone", "names", "exes", "users", "cgroups", "containers")
"""Options of traces that go on until they are stopped."""


def add_options(top: ArgumentParser, *, starts: bool = False) -> None:
    """`starts`: program starts are shown, so that names are theirs."""
    group = top.add_argument_group("what to trace (any of these, together)")
    group.add_argument("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    group.add_argument(
        "-p", "--attach", "--pid", dest="pids", metavar="PID[,PID...]", type=_ids, default=[],
        action="extend", help="running processes, with their threads and what they start",
    )  # fmt: skip
    group.add_argument(
        "-t", "--tid", dest="tids", metavar="TID[,TID...]", type=_ids, default=[], action="extend",
        help="single threads, and what they start",
    )  # fmt: skip
    group.add_argument(
        "-u", "--uid", dest="users", metavar="USER[,USER...]", type=_users, default=[], action="extend",
        help="what these users run, by their real id: names or numbers",
    )  # fmt: skip
    group.add_argument(
        "--name", dest="names", metavar="NAME[,NAME...]", type=_words, default=[], action="extend",
        help="only programs of this name or path, a glob; without another target, whoever starts them"
        if starts else "commands of this name, running or started later; a last * matches any ending",
    )  # fmt: skip
    group.add_argument(
        "--exe", dest="exes", metavar="PATH[,PATH...]", type=_words, default=[], action="extend",
        help="only starts of this program; without another target, whoever starts it"
        if starts else "whoever runs, or starts to run, this program",
    )  # fmt: skip
    group.add_argument(
        "--cgroup", dest="cgroups", metavar="PATH", default=[], action="append",
        help="a cgroup and all below it: a directory, or its path in the hierarchy",
    )  # fmt: skip
    group.add_argument(
        "--container", dest="containers", metavar="ID", default=[], action="append",
        help="a container of Docker, Podman, containerd, CRI-O, LXC: the beginning of its id, or its name",
    )  # fmt: skip
    group.add_argument("-a", "--all-cpus", dest="everyone", action="store_true", help="every process")
    group.add_argument(
        "-C", "--cpu", dest="cpus", metavar="LIST", type=cpus, default=frozenset(),
        help="only calls that begin on these CPUs: 0,2-3; of every process if nothing else is said",
    )  # fmt: skip
    group.add_argument(
        "--exclude", metavar="PID|NAME[,...]", type=_excluded, default=[], action="extend",
        help="not these processes, nor commands of this name",
    )  # fmt: skip
    group.add_argument(
        "--with-ancestors", action="store_true",
        help="the shell and terminal that argtrace runs in too, which are left out of -a, -u and the like",
    )  # fmt: skip
    group.add_argument("--no-follow", dest="follow", action="store_false", help="not what they start")
    group.add_argument("-f", "--follow-forks", action="store_true", help=argparse.SUPPRESS)


def add_window(group: argparse._ActionsContainer) -> None:
    """When calls are shown."""
    group.add_argument(
        "-D",
        "--delay",
        metavar="MS",
        type=_delay,
        default=0,
        help="show nothing for the first MS milliseconds",
    )
    group.add_argument(
        "--switch-on", metavar="LIST", action="append", default=[],
        help="show nothing before one of these calls is made (as -e has them)",
    )  # fmt: skip
    group.add_argument(
        "--switch-off", metavar="LIST", action="append", default=[],
        help="show nothing after one of these calls, until one of --switch-on",
    )  # fmt: skip


def standing(wanted: Namespace) -> bool:
    """Whether the trace goes on until it is stopped."""
    return any(getattr(wanted, name) for name in STANDING) or (
        bool(wanted.cpus) and not (wanted.pids or wanted.tids or wanted.command)
    )


def check(parser: ArgumentParser, wanted: Namespace, command: list[str]) -> None:
    """Ends the program if options contradict each other."""
    if not (command or wanted.pids or wanted.tids or standing(wanted)):
        parser.error("nothing to trace: a COMMAND, -p PID, -a, or another of the first group in --help")
    if command and (wanted.pids or wanted.tids):
        parser.error("a COMMAND or -p PID, not both")
    if wanted.everyone and not wanted.follow:
        parser.error("-a has what processes start too: not with --no-follow")
    if wanted.delay and wanted.switch_on:
        parser.error("--delay or --switch-on, not both: each says when to begin")
    if getattr(wanted, "times", True) is False and (
        wanted.delay or wanted.switch_on or wanted.switch_off or wanted.cpus
    ):
        parser.error("--no-times does not look at how calls begin: not with -C, --delay or --switch-on")


def targets(wanted: Namespace) -> Targets:
    """Raises ArgtraceError if there is no such cgroup, container or program."""
    from argtrace.targets import NOBODY, Targets  # noqa: PLC0415 (start-up: as it is met)

    if not (standing(wanted) or wanted.exclude or wanted.cpus):
        return NOBODY
    ours: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    if standing(wanted):
        from argtrace import choosing  # noqa: PLC0415

        ours = (os.getpid(),)
        others = () if wanted.with_ancestors else choosing.ancestors(os.getpid())
    named_by_id = {*wanted.pids}
    return Targets(
        everyone=wanted.everyone or (bool(wanted.cpus) and standing(wanted) and not _chosen(wanted)),
        names=tuple(wanted.names),
        exes=tuple(_exe(path) for path in wanted.exes),
        uids=tuple(wanted.users),
        cgroups=_cgroups(wanted),
        not_names=tuple(word for word in wanted.exclude if not word.isdecimal()),
        not_pids=(*(int(word) for word in wanted.exclude if word.isdecimal()), *({*others} - named_by_id)),
        not_families=ours,
        cpus=wanted.cpus,
    )


def window(wanted: Namespace) -> Window:
    from argtrace.targets import ALWAYS, Window  # noqa: PLC0415

    if not (wanted.delay or wanted.switch_on or wanted.switch_off):
        return ALWAYS
    return Window(wanted.delay, tuple(wanted.switch_on), tuple(wanted.switch_off))


def _chosen(wanted: Namespace) -> bool:
    return any(getattr(wanted, name) for name in STANDING)


def _cgroups(wanted: Namespace) -> tuple[str, ...]:
    if not (wanted.cgroups or wanted.containers):
        return ()
    from argtrace import cgroup_paths  # noqa: PLC0415
    from argtrace.errors import ArgtraceError  # noqa: PLC0415
    from argtrace.fetch.choosing import MOST_CGROUPS  # noqa: PLC0415

    found = tuple(dict.fromkeys(
        (*map(cgroup_paths.directory, wanted.cgroups), *map(cgroup_paths.of_container, wanted.containers))
    ))  # fmt: skip
    if len(found) > MOST_CGROUPS:
        raise ArgtraceError(
            f"{len(found)} cgroups are more than {MOST_CGROUPS}", remedy="name one above them"
        )
    return found


def _exe(path: str) -> str:
    from argtrace.errors import ArgtraceError  # noqa: PLC0415

    if not os.path.isfile(path):
        raise ArgtraceError(f"--exe {path}: no such file", remedy="the path of a program: command -v NAME")
    return os.path.abspath(path)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _excluded(text: str) -> list[str]:
    _ids(",".join(word for word in _words(text) if word.isdecimal()))
    return _words(text)


def _ids(text: str) -> list[int]:
    for word in _words(text):
        if not word.isdecimal() or not 0 < int(word) < 1 << 31:
            raise argparse.ArgumentTypeError(f"'{word}' is no process id")
    return [int(word) for word in _words(text)]


def _users(text: str) -> list[int]:
    import pwd  # noqa: PLC0415

    found = []
    for word in _words(text):
        try:
            found.append(int(word) if word.isdecimal() else pwd.getpwnam(word).pw_uid)
        except KeyError as error:
            raise argparse.ArgumentTypeError(f"no user '{word}': getent passwd lists them") from error
        if found[-1] >= 1 << 32:
            raise argparse.ArgumentTypeError(f"'{word}' is no user id")
    return found


def cpus(text: str) -> frozenset[int]:
    """0,2-3, as the kernel has lists of CPUs."""
    from argtrace.fetch.gate import MOST_CPUS  # noqa: PLC0415

    found: set[int] = set()
    for word in _words(text):
        first, dash, last = word.partition("-")
        if not first.isdecimal() or not (last.isdecimal() if dash else True):
            raise argparse.ArgumentTypeError(f"'{word}' is no CPU; write 0,2-3")
        if int(last or first) >= MOST_CPUS or int(last or first) < int(first):
            raise argparse.ArgumentTypeError(f"'{word}': no such CPUs")
        found |= {*range(int(first), int(last or first) + 1)}
    there = os.sysconf("SC_NPROCESSORS_CONF")
    if found and min(found) >= there:
        raise argparse.ArgumentTypeError(f"no CPU {min(found)}: there are 0 to {there - 1}")
    return frozenset(found)


def _delay(text: str) -> int:
    """To ns."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 40:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of milliseconds")
    return int(text) * 1_000_000
