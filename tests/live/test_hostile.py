"""Programs that attack their tracer: each is traced by both back ends, and compared with itself untraced.

Of every attack: argtrace ends by itself with the program's status, the program does what it does
untraced, each call that it says it made is shown or counted as lost, and nothing is left
(`attacks.Attack.wrong`). What the calls' values have to be is said here, an attack a function.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from argtrace import running_kernel
from tests.live import attacks
from tests.live.attacks import Attack
from tests.live.conftest import holding
from tests.support import live
from tests.support.live import ARGTRACE, Json, arg, here
from tests.support.pen import Pen, becomes, state

pytestmark = pytest.mark.live

SOURCES = Path(__file__).parent / "targets" / "hostile"
BACKENDS = ("bpf", "ptrace")
CHMOD = here("chmod")
_RELEASE = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))

Build = Callable[[str], str]
Check = Callable[[Attack, str], None]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A program of targets/hostile/ by name, as the path of its executable."""
    directory = tmp_path_factory.mktemp("hostile")

    def build(name: str) -> str:
        built = directory / name
        return str(built) if built.exists() else live.compile(SOURCES / f"{name}.c", directory)

    return build


@pytest.fixture(scope="module", autouse=True)
def nothing_in_the_kernel() -> Iterator[None]:
    """Programs that were loaded meanwhile go: ours, and those of whoever else traces here."""
    if not shutil.which("bpftool"):
        pytest.skip("bpftool is needed to see what the kernel holds; install it.")
    before = live.ours_in_kernel()
    yield
    after = live.ours_in_kernel() - before
    assert becomes(lambda: not after & live.ours_in_kernel(), 120)


# ---------------------------------------------------------------- what the values have to be


def leaves(value: Json) -> Iterator[Json]:
    """A value, and all that it is made of."""
    yield value
    inner = value.get("value")
    parts = inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
    for part in (*parts, *(value[end] for end in ("before", "after", "end") if value.get(end))):
        yield from leaves(part)


def fetched(call: Json) -> list[Json]:
    """Of a call's arguments what was read in the program's memory."""
    return [leaf for each in call["args"] for leaf in leaves(each) if leaf.get("kind") in ("string", "bytes")]


def unreadable(call: Json) -> list[str]:
    """Why parts of a call's arguments are missing."""
    found = [leaf for each in call["args"] for leaf in leaves(each) if leaf.get("kind") == "missing"]
    return [f"{leaf['why']}: {leaf['reason']}" for leaf in found]


def lengths_are_as_they_were(attack: Attack, _: str) -> None:
    """The words as the program gave them; of memory no more than there is."""
    writes = [call for call in attack.between_marks() if call["name"] == "write"]
    assert [arg(call, "count")["raw"] for call in writes] == [
        "0xffffffffffffffff", "0x7fffffffffffffff", "0x10000000000",
    ]  # fmt: skip
    for call in attack.between_marks():
        assert all(len(each["value"] or "") <= 4096 for each in fetched(call))


def nothing_is_invented(attack: Attack, _: str) -> None:
    """Pointers that lead nowhere: all of them are said to, none has a value."""
    calls = attack.between_marks()
    assert len(calls) == 16 * 13
    for call in calls:
        assert fetched(call) == [], call
    # But NULL, which is no address to be read, and what is never followed since the call failed.
    opens = [arg(call, "filename") for call in calls if call["name"] == "openat"]
    assert opens[0]["kind"] == "address"
    assert {(each["kind"], each.get("why")) for each in opens[1:]} == {("missing", "unreadable")}
    # One helper for all memory says ERANGE of the kernel's, on kernels newer than those that have but one.
    others = set() if running_kernel.features().apart else {"ERANGE"}
    assert {each.get("reason") for each in opens[1:]} - others == {"EFAULT"}


def edges_are_where_memory_ends(attack: Attack, _: str) -> None:
    calls = attack.between_marks()
    found = [arg(call, "filename") for call in calls if call["name"] == here("access")]
    assert [each.get("value") for each in found[:2]] == ["/hostile/at/edge"] * 2
    assert (found[3]["kind"], found[3]["value"]) == ("string", "")
    assert found[4]["kind"] == "missing"
    # Cut off by the end of memory: what there is, and why there is no more.
    for cut, begins in ((found[2], "/hostile/cut/off"), (found[5], "y" * 4096)):
        assert cut["kind"] == "missing" or (cut["value"], cut["end"]["reason"]) == (begins, "EFAULT"), cut
    whole, more, much = [arg(call, "buf") for call in calls if call["name"] == "write"]
    assert (whole["value"], whole["length"]) == ("y" * 15 + "\0", 16) or whole["value"] == "y" * 16
    assert more["kind"] == "missing" or more["value"].startswith("y" * 16)
    assert much["length"] == 5001


