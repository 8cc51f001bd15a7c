"""The same commands, traced by strace and by us: the same calls, words, strings and results.

Each of `targets/*.c` and some commands of every day are run by both. A difference must have a reason:
a row of `compare.ALLOWED` that the case names, or every case's own. The trace of a command that
depends on time is no case.
"""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import compare, runs
from tests.oracle.compare import ALLOWED, Comparison
from tests.oracle.runs import ENVIRONMENT, Runs

pytestmark = pytest.mark.live

TARGETS = Path(__file__).parent / "targets"

USUAL = frozenset({"launcher", "random"})
"""The rows of ALLOWED that every program needs: it is started, and the loader reads libraries."""


@dataclass(frozen=True, slots=True)
class Case:
    """`command`: its first word a target of ours, or a program. `may`: the rows of ALLOWED it needs.

    `count`: false where strace 6.1 -c itself dies, of numbers that no call has. `by_inodes`: it keeps
    inode numbers in a hash, so its heap, and what it passes, is as they are.
    """

    name: str
    command: tuple[str, ...]
    may: frozenset[str] = frozenset()
    count: bool = True
    shell: bool = False
    by_inodes: bool = False
    environment: dict[str, str] = field(default_factory=lambda: ENVIRONMENT)


def target(name: str, *may: str, count: bool = True) -> Case:
    return Case(name, (name,), frozenset(may), count)


def shell(name: str, script: str) -> Case:
    return Case(name, ("/bin/sh", "-c", script), shell=True)


CASES = [
    target("at_calls"),
    target("calls_32_bit", "32 bits", count=False),
    target("deaths", "ignored", "killed", "SIGKILL"),
    target("deaths_in_calls", "ignored", "killed", "SIGKILL"),
    target("errors", "ignored"),
    target("exec_failures"),
    target("exec_long"),
    target("exec_thread", "killed", "replaced"),
    target("files", "reading"),
    target("forks", "ignored"),
    target("ids", "reading"),
    target("leader_exit", "leader"),
    target("long_paths", "shorter"),
    target("memory", "shorter"),
    target("mounts"),
    target("names", "name", "reading"),
    target("pidfds", "ignored"),
    target("pipes", "preadv"),
    target("polling"),
    target("queues"),
    target("restarts", "ignored"),
    target("seccomp", "ignored", "immutable", "reading", "untouched"),
    target("signals", "ids", "ignored", "untouched"),
    target("sockets_tcp"),
    target("sockets_unix"),
    target("strings", "page end"),
    target("symlinks"),
    target("threads", "readers"),
    target("unknown_calls", "no function", "number", "reading", "sysfs", "untouched", count=False),
    target("untouched", "untouched"),
    target("vfork_exec", "ignored"),
    target("xattrs"),
    # Each ends well after the one before it, or the shell would learn of their ends in any order.
    shell("a pipeline", "cat tree/words | { tr a-z A-Z; sleep 0.5; } | { wc -c; sleep 0.5; } > count"),
    shell("a loop", "for name in tree/*; do [ -d $name ] && echo $name/; done; cd tree && pwd; exit 7"),
    shell("a here document", "cat <<END\nfirst $((6 * 7))\nEND"),
    shell("files that come and go", "mkdir -p a/b/c && mv a/b d && ln -s d e && touch d/f && rm -r a d e"),
    shell("commands that are not there", "./absent; tree/words; absent; exec ./absent"),
    shell("a shell that ends itself", "kill -TERM $$; echo not here"),
    Case("cat", ("/bin/cat", "tree/words", "tree/absent", "tree/empty", "tree")),
    Case("ls", ("/bin/ls", "-lR", "--time-style=+%s", "tree")),
    Case("cp", ("/bin/cp", "-a", "tree", "copy"), by_inodes=True),
    Case("find", ("/usr/bin/find", "tree", "-name", "*o*", "-size", "-9k", "-newer", "tree/old")),
    Case("tar", ("/bin/tar", "-cf", "archive.tar", "tree")),
    Case("what a command inherits", ("/bin/ls", "-l", "/proc/self/fd")),
    Case("an empty environment", ("/usr/bin/env",), environment={}),
]


