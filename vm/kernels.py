"""Which package has the kernel of a series, and the kernels that are there.

A kernel is kept unpacked in a directory of its own:

    CACHE/kernels/amd64/6.12/meta.json   what it is
                             vmlinuz     the package's image
                             kernel      what QEMU starts of it
                             modules/    those that a boot loads

Up to 6.18 Debian's package is linux-image-ABI; from 6.19 on the image is in linux-binary-ABI, its modules
in linux-modules-ABI, and linux-image-ABI is empty. A new upload takes the place of the one before it, so
a series is asked for, never a version, and its modules can be gone while its image is still there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vm import apt, image, modules
from vm.apt import Apt
from vm.machines import MACHINES, Machine

# What three suites have is enough for every kernel of the matrix on x86-64, and their lists take 1 MB; the
# rest is asked for what they have not.
_SUITES = (
    ("bullseye-security", "bookworm-security", "trixie-backports"),
    (
        "bullseye",
        "bookworm",
        "bookworm-backports",
        "trixie",
        "trixie-security",
        "forky",
        "sid",
        "experimental",
    ),
)

# Of one version: where the image is in a split package, where it is in an older one, and the unsigned twin.
_KINDS = ("linux-binary-unsigned", "linux-image", "linux-binary")


@dataclass(frozen=True)
class Kernel:
    """`series` is 6.12, `release` what uname says, `modules` are in the order of loading."""

    directory: Path
    series: str
    arch: str
    release: str
    package: str
    version: str
    modules: tuple[str, ...]

    @property
    def machine(self) -> Machine:
        return MACHINES[self.arch]

    @property
    def image(self) -> Path:
        plain = self.directory / "kernel"
        return plain if plain.exists() else self.directory / "vmlinuz"


def cache() -> Path:
    """Where kernels and roots are: ARGTRACE_VM_CACHE, or beside what else is cached."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(os.environ.get("ARGTRACE_VM_CACHE") or os.path.join(base, "argtrace-vm"))


def find(series: str, machine: Machine) -> Kernel | None:
    """The kernel of that series, if it was fetched."""
    return _read(cache() / "kernels" / machine.name / series)


def found() -> list[Kernel]:
    kernels = [_read(path.parent) for path in cache().glob("kernels/*/*/meta.json")]
    return sorted(filter(None, kernels), key=lambda kernel: (kernel.arch, apt.by_age(kernel.series)))


def _read(directory: Path) -> Kernel | None:
    try:
        meta = json.loads((directory / "meta.json").read_text())
    except FileNotFoundError:
        return None
    words = {name: meta[name] for name in ("series", "arch", "release", "package", "version")}
    return Kernel(directory, **words, modules=tuple(meta["modules"]))


def fetch(series: str, machine: Machine) -> Kernel:
    """The newest kernel of that series, downloaded. Exits where no suite has one."""
    home = cache()
    home.mkdir(parents=True, exist_ok=True)
    for number, suites in enumerate(_SUITES):
        source = Apt(home / f"apt-{machine.name}-{number}", machine.name, suites)
        source.update()
        kernel = _fetch(source, series, machine)
        if kernel is not None:
            return kernel
    raise SystemExit(f"vm: no suite has a kernel {series} for {machine.name}")


def _fetch(source: Apt, series: str, machine: Machine) -> Kernel | None:
    kinds, number, flavour = "|".join(_KINDS), re.escape(series), machine.flavour
    offered = source.versions(rf"^({kinds})-{number}[.-].*{flavour}$|^({kinds})-{number}-{flavour}$")
    # A package that only names the newest one has a version of its own.
    offered = {name: version for name, version in offered.items() if version.startswith(series)}

    def preference(name: str) -> tuple[object, int]:
        return apt.by_age(offered[name]), _KINDS.index(_kind(name))

    for name in sorted(offered, key=preference, reverse=True):
        release = name.removeprefix(_kind(name) + "-")
        with tempfile.TemporaryDirectory(dir=cache()) as directory:
            unpacked = Path(directory) / "unpacked"
            rest = source.versions(rf"^linux-(modules|base)-{re.escape(release)}$")
            wanted = [f"{each}={version}" for each, version in [(name, offered[name]), *rest.items()]]
            try:
                packages = source.download(wanted, Path(directory) / "packages")
            except subprocess.CalledProcessError:
                continue  # listed, and not to be had: an older one may be
            for package in packages:
                subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
            images = [path for path in unpacked.rglob("vmlinuz*") if path.is_file()]
            if not images:
                continue  # empty, as the image's is where it is split
            built = Path(directory) / "kernel"
            names = _lay_out(built, images[0], unpacked, release, machine)
            home = cache() / "kernels" / machine.name / series
            kernel = Kernel(home, series, machine.name, release, name, offered[name], names)
            meta = {key: value for key, value in asdict(kernel).items() if key != "directory"}
            (built / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")
            _put(built, home)
            return kernel
    return None


def _kind(package: str) -> str:
    return max((kind for kind in _KINDS if package.startswith(kind + "-")), key=len)


def _lay_out(built: Path, vmlinuz: Path, unpacked: Path, release: str, machine: Machine) -> tuple[str, ...]:
    """Fill a kernel's directory; the names of its modules."""
    (built / "modules").mkdir(parents=True)
    data = vmlinuz.read_bytes()
    (built / "vmlinuz").write_bytes(data)
    try:
        (built / "kernel").write_bytes(image.bootable(data, machine.uname))
    except ValueError as error:
        print(f"vm: {release} starts packed, which takes longer: {error}")
    names: Sequence[str] = ()
    for directory in unpacked.rglob(f"lib/modules/{release}"):
        chosen = modules.closure(directory, modules.BOOT)
        names = [modules.plain(path) for path in chosen]
        for path in chosen:
            (built / "modules" / modules.plain(path)).write_bytes(modules.contents(path))
    return tuple(names)


def _put(built: Path, home: Path) -> None:
    """Under its name at once: a guest that is being started has the one before, or this one."""
    home.parent.mkdir(parents=True, exist_ok=True)
    if home.exists():
        shutil.rmtree(home)
    built.rename(home)
