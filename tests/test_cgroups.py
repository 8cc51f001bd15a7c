"""Where our cgroup is, from the texts of /proc; and a leaf, where it can be made."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from argtrace import cgroups
from argtrace.cgroups import Leaf, NoFreezer

UNIFIED = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
HYBRID = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup c rw"
)


@pytest.mark.parametrize(
    ("mounts", "membership", "directory"),
    [
        pytest.param(
            UNIFIED, "0::/user.slice/a.scope", "/sys/fs/cgroup/user.slice/a.scope", id="one hierarchy"
        ),
        pytest.param(UNIFIED, "0::/", "/sys/fs/cgroup", id="the root"),
        pytest.param(
            f"{HYBRID}\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
            "4:memory:/a\n0::/b",
            "/sys/fs/cgroup/unified/b",
            id="beside version 1",
        ),
        pytest.param(
            "1 1 0:1 /a /mnt rw - cgroup2 c rw", "0::/a/b", "/mnt/b", id="mounted from below the root"
        ),
        pytest.param("1 1 0:1 /a /mnt rw - cgroup2 c rw", "0::/a", "/mnt", id="we are what is mounted"),
        pytest.param(
            "1 1 0:1 / /my\\040cgroups rw shared:1 master:2 - cgroup2 c rw",
            "0::/a",
            "/my cgroups/a",
            id="a mount point with a space, and optional fields",
        ),
        pytest.param(
            "1 1 0:1 / /ro ro - cgroup2 c rw\n2 1 0:1 / /rw rw - cgroup2 c rw",
            "0::/a",
            "/rw/a",
            id="writable before read-only",
        ),
        pytest.param("1 1 0:1 / /ro ro - cgroup2 c rw", "0::/a", "/ro/a", id="read-only: mkdir will say so"),
    ],
)
def test_our_directory(mounts: str, membership: str, directory: str) -> None:
    assert cgroups.find(mounts, membership) == directory


@pytest.mark.parametrize(
    ("mounts", "membership", "why"),
    [
        pytest.param(HYBRID, "4:memory:/a\n0::/", "no cgroup2 is mounted", id="version 1 alone"),
        pytest.param(UNIFIED, "4:memory:/a", "names no cgroup of version 2", id="a kernel without"),
        pytest.param("", "", "names no cgroup of version 2", id="nothing at all"),
        pytest.param("x\n\n - cgroup2", "0::/", "no cgroup2 is mounted", id="lines that are none"),
        pytest.param(
            "1 1 0:1 /a /mnt rw - cgroup2 c rw", "0::/ab", "outside of", id="a name that begins alike"
        ),
        pytest.param(UNIFIED, "0::/../a", "outside of", id="above our namespace's root"),
        pytest.param("1 1 0:1 /.. /mnt rw - cgroup2 c rw", "0::/", "outside of", id="mounted from above it"),
    ],
)
def test_no_directory_and_why(mounts: str, membership: str, why: str) -> None:
    with pytest.raises(NoFreezer, match=why) as caught:
        cgroups.find(mounts, membership)

    assert "--buffer" in (caught.value.remedy or "")
    assert "\n" not in str(caught.value)


@pytest.fixture
def leaf() -> Iterator[Leaf]:
    made = Leaf(cgroups.ours())
    made.make()
    yield made
    made.close()
    made.dissolve()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "1000"])
    yield process
    process.kill()
    process.wait()


def cgroup(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text().partition("0::")[2].strip()


@pytest.mark.live
def test_what_is_in_a_leaf_that_is_dissolved_goes_back(leaf: Leaf, sleeper: subprocess.Popen[bytes]) -> None:
    before = cgroup(sleeper.pid)
    leaf.admit(sleeper.pid)
    inside = cgroup(sleeper.pid)
    leaf.freeze(True)

    assert leaf.dissolve()
    assert inside.endswith(os.path.basename(leaf.path))
    assert cgroup(sleeper.pid) == before
    assert not os.path.exists(leaf.path)
    assert leaf.dissolve(), "a second time is no failure"


@pytest.mark.live
def test_a_leaf_with_cgroups_that_are_not_ours_stays_and_is_thawed(leaf: Leaf) -> None:
    os.mkdir(f"{leaf.path}/theirs")
    leaf.freeze(True)

    assert not leaf.dissolve()
    assert not leaf.frozen()
    assert list(leaf.children()) == ["theirs"]
    os.rmdir(f"{leaf.path}/theirs")


@pytest.mark.live
def test_only_a_leaf_that_nobody_guards_is_swept(leaf: Leaf) -> None:
    leaf.freeze(True)
    cgroups.sweep(leaf.parent)
    guarded = os.path.exists(leaf.path)
    leaf.close()
    cgroups.sweep(leaf.parent)

    assert guarded
    assert not os.path.exists(leaf.path)


@pytest.mark.live
def test_where_none_can_be_made_the_reason_is_named() -> None:
    with pytest.raises(NoFreezer, match="cannot make /proc/nowhere/argtrace-"):
        Leaf("/proc/nowhere").make()
    with pytest.raises(NoFreezer, match="No such process"):
        Leaf(cgroups.ours(), ".").admit(2**22 + 1)
