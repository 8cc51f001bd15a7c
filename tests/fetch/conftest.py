"""Programs that a Machine runs do the same on every kernel: each test of them is run for the newest and
for one that has nothing of what programs can do without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from argtrace.fetch.features import ALL, Features
from argtrace.value import names
from tests.support.generated import on_a_kernel_with

NOTHING = Features(**dict.fromkeys(names(ALL), False))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "Machine" in vars(metafunc.module) and not metafunc.definition.get_closest_marker("newest"):
        metafunc.parametrize("_kernel", [ALL, NOTHING], ids=["newest", "oldest"], indirect=True)


@pytest.fixture(autouse=True)
def _kernel(request: pytest.FixtureRequest) -> Iterator[None]:
    """For every test: pytest drops a fixture that only `pytest_generate_tests` names."""
    with on_a_kernel_with(getattr(request, "param", ALL)):
        yield