def names_are_of_those_that_were(attack: Attack, _: str) -> None:
    """Torn between two names, but never anything else."""
    names = {arg(call, "filename")["value"] for call in attack.trace.calls(CHMOD)}
    assert names
    assert [name for name in names if not re.fullmatch("/hostile/[ab]{0,12}", str(name))] == []


def many_are_cut(attack: Attack, _: str) -> None:
    words = arg(attack.trace.calls("execve")[1], "argv")
    assert attack.trace.stdout == "100002 words, the last w\n"
    assert [word["value"] for word in words["value"][:3]] == ["argvs", "count", "w"]
    assert len(words["value"]) >= 1000
    assert words["end"] is not None


def lists_lead_nowhere(attack: Attack, _: str) -> None:
    """A list without an end is shown as far as it is there; a list that is none is unreadable."""
    execs = [arg(call, "argv") for call in attack.between_marks() if call["name"] == "execve"]
    endless, cells, *between, gone, last = execs
    assert between
    assert len(endless["value"]) == 512
    assert endless["end"]["reason"] == "EFAULT"
    assert len(cells["value"]) == 2
    assert (gone["value"], gone["end"]["reason"]) == ([], "EFAULT")
    assert "EFAULT" in str(last)


def words_are_of_those_that_were(attack: Attack, _: str) -> None:
    for call in attack.trace.calls("execve")[1:]:
        words = arg(call, "argv")["value"]
        assert words[0]["value"] == "argvs"
        assert {word["value"] for word in words[1:]} <= {"first", "second", "third", None}


def each_thread_is_there(attack: Attack, _: str) -> None:
    calls = attack.trace.calls("umask")
    masks = Counter(int(arg(call, "mask")["raw"], 16) for call in calls)
    assert masks == Counter(i & 0o777 for i in range(len(calls)))
    assert len({call["tid"] for call in calls}) == len(calls)
    assert len(attack.trace.of("exit")) == len(calls) + 1


def ids_are_those_seen_from_outside(attack: Attack, _: str) -> None:
    """What each child calls itself is an argument; its `pid` is what argtrace's namespace calls it."""
    calls = {arg(call, "filename")["value"]: call for call in attack.trace.calls(CHMOD)}
    said = dict(re.findall(r"^(first|unshared) (\d+)$", attack.trace.stderr, re.MULTILINE))
    own = {path: int(arg(call, "mode")["raw"], 16) for path, call in calls.items()}
    assert own == {
        "/hostile/first": 1, "/hostile/second": 1, "/hostile/inner": 2,
        "/hostile/unshared": 1, "/hostile/told": 77, "/hostile/chosen": 77,
    }  # fmt: skip
    assert calls["/hostile/first"]["pid"] == calls["/hostile/inner"]["pid"] == int(said["first"])
    assert calls["/hostile/unshared"]["pid"] == int(said["unshared"])
    assert len({call["pid"] for call in calls.values()}) == 4
    statuses = {line["pid"]: line["status"] for line in attack.trace.of("exit")}
    assert statuses[calls["/hostile/told"]["pid"]] == 77
    assert statuses[calls["/hostile/second"]["pid"]] == 2


def every_child_is_there(attack: Attack, _: str) -> None:
    paths = Counter(arg(call, "filename")["value"] for call in attack.trace.calls(CHMOD))
    kinds = ("vm", "vm-files-fs", "vfork", "untraced", "ptraced", "untraced-ptraced", "no-signal",
             "io-sysvsem", "other-signal", "newns", "vforked")  # fmt: skip
    assert paths == Counter({f"/hostile/{kind}": 1 for kind in kinds} | {"/hostile/fork": 2})


def a_tracer_in_the_program_is_seen(attack: Attack, _: str) -> None:
    """Its tracee's call is shown as the kernel saw it: as that tracer wanted it."""
    paths = [arg(call, "filename")["value"] for call in attack.trace.calls(here("access"))]
    assert "/hostile/as-its-tracer-wants" in paths
    assert "/hostile/as-it-was" not in paths


