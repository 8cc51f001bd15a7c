"""From meanings to copies: what is copied when, how much of it, and where others find it."""

from __future__ import annotations

import pytest

from argtrace.fetch import derive
from argtrace.fetch.derive import (
    CHOSEN_ROOM,
    CHUNKS,
    FOLLOWED_INNER,
    FOLLOWED_OUTER,
    INNER_BUFFERS,
    INNER_CHUNKS,
)
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import Copies, CopyBlock, Fetched, Plan
from argtrace.signature import meaning, syscalls
from argtrace.signature.calls import declarations
from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
    INT,
    RESULT,
    SIZE,
    Array,
    At,
    Before,
    Bytes,
    Cell,
    Choice,
    Declaration,
    Encoded,
    In,
    InOut,
    Least,
    On,
    Out,
    Raw,
    Scaled,
    Share,
    String,
    Strings,
    To,
    When,
    call,
    struct,
)
from argtrace.signature.model import Int
from argtrace.target import X86_64
from tests.support.steps import LONG, planned, signature, steps

PATH = meaning.Path()
IOVEC = struct("iovec", iov_base=To(Bytes("iov_len")))
FILLED = struct("iovec", iov_base=To(Bytes(Share("iov_len", RESULT))))


def plan(declaration: Declaration, *types: Int, limits: Limits | None = None) -> Plan:
    return planned(declaration, *types, limits=limits).default


# Each content is one copy, in the half that its direction says.


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        pytest.param(call(a=INT, b=FD, c=ADDRESS), [], id="numbers"),
        pytest.param(call(a=In(PATH)), ["entry 0: string(rdi, 4096)"], id="a path"),
        pytest.param(
            call(a=INT, b=Out(String())), ["exit 0: string(rsi, 4096)"], id="a string that comes back"
        ),
        pytest.param(
            call(a=In(Strings()), b=In(PATH)),
            ["entry 0: strings(rdi, 4096)", "entry 3: string(rsi, 4096)"],
            id="a list of strings takes three items",
        ),
        pytest.param(
            call(a=In(Bytes("b")), b=SIZE),
            ["entry 0: block(rdi, u64 rsi <= 32)"],
            id="a buffer and its length",
        ),
        pytest.param(
            call(a=Out(Bytes(Least(RESULT, "b"))), b=SIZE),
            ["exit 0: block(rdi, min(u64 rsi, result) <= 32)"],
            id="as much as came, and never more than there is room",
        ),
        pytest.param(
            call(a=InOut(Raw("sigset", 8))),
            ["entry 0: block(rdi, chosen <= 512)", "exit 1: block(rdi, chosen <= 512)"],
            id="both halves",
        ),
        pytest.param(
            call(a=INT, b=InOut(Cell("int"), after=PATH)),
            ["entry 0: block(rsi, chosen <= 512)", "exit 1: string(rsi, 4096)"],
            id="something else afterwards",
        ),
        pytest.param(
            call(a=Out(Cell("u64"), on=On.POSITIVE), b=Out(Bytes("c"), on=On.ALWAYS), c=SIZE),
            ["exit on positive 0: block(rdi, chosen <= 512)", "exit on always 1: block(rsi, u64 rdx <= 32)"],
            id="after some results alone",
        ),
        pytest.param(
            call(a=In(Array(Cell("u16"), "b")), b=INT),
            ["entry 0: block(rdi, u64 rsi * 2 <= 64)"],
            id="elements, 32 at most",
        ),
        pytest.param(
            call(a=In(Array(Raw("x", 6), "b")), b=INT),
            ["entry 0: block(rdi, u64 rsi * 6 <= 192)"],
            id="raw elements",
        ),
        pytest.param(
            call(a=In(Raw("x", "b", limit=9000)), b=SIZE),
            ["entry 0: block(rdi, u64 rsi <= 4096)"],
            id="what a decoder reads by itself, a table at most",
        ),
        pytest.param(
            call(a=In(Raw("x", "b", limit=64)), b=SIZE),
            ["entry 0: block(rdi, u64 rsi <= 64)"],
            id="or its own limit",
        ),
    ],
)
def test_contents(declaration: Declaration, expected: list[str]) -> None:
    assert steps(plan(declaration)) == expected


