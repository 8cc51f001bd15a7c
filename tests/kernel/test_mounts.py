"""tracefs where it is mounted, else a mount of our own that nobody sees."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from argtrace.errors import KernelRefused
from argtrace.kernel import mounts


class Calls:
    """fsopen, fsconfig and fsmount, of which one may fail. Descriptors are real."""

    def __init__(self, fails: str = "") -> None:
        self.names: list[str] = []
        self.given: dict[str, int] = {}
        self._fails = fails

    def __call__(self, name: str, _number: int, *_arguments: object) -> int:
        self.names.append(name)
        if name == self._fails:
            raise KernelRefused(name, errno.EPERM)
        if name == "fsconfig":
            return 0
        self.given[name] = os.open(os.devnull, os.O_RDONLY)
        return self.given[name]


def _tracefs(place: Path) -> str:
    (place / "events" / "syscalls").mkdir(parents=True)
    return str(place)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("mounted", [0, 1], ids=["the usual place", "the old place, below debugfs"])
def test_a_mounted_tracefs_is_read_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mounted: int
) -> None:
    places = [tmp_path / "tracing", tmp_path / "debug" / "tracing"]
    for place in places:
        place.mkdir(parents=True)  # a mount point without its file system
    found = _tracefs(places[mounted])
    calls = Calls()
    monkeypatch.setattr(mounts, "_USUAL_PLACES", tuple(map(str, places)))
    monkeypatch.setattr(mounts, "_call", calls)

    with mounts.tracefs() as root:
        assert os.path.samestat(os.fstat(root.fileno()), os.stat(found))
        assert os.get_inheritable(root.fileno()) is False

    assert calls.names == []


def test_elsewhere_it_is_mounted_for_us_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = Calls()
    monkeypatch.setattr(mounts, "_USUAL_PLACES", (str(tmp_path),))
    monkeypatch.setattr(mounts, "_call", calls)

    with mounts.tracefs() as root:
        assert calls.names == ["fsopen", "fsconfig", "fsmount"]
        assert root.fileno() == calls.given["fsmount"]
        assert not _is_open(calls.given["fsopen"])

    assert not _is_open(calls.given["fsmount"])


@pytest.mark.parametrize("call", ["fsopen", "fsconfig", "fsmount"])
def test_a_mount_that_is_refused_leaves_nothing_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: str
) -> None:
    calls = Calls(fails=call)
    monkeypatch.setattr(mounts, "_USUAL_PLACES", (str(tmp_path),))
    monkeypatch.setattr(mounts, "_call", calls)

    with pytest.raises(KernelRefused, match=f"{call}: EPERM"):
        mounts.tracefs()

    assert not any(_is_open(number) for number in calls.given.values())


def test_the_real_kernel_refuses_a_file_system_it_does_not_know() -> None:
    """ENODEV with the right to mount, EPERM without."""
    with pytest.raises(KernelRefused, match=r"fsopen: (ENODEV|EPERM)"):
        mounts._detached("argtrace-has-no-such-file-system")
