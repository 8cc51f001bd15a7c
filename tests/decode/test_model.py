"""Values can be compared, kept and shown: each with the word it came from."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from argtrace.decode.model import Address, Missing, Text, Value, Why


@pytest.mark.parametrize("kind", get_args(Value), ids=lambda kind: kind.__name__)
def test_every_value_keeps_its_word_first(kind: type) -> None:
    assert dataclasses.fields(kind)[0].name == "raw"
    assert kind.__hash__ is not None


def test_five_things_that_others_print_alike_are_five_here() -> None:
    alike = {
        Text(0x7000, b""),
        Text(0x7000, b"", cut=True),
        Missing(0x7000, Why.UNREADABLE, "EFAULT"),
        Missing(0x7000, Why.NOT_CAPTURED, "too many execs at once"),
        Address(0x7000),
    }

    assert len(alike) == 5
