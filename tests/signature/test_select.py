"""What `-e` expressions choose."""

from __future__ import annotations

import pytest

from argtrace.errors import ArgtraceError, NotFound
from argtrace.signature import syscalls
from argtrace.signature.select import select

TABLE = syscalls.signatures(syscalls.NAMES, None)
ALL = frozenset(syscalls.NUMBERS)


def _names(*expressions: str) -> frozenset[str]:
    return frozenset(syscalls.NAMES[number] for number in select(expressions, TABLE))


@pytest.mark.parametrize(
    ("expressions", "names"),
    [
        pytest.param(["openat"], "openat", id="one name is not what begins with it"),
        pytest.param(["openat,close"], "openat close", id="a list"),
        pytest.param([" openat , close,"], "openat close", id="spaces and a last comma do no harm"),
        pytest.param(["openat", "close"], "openat close", id="two expressions add up"),
        pytest.param(["sem*"], "semget semop semctl semtimedop", id="a glob"),
        pytest.param(["*epoll_create?"], "epoll_create1", id="a question mark inside is one character"),
        pytest.param(["/^p?read(64)?$"], "read pread64", id="a regular expression, anchored by hand"),
        pytest.param(["/setxattr"], "setxattr lsetxattr fsetxattr setxattrat", id="one that is anywhere"),
        pytest.param(["?openat3,close"], "close", id="a name that may be missing"),
        pytest.param(["?openat"], "openat", id="one that may be missing and is not"),
        pytest.param(["trace=openat"], "openat", id="as strace spells it"),
        pytest.param(["t=openat"], "openat", id="as strace abbreviates it"),
        pytest.param(["%clock,close"], "clock_adjtime clock_getres clock_gettime clock_settime adjtimex"
            " gettimeofday settimeofday time close", id="a class and a name"),
        pytest.param(["%clock", "!/^clock,adjtimex"], "gettimeofday settimeofday time",
            id="a negative expression takes away from the positive ones"),
        pytest.param(["!/^clock,adjtimex", "%clock"], "gettimeofday settimeofday time",
            id="whichever comes first"),
        pytest.param(["trace=!/^[^b]"], "bind bpf brk", id="alone it takes away from everything"),
        pytest.param(["sem*,!semctl"], "semget semop semtimedop", id="a term is taken from its own list"),
        pytest.param(["!*,brk"], "", id="in a list that begins with ! all terms are taken away"),
        pytest.param(["open,openat", "!open", "!openat"], "", id="nothing may be left"),
        pytest.param(["none"], "", id="none"),
        pytest.param(["none,brk"], "brk", id="none and something"),
    ],
)  # fmt: skip
def test_chosen(expressions: list[str], names: str) -> None:
    assert _names(*expressions) == frozenset(names.split())


@pytest.mark.parametrize(
    "expressions",
    [
        pytest.param([], id="no expression"),
        pytest.param([""], id="an empty one"),
        pytest.param(["all"], id="all"),
        pytest.param(["*"], id="the glob of everything"),
        pytest.param(["/"], id="the empty regular expression"),
        pytest.param(["!none"], id="all but none"),
    ],
)
def test_everything(expressions: list[str]) -> None:
    assert _names(*expressions) == ALL


@pytest.mark.parametrize("name", ["brk", "%memory", "mem*", "!futex"])
def test_what_is_taken_away_and_what_is_left_are_all(name: str) -> None:
    expression, opposite = (name, f"!{name}") if name[0] != "!" else (name, name[1:])

    assert _names(expression) ^ _names(opposite) == ALL


@pytest.mark.parametrize(
    ("expression", "name", "similar"),
    [
        pytest.param("openatt", "openatt", "openat", id="a typing error"),
        pytest.param("close,opnat", "opnat", "openat", id="one in a list"),
        pytest.param("!getpdi", "getpdi", "getpid", id="one that is to be taken away"),
        pytest.param("xyzzy*", "xyzzy*", "", id="a glob that matches nothing"),
        pytest.param("/^xyzzy", "/^xyzzy", "", id="a regular expression that matches nothing"),
        pytest.param("OPENAT", "OPENAT", "", id="names have small letters"),
        pytest.param("%netwrok", "%netwrok", "%network", id="a class"),
    ],
)
def test_not_found(expression: str, name: str, similar: str) -> None:
    with pytest.raises(NotFound) as caught:
        select([expression], TABLE)

    assert caught.value.name == name
    assert similar in caught.value.similar or (similar, caught.value.similar) == ("", ())


def test_a_broken_regular_expression_says_what_is_wrong() -> None:
    with pytest.raises(ArgtraceError, match=r"'/open\(' is no regular expression") as caught:
        select(["/open("], TABLE)

    assert caught.value.remedy


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("/(", id="an open bracket"),
        pytest.param("/a{99999999999}", id="more repetitions than Python counts"),
        pytest.param("/" + "(" * 10_000, id="deeper than Python goes"),
    ],
)
def test_what_is_no_regular_expression_is_said_so(expression: str) -> None:
    with pytest.raises(ArgtraceError, match="is no regular expression"):
        select([expression], TABLE)
