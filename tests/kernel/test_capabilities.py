"""Capabilities read, tried without, and dropped: in children of ours, since they do not come back."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from argtrace.errors import NotSupported
from argtrace.kernel import capabilities
from argtrace.kernel.capabilities import CAP_BPF, CAP_KILL, CAP_SYS_ADMIN, mask, of_process, of_status
from argtrace.signature.tables import constants_security

# /proc/self/status of Linux 6.18, of a user with CAP_BPF and CAP_PERFMON by ambient capabilities.
STATUS = """\
Name:\tpython3
Uid:\t65534\t65534\t65534\t65534
CapInh:\t000000c000000000
CapPrm:\t000000c000000000
CapEff:\t000000c000000000
CapBnd:\t000001fffeffffff
CapAmb:\t000000c000000000
NoNewPrivs:\t0
"""

root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root has capabilities to drop: run it with sudo.")


def test_the_numbers_are_those_of_the_header() -> None:
    ours = {name: number for name, number in vars(capabilities).items() if name.startswith("CAP_")}
    header = next(
        names for names in _tables(vars(constants_security)) if names.get(39) == "CAP_BPF" and 40 in names
    )
    assert {number: name for name, number in ours.items()}.items() <= header.items()


def _tables(found: object) -> list[dict[int, str]]:
    """Every dictionary from number to name in a module's tables."""
    if not isinstance(found, dict):
        return []
    inner = [table for value in found.values() for table in _tables(value)]
    return [found, *inner] if all(isinstance(key, int) for key in found) else inner


def test_the_five_sets_of_a_status() -> None:
    two = 3 << 38
    assert of_status(STATUS) == {
        "inheritable": two,
        "permitted": two,
        "effective": two,
        "bounding": 0x1FFFEFFFFFF,
        "ambient": two,
    }


def test_a_process_that_is_gone_has_none() -> None:
    assert of_process(1 << 30) == {}


def test_what_the_kernel_says_by_two_ways() -> None:
    assert capabilities.permitted() == of_process()["permitted"]


def _in_a_child(check: Callable[[], bool]) -> bool:
    pid = os.fork()
    if pid == 0:
        status = 2
        try:
            status = 0 if check() else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@root
def test_for_a_moment_without() -> None:
    def check() -> bool:
        before = of_process()
        with capabilities.without(mask(CAP_KILL, CAP_BPF)):
            during = of_process()
        lowered = before["effective"] & ~mask(CAP_KILL, CAP_BPF)
        return (
            during["effective"] == lowered
            and during["permitted"] == before["permitted"]
            and of_process()["effective"] == before["effective"]
        )

    assert _in_a_child(check)


@root
def test_what_is_dropped_is_gone_from_all_sets() -> None:
    def check() -> bool:
        keep = mask(CAP_KILL) & capabilities.permitted()
        capabilities.drop(keep)
        left = of_process()
        return left == {
            "inheritable": 0, "permitted": keep, "effective": keep, "bounding": keep, "ambient": 0
        }  # fmt: skip

    assert _in_a_child(check)


@root
def test_an_exec_does_not_bring_them_back() -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            capabilities.drop(0)
            os.dup2(writing, 1)
            os.execvp("grep", ["grep", "CapEff", "/proc/self/status"])
        finally:
            os._exit(127)
    os.close(writing)
    with os.fdopen(reading) as said:
        assert said.read().split() == ["CapEff:", "0" * 16]
    os.waitpid(pid, 0)


@root
def test_of_a_process_with_threads_none_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "_ENDING", 0.01)

    def check() -> bool:
        before, done = of_process(), threading.Event()
        thread = threading.Thread(target=done.wait)
        thread.start()
        try:
            capabilities.drop(0)
        except NotSupported:
            return of_process() == before
        finally:
            done.set()
            thread.join()
        return False

    assert _in_a_child(check)


@root
def test_a_thread_that_has_ended_is_waited_for() -> None:
    def check() -> bool:
        for _ in range(20):
            thread = threading.Thread(target=len, args=("",))
            thread.start()
            thread.join()
            capabilities.drop(mask(CAP_SYS_ADMIN))
        return True

    assert _in_a_child(check)


@pytest.mark.parametrize("end", ["\r", "\v", "\x1c", "\x85", "\u2028"])
def test_a_name_with_an_end_of_line_of_some_kind_says_nothing(end: str) -> None:
    """The kernel escapes only newlines there."""
    named = f"Name:\tx{end}CapAmb:\tff\n" + STATUS.partition("\n")[2].replace("CapAmb", "Other")

    assert "ambient" in of_status(STATUS)
    assert "ambient" not in of_status(named)


def test_a_number_that_is_none_is_not_read() -> None:
    assert of_status("CapPrm:\tffz\nCapEff:\t00000000000000ff\n") == {"effective": 0xFF}
