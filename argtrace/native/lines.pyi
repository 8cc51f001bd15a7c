"""What `lines.pyx` has, for who reads types."""

from collections.abc import Callable, Sequence

from argtrace.native.template import Template

STEPS: int

class Executor:
    direct: bool
    lost: int
    left: int
    origin: int

    def __init__(
        self,
        consumer: memoryview,
        producer: memoryview,
        data: memoryview,
        *,
        head: Template,
        tail: Template,
        whole: Template,
        template: Callable[[int, bytes], Template | None],
        selector: Callable[[int], tuple[int, int] | None],
        pieces: Callable[[bytes], tuple[bytes, bytes] | None],
        line: Callable[[bytes], bytes],
        escapes: Sequence[bytes],
        origin: int,
    ) -> None: ...
    def release(self) -> None: ...
    def forget(self) -> None: ...
    def drain(self) -> tuple[int, bytes]: ...
