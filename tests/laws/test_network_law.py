"""Whatever is sent to a decoder, it is a value: never an exception, and never a bit invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.model import File, Ip
from argtrace.signature import constants
from argtrace.signature.calls.network import GOT, SET
from tests.support.scope import Given, decode, plain

DATA = st.binary(max_size=600)
MORE = st.integers(0, 1 << 33)
FAMILIES = st.sampled_from(sorted(constants.table("address_family").names))
LEVELS = st.sampled_from(sorted(constants.table("socket_level").names))
PROTOCOLS = st.sampled_from(("ROUTE", "SOCK_DIAG", "GENERIC", "NETFILTER", "AUDIT", "XFRM", "CRYPTO", "8"))


@given(DATA, MORE)
@pytest.mark.parametrize(
    "name", ["sockaddr", "control_messages", "sockopt", "getsockopt", "netlink", "fd_set", "epoll_data", "ip"]
)
def test_any_bytes(name: str, data: bytes, more: int) -> None:
    plain(decode(name, data, len(data) + more))


@given(FAMILIES, st.binary(max_size=130), MORE)
def test_any_address_of_each_family(family: int, data: bytes, more: int) -> None:
    plain(decode("sockaddr", family.to_bytes(2, "little") + data, 2 + len(data) + more))


@given(LEVELS, st.integers(0, 300), DATA, MORE)
@pytest.mark.parametrize(("name", "choice"), [("sockopt", SET), ("getsockopt", GOT)])
def test_any_option(name: str, choice: object, level: int, option: int, data: bytes, more: int) -> None:
    plain(decode(name, data, len(data) + more, level=level, optname=option))


@given(
    st.lists(st.tuples(LEVELS, st.integers(0, 90), st.binary(max_size=80), st.integers(-20, 20)), max_size=4),
    MORE,
)
def test_any_control_messages(messages: list[tuple[int, int, bytes, int]], more: int) -> None:
    data = b""
    for level, kind, content, wrong in messages:
        length = max(0, 16 + len(content) + wrong)
        data += length.to_bytes(8, "little") + level.to_bytes(4, "little") + kind.to_bytes(4, "little")
        data += content + bytes(-len(content) % 8)
    plain(decode("control_messages", data, len(data) + more))


@given(PROTOCOLS, st.integers(0, 130), st.integers(0, 0xFFFF), DATA, st.integers(-20, 20), MORE)
def test_any_netlink_message(
    protocol: str, kind: int, flags: int, content: bytes, wrong: int, more: int
) -> None:
    length = max(0, 16 + len(content) + wrong)
    header = (
        length.to_bytes(4, "little") + kind.to_bytes(2, "little") + flags.to_bytes(2, "little") + bytes(8)
    )
    scope = Given({"fd": 3}, {3: File(b"socket:[8]", f"NETLINK:[{protocol}:1]")})
    plain(decode("netlink", header + content, 16 + len(content) + more, scope))


@given(st.integers(0, 1024), st.binary(max_size=128))
def test_a_set_has_the_bits_below_n(n: int, data: bytes) -> None:
    found = [fd for fd in plain(decode("fd_set", data, n=n)) if isinstance(fd, int)]
    assert found == [bit for bit in range(min(n, 8 * len(data))) if data[bit // 8] >> bit % 8 & 1]


@given(st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16)))
def test_an_address_is_its_bytes(data: bytes) -> None:
    value = decode("ip", data)
    assert isinstance(value, Ip)
    assert value.data == data
