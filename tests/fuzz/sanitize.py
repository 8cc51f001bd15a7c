"""The native modules built with AddressSanitizer and UndefinedBehaviorSanitizer, in a copy of the tree.

    python -m tests.fuzz --sanitize ring lines calls columns copies --seconds 60

A read one byte beyond a sample ends the process, and so becomes a finding. Python takes its memory from
malloc there, so that the sanitizer knows where each buffer ends.

Source: the GCC manual, "Program Instrumentation Options". Loads that are not aligned are left alone: those
of records are meant to be, and x86-64 and arm64 have them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLAGS = (
    "-fsanitize=address,undefined -fno-sanitize=alignment -fno-sanitize-recover=undefined "
    "-fno-omit-frame-pointer -g -O1"
)


def build(into: Path) -> dict[str, str]:
    """A copy of the tree with such modules in it. Gives the environment to run it in."""
    ignored = shutil.ignore_patterns("*.so", "__pycache__", "build", "*.c")
    for name in ("argtrace", "tests", "tools", "docs"):
        shutil.copytree(ROOT / name, into / name, ignore=ignored)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, into)
    environment = os.environ | {"CFLAGS": FLAGS, "LDFLAGS": "-fsanitize=address,undefined"}
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=into,
        env=environment,
        check=True,
        capture_output=True,
    )
    runtimes = [
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout
        for name in ("libasan.so", "libubsan.so")
    ]
    return os.environ | {
        "LD_PRELOAD": " ".join(map(str.strip, runtimes)),
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:halt_on_error=1",
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(into),
    }
