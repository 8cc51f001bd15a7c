"""Where the kernel keeps what an exec was made in: parent, user, cgroup, program. Offsets from BTF.

Sources: include/linux/{sched,cred,mm_types,cgroup-defs,kernfs}.h. A kernfs_node's parent is `parent`,
and `__parent` since Linux 6.15.
"""

from __future__ import annotations

from argtrace.errors import NotFound
from argtrace.fetch.fields import Types
from argtrace.value import frozen


@frozen
class SettingFields:
    """Offsets in bytes; the first word of each name is the structure. None: not in this kernel."""

    task_real_parent: int
    task_group_leader: int
    task_tgid: int
    task_comm: int
    task_start_time: int
    task_cred: int
    task_mm: int
    cred_euid: int
    cred_egid: int
    mm_exe_file: int
    task_cgroups: int | None
    set_cgroup: int | None
    cgroup_kn: int | None
    kn_name: int | None
    kn_parent: int | None
    kn_id: int | None


def find(types: Types) -> SettingFields:
    """Raises NotFound where a kernel has not even a parent; cgroups are an option."""

    def at(struct: str, path: str) -> int:
        return types.field(struct, path).offset

    def maybe(struct: str, *paths: str) -> int | None:
        for path in paths:
            try:
                return at(struct, path)
            except NotFound:
                continue
        return None

    return SettingFields(
        task_real_parent=at("task_struct", "real_parent"),
        task_group_leader=at("task_struct", "group_leader"),
        task_tgid=at("task_struct", "tgid"),
        task_comm=at("task_struct", "comm"),
        task_start_time=at("task_struct", "start_time"),
        task_cred=at("task_struct", "cred"),
        task_mm=at("task_struct", "mm"),
        cred_euid=at("cred", "euid"),
        cred_egid=at("cred", "egid"),
        mm_exe_file=at("mm_struct", "exe_file"),
        task_cgroups=maybe("task_struct", "cgroups"),
        set_cgroup=maybe("css_set", "dfl_cgrp"),
        cgroup_kn=maybe("cgroup", "kn"),
        kn_name=maybe("kernfs_node", "name"),
        kn_parent=maybe("kernfs_node", "__parent", "parent"),
        kn_id=maybe("kernfs_node", "id"),
    )
