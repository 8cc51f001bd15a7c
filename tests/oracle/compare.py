"""Where do a trace of ours and two of strace's differ, and is there a reason?

The same command is traced three times, at the same addresses (`setarch -R`): by strace with
`-e raw=all`, which prints every register as it is; by strace with strings; by argtrace. The two
of strace's become one `Trace`, ours another, and each thread's steps are laid side by side.

Threads are known by how they came to be: "0" is the command, "0.2" its second child, so that the
ids that a kernel gives out do not matter. A word that is such an id on one side must be that of
the same thread on the other.

A difference is a value. What may differ, and why, is the table ALLOWED; each row also tests what
must be so if its reason is true.

Not here: reading strace's log is `strace_log.py`; running all this is `test_strace.py`.
"""

from __future__ import annotations

import base64
import difflib
import errno
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, TypeVar

from tests.oracle import strace_log
from tests.oracle.strace_log import Cut

Json = Mapping[str, Any]

FORKS = frozenset({"fork", "vfork", "clone", "clone3"})

PARENT = "the tracer"
"""Whose child the command is."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Memory that the tracer could not read; strace prints its address."""

    address: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """Of a buffer, as much as argtrace was asked for."""

    data: bytes


class Elsewhere(Enum):
    """Structures and arrays: what they mean is compared by `tests/parity`, here only their address."""

    ELSEWHERE = "compared elsewhere"


ELSEWHERE = Elsewhere.ELSEWHERE

Text = bytes | Cut | Beginning | Elsewhere | Unreadable | list["Text"] | None


@dataclass(frozen=True, slots=True)
class Argument:
    """`word`: the register; `number`: what was printed as a plain number; `text`: a string, strings."""

    word: int
    number: int | None = None
    text: Text = None


@dataclass(frozen=True, slots=True)
class Call:
    """`result` is None if the call did not return; `error` may name a restart."""

    name: str
    args: tuple[Argument, ...]
    result: int | None
    error: str | None
    handler: int | None = None  # of strace's rt_sigaction: SIG_DFL, SIG_IGN or an address, if it sets one


@dataclass(frozen=True, slots=True)
class Signal:
    """`info`: si_code, si_pid and the like, as numbers. `ignored`: nobody would see it but a tracer."""

    name: str
    info: Mapping[str, int]
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class End:
    status: int | None
    signal: str | None


Step = Call | Signal | End


@dataclass(frozen=True, slots=True)
class Trace:
    """`threads`: the steps of each; `ids`: which thread an id was.

    `restarts`: calls that were interrupted and made again only since there was a tracer.
    """

    threads: Mapping[str, Sequence[Step]]
    ids: Mapping[int, str]
    restarts: int = 0

    @property
    def calls(self) -> int:
        return sum(isinstance(step, Call) for steps in self.threads.values() for step in steps)


@dataclass(frozen=True, slots=True)
class Difference:
    """`what`: "missing", "extra", "result", or of an argument "word", "number", "text"; and so on.

    `after` and `before` are the steps around it, of the side that has them.
    """

    thread: str
    what: str
    strace: object
    argtrace: object
    step: Step
    argument: int | None = None
    after: Step | None = None
    before: Step | None = None

    def __str__(self) -> str:
        name = "end" if isinstance(self.step, End) else self.step.name
        place = name if self.argument is None else f"{name}, argument {self.argument}"
        theirs, ours = str(self.strace)[:200], str(self.argtrace)[:200]
        return f"thread {self.thread}: {place}: {self.what}: strace {theirs}, argtrace {ours}"


@dataclass(slots=True)
class Comparison:
    """`calls`: those that both have; `differing`: those of them with a difference that has no reason."""

    calls: int = 0
    words: int = 0
    texts: int = 0
    differences: list[Difference] = field(default_factory=list)
    allowed: dict[str, list[Difference]] = field(default_factory=dict)


class Disagreement(Exception):
    """strace's two traces are not of the same calls: the program is not deterministic."""


# ---------------------------------------------------------------- strace