def no_stack_is_needed(attack: Attack, _: str) -> None:
    calls = attack.trace.calls(CHMOD)
    assert len(attack.trace.calls("getppid")) == 1001
    assert len(calls) == 1001
    assert {(arg(call, "filename")["kind"], arg(call, "filename").get("value")) for call in calls[:1000]} == {
        ("address", "0x0")
    }
    assert arg(calls[1000], "filename")["reason"] == "EFAULT"


def ends_are_as_the_parent_saw_them(attack: Attack, _: str) -> None:
    said = re.findall(r"^(status|signal) (\d+): (\d+)$", attack.trace.stdout, re.MULTILINE)
    shown = Counter((line["signal"], line["status"]) for line in _processes_ends(attack))
    for kind, number, count in said:
        if kind == "signal":
            assert shown[signal.Signals(int(number)).name, None] >= int(count)
        else:
            assert shown[None, int(number)] >= int(count)


def _processes_ends(attack: Attack) -> list[Json]:
    """The last end of each process's threads."""
    return list({line["pid"]: line for line in attack.trace.of("exit")}.values())


def no_byte_is_raw(attack: Attack, _: str) -> None:
    assert any("owned" in str(line) for line in attack.trace.lines)
    assert {call["comm"] for call in attack.trace.calls(here("rmdir"))} >= {
        "a) Z 1 1 (",
        "\x1b[2J\x1b[H\x1b]0;owne",
    }


def numbers_are_as_they_were(attack: Attack, _: str) -> None:
    """Unknown numbers are shown as such, with their words; of 64 bits the kernel looks at 32."""
    calls = attack.between_marks()
    wide = [int(number, 16) for number in re.findall(r"^number (\w+)", attack.trace.stdout, re.MULTILINE)]
    unknown = [
        call
        for call in calls
        if call["name"].startswith("syscall_") and call["abi"] is None and call["args"][0]["value"] == 1
    ]
    assert [call["number"] & 0xFFFF_FFFF for call in unknown] == [number & 0xFFFF_FFFF for number in wide]
    assert {call["result"]["error"] for call in unknown} == {"ENOSYS"}
    assert not any(call["decoded"] for call in unknown)
    assert [word["value"] for word in unknown[-1]["args"]] == [1, 2, 3, 4, 5, 6]
    # A child makes those of arm, where a 64-bit program cannot.
    gate = re.findall(r"^(?:gate80|narrow) ([0-9a-f]+)\b", attack.trace.stdout, re.MULTILINE)
    compat = [call for call in attack.trace.calls() if call["abi"] == live.COMPAT and call["name"] != "exit"]
    assert [call["number"] & 0xFFFF_FFFF for call in compat] == [int(number, 16) for number in gate]
    assert {call["args"][0]["value"] for call in compat if call["name"].startswith("syscall_")} <= {1}


def stops_change_nothing(attack: Attack, backend: str) -> None:
    signals = Counter(line["name"] for line in attack.trace.of("signal"))
    assert signals["SIGSTOP"] <= 5
    assert signals["SIGUSR1"] >= 2
    slept = attack.trace.calls("clock_nanosleep")
    if backend == "bpf":
        assert attack.trace.calls("restart_syscall") or any(
            (call["result"] or {}).get("error") == "ERESTART_RESTARTBLOCK" for call in slept
        )


def what_somebody_brought_is_shown(attack: Attack, _: str) -> None:
    (call,) = attack.trace.calls(CHMOD)
    assert arg(call, "filename")["value"] == "/hostile/brought"


def what_nobody_brings_is_not_waited_for(attack: Attack, _: str) -> None:
    calls = attack.between_marks()
    assert [call["result"]["error"] for call in calls] == ["EBADF"] * 8
    for call in calls:
        assert fetched(call) == [], call
        assert any("EFAULT" in why for why in unreadable(call)), call


def execs_at_once(attack: Attack, _: str) -> None:
    """A hundred in the kernel at the same moment, where 64 have room for their arguments."""
    execs = attack.trace.calls("execve")[1:]
    assert {call["result"]["error"] for call in execs} == {"ENOENT"}
    kinds = Counter(arg(call, "filename")["kind"] for call in execs)
    assert kinds["string"] >= 64
    for call in execs:
        name, words = arg(call, "filename"), arg(call, "argv")
        if name["kind"] == "string":
            assert name["value"] == "/hostile/brought"
            assert [word["value"] for word in words["value"]] == ["brought", "an argument"]
        else:
            assert (name["kind"], name["value"]) == ("missing", None), name


