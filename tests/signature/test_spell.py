"""Types and signatures as C."""

from __future__ import annotations

import pytest

from argtrace.signature import syscalls
from argtrace.signature.c_types import parse
from argtrace.signature.model import Pointer, Signature, Void
from argtrace.signature.spell import prototype, type_text


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        pytest.param("int", "int", id="a number"),
        pytest.param("void *", "void *", id="a pointer has its star apart from the name"),
        pytest.param("const char *", "const char *", id="const comes first"),
        pytest.param("char const*", "const char *", id="wherever it was written"),
        pytest.param("const char *const *", "const char **", id="two levels, const where it matters"),
        pytest.param("struct iocb * *", "struct iocb **", id="stars stand together"),
        pytest.param("const struct timespec *", "const struct timespec *", id="a structure"),
    ],
)
def test_type(text: str, spelt: str) -> None:
    assert type_text(parse(text)) == spelt


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        pytest.param(
            syscalls.signatures([257], None)[257],
            "long openat(int dfd, const char *filename, int flags, umode_t mode)",
            id="a star stands at the name",
        ),
        pytest.param(
            syscalls.signatures([110], None)[110], "long getppid(void)", id="no parameters are void"
        ),
        pytest.param(
            Signature("brk", (), Pointer(Void()), "table"), "void *brk(void)", id="a result may be an address"
        ),
        pytest.param(
            syscalls.unknown(0xBAD),
            "long syscall_0xbad(unsigned long arg1, unsigned long arg2, unsigned long arg3, "
            "unsigned long arg4, unsigned long arg5, unsigned long arg6)",
            id="a call nobody knows",
        ),
    ],
)
def test_prototype(signature: Signature, text: str) -> None:
    assert prototype(signature) == text


def test_what_is_spelt_means_the_same() -> None:
    """Of every parameter in the table. A typedef that hides its star is spelt with it, and is left out."""
    types = {p.type for s in syscalls.signatures(syscalls.NAMES, None).values() for p in s.params}
    hidden = {parse("cap_user_data_t"), parse("cap_user_header_t")}

    for type in types - hidden:
        assert parse(type_text(type)) == type
