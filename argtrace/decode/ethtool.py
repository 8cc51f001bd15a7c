"""What SIOCETHTOOL's ifr_data points to: a structure by the command it begins with.

    {cmd=ETHTOOL_GLINK, data=1}

Source: include/uapi/linux/ethtool.h; net/ethtool/ioctl.c.

A command that is not here shows its number alone.
"""

from __future__ import annotations

from argtrace.decode import decoders
from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Bytes, Struct, Text, Value
from argtrace.decode.payload import payload
from argtrace.signature import constants
from argtrace.signature.ioctls.defined import sized
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import HEX, Meaning, enum, flags
from argtrace.signature.model import Int as IntType

_COMMAND = IntType("u32", 4, signed=False)

# Commands without ETHTOOL_, by the structure they are given.
_STRUCTURES = {
    "ethtool_cmd": "GSET SSET",
    "ethtool_drvinfo": "GDRVINFO",
    "ethtool_regs": "GREGS",
    "ethtool_wolinfo": "GWOL SWOL",
    "ethtool_eeprom": "GEEPROM SEEPROM GMODULEEEPROM",
    "ethtool_coalesce": "GCOALESCE SCOALESCE",
    "ethtool_ringparam": "GRINGPARAM SRINGPARAM",
    "ethtool_pauseparam": "GPAUSEPARAM SPAUSEPARAM",
    "ethtool_sset_info": "GSSET_INFO",
    "ethtool_rxnfc": "GRXFH SRXFH GRXRINGS GRXCLSRLCNT GRXCLSRULE GRXCLSRLALL SRXCLSRLDEL SRXCLSRLINS",
    "ethtool_flash": "FLASHDEV",
    "ethtool_rxfh_indir": "GRXFHINDIR SRXFHINDIR",
    "ethtool_rxfh": "GRSSH SRSSH",
    "ethtool_gfeatures": "GFEATURES",
    "ethtool_sfeatures": "SFEATURES",
    "ethtool_channels": "GCHANNELS SCHANNELS",
    "ethtool_dump": "GET_DUMP_FLAG GET_DUMP_DATA SET_DUMP",
    "ethtool_ts_info": "GET_TS_INFO",
    "ethtool_modinfo": "GMODULEINFO",
    "ethtool_eee": "GEEE SEEE",
    "ethtool_tunable": "GTUNABLE STUNABLE PHY_GTUNABLE PHY_STUNABLE",
    "ethtool_link_settings": "GLINKSETTINGS SLINKSETTINGS",
    "ethtool_fecparam": "GFECPARAM SFECPARAM",
    "ethtool_per_queue_op": "PERQUEUE",
    "ethtool_value": (
        "GLINK GMSGLVL SMSGLVL NWAY_RST GRXCSUM SRXCSUM GTXCSUM STXCSUM GSG SSG GTSO STSO GUFO SUFO GGSO "
        "SGSO GGRO SGRO GFLAGS SFLAGS GPFLAGS SPFLAGS PHYS_ID RESET"
    ),
}
_OF = {f"ETHTOOL_{command}": name for name, commands in _STRUCTURES.items() for command in commands.split()}
_COUNTED = {
    "ETHTOOL_GSTATS": "ethtool_statistics",
    "ETHTOOL_GPHYSTATS": "ethtool_statistics",
    "ETHTOOL_GSTRINGS": "ethtool_names",
    "ETHTOOL_GPERMADDR": "ethtool_address",
}
_MEMBERS: dict[str, Meaning] = {
    "cmd": enum("ethtool_command"),
    "duplex": enum("ethtool_duplex"),
    "port": enum("ethtool_port"),
    "wolopts": flags("ethtool_wake"),
    "sset_mask": HEX,
    "so_timestamping": flags("timestamping"),
}


@decodes("ethtool")
def ethtool(memory: Memory, scope: Scope) -> Value:
    if len(memory.data) < _COMMAND.size:
        return Bytes(memory.address, memory.data, memory.size)
    number = int.from_bytes(memory.data[: _COMMAND.size], "little")
    command = constants.table("ethtool_command").names.get(number, "")
    if command in _COUNTED:
        return decoders.decoder(_COUNTED[command])(memory, scope)
    if command not in _OF:
        means = enum("ethtool_command")
        return Struct(memory.address, "ethtool", (("cmd", scope.leaf(means, number, _COMMAND)),))
    described = layout(_OF[command])
    there = {member.name for member in described.members}
    known = {name: means for name, means in _MEMBERS.items() if name in there}
    structure = sized(described.name, **known)
    data = memory.data[: described.size]
    return payload(structure, data, described.size, memory.address, scope, partly=True)


@decodes("ethtool_name")
def ethtool_name(memory: Memory, scope: Scope) -> Value:
    return Text(memory.address, memory.data.split(b"\0", 1)[0])