def nothing(_: Attack, __: str) -> None:
    """What holds for all of them is all."""


@dataclass(frozen=True)
class Row:
    """`fewer`: a smaller number for ptrace, whose tracer looks at all tracees at each stop."""

    name: str
    check: Check = nothing
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    fewer: tuple[str, ...] | None = None
    only: tuple[str, ...] = BACKENDS


ONE_CALL = ("-e", here("umask,chmod"))

ROWS = {
    "huge lengths": Row("lengths", lengths_are_as_they_were),
    "huge lengths, descriptors named": Row("lengths", options=("-yy", "-Y")),
    "huge lengths, buffers whole": Row(
        "lengths", options=("--string-limit", "0", "-e", here("access,write,writev,pread64,sendto,setxattr"))
    ),
    "structures that point to themselves": Row("itself"),
    "structures that point to themselves, descriptors named": Row("itself", options=("-yy", "-v")),
    "pointers that lead nowhere": Row("pointers", nothing_is_invented),
    "strings at the edge of memory": Row("edges", edges_are_where_memory_ends),
    "memory that changes during the call": Row("racing", names_are_of_those_that_were, ("1000",)),
    "100,000 arguments": Row("argvs", many_are_cut, ("many",)),
    "100,000 arguments of an exec that fails": Row("argvs", arguments=("fails",)),
    "100,000 arguments, wanted whole": Row(
        "argvs", arguments=("many",), options=("--string-limit", "0", "-e", "execve")
    ),
    "argument lists that lead nowhere": Row("argvs", lists_lead_nowhere, ("nowhere",)),
    "arguments that change during the exec": Row("argvs", words_are_of_those_that_were, ("racing",)),
    "10,000 threads at once": Row("throng", each_thread_is_there, ("10000",), ONE_CALL, ("1000",)),
    "an exec among 1,000 threads": Row(
        "takeover", arguments=("one", "1000"), options=ONE_CALL, fewer=("one", "100")
    ),
    "two threads exec at once": Row("takeover", arguments=("two", "8"), options=ONE_CALL),
    "one thread execs, another exits": Row("takeover", arguments=("exits", "8"), options=ONE_CALL),
    "pid namespaces": Row("namespaces", ids_are_those_seen_from_outside),
    "pid namespaces, processes named": Row(
        "namespaces", ids_are_those_seen_from_outside, options=("-Y", "-y")
    ),
    "clone with odd flags": Row("clones", every_child_is_there, only=("bpf",)),
    "ptraced by somebody else": Row("tracers", a_tracer_in_the_program_is_seen, only=("bpf",)),
    "no stack": Row("stackless", no_stack_is_needed),
    "dying at each point": Row("dying", ends_are_as_the_parent_saw_them, ("64",), ONE_CALL),
    "dying at each point, all calls": Row("dying", ends_are_as_the_parent_saw_them, ("16",), ("-y",)),
    "numbers that no table has": Row("numbers", numbers_are_as_they_were),
    "numbers that no table has, counted": Row("numbers", options=("-S", "--by", "errno")),
    "stopped and continued in calls": Row("stops", stops_change_nothing),
    "memory that a thread brings": Row("faulting", what_somebody_brought_is_shown, ("one", "1")),
    "memory that a thread brings, one call wanted": Row(
        "faulting", what_somebody_brought_is_shown, ("one", "1"), ONE_CALL
    ),
    "memory that nobody brings": Row("unbrought", what_nobody_brings_is_not_waited_for),
    "100 execs held in the kernel": Row("faulting", execs_at_once, ("execs", "100")),
}  # fmt: skip

CASES = [
    pytest.param(row, backend, id=f"{what}, {backend}") for what, row in ROWS.items() for backend in row.only
]


@pytest.mark.parametrize(("row", "backend"), CASES)
def test_an_attack(row: Row, backend: str, hostile: Build, tmp_path: Path) -> None:
    arguments = row.fewer if backend == "ptrace" and row.fewer is not None else row.arguments
    options = ["--backend", backend, *row.options]
    attack = attacks.run(hostile(row.name), *arguments, options=options, directory=tmp_path)
    if attack.alone.returncode == 77:
        pytest.skip("The kernel has no userfaultfd for us; vm.unprivileged_userfaultfd, or be root.")

    assert attack.wrong() == []
    row.check(attack, backend)


