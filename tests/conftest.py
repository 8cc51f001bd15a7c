"""The gates: what a test needs that not every machine has, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from argtrace import running_kernel
from argtrace.value import names

if not os.environ.get("ARGTRACE_VM"):  # a guest has no use for it, nor, on arm64, its native half
    from hypothesis import settings

    # Machines are shared: how long an example takes says nothing.
    settings.register_profile("argtrace", deadline=None)
    settings.load_profile("argtrace")


if os.environ.get("ARGTRACE_VM"):
    from tests.support import patience

    patience.install()

if os.environ.get("ARGTRACE_ZYGOTE"):
    from tests.support import zygote

    zygote.install()

# Set where live tests have to run: in CI, and before a release.
REQUIRED = os.environ.get("ARGTRACE_LIVE") == "1"


DESERVED = pytest.StashKey[bool]()
"""Skipped since this kernel has not what the test is about."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Live tests skip, in a full sentence, without root; with ARGTRACE_LIVE=1 they run and fail. So do those
    of what this kernel, when asked, has not."""
    for item in items:
        for mark in item.iter_markers("needs"):
            if not has(mark.args[0]):
                since = mark.kwargs["since"]
                item.add_marker(pytest.mark.skip(reason=f"This kernel has no {mark.args[0]}: Linux {since}."))
                item.stash[DESERVED] = True
    if os.geteuid() == 0 or REQUIRED:
        return
    skip = pytest.mark.skip(reason="Live tests trace real programs and need root: run them with sudo.")
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(skip)


def has(feature: str) -> bool:
    """Whether the kernel has it: a member of Features, as `argtrace.probing` finds, or a function that
    programs may call, by its BTF."""
    features = running_kernel.features()
    if feature in names(features):
        return bool(getattr(features, feature))
    return features.task and bool(running_kernel.btf().ids_named(feature))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ARGTRACE_LIVE=1 a live test that skips for want of anything fails, with the reason it gave."""
    report = yield
    if DESERVED in item.stash or hasattr(report, "wasxfail"):
        return report
    if REQUIRED and report.skipped and item.get_closest_marker("live"):
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"ARGTRACE_LIVE=1, so this has to run. {reason}"
    return report
