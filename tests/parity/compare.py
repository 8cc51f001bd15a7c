"""Where do strace's tree of a call and argtrace's JSON of it differ in value?

Both traced the same run, so process ids, addresses, times and inode numbers are equal or wrong. A thread's
calls and signals are laid side by side; of a pair each argument is compared: numbers as numbers, names of
constants as sets, strings byte for byte, structures by their members, arrays by their elements.

What counts as equal:

    a number      modulo its sign: strace prints -1 as 4294967295, or the other way round, as it likes
    names         all that strace gives
    a structure   all members strace prints have equals of ours; members only we print are no difference
    an address    the same number
    a set         the same numbers, whichever way they are written (`~[INT]`)

What strace leaves undecoded and argtrace does not is neither equal nor a difference, but `more`: the content
of memory of which strace prints the address, or the bytes; the name of a number that it has no name for. What
strace does say there must still be true: the address, the bytes, the number.

Each `Difference` belongs to one argument. What is left must have a reason in `explained.py`.

Not here: reading strace is `strace_tree.py`; running both `runs.py`; counting `report.py`.
"""

from __future__ import annotations

import base64
import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from argtrace.signature.layouts import Member, layout
from argtrace.signature.sizes import member_size
from tests.parity import strace_tree as tree
from tests.parity.strace_tree import Array, Change, Function, Members, Node, Number, Struct, Text

Json = Mapping[str, Any]

# ---------------------------------------------------------------- what comes out


@dataclass(frozen=True, slots=True)
class Difference:
    """`call`: its name; `path`: the argument, and the member in it: `msg.msg_iov[0].iov_base`.

    `what`: "missing" (a call), "extra" (a call), "result", "arity", "value", "names", "bytes", "length",
    "member", "element", "kind", "file".
    """

    program: str
    call: str
    path: str
    what: str
    strace: str
    argtrace: str

    @property
    def place(self) -> str:
        return f"{self.call}.{self.path}" if self.path else self.call

    def __str__(self) -> str:
        return (
            f"{self.program}: {self.place}: {self.what}: "
            f"strace {self.strace[:160]}, argtrace {self.argtrace[:160]}"
        )


def _unexplained(_: Difference) -> bool:
    return False


class Outcome(Enum):
    EQUAL = "equal"
    MORE = "more"
    EXPLAINED = "explained"
    DIFFERENT = "different"


@dataclass(slots=True)
class Tally:
    """How many there were of each outcome."""

    equal: int = 0
    more: int = 0
    explained: int = 0
    different: int = 0

    def add(self, outcome: Outcome) -> None:
        setattr(self, outcome.value, getattr(self, outcome.value) + 1)

    def include(self, other: Tally) -> None:
        self.equal += other.equal
        self.more += other.more
        self.explained += other.explained
        self.different += other.different

    @property
    def total(self) -> int:
        return self.equal + self.more + self.explained + self.different

    @property
    def share(self) -> float:
        """How much is equal of what strace decodes: an explained difference is none the less one."""
        compared = self.total - self.more
        return self.equal / compared if compared else 1.0


@dataclass(slots=True)
class Comparison:
    """`calls`: those of both; `scalars`, `pointers`: their arguments; `files`: descriptors with a name.

    `members`: numbers and strings that were compared. `more`: where only argtrace decodes.
    """

    calls: Tally = field(default_factory=Tally)
    results: Tally = field(default_factory=Tally)
    scalars: Tally = field(default_factory=Tally)
    pointers: Tally = field(default_factory=Tally)
    signals: Tally = field(default_factory=Tally)
    files: Tally = field(default_factory=Tally)
    members: int = 0
    differences: list[Difference] = field(default_factory=list)
    more: list[Difference] = field(default_factory=list)
    explains: Callable[[Difference], bool] = _unexplained

    def settle(self, tally: Tally, program: str, call: str, differ: _Differ) -> None:
        """Count one value, and keep what differs in it."""
        found = [replace(each, program=program, call=call) for each in differ.found]
        self.differences += found
        self.more += [replace(each, program=program, call=call) for each in differ.more]
        self.members += differ.leaves
        self.files.equal += differ.files
        for each in found:
            if each.what == "file":
                self.files.add(self._outcome([each]))
        tally.add(self._outcome([each for each in found if each.what != "file"], more=bool(differ.more)))

    def _outcome(self, found: Sequence[Difference], *, more: bool = False) -> Outcome:
        if not found:
            return Outcome.MORE if more else Outcome.EQUAL
        return Outcome.EXPLAINED if all(map(self.explains, found)) else Outcome.DIFFERENT


# ---------------------------------------------------------------- side by side

Event = tuple[str, Any]
"""A key that both sides give it, and the call, signal or line of JSON."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a program says of a call that strace does not know."""

    args: Sequence[Node]
    result: Number | tree.Anything | None
    error: str | None