def from_strace(words: str, strings: str, parent: tuple[int, int], *, shell: bool = False) -> Trace:
    """One Trace of two logs. `parent`: strace's own process id, in each. Raises Disagreement.

    `shell`: leave out SIGCHLD and the return of its handler. Of several children that end, a shell
    handles one signal or more, and in which of its calls they meet it is a matter of time.
    """
    raw, raw_ids = _threads(strace_log.read(words), parent[0])
    full, full_ids = _threads(strace_log.read(strings), parent[1])
    if raw.keys() != full.keys() or sorted(raw_ids.values()) != sorted(full_ids.values()):
        raise Disagreement(f"threads {sorted(raw)} and {sorted(full)}")
    named = {name: id for id, name in raw_ids.items()}
    to_raw = {id: named[name] for id, name in full_ids.items()}
    threads = {}
    restarts = 0
    for name in raw:
        one, dropped = _unrestarted(raw[name])
        other, _ = _unrestarted(full[name])
        if shell:
            one, other = _without_children(one), _without_children(other)
        restarts += dropped
        threads[name] = list(_joined(name, one, other, to_raw))
    _mark_ignored(threads)
    return Trace(threads, raw_ids, restarts)


Items = list[strace_log.Item]


def _threads(items: Items, parent: int) -> tuple[dict[str, Items], dict[int, str]]:
    by_id: dict[int, Items] = {}
    for item in items:
        by_id.setdefault(item.tid, []).append(item)
    children = {
        tid: [item.result for item in of_it if isinstance(item, strace_log.Call) and _forked(item)]
        for tid, of_it in by_id.items()
    }
    ids = _names(items[0].tid, children, parent)
    return {ids[tid]: of_it for tid, of_it in by_id.items()}, ids


def _forked(call: strace_log.Call | Call) -> bool:
    return call.name in FORKS and call.result is not None and call.result > 0


def _names(root: int, children: Mapping[int, Sequence[int | None]], parent: int) -> dict[int, str]:
    names = {parent: PARENT, root: "0"}
    queue = [root]
    for tid in queue:
        for n, child in enumerate(children.get(tid, ()), 1):
            assert child is not None
            names[child] = f"{names[tid]}.{n}"
            queue.append(child)
    return names


def _joined(thread: str, raw: Items, full: Items, to_raw: Mapping[int, int]) -> Iterator[Step]:
    """The steps of the first, its calls joined with those of the other; only these must agree."""
    calls = (item for item in full if isinstance(item, strace_log.Call))
    for item in raw:
        match item:
            case strace_log.Call():
                other = next(calls, None)
                if other is None or (item.name, item.error) != (other.name, other.error):
                    raise Disagreement(f"thread {thread}: {item} and {other}")
                yield _call(item, other, to_raw)
            case strace_log.Signal():
                yield Signal(item.name, _info(item.info))
            case strace_log.Exit():
                yield End(item.status, item.signal)
    if other := next(calls, None):
        raise Disagreement(f"thread {thread}: nothing and {other}")


def _call(raw: strace_log.Call, full: strace_log.Call, to_raw: Mapping[int, int]) -> Call:
    args = []
    printed = full.args if full.name not in _REORDERED else ()
    for n, word in enumerate(_words(raw)):
        value = strace_log.value(printed[n]) if n < len(printed) else None
        number = value if isinstance(value, int) else None
        if number is not None and _int32(number) != _int32(word):
            number = to_raw.get(number, number)
        args.append(Argument(word, number, _text(value, word)))
    handler = None
    if full.name == "rt_sigaction" and full.error is None and (sets := _HANDLER.match(full.args[1])):
        handler = int(sets[1], 0) if sets[1].startswith("0x") else 0
    # In words, an error is -1 and its name.
    result = None if raw.result is None or raw.error else _signed(raw.result)
    return Call(raw.name, tuple(args), result, raw.error, handler)


_HANDLER = re.compile(r"\{sa_(?:handler|sigaction)=(\w+)")

# Not in the order of the call: `clone(child_stack=NULL, flags=…`.
_REORDERED = frozenset({"clone"})


def _words(call: strace_log.Call) -> Iterator[int]:
    for arg in call.args:
        if arg.startswith("<... resuming"):  # restart_syscall has none, and strace says whose it is
            return
        word = strace_log.value(arg)
        assert isinstance(word, int), arg
        yield word & 0xFFFF_FFFF_FFFF_FFFF


