"""How much is fetched of what a pointer points to."""

from __future__ import annotations

from argtrace.value import frozen, replace


@frozen
class Limits:
    """How much is fetched at most. `strings`: bytes of a name or string, its NUL not counted;
    `buffers`: bytes of a buffer; `elements` of an array; `tables`: bytes of what a decoder of its
    own reads, such as the entries of a directory; `followed`: elements of an array whose pointers
    are followed. `whole`: buffers are wanted to their end, `buffers` bytes of them in the record;
    and so are argv and envp of an exec."""

    strings: int = 4096
    buffers: int = 32
    elements: int = 32
    tables: int = 4096
    followed: int = 8
    whole: bool = False

    def fitting(self, *, ring: bool) -> Limits:
        """So that the longest record of any call fits a sample of perf's, whose size is a __u16 (struct
        perf_event_header), where there is no BPF ring buffer. tests/fetch/test_older.py tries every call."""
        if ring:
            return self
        return replace(
            self,
            strings=min(self.strings, 8192),
            buffers=min(self.buffers, 3584),
            tables=min(self.tables, 16384),
            followed=min(self.followed, 8),
        )