def compare(
    program: str,
    strace: Sequence[tree.Item],
    argtrace: Sequence[Json],
    names: Mapping[int, str],
    expected: Iterable[tuple[str, Expected]] = (),
    explains: Callable[[Difference], bool] = _unexplained,
) -> Comparison:
    """All threads of a program. `names`: of calls by number, for those that strace does not know.

    `explains`: whether a difference has a reason.
    """
    comparison = Comparison(explains=explains)
    waiting: dict[str, list[Expected]] = {}
    for name, expectation in expected:
        waiting.setdefault(name, []).append(expectation)
    theirs = _threads_of_strace(strace, names)
    ours = _threads_of_argtrace(argtrace)
    killed = _killed_in_a_call(strace)
    for tid in sorted({*theirs, *ours}):
        _thread(program, theirs.get(tid, []), ours.get(tid, []), waiting, comparison, killed=tid in killed)
    for name, left in waiting.items():
        for expectation in left:
            comparison.differences.append(
                Difference(program, name, "", "missing", f"expected {expectation.args}", "none")
            )
    return comparison


def _threads_of_strace(items: Sequence[tree.Item], names: Mapping[int, str]) -> dict[int, list[Event]]:
    threads: dict[int, list[Event]] = {}
    for item in items:
        match item:
            case tree.Call(name=name):
                if name.startswith("syscall_0x"):
                    name = names.get(int(name[8:], 16), f"syscall_{int(name[8:], 16) & 0xFFFF_FFFF:#x}")
                threads.setdefault(item.tid, []).append((f"call {name}", replace(item, name=name)))
            case tree.Signal(name=name):
                threads.setdefault(item.tid, []).append((f"signal {name}", item))
            case tree.Exit():
                pass  # compared by tests/oracle
    return threads


def _killed_in_a_call(items: Sequence[tree.Item]) -> set[int]:
    """Threads that SIGKILL met in their last call. If it did at the entry, where strace had stopped them,
    there is no call: the kernel turns back (kernel/entry/common.c, syscall_trace_enter)."""
    found: set[int] = set()
    last: dict[int, tree.Item] = {}
    for item in items:
        match item:
            case tree.Exit(signal="SIGKILL"):
                call = last.get(item.tid)
                if isinstance(call, tree.Call) and call.result is None and call.error is None:
                    found.add(item.tid)
        last[item.tid] = item
    return found


def _threads_of_argtrace(events: Sequence[Json]) -> dict[int, list[Event]]:
    threads: dict[int, list[Event]] = {}
    replaced: dict[int, int] = {}
    for event in events:
        tid: int = event.get("tid", 0)
        match event["type"]:
            case "exec" if event["former_tid"] != tid:
                replaced[event["former_tid"]] = tid
            case "call":
                name = event["name"]
                if name.startswith("execve"):
                    # Entered by one thread, left as another: strace counts it to that one.
                    tid = replaced.pop(tid, tid)
                if name.startswith("syscall_0x"):
                    name = f"syscall_{int(name[8:], 16) & 0xFFFF_FFFF:#x}"
                threads.setdefault(tid, []).append((f"call {name}", event))
            case "signal":
                threads.setdefault(tid, []).append((f"signal {event['name']}", event))
    return threads


def _thread(
    program: str,
    theirs: list[Event],
    ours: list[Event],
    waiting: dict[str, list[Expected]],
    comparison: Comparison,
    *,
    killed: bool,
) -> None:
    keys = [key for key, _ in theirs], [key for key, _ in ours]
    for tag, a, b, c, d in difflib.SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            for (key, their), (_, our) in zip(theirs[a:b], ours[c:d], strict=True):
                if key.startswith("call"):
                    comparison.calls.add(Outcome.EQUAL)
                    expectation = _expectation(their, waiting)
                    _call(program, their, our, expectation, comparison)
                else:
                    _signal(program, their, our, comparison)
            continue
        for key, their in theirs[a:b]:
            if killed and their is theirs[-1][1]:
                continue  # perhaps it was never made
            _alone(comparison, program, key, "missing", str(their)[:200], "none")
        for key, our in ours[c:d]:
            _alone(comparison, program, key, "extra", "none", spell(our))


def _alone(comparison: Comparison, program: str, key: str, what: str, theirs: str, ours: str) -> None:
    """A call, or a signal, that only one of both saw."""
    kind, name = key.split()
    differ = _Differ()
    differ.found.append(Difference("", "", "", what, theirs, ours))
    comparison.settle(comparison.calls if kind == "call" else comparison.signals, program, name, differ)


def _expectation(call: tree.Call, waiting: dict[str, list[Expected]]) -> Expected | None:
    found = waiting.get(call.name)
    return found.pop(0) if found else None


def _signal(program: str, theirs: tree.Signal, ours: Json, comparison: Comparison) -> None:
    differ = _Differ()
    json = {"kind": "struct", "raw": "0x0", "value": ours["info"], "end": None}
    differ.value("info", theirs.info, json, json)
    comparison.settle(comparison.signals, program, f"signal {theirs.name}", differ)


def _call(
    program: str, theirs: tree.Call, ours: Json, expected: Expected | None, comparison: Comparison
) -> None:
    name = theirs.name
    _result(program, theirs, ours, expected, comparison)
    nodes, names, unknown = theirs.args, theirs.names, False
    if expected is not None:
        nodes = tuple(expected.args)
    elif len(nodes) == 6 and _all_words(nodes) and len(ours["args"]) < 6:
        nodes, unknown = nodes[: len(ours["args"])], True  # strace does not know it: words, as they are
    paired = _remark(theirs, nodes)
    for node, json in _aligned(name, paired, names, ours["args"]):
        differ = _Differ()
        if json is None or node is None:
            if json is not None and json["kind"] == "unused":
                continue
            said = "nothing" if node is None else spell_node(node)
            told = "nothing" if json is None else spell(json)
            path = json["name"] if json is not None else "?"
            differ.found.append(Difference("", "", path, "arity", said, told))
            comparison.settle(comparison.scalars, program, name, differ)
            continue
        if unknown:
            differ.word(json["name"], node, json)
        else:
            before, after = split(json)
            if (name, json["name"]) in _AT_ENTRY:
                before = after = at_entry(before)
            differ.value(json["name"], node, before, after)
        tally = comparison.pointers if is_pointer(node, json) else comparison.scalars
        comparison.settle(tally, program, name, differ)


