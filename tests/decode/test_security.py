"""Capabilities, filter programs, contexts, keys: what no layout describes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.model import Text
from argtrace.decode.security import capabilities, opcode
from tests.support.scope import ADDRESS, Given, decode, plain


def halves(*words: int) -> bytes:
    return struct.pack(f"<{len(words)}I", *words)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(
            halves(1, 1 << 21, 0, 0, 1 << 6, 0),
            {
                "effective": "CAP_CHOWN",
                "permitted": "CAP_SYS_ADMIN|CAP_PERFMON",
                "inheritable": "0x0",
            },
            id="two halves are one set",
        ),
        pytest.param(
            halves(1, 2, 0),
            {"effective": "CAP_CHOWN", "permitted": "CAP_DAC_OVERRIDE", "inheritable": "0x0"},
            id="the first version has one",
        ),
        pytest.param(halves(1, 2), "<cut: 8 bytes of 8>", id="less than a half"),
    ],
)
def test_capabilities(data: bytes, found: object) -> None:
    assert plain(decode("cap_data", data)) == found


def test_the_first_version_has_one_half_whatever_is_behind_it() -> None:
    scope = Given({"*header.version": 0x1998_0330})
    found = decode("cap_data", halves(1, 2, 0, 1, 1, 1), scope=scope)
    assert plain(found)["effective"] == "CAP_CHOWN"


@given(st.integers(0, 2**64 - 1))
def test_no_capability_is_lost(mask: int) -> None:
    found = capabilities(mask)
    assert found.value == mask
    assert len(found.names) + found.rest.bit_count() == mask.bit_count()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param(0x20, "BPF_LD|BPF_W|BPF_ABS", id="load a word"),
        pytest.param(0x30, "BPF_LD|BPF_B|BPF_ABS", id="load a byte"),
        pytest.param(0xB1, "BPF_LDX|BPF_B|BPF_MSH", id="the length of an IP header"),
        pytest.param(0x15, "BPF_JMP|BPF_JEQ|BPF_K", id="jump"),
        pytest.param(0x04, "BPF_ALU|BPF_ADD|BPF_K", id="add"),
        pytest.param(0x02, "BPF_ST", id="store"),
        pytest.param(0x06, "BPF_RET|BPF_K", id="return a constant"),
        pytest.param(0x16, "BPF_RET|BPF_A", id="return the accumulator"),
        pytest.param(0x87, "BPF_MISC|BPF_TXA", id="copy a register"),
        pytest.param(0x1020, "BPF_LD|BPF_W|BPF_ABS|0x1000", id="bits without a name stay"),
        pytest.param(0xF5, "BPF_JMP|BPF_K|0xf0", id="a jump that there is not"),
    ],
)
def test_opcodes(code: int, name: str) -> None:
    assert plain(opcode(code)) == name


def test_what_a_filter_returns_is_an_action_in_seccomp_alone() -> None:
    instruction = struct.pack("<HBBI", 6, 0, 0, 0x0005_0026)
    assert plain(decode("seccomp_filter", instruction))["k"] == "SECCOMP_RET_ERRNO|0x26"
    assert plain(decode("sock_filter", instruction))["k"] == 0x0005_0026


def test_half_an_instruction() -> None:
    assert plain(decode("sock_filter", b"\6\0\0", 8)) == "<cut: 3 bytes of 8>"


def context(module: int, text: bytes, length: int | None = None) -> bytes:
    length = 32 + len(text) if length is None else length
    return struct.pack("<QQQQ", module, 0, length, len(text)) + text


@pytest.mark.parametrize(
    ("data", "size", "found"),
    [
        pytest.param(b"", None, [], id="none"),
        pytest.param(
            context(101, b"user_u\0\0") + context(104, b"unconfined\0\0\0\0\0\0"),
            None,
            [("LSM_ID_SELINUX", b"user_u\0\0"), ("LSM_ID_APPARMOR", b"unconfined\0\0\0\0\0\0")],
            id="two",
        ),
        pytest.param(
            context(101, b"u", 0), None, [("LSM_ID_SELINUX", b"u")], id="a length that leads nowhere"
        ),
        pytest.param(b"\0" * 8, None, ["<cut: 8 bytes of 8>"], id="less than one"),
        pytest.param(
            context(101, b"u"),
            300,
            [("LSM_ID_SELINUX", b"u"), "<cut: 33 bytes of 300>"],
            id="more than fetched",
        ),
    ],
)
def test_contexts(data: bytes, size: int | None, found: list[object]) -> None:
    items = plain(decode("lsm_contexts", data, size))
    assert [(each["id"], each["ctx"]) if isinstance(each, dict) else each for each in items] == found


def test_what_the_keys_can_do() -> None:
    assert plain(decode("key_capabilities", b"\x81\x02\x04")) == [
        "KEYCTL_CAPS0_CAPABILITIES|KEYCTL_CAPS0_MOVE",
        "KEYCTL_CAPS1_NS_KEY_TAG",
        4,
    ]


@pytest.mark.parametrize(
    ("data", "size", "text"),
    [
        pytest.param(b"user;0\0", None, Text(ADDRESS, b"user;0"), id="whole"),
        pytest.param(b"user", 32, Text(ADDRESS, b"user", cut=True), id="cut"),
        pytest.param(b"", None, Text(ADDRESS, b""), id="nothing"),
    ],
)
def test_a_string_whose_nul_counts(data: bytes, size: int | None, text: Text) -> None:
    assert decode("terminated", data, size) == text
