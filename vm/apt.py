"""Packages of Debian's suites, by an apt with sources, lists and a cache of its own.

The machine's own apt is asked where its mirror is, and is not changed.

Source: apt.conf(5), sources.list(5), apt-get(8).
"""

from __future__ import annotations

import functools
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_FRESH = 24 * 3600  # seconds that lists are good for

# Images of containers switch these off in apt.conf.d, and an option on the command line is stronger.
_CACHES = ("-o", "Dir::Cache::pkgcache=pkgcache.bin", "-o", "Dir::Cache::srcpkgcache=srcpkgcache.bin")


class Apt:
    def __init__(self, directory: Path, architecture: str, suites: Sequence[str]) -> None:
        self._directory, self._architecture = directory, architecture
        for name in ("state/lists/partial", "cache/archives/partial", "etc/preferences.d"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        (directory / "state/status").touch()
        site, security = _mirrors()
        self._sources = "".join(
            f"deb [signed-by={_KEYS}] {security if suite.endswith('-security') else site} {suite} main\n"
            for suite in suites
        )
        (directory / "etc/sources.list").write_text(self._sources)
        (directory / "apt.conf").write_text(
            f'Dir::State "{directory}/state";\n'
            f'Dir::State::status "{directory}/state/status";\n'
            f'Dir::Cache "{directory}/cache";\n'
            f'Dir::Etc::sourcelist "{directory}/etc/sources.list";\n'
            'Dir::Etc::sourceparts "-";\n'
            f'Dir::Etc::preferencesparts "{directory}/etc/preferences.d";\n'
            f'APT::Architecture "{architecture}";\n'
            f'APT::Architectures {{ "{architecture}"; }};\n'
            'APT::Sandbox::User "root";\n'
            'Acquire::Languages "none";\n'
        )
        self._environment = {**os.environ, "APT_CONFIG": str(directory / "apt.conf"), "LC_ALL": "C.UTF-8"}

    def update(self) -> None:
        """Read the lists, if they are a day old or of other suites. A suite that the mirror has dropped is
        no failure: what is looked for may be in another."""
        stamp = self._directory / "updated"
        if (
            stamp.exists()
            and time.time() - stamp.stat().st_mtime < _FRESH
            and stamp.read_text() == self._sources
        ):
            return
        subprocess.run(
            ["apt-get", "update", "-q"], env=self._environment, stdout=subprocess.DEVNULL, check=False
        )
        stamp.write_text(self._sources)

    def versions(self, pattern: str) -> dict[str, str]:
        """The newest version of each package whose name matches, by name."""
        found = self._ask("search", "--names-only", pattern).splitlines()
        names = sorted({line.split(" ", 1)[0] for line in found})
        newest: dict[str, str] = {}
        for line in self._ask("madison", *names).splitlines() if names else ():
            name, version = (part.strip() for part in line.split("|")[:2])
            if name not in newest or is_newer(version, newest[name]):
                newest[name] = version
        return newest

    def download(self, packages: Sequence[str], to: Path) -> list[Path]:
        """These packages alone, each NAME=VERSION. Raises CalledProcessError: a mirror may list what it no
        longer has."""
        to.mkdir(parents=True, exist_ok=True)
        self._get("download", *packages, to=to)
        return sorted(to.glob("*.deb"))

    def closure(self, packages: Sequence[str], to: Path) -> list[Path]:
        """These packages and all that they depend on."""
        (to / "partial").mkdir(parents=True, exist_ok=True)
        options = ("-y", "--no-install-recommends", "--download-only", "-o", f"Dir::Cache::archives={to}")
        self._get("install", *options, *packages, to=to)
        return sorted(to.glob("*.deb"))

    def _ask(self, *words: str) -> str:
        return subprocess.run(
            ["apt-cache", *_CACHES, *words], env=self._environment, check=True, capture_output=True, text=True
        ).stdout

    def _get(self, *words: str, to: Path) -> None:
        subprocess.run(
            ["apt-get", *_CACHES, "-q", *words],
            env=self._environment,
            cwd=to,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
        )


def _mirrors() -> tuple[str, str]:
    """The mirror that the machine's apt uses, and that of Debian's security team."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)\t$(LABEL)\t$(REPO_URI)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {}
    for line in targets.splitlines():
        origin, label, uri = line.split("\t")
        if origin == "Debian":
            found[label] = uri
    if "Debian" not in found:
        raise SystemExit("vm: apt knows no mirror of Debian's; run `apt-get update` first")
    site = found["Debian"]
    return site, found.get("Debian-Security", site.rstrip("/") + "-security")


def is_newer(version: str, than: str) -> bool:
    """As dpkg orders versions: deb-version(7)."""
    return _compare(version, than) > 0


@functools.cache
def _compare(one: str, other: str) -> int:
    for sign, relation in ((1, "gt"), (-1, "lt")):
        if not subprocess.run(["dpkg", "--compare-versions", one, relation, other], check=False).returncode:
            return sign
    return 0


by_age = functools.cmp_to_key(_compare)
"""A key that sorts versions from the oldest to the newest."""
