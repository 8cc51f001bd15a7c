"""Without a C compiler argtrace installs and works, and says once why it is slow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from argtrace import native

ROOT = Path(__file__).parents[2]


def test_a_build_without_a_compiler_does_not_fail(tmp_path: Path) -> None:
    sources = tmp_path / "argtrace" / "native"
    sources.mkdir(parents=True)
    for path in (ROOT / "argtrace" / "native").iterdir():
        if path.suffix in (".py", ".pyx", ".pxd"):
            shutil.copy(path, sources)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "argtrace" / "__init__.py").touch()

    done = subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=tmp_path,
        env=os.environ | {"CC": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert not list(sources.glob("*.so"))


@pytest.mark.parametrize(("value", "wanted"), [("1", False), ("0", True), ("", True), ("yes", False)])
def test_python_can_be_asked_for(monkeypatch: pytest.MonkeyPatch, value: str, wanted: bool) -> None:
    monkeypatch.setenv(native.PURE, value)

    assert native.wanted() is wanted
    assert (native.module("lines") is not None) is wanted
    assert not native.missing()


def test_it_is_said_once(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['argtrace.native.lines'] = None\n"
        "from tests.support import untraced\n"
        "from argtrace import cli, session\n"
        "session.Session = untraced.Untraced\n"
        "sys.exit(cli.main())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script, "--", "true"],
            cwd=ROOT,
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        ).stderr
        for _ in range(2)
    ]

    assert "native executor was not built" in said[0]
    assert "gcc" in said[0]
    assert "native executor" not in said[1]
