"""`argtrace exec` on programs that start others in every way; each word of a line is looked at."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from argtrace import running_kernel
from argtrace.decode.execs import CALLS
from argtrace.fetch.exec_chunks import CHUNKS, STRETCH
from argtrace.fetch.limits import Limits
from argtrace.options import Options
from argtrace.session import Session
from tests.live.conftest import Target, holding
from tests.support import live
from tests.support.live import ARGTRACE, ENVIRONMENT, IN_A_GUEST, Json

pytestmark = pytest.mark.live

ROOT = str(Path(__file__).parents[2])
ENV = {"HOME": ["/home"], "A": ["1", "2"], "odd": [None]}
NOBODY = 65534


def run(directory: Path, *command: str, options: tuple[str, ...] = ()) -> list[Json]:
    """The objects of a trace that lost nothing and said nothing."""
    file = directory / "starts.json"
    done = subprocess.run(
        [*ARGTRACE, "exec", "--json", "-o", str(file), *options, "--", *command],
        capture_output=True, text=True, timeout=180, check=False, env=ENVIRONMENT | {"PYTHONPATH": ROOT},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = file.read_bytes().splitlines()
    if not IN_A_GUEST:  # which may have no jsonschema
        from tests.support import schema

        assert [problem for line in lines for problem in schema.problems(line, schema.EXECS)] == []
    found = [json.loads(line) for line in lines]
    assert (found[0]["type"], found[-1]["type"], found[-1]["lost"]) == ("start", "end", 0)
    assert not [each for each in found if each["type"] in ("note", "lost")]
    return found[1:-1]


def starts(found: list[Json]) -> list[Json]:
    return [each for each in found if each["type"] == "exec"]


def ends(found: list[Json]) -> dict[int, Json]:
    return {each["id"]: each for each in found if each["type"] == "exec_end"}


@pytest.fixture
def program(target: Target) -> str:
    return target("starts")


def one(directory: Path, program: str, what: str) -> tuple[Json, Json | None]:
    """The start of this kind, whose parent is the program; and its end."""
    found = run(directory, program, what)
    first, start = starts(found)
    assert first["argv"] == [program, what]
    assert start["parent"]["pid"] == first["pid"]
    assert start["parent"]["comm"] == "starts"
    assert start["parent"]["started"] == first["started"] < start["started"]
    assert (start["uid"], start["cwd"]) == (os.getuid(), os.getcwd())
    assert ends(found)[first["id"]]["how"] == "exit"
    return start, ends(found).get(start["id"])


def test_one_that_seccomp_refused(tmp_path: Path, program: str) -> None:
    start, end = one(tmp_path, program, "seccomp")

    assert (start["error"], start["argv"], start["env"]) == ("EPERM", ["refused", "by seccomp"], ENV)
    assert (start["filename"], start["entry_seen"], end) == ("/bin/true", False, None)


def test_one_that_fails_when_the_callers_memory_is_gone(tmp_path: Path, program: str) -> None:
    start, _ = one(tmp_path, program, "broken")

    assert start["result"] < 0
    assert (start["argv"], start["env"], start["argv_missing"]) == (["broken", "program"], ENV, None)


def test_one_from_memory(tmp_path: Path, program: str) -> None:
    start, end = one(tmp_path, program, "memfd")

    assert (start["call"], start["filename"], start["argv"]) == ("execveat", "", ["from", "memory"])
    assert start["dirfd"] >= 3
    assert start["exe"] == "/memfd:program (deleted)"
    assert end is not None
    assert (end["how"], end["status"]) == ("exit", 0)


def test_an_argument_whose_page_is_not_there(tmp_path: Path, program: str) -> None:
    start, _ = one(tmp_path, program, "absent")

    if live.LINUX < (6, 8):
        # The kernel itself reads them before it looks for the program (fs/exec.c).
        assert (start["error"], start["argv"]) == ("ENOENT", ["absent", "", "there"])
        return
    assert (start["error"], start["argv"]) == ("ENOENT", ["absent", None, "there"])
    assert start["argv_missing"] == {
        "strings": None,
        "bytes": None,
        "reason": None,
        "unread": {"1": "EFAULT"},
    }


def test_no_arguments(tmp_path: Path, program: str) -> None:
    start, _ = one(tmp_path, program, "null")

    assert (start["argv"], start["env"], start["argv_missing"]) == ([], {}, None)


def test_one_by_a_thread(tmp_path: Path, program: str) -> None:
    """It takes over its process's id."""
    start, end = one(tmp_path, program, "thread")

    assert (start["result"], start["argv"]) == (0, ["by", "a thread"])
    assert start["tid"] != start["pid"]
    assert end is not None
    assert (end["pid"], end["status"]) == (start["pid"], 0)


