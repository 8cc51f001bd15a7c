"""A userland of another machine, of Debian's packages, for a guest's root.

They are unpacked and no more: no script of theirs is run, which would take that machine.
"""

from __future__ import annotations

import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vm import kernels
from vm.apt import Apt
from vm.machines import Machine

_SUITES = ("bookworm", "bookworm-security")

# What the guest's own start takes, whatever else is wanted.
_LEAST = ("busybox-static", "dash", "coreutils")
_EMPTY = ("proc", "sys", "dev", "run", "tmp", "root", "mnt", "etc", "var/tmp")


def root_of(machine: Machine) -> Path:
    return kernels.cache() / "roots" / machine.name


def have(machine: Machine, packages: Sequence[str]) -> Path:
    """The root, if it was made of these packages; or a new one."""
    told = root_of(machine) / "packages"
    if told.exists() and set(told.read_text().split()) >= set(packages):
        return root_of(machine)
    return fetch(machine, packages)


def fetch(machine: Machine, packages: Sequence[str]) -> Path:
    """A new root with these packages and what they depend on."""
    home = root_of(machine)
    home.parent.mkdir(parents=True, exist_ok=True)
    source = Apt(kernels.cache() / f"apt-root-{machine.name}", machine.name, _SUITES)
    source.update()
    with tempfile.TemporaryDirectory(dir=kernels.cache()) as directory:
        archives = source.closure([*packages, *_LEAST], Path(directory) / "archives")
        made = Path(directory) / "root"
        _unpack(archives, made)
        _compile_python(made)
        (made / "packages").write_text(" ".join(sorted(packages)) + "\n")
        if home.exists():
            shutil.rmtree(home)
        made.rename(home)
    return home


def _unpack(archives: Sequence[Path], root: Path) -> None:
    # One tree for /bin and /usr/bin and so on, whichever of them a package names.
    for name in ("bin", "sbin", "lib"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for archive in archives:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as contents:
            subprocess.run(
                ["tar", "-x", "--keep-directory-symlink", "-C", root], stdin=contents.stdout, check=True
            )
    for name in _EMPTY:
        (root / name).mkdir(parents=True, exist_ok=True)
    if not (root / "bin/sh").exists():
        (root / "usr/bin/sh").symlink_to("dash")  # which a script of its package does
    (root / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n"
    )
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    # What the tests read, and any machine has.
    (root / "etc/hostname").write_text("guest\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost guest\n")


def _compile_python(root: Path) -> None:
    """Python's own modules, which a script of its package does; by ours, if it is of the same version."""
    library = Path("usr/lib", f"python{sys.version_info.major}.{sys.version_info.minor}")
    if (root / library).is_dir():
        for path in (root / library).rglob("*.py"):
            py_compile.compile(str(path), dfile="/" + str(path.relative_to(root)), quiet=2)
