"""Where text goes: all of it, in order, and every way that can fail."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from argtrace.errors import OutputFailed
from argtrace.present import output
from argtrace.present.output import Output

BLOCK = output._BLOCK


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """What is read, and what is written to."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:  # the test closed it
            continue


def drain(fd: int, into: list[bytes]) -> threading.Thread:
    """Read in small pieces until the end."""

    def read() -> None:
        while piece := os.read(fd, 1000):
            into.append(piece)

    thread = threading.Thread(target=read)
    thread.start()
    return thread


def test_nothing_is_written_before_a_block_is_full(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    out = output.to_file(str(path))

    out.write("x" * (BLOCK - 1))
    assert path.read_text() == ""
    out.write("y")
    assert path.read_text() == "x" * (BLOCK - 1) + "y"
    out.write("z")
    out.flush()
    assert path.read_text().endswith("yz")
    out.close()


def test_a_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    path.write_text("of yesterday, and longer")
    out = output.to_file(str(path))
    out.write("new")
    out.close()

    assert path.read_text() == "new"


def test_a_pipe_that_takes_little_at_a_time_gets_all(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    got: list[bytes] = []
    reader = drain(reading, got)
    out = Output(writing, "a pipe")
    lines = [f"line {n}\n" for n in range(100_000)]  # a pipe holds 64 KiB

    for line in lines:
        out.write(line)
    out.close()
    reader.join()

    assert b"".join(got).decode() == "".join(lines)


def test_a_pipe_that_does_not_block_gets_all(pipe: tuple[int, int]) -> None:
    # A traced program that shares our standard error may have made it so.
    reading, writing = pipe
    fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
    got: list[bytes] = []
    out = Output(writing, "a pipe")
    reader = threading.Timer(0.05, lambda: drain(reading, got).join())
    reader.start()

    out.write("x" * 300_000)
    out.close()
    reader.join()

    assert b"".join(got) == b"x" * 300_000


def test_a_reader_that_has_gone(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    out = Output(writing, "the pipe")
    out.write("x")

    with pytest.raises(OutputFailed, match="cannot write to the pipe: Broken pipe"):
        out.flush()
    out.abandon()  # once is enough
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(writing)


@pytest.mark.parametrize("close", [False, True], ids=["at a flush", "at the end"])
def test_a_full_disk(close: bool) -> None:
    out = output.to_file("/dev/full")
    out.write("x")

    with pytest.raises(OutputFailed, match="cannot write to '/dev/full': No space left on device"):
        out.close() if close else out.flush()
    out.abandon()


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match="No such file or directory"):
        output.to_file(str(tmp_path / "missing" / "trace"))


def test_what_was_abandoned_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    out = output.to_file(str(path))
    out.write("half a li")
    out.abandon()

    assert path.read_text() == ""


def test_a_descriptor_that_is_not_ours_stays_open(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    out = Output(writing, "standard error", keep=True)
    out.write("x")
    out.close()

    assert os.read(reading, 10) == b"x"
    os.write(writing, b"still open")


def test_standard_error_is_not_ours() -> None:
    out = output.to_stderr()
    out.close()

    assert os.fstat(2)


def test_an_output_may_be_closed_twice(tmp_path: Path) -> None:
    out = output.to_file(str(tmp_path / "trace"))
    out.close()
    descriptor = os.open(os.devnull, os.O_RDONLY)  # takes the number that was free
    out.close()

    os.close(descriptor)  # EBADF if the second close closed it


def test_a_program_gets_all_and_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    out = output.to_program(f"cat >{path}.part; sleep 0.05; mv {path}.part {path}")
    for n in range(50_000):
        out.write(f"line {n}\n")
    out.close()

    assert path.read_text() == "".join(f"line {n}\n" for n in range(50_000))


def test_a_program_that_stops_reading(tmp_path: Path) -> None:
    path = tmp_path / "done"
    out = output.to_program(f"head -c 3 >{path}")
    with pytest.raises(OutputFailed, match=r"'\|head -c 3 >.*done': Broken pipe"):
        out.write("x" * 10_000_000)
    out.abandon()

    assert path.read_text() == "xxx"
    assert out._program is not None
    assert out._program.returncode == 0


def test_programs_that_are_started_meanwhile_do_not_hold_the_output_open(tmp_path: Path) -> None:
    # Or the program at the other end would never see the end of the trace.
    out = output.to_program(f"cat >{tmp_path}/trace")

    assert not os.get_inheritable(out.fileno())
    out.close()


def test_no_descriptor_is_left(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for out in (output.to_program("cat >/dev/null"), output.to_file(str(tmp_path / "trace"))):
        out.write("x")
        out.close()

    assert os.listdir("/proc/self/fd") == before
