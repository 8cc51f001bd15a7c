"""Any path of a cgroup: a container or none, and its name is from that path."""

from __future__ import annotations

from argtrace.decode.containers import identify
from argtrace.decode.origin import Cgroup
from argtrace.present import jsonl
from tests.fuzz.target import Target

ID = b"4f1c0d2a" * 8


def check(data: bytes) -> None:
    path = "/" + data.decode(errors="surrogateescape")
    found = identify(path)
    if found is not None:
        assert found.id
        assert found.short
        assert found.runtime.isascii()
        assert len(found.id) <= len(path)
    assert jsonl.cgroup(Cgroup(1, path))


def seeds() -> list[bytes]:
    return [
        b"docker/" + ID,
        b"system.slice/docker-" + ID + b".scope/init",
        b"kubepods/besteffort/pod1/" + ID[:32],
        b"lxc.payload.name/x",
        b"machine.slice/machine-a\\x2db.scope",
        b"libpod_parent/libpod-" + ID,
        b"lxc/name",
    ]


WORDS = (
    ID,
    ID[:32],
    b".scope",
    b"docker-",
    b"lxc.payload.",
    b"machine-",
    b"\\x2d",
    b"\\xff",
    b"/",
    b"conmon",
)

TARGET = Target("containers by their cgroups (decode/containers.py)", check, seeds, WORDS, most=600)