def _text(value: strace_log.Value | None, word: int) -> Text:
    match value:
        case bytes() | Cut():
            return value
        case list() if all(isinstance(item, bytes | Cut | int) for item in value):
            return [Unreadable(item) if isinstance(item, int) else item for item in value]  # type: ignore[misc]
        case int() if word:
            return Unreadable(word)
        case _:
            return None


def _info(members: Mapping[str, str]) -> dict[str, int]:
    values = {name: strace_log.value(text) for name, text in members.items()}
    return {name: _signed(value) for name, value in values.items() if isinstance(value, int)}


# Signals that do nothing unless there is a handler: signal(7).
_DEFAULT_IGNORED = frozenset({"SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"})
_SIG_DFL, _SIG_IGN = 0, 1


def _mark_ignored(threads: dict[str, list[Step]]) -> None:
    """Say of each signal whether it is one that is not delivered unless there is a tracer."""
    queue: list[tuple[str, dict[int, int]]] = [("0", {})]
    for thread, inherited in queue:
        handlers = dict(inherited)
        children = 0
        steps = threads.get(thread, [])
        for n, step in enumerate(steps):
            match step:
                case Call(name="rt_sigaction", handler=int() as handler):
                    handlers[step.args[0].word] = handler
                case Call(name="execve" | "execveat", error=None):
                    handlers = {number: _SIG_IGN for number, how in handlers.items() if how == _SIG_IGN}
                case Call() if _forked(step):
                    children += 1
                    queue.append((f"{thread}.{children}", dict(handlers)))
                case Signal(name=name, info=info):
                    how = handlers.get(info["si_signo"], _SIG_DFL)
                    ignored = how == _SIG_IGN or (how == _SIG_DFL and name in _DEFAULT_IGNORED)
                    steps[n] = replace(step, ignored=ignored)


def _unrestarted(items: Items) -> tuple[Items, int]:
    """Without calls that a signal interrupted which nobody handled, and that were then made again.

        wait4(-1, …) = ? ERESTARTSYS
        --- SIGCHLD … ---                   (no handler's rt_sigreturn here)
        wait4(-1, …) = 3030

    When that happens is a matter of time. Also says how many there were.
    """
    kept: Items = []
    dropped = 0
    for item in items:
        if isinstance(item, strace_log.Call):
            n = len(kept)
            while (
                n and isinstance(signal := kept[n - 1], strace_log.Signal) and signal.name in _DEFAULT_IGNORED
            ):
                n -= 1
            interrupted = kept[n - 1] if 0 < n < len(kept) else None
            if (
                isinstance(interrupted, strace_log.Call)
                and interrupted.error in _RESTARTS
                and item.name in {interrupted.name, "restart_syscall"}
            ):
                del kept[n - 1]
                dropped += 1
                if item.name == "restart_syscall":
                    item = replace(item, name=interrupted.name, args=interrupted.args)  # noqa: PLW2901
        kept.append(item)
    return kept, dropped


S = TypeVar("S", bound=Step | strace_log.Item)


def _without_children(steps: Iterable[S]) -> list[S]:
    kept = []
    handled = 0
    for step in steps:
        match step:
            case Signal(name="SIGCHLD") | strace_log.Signal(name="SIGCHLD"):
                handled += 1
            case Call(name="rt_sigreturn") | strace_log.Call(name="rt_sigreturn") if handled:
                handled -= 1
            case _:
                kept.append(step)
    return kept


# ---------------------------------------------------------------- argtrace


def from_argtrace(events: Iterable[Json], parent: int, *, shell: bool = False) -> Trace:
    """A Trace of the events of `argtrace --json`. `parent`: argtrace's own process id.

    `shell`: see `from_strace`.
    """
    by_id: dict[int, list[Step]] = {}
    replaced: dict[int, int] = {}
    for event in events:
        if event["type"] == "exec" and event["former_tid"] != event["tid"]:
            replaced[event["former_tid"]] = event["tid"]
        step = _step(event)
        if step is not None:
            tid = event["tid"]
            if isinstance(step, Call) and step.name.startswith("execve"):
                # Entered by one thread, left as another: strace counts it to that one.
                tid = replaced.pop(tid, tid)
            by_id.setdefault(tid, []).append(step)
    if shell:
        by_id = {tid: _without_children(steps) for tid, steps in by_id.items()}
    children = {
        tid: [step.result for step in steps if isinstance(step, Call) and _forked(step)]
        for tid, steps in by_id.items()
    }
    ids = _names(next(iter(by_id)), children, parent)
    return Trace({ids.get(tid, f"unknown {tid}"): steps for tid, steps in by_id.items()}, ids)


