"""What a trace begins with: programs on their way through the verifier, while Python imports the rest.

    begun = begin(options)              reads what was kept, makes maps, has threads load programs
    from argtrace.session import …      meanwhile
    loaded = begun.finish()             waits for the threads, fills the maps

Verifying is the kernel's work, outside of Python's lock. Nothing is attached here, and nothing in
the kernel outlives `close`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import struct
import sys
from collections.abc import Mapping
from threading import Event, Thread
from typing import TYPE_CHECKING

from argtrace import kept, running_kernel
from argtrace.errors import KernelRefused
from argtrace.kernel import memlock
from argtrace.kernel.calls import Kernel
from argtrace.kernel.maps import Map, MapSpec
from argtrace.kernel.programs import Functions, Program, Types
from argtrace.target import host

if TYPE_CHECKING:
    from argtrace.fetch.loadable import Code, Loadable
    from argtrace.kept import Ready
    from argtrace.options import Options

RING, ASKED = "events", "asked"
"""Maps that are dealt with apart."""

_INDEX = struct.Struct("<I")

_TURN = 0.000_2  # seconds after which a thread that comes back from the kernel gets Python's lock


class Begun:
    """Programs being loaded. `maps` are there, and `programs`, once `finish` has returned."""

    def __init__(self, kernel: Kernel, ready: Ready) -> None:
        self.ready = ready
        self.maps: dict[str, Map] = {}
        self.programs: dict[str, Program] = {}
        self._kernel = kernel
        self._types: Types | None = None
        self._stack = contextlib.ExitStack()
        self._failures: list[Exception] = []
        specs = {spec.name: spec for spec in ready.loadable.maps}
        # Tens of MiB to be zeroed: programs that do not write there need not wait for it.
        ring = specs.pop(RING, None)
        codes = sorted(ready.loadable.codes, key=lambda code: len(code.instructions))
        self._senders = [code for code in codes if RING in {name for _, name in code.maps}]
        self._waiting = [code for code in codes if code not in self._senders]
        self._ringing = Event()
        # One CPU is left to the caller, who imports meanwhile.
        others = max(len(os.sched_getaffinity(0)) - 2, 0)
        self._threads = [Thread(target=self._make_ring, args=(ring,))]
        self._threads += [Thread(target=self._verify) for _ in range(others)]
        self._switch = sys.getswitchinterval()
        try:
            for spec in specs.values():
                self.maps[spec.name] = self._stack.enter_context(Map(kernel, spec))
            if ready.loadable.btf:
                self._types = self._stack.enter_context(Types(kernel, ready.loadable.btf))
        except KernelRefused as refused:
            self._failures.append(refused)
        sys.setswitchinterval(_TURN)
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Every program loaded, every map filled. Raises what loading raised."""
        self._verify()
        self._join()
        if self._failures:
            raise self._failures[0]
        loadable = self.ready.loadable
        self._stack.callback(_break_circles, loadable, self.maps)
        memlock.put_back()
        if (asked := self.maps.get(ASKED)) is not None:
            from argtrace.fetch.programs import RUN  # noqa: PLC0415 (start-up: on older kernels alone)
            from argtrace.kernel.asking import Asking  # noqa: PLC0415

            for program in (self.programs[name] for name in RUN if name in self.programs):
                program.ask_by(Asking(self._kernel, program, asked))
        descriptors = {name: _INDEX.pack(program.fileno()) for name, program in self.programs.items()}
        for array, entries in itertools.groupby(loadable.reached, key=_first):
            self.maps[array].fill((_INDEX.pack(index), descriptors[name]) for _, index, name in entries)
        for name, values in itertools.groupby(loadable.values, key=_first):
            self.maps[name].fill((key, value) for _, key, value in values)

    def close(self) -> None:
        """Free everything. May be called twice."""
        self._waiting.clear()
        self._senders.clear()
        self._join()
        memlock.put_back()
        self._stack.close()

    def _make_ring(self, spec: MapSpec | None) -> None:
        try:
            if spec is not None:
                self.maps[spec.name] = self._stack.enter_context(Map(self._kernel, spec))
        except Exception as error:  # noqa: BLE001 (raised again by `finish`)
            self._failures.append(error)
        finally:
            self._ringing.set()
        self._verify()

    def _verify(self) -> None:
        """Load what nobody has loaded yet, the longest first."""
        for codes in (self._waiting, self._senders):
            if codes is self._senders:
                self._ringing.wait()
            while codes and not self._failures:
                try:
                    self._load(codes.pop())
                except IndexError:  # another thread was faster
                    break
                except Exception as error:  # noqa: BLE001 (raised again by `finish`)
                    self._failures.append(error)

    def _load(self, code: Code) -> None:
        functions = None
        if code.functions and self._types is not None:
            functions = Functions(self._types, code.functions)
        descriptors = {name: self.maps[name].fileno() for _, name in code.maps}
        program = Program(self._kernel, code.name, code.bind(descriptors), code.type, functions)
        self._stack.callback(program.close)
        self.programs[code.name] = program

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
        sys.setswitchinterval(self._switch)


def apart(options: Options) -> Ready:
    """The same with each half of a kind of call as a program of its own, so that its cost can be told."""
    from argtrace.prepare import prepare  # noqa: PLC0415

    prepared = prepare(options, together=0)
    return kept.Ready(prepared.programs.loadable(), prepared.tables, prepared.hidden)


def begin(options: Options) -> Begun:
    """Raises what preparing raises. What the kernel refuses is raised by `finish`."""
    return Begun(running_kernel.running(), ready(options))


def ready(options: Options) -> Ready:
    """What a trace loads and decodes by."""
    if options.summary is None:
        return kept.ready(options, host())
    from argtrace import summary  # noqa: PLC0415 (start-up: only if asked for)

    return summary.ready(options, host())


def _break_circles(loadable: Loadable, maps: Mapping[str, Map]) -> None:
    """Take programs that lead back to the array they are in out of it.

    The kernel does it too when the last descriptor is gone, but a moment later, and
    where bpftool looked just then an empty map stayed behind for good (seen on 6.18).
    """
    arrays = {array for array, _, _ in loadable.reached}
    jumps = {code.name: arrays.intersection([of for _, of in code.maps]) for code in loadable.codes}
    # The arrays that each one leads to, by any number of jumps.
    leads: dict[str, set[str]] = {array: set() for array in arrays}
    for array, _, name in loadable.reached:
        leads[array] |= jumps[name]
    for _ in arrays:
        for found in leads.values():
            found.update(*[leads[array] for array in found])
    for array, index, name in loadable.reached:
        if any(array in leads[to] for to in jumps[name]):
            maps[array].delete(_INDEX.pack(index))


def _first(entry: tuple[str, object, object]) -> str:
    return entry[0]