def _all_words(nodes: Sequence[Node]) -> bool:
    return all(isinstance(node, Number) and node.names is None for node in nodes)


def _result(
    program: str, theirs: tree.Call, ours: Json, expected: Expected | None, comparison: Comparison
) -> None:
    value, error = theirs.result, theirs.error
    result = ours["result"]
    our_error = None if result is None else result.get("error")
    said = f"{value and value.value} {error or ''} {theirs.remark or ''}".strip()
    differ = _Differ()
    if expected is not None and not _as_expected(expected, value, error):
        wanted = f"expected {expected.result} {expected.error}"
        differ.found.append(Difference("", "", "result", "result", wanted, said))
    if value is not None and result is not None and error is None and our_error is None:
        differ.value("result", _remarked(value, theirs.remark), result, result)
    elif value is None and error is None:
        # `?`: it did not return.
        equal = result is None
        differ.found += [] if equal else [Difference("", "", "result", "result", said, spell(result))]
    elif error != our_error:
        told = "none" if result is None else spell(result)
        differ.found.append(Difference("", "", "result", "result", said, told))
    comparison.settle(comparison.results, program, theirs.name, differ)


def _as_expected(expected: Expected, value: Number | None, error: str | None) -> bool:
    if isinstance(expected.result, tree.Anything) or expected.result is None:
        return True
    if value is None or value.value != expected.result.value:
        return False
    return expected.error in (error, "_")


def _remarked(value: Number, remark: str | None) -> Number:
    """A result with the names that stand in parentheses after it: `0x8002 (flags O_RDWR|O_LARGEFILE)`."""
    if remark is None:
        return value
    words = re.sub(r"^(flags|seals) ", "", remark)
    node = tree.parse(words)
    if isinstance(node, tree.Other) and re.fullmatch(r"[A-Z][A-Z0-9_]*(\|[A-Z0-9_]+)*", words):
        names = tuple(words.split("|"))
        if names != ("Timeout",):
            return replace(value, names=names)
    if isinstance(node, Number) and node.value == value.value and node.names:
        return replace(value, names=node.names, complete=node.complete)
    return value


