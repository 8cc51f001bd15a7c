"""Cgroups by id, path and container, in directories of our own."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from argtrace import cgroup_paths
from argtrace.cgroup_paths import CgroupPaths, directory, members, of_container, walk
from argtrace.errors import ArgtraceError, NotFound

ID = "4f1c" + "0d2a" * 15
OTHER = "4f1d" + "0d2a" * 15
DOCKER = f"/system.slice/docker-{ID}.scope"


def make(root: Path, *paths: str) -> None:
    """Cgroups of version 2, with those above them."""
    for path in ("", *paths):
        here = root
        for name in ("", *path.strip("/").split("/")):
            here /= name
            here.mkdir(exist_ok=True)
            for file in ("cgroup.procs", "cgroup.controllers"):
                (here / file).touch()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where cgroup2 is mounted."""
    found = tmp_path / "cgroup"
    found.mkdir()
    make(found)
    monkeypatch.setattr(cgroup_paths, "mounted", lambda: str(found))
    return found


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup_paths, "mounted", lambda: None)


# Walking.


def test_every_cgroup_with_its_id(root: Path) -> None:
    make(root, "/a/b/c", "/d")
    (root / "a" / "memory.max").touch()
    (root / "d" / "link").symlink_to(root / "a")

    assert dict(walk(str(root))) == {
        path: os.stat(f"{root}{path}").st_ino for path in ("/", "/a", "/a/b", "/a/b/c", "/d")
    }


def test_what_is_above_comes_first(root: Path) -> None:
    make(root, "/a/b/c", "/d/e")
    order = [path for path, _ in walk(str(root))]

    assert order[0] == "/"
    for path in order[1:]:
        above = os.path.dirname(path)
        assert order.index(above) < order.index(path)


def test_a_cgroup_that_is_removed_meanwhile(root: Path) -> None:
    make(root, "/a/b", "/c")
    found = []
    for path, _ in walk(str(root)):
        found.append(path)
        if path == "/a":
            shutil.rmtree(root / "a")

    assert sorted(found) == ["/", "/a", "/c"]


def test_names_that_are_no_text(root: Path) -> None:
    os.mkdir(os.fsencode(root) + b"/\xff\x1b[2J")

    assert "/\udcff\x1b[2J" in dict(walk(str(root)))


# By id.


def test_a_path_by_its_id(root: Path) -> None:
    make(root, "/a/b")
    paths = CgroupPaths()

    assert paths.path(os.stat(root / "a/b").st_ino) == "/a/b"
    assert paths.path(os.stat(root).st_ino) == "/"


def test_a_path_is_remembered_when_its_cgroup_is_gone(root: Path) -> None:
    make(root, "/a")
    id = os.stat(root / "a").st_ino
    paths = CgroupPaths()
    assert paths.path(id) == "/a"
    (root / "a").rename(root.parent / "elsewhere")

    assert paths.path(id) == "/a"


def test_no_cgroup_has_this_id(root: Path) -> None:
    assert CgroupPaths().path((1 << 64) - 1) is None


def test_a_cgroup_that_is_made_later_is_found_at_once(root: Path) -> None:
    """Who asks may remember what we say: that one is gone which is there would stay."""
    paths = CgroupPaths()
    for name in ("a", "b", "c"):
        make(root, f"/{name}")
        assert paths.path(os.stat(root / name).st_ino) == f"/{name}"


def test_what_is_not_there_is_looked_for_once_in_a_while(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, walks = 100.0, 0
    paths = CgroupPaths()
    real = walk

    def counted(directory: str) -> object:
        nonlocal walks
        walks += 1
        return real(directory)

    monkeypatch.setattr(cgroup_paths, "walk", counted)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for _ in range(100):
        assert paths.path(1) is None
        now += 0.001
    assert walks == 1
    now += 1
    paths.path(1)
    assert walks == 2


def test_what_is_remembered_has_an_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup_paths, "_MANY", 5)
    paths = CgroupPaths()
    for at in range(20):
        make(root, f"/{at}")
        assert paths.path(os.stat(root / str(at)).st_ino) == f"/{at}"
        paths.path((1 << 63) + at)
        (root / str(at)).rename(root.parent / f"{at}-gone")

    assert len(paths._paths) <= 7
    assert len(paths._missed) <= 6


def test_where_nothing_is_mounted_no_id_has_a_path(nowhere: None) -> None:
    assert CgroupPaths().path(1) is None


# By path.


@pytest.mark.parametrize("path", ["a/b", "/a/b", "/a/b/", "{root}/a/b"])
def test_a_directory_or_a_path_from_the_root(root: Path, path: str) -> None:
    make(root, "/a/b")
    found = directory(path.format(root=root))

    assert os.path.samefile(found, root / "a/b")