# ---------------------------------------------------------------- where the back ends differ


@pytest.mark.parametrize(
    ("backend", "options", "unseen", "otherwise"),
    [
        # Whom seccomp ends without a signal it ends before anybody is told of the call.
        pytest.param("bpf", (), {"/hostile/strictly-killed", "/hostile/by-thread"}, {}, id="bpf"),
        pytest.param("ptrace", (), set(), {}, id="ptrace"),
        # Who has a filter, ours, cannot become strict: EINVAL, and it goes on.
        pytest.param(
            "ptrace", ONE_CALL, set(), {"strictly-killed": "0x200"}, id="ptrace with a filter of ours"
        ),
    ],
)
def test_every_answer_of_seccomp(
    backend: str, options: tuple[str, ...], unseen: set[str], otherwise: dict[str, str], hostile: Build,
    tmp_path: Path,
) -> None:  # fmt: skip
    options = ("--backend", backend, *options)
    attack = attacks.run(hostile("filters"), options=options, directory=tmp_path)

    answers = [
        dict(re.findall(r"^([\w-]+) (0x\w+)$", text, re.MULTILINE))
        for text in (attack.alone.stdout, attack.trace.stdout)
    ]
    assert answers[1] == answers[0] | otherwise
    assert (attack.left, attack.trace.status, attack.trace.lost) == ((), 0, 0)
    paths = Counter(arg(call, "filename")["value"] for call in attack.trace.calls(CHMOD))
    # SECCOMP_RET_KILL_PROCESS ends a process without a signal on Linux 5.10, by one on 6.1.
    silent = backend == "bpf" and _RELEASE < (6, 1)
    expected = Counter(
        {
            "/hostile/path": 9 + len(otherwise) - silent,
            "/hostile/by-thread": 1,
            "/hostile/strictly-killed": 1,
        }
    )
    assert paths == Counter({path: n for path, n in expected.items() if path not in unseen})
    signals = Counter(line["signal"] for line in attack.trace.of("exit") if line["signal"])
    assert signals["SIGSYS"] >= 2


def test_ptrace_does_not_follow_who_is_not_to_be_traced(hostile: Build, tmp_path: Path) -> None:
    """CLONE_UNTRACED: its parent and all others are served as ever."""
    attack = attacks.run(hostile("clones"), options=["--backend", "ptrace"], directory=tmp_path)

    assert attack.wrong() == [f"{CHMOD}: made 13 to 13, shown 12, lost 0"]
    assert "/hostile/untraced" not in {arg(call, "filename")["value"] for call in attack.trace.calls(CHMOD)}


def test_under_ptrace_a_tracer_in_the_program_is_refused(hostile: Build, tmp_path: Path) -> None:
    """A task has one tracer: EPERM, which is shown."""
    attack = attacks.run(hostile("tracers"), options=["--backend", "ptrace"], directory=tmp_path)

    assert attack.left == ()
    assert "0 stops, ended with 0x900" in attack.trace.stdout
    first = attack.trace.calls("ptrace")[0]
    assert first["result"]["error"] == "EPERM"
    assert "/hostile/as-it-was" in [
        arg(call, "filename")["value"] for call in attack.trace.calls(here("access"))
    ]


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("backend", BACKENDS)
def test_names_that_would_drive_a_terminal(backend: str, hostile: Build, tmp_path: Path) -> None:
    attack = attacks.run(
        hostile("names"), str(tmp_path), options=["--backend", backend, "-yy"], directory=tmp_path
    )

    assert attack.wrong() == []
    no_byte_is_raw(attack, backend)
    assert (tmp_path / "trace.json").read_bytes().isascii()


@pytest.mark.parametrize(
    "words",
    [("-v",), ("--style", "strace", "-yy"), ("--pretty", "-Y"), ("-s", "--by", "thread"), ("--dump", "1"),
     ("--color", "always"), ("--show", "cgroup"), ("exec", "--env"), ("--backend", "ptrace", "-yy")],
    ids=" ".join,
)  # fmt: skip
def test_no_line_has_a_raw_byte(words: tuple[str, ...], hostile: Build, tmp_path: Path) -> None:
    done = live.text(*words, "--", hostile("names"), str(tmp_path), timeout=60)

    text = done.stderr
    if "always" in words:
        text = re.sub(r"\033\[[\d;]*m", "", text)
    assert done.returncode == 0
    assert text.isascii()
    assert [character for character in text if ord(character) < 0x20 and character != "\n"] == []
    assert "owned" in text or "-s" in words  # which names a thread as it was at last


