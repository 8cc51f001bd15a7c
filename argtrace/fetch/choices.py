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
        """Of cases that have memory; where the default has memory, of those that have none, too."""
        return sorted(
            {
                value
                for choice in self.choices
                for value, meaning in cases(choice).items()
                if _has_memory(meaning) or _has_memory(choice.default)
            }
        )


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
        meaning = cases(meaning).get(known[meaning.on] & meaning.mask, meaning.default)
    return meaning


_CASES: dict[int, tuple[Choice, dict[int, Meaning]]] = {}


def cases(choice: Choice) -> dict[int, Meaning]:
    """By number; of names that are one number, the first one's.

    Remembered by identity: declarations live as long as the program, and are large to hash.
    """
    known = _CASES.get(id(choice))
    if known is None:
        found: dict[int, Meaning] = {}
        for name, meaning in choice.cases:
            found.setdefault(constants.number(choice.table, name) & choice.mask, meaning)
        known = _CASES[id(choice)] = choice, found
    return known[1]
