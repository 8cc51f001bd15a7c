"""What an exec was made in: the record that comes before the call's, as the kernel's structures have it."""

from __future__ import annotations

import errno

import pytest

from argtrace.decode.origin import Cgroup
from argtrace.decode.settings import Setting, setting
from argtrace.errors import FormatError
from argtrace.fetch import record, setting_fields, settings
from argtrace.fetch.context import RAW, Context
from argtrace.transport.records import CallRecord, SettingRecord
from tests.fetch.test_opened import FILES, Kernel
from tests.support.generated import EVENTS, SETTINGS, STRUCT_SIZE, Types, program_set
from tests.support.machine import Machine
from tests.support.vmlinux import vmlinux

TASK, PARENT = 10, 7
FILENAME = 0x1000


@pytest.fixture(params=[RAW, EVENTS], ids=["raw", "event"])
def kernel(request: pytest.FixtureRequest) -> Kernel:
    context: Context = request.param
    machine = Machine(program_set("execve", whole=True, settings=SETTINGS, context=context))
    machine.be(PARENT, comm=b"shell")
    machine.track(TASK)
    kernel = Kernel(machine)
    _furnish(kernel)
    machine.user.place(b"/bin/ls\0", at=FILENAME)
    return kernel


def _furnish(kernel: Kernel) -> None:
    """A parent, a working directory, a program, a cgroup."""
    machine, memory = kernel.machine, kernel.machine.kernel
    parent = machine.be(PARENT)
    memory.write(parent + SETTINGS.task_comm, b"shell\0")
    machine.poke(parent + SETTINGS.task_start_time, 70)
    task = machine.be(TASK)
    machine.poke(task + SETTINGS.task_real_parent, parent)
    machine.poke(task + SETTINGS.task_start_time, 90)
    cred = memory.place(bytes(STRUCT_SIZE), writable=True)
    machine.poke(cred + SETTINGS.cred_euid, 5, 4)
    machine.poke(cred + SETTINGS.cred_egid, 6, 4)
    machine.poke(task + SETTINGS.task_cred, cred)
    top = kernel.dentry(b"/")
    mount = kernel.mount(top)
    directory = kernel.dentry(b"dir", kernel.dentry(b"home", top))
    kernel.set(task, task_fs=kernel.struct(fs_pwd_mnt=mount + FILES.mount_mnt, fs_pwd_dentry=directory))
    machine.program_memory(b"ls\0", b"")
    mm = int.from_bytes(memory.read(task + SETTINGS.task_mm, 8) or b"", "little")
    machine.poke(
        mm + SETTINGS.mm_exe_file, kernel.file(mount, kernel.dentry(b"ls", kernel.dentry(b"bin", top)))
    )
    node = 0
    for name, id in ((b"", 1), (b"system.slice", 2), (b"a.service", 3)):
        node = _node(kernel, name, id, node)
    cgroup, group = (memory.place(bytes(STRUCT_SIZE), writable=True) for _ in range(2))
    for address, offset, value in (
        (cgroup, SETTINGS.cgroup_kn, node),
        (group, SETTINGS.set_cgroup, cgroup),
        (task, SETTINGS.task_cgroups, group),
    ):
        assert offset is not None
        machine.poke(address + offset, value)


def _node(kernel: Kernel, name: bytes, id: int, parent: int) -> int:
    assert SETTINGS.kn_name is not None
    assert SETTINGS.kn_parent is not None
    assert SETTINGS.kn_id is not None
    node = kernel.machine.kernel.place(bytes(STRUCT_SIZE), writable=True)
    kernel.machine.poke(node + SETTINGS.kn_name, kernel.text(name))
    kernel.machine.poke(node + SETTINGS.kn_parent, parent)
    kernel.machine.poke(node + SETTINGS.kn_id, id)
    return node


def _seen(kernel: Kernel, result: int = 0) -> Setting:
    kernel.machine.call("execve", FILENAME, 0, 0, result=result)
    told, call = kernel.machine.records()
    assert isinstance(told, SettingRecord)
    assert isinstance(call, CallRecord)
    assert (told.tid, told.time) == (call.tid, call.start)
    return setting(told)


def test_all_of_it(kernel: Kernel) -> None:
    kernel.machine.uid = kernel.machine.gid = 1000

    assert _seen(kernel) == Setting(
        parent=PARENT,
        parent_comm="shell",
        uid=1000,
        gid=1000,
        euid=5,
        egid=6,
        started=90,
        parent_started=70,
        cgroup=Cgroup(3, "/system.slice/a.service"),
        cwd=b"/home/dir",
        exe=b"/bin/ls",
    )


def test_of_an_exec_that_failed_no_program_is_told(kernel: Kernel) -> None:
    found = _seen(kernel, -errno.ENOENT)

    assert (found.exe, found.cwd, found.parent) == (None, b"/home/dir", PARENT)


def test_a_kernel_without_cgroups() -> None:
    fields = setting_fields.find(Types("task_struct.cgroups"))
    machine = Machine(program_set("execve", whole=True, settings=fields))
    machine.track(TASK)
    machine.user.place(b"/bin/ls\0", at=FILENAME)

    assert _seen(Kernel(machine), -errno.ENOENT).cgroup is None


def test_a_kernels_nodes_have_their_parent_by_either_name() -> None:
    old, new = Types("kernfs_node.__parent"), Types()

    assert setting_fields.find(old).kn_parent == old.field("kernfs_node", "parent").offset
    assert setting_fields.find(new).kn_parent == new.field("kernfs_node", "__parent").offset


def test_this_kernel_has_all_of_it() -> None:
    found = setting_fields.find(vmlinux())

    assert None not in [getattr(found, name) for name in found.__match_args__]


@pytest.mark.parametrize("size", [0, settings.NAMES - 1, 1 << 20])
def test_a_part_that_is_not_there_is_no_value(size: int) -> None:
    head = bytearray(record.SETTING_PARTS + 3 * settings.NAMES)
    head[settings.SIZES : settings.SIZES + 12] = b"".join(
        each.to_bytes(4, "little") for each in (settings.NAMES, settings.NAMES, size)
    )

    with pytest.raises(FormatError):
        setting(SettingRecord(0, 1, 2, bytes(head)))
