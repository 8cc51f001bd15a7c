"""The kernel's ring buffer pages, mapped.

Source: kernel/bpf/ringbuf.c, ringbuf_map_mmap_user(): page 0 is the consumer's
and the only one we may write; from page 1 on come the producer's page and the
data. The kernel offers the data twice in a row so that no sample is ever split;
we map it once, which halves the memory the tracer appears to use.
"""

from __future__ import annotations

import mmap

from argtrace.kernel.maps import Map
from argtrace.transport.ring import Ring

PAGE = mmap.PAGESIZE


class RingBuffer:
    """A ring map's samples. Close it before the map."""

    def __init__(self, map: Map) -> None:
        fd = map.fileno()
        self._consumer = mmap.mmap(fd, PAGE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        self._rest = mmap.mmap(fd, PAGE + map.spec.entries, mmap.MAP_SHARED, mmap.PROT_READ, offset=PAGE)
        self._views = (memoryview(self._consumer), memoryview(self._rest))
        consumer, rest = self._views
        self._slices = (rest[:PAGE], rest[PAGE:])
        self.pages = (consumer, *self._slices)
        """As `Ring` takes them."""
        self.ring = Ring(*self.pages)
        self.descriptors = [fd]
        """Ready for reading when programs have said that it should be read."""

    lost = 0  # it is programs that count

    def gather(self, *, last: bool = False) -> None:
        """Nothing is to be done: all is in the ring."""

    def unread(self) -> int:
        """Bytes."""
        return self.ring.pending()

    def pending(self) -> bool:
        """Whether anything is unread."""
        return self.unread() > 0

    def close(self) -> None:
        self.ring.release()
        for view in (*self._slices, *self._views):
            view.release()
        self._consumer.close()
        self._rest.close()