# ---------------------------------------------------------------- leaving, changing, multiplying


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_daemon_is_followed_to_its_end(backend: str, hostile: Build, tmp_path: Path) -> None:
    word = tmp_path / "word"
    options = ["--backend", backend, "-e", here("chmod,setsid")]
    attack = attacks.run(hostile("daemons"), str(word), options=options, directory=tmp_path, alone=False)

    assert word.read_text() == f"made {CHMOD} 500\n"
    assert attack.left == ()
    assert attack.trace.status == 6
    assert len(attack.trace.calls(CHMOD)) == 500
    assert len({line["pid"] for line in attack.trace.of("exit")}) == 3


@pytest.mark.parametrize("backend", BACKENDS)
def test_nobody_may_touch_a_tracer_that_is_root(backend: str, hostile: Build, tmp_path: Path) -> None:
    attack = attacks.run(hostile("users"), options=["--backend", backend], directory=tmp_path, alone=False)

    assert attack.left == ()
    assert attack.trace.status == 0
    assert re.findall(r"^its (\w+) (-\d+)$", attack.trace.stdout, re.MULTILINE) == [
        ("memory", "-13"), ("descriptors", "-13"), ("end", "-1"), ("stop", "-1"),
    ]  # fmt: skip
    paths = Counter(arg(call, "filename")["value"] for call in attack.trace.calls(CHMOD))
    assert paths == {"/hostile/as-root": 50, "/hostile/as-nobody": 50}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_fork_bomb_is_counted(backend: str, hostile: Build, tmp_path: Path) -> None:
    """In a cgroup that has room for 60 tasks: most of its forks are refused."""
    if not Pen.can_limit("pids"):
        pytest.skip("A cgroup with a limit of tasks is needed; delegate the pids controller.")
    options = ["--backend", backend, "-e", here("fork,chmod")]
    attack = attacks.run(hostile("bomb"), "2000", options=options, directory=tmp_path, pids=60, alone=False)

    assert attack.wrong() == []
    refused = [call for call in attack.trace.calls(here("fork")) if call["result"].get("error") == "EAGAIN"]
    assert f"refused {len(refused)}\n" in attack.trace.stderr
    assert len(refused) > 100
    serials = {int(arg(call, "mode")["raw"], 16) for call in attack.trace.calls(CHMOD)}
    assert serials == {serial & 0xFFFF for serial in range(1, len(serials) + 1)}


# ---------------------------------------------------------------- against argtrace itself

GUARDS = """
for guard in $(cat /proc/$PPID/task/$PPID/children); do
    case $(cat /proc/$guard/comm) in
    thaw-*) {0} ;;
    esac
done
"""
CALLS = "i=0; while [ $i -lt 2000 ]; do true </hostile/after; i=$((i + 1)); done 2>/dev/null"
LEAF = """
here=$(sed -n 's,^0::/,,p' /proc/self/cgroup)
root=$(sed -n 's,^[^-]* \\([^ ]*\\) [^-]* - cgroup2 .*,\\1,p' /proc/self/mountinfo | head -1)
leaf=$root/$here
"""


def shell(script: str, tmp_path: Path, *options: str) -> Attack:
    return attacks.run(
        "sh", "-c", script, options=["-e", "openat", *options], directory=tmp_path, alone=False
    )


@holding
@pytest.mark.parametrize(
    "blow",
    [
        # Stopped first: on a single CPU the standby is the guard, and has another, before the second kill.
        pytest.param('both="$guard $(cat /proc/$guard/task/$guard/children)"; '
                     "kill -STOP $both; kill -9 $both", id="both killed"),
        pytest.param("kill -9 $guard", id="the guard killed"),
        pytest.param("kill -STOP $guard", id="the guard stopped"),
        pytest.param("kill -TERM $guard; kill -INT $guard; kill -HUP $guard", id="the guard asked to end"),
        pytest.param("kill -STOP $guard; echo 1 >/proc/$guard/coredump_filter; echo x >/proc/$guard/comm",
                     id="the guard renamed"),
    ],
)  # fmt: skip
def test_a_program_that_attacks_the_guards(blow: str, tmp_path: Path) -> None:
    attack = shell(GUARDS.format(blow) + CALLS, tmp_path)

    shown = [
        call for call in attack.trace.calls("openat") if arg(call, "filename")["value"] == "/hostile/after"
    ]
    assert attack.left == ()
    assert attack.trace.status == 0
    assert "Traceback" not in attack.trace.stderr
    assert len(shown) + attack.trace.lost >= 2000
    assert ("somebody ended" in str(attack.trace.of("note"))) == ("task" in blow)