# How many bytes.


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param("n", "u64 rsi", id="an argument"),
        pytest.param(RESULT, "result", id="the result"),
        pytest.param(Least("n", 16), "min(16, u64 rsi)", id="with a bound"),
        pytest.param(Least(RESULT, "n", 16), "min(min(16, u64 rsi), result)", id="the least of three"),
        pytest.param(Least("n"), "u64 rsi", id="the least of one"),
        pytest.param(Scaled("n", by=4), "u64 rsi * 4", id="words"),
        pytest.param(Scaled("n", add=63, shift=6, by=8), "(u64 rsi + 63 >> 6) * 8", id="bits in words"),
        pytest.param(Encoded("n", reads=True), "reads of u64 rsi", id="what a command says it reads"),
        pytest.param(Encoded("n", reads=False), "writes of u64 rsi", id="what it says it writes"),
    ],
)
def test_sizes(size: meaning.Size, expected: str) -> None:
    assert steps(plan(call(p=Out(Bytes(size)), n=SIZE))) == [f"exit 0: block(rdi, {expected} <= 32)"]


def test_a_number_in_a_register_is_as_wide_as_its_type() -> None:
    unsigned = Int("unsigned int", 4, signed=False)

    assert steps(plan(call(n=SIZE, p=In(Bytes("n"))), unsigned)) == ["entry 0: block(rsi, u32 rdi <= 32)"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param(Limits(strings=5), "entry 0: string(rdi, 5)", id="strings"),
        pytest.param(Limits(buffers=5), "entry 1: block(rsi, u64 r9 <= 5)", id="buffers"),
        pytest.param(Limits(elements=5), "entry 2: block(rdx, u64 r9 * 8 <= 40)", id="elements"),
        pytest.param(Limits(tables=5), "entry 3: block(r10, u64 r9 <= 5)", id="tables"),
        pytest.param(
            Limits(followed=2), "entry 4: block(r8, u64 r9 * 16 <= 32) to +0", id="what is followed"
        ),
        pytest.param(
            Limits(whole=True),
            f"entry 1: block(rsi, u64 r9 <= 32 and {CHUNKS} chunks)",
            id="buffers to their end",
        ),
    ],
)
def test_limits(limits: Limits, expected: str) -> None:
    declaration = call(
        a=In(PATH),
        b=In(Bytes("n")),
        c=In(Array(Cell("u64"), "n")),
        d=In(Raw("x", "n")),
        e=In(Array(IOVEC, "n")),
        n=SIZE,
    )
    usual, others = steps(plan(declaration)), steps(plan(declaration, limits=limits))

    assert expected in others
    assert expected not in usual
    assert [step for step in others if step.split(":")[0] == expected.split(":", maxsplit=1)[0]] == [expected]


# A constant size comes with the call's number, so that calls share their programs.


def test_calls_that_differ_in_a_structures_size_alone_share_their_programs() -> None:
    one, other = plan(call(a=In(struct("timespec")))), plan(call(a=In(struct("itimerval"))))

    assert (one.sizes, other.sizes) == ((16, 0), (32, 0))
    assert one.shape == other.shape
    assert one != other


def test_each_half_has_one_size_that_is_not_in_the_program() -> None:
    found = plan(
        call(a=In(struct("timespec")), b=Out(struct("itimerval")), c=Out(Cell("int")), d=In(Cell("u64")))
    )

    assert steps(found) == [
        "entry 0: block(rdi, chosen <= 512)",
        "entry 1: block(r10, 8)",
        "exit 2: block(rsi, chosen <= 512)",
        "exit 3: block(rdx, 4)",
    ]
    assert found.sizes == (16, 32)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(CHOSEN_ROOM, "chosen <= 512", id="as large as there is room"),
        pytest.param(CHOSEN_ROOM + 8, "520", id="larger"),
    ],
)
def test_a_large_structure_is_in_the_program(size: int, expected: str) -> None:
    assert steps(plan(call(a=In(Raw("x", size, limit=4096))))) == [f"entry 0: block(rdi, {expected})"]


# Numbers in memory: there before what they are the length of.

GETSOCKNAME = call(
    fd=FD, addr=Out(Raw("sockaddr", Least(Before(At("len")), At("len")), 128)), len=InOut(Cell("int"))
)


def test_a_length_in_memory_is_copied_first_and_guards() -> None:
    found = plan(GETSOCKNAME)

    assert steps(found) == [
        "entry 0: block(rdx, 4) to +0",
        "exit 1: block(rdx, 4) to +8",
        "exit 2: block(rsi, min(u32 +8, u32 +0) <= 128) if 1 has 4",
    ]
    assert found.arguments == (Copies(), Copies(None, Fetched(2)), Copies(Fetched(0), Fetched(1)))
    assert found.fixed == 16


def test_a_member_of_another_arguments_structure() -> None:
    capget = call(
        header=InOut(struct("__user_cap_header_struct")),
        data=Out(Raw("cap_data", Scaled(At("header.version"), by=1), 24)),
    )

    assert steps(plan(capget)) == [
        "entry 0: block(rdi, chosen <= 512)",
        "exit 1: block(rdi, 8) to +0",
        "exit 2: block(rsi, u32 +0 * 1 <= 24) if 1 has 4",
    ]


