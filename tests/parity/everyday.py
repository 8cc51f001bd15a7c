"""Programs of every day that are traced side by side: what is run, and what it needs to be installed.

Not here: our own small programs are `programs/`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.parity import runs

_HERE = runs.HERE / "commands"


@dataclass(frozen=True, slots=True)
class Program:
    """`needs`: programs that may not be there. `words` are run in a directory of its own; none: a C program
    in `commands/`, to be built. `what`: in a word, for the report."""

    name: str
    what: str
    needs: tuple[str, ...] = ()
    words: Sequence[str] = ()

    @property
    def missing(self) -> list[str]:
        return [need for need in self.needs if shutil.which(need) is None]


def _shell(script: str) -> Sequence[str]:
    return ("/bin/sh", "-c", script)


_MAIN = r"""
cat > main.c <<'END'
#include <stdio.h>
int main(void) { puts("built"); return 0; }
END
gcc -O1 -o main main.c && ./main
"""

_SCRIPT = r"""
mkdir -p a/b && cd a && echo one > b/x && cat b/x | tr a-z A-Z > y; ls absent; ( sleep 0.01; kill -TERM $$ ) &
trap 'echo caught' TERM; wait; exit 3
"""

_COMMIT = r"""
git init -q . && echo text > file && git add file &&
git -c user.name=parity -c user.email=parity@localhost commit -q -m first && git log --stat
"""

PROGRAMS: tuple[Program, ...] = (
    Program("ls", "ls -l of three directories", ("ls",), _shell("ls -l /etc /dev /proc/self/fd")),
    Program("shell", "a script with a pipeline, a subshell and a trap", (), _shell(_SCRIPT)),
    Program(
        "tar",
        "tar: packed with gzip, and unpacked",
        ("tar", "gzip"),
        _shell("cp /etc/*.conf . ; tar -czf a.tgz *.conf && mkdir x && tar -C x -xzf a.tgz"),
    ),
    Program("gcc", "gcc: a small program built and run", ("gcc",), _shell(_MAIN)),
    Program("find", "find with tests", ("find",), _shell("find /etc -name '*.conf' -newer /etc/passwd")),
    Program(
        "util-linux",
        "findmnt, lsblk, lscpu, flock, prlimit, setpriv, unshare",
        ("findmnt", "lsblk", "lscpu", "flock", "prlimit", "setpriv", "unshare"),
        _shell("findmnt; lsblk; lscpu; flock f true; prlimit; setpriv -d; unshare -U -r -m -n true"),
    ),
    Program("git", "git: a repository and a commit", ("git",), _shell(_COMMIT)),
    Program("ip", "ip: addresses, routes and links", ("ip",), _shell("ip addr; ip -6 route; ip -s link")),
    Program(
        "ssh-keygen",
        "ssh-keygen: a key",
        ("ssh-keygen",),
        _shell("ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -l -f key"),
    ),
    Program(
        "systemd-tmpfiles",
        "systemd-tmpfiles --help, --cat-config",
        ("systemd-tmpfiles",),
        _shell("systemd-tmpfiles --help; systemd-tmpfiles --cat-config"),
    ),
    Program(
        "curl",
        "curl: a port nobody listens on, and a file",
        ("curl",),
        _shell("curl -s http://127.0.0.1:9/ file:///etc/hostname"),
    ),
    Program("perf", "perf stat true", ("perf",), _shell("perf stat -e task-clock,page-faults true")),
    # The first: there is a program for each call that argtrace follows.
    Program(
        "bpftool", "bpftool prog, until nobody reads on", ("bpftool",), _shell("bpftool prog | head -n 100")
    ),
    Program(
        "loopback",
        "Python's http.server, and a client",
        (),
        (sys.executable, str(_HERE / "loopback.py")),
    ),
    Program(
        "modules",
        "Python: asyncio with a subprocess and a server, sqlite3",
        (),
        (sys.executable, str(_HERE / "modules.py")),
    ),
    Program("threads", "threads that read, write, lock and end together"),
    Program("ring", "io_uring: a file copied through a ring"),
)


def commands() -> dict[str, Sequence[str]]:
    """By name; without those that are not installed."""
    built = runs.build([_HERE / f"{program.name}.c" for program in PROGRAMS if not program.words])
    return {
        program.name: program.words or (str(built[program.name]),)
        for program in PROGRAMS
        if not program.missing
    }
