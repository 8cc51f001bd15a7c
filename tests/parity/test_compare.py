"""What counts as a difference, value by value, from text of strace's and JSON of ours; nothing is run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity import strace_tree as tree
from tests.parity.compare import Comparison, Expected, Json, compare, same_number
from tests.parity.mutations import mutations


def value(kind: str, value: object, **more: object) -> dict[str, Any]:
    return {"kind": kind, "raw": "0x7000", "value": value, **more}


def integer(number: int, symbol: str | None = None) -> dict[str, Any]:
    return value("int", number) if symbol is None else value("int", number, symbol=symbol)


def flags(number: int, *names: str, rest: int = 0) -> dict[str, Any]:
    return value("flags", number, names=list(names), rest=rest)


def text(content: str, *, cut: bool = False) -> dict[str, Any]:
    return value("string", content, length=None if cut else len(content), cut=cut)


def buffer(content: str, length: int | None = None) -> dict[str, Any]:
    length = len(content) if length is None else length
    return value("bytes", content, length=length, cut=len(content) < length)


def items(*of: Json, end: Json | None = None) -> dict[str, Any]:
    return value("list", list(of), end=end)


def struct(**members: Json) -> dict[str, Any]:
    return value("struct", members, type="s", end=None)


def changed(before: Json, after: Json) -> dict[str, Any]:
    return {"kind": "changed", "raw": "0x7000", "before": before, "after": after}


def missing(why: str = "unreadable") -> dict[str, Any]:
    return value("missing", None, why=why, reason="EFAULT")


def compared(theirs: str, *ours: Json, result: Json | None = None) -> Comparison:
    """One call: strace's line without its thread, and our arguments."""
    (call,) = tree.read(f"7 {theirs}\n")
    assert isinstance(call, tree.Call)
    args = [{"name": f"a{n}", **json} for n, json in enumerate(ours)]
    event = {
        "type": "call",
        "tid": 7,
        "name": call.name,
        "args": args,
        "result": value("int", 0) if result is None else result,
    }
    return compare("test", [call], [event], {})