def test_a_length_in_memory_that_is_not_declared_there() -> None:
    with pytest.raises(ValueError, match="len is not read before its value is needed"):
        plan(call(addr=Out(Bytes(At("len"))), len=In(Cell("int"))))


def test_a_length_that_nobody_has() -> None:
    with pytest.raises(ValueError, match="nothing is called nosuch"):
        plan(call(addr=In(Bytes("nosuch"))))


# Pointers inside.


def test_a_structure_of_the_callers_size() -> None:
    open_how = call(how=In(struct("open_how", size_="n")), n=SIZE)

    assert steps(plan(open_how)) == ["entry 0: block(rdi, min(u64 rsi, 24) <= 24)"]


def test_pointers_in_a_structure_are_followed_where_all_of_it_was_read() -> None:
    found = plan(call(a=In(struct("iovec", iov_base=To(Bytes("iov_len"))))))

    assert steps(found) == ["entry 0: block(rdi, 16) to +0", "entry 1: block(+0, u64 +8 <= 32) if 0 has 16"]
    assert found.arguments == (Copies(Fetched(0, ((("iov_base",), Fetched(1)),))),)


def test_in_a_structure_of_the_callers_size_as_far_as_the_pointer() -> None:
    clone3 = call(
        a=In(struct("clone_args", size_="n", set_tid=To(Array(Cell("int"), "set_tid_size")))), n=SIZE
    )

    assert steps(plan(clone3)) == [
        "entry 0: block(rdi, min(u64 rsi, 88) <= 88) to +0",
        "entry 1: block(+64, u64 +72 * 4 <= 128) if 0 has 72",
    ]


def test_each_of_the_first_elements_is_followed() -> None:
    found = plan(call(a=In(Array(IOVEC, "n")), n=SIZE), limits=Limits(followed=2))

    assert steps(found) == [
        "entry 0: block(rdi, u64 rsi * 16 <= 32) to +0",
        "entry 1: block(+0, u64 +8 <= 32) if 0 has 16",
        "entry 2: block(+16, u64 +24 <= 32) if 0 has 32",
    ]
    (copied, _) = found.arguments
    assert copied == Copies(Fetched(0, (((0, "iov_base"), Fetched(1)), ((1, "iov_base"), Fetched(2)))))


def test_buffers_that_a_result_fills_in_order() -> None:
    assert steps(plan(call(a=Out(Array(FILLED, "n")), n=SIZE), limits=Limits(followed=2))) == [
        "exit 0: block(rdi, u64 rsi * 16 <= 32) to +0",
        "exit 1: block(+0, share of u64 +8 from result <= 32) if 0 has 16",
        "exit 2: block(+16, share of u64 +24 <= 32) if 0 has 32",
    ]


def test_a_name_is_a_members_before_it_is_an_arguments() -> None:
    inner = struct("iovec", iov_base=To(Bytes(Least("iov_len", "n"))))

    assert steps(plan(call(a=In(inner), n=SIZE)))[1] == (
        "entry 1: block(+0, min(u64 rsi, u64 +8) <= 32) if 0 has 16"
    )


MESSAGE = struct("msghdr", msg_iov=To(Array(IOVEC, "msg_iovlen")))


def test_an_array_behind_a_pointer_of_a_structure() -> None:
    found = steps(plan(call(a=In(MESSAGE)), limits=Limits(followed=2)))

    assert found == [
        "entry 0: block(rdi, 56) to +0",
        "entry 1: block(+16, u64 +24 * 16 <= 32) to +56 if 0 has 56",
        "entry 2: block(+56, u64 +64 <= 32) if 1 has 16",
        "entry 3: block(+72, u64 +80 <= 32) if 1 has 32",
    ]


def test_of_arrays_in_arrays_fewer_are_followed() -> None:
    found = plan(call(a=In(Array(struct("mmsghdr", msg_hdr=MESSAGE), "n")), n=SIZE))
    (copied, _) = found.arguments
    assert copied.entry is not None
    outer = [path for path, _ in copied.entry.inner]
    inner = [[path for path, _ in each.inner] for _, each in copied.entry.inner]

    assert outer == [(at, "msg_hdr", "msg_iov") for at in range(FOLLOWED_OUTER)]
    assert inner == [[(at, "iov_base") for at in range(FOLLOWED_INNER)]] * FOLLOWED_OUTER


