"""CPUs by number, and an attribute that says its own size."""

from __future__ import annotations

import struct

import pytest

from tests.support.scope import decode, plain


@pytest.mark.parametrize(
    ("data", "size", "cpus"),
    [
        pytest.param(b"\x03", None, [0, 1], id="the first two"),
        pytest.param(b"\0" * 15 + b"\x80", None, [127], id="the last of 128"),
        pytest.param(b"", None, [], id="nothing"),
        pytest.param(b"\x01", 8192, [0, "<cut: 1 bytes of 8192>"], id="more than was fetched"),
    ],
)
def test_cpu_sets(data: bytes, size: int | None, cpus: list[object]) -> None:
    assert plain(decode("cpu_set", data, size)) == cpus


def attribute(size: int, policy: int = 0, bits: int = 0, *rest: int) -> bytes:
    return struct.pack("<IIQ", size, policy, bits) + struct.pack("<iI", *(rest or (0, 0))) + bytes(32)


def test_an_attribute_of_the_first_version_has_no_clamps() -> None:
    for size in (0, 48):
        assert list(plain(decode("sched_attr", attribute(size))))[-1] == "sched_period"


def test_an_attribute_of_today() -> None:
    assert plain(decode("sched_attr", attribute(56, 6, 0x41, -5, 7))) == {
        "size": 56,
        "sched_policy": "SCHED_DEADLINE",
        "sched_flags": "SCHED_FLAG_RESET_ON_FORK|SCHED_FLAG_UTIL_CLAMP_MAX",
        "sched_nice": -5,
        "sched_priority": 7,
        "sched_runtime": 0,
        "sched_deadline": 0,
        "sched_period": 0,
        "sched_util_min": 0,
        "sched_util_max": 0,
    }


def test_attributes_that_end_early() -> None:
    assert plain(decode("sched_attr", b"\0\0", 56)) == "<cut: 2 bytes of 56>"
    assert plain(decode("sched_attr", attribute(8))) == {"size": 8, "sched_policy": "SCHED_OTHER"}
    assert plain(decode("sched_attr", attribute(1))) == {"size": 1}


def test_of_an_attribute_from_the_future_the_rest_is_missing() -> None:
    assert plain(decode("sched_attr", attribute(4000)))["…"] == "<cut: 56 bytes of 4000>"
