"""What does a log of `strace -f -v -X verbose -yy -o FILE` say, as values?

Source: strace 6.1, strace(1), and its output. `-X verbose` prints numbers with their names beside them:

    7 openat(-100 /* AT_FDCWD */</tmp>, "f", 0x42 /* O_RDWR|O_CREAT */, 0640) = 3</tmp/f>

so a number is known even where a name is not. Numbers, strings, structures, arrays, sets and changes
become a tree; times and other remarks in comments are passed over. A call that others interrupt is put
together. What is not understood in a line's arguments becomes `Other`, whole, so that it is compared (and
differs); a line that is none of strace's is a ValueError.

Not here: what is compared with what is `compare.py`; the words of `-X raw` are read by
`tests/oracle/strace_log.py`.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# ---------------------------------------------------------------- trees


@dataclass(frozen=True, slots=True)
class Number:
    """`names` are those in the comment, without what has no name; None: none was tried.

    `complete`: the comment explains every bit. `file`: what `-yy` says of a descriptor. `parts`: of
    several, `0x3|0x40`, each: two words of capabilities are printed like that.
    """

    value: int
    names: tuple[str, ...] | None = None
    complete: bool = True
    file: str | None = None
    null: bool = False
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes in quotes. `cut`: there was more. `abstract`: @"…", a socket's name after a NUL.

    `note` is what the comment after it says, if that is a call: htons(53), inet_addr("127.0.0.1").
    """

    data: bytes
    cut: bool = False
    abstract: bool = False
    note: Function | None = None


@dataclass(frozen=True, slots=True)
class Struct:
    """`members` by name, "" for one without. `more`: it ends in `...`."""

    members: tuple[tuple[str, Node], ...]
    more: bool = False

    def get(self, name: str) -> Node | None:
        return next((node for key, node in self.members if key == name), None)


@dataclass(frozen=True, slots=True)
class Array:
    """`[a, b]`. `more`: it ends in `...`; `indexes` are the names in `[[VINTR]=3]`."""

    items: tuple[Node, ...]
    more: bool = False
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """A set of numbers, `[1 2]`, or all but those, `~[1 2]`: signals, descriptors, processors."""

    items: tuple[Node, ...]
    complement: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """`before => after`."""

    before: Node
    after: Node


