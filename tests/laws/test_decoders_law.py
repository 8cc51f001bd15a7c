"""Any bytes in any decoder, and in anything that a call declares, give a value that can be written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from argtrace.decode import decoders
from argtrace.decode.decoders import Memory
from argtrace.decode.model import File, Text, Value
from argtrace.present import jsonl, spell
from argtrace.present.spell import Spelling, Style
from argtrace.signature.calls import declarations
from argtrace.signature.meaning import Cell, Choice, Content, In, InOut, Meaning, Number, Out, When
from argtrace.signature.model import Int
from tests.support.scope import ADDRESS, Given

decoders.load()

# Sizes and kinds that decoders look for, and what has none of them.
SMALL = st.integers(0, 300).map(lambda number: number.to_bytes(2, "little"))
DATA = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(SMALL, st.binary(max_size=8), st.just(bytes(6))), max_size=60).map(b"".join),
)
LONGER = st.builds(lambda part, times: part * times, st.binary(min_size=1, max_size=9), st.integers(0, 600))
WORDS = st.one_of(st.integers(0, 64), st.integers(0, 2**64 - 1))
# None: nobody knows that number.
NUMBERS = st.lists(st.one_of(WORDS, WORDS, st.none()), max_size=4)
RESULTS = st.one_of(st.none(), st.integers(-4095, 300), st.integers(-(2**63), 2**63 - 1))
MORE = st.one_of(st.just(0), WORDS)
FILES = st.one_of(
    st.none(),
    st.sampled_from([b"/tmp/file", b"anon_inode:[eventfd]", b"\xff", *sorted(decoders._STREAMS)]).map(File),
    st.sampled_from(["NETLINK:[ROUTE:1]", "NETLINK:", "UNIX-STREAM:[8]", ""]).map(
        lambda detail: File(b"socket:[8]", detail)
    ),
)

EVERY = sorted(
    [*decoders._DECODERS.items(), *((f"stream {kind!r}", each) for kind, each in decoders._STREAMS.items())]
)
LOOKS = (
    Spelling(style=Style.STRACE, verbose=True, pretty=True),
    Spelling(style=Style.PERF, buffer_limit=0),
)


class Numbers(Mapping[str, int]):
    """Every name is there with one of a few numbers, or is not; without any number none is."""

    def __init__(self, words: list[int | None]) -> None:
        self._words = words

    def __getitem__(self, name: str) -> int:
        word = self._words[sum(name.encode()) % len(self._words)] if self._words else None
        if word is None:
            raise KeyError(name)
        return word

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Everywhere(Mapping[int, File]):
    """Every descriptor is the same file."""

    def __init__(self, file: File | None) -> None:
        self._file = file

    def __getitem__(self, fd: int) -> File:
        if self._file is None:
            raise KeyError(fd)
        return self._file

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


def check(value: Value) -> None:
    assert json.dumps(jsonl.value_to_json(value)).isascii()
    for look in LOOKS:
        assert all(line.isascii() and line.isprintable() for line in spell.value(value, look).split("\n"))


@pytest.mark.parametrize("decoder", [each for _, each in EVERY], ids=[name for name, _ in EVERY])
@settings(max_examples=60)
@given(
    data=st.one_of(DATA, LONGER), more=MORE, words=NUMBERS, file=FILES, result=RESULTS, verbose=st.booleans()
)
@example(b"", 0, [], None, None, False)
@example(b"", 1 << 40, [], None, None, True)
def test_any_bytes_give_a_value(
    decoder: Callable[[Memory, Given], Value],
    data: bytes,
    more: int,
    words: list[int | None],
    file: File | None,
    result: int | None,
    verbose: bool,
) -> None:
    scope = Given(Numbers(words), Everywhere(file), result, verbose)

    value = decoder(Memory(ADDRESS, data, len(data) + more), scope)

    check(value)
    assert value.raw == ADDRESS  # what the argument was


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


def holds_for_each(contents: list[tuple[str, Content]], data: bytes, scope: Given) -> None:
    for name, content in contents:
        try:
            value = scope.content(content, data, ADDRESS)
            check(value)
            assert value.raw == ADDRESS or isinstance(content, Cell)
        except Exception as error:
            error.add_note(f"{name}: {content}")
            raise


@settings(max_examples=150)
@given(data=DATA, words=NUMBERS, file=FILES, result=RESULTS)
def test_any_bytes_of_each_argument_give_a_value(
    data: bytes, words: list[int | None], file: File | None, result: int | None
) -> None:
    holds_for_each(DECLARED, data, Given(Numbers(words), Everywhere(file), result, verbose=False))


@settings(max_examples=600)
@given(declared=st.sampled_from(DECLARED), data=st.one_of(DATA, LONGER), words=NUMBERS, result=RESULTS)
def test_any_bytes_of_any_argument_give_a_value(
    declared: tuple[str, Content], data: bytes, words: list[int | None], result: int | None
) -> None:
    holds_for_each([declared], data, Given(Numbers(words), {}, result))


LEAVES = [
    (f"{name}.{param}", meaning)
    for name, declaration in sorted(declarations().items())
    for param, meaning in (*declaration.params, ("result", declaration.result))
    if isinstance(meaning, Number | Choice | When)
]


@settings(max_examples=60)
@given(
    word=WORDS,
    size=st.sampled_from([1, 2, 4, 8]),
    signed=st.booleans(),
    words=NUMBERS,
    file=FILES,
    result=RESULTS,
)
def test_any_word_of_each_argument_gives_a_value(
    word: int, size: int, signed: bool, words: list[int | None], file: File | None, result: int | None
) -> None:
    scope = Given(Numbers(words), Everywhere(file), result)
    for name, meaning in LEAVES:
        value: Any = scope.leaf(meaning, word, Int("", size, signed=signed))
        check(value)
        assert value.raw & (1 << 8 * size) - 1 == word & (1 << 8 * size) - 1, name


def test_every_call_is_tried() -> None:
    def call(declared: tuple[str, object]) -> str:
        return declared[0].split(".")[0]

    assert {call(each) for each in DECLARED} | {call(each) for each in LEAVES} == declarations().keys()
    assert len(declarations()) >= 386


def test_a_decoder_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        decoders._DECODERS, "sockaddr", lambda memory, _: Text(0, memory.data[3:4] * memory.data[3])
    )

    with pytest.raises(IndexError) as failed:
        holds_for_each(DECLARED, b"any", Given())
    assert [note.split(":")[0] for note in failed.value.__notes__] == ["accept.upeer_sockaddr"]
