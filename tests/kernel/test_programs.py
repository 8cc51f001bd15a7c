"""Loading: one load when all is well, a second for the log when it is not."""

from __future__ import annotations

import errno

import pytest

from argtrace.errors import KernelRefused, VerifierRejected
from argtrace.kernel import programs, uapi
from argtrace.kernel.programs import Cost, Program
from tests.support.fake_kernel import FakeKernel

TYPE = uapi.BPF_PROG_TYPE_RAW_TRACEPOINT
CODE = bytes.fromhex("b700000000000000 9500000000000000")  # r0 = 0; exit

# What Linux 6.18 says of a map value that is used before it is compared with null.
LOG = """\
0: R1=ctx() R10=fp0
0: (18) r1 = 0xffff8a0d4b1a4c00       ; R1_w=map_ptr(map=tasks,ks=4,vs=128)
2: (bf) r2 = r10                      ; R2_w=fp0 R10=fp0
3: (07) r2 += -4                      ; R2_w=fp-4
4: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,map=tasks,ks=4,vs=128)
5: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
verification time 41 usec
stack depth 4
processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
"""


def _load(kernel: FakeKernel) -> Program:
    return Program(kernel, "at_enter_0", CODE, TYPE)


def test_a_program_that_is_accepted_is_loaded_once_and_asks_for_no_log() -> None:
    kernel = FakeKernel()

    with _load(kernel) as program:
        assert kernel.open_now() == ["program at_enter_0"]
        assert program.name == "at_enter_0"

    (load,) = kernel.calls
    asked = {name: load.fields[name] for name in ("prog_type", "insns", "insn_cnt", "prog_name", "log_level")}
    assert asked == {
        "prog_type": TYPE,
        "insns": CODE,
        "insn_cnt": 2,
        "prog_name": b"at_enter_0",
        "log_level": 0,
    }
    # license_is_gpl_compatible(), include/linux/license.h
    assert load.fields["license"] in (b"GPL", b"Dual BSD/GPL", b"Dual MIT/GPL", b"Dual MPL/GPL")
    assert kernel.open_now() == []


def test_a_rejected_program_shows_the_telling_line_and_keeps_the_whole_log() -> None:
    kernel = FakeKernel()
    kernel.refuse("BPF_PROG_LOAD", errno.EACCES, log=LOG)

    with pytest.raises(VerifierRejected) as caught:
        _load(kernel)

    assert str(caught.value) == (
        "bpf(BPF_PROG_LOAD, at_enter_0): EACCES (Permission denied): "
        "R0 invalid mem access 'map_value_or_null'"
    )
    assert (caught.value.program, caught.value.errno, caught.value.log) == ("at_enter_0", errno.EACCES, LOG)
    assert [call.fields["log_level"] for call in kernel.calls] == [0, 1]
    assert {call.fields["insns"] for call in kernel.calls} == {CODE}


def test_a_log_that_does_not_fit_is_asked_for_again_with_more_room() -> None:
    log = "0: (b7) r0 = 0 and so on\n" * 20_000 + LOG
    kernel = FakeKernel()
    kernel.refuse("BPF_PROG_LOAD", errno.EINVAL, log=log)

    with pytest.raises(VerifierRejected) as caught:
        _load(kernel)

    assert caught.value.log == log
    assert caught.value.errno == errno.EINVAL
    assert [call.fields["log_size"] for call in kernel.calls] == [0, 1 << 16, 1 << 18, 1 << 20]


def test_a_log_that_never_fits_is_kept_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_FIRST_LOG", 64)
    monkeypatch.setattr(programs, "_LAST_LOG", 256)
    kernel = FakeKernel()
    kernel.refuse("BPF_PROG_LOAD", errno.EINVAL, log="R1 !read_ok\n" * 100)

    with pytest.raises(VerifierRejected) as caught:
        _load(kernel)

    assert [call.fields["log_size"] for call in kernel.calls] == [0, 64, 256]
    assert len(caught.value.log) == 255


def test_without_a_log_the_message_says_so() -> None:
    kernel = FakeKernel()
    kernel.refuse("BPF_PROG_LOAD", errno.E2BIG)

    with pytest.raises(VerifierRejected, match=r"E2BIG .*: the verifier wrote no log"):
        _load(kernel)


def test_without_the_right_to_load_no_log_is_asked_for() -> None:
    kernel = FakeKernel()
    kernel.refuse("BPF_PROG_LOAD", errno.EPERM)

    with pytest.raises(KernelRefused) as caught:
        _load(kernel)

    assert not isinstance(caught.value, VerifierRejected)
    assert len(kernel.calls) == 1


def test_a_load_for_the_log_that_succeeds_leaves_no_program() -> None:
    kernel = FakeKernel()
    kernel.refuse("BPF_PROG_LOAD", errno.ENOMEM, times=1)

    with pytest.raises(KernelRefused, match="ENOMEM"):
        _load(kernel)

    assert kernel.open_now() == []


@pytest.mark.parametrize(
    ("verified", "cost"),
    [
        pytest.param(45, Cost(2, 45, 245), id="the verifier's count is the kernel's word"),
        pytest.param(0, Cost(2, None, 245), id="before Linux 5.16 the count is unknown, not zero"),
    ],
)
def test_cost(verified: int, cost: Cost) -> None:
    with _load(FakeKernel(verified=verified, jited=245)) as program:
        assert program.cost() == cost


def test_a_program_that_is_run_is_given_its_arguments_and_returns() -> None:
    kernel = FakeKernel()
    kernel.returns = 7

    with _load(kernel) as program:
        assert program.run(b"two words of it.") == 7

    (run,) = kernel.of("BPF_PROG_TEST_RUN")
    assert (run.name, run.fields["ctx_in"], run.fields["data_size_in"]) == (
        "at_enter_0",
        b"two words of it.",
        0,
    )