@dataclass(frozen=True, slots=True)
class Function:
    """What looks like a call: htons(80), makedev(0x8, 0x1), BPF_STMT(6, 0)."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """`_` in what a program expects: whatever is there."""


@dataclass(frozen=True, slots=True)
class Other:
    """Text that is none of the above: a bare name, or what is not understood."""

    text: str


Node = Number | Text | Struct | Array | Members | Change | Function | Anything | Other

# ---------------------------------------------------------------- lines


@dataclass(frozen=True, slots=True)
class Call:
    """A system call, in the order of returning. `names` are those of arguments that have one: clone's.

    `result` is None for `?`; `error` a name, also of the codes that restart a call. `remark` is the
    text in parentheses after a result: `Timeout`, `[{fd=3, revents=0x1}]`, `flags 0x8000`.
    """

    tid: int
    name: str
    args: tuple[Node, ...]
    result: Number | None
    error: str | None = None
    remark: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    tid: int
    name: str
    info: Struct


@dataclass(frozen=True, slots=True)
class Exit:
    """A thread ended: with a status, or by a signal."""

    tid: int
    status: int | None
    signal: str | None = None


Item = Call | Signal | Exit

_LINE = re.compile(r"(?:\[pid +)?(\d+)\]? +(.*)")
_ENTRY = re.compile(r"(\w+)\((.*)", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)", re.DOTALL)
_SIGNAL = re.compile(r"--- (\w+) (\{.*\}) ---")
_EXITED = re.compile(r"\+\+\+ exited with (\d+) \+\+\+")
_KILLED = re.compile(r"\+\+\+ killed by (\w+)(?: \(core dumped\))? \+\+\+")
_SUPERSEDED = re.compile(r"\+\+\+ superseded by execve in pid (\d+) \+\+\+")
_STOPPED = re.compile(r"--- stopped by \w+ ---")
_RESULT = re.compile(r" *= (.*)", re.DOTALL)
_ERROR = re.compile(r" *(E[A-Z0-9_]+|\(errno \d+\))(?: \(.*\))?")

_UNFINISHED = "<unfinished ...>"


def read(text: str) -> list[Item]:
    """What the log says, calls where they return. Raises ValueError."""
    reader = _Reader()
    items = list(reader.items(text))
    if reader.pending:
        raise ValueError(f"calls without an end: {reader.pending}")
    return items


@dataclass(slots=True)
class _Reader:
    pending: dict[int, tuple[str, str]] = field(default_factory=dict)  # tid: a call's name, its text so far

    def items(self, text: str) -> Iterator[Item]:
        for number, line in enumerate(text.splitlines(), 1):
            matched = _LINE.fullmatch(line)
            if matched is None:
                raise ValueError(f"line {number} has no thread: {line[:200]!r}")
            try:
                yield from self._line(int(matched[1]), matched[2])
            except ValueError as error:
                raise ValueError(f"line {number}: {error}: {line[:200]!r}") from error

    def _line(self, tid: int, rest: str) -> Iterator[Item]:
        if resumed := _RESUMED.fullmatch(rest):
            name, so_far = self.pending.pop(tid)
            if name != resumed[1]:
                raise ValueError(f"{name} was resumed as {resumed[1]}")
            yield call(tid, name, so_far + resumed[2])
        elif signal := _SIGNAL.fullmatch(rest):
            info = parse(signal[2])
            if not isinstance(info, Struct):
                raise ValueError("a signal's info is no structure")
            yield Signal(tid, signal[1], info)
        elif exited := _EXITED.fullmatch(rest):
            yield Exit(tid, int(exited[1]))
        elif killed := _KILLED.fullmatch(rest):
            yield Exit(tid, None, killed[1])
        elif superseded := _SUPERSEDED.fullmatch(rest):
            # The thread that called exec goes on under the process's id.
            self.pending[tid] = self.pending.pop(int(superseded[1]))
        elif _STOPPED.fullmatch(rest):
            pass
        elif entry := _ENTRY.fullmatch(rest):
            if rest.endswith(_UNFINISHED):
                self.pending[tid] = entry[1], entry[2].removesuffix(_UNFINISHED)
            else:
                yield call(tid, entry[1], entry[2])
        else:
            raise ValueError("not understood")


def call(tid: int, name: str, text: str) -> Call:
    """A call of its name and what follows the parenthesis: `3, "x", 1) = 1`."""
    # A thread that dies in a call: `<... recvfrom resumed> <unfinished ...>) = ?`
    text = re.sub(r",? *<unfinished \.\.\.>\)( *= \?)", r")\1", text)
    # What goes on after a stop: `restart_syscall(<... resuming interrupted nanosleep ...>) = 0`.
    text = re.sub(r"^<\.\.\. resuming interrupted \w+ \.\.\.> *\)", ")", text)
    parser = _Parser(text)
    try:
        args, names = parser.arguments(")")
        rest = parser.rest()
    except ValueError:
        said, end, rest = text.rpartition(") = ")
        args, names, rest = (Other(said),), (), end[1:] + rest
    after = _RESULT.fullmatch(rest)
    if after is None:
        raise ValueError(f"no result in {rest[:100]!r}")
    result, error, remark = _result(after[1])
    return Call(tid, name, args, result, error, remark, names)


def _result(text: str) -> tuple[Number | None, str | None, str | None]:
    if text.startswith("?"):
        failed = _ERROR.fullmatch(text[1:])
        return None, failed[1] if failed else None, None
    parser = _Parser(text)
    value = parser.node()
    if not isinstance(value, Number):
        raise ValueError(f"no result in {text[:100]!r}")  # noqa: TRY004 (it is text that is wrong)
    rest = parser.rest()
    if failed := _ERROR.fullmatch(rest):
        return value, failed[1], None
    rest = rest.strip()
    if not rest:
        return value, None, None
    if rest.startswith("(") and rest.endswith(")"):
        return value, None, rest[1:-1]
    raise ValueError(f"after the result there is {rest[:100]!r}")


# ---------------------------------------------------------------- values


def parse(text: str) -> Node:
    """One value, whole; `Other` if it is not understood."""
    parser = _Parser(text)
    try:
        node = parser.node()
    except ValueError:
        return Other(text)
    return node if parser.rest().strip() == "" else Other(text)


_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"-?(?:0x[0-9a-f]+|\d+)")
_NAME = re.compile(r"&?[A-Za-z_?][\w?]*")
_MEMBER = re.compile(r"([A-Za-z_][\w.]*)=(?!=)")
_INDEX = re.compile(r"\[([A-Za-z_]\w*|\d+)(?: /\* (\S+) \*/)?\]=")
_ESCAPE = re.compile(rb"\\(x[0-9a-f]{2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {b"n": 10, b"t": 9, b"r": 13, b"v": 11, b"f": 12, b"a": 7, b"b": 8, b"e": 27}
_LETTER = re.compile(r"'(\\?[^']|\\x[0-9a-f]{2})'")
_MORE = "..."


def unescape(text: str) -> bytes:
    """The bytes that strace's escapes stand for."""

    def byte(matched: re.Match[bytes]) -> bytes:
        code = matched[1]
        if code[:1] == b"x":
            return bytes([int(code[1:], 16)])
        if code[:1] in b"01234567":
            return bytes([int(code, 8) & 0xFF])
        return bytes([_ESCAPES[code]]) if code in _ESCAPES else code

    return _ESCAPE.sub(byte, text.encode("utf-8", "surrogateescape"))