def test_one_after_vfork(tmp_path: Path, program: str) -> None:
    start, end = one(tmp_path, program, "vfork")

    assert (start["result"], start["argv"], start["env"]) == (0, ["after", "vfork"], ENV)
    assert end is not None


def test_a_script(tmp_path: Path, program: str) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh -e\nexit 4\n")
    script.chmod(0o755)
    start, end = one(tmp_path, program, f"script:{script}")

    assert (start["result"], start["argv"]) == (0, ["name", "of a script"])
    assert start["filename"] == str(script)
    assert start["exe"] == os.path.realpath("/bin/sh")
    assert end is not None
    assert end["status"] == 4


@pytest.mark.parametrize(
    ("text", "mode", "error"),
    [
        pytest.param("#!/nonexistent\n", 0o755, "ENOENT", id="a script without its interpreter"),
        pytest.param("junk", 0o755, "ENOEXEC", id="no program"),
        pytest.param("#!/bin/sh\n", 0o644, "EACCES", id="one that may not be run"),
    ],
)
def test_files_that_are_no_programs(tmp_path: Path, program: str, text: str, mode: int, error: str) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    file.chmod(mode)
    start, end = one(tmp_path, program, str(file))

    assert (start["error"], start["filename"], start["exe"], end) == (error, str(file), None, None)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv")
def test_a_setuid_program(tmp_path: Path) -> None:
    if os.statvfs(tmp_path).f_flag & os.ST_NOSUID:
        pytest.skip(f"{tmp_path} is mounted nosuid; set TMPDIR to another place.")
    for directory in (tmp_path, *list(tmp_path.parents)[:2]):
        directory.chmod(0o755)
    suid = tmp_path / "suid"
    shutil.copy("/bin/true", suid)
    suid.chmod(0o4755)
    found = run(tmp_path, "setpriv", f"--reuid={NOBODY}", "--clear-groups", str(suid))
    before, after = starts(found)

    assert [(each["uid"], each["euid"]) for each in (before, after)] == [(0, 0), (NOBODY, 0)]
    assert ends(found)[before["id"]] | {"how": "replaced", "by": after["id"]} == ends(found)[before["id"]]


def test_a_program_that_is_killed(tmp_path: Path) -> None:
    found = run(tmp_path, "sh", "-c", "sh -c 'kill -9 $$'; true")
    killed = ends(found)[starts(found)[1]["id"]]

    assert (killed["how"], killed["signal"], killed["status"]) == ("signal", "SIGKILL", None)


def test_the_directory_is_that_of_the_exec(tmp_path: Path) -> None:
    """Whatever became of it: it is gone when the line is written."""
    gone = tmp_path / "gone"
    gone.mkdir()
    found = run(tmp_path, "sh", "-c", f"cd {gone}; rmdir {gone}; /bin/true; cd /; /bin/true")

    assert [each["cwd"] for each in starts(found)[1:]] == [str(gone), f"{gone} (deleted)", "/"]


def test_names_and_failures(tmp_path: Path) -> None:
    script = "/nonexistent/true; true() { :; }; /bin/true; cat /dev/null"
    found = run(tmp_path, "sh", "-c", script, options=("--name", "tr?e"))
    worked = run(tmp_path, "sh", "-c", script, options=("--name", "*/true", "--ignore-failed"))

    assert [each["filename"] for each in starts(found)] == ["/nonexistent/true", "/bin/true"]
    assert [each["filename"] for each in starts(worked)] == ["/bin/true"]


