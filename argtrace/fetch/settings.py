"""What an exec was made in, as the kernel has it when the call returns: parent, user, cgroup, directory.

Its record comes right before those of the call. It is no part of the call's: strings are there that
only the kernel has, and an exec slot may be wanting. Reached from sys_exit in place of the exit half,
to which it goes on.

    24        28      32            48      52      56      60      64         72
    +---------+-------+-------------+-------+-------+-------+-------+----------+--------------+
    | parent  | -     | its name    | uid   | gid   | euid  | egid  | started  | parent's     |
    | u32     |       | 16 bytes    | u32   | u32   | u32   | u32   | u64      | start, u64   |
    +---------+-------+-------------+-------+-------+-------+-------+----------+--------------+
    80            88        96        104      108      112      116    120
    +-------------+---------+---------+--------+--------+--------+------+---------------------+
    | cgroup's id | inode   | magic   | pwd's  | exe's  | cgroup | -    | the three, each     |
    | u64         | u64     | u64     | size   | size   | size   |      | what: u32, -, names |
    +-------------+---------+---------+--------+--------+--------+------+---------------------+

Inode and magic are those of the program that runs now (mm->exe_file), which for a script is its
interpreter; it is asked for after a success alone. Names are as `paths.py` has them. `started`, and the
parent's: when the process was forked, ns of CLOCK_MONOTONIC. Ids are those of the initial namespaces.

Sources: kernel/fork.c (start_time), include/linux/{sched,cgroup-defs,kernfs}.h; kernel/bpf/helpers.c,
bpf_get_current_uid_gid().
"""

from __future__ import annotations

from argtrace.fetch import paths, record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.emit import (
    KEY,
    R0,
    R1,
    R2,
    R3,
    R6,
    R7,
    R8,
    R9,
    R10,
    WORD,
    call_map,
    follow,
    send,
    tail_call,
)
from argtrace.fetch.file_fields import FileFields
from argtrace.fetch.layout import FINISH
from argtrace.fetch.paths import MNT, MOST_NAMES, NAME_SPACE, What, read
from argtrace.fetch.record import COMM_SIZE, RECORD, Kind
from argtrace.fetch.setting_fields import SettingFields
from argtrace.fetch.slots import find_place
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from argtrace.value import frozen

PARENT, PARENT_NAME, USER, EFFECTIVE, STARTED, PARENT_STARTED = 24, 32, 48, 56, 64, 72
CGROUP, INODE, MAGIC, SIZES, PARTS = 80, 88, 96, 104, record.SETTING_PARTS
PWD, EXE, GROUP = range(3)

NAMES = 8
"""Where in a part its names begin."""

_MOST_PART = 0x1FFF
_SPACE = PARTS + 3 * (_MOST_PART + 1) + NAME_SPACE
_LEVELS = 64

# The stack below what `paths` uses of it.
_CONTEXT, _BASE, _TOTAL, _INDEX, _RESULT, _NODE = -72, -80, -88, -96, -104, -112


@frozen
class Setting:
    """What the programs need of this kernel."""

    fields: SettingFields
    files: FileFields


def maps() -> tuple[MapSpec, ...]:
    """`settings`: where a CPU puts a record together."""
    return (MapSpec("settings", uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, _SPACE, 1),)


def program(setting: Setting) -> Program:
    fields, files = setting.fields, setting.files
    asm = Asm()
    asm.store(R10, _CONTEXT, R1)
    find_place(asm, "none")
    asm.load(R1, R7, record.INDEX, 4)
    asm.store(R10, _INDEX, R1)
    asm.load(R1, R7, RECORD + record.RESULT)
    asm.store(R10, _RESULT, R1)
    asm.load(R8, R7, RECORD + record.TID)
    asm.load(R9, R7, RECORD + record.START)
    asm.store(R10, KEY, 0, 4)
    call_map(asm, "map_lookup_elem", "settings")
    asm.jump("==", R0, 0, "on")
    asm.move(R7, R0)
    asm.store(R10, _BASE, R7)
    asm.store(R7, record.KIND, Kind.SETTING, 4)
    asm.store(R7, record.TID, R8)
    asm.store(R7, record.TIME, R9)
    for offset in range(PARENT, PARTS, 8):
        asm.store(R7, offset, 0)
    _who(asm, fields)
    _pwd(asm, files)
    _end_part(asm, PWD)
    _exe(asm, fields, files)
    _end_part(asm, EXE)
    _cgroup(asm, fields)
    _end_part(asm, GROUP)
    asm.load(R8, R10, _TOTAL)
    asm.load(R7, R10, _BASE)
    send(asm, R7, 0, R8, "on", record.TASK_EVENTS)
    asm.load(R3, R10, _INDEX)
    asm.jump(">=", R3, record.CALLS, "none")
    asm.alu("+=", R3, FINISH)
    asm.load(R6, R10, _CONTEXT)
    tail_call(asm, "exec_steps")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_exec_setting")


