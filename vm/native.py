"""The native executor for guests of another machine: compiled here, as they have no compiler.

Its C is what Cython made for the host's; it is the same for each machine, and so are Python's headers where
both have 64 bits and the version is one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from vm.machines import Machine


def build(machine: Machine, package: Path, to: Path) -> None:
    """A copy of argtrace/native/ with modules for that machine in place of the host's."""
    shutil.copytree(package, to, ignore=shutil.ignore_patterns("*.so"))
    sources = sorted(to.glob("*.c"))
    if not sources:
        print("vm: argtrace/native has no C files: the guest will decode in Python", file=sys.stderr)
    version = "".join(map(str, sys.version_info[:2]))
    for source in sources:
        made = source.with_suffix(f".cpython-{version}-{machine.uname}-linux-gnu.so")
        words = [f"{machine.uname}-linux-gnu-gcc", "-O2", "-w", "-shared", "-fPIC"]
        subprocess.run(
            [*words, f"-I{sysconfig.get_path('include')}", "-o", str(made), str(source)], check=True
        )
