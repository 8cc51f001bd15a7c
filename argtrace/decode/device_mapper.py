"""The device mapper: what is behind a dm_ioctl in memory, by the command.

    DM_TABLE_LOAD    {version=[4, 0, 0], …, targets=[{sector_start=0, length=2048, target_type="linear",
                     parameters="/dev/loop0 0"}]}

Source: include/uapi/linux/dm-ioctl.h; drivers/md/dm-ioctl.c.

A list whose links do not lead forward ends there.
"""

from __future__ import annotations

from collections.abc import Iterator

from argtrace.decode import ioctl
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import List, Struct, Text, Value
from argtrace.signature.layouts import Layout, layout
from argtrace.signature.meaning import DEVICE, Array, Cell, flags, struct
from argtrace.signature.meaning import Struct as StructOf
from argtrace.value import replace

_HEADER = struct(
    "dm_ioctl",
    flags=flags("dm_flags"),
    dev=DEVICE,
    only_=(
        *("version", "data_size", "data_start", "target_count", "open_count", "flags", "event_nr", "dev"),
        *("name", "uuid"),
    ),
)
_ASKED = struct("dm_target_spec", only_=("sector_start", "length", "target_type"))
_TOLD = struct("dm_target_spec", only_=("sector_start", "length", "status", "target_type"))
_DEVICE = struct("dm_name_list", dev=DEVICE, only_=("dev",))
_VERSION = struct("dm_target_versions", only_=("version",))
_MESSAGE = struct("dm_target_msg", only_=("sector",))


@decodes("device_mapper")
def device_mapper(memory: Memory, scope: Scope) -> Value:
    size = layout("dm_ioctl").size
    head = scope.content(_HEADER, memory.data[:size], memory.address)
    if not isinstance(head, Struct) or head.end is not None:
        return head
    described = layout("dm_ioctl")
    whole, start, count = (
        int.from_bytes(memory.data[at : at + 4], "little")
        for at in (described.member(name).offset for name in ("data_size", "data_start", "target_count"))
    )
    after = scope.result is not None
    for command in ioctl.names(ioctl.command(scope)):
        found = _payload(command, memory.data[start:whole], count, scope, after=after)
        if found is not None:
            return replace(head, members=(*head.members, found))
    return head


def _payload(command: str, data: bytes, count: int, scope: Scope, *, after: bool) -> tuple[str, Value] | None:
    """What a command has behind the header, when it begins or when it is done."""
    match command, after:
        case "DM_TABLE_LOAD", False:
            return "targets", _list(data, _ASKED, "parameters", scope, count)
        case "DM_TABLE_STATUS", True:
            return "targets", _list(data, _TOLD, "parameters", scope, count, absolute=True)
        case "DM_LIST_DEVICES", True:
            return "devices", _list(data, _DEVICE, "name", scope)
        case (("DM_LIST_VERSIONS" | "DM_GET_TARGET_VERSION"), True):
            return "targets", _list(data, _VERSION, "name", scope)
        case "DM_TABLE_DEPS", True:
            devices = Array(Cell("u64", DEVICE), int.from_bytes(data[:4], "little"))
            return "deps", scope.content(devices, data[layout("dm_target_deps").size :], 0)
        case "DM_TARGET_MSG", False:
            size = layout(_MESSAGE.name).size
            return "message", _with(scope.content(_MESSAGE, data[:size], 0), "message", data[size:])
        case "DM_DEV_RENAME", False:
            return "new_name", _text(data)
        case "DM_DEV_SET_GEOMETRY", False:
            return "geometry", _text(data)
    return None


def _list(
    data: bytes,
    each: StructOf,
    string: str,
    scope: Scope,
    count: int | None = None,
    *,
    absolute: bool = False,
) -> List:
    """Structures, each with a string after it."""
    described = layout(each.name)
    start = described.member("name").offset if string == "name" else described.size
    items = tuple(
        _with(scope.content(each, data[at : at + described.size], 0), string, data[at + start :])
        for at in _chain(data, described, count, absolute=absolute)
    )
    return List(0, items)


def _chain(data: bytes, described: Layout, count: int | None, *, absolute: bool) -> Iterator[int]:
    """Where the elements begin. Each says where the next does: counted from itself, or from the first."""
    link, at = described.member("next").offset, 0
    while at + described.size <= len(data) and count != 0:
        yield at
        distance = int.from_bytes(data[at + link : at + link + 4], "little")
        following = distance if absolute else at + distance
        if following <= at:
            return
        at, count = following, None if count is None else count - 1


def _with(value: Value, name: str, data: bytes) -> Value:
    if not isinstance(value, Struct):
        return value
    return replace(value, members=(*value.members, (name, _text(data))))


def _text(data: bytes) -> Text:
    return Text(0, data.split(b"\0", 1)[0])
