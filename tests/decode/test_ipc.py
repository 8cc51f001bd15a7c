"""A message: its type, and the text behind it."""

from __future__ import annotations

from argtrace.decode.model import Bytes, Int, Struct
from tests.support.scope import ADDRESS, decode, plain


def test_a_message_is_its_type_and_its_text() -> None:
    assert decode("msgbuf", (5).to_bytes(8, "little") + b"text") == Struct(
        ADDRESS, "msgbuf", (("mtype", Int(5, 5)), ("mtext", Bytes(ADDRESS + 8, b"text", 4)))
    )


def test_the_type_has_a_sign() -> None:
    assert plain(decode("msgbuf", b"\xff" * 8)) == {"mtype": -1, "mtext": b""}


def test_of_a_long_text_the_true_length_is_kept() -> None:
    found = decode("msgbuf", bytes(8) + b"te", 8 + 4000)
    assert isinstance(found, Struct)
    assert found["mtext"] == Bytes(ADDRESS + 8, b"te", 4000)


def test_a_message_without_its_type_is_none() -> None:
    assert plain(decode("msgbuf", b"\0" * 7, 16)) == "<cut: 7 bytes of 16>"