def _step(event: Json) -> Step | None:
    match event["type"]:
        case "call":
            args = tuple(_argument(arg, decoded=event["abi"] is None) for arg in event["args"])
            if event["result"] is None:
                return Call(event["name"], args, None, None)
            result = _signed(int(event["result"]["raw"], 16))
            return Call(event["name"], args, result, event["result"].get("error"))
        case "signal":
            info = {name: _signed(int(value["raw"], 16)) for name, value in event["info"].items()}
            return Signal(event["name"], info)
        case "exit":
            return End(event["status"], event["signal"])
    return None


def _argument(arg: Json, *, decoded: bool) -> Argument:
    word = int(arg["raw"], 16)
    match arg["kind"]:
        case "string" | "missing":
            return Argument(word, text=_json_text(arg))
        case "list" if arg["name"] in ("argv", "envp"):
            return Argument(word, text=_json_text(arg))
        case "bytes":
            return Argument(word, text=Beginning(_data(arg)))
        case "struct" | "list" | "changed":
            return Argument(word, text=ELSEWHERE)
        case "address":
            return Argument(word, word)
        case _:
            return Argument(word, arg["value"] if decoded else None)


def _data(arg: Json) -> bytes:
    return base64.b64decode(arg["base64"]) if "base64" in arg else arg["value"].encode()


def _json_text(arg: Json) -> Text:
    match arg["kind"]:
        case "string":
            return Cut(_data(arg)) if arg["cut"] else _data(arg)
        case "list":
            end = [] if arg["end"] is None else [arg["end"]]
            return [_json_text(item) for item in (*arg["value"], *end)]
        case _:
            return Unreadable(int(arg["raw"], 16))


# ---------------------------------------------------------------- side by side


def compare(strace: Trace, argtrace: Trace) -> Comparison:
    comparison = Comparison()
    for thread in sorted({*strace.threads, *argtrace.threads}):
        ours, theirs = argtrace.threads.get(thread, ()), strace.threads.get(thread, ())
        for difference in _steps(thread, theirs, ours, strace, argtrace, comparison):
            for name, row in ALLOWED.items():
                if row.applies(difference):
                    comparison.allowed.setdefault(name, []).append(difference)
                    break
            else:
                comparison.differences.append(difference)
    return comparison


def _key(step: Step) -> tuple[str, str]:
    match step:
        case Call(name=name):
            if name.startswith("syscall_"):
                name = f"syscall_{int(name[8:], 16) & 0xFFFF_FFFF:#x}"
            return ("call", name)
        case Signal():
            return ("signal", step.name)
        case End():
            return ("end", "")


def _at(steps: Sequence[Step], n: int) -> Step | None:
    return steps[n] if 0 <= n < len(steps) else None


def _steps(
    thread: str,
    theirs: Sequence[Step],
    ours: Sequence[Step],
    strace: Trace,
    argtrace: Trace,
    comparison: Comparison,
) -> Iterator[Difference]:
    # Such a signal meets another call each time: it would only confuse who belongs to whom.
    seen = {step.name for step in ours if isinstance(step, Signal)}
    unseen = [step for step in theirs if isinstance(step, Signal) and step.ignored and step.name not in seen]
    for signal in unseen:
        yield Difference(thread, "missing", signal, None, signal)
    theirs = [step for step in theirs if not any(step is signal for signal in unseen)]
    keys = [_key(step) for step in theirs], [_key(step) for step in ours]
    for tag, a, b, c, d in difflib.SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag != "equal":
            for n in range(a, b):
                yield Difference(
                    thread,
                    "missing",
                    theirs[n],
                    None,
                    theirs[n],
                    None,
                    _at(theirs, n - 1),
                    _at(theirs, n + 1),
                )
            for n in range(c, d):
                yield Difference(
                    thread, "extra", None, ours[n], ours[n], None, _at(ours, n - 1), _at(ours, n + 1)
                )
            continue
        for n, m in zip(range(a, b), range(c, d), strict=True):
            around = (_at(theirs, n - 1), _at(theirs, n + 1))
            for difference in _pair(thread, theirs[n], ours[m], strace, argtrace, comparison):
                yield replace(difference, after=around[0], before=around[1])


