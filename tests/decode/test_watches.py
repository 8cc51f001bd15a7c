"""Events and counters read from descriptors that are no files."""

from __future__ import annotations

import struct

import pytest

from argtrace.decode.model import Int, List, Missing, Struct
from tests.support.scope import ADDRESS, Given, decode, plain


def inotify(wd: int, mask: int, cookie: int, name: bytes = b"") -> bytes:
    return struct.pack("<iIII", wd, mask, cookie, len(name)) + name


def test_inotify_events() -> None:
    events = inotify(1, 0x40000100, 0, b"new".ljust(16, b"\0")) + inotify(-1, 0x4000, 0)
    assert plain(decode("inotify_events", events)) == [
        {"wd": 1, "mask": "IN_CREATE|IN_ISDIR", "cookie": 0, "len": 16, "name": b"new"},
        {"wd": -1, "mask": "IN_Q_OVERFLOW", "cookie": 0, "len": 0},
    ]


def test_an_inotify_name_knows_its_address() -> None:
    found = decode("inotify_events", inotify(1, 1, 0, b"a\0"))
    assert isinstance(found, List)
    event = found.items[0]
    assert isinstance(event, Struct)
    assert event["name"].raw == ADDRESS + 16


def fanotify(mask: int, fd: int, pid: int, infos: bytes = b"", metadata: int = 24) -> bytes:
    return struct.pack("<IBBHQii", 24 + len(infos), 3, 0, metadata, mask, fd, pid) + infos


def info(kind: int, data: bytes) -> bytes:
    return struct.pack("<BBH", kind, 0, 4 + len(data)) + data


HANDLE = struct.pack("<Ii", 4, 1) + b"abcd"
FSID = struct.pack("<II", 0x11, 0x22)
READ = Given(result=24)


def test_a_fanotify_event_of_a_descriptor() -> None:
    assert plain(decode("fanotify_events", fanotify(0x20, 6, 100), scope=READ)) == [
        {"event_len": 24, "vers": 3, "metadata_len": 24, "mask": "FAN_OPEN", "fd": 6, "pid": 100}
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            info(2, FSID + HANDLE + b"file\0\0\0\0"),
            {
                "hdr": {"info_type": "FAN_EVENT_INFO_TYPE_DFID_NAME", "len": 32},
                "fsid": {"val": ["0x11", "0x22"]},
                "handle": {"handle_bytes": 4, "handle_type": 1, "f_handle": b"abcd"},
                "name": b"file",
            },
            id="a name in a directory",
        ),
        pytest.param(
            info(1, FSID + HANDLE),
            {
                "hdr": {"info_type": "FAN_EVENT_INFO_TYPE_FID", "len": 24},
                "fsid": {"val": ["0x11", "0x22"]},
                "handle": {"handle_bytes": 4, "handle_type": 1, "f_handle": b"abcd"},
            },
            id="a file by its handle",
        ),
        pytest.param(
            info(4, struct.pack("<i", 9)),
            {"hdr": {"info_type": "FAN_EVENT_INFO_TYPE_PIDFD", "len": 8}, "pidfd": 9},
            id="a pidfd",
        ),
        pytest.param(
            info(5, struct.pack("<iI", 117, 2)),
            {
                "hdr": {"info_type": "FAN_EVENT_INFO_TYPE_ERROR", "len": 12},
                "error": "EUCLEAN",
                "error_count": 2,
            },
            id="an error",
        ),
        pytest.param(info(99, b"????"), {"info_type": 99, "len": 8}, id="a kind of another kernel"),
        pytest.param(
            info(1, FSID[:3]),
            {
                "hdr": {"info_type": "FAN_EVENT_INFO_TYPE_FID", "len": 7},
                "…": "<cut: 7 bytes of 12>",
            },
            id="one that is too short",
        ),
        pytest.param(
            info(1, FSID + HANDLE[:5]),
            {
                "hdr": {"info_type": "FAN_EVENT_INFO_TYPE_FID", "len": 17},
                "fsid": {"val": ["0x11", "0x22"]},
                "handle": "<cut: 5 bytes of 8>",
            },
            id="a handle that is too short",
        ),
    ],
)
def test_fanotify_information(data: bytes, expected: dict[str, object]) -> None:
    (event,) = plain(decode("fanotify_events", fanotify(0x100, -1, 7, data), scope=READ))
    assert event["fd"] == "FAN_NOFD"
    assert event["info"] == [_numbers(expected)]


def _numbers(value: object) -> object:
    """Numbers that are written in hexadecimal are numbers for `plain`."""
    match value:
        case dict():
            return {name: _numbers(each) for name, each in value.items()}
        case list():
            return [int(each, 16) for each in value]
    return value


def test_longer_metadata_of_a_newer_kernel() -> None:
    event = fanotify(0x20, 6, 1, bytes(8) + info(4, struct.pack("<i", 9)), metadata=32)
    (found,) = plain(decode("fanotify_events", event, scope=READ))
    assert [each["pidfd"] for each in found["info"]] == [9]


RULE = struct.pack("<BBHIII", 1, 0, 16, 7, 1, 0)
RULE_SHOWN = {
    "hdr": {"type": "FAN_RESPONSE_INFO_AUDIT_RULE", "len": 16},
    "rule_number": 7,
    "subj_trust": 1,
    "obj_trust": 0,
}


@pytest.mark.parametrize(
    ("data", "size", "expected"),
    [
        pytest.param(struct.pack("<iI", 5, 1), 8, [{"fd": 5, "response": "FAN_ALLOW"}], id="a response"),
        pytest.param(
            struct.pack("<iI", 5, 0x32) + RULE,
            24,
            [{"fd": 5, "response": "FAN_DENY|FAN_AUDIT|FAN_INFO"}, RULE_SHOWN],
            id="with information",
        ),
        pytest.param(
            struct.pack("<iI", 5, 0x21) + RULE[:5],
            24,
            [{"fd": 5, "response": "FAN_ALLOW|FAN_INFO"}, "<cut: not fetched>"],
            id="with information that was cut",
        ),
        pytest.param(b"\5", 8, ["<cut: not fetched>"], id="nothing of it"),
    ],
)
def test_what_is_written_to_fanotify(data: bytes, size: int, expected: list[object]) -> None:
    assert plain(decode("fanotify_events", data, size)) == expected


def test_signals() -> None:
    data = struct.pack("<IiiII", 10, 0, 0, 100, 1000).ljust(128, b"\0")
    found = decode("signalfd_info", data + data[:100])
    assert isinstance(found, List)
    assert [plain(item)["ssi_signo"] for item in found.items] == ["SIGUSR1"]
    first = plain(found.items[0])
    assert (first["ssi_pid"], first["ssi_uid"]) == (100, 1000)


@pytest.mark.parametrize("decoder", ["eventfd", "timerfd"])
def test_counters(decoder: str) -> None:
    assert decode(decoder, b"\2" + bytes(7)) == List(ADDRESS, (Int(2, 2),))
    assert isinstance(decode(decoder, b"\2" + bytes(6)), Missing)