def _who(asm: Asm, fields: SettingFields) -> None:
    """r6 = the task."""
    asm.call("get_current_uid_gid")
    asm.store(R7, USER, R0)
    asm.call("get_current_task_btf")
    asm.move(R6, R0)
    follow(asm, R8, R6, fields.task_real_parent)
    follow(asm, R8, R8, fields.task_group_leader)
    read(asm, R7, PARENT, R8, fields.task_tgid, 4)
    read(asm, R7, PARENT_NAME, R8, fields.task_comm, COMM_SIZE)
    read(asm, R7, PARENT_STARTED, R8, fields.task_start_time, 8)
    follow(asm, R8, R6, fields.task_group_leader)
    read(asm, R7, STARTED, R8, fields.task_start_time, 8)
    follow(asm, R8, R6, fields.task_cred)
    read(asm, R7, EFFECTIVE, R8, fields.cred_euid, 4)
    read(asm, R7, EFFECTIVE + 4, R8, fields.cred_egid, 4)
    asm.move(R1, PARTS)
    asm.store(R10, _TOTAL, R1)
    asm.alu("+=", R7, PARTS)


def _pwd(asm: Asm, files: FileFields) -> None:
    asm.move(R8, NAMES)
    asm.store(R7, 0, 0)
    follow(asm, R9, R6, files.task_fs)
    read(asm, R10, MNT, R9, files.fs_pwd_mnt, 8)
    follow(asm, R9, R9, files.fs_pwd_dentry)
    asm.jump("==", R9, 0, f"part{PWD}")
    with asm.scope("pwd"):
        paths.walk(asm, files, 0, f"/part{PWD}")


def _exe(asm: Asm, fields: SettingFields, files: FileFields) -> None:
    asm.move(R8, NAMES)
    asm.store(R7, 0, 0)
    asm.load(R1, R10, _RESULT)
    asm.jump("!=", R1, 0, f"part{EXE}")
    asm.call("get_current_task_btf")
    follow(asm, R9, R0, fields.task_mm)
    follow(asm, R9, R9, fields.mm_exe_file)
    asm.jump("==", R9, 0, f"part{EXE}")
    asm.load(R6, R10, _BASE)
    follow(asm, R8, R9, files.file_inode)
    read(asm, R6, INODE, R8, files.inode_ino, 8)
    follow(asm, R8, R8, files.inode_sb)
    read(asm, R6, MAGIC, R8, files.sb_magic, 8)
    read(asm, R10, MNT, R9, files.file_mnt, 8)
    follow(asm, R9, R9, files.file_dentry)
    asm.move(R8, NAMES)
    with asm.scope("exe"):
        paths.walk(asm, files, 0, f"/part{EXE}")


def _cgroup(asm: Asm, fields: SettingFields) -> None:
    """Names up to the root of cgroup2, whose own is not told."""
    asm.move(R8, NAMES)
    asm.store(R7, 0, 0)
    if (
        fields.task_cgroups is None
        or fields.set_cgroup is None
        or fields.cgroup_kn is None
        or fields.kn_name is None
        or fields.kn_parent is None
        or fields.kn_id is None
    ):
        return
    asm.call("get_current_task_btf")
    follow(asm, R9, R0, fields.task_cgroups)
    follow(asm, R9, R9, fields.set_cgroup)
    follow(asm, R9, R9, fields.cgroup_kn)
    asm.jump("==", R9, 0, f"part{GROUP}")
    asm.load(R6, R10, _BASE)
    read(asm, R6, CGROUP, R9, fields.kn_id, 8)
    asm.move(R6, 0)
    asm.label("level", most=_LEVELS)
    read(asm, R10, _NODE, R9, fields.kn_parent, 8)
    asm.load(R1, R10, _NODE)
    asm.jump("==", R1, 0, f"part{GROUP}")
    asm.jump(">", R8, MOST_NAMES, "too_long")
    read(asm, R10, WORD, R9, fields.kn_name, 8)
    asm.load(R3, R10, WORD)
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.move(R2, NAME_SPACE)
    asm.call("probe_read_kernel_str")
    asm.jump(">", R0, NAME_SPACE, "too_long")
    asm.alu("+=", R8, R0)
    asm.alu("&=", R8, _MOST_PART)
    asm.load(R9, R10, _NODE)
    asm.alu("+=", R6, 1)
    asm.jump("<", R6, _LEVELS, "level")
    asm.label("too_long")
    asm.store(R7, 0, What.INCOMPLETE, 4)


def _end_part(asm: Asm, part: int) -> None:
    """The part at r7 has r8 bytes; the next begins behind it."""
    asm.label(f"part{part}")
    asm.load(R1, R10, _BASE)
    asm.store(R1, SIZES + 4 * part, R8, 4)
    asm.load(R1, R10, _TOTAL)
    asm.alu("+=", R1, R8)
    asm.store(R10, _TOTAL, R1)
    asm.alu("+=", R7, R8)
