"""Programs to trace, built once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import live

Target = Callable[[str], str]

holding = pytest.mark.needs("ring", since="5.8: a command is held by how full it is")


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A program of targets/ by name, as the path of its executable."""
    directory = tmp_path_factory.mktemp("targets")
    built: dict[str, str] = {}

    def build(name: str) -> str:
        if name not in built:
            built[name] = live.compile(Path(__file__).parent / "targets" / f"{name}.c", directory)
        return built[name]

    return build


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory whose pages can be dropped from memory: in a guest tmp_path's cannot."""
    disk = os.environ.get("ARGTRACE_DISK")
    if disk is None:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=disk) as directory:
        yield Path(directory)
