"""What the documents name exists: files, options, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from argtrace.cli import options

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")]

# Short forms that read better in a page about one folder.
_ABOVE = ("", "argtrace", "tests", "docs")


def _ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_ids)
def test_every_file_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"(?<![\w/.-])([\w.-]+/[\w./-]*[\w/])", document.read_text()))
    ours = {name for name in named if re.search(r"\.(py|md|json|toml|sh|bpf)$|/$", name)}
    missing = {name for name in ours if not any((ROOT / above / name).exists() for above in _ABOVE)}
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=_ids)
def test_every_option_a_document_shows_is_one(document: Path) -> None:
    known = set(re.findall(r"--[a-z][a-z-]+", options.parser().format_help()))
    known |= {"--cost", "--listing", "--debug"}  # of `argtrace plan`
    lines = [line for line in document.read_text().splitlines() if re.search(r"\bargtrace ", line)]
    # Words after ` -- ` belong to the traced command.
    shown = {
        option for line in lines for option in re.findall(r"(?<!\w)--[a-z][a-z-]+", line.split(" -- ")[0])
    }
    assert shown <= known


def test_the_readme_has_the_test_command_that_ci_runs() -> None:
    commands = [line for line in (ROOT / "README.md").read_text().splitlines() if line.endswith("pytest")]
    assert len(commands) == 1
    assert "grep -m1 'pytest$' README.md" in (ROOT / ".ci" / "run").read_text()


def test_the_package_map_of_the_readme_is_complete() -> None:
    readme = (ROOT / "README.md").read_text()
    folders = {path.parent.name for path in ROOT.glob("argtrace/*/__init__.py")}
    assert folders <= set(re.findall(r"argtrace/(\w+)/", readme))