EQUAL = [
    pytest.param("0640", integer(0o640), id="octal"),
    pytest.param("4294967295", integer(-1), id="without a sign there, with one here"),
    pytest.param("-1", integer(0xFFFF_FFFF_FFFF_FFFF), id="the other way round, in 64 bits"),
    pytest.param("0x5 /* X */", integer(5, "X"), id="a name"),
    pytest.param("10 /* USR1 */", integer(10, "SIGUSR1"), id="a signal's two names"),
    pytest.param("0x3 /* A|B */", flags(3, "B", "A"), id="names in any order"),
    pytest.param("0x7 /* A|B|0x4 */", flags(7, "A", "B", rest=4), id="a bit without a name"),
    pytest.param("0x100 /* A */|17 /* SIGCHLD */", flags(0x111, "A", "SIGCHLD"), id="two parts"),
    pytest.param("0100644 /* S_IFREG|0644 */", flags(0o100644, "S_IFREG", "0644"), id="a mode"),
    pytest.param("0x1 /* A */|0x1 /* B */", flags(0x1_0000_0001, "A", "B"), id="two words"),
    pytest.param("3</x>", value("fd", 3, path="/x"), id="a descriptor"),
    pytest.param("0x103 /* makedev(0x1, 0x3) */", value("device", 0x103, major=1, minor=3), id="a device"),
    pytest.param("NULL", value("address", "0x0"), id="no address"),
    pytest.param("0x7000", value("address", "0x7000"), id="an address"),
    pytest.param("0x7000", missing(), id="an address that neither can read"),
    pytest.param("0", value("unused", 0), id="what is not looked at"),
    pytest.param('"a\\0b"', buffer("a\0b"), id="a buffer"),
    pytest.param('"\\303\\274"', text("\u00fc"), id="UTF-8"),
    pytest.param(
        '"\\377"', value("bytes", None, base64="/w==", length=1, cut=False), id="bytes that are no text"
    ),
    pytest.param('"name\\0\\0"', text("name"), id="a name and what follows it"),
    pytest.param('"' + "x" * 4096 + '"...', buffer("x" * 4096, 9999), id="both are cut"),
    pytest.param('@"name"', text("\0name"), id="an abstract name"),
    pytest.param('"\\x00\\x35" /* htons(53) */', integer(53), id="a port"),
    pytest.param('"\\x00\\x35" /* htons(X) */', integer(0x3500), id="as it is on the wire"),
    pytest.param(
        '"\\x7f\\0\\0\\x01" /* inet_addr("127.0.0.1") */', value("ip", "127.0.0.1"), id="an address"
    ),
    pytest.param('"a\\0b\\0"', items(text("a"), text("b")), id="a list of strings"),
    pytest.param("[1, 2]", items(integer(1), integer(2)), id="an array"),
    pytest.param("[1, ...]", items(integer(1), end=missing()), id="an array that ends in the unreadable"),
    pytest.param("[0x1, 0x2]", buffer("\1\2"), id="an array of bytes"),
    pytest.param("[5]", integer(5), id="a cell"),
    pytest.param("[5 => 8]", changed(integer(5), integer(8)), id="a cell that changed"),
    pytest.param("[5] => [8]", changed(integer(5), integer(8)), id="written in another way"),
    pytest.param("[8]", changed(integer(5), integer(8)), id="of which strace shows the second value"),
    pytest.param("[2 15]", items(integer(2), integer(15)), id="a set"),
    pytest.param("~[2]", items(*(integer(n) for n in range(1, 65) if n != 2)), id="all but one"),
    pytest.param("[2 3]", flags(0b110), id="a set in bits"),
    pytest.param("{a=1}", struct(a=integer(1), b=integer(2)), id="a member more of ours"),
    pytest.param("{a=1, ...}", struct(a=integer(1)), id="a structure with more"),
    pytest.param("{a={b=1}}", struct(a=struct(b=integer(1))), id="a structure in a structure"),
    pytest.param("{a={b=1}}", struct(b=integer(1)), id="that is none with us"),
    pytest.param("[{a=1}]", items(struct(p=struct(a=integer(1)))), id="a pointer to a structure"),
    pytest.param(
        "{a=1 => 2}", changed(struct(a=integer(1)), struct(a=integer(2))), id="a member that changed"
    ),
    pytest.param("{a=1} => {b=2}", changed(struct(a=integer(1)), struct(b=integer(2))), id="in and out"),
    pytest.param("[[VINTR]=0x3]", items(integer(3)), id="an array by names"),
    pytest.param(
        "[BPF_STMT(0x6 /* BPF_RET */, 0x5)]",
        items(struct(code=flags(6, "BPF_RET"), jt=integer(0), jf=integer(0), k=integer(5))),
        id="an instruction",
    ),
    pytest.param('"reno"', text("reno"), id="a name"),
    pytest.param(
        '[{nlmsg_len=16}, "\\1"]',
        items(items(struct(nlmsg_len=integer(16)), buffer("\1"))),
        id="a message of netlink",
    ),
    pytest.param("{nlmsg_len=16}", items(items(struct(nlmsg_len=integer(16)))), id="its header alone"),
    pytest.param("~[0 /* ICMP_ECHOREPLY */]", integer(0xFFFF_FFFE), id="types of ICMP"),
    pytest.param("{events=0x1, data={u32=5, u64=5}}", struct(events=flags(1), data=integer(5)), id="a union"),
    pytest.param(
        "{i={a=1, i={b=2}}}", struct(a=integer(1), i=struct(b=integer(2))), id="a part named as in it"
    ),
    pytest.param("[[3 /* C */]=0x5]", struct(C=integer(5)), id="an element by its number and name"),
    pytest.param("[[17]=0]", struct(**{"[17]": integer(0)}), id="an element by its number"),
    pytest.param("{r=[0, 0]}", struct(r=value("unused", 0)), id="what is reserved"),
    pytest.param("{a=1, b=[...]}", struct(a=integer(1)), id="an array of which nothing is there"),
    pytest.param("0 /* A */|0x5 /* B */", flags(5, "A", "B"), id="the names of fields, one of which is zero"),
    pytest.param("0x5 /* IX or IY */", integer(5, "IX or IY"), id="two commands"),
    pytest.param("0x5 /* IX or IY */", integer(5, "IY"), id="one of two commands"),
    pytest.param("0x5 /* X */", integer(5, "X or Y"), id="that strace knows one of"),
    pytest.param("[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]", integer(0x300, "exited with 3"), id="a status"),
    pytest.param(
        "[{nla_len=5, nla_type=2}, 0]",
        items(items(struct(nla_len=integer(5), nla_type=integer(2)), integer(0))),
        id="an attribute of netlink",
    ),
]

