"""A map of task storage, as `slots.py` measures it beside the stores that we use.

Source: include/uapi/linux/bpf.h, BPF_MAP_TYPE_TASK_STORAGE (Linux 5.11); it wants types of its
keys and values, in BTF: Documentation/bpf/btf.rst.
"""

from __future__ import annotations

import ctypes
import os
import struct
from ctypes import c_char, c_uint32, c_uint64

from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import R0, R1, R2, R3, R4, R7, R9
from argtrace.kernel import uapi
from argtrace.kernel.attrs import OBJ_NAME_LEN, Attr, MapElem
from argtrace.kernel.calls import Descriptor, Kernel

BTF_MAGIC = 0xEB9F
KIND_INT, KIND_ARRAY = 1, 3
INT, CHAR, VALUE = 1, 2, 3


class _BtfLoad(Attr):
    _fields_ = (
        ("btf", c_uint64),
        ("btf_log_buf", c_uint64),
        ("btf_size", c_uint32),
        ("btf_log_size", c_uint32),
        ("btf_log_level", c_uint32),
    )


class _MapCreate(Attr):
    _fields_ = (
        ("map_type", c_uint32),
        ("key_size", c_uint32),
        ("value_size", c_uint32),
        ("max_entries", c_uint32),
        ("map_flags", c_uint32),
        ("inner_map_fd", c_uint32),
        ("numa_node", c_uint32),
        ("map_name", c_char * OBJ_NAME_LEN),
        ("map_ifindex", c_uint32),
        ("btf_fd", c_uint32),
        ("btf_key_type_id", c_uint32),
        ("btf_value_type_id", c_uint32),
    )


class TaskStorage(Descriptor):
    def __init__(self, kernel: Kernel, name: str, size: int) -> None:
        data = _btf(size)
        held = ctypes.create_string_buffer(data, len(data))
        load = _BtfLoad(btf=ctypes.addressof(held), btf_size=len(data))
        with Descriptor(kernel.bpf(uapi.BPF_BTF_LOAD, load)) as types:
            attr = _MapCreate(
                map_type=uapi.BPF_MAP_TYPE_TASK_STORAGE,
                key_size=4,
                value_size=size,
                map_flags=uapi.BPF_F_NO_PREALLOC,
                map_name=name.encode(),
                btf_fd=types.fileno(),
                btf_key_type_id=INT,
                btf_value_type_id=VALUE,
            )
            super().__init__(kernel.bpf(uapi.BPF_MAP_CREATE, attr))
        self._kernel = kernel

    def put(self, pid: int, value: bytes) -> None:
        pidfd = os.pidfd_open(pid)
        try:
            key = ctypes.create_string_buffer(struct.pack("<i", pidfd), 4)
            held = ctypes.create_string_buffer(value, len(value))
            attr = MapElem(map_fd=self.fileno(), key=ctypes.addressof(key), value=ctypes.addressof(held))
            self._kernel.bpf(uapi.BPF_MAP_UPDATE_ELEM, attr)
        finally:
            os.close(pidfd)


def find_in_storage(asm: Asm, missing: str) -> None:
    asm.call("get_current_task_btf")
    asm.load_map(R1, "storage")
    asm.move(R2, R0)
    asm.move(R3, 0)
    asm.move(R4, 0)
    asm.call("task_storage_get")
    asm.jump("==", R0, 0, missing)
    asm.move(R7, R0)
    asm.call("get_current_pid_tgid")
    asm.move(R9, R0)


def _btf(size: int) -> bytes:
    """int, char, and an array of so many chars."""
    strings = b"\0int\0char\0"
    types = struct.pack("<IIII", 1, KIND_INT << 24, 4, 1 << 24 | 32)
    types += struct.pack("<IIII", 5, KIND_INT << 24, 1, 8)
    types += struct.pack("<IIIIII", 0, KIND_ARRAY << 24, 0, CHAR, INT, size)
    header = struct.pack("<HBBIIIII", BTF_MAGIC, 1, 0, 24, 0, len(types), len(types), len(strings))
    return header + types + strings
