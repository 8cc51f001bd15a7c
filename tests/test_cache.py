"""What is remembered about a kernel is what was found out, or is found out anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from argtrace import cache


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file, once something is remembered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "build_id", lambda: "b" * 40)
    assert cache.remembered("topic", "1", lambda: {"a": 1, "b": None}) == {"a": 1, "b": None}
    (file,) = (tmp_path / "argtrace").iterdir()
    return file


def test_it_is_not_found_out_twice(kept: Path) -> None:
    assert os.stat(kept).st_mode & 0o777 == 0o600
    assert cache.remembered("topic", "1", dict) == {"a": 1, "b": None}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"a": 1', id="half a file"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'{"a": true}', id="a truth in place of a number"),
        pytest.param(b'{"a": 1.5}', id="a fraction in place of a number"),
        pytest.param(b"\xff\xfe{}", id="bytes that are no text"),
        pytest.param(b"[" * 100_000, id="lists in lists, deeper than Python goes"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="more digits than Python reads"),
    ],
)
def test_what_cannot_be_believed_is_as_good_as_none(kept: Path, content: bytes) -> None:
    kept.write_bytes(content)

    assert cache.remembered("topic", "1", lambda: {"a": 2}) == {"a": 2}


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_somebody_else_may_write_is_not_believed(kept: Path, mode: int) -> None:
    kept.chmod(mode)

    assert cache.remembered("topic", "1", lambda: {"a": 2}) == {"a": 2}


def test_nothing_is_written_through_a_link(kept: Path, tmp_path: Path) -> None:
    """Where the directory is somebody else's, who can guess our process id."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    kept.unlink()
    kept.with_name(f"{kept.name}.{os.getpid()}").symlink_to(precious)

    assert cache.remembered("topic", "1", lambda: {"a": 2}) == {"a": 2}
    assert precious.read_text() == "precious"
    assert not kept.exists()