def _pair(
    thread: str, theirs: Step, ours: Step, strace: Trace, argtrace: Trace, comparison: Comparison
) -> Iterator[Difference]:
    def same(their: int | None, our: int | None) -> bool:
        return their == our or _same_thread(their, our, strace, argtrace)

    match theirs, ours:
        case Call(), Call():
            comparison.calls += 1
            if theirs.name != ours.name:
                yield Difference(thread, "name", theirs.name, ours.name, theirs)
            result = theirs.result if theirs.error is None else _code(theirs.error)
            if theirs.error != ours.error or not same(result, ours.result):
                their, our = (theirs.error, result), (ours.error, ours.result)
                yield Difference(thread, "result", their, our, theirs)
            if len(theirs.args) != len(ours.args):
                yield Difference(thread, "arity", len(theirs.args), len(ours.args), theirs)
            for n, (their_arg, our_arg) in enumerate(zip(theirs.args, ours.args, strict=False), 1):
                comparison.words += 1
                if not same(their_arg.word, our_arg.word):
                    their_word, our_word = hex(their_arg.word), hex(our_arg.word)
                    yield Difference(thread, "word", their_word, our_word, theirs, n)
                numbers = None not in (their_arg.number, our_arg.number)
                if numbers and not same(their_arg.number, our_arg.number):
                    yield Difference(thread, "number", their_arg.number, our_arg.number, theirs, n)
                comparison.texts += isinstance(our_arg.text, bytes | Cut | list)
                if _differ(their_arg, our_arg):
                    yield Difference(thread, "text", their_arg.text, our_arg.text, theirs, n)
        case Signal(), Signal():
            for name in sorted(_COMPARED_INFO & {*theirs.info, *ours.info}):
                their_value, our_value = theirs.info.get(name), ours.info.get(name)
                if name == "si_code" and their_value is not None:
                    their_value = _int32(their_value)  # strace prints it without a sign
                if not same(their_value, our_value):
                    yield Difference(thread, name, their_value, our_value, theirs)
        case _:
            if theirs != ours:
                yield Difference(thread, "end", theirs, ours, theirs)


# Not the times that a child took, nor addresses of unions that only one of the two decodes.
_COMPARED_INFO = frozenset(
    {"si_signo", "si_code", "si_errno", "si_pid", "si_uid", "si_status", "si_addr", "si_syscall", "si_arch"}
    | {"si_timerid", "si_overrun", "si_fd", "si_band"}
)


def _same_thread(their: int | None, our: int | None, strace: Trace, argtrace: Trace) -> bool:
    """Two ids of one thread, or two process groups: -1234."""
    if their is None or our is None:
        return False
    for sign in (1, -1):
        name = strace.ids.get(_int32(their * sign))
        if name is not None and name == argtrace.ids.get(_int32(our * sign)):
            return True
    return False


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def _int32(value: int) -> int:
    low = value & 0xFFFF_FFFF
    return low - (1 << 32) if low >> 31 else low


# include/linux/errno.h: codes that no program ever sees.
_RESTARTS = {"ERESTARTSYS": 512, "ERESTARTNOINTR": 513, "ERESTARTNOHAND": 514, "ERESTART_RESTARTBLOCK": 516}


def _code(name: str) -> int | None:
    number = _RESTARTS.get(name) or getattr(errno, name, None)
    return None if number is None else -number


def _differ(theirs: Argument, ours: Argument) -> bool:
    their, our = theirs.text, ours.text
    if our is ELSEWHERE:
        return False
    if isinstance(our, Beginning):
        whole = their.data if isinstance(their, Cut) else their
        return isinstance(whole, bytes) and not whole.startswith(our.data)
    if our is None:
        # We took it for a number or an address: strace may have printed neither string nor strings.
        return isinstance(their, bytes | Cut) or (
            isinstance(their, list) and any(isinstance(item, bytes | Cut) for item in their)
        )
    if isinstance(our, list):
        return not _same_strings(their if isinstance(their, list) else [their], our)
    if isinstance(their, Cut) and isinstance(our, Cut):
        # Each stops where it wants; that far they agree, and it is far enough for any path.
        length = min(len(their.data), len(our.data))
        return length < 4095 or their.data[:length] != our.data[:length]
    return their != our


