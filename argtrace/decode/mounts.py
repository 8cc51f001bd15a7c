"""What statmount gives: numbers, and where in the area behind them each string begins.

    0                          512
    size mask … fs_type=3 …    e x t 4 \\0 …        fs_type is the string 3 bytes into the area

`mask` says which of the members are there: the others are left out.

Source: include/uapi/linux/mount.h (struct statmount); fs/namespace.c.
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.entries import number
from argtrace.decode.model import Int, List, Missing, Struct, Text, Value, Why
from argtrace.decode.strings import text
from argtrace.signature import constants
from argtrace.signature.meaning import HEX, enum, flags, struct

STRINGS = 512

# Which members each bit of the mask stands for.
MEMBERS = {
    "STATMOUNT_SB_BASIC": ("sb_dev_major", "sb_dev_minor", "sb_magic", "sb_flags"),
    "STATMOUNT_MNT_BASIC": (
        "mnt_id",
        "mnt_parent_id",
        "mnt_id_old",
        "mnt_parent_id_old",
        "mnt_attr",
        "mnt_propagation",
        "mnt_peer_group",
        "mnt_master",
    ),
    "STATMOUNT_PROPAGATE_FROM": ("propagate_from",),
    "STATMOUNT_MNT_ROOT": ("mnt_root",),
    "STATMOUNT_MNT_POINT": ("mnt_point",),
    "STATMOUNT_FS_TYPE": ("fs_type",),
    "STATMOUNT_MNT_NS_ID": ("mnt_ns_id",),
    "STATMOUNT_MNT_OPTS": ("mnt_opts",),
    "STATMOUNT_FS_SUBTYPE": ("fs_subtype",),
    "STATMOUNT_SB_SOURCE": ("sb_source",),
    "STATMOUNT_OPT_ARRAY": ("opt_num", "opt_array"),
    "STATMOUNT_OPT_SEC_ARRAY": ("opt_sec_num", "opt_sec_array"),
    "STATMOUNT_SUPPORTED_MASK": ("supported_mask",),
    "STATMOUNT_MNT_UIDMAP": ("mnt_uidmap_num", "mnt_uidmap"),
    "STATMOUNT_MNT_GIDMAP": ("mnt_gidmap_num", "mnt_gidmap"),
}
STRING = frozenset({"mnt_root", "mnt_point", "fs_type", "mnt_opts", "fs_subtype", "sb_source"})
ARRAYS = {
    "opt_array": "opt_num",
    "opt_sec_array": "opt_sec_num",
    "mnt_uidmap": "mnt_uidmap_num",
    "mnt_gidmap": "mnt_gidmap_num",
}


@decodes("statmount")
def statmount(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    mask = number(data, 8, 8)
    got = tuple(
        member
        for bit, members in MEMBERS.items()
        if mask & constants.number("statmount", bit)
        for member in members
    )
    described = struct(
        "statmount",
        only_=("size", "mask", *got),
        mask=flags("statmount"),
        sb_magic=enum("filesystem"),
        sb_flags=flags("super_flags"),
        mnt_id=HEX,
        mnt_parent_id=HEX,
        mnt_attr=flags("mount_attr"),
        mnt_propagation=flags("propagation"),
        mnt_ns_id=HEX,
        supported_mask=flags("statmount"),
    )
    value = scope.content(described, data[:STRINGS], memory.address)
    if not isinstance(value, Struct):
        return value
    area = Memory(memory.address + STRINGS, data[STRINGS:], max(memory.size - STRINGS, 0))
    numbers = {name: each.value for name, each in value.members if isinstance(each, Int)}
    members = tuple((name, _string(name, each, numbers, area)) for name, each in value.members)
    return Struct(value.raw, value.name, members, None, value.end)


def _string(name: str, value: Value, numbers: dict[str, int], area: Memory) -> Value:
    at = numbers.get(name, 0)
    if name in STRING:
        return _text(area, at)
    if name not in ARRAYS:
        return value
    items: list[Value] = []
    first = area.address + at
    for _ in range(numbers.get(ARRAYS[name], 0)):
        item = _text(area, at)
        if isinstance(item, Missing) or item.cut:
            return List(first, tuple(items), Missing(item.raw, Why.CUT, "not fetched"))
        items.append(item)
        at += len(item.data) + 1
    return List(first, tuple(items))


def _text(area: Memory, at: int) -> Text | Missing:
    if at >= len(area.data):
        return Missing(area.address + at, Why.CUT, "not fetched" if at < area.size else "beyond the end")
    rest = area.data[at:]
    found = text(area.address + at, rest)
    return found if len(found.data) < len(rest) else Text(found.raw, found.data, cut=True)
