"""What targets ask the kernel's programs for; and names, which both sides must read alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace import targets as module
from argtrace.fetch.choice import COMM_BITS, NAME_KEY, NOBODY, Choice, Gate, Verdict
from argtrace.fetch.record import COMM_SIZE
from argtrace.targets import ALWAYS, Targets, Window, gate, name_key
from tests.support.generated import program_set
from tests.support.machine import Machine

IN, OUT = Verdict.IN, Verdict.OUT

# Few letters, so that names often begin alike; and bytes that are no text.
LETTERS = st.sampled_from(["a", "b", "*", "é", "\udcff", " ", "."])
NAMES = st.text(LETTERS, min_size=1, max_size=20)
COMMS = st.text(LETTERS, max_size=20).map(lambda text: text.encode(errors="surrogateescape")[: COMM_SIZE - 1])


def by_kernel(targets: Targets, comm: bytes) -> Verdict | None:
    """What the map says to a name as get_current_comm gives it."""
    machine = Machine(program_set("getppid", choice=Choice(names=True)))
    names = machine.maps["names"]
    for key, value in targets.verdicts().items():
        assert machine.update(names, key, value) == 0
    at = machine.look_up(names, NAME_KEY.pack(COMM_BITS, comm))
    return Verdict(int.from_bytes(machine.kernel.read(at, 4) or b"", "little")) if at else None


@given(st.lists(NAMES, max_size=5), st.lists(NAMES, max_size=5), COMMS)
def test_both_sides_read_names_alike(names: list[str], without: list[str], comm: bytes) -> None:
    targets = Targets(names=tuple(names), not_names=tuple(without))

    assert targets.named(comm) == by_kernel(targets, comm)


@given(NAMES)
def test_a_name_means_the_command_that_is_called_so(name: str) -> None:
    """Whatever it is: the kernel keeps 15 bytes of it."""
    kept = name.encode(errors="surrogateescape")[: COMM_SIZE - 1]

    assert Targets(names=(name,)).named(kept) == IN
    assert by_kernel(Targets(names=(name,)), kept) == IN


NAMED = [
    pytest.param(("sh",), (), b"sh", IN, id="as it is"),
    pytest.param(("sh",), (), b"ssh", None, id="another"),
    pytest.param(("sh",), (), b"", None, id="one that is gone has no name"),
    pytest.param(("s*",), (), b"sshd", IN, id="its beginning"),
    pytest.param(("*",), (), b"", IN, id="any, even none"),
    pytest.param(("s*h",), (), b"s*h", IN, id="a star in the middle is itself"),
    pytest.param(("s*h",), (), b"ssh", None, id="and stands for nothing else"),
    pytest.param(("py*",), ("python3.12",), b"python3.12", OUT, id="the longest match"),
    pytest.param(("python3.12",), ("py*",), b"python3.12", IN, id="whichever it is"),
    pytest.param(("sh",), ("sh",), b"sh", OUT, id="of two alike the one that excludes"),
    pytest.param(("sh*",), ("sh*",), b"sh", OUT, id="of two beginnings too"),
    pytest.param(("sh*",), ("sh",), b"sh", OUT, id="the whole is longer than its beginning"),
    pytest.param(("sh",), ("sh*",), b"sh", IN, id="the other way round"),
    pytest.param(("a-name-of-sixteen",), (), b"a-name-of-sixte", IN, id="cut as the kernel cuts it"),
    pytest.param(("a-name-of-sixteen",), (), b"a-name-of-sixt", None, id="no shorter"),
    pytest.param(("a-name-of-sixteen*",), (), b"a-name-of-sixte", IN, id="a long beginning too"),
    pytest.param(("ééééééééé",), (), "ééééééééé".encode()[:15], IN, id="cut within a character"),
]


@pytest.mark.parametrize(("names", "without", "comm", "verdict"), NAMED)
def test_a_name(
    names: tuple[str, ...], without: tuple[str, ...], comm: bytes, verdict: Verdict | None
) -> None:
    targets = Targets(names=names, not_names=without)

    assert targets.named(comm) == verdict
    assert by_kernel(targets, comm) == verdict


@pytest.mark.parametrize(
    ("name", "bits", "kept"),
    [
        ("sh", 24, b"sh"),
        ("sh*", 16, b"sh"),
        ("*", 0, b""),
        ("x" * 15, 128, b"x" * 15),
        ("x" * 40, 128, b"x" * 15),
        ("x" * 14 + "*", 112, b"x" * 14),
        ("x" * 40 + "*", 120, b"x" * 15),
        ("\udcff", 16, b"\xff"),
    ],
)
def test_a_key(name: str, bits: int, kept: bytes) -> None:
    """With its NUL where the name ends there, without where more may follow."""
    assert NAME_KEY.unpack(name_key(name)) == (bits, kept.ljust(COMM_SIZE, b"\0"))


def test_verdicts_are_words() -> None:
    targets = Targets(names=("a", "both"), not_names=("b*", "both"))

    assert targets.verdicts() == {
        name_key("a"): b"\1\0\0\0",
        name_key("b*"): b"\2\0\0\0",
        name_key("both"): b"\2\0\0\0",
    }
    assert Targets().verdicts() == {}


CHOICES = [
    pytest.param(Targets(), NOBODY, False, id="nobody"),
    pytest.param(Targets(everyone=True), Choice(everyone=True), True, id="everybody"),
    pytest.param(Targets(names=("a",)), Choice(names=True), True, id="names"),
    pytest.param(Targets(not_names=("a",)), Choice(names=True), False, id="but names"),
    pytest.param(Targets(exes=("/bin/sh",)), Choice(exes=True), True, id="programs"),
    pytest.param(Targets(uids=(0,)), Choice(uids=True), True, id="root is a user"),
    pytest.param(Targets(cgroups=("/a", "/b")), Choice(cgroups=2), True, id="cgroups"),
    pytest.param(Targets(not_pids=(1,)), Choice(excluded=True), False, id="but ids"),
    pytest.param(Targets(not_families=(1,)), Choice(excluded=True), False, id="but families"),
    pytest.param(Targets(cpus=frozenset({0})), NOBODY, False, id="CPUs are no choice of tasks"),
]  # fmt: skip


@pytest.mark.parametrize(("targets", "choice", "standing"), CHOICES)
def test_a_choice(targets: Targets, choice: Choice, standing: bool) -> None:
    assert targets.choice == choice
    assert targets.standing is standing
    assert choice.any == (choice != Choice())


@pytest.mark.parametrize(
    ("choice", "at_exec", "at_calls"),
    [
        (Choice(everyone=True), True, False),
        (Choice(names=True), True, False),
        (Choice(exes=True), True, False),
        (Choice(uids=True), False, True),
        (Choice(cgroups=1), False, True),
        (Choice(excluded=True), False, False),
        (Choice(names=True, uids=True), True, True),
    ],
)
def test_when_it_is_decided(choice: Choice, at_exec: bool, at_calls: bool) -> None:
    assert (choice.at_exec, choice.at_calls) == (at_exec, at_calls)


@pytest.mark.parametrize(
    ("window", "any", "closed"),
    [
        (Window(), False, False),
        (Window(delay=1), True, True),
        (Window(opening=("open",)), True, True),
        (Window(closing=("open",)), True, False),
        (Window(0, ("open",), ("close",)), True, True),
    ],
    ids=["always", "after a time", "after a call", "until a call", "between"],
)
def test_a_window(window: Window, any: bool, closed: bool) -> None:
    assert (window.any, window.closed) == (any, closed)
    assert gate(module.NOBODY, window) == Gate(False, any)
    assert gate(Targets(cpus=frozenset({0})), window) == Gate(True, any)


def test_what_nobody_asked_for_is_nothing() -> None:
    assert not module.NOBODY.choice.any
    assert Window() == ALWAYS
    assert gate(module.NOBODY, ALWAYS) == Gate()
