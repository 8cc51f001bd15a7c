"""Events as newline-delimited JSON: every line an object with a `type`.

The schema is `docs/reference/json.md`. Rules: a number is a number; a raw word
is a hexadecimal string, since 64 bits do not fit the numbers of many readers;
bytes that are no UTF-8 are there as base64; nothing is absent without a reason.
Plain ASCII, so a terminal that shows it comes to no harm.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from json import JSONEncoder

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Note, Process, Signal
from argtrace.decode.model import (
    Address,
    Bytes,
    Changed,
    Device,
    Fd,
    File,
    Flags,
    Int,
    Ip,
    List,
    Missing,
    Named,
    Pid,
    Result,
    Struct,
    Text,
    Unused,
    Value,
)
from argtrace.decode.origin import Cgroup, Origin
from argtrace.present.output import Output
from argtrace.present.spell import ip_text

SCHEMA = 1

Json = Mapping[str, object]


encode = JSONEncoder(separators=(",", ":")).encode


class JsonSink:
    json = True

    def __init__(self, output: Output) -> None:
        self.output = output

    def event(self, event: Event) -> bool:
        self.output.write(self.written(event))
        return True

    def written(self, event: Event) -> str:
        return encode(to_json(event)) + "\n"

    def line(self, json: Json) -> None:
        """A line that is no event: `start`, `end`."""
        self.output.write(encode(json) + "\n")

    def flush(self) -> None:
        self.output.flush()

    def close(self) -> None:
        self.output.close()


def to_json(event: Event) -> Json:
    match event:
        case Call():
            return _call(event)
        case Signal():
            return {
                "type": "signal",
                "time": event.time,
                **who(event.process),
                "name": event.name,
                "number": event.number,
                "info": {name: value_to_json(value) for name, value in event.info.items()},
            }
        case Exit(ending=ending):
            return {
                "type": "exit",
                "time": event.time,
                **who(event.process),
                "status": ending.status,
                "signal": ending.signal,
                "core": ending.core,
            }
        case Exec():
            return {
                "type": "exec",
                "time": event.time,
                **who(event.process),
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
        **who(call.process),
        **({} if call.origin is None else origin(call.origin)),
        **call_itself(call),
    }


def origin(of: Origin) -> Json:
    """What was asked for of where a call came from."""
    return {
        **({} if of.cpu is None else {"cpu": of.cpu}),
        **({} if of.uid is None else {"uid": of.uid}),
        **({} if of.cgroup is None else cgroup(of.cgroup)),
    }


def cgroup(of: Cgroup) -> Json:
    """Its path, null if it was gone, and the container it is of, if any."""
    within = of.container
    return {
        "cgroup": of.path and unicode(of.path),
        "cgroup_id": of.id,
        "container": None if within is None else {"runtime": within.runtime, "id": unicode(within.id)},
    }


def call_itself(call: Call) -> Json:
    """What is the same whoever makes it, and when."""
    return {
        "name": call.name,
        "number": call.number,
        "abi": call.abi,
        "decoded": call.decoded,
        "entry_seen": call.start is not None,
        "unfinished": call.unfinished,
        "args": [{"name": name, **value_to_json(value)} for name, value in call.args.items()],
        "result": result_to_json(call.result),
    }


def unicode(text: str) -> str:
    """Bytes that Python keeps as lone surrogates, which are no text for most readers, replaced."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def who(process: Process) -> Json:
    comm = process.comm.encode(errors="surrogateescape")
    return {
        "pid": process.pid,
        "tid": process.tid,
        "started": process.started,
        **_named_bytes("comm", comm),
    }


def _named_bytes(name: str, data: bytes) -> Json:
    """As text, and beside it as base64 if it is none."""
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {name: data.decode(errors="replace"), f"{name}_base64": _base64(data)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def result_to_json(result: Result) -> Json | None:
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


def _flags(value: Flags) -> Json:
    return {
        "kind": "flags",
        "raw": _raw(value),
        "value": value.value,
        "names": list(value.names),
        "rest": value.rest,
    }


def _fd(value: Fd) -> Json:
    fd: Json = {"kind": "fd", "raw": _raw(value), "value": value.value}
    return fd if value.file is None else {**fd, **_file(value.file)}


def _file(file: File) -> Json:
    path = _named_bytes("path", file.path)
    return path if file.detail is None else {**path, "detail": unicode(file.detail)}


def _pid(value: Pid) -> Json:
    pid: Json = {"kind": "pid", "raw": _raw(value), "value": value.value}
    if value.comm is None:
        return pid
    return {**pid, **_named_bytes("comm", value.comm.encode(errors="surrogateescape"))}


def _device(value: Device) -> Json:
    return {
        "kind": "device",
        "raw": _raw(value),
        "value": value.value,
        "major": value.major,
        "minor": value.minor,
    }


def _text(value: Text) -> Json:
    text: dict[str, object] = {"kind": "string", "raw": _raw(value)}
    try:
        text["value"] = value.data.decode()
    except UnicodeDecodeError:
        text["value"] = value.data.decode(errors="replace")
        text["base64"] = _base64(value.data)
    text |= {"length": None if value.cut else len(value.data), "cut": value.cut}
    if value.absolute is not None:
        text |= _named_bytes("absolute", value.absolute)
    if value.end is not None:
        text["end"] = _end(value.end)
    return text


def _bytes(value: Bytes) -> Json:
    content: dict[str, object] = {"kind": "bytes", "raw": _raw(value)}
    try:
        content["value"] = value.data.decode()
    except UnicodeDecodeError:
        content |= {"value": None, "base64": _base64(value.data)}
    content |= {"length": value.length, "cut": value.cut}
    return content if value.end is None else {**content, "end": _end(value.end)}


def _list(value: List) -> Json:
    items = {
        "kind": "list",
        "raw": _raw(value),
        "value": [value_to_json(item) for item in value.items],
        "end": _end(value.end),
    }
    return items if value.length is None else {**items, "length": value.length}


def _struct(value: Struct) -> Json:
    struct = {
        "kind": "struct",
        "raw": _raw(value),
        "type": value.name,
        "value": {name: value_to_json(member) for name, member in value.members},
        "end": _end(value.end),
    }
    return struct if value.ns is None else {**struct, "ns": value.ns}


def _changed(value: Changed) -> Json:
    return {
        "kind": "changed",
        "raw": _raw(value),
        "before": value_to_json(value.before),
        "after": value_to_json(value.after),
    }


def _missing(value: Missing) -> Json:
    return {
        "kind": "missing",
        "raw": _raw(value),
        "value": None,
        "why": value.why.value,
        "reason": value.reason,
    }


def _end(end: Missing | None) -> Json | None:
    return None if end is None else _missing(end)


_TO_JSON: dict[type[Value], Callable[..., Json]] = {
    Int: lambda value: {"kind": "int", "raw": _raw(value), "value": value.value},
    Named: lambda value: {"kind": "int", "raw": _raw(value), "value": value.value, "symbol": value.name},
    Flags: _flags,
    Fd: _fd,
    Pid: _pid,
    Device: _device,
    Ip: lambda value: {"kind": "ip", "raw": _raw(value), "value": ip_text(value.data)},
    Unused: lambda value: {"kind": "unused", "raw": _raw(value), "value": value.raw},
    Address: lambda value: {"kind": "address", "raw": _raw(value), "value": _raw(value)},
    Text: _text,
    Bytes: _bytes,
    List: _list,
    Struct: _struct,
    Changed: _changed,
    Missing: _missing,
}
