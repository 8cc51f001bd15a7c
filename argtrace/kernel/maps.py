"""BPF maps: create, look up, update, delete, walk.

Keys and values are bytes; what they mean is `fetch/record.py`'s business.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
from collections.abc import Iterable, Iterator, Sequence

from argtrace.errors import KernelRefused
from argtrace.kernel import uapi
from argtrace.kernel.attrs import MapBatch, MapCreate, MapElem
from argtrace.kernel.calls import Descriptor, Kernel
from argtrace.value import frozen


@frozen
class MapSpec:
    """What a map is to be. Sizes in bytes; `entries` is a ring's size in bytes too.

    `a_cpu`: entries more for each CPU that could be there.
    """

    name: str
    type: int
    key_size: int
    value_size: int
    entries: int
    flags: int = 0
    a_cpu: int = 0


class Map(Descriptor):
    def __init__(self, kernel: Kernel, spec: MapSpec) -> None:
        attr = MapCreate(
            map_type=spec.type,
            key_size=spec.key_size,
            value_size=spec.value_size,
            max_entries=spec.entries + (spec.a_cpu and spec.a_cpu * possible_cpus()),
            map_flags=spec.flags,
            map_name=spec.name.encode()[: uapi.BPF_OBJ_NAME_LEN - 1],
        )
        super().__init__(kernel.bpf(uapi.BPF_MAP_CREATE, attr))
        self.spec = spec
        self._kernel = kernel

    def lookup(self, key: bytes, *, cpus: int = 0) -> bytes | None:
        """The value, or None. `cpus`: for a per-CPU map, how many values come back in a row."""
        size = self.spec.value_size
        value = ctypes.create_string_buffer(_round_up(size, 8) * cpus if cpus else size)
        if not self._elem(uapi.BPF_MAP_LOOKUP_ELEM, key, value):
            return None
        return value.raw

    def update(self, key: bytes, value: bytes, flags: int = uapi.BPF_ANY) -> None:
        buffer = ctypes.create_string_buffer(value, len(value))
        self._elem(uapi.BPF_MAP_UPDATE_ELEM, key, buffer, flags)

    def fill(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Update many, at a third of the price; all in one call where the kernel has that (Linux 5.6)."""
        if self.spec.type == uapi.BPF_MAP_TYPE_HASH:
            self._fill_at_once(list(entries))
            return
        key = ctypes.create_string_buffer(self.spec.key_size)
        value = ctypes.create_string_buffer(self.spec.value_size)
        attr = MapElem(map_fd=self.fileno(), key=ctypes.addressof(key), value=ctypes.addressof(value))
        bpf, update = self._kernel.bpf, uapi.BPF_MAP_UPDATE_ELEM
        for key.raw, value.raw in entries:
            bpf(update, attr)

    def _fill_at_once(self, entries: Sequence[tuple[bytes, bytes]]) -> None:
        keys, values = (ctypes.create_string_buffer(b"".join(part)) for part in zip(*entries, strict=True))
        attr = MapBatch(
            keys=ctypes.addressof(keys),
            values=ctypes.addressof(values),
            count=len(entries),
            map_fd=self.fileno(),
        )
        try:
            self._kernel.bpf(uapi.BPF_MAP_UPDATE_BATCH, attr)
        except KernelRefused as refused:
            if refused.errno != errno.EINVAL:
                raise
            for key, value in entries:  # before 5.6
                self.update(key, value)

    def mapped(self, *, writable: bool = False) -> mmap.mmap:
        """The values of an array with BPF_F_MMAPABLE as memory (Linux 5.5).

        While bpf(2) is in a map, the kernel leaves programs of events out on that CPU, even if the
        caller is preempted there (include/linux/bpf.h, bpf_disable_instrumentation()). So this is how
        to look at something time and again.
        """
        rights = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        return mmap.mmap(self.fileno(), mmap.PAGESIZE, mmap.MAP_SHARED, rights)

    def delete(self, key: bytes) -> bool:
        """Whether it was there."""
        return self._elem(uapi.BPF_MAP_DELETE_ELEM, key, None)

    def keys(self) -> Iterator[bytes]:
        """Every key. Keys that come or go meanwhile may be missed, none comes for ever."""
        following = ctypes.create_string_buffer(self.spec.key_size)
        key: bytes | None = None
        for _ in range(self.spec.entries + 1):
            if not self._elem(uapi.BPF_MAP_GET_NEXT_KEY, key, following):
                return
            key = following.raw
            yield key

    def is_empty(self) -> bool:
        return next(self.keys(), None) is None

    def _elem(
        self, command: int, key: bytes | None, value: ctypes.Array[ctypes.c_char] | None, flags: int = 0
    ) -> bool:
        held = None if key is None else ctypes.create_string_buffer(key, len(key))
        attr = MapElem(
            map_fd=self.fileno(),
            key=0 if held is None else ctypes.addressof(held),
            value=0 if value is None else ctypes.addressof(value),
            flags=flags,
        )
        try:
            self._kernel.bpf(command, attr)
        except KernelRefused as refused:
            if refused.errno == errno.ENOENT and command != uapi.BPF_MAP_UPDATE_ELEM:
                return False
            raise
        return True


def possible_cpus() -> int:
    """How many values a per-CPU map has a key: the CPUs that could ever be there."""
    with open("/sys/devices/system/cpu/possible") as file:
        text = file.read()
    # "0-3,8-11\n": per-CPU maps are indexed up to the highest number.
    return max(int(part.split("-")[-1]) for part in text.split(",")) + 1


def online_cpus() -> list[int]:
    """Those that run now."""
    with open("/sys/devices/system/cpu/online") as file:
        parts = [part.split("-") for part in file.read().strip().split(",")]
    return [cpu for part in parts for cpu in range(int(part[0]), int(part[-1]) + 1)]


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