def _remark(call: tree.Call, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Arguments with what strace says of them after the result, as changes: poll, select, and their kin."""
    if call.name not in _AFTER:
        return tuple(nodes)
    changed = list(nodes)
    if call.result is None or call.error is not None:
        for position, _, _ in _AFTER[call.name]:
            if position < len(changed):
                changed[position] = Change(changed[position], tree.Anything())
        return tuple(changed)
    told = _told(call.remark)
    for position, word, cleared in _AFTER[call.name]:
        if position >= len(changed):
            continue
        after = told.get(word)
        if after is not None:
            changed[position] = Change(changed[position], after)
        elif cleared:
            changed[position] = Change(changed[position], _emptied(changed[position]))
        else:
            changed[position] = Change(changed[position], tree.Anything())
    return tuple(changed)


# Which argument the words after a result are about; whether it is emptied where they say nothing.
_AFTER = {
    "poll": ((0, "", False),),
    "ppoll": ((0, "", False), (2, "left", False)),
    "select": ((1, "in", True), (2, "out", True), (3, "except", True), (4, "left", False)),
    "pselect6": ((1, "in", True), (2, "out", True), (3, "except", True), (4, "left", False)),
    "recvmmsg": ((4, "left", False),),
    "recvmmsg_time64": ((4, "left", False),),
}


# What strace shows as it was when the call was made, and not what became of it.
_AT_ENTRY = frozenset(
    {
        ("copy_file_range", "off_in"),
        ("copy_file_range", "off_out"),
        ("splice", "off_in"),
        ("splice", "off_out"),
        ("capget", "header"),
    }
)


def _emptied(node: Node) -> Node:
    return Array(()) if isinstance(node, Array | Members) else node


def _told(remark: str | None) -> dict[str, Node]:
    """`in [3], left {tv_sec=1}` by its words; what has no word is under ""."""
    told: dict[str, Node] = {}
    if remark is None or remark == "Timeout":
        return told
    for word, text in re.findall(
        r"(?:(in|out|except|left) )?(\[(?:[^\[\]]|\[[^\]]*\])*\]|\{[^{}]*\})", remark
    ):
        told[word] = tree.parse(text)
    return told


# By name where strace prints them in another order.
_NAMED = {
    "clone": {
        "child_stack": "newsp",
        "flags": "clone_flags",
        "parent_tid": "parent_tidptr",
        "child_tidptr": "child_tidptr",
        "tls": "tls",
    }
}


def _aligned(
    call: str, nodes: Sequence[Node], names: Sequence[str], args: Sequence[Json]
) -> Iterator[tuple[Node | None, Json | None]]:
    """Arguments of both in pairs. strace leaves out what a call does not look at, we keep it as unused."""
    if names and call in _NAMED:
        theirs = {_NAMED[call].get(name, name): node for name, node in zip(names, nodes, strict=True)}
        for arg in args:
            yield theirs.pop(arg["name"], None), arg
        for node in theirs.values():
            yield node, None
        return
    left_out = len(args) - len(nodes)
    left = list(args)
    # The last ones first: they are unused most often.
    for arg in reversed(args):
        if left_out > 0 and arg["kind"] == "unused":
            left = [other for other in left if other is not arg]
            left_out -= 1
    for n in range(max(len(nodes), len(left))):
        yield nodes[n] if n < len(nodes) else None, left[n] if n < len(left) else None


# ---------------------------------------------------------------- one value


def is_pointer(node: Node, json: Json) -> bool:
    if not isinstance(node, Number | Function | tree.Other | tree.Anything):
        return True
    return json["kind"] in {"address", "string", "bytes", "list", "struct", "changed", "missing"}


def split(json: Json) -> tuple[Json, Json]:
    """Before and after."""
    return (json["before"], json["after"]) if json["kind"] == "changed" else (json, json)


def at_entry(json: Json) -> Json:
    """A value as it was before the call, at whatever depth."""
    return _half(json, "before")


def at_return(json: Json) -> Json:
    return _half(json, "after")


def _half(json: Json, which: str) -> Json:
    match json["kind"]:
        case "changed":
            return _half(json[which], which)
        case "struct":
            return {**json, "value": {name: _half(member, which) for name, member in json["value"].items()}}
        case "list":
            return {**json, "value": [_half(item, which) for item in json["value"]]}
    return json


def data_of(json: Json) -> bytes:
    """The bytes of a string or buffer."""
    if "base64" in json:
        return base64.b64decode(json["base64"])
    value: str | None = json["value"]
    return (value or "").encode()


def same_number(theirs: int, ours: int) -> bool:
    """The same bits in 64, or in 32 where both are numbers of 32 bits."""
    if (theirs - ours) % (1 << 64) == 0:
        return True
    low, high = -(1 << 31), 1 << 32
    return low <= theirs < high and low <= ours < high and (theirs - ours) % (1 << 32) == 0


# strace, with the headers it was built with, and our tables give one number two names.
ALIASES = {
    "AF_LOCAL": "AF_UNIX",
    "SIGPOLL": "SIGIO",
    "SIGIOT": "SIGABRT",
    "EWOULDBLOCK": "EAGAIN",
    "MAP_ANON": "MAP_ANONYMOUS",
    "RLIM64_INFINITY": "RLIM_INFINITY",
    "WUNTRACED": "WSTOPPED",
    "NT_FPREGSET": "NT_PRFPREG",
    "PTRACE_PEEKUSR": "PTRACE_PEEKUSER",
    "PTRACE_POKEUSR": "PTRACE_POKEUSER",
    "XTABS": "TAB3",
}


def alternatives(name: str) -> frozenset[str]:
    """One number may stand for two commands, and both may not say so: `SNDCTL_TMR_START or TCSETS`."""
    return frozenset(map(canonical, name.split(" or ")))


def canonical(name: str) -> str:
    """One spelling for what both may spell in two ways: a set of signals says INT where kill says SIGINT."""
    name = re.sub(r"<<\d+$", "", name)
    name = ALIASES.get(name, name)
    return tree.short_signal(name) or name


class _Differ:
    """Walks one argument, and keeps what differs."""

    def __init__(self) -> None:
        self.found: list[Difference] = []
        self.more: list[Difference] = []
        self.files = 0
        self.leaves = 0

    def _add(self, path: str, what: str, node: Node | str, json: Json | str) -> None:
        theirs = node if isinstance(node, str) else spell_node(node)
        ours = json if isinstance(json, str) else spell(json)
        self.found.append(Difference("", "", path, what, theirs, ours))

    def _more(self, path: str, what: str, node: Node, json: Json) -> None:
        """`what`: "memory", where strace prints an address; "bytes", where it prints those; "names"."""
        self.more.append(Difference("", "", path, what, spell_node(node), spell(json)))

    def word(self, path: str, node: Node, json: Json) -> None:
        """The register itself, where strace knows no more."""
        self.leaves += 1
        before, _ = split(json)
        assert isinstance(node, Number)
        words = [int(before["raw"], 16)]
        if isinstance(before.get("value"), int):
            words.append(before["value"])
        if not any(same_number(node.value, word) for word in words) and not _in_memory(before):
            self._add(path, "value", node, json)
        elif before["kind"] not in {"int", "address", "unused"} or "symbol" in before:
            self._more(path, "names" if before["kind"] in _NUMBERS else "memory", node, before)

    def value(self, path: str, node: Node, before: Json, after: Json) -> None:
        """`before` and `after` are one where nothing changed."""
        match node:
            case tree.Anything():
                return
            case Change(before=their_before, after=their_after):
                first, last = at_entry(before), at_return(after)
                self.value(f"{path}<", their_before, first, first)
                self.value(f"{path}>", their_after, last, last)
            case Struct():
                self._struct(path, node, before, after)
            case Array():
                self._array(path, node, before, after)
            case Members():
                self._members(path, node, after)
            case Text():
                self._text(path, node, after)
            case Number():
                self._number(path, node, after)
            case Function():
                self._function(path, node, after)
            case tree.Other():
                self._other(path, node, after)

    # -- leaves

    def _number(self, path: str, node: Number, json: Json) -> None:
        self.leaves += 1
        kind = json["kind"]
        match kind:
            case "int" | "flags" | "fd" | "pid" | "device" | "unused":
                words = node.parts and sum(part << 32 * n for n, part in enumerate(node.parts))
                if not same_number(node.value, json["value"]) and words != json["value"]:
                    self._add(path, "value", node, json)
                    return
                self._names(path, node, json)
                if kind == "fd":
                    self._file(path, node, json)
            case "address":
                if not same_number(node.value, int(json["value"], 16)):
                    self._add(path, "value", node, json)
            case "ip":
                data = ipaddress.ip_address(json["value"]).packed
                if node.value not in (int.from_bytes(data, "big"), int.from_bytes(data, "little")):
                    self._add(path, "value", node, json)
            case "missing" if same_number(node.value, int(json["raw"], 16)):
                pass  # neither could read what is there
            case _ if node.value and same_number(node.value, int(json["raw"], 16)):
                self._more(path, "memory", node, json)
            case "string" if node.value == int.from_bytes(data_of(json)[:4].ljust(4, b"\0"), "little"):
                self._more(path, "memory", node, json)  # a name where strace expects a number: "reno"
            case "list" if len(json["value"]) == 1 and json["value"][0]["kind"] in _NUMBERS:
                self._number(path, node, json["value"][0])
            case "struct" if len(json["value"]) == 1:
                self._number(path, node, next(iter(json["value"].values())))
            case "struct" if packs(json, (node.value % (1 << 64)).to_bytes(8, "little")):
                self._more(path, "memory", node, json)  # a number that we know the parts of
            case _:
                self._add(path, "kind", node, json)

    def _names(self, path: str, node: Number, json: Json) -> None:
        if json["kind"] in {"unused", "device"}:
            return
        if node.names is None:
            if names_of(json):
                self._more(path, "names", node, json)
            return
        theirs = [alternatives(name) for name in node.names]
        ours = [alternatives(name) for name in names_of(json)]
        lacking = [name for name in theirs if not any(name & other for other in ours)]
        further = [name for name in ours if not any(name & other for other in theirs)]
        if lacking or (further and node.complete and node.names):
            self._add(path, "names", node, json)
        elif further:
            self._more(path, "names", node, json)

    def _file(self, path: str, node: Number, json: Json) -> None:
        if node.file is None:
            return
        said = tree.unescape(node.file).decode("utf-8", "surrogateescape")
        if detail_of := json.get("detail"):
            # strace 6.1 calls a datagram socket UNIX.
            json = {**json, "detail": detail_of.replace("UNIX-DGRAM:", "UNIX:")}
        name = (
            base64.b64decode(json["path_base64"]) if "path_base64" in json else json.get("path", "").encode()
        )
        ours = name.decode("utf-8", "surrogateescape")
        detail = json.get("detail")
        if said in {ours, detail, f"{ours}<{detail}>"}:
            self.files += 1
        else:
            self._add(path, "file", said, f"{ours} {detail or ''}")

    def _text(self, path: str, node: Text, json: Json) -> None:
        self.leaves += 1
        data = (b"\0" if node.abstract else b"") + node.data
        match json["kind"]:
            case "string" | "bytes":
                ours = data_of(json)
                if node.cut or json["cut"]:
                    length = min(len(data), len(ours))
                    short = not length and len(data) != len(ours)
                    if data[:length] != ours[:length] or short:
                        self._add(path, "bytes", node, json)
                    elif length < 4000 and node.cut != json["cut"]:
                        self._add(path, "length", node, json)
                elif data != ours and not (json["kind"] == "string" and data.rstrip(b"\0") == ours):
                    self._add(path, "bytes", node, json)
            case "ip":
                if ipaddress.ip_address(json["value"]).packed != data:
                    self._add(path, "value", node, json)
            case "int" | "flags" | "fd" | "pid" | "device" | "unused":
                if node.note is not None and isinstance(node.note.args[0], Number):
                    self._function(path, node.note, json)
                elif json["value"] % (1 << 8 * len(data)) not in (
                    int.from_bytes(data, "little"),
                    int.from_bytes(data, "big"),
                ):
                    self._add(path, "value", node, json)
            case "list" | "struct" if not _strings(json):
                if packs(json, data, cut=node.cut) or laid(json, data):
                    self._more(path, "bytes", node, json)
                else:
                    self._add(path, "bytes", node, json)
            case "list" if all(item["kind"] == "string" for item in json["value"]):
                if b"".join(data_of(item) + b"\0" for item in json["value"]) != data:
                    self._add(path, "bytes", node, json)
            case _:
                self._add(path, "kind", node, json)

    def _function(self, path: str, node: Function, json: Json) -> None:
        self.leaves += 1
        numbers = [arg for arg in node.args if isinstance(arg, Number)]
        match node.name, json["kind"]:
            case (("htons" | "htonl" | "htobs" | "htobl"), ("int" | "flags")) if numbers:
                # The number that it stands for in this machine's order, or as it is on the wire.
                if not same_number(numbers[0].value, json["value"]):
                    self._add(path, "value", node, json)
                else:
                    self._names(path, numbers[0], json)
            case "makedev", "device":
                if [number.value for number in numbers] != [json["major"], json["minor"]]:
                    self._add(path, "value", node, json)
            case (("inet_addr" | "inet_pton"), "ip"):
                text = next(arg for arg in node.args if isinstance(arg, Text)).data.decode()
                if ipaddress.ip_address(text) != ipaddress.ip_address(json["value"]):
                    self._add(path, "value", node, json)
            case (("BPF_STMT" | "BPF_JUMP"), "struct"):
                # A statement has no jumps.
                numbers += [Number(0), Number(0)] if node.name == "BPF_STMT" else []
                for name, number in zip(("code", "k", "jt", "jf"), numbers, strict=True):
                    if name in json["value"]:
                        self._number(f"{path}.{name}", number, json["value"][name])
                    else:
                        self._add(f"{path}.{name}", "member", number, "no such member")
            case _:
                self._add(path, "kind", node, json)

    def _other(self, path: str, node: tree.Other, json: Json) -> None:
        """Names and numbers of an expectation: `AT_EMPTY_PATH|0x80`."""
        self.leaves += 1
        words = node.text.split("|")
        rest = sum(tree.number(word) for word in words if word[0].isdigit())
        theirs = {canonical(word) for word in words if not word[0].isdigit()}
        ours = {canonical(name) for name in names_of(json)} if json["kind"] in _NUMBERS else set()
        if theirs != ours or rest != json.get("rest", 0):
            self._add(path, "names", node, json)

    # -- compounds

    def _struct(self, path: str, node: Struct, before: Json, after: Json) -> None:
        if _heads(node) and _nested(after):
            self._elements(path, Array((node,)), before, after)
            return
        before, after = _unwrapped(before, node), _unwrapped(after, node)
        if after["kind"] in _NUMBERS and (widest := node.get("u64")) is not None:
            self.value(f"{path}.u64", widest, before, after)  # epoll_data
            return
        if "struct" not in {before["kind"], after["kind"]}:
            if after["kind"] == "list" and len(after["value"]) == 1:
                item = after["value"][0]
                self.value(path, node, *split(item))
            else:
                self._add(path, "kind", node, after)
            return
        befores: Json = before["value"] if before["kind"] == "struct" else {}
        afters: Json = after["value"] if after["kind"] == "struct" else {}
        for name, member in node.members:
            inner = f"{path}.{name}"
            ours = next(
                (ours for ours in _MEMBERS.get(name, (name,)) if ours in afters or ours in befores), None
            )
            if isinstance(member, Struct) and (ours is None or _flattened(member, afters, ours)):
                self._struct(inner, member, before, after)  # a part that is a structure of its own there
                continue
            if ours is None and isinstance(member, Text) and afters:
                # strace does not know what is there; we show it member by member.
                known = {own: json for own, json in afters.items() if node.get(own) is None}
                named = {**after, "value": known}
                if packs(named, member.data, cut=member.cut) or laid(named, member.data, _PREFIX):
                    self._more(inner, "bytes", member, after)
                else:
                    self._add(inner, "member", member, after)
                self.leaves += 1
                continue
            if ours is None and isinstance(member, Array) and member.more and not member.items:
                continue  # [...]: the address ends before it
            if ours is None:
                self._add(inner, "member", member, "no such member")
                continue
            first = split(befores[ours])[0] if ours in befores else split(afters[ours])[0]
            last = split(afters[ours])[1] if ours in afters else split(befores[ours])[1]
            self.value(inner, member, first, last)

    def _array(self, path: str, node: Array, before: Json, after: Json) -> None:
        if path in _WORDS and after["kind"] == "list":
            self._bits(path, node, after)
            return
        match after["kind"]:
            case "list":
                self._elements(path, _messages(node, after), before, after)
            case "bytes":
                ours = data_of(after)
                theirs = bytes(item.value & 0xFF for item in node.items if isinstance(item, Number))
                self.leaves += 1
                if theirs != ours or len(theirs) != len(node.items):
                    self._add(path, "bytes", node, after)
            case "unused" if not after["value"] and node.items:
                self.leaves += 1
                if any(not isinstance(item, Number) or item.value for item in node.items):
                    self._add(path, "value", node, after)  # reserved, and no zeros there
            case "struct" if node.indexes:
                for name, item in zip(node.indexes, node.items, strict=True):
                    key = next((key for key in (name, f"[{name}]") if key in after["value"]), None)
                    if key is not None:
                        self.value(f"{path}.{name}", item, *split(after["value"][key]))
                    else:
                        self._add(f"{path}.{name}", "member", item, "no such member")
            case "struct" if len(after["value"]) == 1:
                # A union that has one member here.
                ((name, last),) = after["value"].items()
                first = before["value"].get(name, last) if before["kind"] == "struct" else last
                self._array(path, node, split(first)[0], split(last)[1])
            case _ if len(node.items) == 1:
                # A cell: `[5]`.
                self.value(path, node.items[0], before, after)
            case _:
                self._add(path, "kind", node, after)

    def _elements(self, path: str, node: Array, before: Json, after: Json) -> None:
        ours, earlier = after["value"], before["value"] if before["kind"] == "list" else ()
        if (
            ours
            and all(item["kind"] == "struct" and "revents" in item["value"] for item in ours)
            and (node.items and all(isinstance(item, Struct) and item.get("revents") for item in node.items))
        ):
            self._revents(path, node, after)
            return
        if len(ours) != len(node.items) and not node.more and after["end"] is None:
            self._add(path, "element", f"{len(node.items)} of {spell_node(node)}", after)
            return
        if len(ours) < len(node.items):
            self._add(path, "element", f"{len(node.items)} of {spell_node(node)}", after)
        for n, (item, json) in enumerate(zip(node.items, ours, strict=False)):
            first = earlier[n] if n < len(earlier) else json
            self.value(f"{path}[{n}]", item, split(first)[0], split(json)[1])

    def _bits(self, path: str, node: Array, after: Json) -> None:
        """Words of 64 bits there, the numbers of the bits that are set here."""
        self.leaves += 1
        words = [item.value for item in node.items if isinstance(item, Number)]
        theirs = {64 * n + bit for n, word in enumerate(words) for bit in range(64) if word >> bit & 1}
        if theirs != {item["value"] for item in after["value"]}:
            self._add(path, "value", node, after)

    def _revents(self, path: str, node: Array, after: Json) -> None:
        """What poll says after its result: only those with events, by their descriptor."""
        left = [json["value"] for json in after["value"]]
        for n, item in enumerate(node.items):
            assert isinstance(item, Struct)
            fd = item.get("fd")
            assert isinstance(fd, Number)
            found = next((json for json in left if same_number(fd.value, json["fd"]["value"])), None)
            if found is None:
                self._add(f"{path}[{n}]", "element", item, after)
                continue
            left.remove(found)
            revents = item.get("revents")
            assert revents is not None
            self.value(f"{path}[{n}].revents", revents, *split(found["revents"]))
        for json in left:
            if split(json["revents"])[1]["value"]:
                self._add(path, "element", node, str(json)[:100])

    def _members(self, path: str, node: Members, json: Json) -> None:
        self.leaves += 1
        theirs = {item.value for item in node.items if isinstance(item, Number)}
        if any(
            name.startswith("ICMP_") for item in node.items for name in getattr(item, "names", None) or ()
        ):
            # Types of ICMP, counted from 0.
            everything, json = set(range(32)), json["value"][0] if json["kind"] == "list" else json
            theirs = everything - theirs if node.complement else theirs
        elif node.complement:
            theirs = set(range(1, 65)) - theirs
        match json["kind"]:
            case "list" if all(item["kind"] in _NUMBERS for item in json["value"]):
                ours = {item["value"] for item in json["value"]}
            case "flags":
                ours = {n + 1 for n in range(64) if json["value"] >> n & 1}
            case "int":
                ours = {n for n in range(64) if json["value"] >> n & 1}
            case _:
                self._add(path, "kind", node, json)
                return
        if theirs != ours:
            self._add(path, "value", node, json)
            return
        if json["kind"] == "list":
            named = {item["value"]: item for item in json["value"]}
            for item in node.items:
                if isinstance(item, Number) and not node.complement:
                    self._names(path, item, named[item.value])


_NUMBERS = frozenset({"int", "flags", "fd", "pid", "unused", "device"})

# A member of strace's, and what it may be called with us.
_MEMBERS = {
    "sigmask": ("sigmask", "p"),
    "sigsetsize": ("sigsetsize", "size"),
    "imr_interface": ("imr_interface", "imr_address"),
    "ipv6mr_interface": ("ipv6mr_interface", "ipv6mr_ifindex"),
    "sin_family": ("sin_family", "sa_family"),
    "ifc_buf": ("ifc_buf", "ifc_ifcu"),
}


# Sets of nodes: strace prints their words.
_WORDS = frozenset({"nmask", "old_nodes", "new_nodes"})


# A socket address's family, before the bytes that strace shows.
_PREFIX = 2


def _flattened(part: Struct, members: Json, own: str) -> bool:
    """Whether all members of a part are ours too, though one is called as the part: bpf_attr's info.info."""
    names = [name for name, _ in part.members]
    return own in names and all(name in members for name in names)


def _nested(json: Json) -> bool:
    """Messages of netlink, or attributes: a list of lists, each a header and what follows it."""
    return json["kind"] == "list" and bool(json["value"]) and json["value"][0]["kind"] == "list"


def _messages(node: Array, json: Json) -> Array:
    """strace shows one message without a list around it, and a header that is all there is alone."""
    first, *others = node.items or (None,)
    several = others and all(_heads(each) for each in others)
    return Array((node,)) if _nested(json) and _heads(first) and not several else node


def _heads(node: Node | None) -> bool:
    """Whether it is the header of a message of netlink, or of an attribute."""
    return isinstance(node, Struct) and any(node.get(name) is not None for name in ("nlmsg_len", "nla_len"))


def _strings(json: Json) -> bool:
    return json["kind"] == "list" and bool(json["value"]) and json["value"][0]["kind"] == "string"


def packs(json: Json, data: bytes, *, cut: bool = False) -> bool:
    """Whether these bytes can be what we read a structure from.

    Of layouts nothing is known here: each number must follow the one before it, in 8, 4, 2 or 1 bytes,
    either way round, with nothing but zeros between them and after them.
    """
    places = {0}
    for leaf in _leaves(json):
        found = set()
        for place in places:
            for at in range(place, len(data) + 1):
                found |= {at + len(form) for form in _forms(leaf) if data.startswith(form, at)}
                if at < len(data) and data[at]:
                    break
        if cut and not found:
            return max(places) + 8 > len(data)
        places = found
    return any(not data[place:].strip(b"\0") for place in places)


def laid(json: Json, data: bytes, start: int = 0) -> bool:
    """Whether these bytes, from `start` on, are the structure as it lies in memory: every member that it has
    there, at its place; what is between them is nobody's."""
    try:
        described = layout(json["type"])
    except KeyError:
        return False
    data = bytes(start) + data
    checked = 0
    for member in described.members:
        end = member.offset + member_size(member.type)
        if member.offset < start or end > len(data):
            continue
        value = json["value"].get(member.name)
        if value is None or not _lies(value, member, data[member.offset : end]):
            return False
        checked += 1
    return checked > 0 and not data[described.size :].strip(b"\0")


def _lies(value: Json, member: Member, data: bytes) -> bool:
    if member.bits is not None:
        first, count = member.bits
        return bool(value["value"] == int.from_bytes(data, "little") >> first & (1 << count) - 1)
    if value["kind"] == "struct":
        return laid(value, data) or packs(value, data)
    return packs(value, data)


def _leaves(json: Json) -> Iterator[Json]:
    match json["kind"]:
        case "struct":
            for member in json["value"].values():
                yield from _leaves(member)
        case "list":
            for item in json["value"]:
                yield from _leaves(item)
        case "changed":
            yield from _leaves(json["after"])
        case _:
            yield json


def _forms(leaf: Json) -> set[bytes]:
    match leaf["kind"]:
        case "ip":
            return {ipaddress.ip_address(leaf["value"]).packed}
        case "string" | "bytes":
            return {data_of(leaf)}
        case "address":
            return {int(leaf["value"], 16).to_bytes(8, "little")}
        case "missing":
            return set()
    number = leaf["value"]
    forms = set()
    for width in (1, 2, 4, 8):
        if -(1 << 8 * width - 1) <= number < 1 << 8 * width:
            word = number % (1 << 8 * width)
            forms |= {word.to_bytes(width, "little"), word.to_bytes(width, "big")}
    return forms


def _unwrapped(json: Json, node: Struct) -> Json:
    """A structure that is the only member of another, as a pointer in an array is with us."""
    if json["kind"] == "struct" and len(json["value"]) == 1:
        ((name, inner),) = json["value"].items()
        if node.get(name) is None and inner["kind"] == "struct":
            found: Json = inner
            return found
    return json


def _in_memory(json: Json) -> bool:
    """A value that was read from memory keeps no address: then the register is unknown."""
    return json["kind"] in {"int", "flags", "fd", "pid", "list"} and int(json["raw"], 16) < 1 << 32


def names_of(json: Json) -> tuple[str, ...]:
    """Without those that are numbers: a mode's permissions."""
    if json["kind"] == "flags":
        return tuple(name for name in json["names"] if not name[0].isdigit())
    return (json["symbol"],) if "symbol" in json and not _STATUS.match(json["symbol"]) else ()


# A wait status is said in words: its number is compared.
_STATUS = re.compile(r"(exited with|killed by|stopped by|continued)\b")


# ---------------------------------------------------------------- for people


def spell(json: Json) -> str:
    """A value of ours as a line."""
    match json.get("kind"):
        case None:
            return f"{json.get('name')}({', '.join(spell(arg) for arg in json.get('args', ()))})"
        case "int":
            return f"{json['value']}" + (f" {json['symbol']}" if "symbol" in json else "")
        case "flags":
            rest = (f"{json['rest']:#x}",) if json["rest"] else ()
            return f"{json['value']:#x} {'|'.join((*json['names'], *rest))}"
        case "string" | "bytes":
            return (
                f"{data_of(json)[:60]!r} ({json['kind']}, {json['length']}{', cut' if json['cut'] else ''})"
            )
        case "list":
            end = "" if json["end"] is None else f" {spell(json['end'])}"
            return f"[{', '.join(spell(item) for item in json['value'])}{end}]"
        case "struct":
            end = "" if json["end"] is None else f" {spell(json['end'])}"
            members = (f"{name}={spell(member)}" for name, member in json["value"].items())
            return f"{{{', '.join(members)}{end}}}"
        case "changed":
            return f"{spell(json['before'])} => {spell(json['after'])}"
        case "missing":
            return f"missing {json['raw']} {json['why']} {json['reason']}"
        case "error":
            return f"{json['value']} {json['error']}"
    return f"{json['kind']} {json['value']}"


def spell_node(node: Node) -> str:
    """A value of strace's as a line."""
    match node:
        case Number():
            names = "" if not node.names else " " + "|".join(node.names)
            return f"{node.value:#x}{names}" if abs(node.value) > 1 << 20 else f"{node.value}{names}"
        case Text():
            return f"{node.data[:60]!r} ({len(node.data)}{', cut' if node.cut else ''})"
        case Struct():
            members = (f"{name}={spell_node(member)}" for name, member in node.members)
            return f"{{{', '.join(members)}{', ...' if node.more else ''}}}"
        case Array():
            return f"[{', '.join(spell_node(item) for item in node.items)}{', ...' if node.more else ''}]"
        case Members():
            sign = "~" if node.complement else ""
            return f"{sign}[{' '.join(spell_node(item) for item in node.items)}]"
        case Change():
            return f"{spell_node(node.before)} => {spell_node(node.after)}"
        case Function():
            return f"{node.name}({', '.join(spell_node(arg) for arg in node.args)})"
        case tree.Anything():
            return "_"
        case tree.Other():
            return node.text
