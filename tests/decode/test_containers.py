"""Containers by the paths of their cgroups, as runtimes make them: a path, then what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.containers import Container, identify

ID = "4f1c" + "0d2a" * 15
OTHER = "77" * 32
OLD = "0123456789abcdef" * 2
POD = "8f2f3c1e_6a5d_4b0e_9c7a_1d2e3f405162"
UID = "8f2f3c1e-6a5d-4b0e-9c7a-1d2e3f405162"
USER = "/user.slice/user-1000.slice/user@1000.service"

CONTAINERS = [
    # Docker.
    (f"/docker/{ID}", "docker", ID),
    (f"/system.slice/docker-{ID}.scope", "docker", ID),
    (f"/system.slice/docker-{ID}.scope/init.scope", "docker", ID),
    (f"/my.slice/docker-{ID}.scope", "docker", ID),
    (f"{USER}/user.slice/docker-{ID}.scope", "docker", ID),
    # Podman.
    (f"/machine.slice/libpod-{ID}.scope", "podman", ID),
    (f"/machine.slice/libpod-{ID}.scope/container", "podman", ID),
    (f"{USER}/user.slice/libpod-{ID}.scope/container", "podman", ID),
    (f"/libpod_parent/libpod-{ID}", "podman", ID),
    (f"/libpod_parent/{ID}", "podman", ID),
    (f"/machine.slice/machine-libpod_pod_{OTHER}.slice/libpod-{ID}.scope", "podman", ID),
    (f"{USER}/user.slice/user-libpod_pod_{OTHER}.slice/libpod-{ID}.scope", "podman", ID),
    # containerd by itself.
    (f"/default/{ID}", "containerd", ID),
    (f"/system.slice/nerdctl-{ID}.scope", "containerd", ID),
    # Kubernetes with systemd's driver.
    (
        f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{POD}.slice/cri-containerd-{ID}.scope",
        "containerd",
        ID,
    ),
    (f"/kubepods.slice/kubepods-pod{POD}.slice/crio-{ID}.scope", "cri-o", ID),
    (f"/kubepods.slice/kubepods-pod{POD}.slice/crio-{ID}.scope/container", "cri-o", ID),
    (
        f"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{POD}.slice/docker-{ID}.scope",
        "docker",
        ID,
    ),
    # With cgroupfs there is no more than an id.
    (f"/kubepods/besteffort/pod{UID}/{ID}", "container", ID),
    (f"/kubepods/pod{UID}/{ID}", "container", ID),
    (f"/kubepods/burstable/pod{UID}/{OLD}", "container", OLD),
    (f"/kubelet/kubepods/pod{UID}/{ID}", "container", ID),
    (f"/k8s.io/{ID}", "container", ID),
    # LXC.
    ("/lxc/web", "lxc", "web"),
    ("/lxc/web/system.slice/ssh.service", "lxc", "web"),
    ("/lxc.payload.web", "lxc", "web"),
    ("/lxc.payload.web/init.scope", "lxc", "web"),
    ("/lxc.payload.user-1000_web.example", "lxc", "user-1000_web.example"),
    # systemd-nspawn.
    ("/machine.slice/machine-debian.scope", "nspawn", "debian"),
    (r"/machine.slice/machine-my\x2ddebian.scope/payload/system.slice/cron.service", "nspawn", "my-debian"),
    (r"/machine.slice/systemd-nspawn@my\x2ddebian.service/payload", "nspawn", "my-debian"),
    # The innermost of those that are in each other.
    (f"/docker/{OTHER}/docker/{ID}", "docker", ID),
    (f"/lxc.payload.host/system.slice/docker-{ID}.scope", "docker", ID),
    (f"/system.slice/docker-{OTHER}.scope/kubelet/kubepods/pod{UID}/{ID}", "container", ID),
    (f"/system.slice/docker-{OTHER}.scope/lxc.payload.inner/init.scope", "lxc", "inner"),
    (f"/system.slice/docker-{ID}.scope/system.slice/cron.service", "docker", ID),
]


@pytest.mark.parametrize(("path", "runtime", "id"), CONTAINERS, ids=[path for path, *_ in CONTAINERS])
def test_a_container(path: str, runtime: str, id: str) -> None:
    assert identify(path) == Container(runtime, id)


@pytest.mark.parametrize("path", [path for path, *_ in CONTAINERS])
def test_what_is_below_is_in_it(path: str) -> None:
    assert identify(f"{path}/a/b") == identify(path)


NONE = [
    "/",
    "",
    "/init.scope",
    "/system.slice",
    "/system.slice/docker.service",
    "/system.slice/containerd.service",
    "/system.slice/lxc.service",
    "/docker",
    "/lxc",
    "/lxc/",
    "/lxc.monitor.web",
    "/machine.slice",
    "/libpod_parent/conmon",
    f"/machine.slice/libpod-conmon-{ID}.scope",
    f"{USER}/user.slice/libpod-conmon-{ID}.scope",
    f"/kubepods.slice/kubepods-pod{POD}.slice/crio-conmon-{ID}.scope",
    f"/kubepods.slice/kubepods-pod{POD}.slice",
    f"/kubepods/burstable/pod{UID}",
    f"/machine.slice/machine-libpod_pod_{OTHER}.slice",
    f"{USER}/user.slice/podman-pause-1a2b3c4d.scope",
    f"{USER}/app.slice/app-gnome-org.chromium.Chromium-4711.scope",
    f"{USER}/app.slice/vte-spawn-{UID}.scope",
    f"{USER}/app.slice/snap.firefox.firefox-{UID}.scope",
    f"{USER}/app.slice/run-r{OLD}.scope",
    f"/system.slice/docker-{ID[:-1]}.scope",
    f"/system.slice/docker-{ID}0.scope",
    f"/system.slice/docker-{ID.upper()}.scope",
    f"/system.slice/docker-{ID}.service",
    f"/docker/{ID[:12]}",
    # Virtual machines of libvirt are in the same slice.
    r"/machine.slice/machine-qemu\x2d1\x2ddebian.scope",
    r"/machine.slice/machine-qemu\x2d12\x2dmy\x2dvm.scope/libvirt/emulator",
]


@pytest.mark.parametrize("path", NONE)
def test_no_container(path: str) -> None:
    assert identify(path) is None


@pytest.mark.parametrize(
    ("id", "short"),
    [
        (ID, ID[:12]),
        (OLD, OLD[:12]),
        ("web", "web"),
        ("longer-than-twelve", "longer-than-twelve"),
    ],
)
def test_how_it_is_called(id: str, short: str) -> None:
    assert Container("docker", id).short == short


@given(st.text())
def test_any_path(path: str) -> None:
    """Who makes a cgroup names it: whatever that is, it is a container or none."""
    found = identify(path)

    assert found is None or found.id


@given(st.binary(max_size=40))
def test_any_name_of_a_machine(name: bytes) -> None:
    """systemd writes bytes that its names do not have as \\x and two digits."""
    escaped = "".join(rf"\x{byte:02x}" for byte in name)
    found = identify(f"/machine.slice/machine-{escaped}.scope")

    assert found == (Container("nspawn", name.decode(errors="surrogateescape")) if name else None)
