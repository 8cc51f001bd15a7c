"""Where text goes: a file, standard error, or another program's input.

Text is collected and written in large blocks; `flush` is called when the reader
has caught up, so a terminal is prompt and a file is cheap. Whatever goes wrong
in writing is OutputFailed, with the target's name.
"""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Sequence
from typing import TYPE_CHECKING

from argtrace.errors import OutputFailed

if TYPE_CHECKING:
    import subprocess

_BLOCK = 1 << 16


class Output:
    """Owns the descriptor it is given unless `keep` is set (standard error)."""

    def __init__(
        self, fd: int, name: str, *, keep: bool = False, program: subprocess.Popen[bytes] | None = None
    ) -> None:
        self._fd = fd
        self._name = name
        self._keep = keep
        self._program = program
        self._parts: list[bytes] = []
        self._size = 0

    def fileno(self) -> int:
        return self._fd

    def write(self, text: str) -> None:
        self.write_bytes(text.encode())

    def write_bytes(self, text: bytes) -> None:
        self._parts.append(text)
        self._size += len(text)
        if self._size >= _BLOCK:
            self.flush()

    def flush(self) -> None:
        if not self._parts:
            return
        data = memoryview(b"".join(self._parts))
        self._parts.clear()
        self._size = 0
        try:
            while data:
                try:
                    data = data[os.write(self._fd, data) :]
                except BlockingIOError:
                    # Somebody who shares our standard error, perhaps the traced command,
                    # set O_NONBLOCK on it, and the reader is slow.
                    room = select.poll()
                    room.register(self._fd, select.POLLOUT)
                    room.poll()
        except OSError as error:
            raise OutputFailed(self._name, error.strerror or str(error)) from error

    def close(self) -> None:
        """Flush, close, and wait for the program at the other end, if there is one."""
        try:
            self.flush()
        finally:
            fd, self._fd = self._fd, -1
            if fd >= 0 and not self._keep:
                try:
                    os.close(fd)
                except OSError as error:  # a network file system reports a full disk here
                    raise OutputFailed(self._name, error.strerror or str(error)) from error
                finally:
                    if self._program is not None:
                        self._program.wait()

    def abandon(self) -> None:
        """Close after a failure: what is not written stays so."""
        self._parts.clear()
        with contextlib.suppress(OutputFailed):
            self.close()


def to_stderr() -> Output:
    return Output(2, "standard error", keep=True)


def to_file(path: str) -> Output:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise OutputFailed(f"'{path}'", error.strerror or str(error)) from error
    return Output(fd, f"'{path}'")


def to_program(command: str, shell: Sequence[str] = ("/bin/sh", "-c")) -> Output:
    """`-o '|CMD'`: a shell command that reads the trace."""
    import subprocess  # noqa: PLC0415 (start-up: seldom used)

    program = subprocess.Popen([*shell, command], stdin=subprocess.PIPE)
    assert program.stdin is not None
    fd = os.dup(program.stdin.fileno())
    program.stdin.close()
    return Output(fd, f"'|{command}'", program=program)
