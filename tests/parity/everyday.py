"""Programs of every day that are traced side by side: what is run, and where it is not to be had.

Not here: our own small programs are `programs/`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence

from tests.parity import runs

_HERE = runs.HERE / "commands"

_MAIN = r"""
cat > main.c <<'END'
#include <stdio.h>
int main(void) { puts("built"); return 0; }
END
gcc -O1 -o main main.c && ./main
"""

_SHELL = r"""
mkdir -p a/b && cd a && echo one > b/x && cat b/x | tr a-z A-Z > y; ls absent; ( sleep 0.01; kill -TERM $$ ) &
trap 'echo caught' TERM; wait; exit 3
"""

# Needs: a program that may not be there.
_COMMANDS: Mapping[str, tuple[str, Sequence[str]]] = {
    "ls": ("ls", ("/bin/ls", "-l", "/etc", "/dev", "/proc/self/fd")),
    "tar": (
        "tar",
        ("/bin/sh", "-c", "cp /etc/*.conf . ; tar -czf a.tgz *.conf && mkdir x && tar -C x -xzf a.tgz"),
    ),
    "gcc": ("gcc", ("/bin/sh", "-c", _MAIN)),
    "shell": ("sh", ("/bin/sh", "-c", _SHELL)),
    "find": ("find", ("/usr/bin/find", "/etc", "-name", "*.conf", "-newer", "/etc/passwd")),
    "ssh-keygen": ("ssh-keygen", ("/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key")),
    "perf": ("perf", ("/usr/bin/perf", "stat", "-e", "task-clock,page-faults", "true")),
    "bpftool": ("bpftool", ("/usr/sbin/bpftool", "prog")),
    "curl": ("curl", ("/usr/bin/curl", "-s", "http://127.0.0.1:9/", "file:///etc/hostname")),
    "loopback": ("", (sys.executable, str(_HERE / "loopback.py"))),
    "modules": ("", (sys.executable, str(_HERE / "modules.py"))),
}


def commands() -> dict[str, Sequence[str]]:
    """By name; without those whose program is not installed."""
    built = runs.build(sorted(_HERE.glob("*.c")))
    found: dict[str, Sequence[str]] = {
        name: words for name, (needs, words) in _COMMANDS.items() if not needs or shutil.which(needs)
    }
    return found | {name: (str(path),) for name, path in built.items()}