def _same_strings(theirs: list[Text], ours: list[Text]) -> bool:
    """Two arrays, strings and addresses that cannot be read. Where the array itself ends in the
    unreadable, argtrace does not say at which address."""
    return len(theirs) == len(ours) and all(
        their == our or (our == Unreadable(0) and isinstance(their, Unreadable))
        for their, our in zip(theirs, ours, strict=True)
    )


# ---------------------------------------------------------------- what may differ


def _untouched(difference: Difference) -> bool:
    step = difference.step
    refused = isinstance(step, Call) and step.name == "write" and (step.result is None or step.result <= 0)
    return refused or _place(difference) in _UNTOUCHED


@dataclass(frozen=True, slots=True)
class Allowed:
    """`reason` is about the kernel, about strace, or what we do not promise; `applies` tests what it
    implies. `by_chance`: two runs may be the same."""

    reason: str
    applies: Callable[[Difference], bool]
    by_chance: bool = False


def _place(difference: Difference) -> tuple[str, int]:
    name = difference.step.name if isinstance(difference.step, Call) else ""
    return name, difference.argument or 0


# What nobody can foretell: random bytes; a path or a name with a process id or an inode in it.
_RANDOM = frozenset({("getrandom", 1), ("readlink", 2)})

# Calls of our targets that fail before they look at a name that nobody has touched.
_UNTOUCHED = frozenset({("openat2", 2), ("uselib", 1), ("symlinkat", 3)})

_SIGINFO = 128
"""Bytes of a signalfd_siginfo: include/uapi/linux/signalfd.h."""

_INT = "int in the kernel; strace prints it without a sign"
_ID = "an id has no sign in the kernel; strace prints -1, which means 'no change'"

# Words that the two read differently, by include/linux/syscalls.h.
_READINGS: Mapping[tuple[str, int], str] = {
    ("truncate", 2): "long in the kernel; strace prints it without a sign",
    ("umask", 1): "int in the kernel; strace prints 16 bits of it",
    ("wait4", 3): _INT,
    ("prctl", 1): _INT,
    ("sethostname", 2): _INT,
    ("setdomainname", 2): _INT,
    ("setfsuid", 1): _ID,
    ("lchown", 2): _ID,
    **{(f"setres{kind}id", n): _ID for kind in "ug" for n in (1, 2, 3)},
}

_NO_FUNCTION = frozenset({"create_module", "get_kernel_syms", "getpmsg", "vserver", "nfsservctl"})


def _killed(difference: Difference) -> bool:
    # Its last call: nothing comes after it but its end, or the exec that replaces it.
    last = isinstance(difference.before, End) or (
        isinstance(difference.before, Call) and difference.before.name.startswith("execve")
    )
    return difference.what == "result" and difference.strace == (None, None) and last


def _shorter(difference: Difference) -> bool:
    their, our = difference.strace, difference.argtrace
    if difference.what != "text" or not isinstance(their, Cut):
        return False
    longest = 249 if _place(difference) == ("memfd_create", 1) else 4095
    return isinstance(our, bytes) and len(our) >= len(their.data) >= longest and our.startswith(their.data)


