"""What of a long value is shown unless all of it is asked for (-v).

Source: what strace 6.1 prints without -v, for the structures it shortens.

Not here: how many elements are fetched is `fetch/derive.py`; what is shown of bytes
and strings that were cut is `spell.py`.
"""

from __future__ import annotations

from argtrace.decode.model import Flags, Struct, Value

LIMIT = 32
"""Elements of an array, and members of a structure that is not among these."""

_SHOWN = {
    "stat": ("st_mode", "st_size"),
    "statx": ("stx_mask", "stx_attributes", "stx_mode", "stx_size"),
    "termios": ("c_iflag", "c_oflag", "c_cflag", "c_lflag"),
    "termios2": ("c_iflag", "c_oflag", "c_cflag", "c_lflag"),
    "rusage": ("ru_utime", "ru_stime"),
    "new_utsname": ("sysname", "nodename"),
    "perf_event_attr": (
        "type", "size", "config", "sample_period", "sample_freq", "sample_type", "read_format", "precise_ip"
    ),
    "if_dqblk": (
        "dqb_bhardlimit", "dqb_bsoftlimit", "dqb_curspace",
        "dqb_ihardlimit", "dqb_isoftlimit", "dqb_curinodes",
    ),
    "loop_info": ("lo_number", "lo_offset", "lo_flags", "lo_name"),
    "loop_info64": ("lo_offset", "lo_number", "lo_flags", "lo_file_name"),
    "kvm_regs": ("rax", "rsp", "rbp", "rip", "rflags"),
}  # fmt: skip

# Of a device it is not the size that matters.
_DEVICE = ("st_mode", "st_rdev")
DEVICES = frozenset({"S_IFCHR", "S_IFBLK"})

COUNTED = {
    ("execve", "envp"): ("var", "vars"),
    ("execveat", "envp"): ("var", "vars"),
    ("getdents", "dirent"): ("entry", "entries"),
    ("getdents64", "dirent"): ("entry", "entries"),
    ("sock_fprog", "filter"): ("entry", "entries"),
}
"""Arrays that are long and seldom what is looked for: shown as their address and length."""


def members(struct: Struct) -> tuple[tuple[tuple[str, Value], ...], bool]:
    """Those to show, and whether that leaves any out."""
    device = struct.name == "stat" and _is_device(struct)
    names, more = shown(struct.name, tuple(name for name, _ in struct.members), device=device)
    return tuple(member for member in struct.members if member[0] in names), more


def shown(type: str, members: tuple[str, ...], *, device: bool = False) -> tuple[tuple[str, ...], bool]:
    """The same by name. `device`: a struct stat is that of one."""
    wanted = _DEVICE if device else _SHOWN.get(type)
    if wanted is None:
        return members[:LIMIT], len(members) > LIMIT
    chosen = tuple(name for name in members if name in wanted)
    if not chosen:  # a layout of another kernel: better too much than nothing
        return members, False
    return chosen, len(chosen) < len(members)


def _is_device(stat: Struct) -> bool:
    mode = dict(stat.members).get("st_mode")
    return isinstance(mode, Flags) and not DEVICES.isdisjoint(mode.names)
