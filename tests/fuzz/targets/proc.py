"""Any text as what /proc says of a process: a value, whatever its name is and whatever else is there.

Who names itself `a) R 1 1` is still read rightly: the kernel's own fields are behind the last
parenthesis.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
from typing import Any
from unittest import mock

from argtrace import proc_files, processes
from argtrace.errors import FormatError
from argtrace.kernel import capabilities
from argtrace.proc_files import Proc
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target

STATUS = b"""Name:\tcat
Umask:\t0022
State:\tR (running)
Tgid:\t4321
Pid:\t4321
PPid:\t1
Uid:\t0\t0\t0\t0
CapPrm:\t000001ffffffffff
CapEff:\t000001ffffffffff
SigIgn:\t0000000000001000
SigCgt:\t0000000180000000
"""
STAT = b"4321 (cat) R 1 4321 1 34816 4321 4194304 97 0 0 0 0 0 0 0 20 0 1 0 987654 5840896 213"
FDINFO = b"pos:\t0\nflags:\t02100002\nmnt_id:\t15\nino:\t1\nPid:\t99\nNSpid:\t99\n"


class _Files:
    """`open` for the modules of /proc: every file has the text at hand."""

    text = b""

    def open(self, path: Any, mode: str = "r", **words: Any) -> Any:
        if not str(path).startswith("/proc/"):
            return builtins.open(path, mode, **words)
        data = io.BytesIO(self.text)
        return data if "b" in mode else io.TextIOWrapper(data, errors=words.get("errors"))


FILES = _Files()


def check(data: bytes) -> None:
    with contextlib.ExitStack() as stack:
        for module in (processes, proc_files, capabilities):
            stack.enter_context(mock.patch.object(module, "open", FILES.open, create=True))
        _check(Choices(data))


def _check(given: Choices) -> None:
    kind = given.byte() % 4
    FILES.text = text = given.rest()
    match kind:
        case 0:
            # The kernel always writes its own fields, whatever the name before them.
            FILES.text = b"4321 (" + text[:64].replace(b"\0", b"") + b")" + STAT.rpartition(b")")[2]
            assert processes.parent(1) == 1
            assert processes.started(1) == 987654
            assert not processes.ended(1)
            assert not processes.is_of_kernel(1)
        case 1:
            _law(processes.parent, processes.started, processes.ended, processes.is_of_kernel)
            _law(processes.tgid, processes.uid)
        case 2:
            _law(capabilities.of_process, processes.comm)
        case _:
            with (
                mock.patch.object(os, "readlink", return_value=b"anon_inode:[pidfd]"),
            ):
                found = Proc(details=True).descriptor(1, 3)
            assert found is None or found.pid is None or found.pid > 0


def _law(*questions: Any) -> None:
    for question in questions:
        with contextlib.suppress(FormatError):
            question(1)


def seeds() -> list[bytes]:
    return [b"\0cat", b"\0a) R 1 (b", b"\1" + STAT, b"\1" + STATUS, b"\2" + STATUS, b"\3" + FDINFO]


WORDS = (b"Tgid:\t", b"Uid:\t", b"flags:\t", b"Pid:\t", b")", b"(", b"\n", b"-1", b"9" * 30, b"9" * 5000)

TARGET = Target("/proc of a process (processes.py, proc_files.py, capabilities.py)", check, seeds, WORDS)