@holding
@pytest.mark.parametrize(
    "blow",
    [
        pytest.param("echo $$ >$leaf/../cgroup.procs; rmdir $leaf", id="left, and the leaf removed"),
        pytest.param("mkdir $leaf/inner; echo $$ >$leaf/inner/cgroup.procs; echo $$ >$leaf/../cgroup.procs; "
                     "rmdir $leaf/inner", id="a cgroup in it, and out again"),
        pytest.param("echo 0 >$leaf/cgroup.max.descendants; echo 1 >$leaf/cgroup.max.depth", id="limits"),
        pytest.param("echo 0 >$leaf/cgroup.freeze; echo 0 >$leaf/cgroup.freeze", id="thawed unasked"),
        pytest.param("chmod 0 $leaf $leaf/*", id="modes"),
    ],
)  # fmt: skip
def test_a_program_that_attacks_its_cgroup(blow: str, tmp_path: Path) -> None:
    attack = shell(f"{LEAF} {blow} || exit 9; {CALLS}", tmp_path, "--buffer", "1M")

    assert attack.left == ()
    assert attack.trace.status == 0, attack.trace.stderr
    assert "Traceback" not in attack.trace.stderr
    shown = [
        call for call in attack.trace.calls("openat") if arg(call, "filename")["value"] == "/hostile/after"
    ]
    assert len(shown) + attack.trace.lost >= 2000


@holding
@pytest.mark.parametrize("before", ["", "chmod 0 $leaf/* $leaf;"], ids=["as it is", "modes changed"])
def test_a_program_that_freezes_itself_is_thawed_with_the_end_of_the_trace(
    before: str, tmp_path: Path
) -> None:
    """Nobody else asked for that; who traces can end it, and nothing stays frozen."""
    with Pen() as pen:
        script = f"{LEAF} {before} echo 1 >$leaf/cgroup.freeze; exec sleep 60"
        with attacks.started(
            pen, *ARGTRACE, "-o", str(tmp_path / "trace"), "--", "sh", "-c", script
        ) as tracing:
            assert becomes(pen.frozen)
            tracing.send_signal(signal.SIGTERM)
            assert tracing.wait(30) == -signal.SIGTERM
        assert becomes(lambda: not pen.leaves() and not pen.members())


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_that_is_its_tracers_parent(backend: str, tmp_path: Path) -> None:
    """It starts who traces it, waits for its output, and ends it."""
    trace = tmp_path / "trace"
    script = (
        f"{' '.join(ARGTRACE)} --backend {backend} -e openat -o {trace} -p $$ &\n"
        f"until grep -q try {trace} 2>/dev/null; do true </hostile/try; sleep 0.05; done 2>/dev/null\n"
        "for i in 1 2 3; do true </hostile/$i; done 2>/dev/null\n"
        "kill -TERM $!; wait $!; exit $?"
    )
    with Pen() as pen:
        words = [*pen.prefix, "bash", "-c", script]
        done = subprocess.run(words, env=attacks.TRACING, capture_output=True, timeout=60, check=False)
        assert becomes(lambda: not pen.members())
    assert done.returncode == 0
    text = trace.read_text()
    assert [text.count(f'"/hostile/{i}"') for i in (1, 2, 3)] == [1, 1, 1]


def test_argtrace_on_itself_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    """Each line it writes is a call that it shows: it never catches up, and still it ends."""
    trace = tmp_path / "trace"
    with Pen() as pen:
        script = f"exec {' '.join(ARGTRACE)} -o {trace} -p $$"
        with attacks.started(pen, "sh", "-c", script) as tracing:
            assert becomes(lambda: trace.exists() and trace.stat().st_size > 1_000_000, 30)
            tracing.send_signal(signal.SIGINT)
            assert tracing.wait(30) == 0
        assert becomes(lambda: not pen.members())
    assert state(tracing.pid) == "X"
