"""Events as newline-delimited JSON: every line an object with a `type`.

The schema is `docs/reference/json.md`. Rules: a number is a number; a raw word
is a hexadecimal string, since 64 bits do not fit the numbers of many readers; a
string that is no UTF-8 has its bytes beside it as base64; nothing is absent
without a reason. Plain ASCII, so a terminal that shows it comes to no harm.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from json import JSONEncoder

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Note, Process, Signal
from argtrace.decode.model import Address, Fd, Int, List, Missing, Named, Result, Text, Value
from argtrace.present.output import Output

SCHEMA = 1

Json = Mapping[str, object]


class JsonSink:
    def __init__(self, output: Output) -> None:
        self._output = output
        self._encode = JSONEncoder(separators=(",", ":")).encode

    def event(self, event: Event) -> bool:
        self.line(to_json(event))
        return True

    def line(self, json: Json) -> None:
        """A line that is no event: `start`, `end`."""
        self._output.write(self._encode(json) + "\n")

    def flush(self) -> None:
        self._output.flush()

    def close(self) -> None:
        self._output.close()


def to_json(event: Event) -> Json:
    match event:
        case Call():
            return _call(event)
        case Signal():
            return {
                "type": "signal",
                "time": event.time,
                **_who(event.process),
                "name": event.name,
                "number": event.number,
                "info": {name: value_to_json(value) for name, value in event.info.items()},
            }
        case Exit(ending=ending):
            return {
                "type": "exit",
                "time": event.time,
                **_who(event.process),
                "status": ending.status,
                "signal": ending.signal,
                "core": ending.core,
            }
        case Exec():
            return {
                "type": "exec",
                "time": event.time,
                **_who(event.process),
                "former_tid": event.former,
            }
        case Lost():
            return {"type": "lost", "time": event.time, "count": event.count}
        case Note():
            return {"type": "note", "time": event.time, "text": event.text}


def value_to_json(value: Value) -> Json:
    return _TO_JSON[type(value)](value)


def _call(call: Call) -> Json:
    return {
        "type": "call",
        "time": call.time,
        "duration": call.duration,
        **_who(call.process),
        "name": call.name,
        "number": call.number,
        "abi": call.abi,
        "decoded": call.decoded,
        "entry_seen": call.start is not None,
        "unfinished": call.unfinished,
        "args": [{"name": name, **value_to_json(value)} for name, value in call.args.items()],
        "result": _result(call.result),
    }


def unicode(text: str) -> str:
    """Bytes that Python keeps as lone surrogates, which are no text for most readers, replaced."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _who(process: Process) -> Json:
    who: dict[str, object] = {"pid": process.pid, "tid": process.tid, "comm": unicode(process.comm)}
    if who["comm"] != process.comm:
        name = process.comm.encode(errors="surrogateescape")
        who["comm_base64"] = base64.b64encode(name).decode()
    return who


def _result(result: Result) -> Json | None:
    if result.raw is None:
        return None
    if result.error is not None:
        return {
            "kind": "error",
            "raw": _hex(result.raw),
            "value": result.raw,
            "error": result.error,
            "text": result.text,
            "restarts": result.restarts,
        }
    assert result.value is not None
    return value_to_json(result.value)


def _raw(value: Value) -> str:
    return _hex(value.raw)


def _hex(word: int) -> str:
    return f"0x{word & 0xFFFF_FFFF_FFFF_FFFF:x}"


def _text(value: Text) -> Json:
    text: dict[str, object] = {"kind": "string", "raw": _raw(value)}
    try:
        text["value"] = value.data.decode()
    except UnicodeDecodeError:
        text["value"] = value.data.decode(errors="replace")
        text["base64"] = base64.b64encode(value.data).decode()
    return text | {"length": None if value.cut else len(value.data), "cut": value.cut}


def _list(value: List) -> Json:
    return {
        "kind": "list",
        "raw": _raw(value),
        "value": [value_to_json(item) for item in value.items],
        "end": None if value.end is None else value_to_json(value.end),
    }


def _missing(value: Missing) -> Json:
    return {
        "kind": "missing",
        "raw": _raw(value),
        "value": None,
        "why": value.why.value,
        "reason": value.reason,
    }


_TO_JSON: dict[type[Value], Callable[..., Json]] = {
    Int: lambda value: {"kind": "int", "raw": _raw(value), "value": value.value},
    Named: lambda value: {"kind": "int", "raw": _raw(value), "value": value.value, "symbol": value.name},
    Fd: lambda value: {"kind": "fd", "raw": _raw(value), "value": value.value},
    Address: lambda value: {"kind": "address", "raw": _raw(value), "value": _raw(value)},
    Text: _text,
    List: _list,
    Missing: _missing,
}
