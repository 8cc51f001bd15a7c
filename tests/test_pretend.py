"""Kernels that are like older ones: what each refuses, and how."""

from __future__ import annotations

import errno

import pytest

from argtrace import probing
from argtrace.doctor import findings
from argtrace.errors import ArgtraceError, KernelRefused, VerifierRejected
from argtrace.fetch.features import ALL
from argtrace.kernel import uapi
from argtrace.kernel.attrs import ProgLoad
from argtrace.kernel.maps import Map, MapSpec
from argtrace.pretend import Pretended
from argtrace.value import names
from tests.support.fake_kernel import FakeKernel
from vm import results

SINCE = {
    "ring": "5.8", "exchange": "5.12", "task": "5.15", "apart": "5.5", "values": "5.2", "loops": "5.3",
    "functions": "5.12", "runs": "5.10", "allocation": "6.1", "mapped": "5.5",
}  # fmt: skip


def willing() -> FakeKernel:
    kernel = FakeKernel()
    kernel.returns = 7
    return kernel


def before(version: str) -> str:
    major, minor = map(int, version.split("."))
    return f"{major}.{minor - 1}" if minor else "5.19"


@pytest.mark.parametrize("name", SINCE)
def test_each_feature_is_there_from_its_release_on(name: str) -> None:
    assert set(SINCE) == set(names(ALL))
    assert probing.features(Pretended(willing(), SINCE[name]))[name]
    assert not probing.features(Pretended(willing(), before(SINCE[name])))[name]


def test_the_oldest_has_none() -> None:
    assert not any(probing.features(Pretended(willing(), "4.19")).values())


@pytest.mark.parametrize("series", ["5.10", "6.1", "6.12", "6.18", "7.3"])
def test_a_kernel_of_that_release_chose_the_same(series: str) -> None:
    """In a guest (docs/support-matrix.md)."""
    ran = results.read(f"amd64-{series}")
    assert ran is not None
    found = probing.features(Pretended(willing(), series))

    for name, (what, usual, instead) in findings.WAYS.items():
        assert ran.variants[what] == (usual if found[name] else instead)


@pytest.mark.parametrize("version", ["", "5", "new", "5.x", "4.18", "-1.2"])
def test_a_version_that_is_none(version: str) -> None:
    with pytest.raises(ArgtraceError, match="ARGTRACE_PRETEND"):
        Pretended(willing(), version)


def test_attributes_that_an_older_kernel_does_not_know_are_too_long() -> None:
    attr = ProgLoad(prog_type=uapi.BPF_PROG_TYPE_RAW_TRACEPOINT, attach_btf_id=7)

    with pytest.raises(KernelRefused) as refused:
        Pretended(willing(), "4.19").bpf(uapi.BPF_PROG_LOAD, attr)
    assert refused.value.errno == errno.E2BIG


def test_zeros_behind_what_it_knows_are_none() -> None:
    with Map(Pretended(willing(), "4.19"), MapSpec("m", uapi.BPF_MAP_TYPE_HASH, 4, 8, 1)) as made:
        made.update(bytes(4), bytes(8))


def test_many_at_once_are_refused_and_then_updated_one_by_one() -> None:
    kernel = willing()
    with Map(Pretended(kernel, "5.4"), MapSpec("m", uapi.BPF_MAP_TYPE_HASH, 4, 8, 4)) as made:
        made.fill([(bytes([n, 0, 0, 0]), bytes(8)) for n in range(3)])

    assert [call.command for call in kernel.of("BPF_MAP_UPDATE_BATCH")] == []
    assert len(kernel.of("BPF_MAP_UPDATE_ELEM")) == 3


def test_the_verifiers_log_says_what_is_unknown() -> None:
    with pytest.raises(VerifierRejected) as rejected:
        probing.helper(Pretended(willing(), "5.4"), "probe_read_user", uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)

    assert rejected.value.log.startswith(f"invalid func unknown#{uapi.BPF_FUNC_probe_read_user}")


def test_more_than_4096_instructions() -> None:
    from argtrace.fetch.asm import Asm
    from argtrace.fetch.isa import Reg

    asm = Asm()
    for _ in range(5000):
        asm.move(Reg.R1, 0)
    asm.exit()

    probing.load(Pretended(willing(), "5.2"), asm, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)
    with pytest.raises(KernelRefused) as refused:
        probing.load(Pretended(willing(), "5.1"), asm, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)
    assert refused.value.errno == errno.E2BIG


def test_all_else_is_handed_on() -> None:
    kernel = willing()
    kernel.refuse("BPF_MAP_CREATE", errno.ENOMEM)

    with pytest.raises(KernelRefused) as refused:
        Map(Pretended(kernel, "5.4"), MapSpec("m", uapi.BPF_MAP_TYPE_HASH, 4, 8, 1))
    assert refused.value.errno == errno.ENOMEM