def test_a_line_can_be_pasted(tmp_path: Path) -> None:
    odd = ["a b", "it's", "$HOME", "\x1b[31m", "", "-n", "é", "new\nline"]
    done = live.text("exec", "-q", "-o", str(tmp_path / "lines"), "--", "/usr/bin/printf", "%s,", *odd)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "lines").read_text().splitlines()
    command = lines[1][lines[0].index("COMMAND") :]

    assert lines[1].isascii()
    assert lines[1].isprintable()
    if shutil.which("bash"):
        again = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
        assert again.stdout == ",".join([*odd, ""])


def test_the_environment_can_be_pasted(tmp_path: Path) -> None:
    done = live.text(
        "exec", "-q", "--env", "-o", str(tmp_path / "lines"), "--", "env", "-i", "B=two words", "A=$x", "env"
    )
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "lines").read_text().splitlines()
    words = shlex.split(lines[-1][lines[0].index("COMMAND") :], comments=True)

    assert words == ["env", "-i", "B=two words", "A=$x", "env"]


@holding
@pytest.mark.parametrize("width", [1, 40])
def test_a_storm_of_long_execs_is_shown_whole(tmp_path: Path, width: int) -> None:
    """200 arguments of 1,000 bytes each, of execs that work and of those that do not, at once."""
    source = Path(ROOT) / "bench" / "workloads" / "execstorm.c"
    storm = live.compile(source, tmp_path)
    count = 120
    found = run(tmp_path, storm, str(tmp_path / "report"), str(count), str(width), "0")
    shown = {each["argv"][0]: each for each in starts(found)[1:]}

    assert len(starts(found)) == count + 1
    for serial in range(count):
        start = shown[f"storm{serial:06}"]
        letters = [chr(ord("a") + (serial + at) % 26) for at in range(200)]
        assert start["argv"][1:] == [f"{serial:06}.{at:03}." + letters[at] * 989 for at in range(200)]
        assert (start["argv_missing"], start["env"]) == (None, {"STORM": ["1"]})
        assert start["error"] == ("ENOENT" if serial % 2 else None)
        assert (start["id"] in ends(found)) == (serial % 2 == 0)


@pytest.mark.parametrize(
    ("count", "length"), [pytest.param(60_000, 60, id="many"), pytest.param(40, 130_000, id="long")]
)
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a larger stack")
def test_what_the_kernel_takes_is_shown(tmp_path: Path, count: int, length: int) -> None:
    """Megabytes of arguments, more than a walk reaches: of a program that runs they are all there."""
    code = (
        "import os, resource\n"
        "resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        f"os.execv('/bin/true', ['true', *[f'{{n:06}}' + 'x' * {length - 6} for n in range({count})]])"
    )
    found = run(tmp_path, "python3", "-c", code)
    start = starts(found)[-1]

    assert start["argv_missing"] is None
    assert start["argv"] == ["true", *[f"{n:06}" + "x" * (length - 6) for n in range(count)]]


def test_more_than_that_is_said_to_be_missing(tmp_path: Path) -> None:
    code = "import os\ntry: os.execv('/nonexistent', ['x', *map(str, range(60_000))])\nexcept OSError: pass"
    start = starts(run(tmp_path, "python3", "-c", code))[-1]

    assert start["argv_missing"]["reason"] == "no room for the rest"
    assert start["argv"][1:] == [str(n) for n in range(len(start["argv"]) - 1)]
    # Without loops each round of a walk is there by itself, and fewer have room in a program.
    loops = running_kernel.features().loops
    assert len(start["argv"]) > (6000 if loops else 400)
    assert start["env_missing"] is None or not loops


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_what_the_verifier_goes_through() -> None:
    """A round of a walk, a chunk, a name of a path: each as often as there may be, and no more."""
    session = Session(Options(calls=CALLS, limits=Limits(whole=True), settings=True))
    try:
        session.load()
        costs = {name: program.cost().verified or 0 for name, program in session.loaded.items()}
    finally:
        session.close()

    # A round is a call of a function that is verified once, or all of it.
    once = running_kernel.features().sends_in_functions
    assert max(costs["at_exec_argv"], costs["at_exec_envp"]) < (10 if once else 400) * STRETCH
    assert max(costs["at_exec_args"], costs["at_exec_env"]) < 400 * CHUNKS
    assert costs["at_exec_setting"] < 30_000
