"""A value of argtrace's JSON, changed in one place: what a decoder may get wrong.

Nothing here asserts.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from typing import Any

from tests.parity.compare import data_of

Json = dict[str, Any]


def mutations(json: Json) -> Iterator[tuple[str, Json]]:
    """Each value inside and the value itself, wrong in each way that its kind can be; what was done."""
    for path in _paths(json):
        before = _at(json, path)
        for what, wrong in _wrong(before):
            yield f"{''.join(f'[{key}]' for key in path)} {what}".strip(), _with(json, path, wrong)


def _paths(json: Json) -> Iterator[tuple[str | int, ...]]:
    yield ()
    for key, inner in _inner(json):
        yield from (key + path for path in _paths(inner))


def _inner(json: Json) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    match json["kind"]:
        case "struct":
            yield from ((("value", name), member) for name, member in json["value"].items())
        case "list":
            yield from ((("value", n), item) for n, item in enumerate(json["value"]))
        case "changed":
            yield ("before",), json["before"]
            yield ("after",), json["after"]


def _at(json: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        json = json[key]
    return json


def _with(json: Json, path: tuple[str | int, ...], wrong: Json) -> Json:
    if not path:
        return wrong
    changed: Json = copy.deepcopy(json)
    _at(changed, path[:-1])[path[-1]] = wrong
    return changed


def _holding(json: Json, data: bytes) -> Json:
    length = None if json["length"] is None else json["length"] + len(data) - len(data_of(json))
    return {**json, "value": None, "base64": base64.b64encode(data).decode(), "length": length}


def _wrong(json: Json) -> Iterator[tuple[str, Json]]:
    value: Any = json.get("value")
    match json["kind"]:
        case "int" | "fd" | "pid":
            yield "another number", {**json, "value": value + 1}
        case "flags":
            yield "another number", {**json, "value": value ^ 1 << 40}
            yield "a name more", {**json, "names": [*json["names"], "WRONG"]}
            if json["names"]:
                yield "a name less", {**json, "names": json["names"][1:]}
        case "device":
            yield "another device", {**json, "value": value + 1, "minor": json["minor"] + 1}
        case "address":
            yield "another address", {**json, "value": hex(int(value, 16) + 8)}
        case "ip":
            yield "another host", {**json, "value": "192.0.2.77"}
        case "string" | "bytes":
            data = data_of(json)
            yield "a byte more", _holding(json, data + b"x")
            if data:
                yield "a byte less", _holding(json, data[:-1])
                yield "another byte", _holding(json, bytes([data[0] ^ 1]) + data[1:])
            yield "no content", {"kind": "address", "raw": "0x9000", "value": "0x9000"}
        case "list":
            yield "no content", {"kind": "address", "raw": "0x9000", "value": "0x9000"}
            if value:
                yield "an element less", {**json, "value": value[:-1]}
                more = {**value[-1], "value": 77} if value[-1]["kind"] == "int" else value[-1]
                yield "an element more", {**json, "value": [*value, more]}
            if value[::-1] != value:
                yield "another order", {**json, "value": value[::-1]}
        case "struct":
            yield "no content", {"kind": "address", "raw": "0x9000", "value": "0x9000"}
            for name in value:
                rest = {key: member for key, member in value.items() if key != name}
                yield f"without {name}", {**json, "value": rest}
        case "changed":
            yield "the second value alone", json["after"]
            yield "the first value alone", json["before"]
    if "symbol" in json:
        yield "no name", {key: each for key, each in json.items() if key != "symbol"}
        yield "another name", {**json, "symbol": "WRONG"}