class _Parser:
    """Recursive descent over one line. The grammar is what strace prints, not what it documents."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def rest(self) -> str:
        return self._text[self._at :]

    # -- small things

    def _space(self) -> None:
        matched = _SPACE.match(self._text, self._at)
        assert matched is not None
        self._at = matched.end()

    def _peek(self, what: str) -> bool:
        return self._text.startswith(what, self._at)

    def _take(self, what: str) -> bool:
        if self._peek(what):
            self._at += len(what)
            return True
        return False

    def _need(self, what: str) -> None:
        if not self._take(what):
            raise ValueError(f"{what} expected before {self.rest()[:60]!r}")

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        matched = pattern.match(self._text, self._at)
        if matched:
            self._at = matched.end()
        return matched

    def _comment(self) -> str | None:
        """The comment here, if there is one. Comments can stand in comments: `/* htons(0 /* X */) */`."""
        at = self._at
        self._space()
        if not self._take("/*"):
            self._at = at
            return None
        start, depth = self._at, 1
        while depth:
            opens, closes = self._text.find("/*", self._at), self._text.find("*/", self._at)
            if closes < 0:
                raise ValueError("a comment without an end")
            if 0 <= opens < closes:
                depth, self._at = depth + 1, opens + 2
            else:
                depth, self._at = depth - 1, closes + 2
        return self._text[start : self._at - 2].strip()

    def _angles(self) -> str | None:
        """What `-yy` says of a descriptor: </etc/hosts>, <TCP:[127.0.0.1:80->127.0.0.1:5]>, <x>(deleted)."""
        if not self._take("<"):
            return None
        start, depth = self._at, 1
        while depth:
            if self._at >= len(self._text):
                raise ValueError("a descriptor's name without an end")
            if self._take('"'):
                self._at = self._quoted_end()
            elif self._take("\\"):
                self._at += 1
            elif self._take("->"):
                pass
            elif self._take("<"):
                depth += 1
            elif self._take(">"):
                depth -= 1
            else:
                self._at += 1
        name = self._text[start : self._at - 1]
        return name + " (deleted)" if self._take("(deleted)") else name

    def _quoted_end(self) -> int:
        at = self._at
        while True:
            quote = self._text.find('"', at)
            if quote < 0:
                raise ValueError("a string without an end")
            escape = self._text.find("\\", at, quote)
            if escape < 0:
                return quote + 1
            at = escape + 2

    # -- lists

    def arguments(self, end: str) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """Values up to `end`, with the names of those that have one."""
        nodes: list[Node] = []
        names: list[str] = []
        self._space()
        while not self._take(end):
            named = self._match(_MEMBER)
            names.append(named[1] if named else "")
            nodes.append(self.node())
            self._space()
            if not self._peek(end):
                self._need(",")
            self._space()
        return tuple(nodes), tuple(names) if any(names) else ()

    # -- values

    def node(self) -> Node:
        """A value, and what it became."""
        node = self._value()
        self._space()
        if self._take("=>"):
            self._space()
            self._match(_MEMBER)  # `features=0 => features=0x1`
            node = Change(node, self._value())
        return node

    def _value(self) -> Node:
        self._space()
        if self._peek('"') or self._peek('@"'):
            return self._string()
        if letter := self._match(_LETTER):
            return Number(unescape(letter[1])[0])
        if self._peek("{"):
            return self._braces()
        if self._peek("[") or self._peek("~["):
            return self._brackets()
        if _NUMBER.match(self._text, self._at):
            return self._expression()
        if name := self._match(_NAME):
            return self._named(name[0])
        if self._take(_MORE):
            self._comment()
            return Other(_MORE)
        raise ValueError(f"no value before {self.rest()[:60]!r}")

    def _named(self, name: str) -> Node:
        if name == "_":
            return Anything()
        if self._take("("):
            args, _ = self.arguments(")")
            if name.startswith("WIF"):
                return self._status(name)
            comment = self._comment()
            if name == "v4l2_fourcc":
                return _four(args, comment)
            return Function(name, args)
        if name == "NULL":
            comment = self._comment()
            return Number(0, None if comment is None else _names(comment)[0], null=True)
        words = [name]
        while self._take("|"):
            word = self._match(_NAME) or self._match(_NUMBER)
            if word is None:
                raise ValueError(f"no name before {self.rest()[:60]!r}")
            words.append(word[0])
        self._comment()
        return Other("|".join(words))

    def _string(self) -> Text:
        abstract = self._take("@")
        self._need('"')
        start = self._at
        self._at = self._quoted_end()
        data = unescape(self._text[start : self._at - 1])
        cut = self._take(_MORE)
        comment = self._comment()
        note = parse(comment) if comment else None
        return Text(data, cut, abstract, note if isinstance(note, Function) else None)

    def _braces(self) -> Node:
        self._need("{")
        self._space()
        if self._peek("WIF"):
            value = self._value()
            self._space()
            self._need("}")
            return value
        members: list[tuple[str, Node]] = []
        more = False
        while not self._take("}"):
            if self._take(_MORE):
                self._comment()
                more = True
            else:
                named = self._match(_MEMBER)
                name, *inner = named[1].split(".") if named else [""]
                node = self.node()
                for part in reversed(inner):
                    node = Struct(((part, node),))  # `fmt.pix={…}`
                members.append((name, node))
            self._space()
            if not self._peek("}"):
                self._need(",")
            self._space()
        self._comment()
        return Struct(tuple(members), more)

    def _brackets(self) -> Node:
        complement = self._take("~")
        self._need("[")
        self._space()
        items: list[Node] = []
        indexes: list[str] = []
        more = spaces = False
        while not self._take("]"):
            if self._take(_MORE):
                self._comment()
                more = True
            else:
                index = self._match(_INDEX)
                if index:
                    indexes.append(index[2] or index[1])
                items.append(self.node())
            self._space()
            if self._take(","):
                self._space()
            elif not self._peek("]"):
                spaces = True  # a set: its numbers stand side by side
        self._comment()
        if complement or spaces:
            return Members(tuple(items), complement)
        return Array(tuple(items), more, tuple(indexes))

    def _expression(self) -> Number:
        """`0x8 /* A */|3`, `21<<26 /* SHIFT */`: a number, and the names of its parts."""
        names: list[str] = []
        parts: list[int] = []
        tried, complete = False, True
        file = None
        while True:
            digits = self._match(_NUMBER)
            if digits is None:
                raise ValueError(f"no number before {self.rest()[:60]!r}")
            part = number(digits[0])
            part_names: tuple[str, ...] | None = None
            if (comment := self._comment()) is not None:
                part_names, all_named = _names(comment)
                tried, complete = tried or part_names is not None, complete and all_named
            elif part:
                complete = complete and not parts and not self._peek("|")
            if self._take("<<"):
                shift = self._match(_NUMBER)
                if shift is None:
                    raise ValueError("no number after <<")
                part <<= number(shift[0])
                self._comment()
            elif (said := self._angles()) is not None:
                file = said
            parts.append(part)
            names += part_names or ()
            if not self._take("|"):
                break
        value = functools.reduce(operator.or_, parts)
        several = tuple(parts) if len(parts) > 1 else ()
        return Number(value, tuple(names) if tried else None, complete, file, parts=several)

    def _status(self, first: str) -> Number:
        """A wait status: `WIFEXITED(s) && WEXITSTATUS(s) == 3`, up to the brace."""
        end = self._text.index("}", self._at)
        text, self._at = self._text[self._at : end], end
        values = dict(re.findall(r"(W\w+)\(s\) == (\S+)", text))

        def told(name: str) -> int:
            word: str = values[name]
            comment = re.search(rf"{name}\(s\) == (-?\w+)", text)
            assert comment is not None
            return number(word) if _NUMBER.fullmatch(word) else signal_number(word)

        if first == "WIFEXITED":
            return Number(told("WEXITSTATUS") << 8)
        if first == "WIFSIGNALED":
            return Number(told("WTERMSIG") | (0x80 if "WCOREDUMP" in text else 0))
        if first == "WIFSTOPPED":
            event = re.search(r"\|\s*(?:PTRACE_\w+|(\S+)) << 8", text)
            high = int(event[1], 0) if event and event[1] else 0
            return Number(0x7F | told("WSTOPSIG") << 8 | high << 16)
        return Number(0xFFFF)


def _four(letters: Sequence[Node], comment: str | None) -> Number:
    """v4l2_fourcc('Y', 'U', 'Y', 'V'): a format of pictures, as the number that it is."""
    value = sum(letter.value << 8 * n for n, letter in enumerate(letters) if isinstance(letter, Number))
    names, complete = (None, True) if comment is None else _names(comment)
    return Number(value, names, complete)


def number(digits: str) -> int:
    """-5, 0x1f, 0755."""
    text = digits.lstrip("-")
    base = 16 if text.startswith("0x") else 8 if text.startswith("0") else 10
    value = int(text, base)
    return -value if digits.startswith("-") else value


def _names(comment: str) -> tuple[tuple[str, ...] | None, bool]:
    """The names in a comment after a number, and whether every bit has one. None if it is no names:
    a time, a product, text."""
    if combined := re.fullmatch(r"(?:QCMD|IOPRIO_PRIO_VALUE)\((.*)\)", comment):
        found = re.findall(r"[A-Z_?]{4,}", combined[1])
        return tuple(name for name in found if "?" not in name), "?" not in comment
    # What has no name is said in a comment of its own: `0x8 /* MAP_??? */|0x80`.
    comment = re.sub(r" /\*[^*]*\*/", "", comment)
    if re.fullmatch(r"[A-Z]\w+( or [A-Z]\w+)+", comment):
        return (comment,), True  # commands of one number: `SNDCTL_TMR_START or TCSETS`
    if not re.fullmatch(r"[\w|?<~]+", comment) or re.fullmatch(r"[\d*]+", comment):
        return None, True
    names = []
    complete = True
    for part in comment.split("|"):
        name = part.removeprefix("1<<")
        if "?" in name:
            return (), False
        if re.match(r"\d+<<", name):
            complete = False  # a number that is shifted, `21<<MAP_HUGE_SHIFT`: no name of its own
            continue
        if _NUMBER.fullmatch(name):
            octal = name.startswith("0") and not name.startswith("0x")  # a mode's permissions
            complete = complete and (octal or number(name) == 0)
        else:
            names.append(name)
    return tuple(names), complete


_SIGNALS = (
    *(
        "HUP",
        "INT",
        "QUIT",
        "ILL",
        "TRAP",
        "ABRT",
        "BUS",
        "FPE",
        "KILL",
        "USR1",
        "SEGV",
        "USR2",
        "PIPE",
        "ALRM",
    ),
    *("TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM"),
    *("PROF", "WINCH", "IO", "PWR", "SYS"),
)


def signal_number(name: str) -> int:
    """SIGINT, INT, SIGRT_3, RTMIN as strace counts them: from 32."""
    short = name.removeprefix("SIG")
    if short.startswith("RT_"):
        return 32 + int(short[3:])
    return {"RTMIN": 32, "RTMAX": 64}.get(short) or _SIGNALS.index(short) + 1


def short_signal(name: str) -> str | None:
    """SIGINT to INT; None for what is no signal."""
    short = name.removeprefix("SIG")
    return short if short in _SIGNALS or (short.startswith("RT") and short[2:3] in {"M", "_"}) else None


def expectations(source: str) -> list[tuple[str, Sequence[Node], Number | Anything | None, str | None]]:
    """What a program says of calls that strace does not know: `/* expect: name(args) = result */`."""
    found: list[tuple[str, Sequence[Node], Number | Anything | None, str | None]] = []
    for line in re.findall(r"^/\* expect: (.*) \*/$", source, re.MULTILINE):
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            raise ValueError(f"no call: {line!r}")
        parser = _Parser(entry[2])
        args, _ = parser.arguments(")")
        after = re.fullmatch(r" = (?:(_)|(-?\w+)(?: (E[A-Z0-9]+|_))?)", parser.rest())
        if after is None:
            raise ValueError(f"no result: {line!r}")
        result = Anything() if after[1] else Number(number(after[2]))
        found.append((entry[1], args, result, after[3]))
    return found
