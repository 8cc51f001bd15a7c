"""What a result means, at the edges of the range that are errors."""

from __future__ import annotations

import pytest

from argtrace.decode.model import Address, Int, Result
from argtrace.decode.results import NO_RESULT, result
from argtrace.decode.tables.errno import ERRNO, RESTART
from argtrace.signature.model import Pointer, Void
from argtrace.signature.syscalls import LONG

ADDRESS = Pointer(Void())
MOST = (1 << 63) - 1


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(0, Result(0, Int(0, 0)), id="zero is a value"),
        pytest.param(MOST, Result(MOST, Int(MOST, MOST)), id="the largest is a value"),
        pytest.param(-1, Result(-1, None, "EPERM", "Operation not permitted"), id="the first error"),
        pytest.param(
            -2, Result(-2, None, "ENOENT", "No such file or directory"), id="an error has name and text"
        ),
        pytest.param(-4095, Result(-4095, None, "E4095", "Unknown error 4095"), id="the last error"),
        pytest.param(-4096, Result(-4096, Int((1 << 64) - 4096, -4096)), id="one below is a value"),
        pytest.param(-(1 << 63), Result(-(1 << 63), Int(1 << 63, -(1 << 63))), id="the smallest is a value"),
    ],
)  # fmt: skip
def test_a_number(raw: int, expected: Result) -> None:
    assert result(raw, LONG) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(0, Result(0, Address(0)), id="a null pointer"),
        pytest.param(0x7F0000000000, Result(0x7F0000000000, Address(0x7F0000000000)), id="an address"),
        pytest.param(-4096, Result(-4096, Address((1 << 64) - 4096)), id="the highest address there is"),
        pytest.param(-4095, Result(-4095, None, "E4095", "Unknown error 4095"), id="above it are errors"),
        pytest.param(-12, Result(-12, None, "ENOMEM", "Cannot allocate memory"), id="an error pointer"),
    ],
)
def test_an_address(raw: int, expected: Result) -> None:
    assert result(raw, ADDRESS) == expected


@pytest.mark.parametrize(
    ("raw", "error", "restarts"),
    [
        pytest.param(-511, "E511", False, id="below the kernel's own"),
        pytest.param(-512, "ERESTARTSYS", True, id="the first"),
        pytest.param(-513, "ERESTARTNOINTR", True, id="always restarted"),
        pytest.param(-514, "ERESTARTNOHAND", True, id="without a handler"),
        pytest.param(-515, "ENOIOCTLCMD", False, id="between them, an error that restarts nothing"),
        pytest.param(-516, "ERESTART_RESTARTBLOCK", True, id="with a block"),
        pytest.param(-517, "EPROBE_DEFER", False, id="one after"),
        pytest.param(-4, "EINTR", False, id="an interrupted call that is not restarted"),
    ],
)
def test_codes_that_restart_the_call(raw: int, error: str, restarts: bool) -> None:
    got = result(raw, LONG)

    assert (got.error, got.restarts, got.failed) == (error, restarts, True)


def test_an_unknown_error_keeps_its_number() -> None:
    known = {*ERRNO, *RESTART}
    for number in set(range(1, 4096)) - known:
        assert result(-number, LONG) == Result(-number, None, f"E{number}", f"Unknown error {number}")


def test_no_result_is_no_failure() -> None:
    assert (NO_RESULT.raw, NO_RESULT.value, NO_RESULT.failed) == (None, None, False)