@pytest.mark.parametrize("path", ["/", ""])
def test_the_root(root: Path, path: str) -> None:
    """Or that of the file system, where there is none of ours."""
    assert os.path.samefile(directory(path), root)


def test_a_directory_that_is_no_cgroup(root: Path) -> None:
    (root.parent / "other").mkdir()
    for path in ("other", str(root.parent / "other"), "/nosuch"):
        with pytest.raises(ArgtraceError, match="no cgroup") as error:
            directory(path)
        assert str(root) in str(error.value.remedy)


def test_a_cgroup_of_version_1(root: Path) -> None:
    old = root.parent / "memory"
    old.mkdir()
    (old / "cgroup.procs").touch()
    with pytest.raises(ArgtraceError, match=f"{old} is a cgroup of version 1") as error:
        directory(str(old))

    assert str(root) in str(error.value.remedy)


@pytest.mark.parametrize("ask", [directory, of_container])
def test_where_nothing_is_mounted(nowhere: None, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(ArgtraceError, match="no cgroup2 is mounted") as error:
        ask("a")

    assert error.value.remedy


# Containers.


@pytest.mark.parametrize("id", [ID, ID[:12], ID[:4]])
def test_a_container_by_its_id(root: Path, id: str) -> None:
    make(root, DOCKER, f"/system.slice/docker-{OTHER}.scope", "/user.slice")

    assert of_container(id) == f"{root}{DOCKER}"


def test_a_container_by_its_name(root: Path) -> None:
    make(root, "/lxc.payload.web/init.scope", "/lxc.payload.db")

    assert of_container("web") == f"{root}/lxc.payload.web"


def test_a_whole_name_is_meant_even_if_another_begins_with_it(root: Path) -> None:
    make(root, "/lxc.payload.web", "/lxc.payload.web2", "/lxc.payload.a-web")

    assert of_container("web") == f"{root}/lxc.payload.web"


def test_the_outermost_of_a_containers_cgroups(root: Path) -> None:
    make(root, f"{DOCKER}/init.scope", f"{DOCKER}/system.slice/cron.service")

    assert of_container(ID) == f"{root}{DOCKER}"


def test_a_container_in_a_container(root: Path) -> None:
    inner = f"{DOCKER}/docker/{OTHER}"
    make(root, inner)

    assert of_container(OTHER[:8]) == f"{root}{inner}"
    assert of_container(ID[:8]) == f"{root}{DOCKER}"


def test_several_containers(root: Path) -> None:
    make(root, DOCKER, f"/system.slice/docker-{OTHER}.scope")
    with pytest.raises(ArgtraceError) as error:
        of_container("4f1")

    assert str(error.value) == f"container 4f1 may be {ID}, {OTHER}"
    assert error.value.remedy == "write more of its id"


def test_no_container(root: Path) -> None:
    make(root, DOCKER, "/lxc.payload.web")
    with pytest.raises(NotFound) as error:
        of_container("77")

    assert error.value.similar == (f"docker {ID[:12]}", "lxc web")
    assert str(root) in str(error.value)


def test_a_cgroup_whose_name_has_the_id_is_no_container(root: Path) -> None:
    make(root, f"/machine.slice/libpod-conmon-{ID}.scope", f"/machine.slice/libpod-{ID}.scope/container")

    assert of_container(ID) == f"{root}/machine.slice/libpod-{ID}.scope"


# Who is in one.


def test_processes_in_a_cgroup_and_below(root: Path) -> None:
    make(root, "/a/b/c", "/d")
    for path, pids in (("a", "11\n12\n"), ("a/b", ""), ("a/b/c", "13\n"), ("d", "14\n")):
        (root / path / "cgroup.procs").write_text(pids)

    assert sorted(members(str(root / "a"))) == [11, 12, 13]


def test_processes_that_our_namespace_does_not_show(root: Path) -> None:
    make(root, "/a")
    (root / "a/cgroup.procs").write_text("0\n11\n0\n")

    assert list(members(str(root / "a"))) == [11]


def test_a_cgroup_whose_processes_cannot_be_read(root: Path) -> None:
    """Threaded, or removed meanwhile."""
    make(root, "/a/b", "/a/c")
    (root / "a/b/cgroup.procs").unlink()
    (root / "a/c/cgroup.procs").write_text("11\n")

    assert list(members(str(root / "a"))) == [11]


def test_a_cgroup_that_is_gone_has_none(root: Path) -> None:
    assert list(members(str(root / "gone"))) == []
