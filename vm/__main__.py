"""`python3 -m vm`: kernels for the tests, and commands in them.

    python3 -m vm fetch 5.10 6.1 6.12 7.2         download kernels
    python3 -m vm fetch --arch arm64 6.12
    python3 -m vm fetch-root --arch arm64 python3 strace
    python3 -m vm list
    python3 -m vm run 6.12 -- uname -r            a command, as root; its status is ours
    python3 -m vm test 6.12 tests/live/test_trace.py
    python3 -m vm matrix -j 2 5.10 6.12 arm64/6.12
    python3 -m vm pages                           docs/support-matrix.md, docs/verifier-cost.md
    python3 -m vm releases                        tests/kernel/releases.json, of the kernels fetched
    python3 -m vm run --arch arm64 --share $PWD 6.12 -- python3 -c 'import os; print(os.uname())'

Must be root. The status is 124 where the guest died or took too long: then the kernel's log is shown.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from vm import boot, kernels, machines, pages, releases, roots, rounds
from vm.boot import Ended, Guest
from vm.kernels import Kernel
from vm.machines import MACHINES, Machine
from vm.qemu import Size
from vm.shares import Share
from vm.suite import Suite

_BREAKS = 99
"""The status of a command that succeeded while the kernel complained, with --log-fails."""


def main() -> int:
    wanted = _parser().parse_args()
    machine = MACHINES[getattr(wanted, "arch", machines.host().name)]
    match wanted.do:
        case "fetch":
            for series in wanted.series:
                print(_line(kernels.fetch(series, machine)), flush=True)
        case "fetch-root":
            print(roots.fetch(machine, wanted.packages))
        case "list":
            for kernel in kernels.found():
                print(_line(kernel))
        case "run":
            return _run(wanted, _kernel(wanted.kernel, machine))
        case "test":
            return _test(wanted, _kernel(wanted.kernel, machine))
        case "matrix":
            return _matrix(wanted)
        case "releases":
            releases.write()
        case "host":
            return rounds.host(wanted.tests or rounds.proofs(), keep=wanted.keep)
        case _:
            return _pages(check=wanted.check)
    return 0


def _kernel(series: str, machine: Machine) -> Kernel:
    return kernels.find(series, machine) or kernels.fetch(series, machine)


def _line(kernel: Kernel) -> str:
    return f"{kernel.arch:6} {kernel.series:6} {kernel.release:32} {kernel.package} {kernel.version}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m vm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="do", required=True)

    def command(name: str, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help)
        added.add_argument("--arch", default=machines.host().name, choices=MACHINES)
        return added

    fetch = command("fetch", "download the newest kernel of each series")
    fetch.add_argument("series", nargs="+")
    fetch_root = command("fetch-root", "make a userland of another machine")
    fetch_root.add_argument("packages", nargs="+")
    command("list", "the kernels that are there")
    test = command("test", "run live tests in a guest")
    test.add_argument("kernel")
    test.add_argument("tests", nargs="*", default=["tests/live"], help="as for pytest (default: tests/live)")
    test.add_argument(
        "--each", action="store_true", help="start Python for each argtrace, and do not fork it"
    )
    test.add_argument("--cpus", type=int, default=1)
    matrix = commands.add_parser("matrix", help="run the tests of the matrix under several kernels")
    matrix.add_argument("kernels", nargs="+", metavar="KERNEL", help="6.12 or arm64/6.12")
    matrix.add_argument("-j", "--at-once", type=int, default=1, help="guests (default: %(default)s)")
    matrix.add_argument("--quick", action="store_true", help="without the rows that are slow in a guest")
    on_host = commands.add_parser("host", help="run them without a guest")
    on_host.add_argument("tests", nargs="*")
    for added in (test, matrix):
        added.add_argument(
            "--seconds", type=float, default=7200, help="a guest's limit (default: %(default)s)"
        )
    for added in (test, matrix, on_host):
        added.add_argument("--keep", action="store_true", help="write what they came to into vm/results/")
    commands.add_parser("releases", help="write tests/kernel/releases.json, of the kernels fetched for amd64")
    written = commands.add_parser("pages", help="write docs/support-matrix.md and docs/verifier-cost.md")
    written.add_argument(
        "--check", action="store_true", help="compare, write nothing; exit 1 on a difference"
    )
    run = command("run", "run a command in a guest")
    run.add_argument("kernel")
    run.add_argument("command", nargs="+", metavar="-- command")
    run.add_argument("--root", type=Path, help="the guest's root (default: / or that of fetch-root)")
    run.add_argument("--share", action="append", default=[], metavar="DIRECTORY[:AT[:rw]]")
    run.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    run.add_argument("--cwd", default=None, help="where the command is started")
    run.add_argument("--memory", default="1G")
    run.add_argument("--cpus", type=int, default=1)
    run.add_argument("--seconds", type=float, default=600, help="how long it may take (default: %(default)s)")
    run.add_argument("--append", default="", help="parameters of the kernel")
    run.add_argument("--console", type=Path, help="write the kernel's log there")
    run.add_argument("--log-fails", action="store_true", help=f"exit {_BREAKS} if the kernel complained")
    return parser


def _test(wanted: argparse.Namespace, kernel: Kernel) -> int:
    suite = Suite(wanted.tests, wanted.seconds, zygote=not wanted.each, cpus=wanted.cpus)
    done = rounds.one(kernel, suite, keep=wanted.keep)
    _report(done.ended)
    return boot.DIED if done.ended.status is None else done.ended.status


def _matrix(wanted: argparse.Namespace) -> int:
    """Each kernel's failures, and its log where it died."""
    chosen = []
    for name in wanted.kernels:
        arch, _, series = name.rpartition("/")
        chosen.append(_kernel(series, MACHINES[arch or machines.host().name]))
    suite = Suite(rounds.proofs(quick=wanted.quick), wanted.seconds)
    failed = 0
    for kernel, done in rounds.each(chosen, suite, keep=wanted.keep, at_once=wanted.at_once):
        print(f"{kernel.arch} {kernel.series}: ", end="", flush=True)
        _report(done.ended)
        unexplained = rounds.undeserved(kernel, done)
        for skip in unexplained:
            print(f"skipped without need: {skip}")
        failed += bool(done.ended.status != 0 or unexplained)
        if done.ended.status != 0:
            sys.stdout.write(done.ended.out.decode(errors="replace"))
            sys.stdout.write(done.ended.err.decode(errors="replace"))
        if done.ended.status is None:
            sys.stdout.write(done.ended.console[-4000:].decode(errors="replace"))
        sys.stdout.flush()
    return 1 if failed else 0