def test_large_buffers_behind_several_pointers_share_their_room() -> None:
    found = plan(call(a=In(Array(IOVEC, "n")), n=SIZE), limits=Limits(buffers=1 << 20, whole=True))

    room = INNER_BUFFERS // Limits().followed
    assert steps(found)[1] == (f"entry 1: block(+0, u64 +8 <= {room} and {INNER_CHUNKS} chunks) if 0 has 16")
    assert sum(step.space for step in found.steps) <= INNER_BUFFERS


def test_a_pointer_that_is_one_in_some_cases_is_followed_in_all() -> None:
    member = struct("sigevent", sigev_value=Choice("sigev_notify", "", {"2": To(PATH)}, default=HEX))

    assert steps(plan(call(a=In(member)))) == [
        "entry 0: block(rdi, 64) to +0",
        "entry 1: string(+0, 4096) if 0 has 64",
    ]


# Where an argument decides.

BY_COMMAND = call(
    cmd=INT,
    arg=Choice("cmd", "", {"1": In(struct("timespec")), ("2", "3"): In(PATH), "4": INT}),
    mode=When("cmd", 8, INT),
)


def test_each_choice_that_copies_has_a_plan() -> None:
    found = planned(BY_COMMAND)

    assert steps(found.default) == []
    assert [(value, steps(each)) for value, each in found.variants] == [
        (1, ["entry 0: block(rsi, chosen <= 512)"]),
        (2, ["entry 0: string(rsi, 4096)"]),
        (3, ["entry 0: string(rsi, 4096)"]),
    ]
    assert [each.sizes for _, each in found.variants] == [(16, 0), (0, 0), (0, 0)]
    assert all(each.by_choice for _, each in found.variants)


def test_the_argument_that_decides_is_found() -> None:
    found = planned(replace_mask(BY_COMMAND, 0xFF))

    assert found.selector == derive._words(signature(BY_COMMAND), X86_64)["cmd"]
    assert found.mask == 0xFF


def replace_mask(declaration: Declaration, mask: int) -> Declaration:
    params = dict(declaration.params)
    arg = params["arg"]
    assert isinstance(arg, Choice)
    return call(**params | {"arg": Choice("cmd", "", dict(arg.cases), mask=mask)})


def test_a_case_that_copies_nothing_where_the_default_does() -> None:
    found = planned(call(cmd=INT, arg=Choice("cmd", "", {"4": INT}, default=In(PATH))))

    assert steps(found.default) == ["entry 0: string(rsi, 4096)"]
    assert [(value, steps(each)) for value, each in found.variants] == [(4, [])]


def test_a_case_that_is_the_same_as_the_default_has_no_plan() -> None:
    assert planned(call(cmd=INT, arg=Choice("cmd", "", {"4": In(PATH)}, default=In(PATH)))).variants == ()


def test_a_choice_among_numbers_decides_nothing() -> None:
    found = planned(call(cmd=INT, arg=Choice("cmd", "", {"4": FD})))

    assert (found.selector, found.variants) == (None, ())


def test_two_arguments_cannot_decide() -> None:
    both = call(
        a=INT,
        b=INT,
        c=Choice("a", "", {"1": In(PATH)}),
        d=Choice("b", "", {"1": In(PATH)}),
    )
    with pytest.raises(ValueError, match="two arguments decide"):
        planned(both)


# All calls there are.


@pytest.mark.parametrize("whole", [False, True], ids=["usual", "with whole buffers"])
def test_every_plan_is_within_its_own_bounds(whole: bool) -> None:
    limits = Limits(whole=whole)
    for name, declaration in declarations().items():
        for found in planned(declaration, LONG, limits=limits).all():
            items = [step.item for step in found.steps]
            assert items == sorted(set(items)), name
            assert found.items <= 64, name
            assert all(step.guard is None or step.guard.item < step.item for step in found.steps), name
            blocks = [step for step in found.steps if isinstance(step, CopyBlock)]
            fixed = [(block.fixed, block.room) for block in blocks if block.fixed is not None]
            ends = [at + room for at, room in fixed]
            assert all(end <= at for end, (at, _) in zip(ends, fixed[1:], strict=False)), name
            assert max(ends, default=0) <= found.fixed, name


@pytest.mark.parametrize("name", ["fcntl", "ioctl", "prctl", "read"])
def test_variants_as_they_are_met_are_those_of_all(name: str) -> None:
    number = syscalls.NUMBERS[name]
    declared = syscalls.signatures([number], None)[number]
    every = derive.plans(number, declared, X86_64, Limits())

    met, variant = derive.plans_as_met(number, declared, X86_64, Limits())

    assert (met.default, met.selector, met.mask) == (every.default, every.selector, every.mask)
    assert met.variants == ()
    assert all(variant(value) == plan for value, plan in every.variants)
    assert variant(0xDEAD_BEEF) == every.default
