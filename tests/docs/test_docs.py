"""What the documents name exists, and what they quote is what the code says."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from argtrace.cli import doctor as doctor_command
from argtrace.cli import exec as exec_command
from argtrace.cli import options
from argtrace.cli import plan as plan_command
from argtrace.decode import decoders, numbers
from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.signature import meaning, syscalls
from argtrace.target import X86_64

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")]
# Written by the code, and tested where it is.
MATRIX = ("support-matrix.md", "verifier-cost.md")
GENERATED = {ROOT / "docs" / name for name in ("coverage.md", "parity.md", "costs.md", *MATRIX)}
WRITTEN = [document for document in DOCUMENTS if document not in GENERATED]

# Short forms that read better in a page about one folder.
_ABOVE = ("", "argtrace", "tests", "docs")


def _ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _read(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_ids)
def test_every_file_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"(?<![\w/.-])([\w.-]+/[\w./-]*[\w/])", document.read_text()))
    ours = {name for name in named if re.search(r"\.(py|md|json|toml|sh|bpf)$|/$", name)}
    missing = {name for name in ours if not any((ROOT / above / name).exists() for above in _ABOVE)}
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=_ids)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", WRITTEN, ids=_ids)
def test_every_target_of_make_is_one(document: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", _read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`| {4}|^)make ([a-z-]+)", document.read_text(), re.MULTILINE))
    assert named <= targets


# ---- options ------------------------------------------------------------------------------


def _spellings(parser: argparse.ArgumentParser) -> set[str]:
    return {spelling for action in parser._actions for spelling in action.option_strings}


TRACE, PLAN = _spellings(options.parser()), _spellings(plan_command._parser())
EXEC = _spellings(exec_command.parser())
DOCTOR = _spellings(doctor_command._parser())


@pytest.mark.parametrize("document", DOCUMENTS, ids=_ids)
def test_every_option_a_document_shows_is_one(document: Path) -> None:
    lines = [line for line in document.read_text().splitlines() if re.search(r"\bargtrace ", line)]
    # Words after ` -- ` belong to the traced command.
    shown = {
        option
        for line in lines
        for option in re.findall(r"(?<!\w)--[a-z][a-z-]+(?:=non-ascii\S*)?", line.split(" -- ")[0])
    }
    assert shown <= TRACE | PLAN | EXEC | DOCTOR


def test_the_page_on_execs_has_every_option_of_its_own() -> None:
    page = _read("docs/execs.md")
    assert [option for option in sorted(EXEC - TRACE) if option not in page] == []


def test_the_reference_has_every_option_and_no_other() -> None:
    trace, rest = _read("docs/reference/cli.md").split("## `argtrace plan`")
    plan, doctor = rest.split("## `argtrace doctor`")
    in_tables = {
        option
        for line in trace.splitlines()
        if line.startswith("| `-")
        for quoted in re.findall(r"`([^`]+)`", line.split(" | ")[0])
        for option in re.findall(r"^--?[\w-]+(?:=[a-z-]+)?", quoted)
    }
    of_plan, of_doctor = (
        {option for text in re.findall(r"`(-[^`]+)`", part) for option in [text.split()[0]]}
        for part in (plan, doctor)
    )
    assert in_tables == TRACE
    assert of_plan == PLAN
    assert of_doctor == DOCTOR


def test_the_reference_has_the_limits_that_are_used() -> None:
    rows = re.findall(
        r"^\| (bytes of|elements)[^|]*\|([^|]*)\|([^|]*)\|", _read("docs/reference/cli.md"), re.MULTILINE
    )
    shown = [[int(cell) if cell.strip() else None for cell in cells] for _, *cells in rows]

    def limits(*arguments: str) -> list[int]:
        found = options.limits(options.parser().parse_args([*arguments, "true"]))
        return [found.strings, found.buffers, found.elements, found.followed, found.tables]

    usual, verbose = limits(), limits("-v")
    assert [row[0] for row in shown] == usual
    assert [row[1] or row[0] for row in shown] == verbose


# ---- declarations and plans ---------------------------------------------------------------

DECODING = ROOT / "docs" / "decoding.md"
QUOTES = [
    (name, text)
    for document in WRITTEN
    for name, text in re.findall(
        r"^```\w+\n# (\S+\.(?:py|toml))\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL
    )
]
PLANS = [
    (name, printed)
    for document in WRITTEN
    for name, printed in re.findall(
        r"^    \$ argtrace plan -e (\w+)\n((?:    .*\n)+)", document.read_text(), re.MULTILINE
    )
]


@pytest.mark.parametrize(
    ("name", "quoted"), QUOTES, ids=[f"{name} {at}" for at, (name, _) in enumerate(QUOTES)]
)
def test_a_quotation_is_what_the_file_says(name: str, quoted: str) -> None:
    parts = [part.strip("\n") for part in re.split(r"^…$", quoted, flags=re.MULTILINE)]
    assert [part for part in parts if part not in _read(name)] == []


def test_there_are_quotations_and_plans() -> None:
    assert len(QUOTES) >= 5
    assert {"read", "getsockname", "recvmsg", "fcntl"} <= {name for name, _ in PLANS}


@pytest.mark.parametrize(("name", "printed"), PLANS, ids=[name for name, _ in PLANS])
def test_a_plan_is_what_argtrace_plan_prints(name: str, printed: str) -> None:
    number = syscalls.NUMBERS[name]
    signature = syscalls.signatures([number], None)[number]
    planned = plans(number, signature, X86_64, Limits())
    first = [f"    {line}" for line in plan_command._arguments(signature, planned.default)]
    rest = [
        line
        for value, plan in planned.variants
        for line in (
            f"  with {value:#x}:",
            *(f"    {line}" for line in plan_command._arguments(signature, plan) if "bytes" in line),
        )
    ]
    # Not the prototype, which is the running kernel's, nor the summary, nor what was left out.
    shown = [line[4:] for line in printed.splitlines()[1:]]
    shown = [line for line in shown if line.strip() != "…" and " programs, slots of " not in line]
    assert shown[: len(first)] == first
    assert shown[len(first) :] == rest[: len(shown) - len(first)]


def test_the_language_is_described_in_full() -> None:
    text = DECODING.read_text()
    language = {name for name, value in vars(meaning).items() if _is_word(name, value)}
    used = set(
        re.findall(r"\w+", "".join(path.read_text() for path in ROOT.glob("argtrace/signature/calls/*.py")))
    )
    assert {name for name in language & used if not re.search(rf"`[^`]*\b{name}\b[^`]*`", text)} == set()


def _is_word(name: str, value: object) -> bool:
    """What a declaration can say: not the classes behind it, nor names of types."""
    behind = {"Number", "Struct", "Result", "Declaration", "On", "Mapping", "Enum"}
    own = getattr(value, "__module__", "") == meaning.__name__
    return own and not name.startswith("_") and name not in behind


def test_every_kind_of_number_can_be_declared() -> None:
    declared = {value.kind for value in vars(meaning).values() if isinstance(value, meaning.Number)}
    declared |= {make("").kind for make in (meaning.flags, meaning.enum, meaning.octal_flags, meaning.net16)}
    # ioctl's own, declared where it is.
    assert set(numbers.KINDS) == declared | {"ioctl"}


def test_decoders_are_where_the_page_says() -> None:
    decoders.load()
    with_streams = {function.__module__.rpartition(".")[2] for function in decoders._STREAMS.values()}
    text = DECODING.read_text()
    assert {name for name in with_streams if f"argtrace/decode/{name}.py" not in text} == set()


# ---- the map, and who sees whom -----------------------------------------------------------


def _folders() -> set[str]:
    return {str(path.parent.relative_to(ROOT)) for path in ROOT.glob("argtrace/**/__init__.py")}


def _map() -> dict[str, list[str]]:
    """The map in the README: folders, and the files it names below each."""
    text = _read("README.md").split("## The map")[1]
    found: dict[str, list[str]] = {}
    folder = above = ""
    for line in text.splitlines():
        top, below = re.match(r" {4}([\w/]+/)(?: |$)", line), re.match(r" {8}([\w/]+/)(?: |$)", line)
        if top:
            folder = above = top[1].rstrip("/")
            found[folder] = []
        elif below:
            folder = f"{above}/{below[1].rstrip('/')}"
            found[folder] = []
        elif line.startswith("        "):
            found[above] += re.findall(r"\b(\w+\.py)\b", line)
    return found


def test_the_map_of_the_readme_has_every_folder() -> None:
    tops = {f"{path.parent.name}" for path in ROOT.glob("*/*.py")} - {"argtrace"}
    assert _folders() - {"argtrace"} <= set(_map())
    assert tops <= set(_map())


@pytest.mark.parametrize("folder", _map())
def test_what_the_map_of_the_readme_names_is_there(folder: str) -> None:
    assert (ROOT / folder).is_dir()
    assert [name for name in _map()[folder] if not (ROOT / folder / name).exists()] == []


SEES = {
    "signature": set[str](),
    "location": set[str](),
    "fetch": {"signature", "location", "kernel"},
    "transport": {"fetch.record", "location", "kernel"},
    "decode": {"signature", "location", "fetch", "transport.records"},
    "present": {"decode", "doctor.findings", "doctor.probes"},
    "native": {"signature", "location", "fetch", "decode", "present", "transport.records"},
    "kernel": set[str](),
}


@pytest.mark.parametrize("folder", SEES)
def test_arrows_go_one_way(folder: str) -> None:
    """As docs/architecture.md has it, under Rules."""
    allowed = SEES[folder] | {folder, "errors", "target", "value"}
    seen: set[str] = set()
    for path in (ROOT / "argtrace" / folder).rglob("*.py"):
        text = path.read_text()
        seen |= set(re.findall(r"^\s*(?:from|import) argtrace\.([\w.]+)", text, re.MULTILINE))
        for package, names in re.findall(r"^from argtrace\.(\w+) import ([\w, ]+)", text, re.MULTILINE):
            seen |= {f"{package}.{name.strip()}" for name in names.split(",")} - {package}
    outside = {
        name
        for name in seen
        if not any(name == a or name.startswith(f"{a}.") or a.startswith(f"{name}.") for a in allowed)
    }
    assert outside == set()


def test_the_readme_has_the_test_command_that_ci_runs() -> None:
    commands = [line for line in _read("README.md").splitlines() if line.endswith("pytest")]
    assert len(commands) == 1
    assert "grep -m1 'pytest$' README.md" in _read(".ci/run")
