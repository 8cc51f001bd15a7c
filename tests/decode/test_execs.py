"""Program starts from events: what of a call makes a start, and when a program has ended."""

from __future__ import annotations

import errno
from collections.abc import Mapping

import pytest

from argtrace.decode.events import Call, Event, Exit, Process
from argtrace.decode.execs import End, Execs, Gap, Start, Wanted, Word, Words
from argtrace.decode.model import Address, Fd, List, Missing, Named, Result, Text, Value, Why
from argtrace.decode.process import Ending
from argtrace.decode.settings import Setting

EXITED = Ending(3)


def setting(started: int = 50, exe: bytes | None = b"/usr/bin/ls") -> Setting:
    return Setting(1, "shell", 1000, 1000, 1000, 1000, started, 10, None, b"/home", exe)


def texts(*words: bytes) -> List:
    return List(0x7000, tuple(Text(0x7100, word) for word in words))


def call(
    pid: int = 10,
    *,
    name: str = "execve",
    result: int = 0,
    filename: Value | None = None,
    argv: Value | None = None,
    envp: Value | None = None,
    setting: Setting | None = None,
    more: Mapping[str, Value] | None = None,
    start: int | None = 100,
    abi: str | None = None,
    comm: str = "ls",
) -> Call:
    args: dict[str, Value] = {
        **(more or {}),
        "filename": Text(0x7000, b"/bin/ls") if filename is None else filename,
        "argv": texts(b"ls") if argv is None else argv,
        "envp": texts(b"A=1") if envp is None else envp,
    }
    error = errno.errorcode[-result] if result < 0 else None
    return Call(
        Process(pid, pid, comm), name, 59, args, Result(result, None, error), start, 200, abi, setting=setting
    )


def exit(pid: int, time: int, of_process: Ending | None = EXITED, tid: int | None = None) -> Exit:
    return Exit(Process(pid if tid is None else tid, pid, "ls"), time, EXITED, of_process)


def feed(*events: Event, wanted: Wanted | None = None) -> list[Start | End]:
    execs = Execs(wanted)
    return [found for event in events for found in execs.feed(event)]


def one(event: Call) -> Start:
    (start,) = feed(event)
    assert isinstance(start, Start)
    return start


def test_a_start_has_what_the_call_had() -> None:
    start = one(call(setting=setting()))

    assert (start.id, start.call, start.pid, start.comm, start.result, start.error) == (
        1, "execve", 10, "ls", 0, None,
    )  # fmt: skip
    assert (start.called, start.returned, start.time) == (100, 200, 100)
    assert start.filename == Word(b"/bin/ls")
    assert (start.argv, start.env) == (Words((Word(b"ls"),)), Words((Word(b"A=1"),)))
    assert start.argv.complete
    assert start.setting == setting()


def test_other_calls_are_no_starts() -> None:
    assert feed(call(name="openat")) == []