MORE = [
    pytest.param("0x5", integer(5, "X"), id="a name that strace does not look for"),
    pytest.param("0x5 /* X_??? */", integer(5, "X"), id="a name that strace does not have"),
    pytest.param("0x7 /* A|B|0x4 */", flags(7, "A", "B", "C"), id="a bit that only we have a name for"),
    pytest.param("0x7000", text("content"), id="an address of which we know the content"),
    pytest.param('"\\x01\\x02"', items(integer(1), integer(2)), id="bytes, one by one"),
    pytest.param("[0x6f6e6572]", text("reno"), id="a name that strace takes for a number"),
    pytest.param('"\\5\\0\\0\\0\\0\\4"', struct(a=integer(5), b=integer(4)), id="bytes that we know more of"),
    pytest.param(
        '{f=0x2, sa_data="\\0\\5\\1"}', struct(f=integer(2), a=integer(5), b=integer(1)), id="of a member"
    ),
    pytest.param(
        '{f=0x6, sa_data="\\1\\2\\3\\4\\5\\6\\7\\x0a\\x0b\\x0c\\5\\0\\0\\0"}',
        {
            **struct(
                f=integer(6), sax25_call=struct(ax25_call=buffer("\1\2\3\4\5\6\7")), sax25_ndigis=integer(5)
            ),
            "type": "sockaddr_ax25",
        },
        id="of a member, with bytes between that are nobody's",
    ),
    pytest.param(
        '"\\0\\0\\0\\0\\0\\0\\x21"',
        {
            **struct(
                tcpi_state=integer(0),
                tcpi_ca_state=integer(0),
                tcpi_retransmits=integer(0),
                tcpi_probes=integer(0),
                tcpi_backoff=integer(0),
                tcpi_options=integer(0),
                tcpi_snd_wscale=integer(1),
                tcpi_rcv_wscale=integer(2),
            ),
            "type": "tcp_info",
        },
        id="bit-fields",
    ),
]


@pytest.mark.parametrize(("theirs", "ours"), EQUAL)
def test_equal(theirs: str, ours: Json) -> None:
    comparison = compared(f"f({theirs}) = 0", ours)
    assert [str(difference) for difference in comparison.differences] == []
    assert comparison.scalars.equal + comparison.pointers.equal == 1


@pytest.mark.parametrize(("theirs", "ours"), MORE)
def test_what_only_argtrace_decodes(theirs: str, ours: Json) -> None:
    comparison = compared(f"f({theirs}) = 0", ours)
    assert [str(difference) for difference in comparison.differences] == []
    assert comparison.scalars.more + comparison.pointers.more == 1
    assert comparison.scalars.equal + comparison.pointers.equal == 0


# What of a value may be wrong without anything that strace says being so.
UNSEEN = {
    # What strace has no name for, or does not look for one, may be called anything.
    "a bit without a name": {"a name more"},
    "a set in bits": {"a name more"},
    "a union": {"[value][events] a name more"},
    "a name that strace does not look for": {"another name", "no name"},
    "a name that strace does not have": {"another name", "no name"},
    "a bit that only we have a name for": {"a name more"},
    # Its number is compared.
    "a status": {"another name", "no name"},
    # What is not told: what is at an address, what is behind the end, what was before.
    "an address of which we know the content": {"a byte less", "a byte more", "another byte"},
    "a name that strace takes for a number": {"a byte more"},
    "both are cut": {"a byte less", "a byte more"},
    "an array that ends in the unreadable": {"an element more"},
    "of which strace shows the second value": {"the second value alone", "[before] another number"},
    "a member more of ours": {"without b", "[value][b] another number"},
    # A set has no order.
    "a set": {"another order"},
    "all but one": {"another order"},
}