ALLOWED: dict[str, Allowed] = {
    "launcher": Allowed(
        "The command's own exec is called by its tracer: its strings are in that program's memory.",
        lambda d: d.what == "word" and d.thread == "0" and d.after is None and _place(d)[0] == "execve",
    ),
    "random": Allowed(
        "Bytes that are others in each run: random ones, and text with a process id or an inode in it.",
        lambda d: d.what == "text" and isinstance(d.argtrace, Beginning) and _place(d) in _RANDOM,
    ),
    "ids": Allowed(
        "What a signalfd gives has the ids of processes in it, which are others in each run.",
        lambda d: _place(d) == ("read", 2) and isinstance(d.strace, bytes) and len(d.strace) == _SIGINFO,
    ),
    "readers": Allowed(
        "Which of several readers gets which byte of a pipe, is a matter of time.",
        lambda d: _place(d) == ("read", 2) and isinstance(d.strace, bytes) and len(d.strace) == 1,
        by_chance=True,
    ),
    "name": Allowed(
        "Of PR_SET_NAME's string strace prints what the kernel takes, 15 bytes; argtrace all of it.",
        lambda d: (
            _place(d) == ("prctl", 2)
            and isinstance(d.strace, Cut)
            and isinstance(d.argtrace, bytes)
            and d.argtrace.startswith(d.strace.data)
        ),
    ),
    "sysfs": Allowed(
        "strace prints the address of the name that sysfs takes with option 1.",
        lambda d: _place(d) == ("sysfs", 2) and d.what == "text" and isinstance(d.strace, Unreadable),
    ),
    "reading": Allowed(
        "Both have the same word, and argtrace reads it as the kernel declares it (see _READINGS).",
        lambda d: d.what == "number" and _place(d) in _READINGS,
    ),
    "number": Allowed(
        "The kernel looks at 32 bits of a call's number (arch/x86/entry/syscall_64.c, do_syscall_64), "
        "strace prints 64.",
        lambda d: d.what == "name",
    ),
    "shorter": Allowed(
        "strace marks a string as cut that just has the length it reads: 4096 bytes, 249 of memfd_create.",
        _shorter,
    ),
    "untouched": Allowed(
        "A call that fails before it reads its memory does not bring its page in, and a BPF program "
        "must not wait for a page (bpf_probe_read_user). strace reads through the kernel, which does.",
        lambda d: d.what == "text" and isinstance(d.argtrace, Unreadable) and _untouched(d),
    ),
    "preadv": Allowed(
        "The kernel's preadv and pwritev take five words, of which a 64-bit one uses four.",
        lambda d: d.what == "arity" and _place(d)[0] in {"preadv", "pwritev"} and d.strace == 4,
    ),
    "no function": Allowed(
        "The kernel has no function for this number, so nobody declares its arguments; strace remembers.",
        lambda d: d.what == "arity" and d.argtrace == 0 and _place(d)[0] in _NO_FUNCTION,
    ),
    "page end": Allowed(
        "A string that runs into memory that is not there: strace prints its address, argtrace what is "
        "readable of it.",
        lambda d: (
            d.what == "text"
            and isinstance(d.strace, Unreadable)
            and isinstance(d.argtrace, Cut)
            and isinstance(d.step, Call)
            and d.step.error == "EFAULT"
        ),
    ),
    "32 bits": Allowed(
        "Calls of the 32-bit ABI are not decoded by argtrace: six words, whatever the call takes.",
        lambda d: d.what == "arity" and d.argtrace == 6,
    ),
    "ignored": Allowed(
        "A signal that is ignored is not sent at all, except to a process that has a tracer "
        "(kernel/signal.c, sig_ignored).",
        lambda d: d.what == "missing" and isinstance(d.step, Signal) and d.step.ignored,
    ),
    "killed": Allowed(
        "A thread that SIGKILL, or the process's end, meets in a call returns from it, and then dies. "
        "It does not stop for its tracer any more (kernel/signal.c, ptrace_stop), so strace prints `?`.",
        _killed,
    ),
    "SIGKILL": Allowed(
        "No tracer is told of SIGKILL, nor of the one that ends each thread of a process "
        "(kernel/signal.c, get_signal); the tracepoint signal_deliver is.",
        lambda d: d.what == "extra" and isinstance(d.step, Signal) and d.step.name == "SIGKILL",
    ),
    "immutable": Allowed(
        "Nor of the SIGSYS by which seccomp kills (SA_IMMUTABLE: kernel/signal.c, get_signal).",
        lambda d: (
            d.what == "extra"
            and isinstance(d.step, Signal)
            and d.step.name == "SIGSYS"
            and d.before == End(None, "SIGSYS")
        ),
    ),
    "leader": Allowed(
        "Who waits for a process is told the status of its last thread (kernel/exit.c, "
        "synchronize_group_exit), whatever its first one ended with.",
        lambda d: d.what == "end" and isinstance(d.after, Call) and d.after.name == "exit",
    ),
    "replaced": Allowed(
        "The first thread of a process dies when another one calls exec; strace says "
        "'superseded by execve', and not how.",
        lambda d: d.what == "extra" and isinstance(d.step, End) and isinstance(d.before, Call),
    ),
}
