"""The gates: what a test needs that not every machine has, and nothing else."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Machines are shared: how long an example takes says nothing.
settings.register_profile("argtrace", deadline=None)
settings.load_profile("argtrace")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Live tests skip, in a full sentence, without root; with ARGTRACE_LIVE=1 they run and fail."""
    if os.geteuid() == 0 or os.environ.get("ARGTRACE_LIVE") == "1":
        return
    skip = pytest.mark.skip(reason="Live tests trace real programs and need root: run them with sudo.")
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(skip)
