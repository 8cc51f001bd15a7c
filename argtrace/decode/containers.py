"""Containers by the cgroups they are in: what Docker, Podman, containerd, CRI-O, LXC and nspawn call them.

    /docker/ID                                                   Docker, cgroupfs driver
    /system.slice/docker-ID.scope                                Docker, systemd driver
    /user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container     Podman
    /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice/cri-containerd-ID.scope
    /kubepods/besteffort/podUID/ID                               Kubernetes, cgroupfs driver
    /system.slice/crio-ID.scope   /default/ID (containerd's own namespace)
    /lxc.payload.NAME   /lxc/NAME   /machine.slice/machine-NAME.scope   (systemd-nspawn)

An ID is 64 hexadecimal digits, or 32 of a Kubernetes pause container of old. The innermost wins: a
container in a container is that.

Sources: the drivers' own documents: docs.docker.com, "Runtime metrics"; kubernetes.io, "Configuring a
cgroup driver"; libpod, pkg/cgroups; lxc.container.conf(5), lxc.cgroup.dir; systemd.io,
"CONTAINER_INTERFACE".
"""

from __future__ import annotations

import re

from argtrace.value import frozen


@frozen
class Container:
    """`runtime`: docker, podman, containerd, cri-o, lxc, nspawn or, where only the id is known, container."""

    runtime: str
    id: str

    @property
    def short(self) -> str:
        """As `docker ps` has it: twelve digits of an id, or the whole name."""
        return self.id[:12] if _ID.fullmatch(self.id) else self.id


_ID = re.compile(r"[0-9a-f]{64}|[0-9a-f]{32}")

_RUNTIMES = {
    "docker": "docker",
    "libpod": "podman",
    "cri-containerd": "containerd",
    "nerdctl": "containerd",
    "crio": "cri-o",
}
_SCOPE = re.compile(r"(?P<runtime>[a-z-]+?)-(?P<id>[0-9a-f]{64}|[0-9a-f]{32})\.scope")
_NAMED = (
    (re.compile(r"lxc\.payload\.(.+)"), "lxc"),
    # libvirt's virtual machines are machine-qemu\x2dNUMBER\x2dNAME.scope.
    (re.compile(r"machine-(?!qemu\\x2d[0-9]+\\x2d)(.+)\.scope"), "nspawn"),
    (re.compile(r"systemd-nspawn@(.+)\.service"), "nspawn"),
)
_PARENTS = {"docker": "docker", "libpod_parent": "podman", "lxc": "lxc", "default": "containerd"}


def identify(path: str) -> Container | None:
    """The container whose cgroup has this path, or is above it; None if it is in none."""
    names = path.split("/")
    for at in range(len(names) - 1, 0, -1):
        found = _named(names[at], names[at - 1], path)
        if found is not None:
            return found
    return None


def _named(name: str, parent: str, path: str) -> Container | None:
    """By a directory, and the one it is in."""
    if (scope := _SCOPE.fullmatch(name)) is not None:
        # conmon is beside its container, and not in it.
        if scope["runtime"].endswith("conmon"):
            return None
        return Container(_RUNTIMES.get(scope["runtime"], "container"), scope["id"])
    for pattern, runtime in _NAMED:
        if (found := pattern.fullmatch(name)) is not None:
            return Container(runtime, _unescaped(found[1]))
    if parent == "lxc" and name:
        return Container("lxc", name)
    if _ID.fullmatch(name):
        kubernetes = "kubepods" in path
        return Container("container" if kubernetes else _PARENTS.get(parent, "container"), name)
    if name.startswith("libpod-") and _ID.fullmatch(name[7:]):
        return Container("podman", name[7:])
    return None


def _unescaped(name: str) -> str:
    """systemd writes a name's dashes as \\x2d, and so each byte that its names do not have."""
    data = name.encode(errors="surrogateescape")
    data = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), data)
    return data.decode(errors="surrogateescape")
