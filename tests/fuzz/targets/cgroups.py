"""Any text as /proc/self/mountinfo and /proc/self/cgroup: a directory, or NoFreezer with a reason."""

from __future__ import annotations

import contextlib

from argtrace import cgroups
from argtrace.cgroups import NoFreezer
from tests.fuzz.target import Target

MOUNTS = """31 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
41 31 0:38 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
42 31 0:38 /a\\040b /mnt/x ro shared:3 - cgroup2 none ro
"""
MEMBERSHIP = "1:name=systemd:/\n0::/user.slice/session-2.scope\n"


def check(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    mountinfo, _, membership = text.partition("\0")
    with contextlib.suppress(NoFreezer):
        found = cgroups.find(mountinfo, membership)
        assert found == found.rstrip("/")
        assert "cgroup2" in mountinfo
    cgroups.mounted(mountinfo)


def seeds() -> list[bytes]:
    lines = MOUNTS.splitlines()
    every = [MOUNTS, *lines, lines[2] + "\n" + lines[0]]
    return [f"{mounts}\0{MEMBERSHIP}".encode() for mounts in every]


WORDS = (b" - cgroup2 ", b"0::/", b"/..", b"\\040", b"\\777", b" ", b"\n", b"ro", b"/", b"\0", b"\x85")

TARGET = Target("where cgroups are mounted (cgroups.py)", check, seeds, WORDS)