def _pages(*, check: bool) -> int:
    differ = False
    for name, text in pages.pages().items():
        path = pages.ROOT / name
        if check and (not path.exists() or path.read_text() != text):
            print(f"{name} is not what vm/results/ says; `python3 -m vm pages` writes it")
            differ = True
        elif not check:
            path.write_text(text)
    return 1 if differ else 0


def _run(wanted: argparse.Namespace, kernel: Kernel) -> int:
    root = wanted.root or boot.root_for(kernel)
    if not root.exists():
        raise SystemExit(
            f"vm: no root for {kernel.arch}: python3 -m vm fetch-root --arch {kernel.arch} python3"
        )
    shared = tuple(_share(number, words) for number, words in enumerate(wanted.share))
    guest = Guest(
        kernel, root, shared, Size(wanted.memory, wanted.cpus), wanted.append, seconds=wanted.seconds
    )
    directory = wanted.cwd or (os.getcwd() if root == Path("/") else "/")
    environment = dict(words.split("=", 1) for words in wanted.env)
    ended = boot.run(guest, wanted.command, environment, directory)
    if wanted.console:
        wanted.console.write_bytes(ended.console)
    _report(ended)
    if ended.status is None:
        sys.stderr.write(ended.console[-4000:].decode(errors="replace"))
        return boot.DIED
    return ended.status or (_BREAKS if wanted.log_fails and ended.complaints else 0)


def _share(number: int, words: str) -> Share:
    source, at, mode = [*words.split(":"), "", ""][:3]
    path = Path(source).resolve()
    if not path.is_dir():
        raise SystemExit(f"vm: {source} is no directory")
    return Share(f"share{number}", path, at or str(path), writable=mode == "rw")


def _report(ended: Ended) -> None:
    booted = "never started" if ended.boot is None else f"started in {ended.boot:.1f} s"
    status = "no status" if ended.status is None else f"status {ended.status}"
    told = f"vm: {ended.release or 'the guest'}: {status}, {booted}, took {ended.took:.1f} s"
    print("; ".join(filter(None, (told, ended.why, *ended.complaints))), file=sys.stderr, flush=True)


if __name__ == "__main__":
    # The end of this process is that of its guests too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
