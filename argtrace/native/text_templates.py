"""Templates of lines of text, in perf trace's layout and in strace's: `text.py` as data.

Not here: lines of several lines (`Spelling.pretty`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from argtrace.decode import contents
from argtrace.decode.events import Call, Process
from argtrace.decode.model import Value
from argtrace.decode.numbers import FILE_TYPES
from argtrace.decode.origin import Origins
from argtrace.decode.table import Row, Table
from argtrace.native.template import (
    Base,
    Builder,
    Clock,
    Do,
    Form,
    NotNative,
    Number,
    Op,
    Template,
    argument,
    noted,
)
from argtrace.native.templates import Scope, Templates, Unshown
from argtrace.present import abbrev, escape, spell, text
from argtrace.signature import meaning, model
from argtrace.signature.meaning import In, InOut, Out, When

_DURATION = Number(Base.CLOCK, Clock.DURATION)
_STAMP = Number(Base.CLOCK, Clock.STAMP)
_START = Number(Base.CLOCK, Clock.START)


class TextTemplates(Templates):
    """`style`: whose lines these are."""

    def __init__(
        self, tables: Mapping[int, Table], style: text.Style, origins: Origins | None = None
    ) -> None:
        super().__init__(tables)
        self._origins = origins
        self._style = style
        self._how = style.how
        self._strace = style.how.style is spell.Style.STRACE
        self._column = style.column
        self.escapes = escapes(style.how.hex)

    def head(self, who: Callable[[int], bytes]) -> Template:
        to = Builder()
        options = self._style.options
        if self._strace:
            to.add(Op(Do.MARK))
            to.add(Op(Do.WHO, call=who))
            if options.absolute:
                to.number(Do.TIME_OF_DAY, _START, value=options.realtime, call=_time_of_day)
                to.text(" ")
            self._cpu(to)
            self._place(to)
            return to.template()
        to.number(Do.FIXED, _STAMP, value=3, size=10)
        to.text(" ")
        self._cpu(to)
        to.text("(")
        self._duration(to)
        to.text(" ms): ")
        to.add(Op(Do.WHO, call=who))
        to.text(" ")
        self._place(to)
        to.add(Op(Do.MARK))
        return to.template()

    def _cpu(self, to: Builder) -> None:
        if self._origins is not None and self._origins.cpu is not None:
            to.number(Do.MEMO, noted(self._origins.cpu), call=lambda cpu: text.cpu(cpu).encode())

    def _place(self, to: Builder) -> None:
        origins = self._origins
        if origins is None:
            return
        if origins.uid is not None:
            to.number(Do.MEMO, noted(origins.uid), call=lambda uid: f"{text.uid(uid)} ".encode())
        if origins.id is not None:
            to.number(
                Do.MEMO,
                noted(origins.id),
                call=lambda inode: f"{text.cgroup(origins.cgroup(inode))} ".encode(),
            )

    def _duration(self, to: Builder) -> None:
        end = to.label()
        if self._style.options.color:
            for least, color in text.SLOW:
                quicker = to.label()
                to.number(Do.LESS, _DURATION, value=least, jump=quicker)
                to.text(color)
                to.number(Do.FIXED, _DURATION, value=3, size=6)
                to.text(text.PLAIN)
                to.add(Op(Do.JUMP, jump=end))
                to.put(quicker)
        to.number(Do.FIXED, _DURATION, value=3, size=6)
        to.put(end)

    def tail(self) -> Template:
        to = Builder()
        if self._strace:
            to.text(" <")
            to.number(Do.FIXED, _DURATION, value=6)
            to.text(">")
        to.text("\n")
        return to.template()

    def whole(self) -> Template:
        to = Builder()
        to.add(Op(Do.PIECE, value=0))
        to.add(Op(Do.PAD, value=self._column - 1))
        to.text(" = ")
        to.add(Op(Do.PIECE, value=1))
        return to.template()

    def who(self, process: Process) -> tuple[bytes, bool]:
        alone = self._style.alone
        text = self._style.who(process)
        return text.encode(), alone and not self._style.alone

    def pieces(self, call: Call) -> tuple[bytes, bytes]:
        """A call's own part of its line, and what stands behind the equals sign."""
        before, after = self._style.pieces(call)
        return before.encode(), after.encode()

    def compile(self, table: Table, rows: tuple[Row, ...], known: Mapping[str, int]) -> Template:
        to = Builder()
        to.add(Op(Do.OPEN, f"{table.signature.name}(".encode()))
        for row in rows:
            noun = None if self._how.verbose else abbrev.COUNTED.get((table.signature.name, row.name))
            self._argument(to, row, Scope(rows, table.limit), noun)
        to.add(Op(Do.CLOSE, b")"))
        to.add(Op(Do.PAD, value=self._column - 1))
        to.text(" = ")
        name = table.signature.name
        self.returned(to, table, known, lambda result: self._style.result(result, name).encode())
        return to.template()

    def _argument(self, to: Builder, row: Row, scope: Scope, noun: tuple[str, str] | None) -> None:
        """`noun`: of what is only counted, one and many."""
        means, where = row.meaning, argument(row.word)
        end, unlooked, dropped = to.label(), to.label(), to.label()
        if isinstance(means, When):
            on = scope.number(means.on)
            to.number(Do.BRANCH, on._replace(mask=on.mask & means.mask), jump=unlooked)
            means = means.meaning
        if means != meaning.UNUSED:
            to.add(Op(Do.BEGIN, b"" if self._strace else f"{row.name}: ".encode()))
            if isinstance(means, In | Out | InOut):
                self.pointee(to, row, scope, noun)
            elif isinstance(means, meaning.Number):
                unshown = Unshown(dropped, back=False) if self._strace else Unshown(end, back=True)
                self.leaf(to, means, where, row.type, unshown)
            else:
                raise NotNative(f"{means}")
            to.add(Op(Do.END))
            to.add(Op(Do.JUMP, jump=end))
        to.put(unlooked)
        if self._strace:
            # An argument is known by its place: only from the end can any be left out.
            to.add(Op(Do.BEGIN))
            to.number(Do.NUMBER, where, form=Form.SHORT_HEX)
            to.put(dropped)
            to.add(Op(Do.DROP))
        to.put(end)

    def number(self, to: Builder, kind: str, form: Form, where: Number, size: int, *, signed: bool) -> None:
        to.number(Do.NUMBER, where, form=form, size=size, signed=signed)

    def memo(self, value: Value) -> bytes:
        return spell.value(value, self._how).encode()

    def address(self, to: Builder, where: Number) -> None:
        to.number(Do.NUMBER, where, form=Form.POINTER)

    def string(self, to: Builder, where: Number, limit: int) -> None:
        to.add(Op(Do.STRING, value=limit))
        self._quoted(to)

    def buffer(self, to: Builder, where: Number) -> None:
        most = self._how.buffer_limit
        to.add(Op(Do.BUFFER, value=-1 if most is None else most))
        self._quoted(to)

    def _quoted(self, to: Builder) -> None:
        to.add(Op(Do.QUOTED))
        whole = to.label()
        to.add(Op(Do.IF_CUT, jump=whole))
        to.text("...")
        to.put(whole)

    def entries(
        self, to: Builder, where: Number, header: int, length: Number, noun: tuple[str, str] | None
    ) -> None:
        if noun is None:
            raise NotNative("all of them")
        end, many = to.label(), to.label()
        to.number(Do.ENTRIES, length, value=header)
        to.number(Do.NUMBER, where, form=Form.HEX)
        to.text(" /* ")
        to.add(Op(Do.SPAN_LENGTH))
        to.add(Op(Do.IF_ONE, jump=many))
        to.text(f" {noun[0]} */")
        to.add(Op(Do.JUMP, jump=end))
        to.put(many)
        whole = to.label()
        to.add(Op(Do.IF_CUT, jump=whole))
        to.text("+")
        to.put(whole)
        to.text(f" {noun[1]} */")
        to.put(end)

    def cell(self, to: Builder, where: Number, write: Callable[[], None]) -> None:
        to.text("[")
        write()
        to.text("]")

    def structure(self, to: Builder, where: Number | None, content: meaning.Struct, base: int) -> None:
        _, slots = contents.order(content)
        name = content.name.partition("@")[0]
        all_names = tuple(slot.member.name for slot in slots)
        names, more = (all_names, False) if self._how.verbose else abbrev.shown(name, all_names)
        to.add(Op(Do.OPEN, b"{"))
        for slot in slots:
            member = slot.member
            if member.name not in names:
                continue
            if (self._strace and member.name in spell.NETWORK) or (name, member.name) in abbrev.COUNTED:
                raise NotNative(member.name)
            if name == "stat" and member.name == "st_mode" and not self._how.verbose:
                self._no_device(to, base + member.offset, member.type)
            end = to.label()
            looked_at = self.condition(to, slot, content.name, base, end)
            to.add(Op(Do.BEGIN, spell.assigned(member.name, "", self._how).encode()))
            self.member(to, looked_at, base, Unshown(end, back=True))
            to.add(Op(Do.END))
            to.put(end)
        if more:
            to.add(Op(Do.BEGIN, b"..."))
            to.add(Op(Do.END))
        to.add(Op(Do.CLOSE, b"}"))

    def _no_device(self, to: Builder, at: int, type: object) -> None:
        """Of a device other members are shown."""
        if not isinstance(type, model.Int):
            raise NotNative("st_mode")
        for bits, name in FILE_TYPES.items():
            if name in abbrev.DEVICES:
                to.number(Do.IS, Number(Base.MEMORY, at, type.size, 0o170000), value=bits)


def escapes(how: escape.Hex) -> tuple[bytes, ...]:
    """512 texts: of each byte, and of each byte before an octal digit. b"": it depends on others."""
    texts = []
    for following in (b"", b"0"):
        for byte in range(256):
            data = bytes([byte])
            if how is escape.Hex.STRINGS and escape.is_odd(data):
                texts.append(b"")
                continue
            quoted = escape.quote(data + following, how)[1:-1]
            texts.append(quoted.removesuffix(escape.quote(following, how)[1:-1]).encode())
    return tuple(texts)


def _time_of_day(second: int) -> bytes:
    return text.time_of_day(second).encode()
