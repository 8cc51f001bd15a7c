"""What an argument means where another argument decides: fcntl's third by its command.

Not here: choices on a member of a structure, which are made when it is decoded.
"""

from __future__ import annotations

from collections.abc import Mapping

from argtrace.signature import constants
from argtrace.signature.meaning import Choice, In, InOut, Meaning, Out
from argtrace.signature.model import Signature
from argtrace.value import frozen


@frozen
class Selector:
    on: str
    mask: int
    choices: tuple[Choice, ...]

    def values(self) -> list[int]:
        found = {
            constants.number(choice.table, name) & self.mask
            for choice in self.choices
            for name, meaning in choice.cases
            if _has_memory(meaning)
        }
        return sorted(found | self._unlike_default())

    def _unlike_default(self) -> set[int]:
        """Where the default has memory, a case that has none is a variant too."""
        return {
            constants.number(choice.table, name) & self.mask
            for choice in self.choices
            if _has_memory(choice.default)
            for name, _ in choice.cases
        }


def selector_of(signature: Signature) -> Selector | None:
    """The argument that decides what others point to, if there is one."""
    choices = [
        param.meaning
        for param in signature.params
        if isinstance(param.meaning, Choice) and _has_memory(param.meaning)
    ]
    if not choices:
        return None
    on, mask = choices[0].on, choices[0].mask
    if any((choice.on, choice.mask) != (on, mask) for choice in choices):
        raise ValueError(f"{signature.name}: two arguments decide what is fetched")
    return Selector(on, mask, tuple(choices))


def _has_memory(meaning: Meaning) -> bool:
    if isinstance(meaning, Choice):
        return any(_has_memory(case) for _, case in meaning.cases) or _has_memory(meaning.default)
    return isinstance(meaning, In | Out | InOut)


def resolve(meaning: Meaning, known: Mapping[str, int]) -> Meaning:
    """The case of a Choice that these numbers select, as often as they do."""
    while isinstance(meaning, Choice):
        if meaning.on not in known:
            return meaning.default if _has_memory(meaning) else meaning
        value = known[meaning.on] & meaning.mask
        for name, case in meaning.cases:
            if constants.number(meaning.table, name) & meaning.mask == value:
                meaning = case
                break
        else:
            meaning = meaning.default
    return meaning
