"""What is to be copied for a call, and which calls are alike."""

from __future__ import annotations

import pytest

from argtrace.fetch import derive, record
from argtrace.fetch.derive import ARRAY_SPACE
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import CopyBlock, CopyString, CopyStrings, Plan, Spot
from argtrace.signature import syscalls
from argtrace.signature.c_types import parse
from argtrace.signature.meaning import In, Path
from argtrace.signature.model import Param, Signature
from argtrace.target import AARCH64, X86_64, Target
from tests.support.generated import plans

LIMIT = 100
# Where the image has the registers of x86-64 (tests/location/test_frames.py).
RDI, RSI, RDX, R10, R8, R9 = 56, 48, 40, 0, 16, 8


def _plan(call: str, limit: int = LIMIT) -> Plan:
    (found,) = plans(call, limit=limit)
    return found


def _spell(found: Plan) -> str:
    names = {RDI: "rdi", RSI: "rsi", RDX: "rdx", R10: "r10", R8: "r8", R9: "r9"}
    kinds = {CopyString: "string", CopyStrings: "strings", CopyBlock: "block"}
    return " ".join(
        f"{kinds[type(step)]}({names.get(step.pointer.at, 'inside')})->{step.item}"
        + ("" if step.on is None else " at exit")
        for step in found.steps
    )


@pytest.mark.parametrize(
    ("call", "steps"),
    [
        pytest.param("getppid", "", id="nothing to copy"),
        pytest.param("mmap", "", id="six words and nothing to copy"),
        pytest.param("write", "block(rsi)->0", id="a buffer is not a string"),
        pytest.param("read", "block(rsi)->0 at exit", id="an output"),
        pytest.param("poll", "block(rdi)->0 block(rdi)->1 at exit", id="both"),
        pytest.param(
            "getsockname",
            "block(rdx)->0 block(rdx)->1 at exit block(rsi)->2 at exit",
            id="a length in memory first",
        ),
        pytest.param("open", "string(rdi)->0", id="a path in the first argument"),
        pytest.param("openat", "string(rsi)->0", id="a path in the second"),
        pytest.param("renameat", "string(rsi)->0 string(r10)->1", id="two paths, one behind r10"),
        pytest.param("fanotify_mark", "string(r8)->0", id="a path in the fifth"),
        pytest.param(
            "mount",
            "string(rdi)->0 string(rsi)->1 string(rdx)->2 string(r8)->3",
            id="paths and a string are alike",
        ),
        pytest.param(
            "execve", "string(rdi)->0 strings(rsi)->1 strings(rdx)->4", id="an array has three items"
        ),
        pytest.param("execveat", "string(rsi)->0 strings(rdx)->1 strings(r10)->4", id="one place further on"),
    ],
)
def test_steps(call: str, steps: str) -> None:
    assert _spell(_plan(call)) == steps


def test_limits() -> None:
    filename, argv, _ = _plan("execve").steps

    assert filename == CopyString(0, Spot(RDI), LIMIT)
    assert filename.space == LIMIT + 2  # its NUL, and one more byte to know that it was longer
    assert isinstance(argv, CopyStrings)
    assert (argv.limit, argv.space) == (LIMIT, ARRAY_SPACE)


@pytest.mark.parametrize(
    ("call", "items", "space"),
    [
        pytest.param("getppid", 0, 112, id="a header and an image"),
        pytest.param("openat", 1, 112 + 8 + 102, id="an item and a string"),
        pytest.param("renameat", 2, 112 + 16 + 204, id="two of each"),
        pytest.param("execve", 7, 112 + 56 + 102 + 2 * ARRAY_SPACE, id="a string and two arrays"),
    ],
)
def test_space_of_the_longest_record(call: str, items: int, space: int) -> None:
    found = _plan(call)

    assert (found.items, found.space) == (items, space)
    assert record.payload_offset(found.items) == 112 + 8 * items


@pytest.mark.parametrize(
    ("call", "returns"),
    [
        pytest.param("exit_group", False, id="exit_group does not return"),
        pytest.param("exit", False, id="exit does not return"),
        pytest.param("execve", True, id="execve returns, in the new program"),
        pytest.param("rt_sigreturn", True, id="rt_sigreturn returns, elsewhere"),
        pytest.param("pause", True, id="pause returns one day"),
    ],
)
def test_returns(call: str, returns: bool) -> None:
    assert _plan(call).returns is returns


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("getppid", "close", True, id="calls that copy nothing are alike"),
        pytest.param("open", "access", True, id="calls with a string in the same register"),
        pytest.param("open", "openat", False, id="calls with it in different ones"),
        pytest.param("getppid", "exit_group", False, id="a call that returns and one that does not"),
        pytest.param("execve", "execveat", False, id="the two execs"),
        pytest.param("rename", "open", False, id="two strings and one"),
    ],
)
def test_shape(one: str, other: str, alike: bool) -> None:
    assert (_plan(one).shape == _plan(other).shape) is alike


def test_only_execs_walk() -> None:
    walking = {syscalls.NAMES[found.number] for found in plans() if found.walks}

    assert walking == {"execve", "execveat"}


@pytest.mark.parametrize(
    ("target", "word"),
    [
        pytest.param(X86_64, RSI, id="rsi on x86-64"),
        pytest.param(AARCH64, 8, id="x1 on arm64"),
    ],
)
def test_a_plan_is_for_a_target(target: Target, word: int) -> None:
    signature = syscalls.signatures([257], None)[257]

    limits = Limits(strings=LIMIT)
    assert derive.plans(257, signature, target, limits).default.steps == (CopyString(0, Spot(word), LIMIT),)


def test_a_parameter_beyond_the_registers_has_no_place() -> None:
    params = tuple(Param(f"p{n}", parse("const char *"), In(Path())) for n in range(7))

    signature = Signature("seven", params, syscalls.LONG, "table")
    steps = derive.plans(0, signature, X86_64, Limits()).default.steps

    assert [step.pointer.at for step in steps] == [RDI, RSI, RDX, R10, R8, R9]