COUNTED = [case for case in CASES if case.count]


def prepare(scratch: Path) -> tuple[int, ...]:
    """A small tree of files, each time the same but for the inode numbers, which it gives."""
    tree = scratch / "tree"
    (tree / "sub" / "deeper").mkdir(parents=True)
    (tree / "words").write_text("one two three\n" * 20)
    (tree / "empty").touch()
    (tree / "old").write_text("old")
    (tree / "sub" / "large").write_bytes(b"\0\xff" * 30_000)
    (tree / "sub" / "two words\n\xe4").write_text("odd name")
    (tree / "sub" / "deeper" / "one.c").write_text("int main;\n")
    (tree / "soft").symlink_to("sub/deeper")
    (tree / "hard").hardlink_to(tree / "words")
    for n, path in enumerate(sorted([*tree.rglob("*"), tree], reverse=True)):
        os.utime(path, (1e9, 1e9 if path.name == "old" else 1e9 + n), follow_symlinks=False)
    return tuple(path.lstat().st_ino for path in sorted(tree.rglob("*")))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the targets, compiled, in `bin`. Skips, or fails, where that cannot be."""
    missing = [name for name in ("strace", "gcc", "setarch") if shutil.which(name) is None]
    reason = f"The oracle needs {' and '.join(missing)}: install what is missing." if missing else ""
    if (
        not missing
        and subprocess.run([*runs.FIXED, "strace", "-o", "/dev/null", "true"], check=False).returncode
    ):
        reason = (
            "strace cannot trace here: it needs ptrace(2) and personality(2), which a container may not have."
        )
    if reason and os.environ.get("ARGTRACE_LIVE") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    directory = tmp_path_factory.mktemp("oracle")
    (directory / "bin").mkdir()
    for source in TARGETS.glob("*.c"):
        runs.compile_target(source, directory / "bin")
    return directory


Traced = Callable[..., tuple[Runs, Comparison]]
"""Of a case, and a back end: BPF without."""


@pytest.fixture(scope="module")
def traced(place: Path) -> Traced:
    """What came of a case under a back end; each is run once."""
    done: dict[tuple[str, str], tuple[Runs, Comparison]] = {}

    def trace(case: Case, backend: str = "bpf") -> tuple[Runs, Comparison]:
        if (case.name, backend) not in done:
            program = place / "bin" / case.command[0]
            scratch = place / "scratch"
            command = (str(program), str(scratch)) if program.parent.name == "bin" else case.command
            command = case.command if case.command[0].startswith("/") else command
            # Where others make files meanwhile the tree has other inode numbers each time.
            for _ in range(5 if case.by_inodes else 1):
                inodes: set[tuple[int, ...]] = set()
                results = runs.run(
                    command,
                    lambda scratch: inodes.add(prepare(scratch)),  # noqa: B023 (called before the next)
                    scratch,
                    place,
                    case.environment,
                    count=case.count,
                    shell=case.shell,
                )
                for name, result in results.items():
                    done[case.name, name] = result, compare.compare(result.strace, result.argtrace)
                if len(inodes) == 1 or not any(done[case.name, name][1].differences for name in results):
                    break
        return done[case.name, backend]

    return trace


def every_case() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


every_backend = pytest.mark.parametrize("backend", runs.BACKENDS)


@every_backend
@every_case()
def test_strace_says_the_same(case: Case, backend: str, traced: Traced) -> None:
    run, comparison = traced(case, backend)
    assert "\n".join(map(str, comparison.differences)) == ""
    assert set(comparison.allowed) <= case.may | USUAL
    assert comparison.calls > 20, "even a program that does nothing is loaded"
    assert run.statuses[0] == run.statuses[1]


@pytest.mark.parametrize("case", COUNTED, ids=[case.name for case in COUNTED])
@every_backend
def test_strace_counts_the_same(case: Case, backend: str, traced: Traced) -> None:
    run, comparison = traced(case, backend)
    calls = (event for event in run.events if event["type"] == "call" and event["result"] is not None)
    ours = Counter(event["name"] for event in calls)
    theirs = Counter(run.counts)
    for difference in comparison.allowed.get("killed", ()):
        assert isinstance(difference.step, compare.Call)
        ours[difference.step.name] -= 1  # it returned, but not to strace
    if case.shell:
        del ours["rt_sigreturn"], theirs["rt_sigreturn"]  # as in `compare.from_strace`
    # What only a tracer interrupts (`compare.Trace.restarts`) is counted twice.
    more = (theirs - ours).pop("wait4", 0)
    assert more <= len(comparison.allowed.get("ignored", ()))
    ours["wait4"] += more
    assert +theirs == +ours


@every_backend
@every_case()
def test_nothing_is_lost(case: Case, backend: str, traced: Traced) -> None:
    run, _ = traced(case, backend)
    assert run.events[0]["type"] == "start"
    assert run.events[-1]["type"] == "end"
    assert run.events[-1]["lost"] == 0
    assert {event["type"] for event in run.events} <= {"start", "call", "exec", "signal", "exit", "end"}


def test_every_target_is_a_case() -> None:
    assert {case.command[0] for case in CASES} >= {source.stem for source in TARGETS.glob("*.c")}


def test_every_reason_is_needed(traced: Traced) -> None:
    comparisons = {case.name: traced(case)[1] for case in CASES}
    calls, words, texts = (
        sum(getattr(each, name) for each in comparisons.values()) for name in ("calls", "words", "texts")
    )
    differences = sum(len(each.differences) for each in comparisons.values())
    restarts = sum(traced(case)[0].strace.restarts for case in CASES)
    allowed = Counter(dict.fromkeys(ALLOWED, 0))
    for each in comparisons.values():
        allowed.update({row: len(differences) for row, differences in each.allowed.items()})
    print(f"{len(CASES)} commands: {calls} calls, {words} words, {texts} strings")  # for -rP
    print(f"{differences} differences; {restarts} restarts; allowed: {dict(allowed)}")
    chance = {row for row, each in ALLOWED.items() if each.by_chance}
    assert not [row for row, count in allowed.items() if count == 0 and row not in chance]
    unneeded = {case.name: case.may - chance - set(comparisons[case.name].allowed) for case in CASES}
    assert not {name: rows for name, rows in unneeded.items() if rows}


# ---------------------------------------------------------------- a comparison that cannot fail is none


Events = list[dict[str, Any]]


def _calls(events: Events, name: str) -> Events:
    return [event for event in events if event["type"] == "call" and event["name"] == name]


def _drop(events: Events) -> None:
    events.remove(_calls(events, "creat")[0])


def _repeat(events: Events) -> None:
    call = _calls(events, "creat")[0]
    events.insert(events.index(call), call)


def _swap(events: Events) -> None:
    one, other = events.index(_calls(events, "rmdir")[0]), events.index(_calls(events, "readlink")[0])
    events[one], events[other] = events[other], events[one]


def _rename(events: Events) -> None:
    _calls(events, "link")[0]["name"] = "symlink"


def _path(events: Events) -> None:
    _calls(events, "rename")[0]["args"][1]["value"] += "x"


def _no_string(events: Events) -> None:
    _calls(events, "rename")[0]["args"][1].update(kind="missing", value=None)


def _null_string(events: Events) -> None:
    arg = _calls(events, "rename")[0]["args"][1]
    arg.update(kind="address", value=arg["raw"])


def _cut_string(events: Events) -> None:
    _calls(events, "rename")[0]["args"][1].update(cut=True)


def _argv(events: Events) -> None:
    _calls(events, "execve")[0]["args"][1]["value"][1]["value"] = "another"


def _environment(events: Events) -> None:
    _calls(events, "execve")[0]["args"][2]["value"].pop()


def _result(events: Events) -> None:
    _calls(events, "lseek")[0]["result"]["raw"] = "0x1"


def _errno(events: Events) -> None:
    _calls(events, "rmdir")[0]["result"]["raw"] = "0xfffffffffffffffe"


def _error(events: Events) -> None:
    _calls(events, "rmdir")[0]["result"]["error"] = "ENOENT"


def _success(events: Events) -> None:
    _calls(events, "rmdir")[0]["result"] = {"kind": "int", "raw": "0x0", "value": 0}


def _no_result(events: Events) -> None:
    _calls(events, "rmdir")[0]["result"] = None


def _flags(events: Events) -> None:
    _calls(events, "open")[0]["args"][1]["raw"] = "0x441"


def _address(events: Events) -> None:
    _calls(events, "stat")[0]["args"][1]["raw"] = "0x7fffffffe000"


def _reading(events: Events) -> None:
    _calls(events, "chown")[0]["args"][1]["value"] = -1


def _argument(events: Events) -> None:
    _calls(events, "lseek")[0]["args"].pop()


def _status(events: Events) -> None:
    next(event for event in events if event["type"] == "exit")["status"] = 1


def _ending(events: Events) -> None:
    events[:] = [event for event in events if event["type"] != "exit"]


def _signal(events: Events) -> None:
    exit = next(event for event in events if event["type"] == "exit")
    events.insert(events.index(exit), {**exit, "type": "signal", "name": "SIGUSR1", "number": 10, "info": {}})


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(_drop, {"missing"}, id="a call that is not there"),
        pytest.param(_repeat, {"extra"}, id="a call that is there twice"),
        pytest.param(_swap, {"missing", "extra"}, id="two calls the other way round"),
        pytest.param(_rename, {"missing", "extra"}, id="another call's name"),
        pytest.param(_path, {"text"}, id="a letter more in a path"),
        pytest.param(_no_string, {"text"}, id="a path that could not be read"),
        pytest.param(_null_string, {"text"}, id="a path that was taken for an address"),
        pytest.param(_cut_string, {"text"}, id="a path that goes on"),
        pytest.param(_argv, {"text"}, id="another argument of exec"),
        pytest.param(_environment, {"text"}, id="a variable less"),
        pytest.param(_result, {"result"}, id="another result"),
        pytest.param(_errno, {"result"}, id="another error number"),
        pytest.param(_error, {"result"}, id="another error's name"),
        pytest.param(_success, {"result"}, id="success for failure"),
        pytest.param(_no_result, {"result"}, id="no result"),
        pytest.param(_flags, {"word"}, id="a bit in a word"),
        pytest.param(_address, {"word"}, id="another address"),
        pytest.param(_reading, {"number"}, id="a word that is read wrong"),
        pytest.param(_argument, {"arity"}, id="an argument less"),
        pytest.param(_status, {"end"}, id="another exit status"),
        pytest.param(_ending, {"missing"}, id="no end"),
        pytest.param(_signal, {"extra"}, id="a signal that was not"),
    ],
)
def test_what_is_changed_is_found(change: Callable[[Events], None], what: set[str], traced: Traced) -> None:
    run, before = traced(next(case for case in CASES if case.name == "files"))
    events: Any = copy.deepcopy(run.events)
    change(events)
    changed = compare.compare(run.strace, compare.from_argtrace(events, run.parent, shell=False))
    assert not before.differences
    assert {difference.what for difference in changed.differences} == what


def test_another_thread_s_id_is_found(traced: Traced) -> None:
    run, before = traced(next(case for case in CASES if case.name == "forks"))
    events: Any = copy.deepcopy(run.events)
    waits = _calls(events, "wait4")
    waits[0]["args"][0]["raw"] = waits[0]["result"]["raw"] = waits[1]["result"]["raw"]
    changed = compare.compare(run.strace, compare.from_argtrace(events, run.parent, shell=False))
    assert not before.differences
    assert [difference.what for difference in changed.differences] == ["result", "word"]
