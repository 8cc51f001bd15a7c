"""Which results are errors, at the edges of the range; and what a result alone does not say."""

from __future__ import annotations

import pytest

from argtrace.decode.model import Address, Int, Missing, Result, Struct, Value, Why
from argtrace.decode.results import NO_RESULT, failure, noted
from argtrace.decode.tables.errno import ERRNO, RESTART

MOST = (1 << 63) - 1


@pytest.mark.parametrize("raw", [0, 1, MOST, -4096, -(1 << 63)])
def test_what_is_no_error(raw: int) -> None:
    assert failure(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(-1, Result(-1, None, "EPERM", "Operation not permitted"), id="the first error"),
        pytest.param(
            -2, Result(-2, None, "ENOENT", "No such file or directory"), id="an error has name and text"
        ),
        pytest.param(-4095, Result(-4095, None, "E4095", "Unknown error 4095"), id="the last error"),
    ],
)
def test_an_error(raw: int, expected: Result) -> None:
    assert failure(raw) == expected


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
    got = failure(raw)

    assert got is not None
    assert (got.error, got.restarts, got.failed) == (error, restarts, True)


def test_an_unknown_error_keeps_its_number() -> None:
    known = {*ERRNO, *RESTART}
    for number in set(range(1, 4096)) - known:
        assert failure(-number) == Result(-number, None, f"E{number}", f"Unknown error {number}")


def test_no_result_is_no_failure() -> None:
    assert (NO_RESULT.raw, NO_RESULT.value, NO_RESULT.failed) == (None, None, False)


NOTHING = Result(0, Int(0, 0))
FD, LIST = Int(3, 3), Address(0x7000)
NULL = Address(0)
GONE = Missing(0x7000, Why.UNREADABLE, "EFAULT")
TIME = Struct(0x7000, "timespec", ())


@pytest.mark.parametrize(
    ("name", "args", "note"),
    [
        pytest.param("poll", (LIST, FD, Int(100, 100)), "Timeout", id="poll waited"),
        pytest.param("poll", (LIST, FD, Int(0, 0)), "Timeout", id="or did not"),
        pytest.param("poll", (LIST, FD, Int(0xFFFF_FFFF, -1)), None, id="it cannot wait in vain for ever"),
        pytest.param("epoll_wait", (FD, LIST, FD, Int(5, 5)), "Timeout", id="epoll_wait"),
        pytest.param("ppoll", (LIST, FD, TIME, NULL), "Timeout", id="a time in memory"),
        pytest.param("pselect6", (FD, NULL, NULL, NULL, TIME), "Timeout", id="pselect6"),
        pytest.param("select", (FD, NULL, NULL, NULL, NULL), None, id="no time to wait"),
        pytest.param("select", (FD, NULL, NULL, NULL, LIST), "Timeout", id="a time that was not read"),
        pytest.param("select", (FD, NULL, NULL, NULL, GONE), "Timeout", id="or cannot be"),
        pytest.param("poll", (LIST,), None, id="a table that knows less arguments"),
        pytest.param("read", (FD, LIST, FD), None, id="a call that waits for nothing"),
    ],
)  # fmt: skip
def test_a_zero_that_is_a_timeout(name: str, args: tuple[Value, ...], note: str | None) -> None:
    by_name = {f"arg{n}": arg for n, arg in enumerate(args)}

    assert noted(NOTHING, name, by_name).note == note
    for result in (Result(1, FD), NO_RESULT, Result(-4, error="EINTR")):
        assert noted(result, name, by_name) == result
