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
    """A copy of argtrace/native/ with modules for that machine in place of the host's.

    Without C files or Python's headers there are none, which is said, and the guest decodes in Python.
    """
    shutil.copytree(package, to, ignore=shutil.ignore_patterns("*.so"))
    sources, include = sorted(to.glob("*.c")), Path(sysconfig.get_path("include"))
    if not sources or not (include / "Python.h").exists():
        lacking = f"{include}/Python.h" if sources else f"{package}/*.c"
        print(f"vm: no {lacking}: the guest will decode in Python", file=sys.stderr)
        return
    version = "".join(map(str, sys.version_info[:2]))
    compiler = [f"{machine.uname}-linux-gnu-gcc", "-O2", "-w", "-shared", "-fPIC", f"-I{include}"]
    for source in sources:
        made = source.with_suffix(f".cpython-{version}-{machine.uname}-linux-gnu.so")
        subprocess.run([*compiler, "-o", str(made), str(source)], check=True)
