"""Any bytes in any decoder, and in anything that a call declares, give a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argtrace.decode import decoders
from argtrace.decode.decoders import Memory
from argtrace.decode.model import File
from argtrace.present import jsonl
from argtrace.signature.calls import declarations
from argtrace.signature.meaning import Choice, Content, In, InOut, Meaning, Out
from tests.support.scope import Given

decoders.load()

# Sizes and kinds that decoders look for, and what has none of them.
SMALL = st.integers(0, 300).map(lambda number: number.to_bytes(2, "little"))
DATA = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(SMALL, st.binary(max_size=8), st.just(bytes(6))), max_size=60).map(b"".join),
)
WORDS = st.one_of(st.integers(0, 64), st.integers(0, 2**64 - 1))
RESULTS = st.one_of(st.none(), st.integers(-4095, 300), st.integers(-(2**63), 2**63 - 1))
FILES = [b"/tmp/file", b"socket:[8]", b"anon_inode:inotify", b"anon_inode:[eventfd]", b"\xff"]


class Numbers(Mapping[str, int]):
    """Every name is there, with one of a few numbers; or none is."""

    def __init__(self, words: list[int]) -> None:
        self._words = words

    def __getitem__(self, name: str) -> int:
        if not self._words:
            raise KeyError(name)
        return self._words[sum(name.encode()) % len(self._words)]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("name", sorted(decoders._DECODERS))
@given(
    data=DATA,
    more=st.one_of(st.just(0), WORDS),
    words=st.lists(WORDS, max_size=4),
    file=st.one_of(st.none(), st.sampled_from(FILES)),
    result=RESULTS,
    verbose=st.booleans(),
)
def test_any_bytes_give_a_value(
    name: str, data: bytes, more: int, words: list[int], file: bytes | None, result: int | None, verbose: bool
) -> None:
    files = {} if file is None else {fd: File(file, "NETLINK:[ROUTE:1]") for fd in range(65)}
    scope = Given(Numbers(words), files, result, verbose)
    value = decoders.decoder(name)(Memory(0x1000, data, len(data) + more), scope)
    assert isinstance(jsonl.value_to_json(value), dict)


def contents(meaning: Meaning) -> Iterator[Content]:
    match meaning:
        case Choice(cases=cases, default=default):
            for _, each in (*cases, ("", default)):
                yield from contents(each)
        case In(content=content) | Out(content=content):
            yield content
        case InOut(content=content, after=after):
            yield content
            if after is not None:
                yield after


DECLARED = [
    (f"{name}.{param}", content)
    for name, declaration in sorted(declarations().items())
    for param, meaning in declaration.params
    for content in contents(meaning)
]


@settings(max_examples=1000)
@given(declared=st.sampled_from(DECLARED), data=DATA, words=st.lists(WORDS, max_size=4), result=RESULTS)
def test_any_bytes_of_any_argument_give_a_value(
    declared: tuple[str, Content], data: bytes, words: list[int], result: int | None
) -> None:
    value = Given(Numbers(words), {}, result).content(declared[1], data, 0x1000)
    assert isinstance(jsonl.value_to_json(value), dict)
