"""What `stops.pyx` has, for who reads types."""

from collections.abc import Callable

from argtrace.fetch.filters import Filters
from argtrace.fetch.plan import Plan
from argtrace.location.frames import Frame
from argtrace.ptrace.copies import Making
from argtrace.ptrace.ring import Records
from argtrace.ptrace.tracer import Tracer

class Program:
    plan: Plan

    def __init__(self, plan: Plan) -> None:
        """Raises ValueError for a plan that is not plain."""

class Copier:
    def __init__(self, send: Callable[[bytes], None]) -> None: ...
    def enter(self, program: Program, making: Making, tid: int) -> bool: ...
    def leave(self, program: Program, making: Making, tid: int, result: int) -> None: ...

class Stops:
    def __init__(
        self,
        tracer: Tracer,
        frame: Frame,
        filters: Filters,
        emit: Callable[[bytes], None],
        find: Callable[[int], bool | Program | Callable[[bytes], Program | None]],
        records: Records | None,
    ) -> None: ...
    def release(self) -> None: ...
    def run(self, most: int) -> tuple[int, int] | None: ...
