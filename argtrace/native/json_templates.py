"""Templates of lines of JSON: `jsonl.py` as data.

The words are those of `jsonl.py` itself: each is asked what it makes of a value with odd
numbers in it, and where those turn up the template has a number instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from argtrace.decode import contents, directories
from argtrace.decode.entries import NOT_FETCHED
from argtrace.decode.events import Call, Process
from argtrace.decode.model import (
    Address,
    Bytes,
    Fd,
    Int,
    List,
    Missing,
    Pid,
    Result,
    Struct,
    Text,
    Value,
    Why,
)
from argtrace.decode.origin import Origin, Origins
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
from argtrace.native.templates import Scope, Templates
from argtrace.present import jsonl
from argtrace.signature import meaning
from argtrace.signature.meaning import In, InOut, Out, When

# What stands for the word, the value and the bytes of a value, in the words of jsonl.py.
_RAW, _VALUE, _DATA = 0x7A5E_ED01, 987_654_321_012, b"-data-"
_RAW_TEXT, _VALUE_TEXT, _DATA_TEXT = f"{_RAW:#x}", str(_VALUE), f'"{_DATA.decode()}"'

# A value is written without its opening brace: an argument's has its name behind that.
_ENTRY = Number(Base.CLOCK, Clock.ENTRY)

_KINDS: dict[str, Callable[[int, int], Value]] = {"fd": Fd, "pid": Pid}


class JsonTemplates(Templates):
    def __init__(self, tables: Mapping[int, Table], origins: Origins | None = None) -> None:
        super().__init__(tables)
        self._origins = origins
        ascii = [jsonl.encode(chr(byte))[1:-1].encode() for byte in range(128)]
        # What is not ASCII may be UTF-8 or not.
        self.escapes = tuple(ascii + [b""] * 128) * 2

    def head(self, who: Callable[[int], bytes]) -> Template:
        to = Builder()
        to.text('{"type":"call","time":')
        to.number(Do.NUMBER, Number(Base.CLOCK, Clock.START))
        to.text(',"duration":')
        to.number(Do.NUMBER, Number(Base.CLOCK, Clock.DURATION))
        to.text(",")
        to.add(Op(Do.WHO, call=who))
        to.text(",")
        self._origin(to)
        return to.template()

    def _origin(self, to: Builder) -> None:
        origins = self._origins
        if origins is None:
            return
        for field, made in (
            (origins.cpu, lambda cpu: Origin(cpu=cpu)),
            (origins.uid, lambda uid: Origin(uid=uid)),
            (origins.id, lambda inode: Origin(cgroup=origins.cgroup(inode))),
        ):
            if field is not None:
                to.number(Do.MEMO, noted(field), call=_members(made))

    def tail(self) -> Template:
        return (Op(Do.TEXT, b"}\n"),)

    def whole(self) -> Template:
        return (Op(Do.PIECE, value=0),)

    def who(self, process: Process) -> tuple[bytes, bool]:
        return _inside(jsonl.who(process)).encode(), False

    def pieces(self, call: Call) -> tuple[bytes, bytes]:
        return _inside(jsonl.call_itself(call)).encode(), b""

    def compile(self, table: Table, rows: tuple[Row, ...], known: Mapping[str, int]) -> Template:
        signature = table.signature
        nothing = Call(Process(0, 0, ""), signature.name, table.plans.number, {}, Result(None), 1, 1)
        before, after = _inside(jsonl.call_itself(nothing)).split('"args":[]')
        to = Builder()
        to.text(before + '"args":[')
        for at, row in enumerate(rows):
            to.text(("," if at else "") + jsonl.encode({"name": row.name})[:-1] + ",")
            self._argument(to, row, Scope(rows, table.limit))
        result, rest = after.split("null")
        to.text("]" + result + "{")
        self.returned(to, table, known, lambda found: _without_brace(jsonl.result_to_json(found)))
        to.text(rest)
        return to.template()

    def _argument(self, to: Builder, row: Row, scope: Scope) -> None:
        means, where = row.meaning, argument(row.word)
        end, unlooked = to.label(), to.label()
        if isinstance(means, When):
            on = scope.number(means.on)
            to.number(Do.BRANCH, on._replace(mask=on.mask & means.mask), jump=unlooked)
            self.leaf(to, means.meaning, where, row.type)
            to.add(Op(Do.JUMP, jump=end))
            to.put(unlooked)
            means = meaning.UNUSED
        if isinstance(means, In | Out | InOut):
            self.pointee(to, row, scope)
        elif isinstance(means, meaning.Number):
            self.leaf(to, means, where, row.type)
        else:
            raise NotNative(f"{means}")
        to.put(end)

    def number(self, to: Builder, kind: str, form: Form, where: Number, size: int, *, signed: bool) -> None:
        if kind == "address":
            self.address(to, where)
            return
        for part, gap in _parts(_KINDS.get(kind, Int)(_RAW, _VALUE), _RAW_TEXT, _VALUE_TEXT):
            to.text(part)
            if gap == _RAW_TEXT:
                to.number(Do.NUMBER, where, form=Form.HEX)
            elif gap == _VALUE_TEXT:
                to.number(Do.NUMBER, where, size=size, signed=signed)

    def memo(self, value: Value) -> bytes:
        return _without_brace(jsonl.value_to_json(value))

    def address(self, to: Builder, where: Number) -> None:
        for part, gap in _parts(Address(_RAW), _RAW_TEXT):
            to.text(part)
            if gap:
                to.number(Do.NUMBER, where, form=Form.HEX)

    def string(self, to: Builder, where: Number, limit: int) -> None:
        to.add(Op(Do.STRING, value=limit))
        self._text(to, where, 0)

    def _text(self, to: Builder, where: Number, further: int) -> None:
        """The span as a string; its address is so many bytes further."""
        end, whole = to.label(), to.label()
        for part, gap in _parts(Text(_RAW, _DATA), _RAW_TEXT, _DATA_TEXT, str(len(_DATA))):
            to.text(part)
            if gap == _RAW_TEXT:
                to.number(Do.NUMBER, where, form=Form.HEX, value=further)
            elif gap == _DATA_TEXT:
                to.add(Op(Do.QUOTED))
                to.add(Op(Do.IF_CUT, jump=whole))
                to.text(_encoded(Text(_RAW, _DATA, cut=True)).partition(_DATA_TEXT)[2])
                to.add(Op(Do.JUMP, jump=end))
                to.put(whole)
            elif gap:
                to.add(Op(Do.SPAN_LENGTH))
        to.put(end)

    def buffer(self, to: Builder, where: Number) -> None:
        to.add(Op(Do.BUFFER, value=-1))
        end, whole = to.label(), to.label()
        for part, gap in _parts(Bytes(_RAW, _DATA, _VALUE), _RAW_TEXT, _DATA_TEXT, _VALUE_TEXT):
            if gap:
                to.text(part)
            if gap == _RAW_TEXT:
                to.number(Do.NUMBER, where, form=Form.HEX)
            elif gap == _DATA_TEXT:
                to.add(Op(Do.QUOTED))
            elif gap:
                to.add(Op(Do.LENGTH))
            else:
                to.add(Op(Do.IF_CUT, jump=whole))
                to.text(part)
                to.add(Op(Do.JUMP, jump=end))
        to.put(whole)
        to.text(_encoded(Bytes(_RAW, _DATA, len(_DATA))).rpartition(str(len(_DATA)))[2])
        to.put(end)

    def entries(
        self, to: Builder, where: Number, header: int, length: Number, noun: tuple[str, str] | None
    ) -> None:
        """All of them, as `decode/directories.py` has them."""
        before, after = _encoded(List(_RAW, ())).split("[]")
        self._after_raw(to, before, where)
        done, whole, end = to.label(), to.label(), to.label()
        to.number(Do.EACH, where)
        to.add(Op(Do.OPEN, b"["))
        again = to.label()
        to.put(again)
        to.number(Do.ENTRY, length, value=header, jump=done)
        to.add(Op(Do.BEGIN, b"{", value=1))
        self._entry(to)
        to.add(Op(Do.END))
        to.add(Op(Do.AGAIN, jump=again))
        to.put(done)
        to.add(Op(Do.REST))
        to.add(Op(Do.CLOSE, b"]"))
        to.add(Op(Do.IF_CUT, jump=whole))
        cut = _encoded(List(_RAW, (), Missing(_VALUE, Why.CUT, NOT_FETCHED)))
        first, second = cut.split("[]")[1].split(f"{_VALUE:#x}")
        to.text(first)
        to.number(Do.NUMBER, _ENTRY, form=Form.HEX)
        to.text(second)
        to.add(Op(Do.JUMP, jump=end))
        to.put(whole)
        to.text(after)
        to.put(end)

    def _entry(self, to: Builder) -> None:
        before, after = _encoded(Struct(_RAW, "linux_dirent64", ())).split("{}")
        self._after_raw(to, before, _ENTRY)
        to.text("{")
        for name, (offset, type, means) in directories.NUMBERS_64.items():
            to.text(jsonl.encode(name) + ":{")
            self.leaf(to, means, Number(Base.MEMORY, offset, type.size), type)
            to.text(",")
        to.text('"d_name":{')
        to.add(Op(Do.TO_NUL, value=directories.NAME_64))
        self._text(to, _ENTRY, directories.NAME_64)
        to.text("}" + after)

    def cell(self, to: Builder, where: Number, write: Callable[[], None]) -> None:
        before, after = _encoded(List(_RAW, ())).split("[]")
        self._after_raw(to, before, where)
        to.text("[{")
        write()
        to.text("]" + after)

    def structure(self, to: Builder, where: Number | None, content: meaning.Struct, base: int) -> None:
        name = content.name.partition("@")[0]
        if name in contents.TIMES:
            raise NotNative("the time it stands for is worked out")
        before, after = _encoded(Struct(_RAW, name, ())).split("{}")
        self._after_raw(to, before, where)
        _, slots = contents.order(content)
        to.text("{")
        for at, slot in enumerate(slots):
            to.text(("," if at else "") + jsonl.encode(slot.member.name) + ":{")
            end, unlooked = to.label(), to.label()
            looked_at = self.condition(to, slot, content.name, base, unlooked)
            self.member(to, looked_at, base)
            if looked_at is not slot:
                to.add(Op(Do.JUMP, jump=end))
                to.put(unlooked)
                self.member(to, slot._replace(declared=meaning.UNUSED, number=None), base)
                to.put(end)
        to.text("}" + after)

    def _after_raw(self, to: Builder, before: str, where: Number | None) -> None:
        """Text with an address in it; without one, that of 0."""
        first, second = before.split(_RAW_TEXT)
        to.text(first)
        if where is None:
            to.text("0x0")
        else:
            to.number(Do.NUMBER, where, form=Form.HEX)
        to.text(second)


def _without_brace(json: jsonl.Json | None) -> bytes:
    assert json is not None
    return jsonl.encode(json)[1:].encode()


def _members(made: Callable[[int], Origin]) -> Callable[[int], bytes]:
    return lambda word: f"{_inside(jsonl.origin(made(word)))},".encode()


def _inside(json: jsonl.Json) -> str:
    return jsonl.encode(json)[1:-1]


def _encoded(value: Value) -> str:
    return jsonl.encode(jsonl.value_to_json(value))[1:]


def _parts(value: Value, *gaps: str) -> list[tuple[str, str]]:
    """The value's JSON, cut at each of these texts: what is before it, and which it is; "" at the end."""
    parts = []
    rest = _encoded(value)
    while rest:
        at, gap = min(((rest.find(gap), gap) for gap in gaps if gap in rest), default=(len(rest), ""))
        parts.append((rest[:at], gap))
        rest = rest[at + len(gap) :]
        if gap and not rest:
            parts.append(("", ""))
    return parts
