"""What a traced program's pointers may lead to, as programs read it (ptrace asks the kernel to)."""

from __future__ import annotations

import errno

import pytest

from argtrace.signature.meaning import SIZE, Cell, In, Path, Raw, call
from tests.fetch.test_copies import NUMBER, item, machine
from tests.support.machine import Machine

EFAULT = -errno.EFAULT


@pytest.mark.parametrize(
    "content", [Raw("x", 8), Path(), Cell("int")], ids=["a buffer", "a path", "a number"]
)
def test_the_kernels_memory_is_not_the_programs(content: Raw | Path | Cell) -> None:
    """Also where one helper reads both: whoever is traced chooses what its pointers point to."""
    made: Machine = machine(call(p=In(content), n=SIZE))
    secret = made.kernel.place(b"the kernel's own\0")
    made.leave(made.enter(NUMBER, secret), 0)
    (found,) = made.calls()

    assert item(found, 0) == EFAULT
    assert b"kernel" not in found.raw