@pytest.mark.parametrize(("theirs", "ours"), [*EQUAL, *MORE])
def test_a_wrong_value_is_noticed(theirs: str, ours: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """Whatever is changed in it: then no argument is equal any more."""
    unnoticed = set()
    for what, wrong in mutations(ours):
        comparison = compared(f"f({theirs}) = 0", wrong)
        if not comparison.differences:
            unnoticed.add(what)
    assert unnoticed == UNSEEN.get(request.node.callspec.id, set())


DIFFERENT = [
    pytest.param("5", integer(6), "value", id="another number"),
    pytest.param("0x100000001", integer(1), "value", id="more than 32 bits"),
    pytest.param("5", integer(0), "value", id="zero for a number"),
    pytest.param("0", integer(5), "value", id="a number for zero"),
    pytest.param("0x5 /* X */", integer(5), "names", id="a name less"),
    pytest.param("0x5 /* X */", integer(5, "Y"), "names", id="another name"),
    pytest.param("0x3 /* A|B */", flags(3, "A", rest=2), "names", id="a flag less"),
    pytest.param("0x3 /* A|B */", flags(3, "A", "B", "C"), "names", id="a flag more"),
    pytest.param("3</x>", value("fd", 3, path="/y"), "file", id="another file"),
    pytest.param("3</x>", value("fd", 3), "file", id="a file that is not known"),
    pytest.param("0x8000", value("address", "0x7000"), "value", id="another address"),
    pytest.param("0x8000", text("content"), "kind", id="content of another address"),
    pytest.param('"abc"', text("abd"), "bytes", id="another string"),
    pytest.param('"abc"', buffer("ab"), "bytes", id="a byte less"),
    pytest.param('"abc"', text("abc", cut=True), "length", id="a string that goes on"),
    pytest.param('"abc"...', text("abc"), "length", id="a string that does not go on"),
    pytest.param('"abc"', value("address", "0x7000"), "kind", id="a string that is only an address"),
    pytest.param('"abc"', missing(), "kind", id="a string that could not be read"),
    pytest.param('"\\x00\\x35" /* htons(53) */', integer(0x3500), "value", id="a port the wrong way round"),
    pytest.param(
        '"\\1\\2\\3\\4" /* inet_addr("1.2.3.4") */', value("ip", "1.2.3.5"), "value", id="another host"
    ),
    pytest.param('"a\\0b\\0"', items(text("a")), "bytes", id="a string less"),
    pytest.param("[1, 2]", items(integer(1)), "element", id="an element less"),
    pytest.param("[1]", items(integer(1), integer(2)), "element", id="an element more"),
    pytest.param("[1, 2]", items(integer(1), end=missing()), "element", id="an array that was cut"),
    pytest.param("[5]", integer(6), "value", id="another cell"),
    pytest.param("[5 => 8]", changed(integer(5), integer(9)), "value", id="another second value"),
    pytest.param("[5 => 8]", integer(8), "value", id="a first value that is not there"),
    pytest.param("[5]", changed(integer(5), integer(8)), "value", id="a change that was none"),
    pytest.param("[2 15]", items(integer(2)), "value", id="a member of a set less"),
    pytest.param("~[2]", items(), "value", id="a set that is not everything"),
    pytest.param("{a=1, b=2}", struct(a=integer(1)), "member", id="a member less"),
    pytest.param("{a=1}", struct(a=integer(2)), "value", id="another member"),
    pytest.param("{a=1}", value("address", "0x7000"), "kind", id="a structure that is only an address"),
    pytest.param("{a=1} => {b=2}", struct(a=integer(1)), "member", id="an output that is not there"),
    pytest.param(
        "[BPF_STMT(0x6, 0x5)]",
        items(struct(code=integer(6), k=integer(4), jt=integer(0), jf=integer(0))),
        "value",
        id="an instruction",
    ),
    pytest.param(
        "[BPF_STMT(0x6 /* BPF_RET */, 0x5)]",
        items(struct(code=integer(6), k=integer(5), jt=integer(0), jf=integer(0))),
        "names",
        id="an instruction without its name",
    ),
    pytest.param(
        '"\\5\\0\\0\\0\\0\\4"', struct(a=integer(5), b=integer(6)), "bytes", id="bytes that are others"
    ),
    pytest.param('"\\5\\0\\7"', struct(a=integer(5)), "bytes", id="bytes that go on"),
    pytest.param('"\\5\\7\\4"', struct(a=integer(5), b=integer(4)), "bytes", id="bytes between"),
    pytest.param('{sa_data="\\1"}', struct(a=integer(5)), "member", id="a member that is another"),
    pytest.param('"reno"', integer(5), "value", id="a name that we take for a number"),
    pytest.param("{r=[0, 1]}", struct(r=value("unused", 0)), "value", id="what is reserved, and is not 0"),
    pytest.param("*x*", integer(1), "names", id="what is not understood"),
]


@pytest.mark.parametrize(("theirs", "ours", "what"), DIFFERENT)
def test_different(theirs: str, ours: Json, what: str) -> None:
    if theirs == "*x*":
        call = tree.Call(7, "f", (tree.Other(theirs),), tree.Number(0))
        event = {
            "type": "call",
            "tid": 7,
            "name": "f",
            "args": [{"name": "a0", **ours}],
            "result": integer(0),
        }
        comparison = compare("test", [call], [event], {})
    else:
        comparison = compared(f"f({theirs}) = 0", ours)
    assert {difference.what for difference in comparison.differences} == {what}
    if what == "file":  # counted apart
        assert comparison.files.equal == 0
    else:
        assert comparison.scalars.equal + comparison.pointers.equal == 0


RESULTS = [
    pytest.param("3", value("fd", 3), True, id="a number"),
    pytest.param("3", value("fd", 4), False, id="another number"),
    pytest.param("-1 ENOENT (No such file)", value("error", -2, error="ENOENT"), True, id="an error"),
    pytest.param("-1 ENOENT (No such file)", value("error", -13, error="EACCES"), False, id="another error"),
    pytest.param("-1 ENOENT (No such file)", integer(0), False, id="success for failure"),
    pytest.param("? ERESTARTSYS (To be)", value("error", -512, error="ERESTARTSYS"), True, id="a restart"),
    pytest.param("?", integer(5), False, id="a result where there was none"),
    pytest.param(
        "0x8002 (flags O_RDWR|O_LARGEFILE)", flags(0x8002, "O_RDWR", "O_LARGEFILE"), True, id="flags"
    ),
    pytest.param(
        "0x8002 (flags O_RDWR|O_LARGEFILE)", flags(0x8002, "O_RDWR", rest=0x8000), False, id="a flag less"
    ),
    pytest.param("17 (SIGCHLD)", integer(17, "SIGCHLD"), True, id="a signal"),
    pytest.param("17 (SIGCHLD)", integer(17), False, id="a signal without its name"),
    pytest.param("0 (Timeout)", integer(0), True, id="a remark"),
]


@pytest.mark.parametrize(("theirs", "ours", "equal"), RESULTS)
def test_results(theirs: str, ours: Json, *, equal: bool) -> None:
    comparison = compared(f"f() = {theirs}", result=ours)
    assert comparison.results.equal == equal
    assert bool(comparison.differences) != equal


def test_what_poll_says_after_its_result() -> None:
    def pollfd(fd: int, revents: Json) -> Json:
        return struct(fd=integer(fd), events=flags(1, "POLLIN"), revents=revents)

    line = "poll([{fd=3, events=0x1}, {fd=4, events=0x1}]) = 1 ([{fd=4, revents=0x1 /* POLLIN */}])"
    asked = items(pollfd(3, flags(0)), pollfd(4, flags(0)))
    right = changed(asked, items(pollfd(3, flags(0)), pollfd(4, flags(1, "POLLIN"))))
    wrong = changed(asked, items(pollfd(3, flags(1, "POLLIN")), pollfd(4, flags(0))))
    assert not compared(line, right, result=integer(1)).differences
    assert compared(line, wrong, result=integer(1)).differences


def test_what_select_says_after_its_result() -> None:
    line = "select(5, [3 4], NULL, NULL, {tv_sec=1}) = 1 (in [3], left {tv_sec=0})"
    null = value("address", "0x0")
    time = changed(struct(tv_sec=integer(1)), struct(tv_sec=integer(0)))
    both, one = items(integer(3), integer(4)), items(integer(3))
    right = compared(line, integer(5), changed(both, one), null, null, time, result=integer(1))
    wrong = compared(line, integer(5), both, null, null, time, result=integer(1))
    assert not right.differences
    assert wrong.differences


def test_arguments_that_are_not_looked_at_are_left_out() -> None:
    unused = value("unused", 0)
    assert not compared("fcntl(3, 0x1) = 0", integer(3), integer(1), unused).differences
    assert not compared("quotactl(5, 0x7000) = 0", integer(5), unused, value("address", "0x7000")).differences
    assert {d.what for d in compared("f(3) = 0", integer(3), integer(1)).differences} == {"arity"}
    assert {d.what for d in compared("f(3, 4) = 0", integer(3)).differences} == {"arity"}


def test_calls_side_by_side() -> None:
    items = tree.read("7 a() = 0\n7 b() = 0\n8 c() = 0\n")
    event = {"type": "call", "args": [], "result": integer(0)}
    events = [
        {**event, "tid": 7, "name": "a"},
        {**event, "tid": 8, "name": "c"},
        {**event, "tid": 8, "name": "d"},
    ]
    comparison = compare("test", items, events, {})
    assert (comparison.calls.equal, comparison.calls.total) == (2, 4)
    assert [(d.call, d.what) for d in comparison.differences] == [("b", "missing"), ("d", "extra")]


@pytest.mark.parametrize(
    ("log", "missing"),
    [
        (
            "7 a() = 0\n7 pause( <unfinished ...>\n7 <... pause resumed>) = ?\n7 +++ killed by SIGKILL +++\n",
            [],
        ),
        ("7 a() = 0\n7 pause() = ?\n7 +++ killed by SIGTERM +++\n", ["pause"]),
        ("7 pause() = ?\n7 a() = 0\n7 +++ killed by SIGKILL +++\n", ["pause"]),
        ("7 a() = 0\n7 pause() = 0\n7 +++ killed by SIGKILL +++\n", ["pause"]),
        ("7 a() = 0\n7 exit_group(1) = ?\n7 +++ exited with 1 +++\n", ["exit_group"]),
    ],
)
def test_a_call_at_whose_entry_a_thread_is_killed_may_not_be_made(log: str, missing: list[str]) -> None:
    event = {"type": "call", "args": [], "result": integer(0), "tid": 7, "name": "a"}
    comparison = compare("test", tree.read(log), [event], {})
    assert [d.call for d in comparison.differences if d.what == "missing"] == missing


def test_exec_of_a_thread_belongs_to_the_process() -> None:
    log = (
        "8 execve(0x1 <unfinished ...>\n"
        "7 +++ superseded by execve in pid 8 +++\n"
        "7 <... execve resumed>) = 0\n"
    )
    items = tree.read(log)
    call = {
        "type": "call",
        "tid": 8,
        "name": "execve",
        "args": [{"name": "a", **integer(1)}],
        "result": integer(0),
    }
    exec = {"type": "exec", "tid": 7, "former_tid": 8}
    assert not compare("test", items, [exec, call], {}).differences


def test_signals() -> None:
    items = tree.read("7 --- SIGCHLD {si_signo=17 /* SIGCHLD */, si_pid=8} ---\n")
    info = {"si_signo": integer(17, "SIGCHLD"), "si_pid": integer(8)}
    event = {"type": "signal", "tid": 7, "name": "SIGCHLD", "info": info}
    assert not compare("test", items, [event], {}).differences
    event["info"] = info | {"si_pid": integer(9)}
    (difference,) = compare("test", items, [event], {}).differences
    assert (difference.place, difference.what) == ("signal SIGCHLD.info.si_pid", "value")


def test_calls_that_strace_does_not_know() -> None:
    items = tree.read("7 syscall_0x1ce(0x7000, 0x1, 0, 0x9, 0x9, 0x9) = -1 EINVAL (Invalid argument)\n")
    args = [
        {"name": "start", **value("address", "0x7000")},
        {"name": "len", **integer(1)},
        {"name": "flags", **flags(0)},
    ]
    failed = value("error", -22, error="EINVAL")
    event = {"type": "call", "tid": 7, "name": "mseal", "args": args, "result": failed}
    assert not compare("test", items, [event], {462: "mseal"}).differences
    nodes = (tree.Anything(), tree.Number(1), tree.Number(0))
    expected = [("mseal", Expected(nodes, tree.Number(-1), "EINVAL"))]
    assert not compare("test", items, [event], {462: "mseal"}, expected).differences
    for wrong in (
        Expected((*nodes[:2], tree.Number(5)), tree.Number(-1), "EINVAL"),
        Expected(nodes, tree.Number(-1), "EPERM"),
        Expected(nodes, tree.Number(0), None),
    ):
        assert compare("test", items, [event], {462: "mseal"}, [("mseal", wrong)]).differences
    assert compare("test", [], [], {}, expected).differences, "an expectation that nothing meets"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (-1, 0xFFFF_FFFF, True),
        (-1, 0xFFFF_FFFF_FFFF_FFFF, True),
        (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF, False),
        (1 << 32, 0, False),
        (-(1 << 31), 1 << 31, True),
        (5, 5, True),
    ],
)
def test_numbers_and_their_signs(one: int, other: int, *, same: bool) -> None:
    assert same_number(one, other) == same