LISTS = [
    pytest.param(Address(0), Words(), id="a null pointer is an empty list"),
    pytest.param(Address(0x7000), Words(gap=Gap("not captured")), id="a pointer that nobody followed"),
    pytest.param(Missing(0x7000, Why.UNREADABLE, "EFAULT"), Words(gap=Gap("EFAULT")), id="nothing was there"),
    pytest.param(
        List(1, (Text(2, b"ls"), Missing(3, Why.UNREADABLE, "EFAULT"))),
        Words((Word(b"ls"), Word(b"", "EFAULT"))),
        id="one could not",
    ),
    pytest.param(
        List(1, (Text(2, b"long", cut=True, end=Missing(9, Why.UNREADABLE, "EFAULT")),)),
        Words((Word(b"long", "EFAULT"),)),
        id="the end of one could not",
    ),
    pytest.param(List(1, (Text(2, b"long", cut=True),)), Words((Word(b"long", "cut"),)), id="one is cut"),
    pytest.param(
        List(1, (Text(2, b"ls"),), Missing(0, Why.CUT, "no room for the rest")),
        Words((Word(b"ls"),), Gap("no room for the rest")),
        id="there were more",
    ),
    pytest.param(
        List(1, (Text(2, b"ls"),), Missing(0, Why.NOT_CAPTURED, "lost"), length=4, missing=900),
        Words((Word(b"ls"),), Gap("lost", 3, 900)),
        id="it is known how many",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("value", "words"), LISTS)
def test_what_is_missing_of_a_list(value: Value, words: Words) -> None:
    assert one(call(argv=value)).argv == words
    assert one(call(envp=value)).env == words


def test_a_descriptor_in_place_of_a_directory() -> None:
    start = one(call(name="execveat", filename=Text(1, b""), more={"fd": Fd(4, 4)}))
    here = one(call(name="execveat", more={"fd": Named(-100, -100, "AT_FDCWD")}))

    assert (start.filename, start.dirfd) == (Word(b""), 4)
    assert here.dirfd is None


def test_of_a_32_bit_exec_nothing_is_decoded() -> None:
    start = one(call(abi="i386"))

    assert (start.worked, start.filename) == (True, None)
    assert start.argv == Words(gap=Gap("a 32-bit call, which is not decoded"))


def test_a_script_runs_its_interpreter() -> None:
    script = call(filename=Text(1, b"./build"), setting=setting(exe=b"/usr/bin/dash"))

    assert one(script).other_program == b"/usr/bin/dash"
    assert one(call(setting=setting())).other_program is None


def test_an_environment_keeps_what_is_there_twice() -> None:
    start = one(call(envp=texts(b"A=1", b"B=", b"A=2=3", b"odd")))

    assert start.environment() == {b"A": [b"1", b"2=3"], b"B": [b""], b"odd": [None]}


def test_a_program_ends_with_the_last_thread_of_its_process() -> None:
    start, end = feed(call(), exit(10, 500, None), exit(10, 700, EXITED, tid=12))

    assert isinstance(start, Start)
    assert isinstance(end, End)
    assert end == End(start, 700, EXITED)
    assert end.ran == 500  # from the exec's return


def test_a_process_that_ran_before_the_trace_has_no_end() -> None:
    assert feed(exit(10, 700)) == []


def test_an_exec_that_failed_starts_nothing() -> None:
    start, *rest = feed(call(result=-errno.ENOENT), exit(10, 700))

    assert isinstance(start, Start)
    assert (start.error, rest) == ("ENOENT", [])


def test_a_program_is_replaced_by_the_next_one() -> None:
    first, second, ended, end = feed(call(), call(start=600), exit(10, 900))

    assert isinstance(first, Start)
    assert isinstance(second, Start)
    assert ended == End(first, 200, None, by=second.id)
    assert end == End(second, 900, EXITED)


def test_another_process_with_the_same_id_replaces_nothing() -> None:
    """The end of the first was lost."""
    first, _, ended = feed(call(setting=setting(50)), call(setting=setting(60)))

    assert isinstance(first, Start)
    assert ended == End(first, 200, None, lost=True)


def test_who_has_not_ended_is_running() -> None:
    execs = Execs()
    (start,) = execs.feed(call())

    assert execs.running() == [start]


NAMES = [
    pytest.param("ls", True, id="the file's name"),
    pytest.param("/bin/ls", True, id="its path"),
    pytest.param("*/l?", True, id="a glob of it"),
    pytest.param("/usr/bin/ls", True, id="where the kernel found it"),
    pytest.param("comm", True, id="the thread's name"),
    pytest.param("l", False, id="no part of a name"),
    pytest.param("LS", False, id="no other case"),
]


@pytest.mark.parametrize(("pattern", "found"), NAMES)
def test_a_start_by_name(pattern: str, found: bool) -> None:
    assert bool(feed(call(comm="comm", setting=setting()), wanted=Wanted((pattern,)))) == found


def test_a_failed_start_is_not_called_as_its_caller() -> None:
    assert feed(call(comm="make", result=-errno.ENOENT), wanted=Wanted(("make",))) == []


def test_ends_of_what_is_not_shown_are_not() -> None:
    assert feed(call(), exit(10, 700), wanted=Wanted(("cat",))) == []


def test_failed_starts_are_left_out() -> None:
    found = feed(call(result=-errno.EACCES), call(), wanted=Wanted(failed=False))

    assert [each.id for each in found if isinstance(each, Start)] == [2]
