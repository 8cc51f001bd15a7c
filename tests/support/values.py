"""Any value there is, as hypothesis draws it.

values()     every kind, nested; what a traced program can choose is any bytes, what
             comes from our tables (names of constants, members, reasons) is words
named()      some by name
results()    what a call may have returned
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from argtrace.decode.model import (
    Address,
    Bytes,
    Changed,
    Device,
    Fd,
    File,
    Flags,
    Int,
    Ip,
    List,
    Missing,
    Named,
    Pid,
    Result,
    Struct,
    Text,
    Unused,
    Value,
    Why,
)
from argtrace.decode.tables.signals import SIGNALS

U32, U64 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
S32, S64 = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.one_of(st.integers(-2, 300), S64, U64)
BYTES = st.one_of(st.binary(max_size=40), st.text(max_size=10).map(str.encode))

# A name that is no UTF-8 has surrogates (PEP 383).
CHOSEN_NAMES = BYTES.map(lambda data: data.decode(errors="surrogateescape"))
# Words of ours with a name in them that is not: UNIX-STREAM:[8,"…"].
DETAILS = CHOSEN_NAMES.map(lambda name: f'UNIX-STREAM:[8->9,"{name}"]')
WORDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
MEMBERS = st.one_of(
    WORDS, st.sampled_from(["st_mode", "st_size", "sin_port", "sin6_addr", "iov_base", "msg_iov", "filter"])
)
STRUCTS = st.one_of(WORDS, st.sampled_from(["stat", "statx", "rusage", "sock_fprog", "iovec"]))

MISSING = st.builds(Missing, U64, st.sampled_from(Why), st.sampled_from(["EFAULT", "no room for the rest"]))
ENDS = st.one_of(st.none(), MISSING)
FILES = st.one_of(
    st.none(),
    st.builds(File, BYTES, st.one_of(st.none(), DETAILS)),
    st.builds(File, BYTES.map(lambda name: b"/" + name), st.one_of(st.none(), DETAILS)),
)
SIGNAL = st.sampled_from(sorted(SIGNALS.items())).map(lambda each: Named(each[0], each[0], each[1]))
BUFFERS = st.builds(
    lambda raw, data, more: Bytes(raw, data, len(data) + more),
    U64, BYTES, st.one_of(st.just(0), st.integers(0, 2**63 - 1)),
)  # fmt: skip

LEAVES: SearchStrategy[Value] = st.one_of(
    st.builds(Int, U64, NUMBERS, st.sampled_from([8, 10, 16])),
    st.builds(Named, U64, NUMBERS, WORDS),
    SIGNAL,
    st.builds(
        Flags, U64, NUMBERS, st.lists(WORDS, max_size=3).map(tuple), NUMBERS, st.sampled_from([8, 16])
    ),
    st.builds(Fd, U64, S32, FILES),
    st.builds(Pid, U64, S32, st.one_of(st.none(), CHOSEN_NAMES)),
    st.builds(Device, U64, U64, U32, U32),
    st.builds(Ip, U64, st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16))),
    st.builds(Unused, U64),
    st.builds(Address, U64),
    st.builds(Text, U64, BYTES, st.booleans(), st.one_of(st.none(), BYTES)),
    BUFFERS,
    MISSING,
)  # fmt: skip


def values() -> SearchStrategy[Value]:
    return st.recursive(LEAVES, _containers, max_leaves=12)


def named(inside: SearchStrategy[Value], most: int) -> SearchStrategy[dict[str, Value]]:
    """Values by name: arguments, members."""
    # st.dictionaries is slow here: it spells out the strategy for each key that it refuses.
    names = st.lists(MEMBERS, max_size=most, unique=True)
    return st.builds(
        lambda names, each: dict(zip(names, each, strict=False)), names, st.lists(inside, max_size=most)
    )


def _containers(inside: SearchStrategy[Value]) -> SearchStrategy[Value]:
    members = named(inside, 5).map(lambda members: tuple(members.items()))
    return st.one_of(
        st.builds(_list, U64, st.lists(inside, max_size=4), ENDS, st.one_of(st.none(), st.integers(0, 9))),
        st.builds(_list, U64, MANY, ENDS, st.none()),
        st.builds(Struct, U64, STRUCTS, members, st.one_of(st.none(), S64), ENDS),
        st.builds(Changed, U64, inside, inside),
    )


# The text of an array is cut beyond 32 elements; of many signals those that are missing are shown.
MANY: SearchStrategy[list[Value]] = st.one_of(
    st.builds(lambda count: [Fd(n, n) for n in range(count)], st.integers(30, 36)),
    st.builds(lambda count: [Text(n, b"x") for n in range(count)], st.integers(30, 36)),
    st.lists(SIGNAL, min_size=40, max_size=64, unique=True),
)


def _list(raw: int, items: list[Value], end: Missing | None, more: int | None) -> List:
    return List(raw, tuple(items), end, None if more is None else len(items) + more)


def results() -> SearchStrategy[Result]:
    notes = st.sampled_from([None, "Timeout"])
    return st.one_of(
        st.just(Result(None)),
        st.builds(lambda value, note: Result(value.raw, value, note=note), LEAVES, notes),
        st.builds(
            lambda raw, restarts: Result(raw, None, "ENOENT", "No such file or directory", restarts),
            st.integers(-4095, -1), st.booleans(),
        ),
    )  # fmt: skip
