"""What is kept of a trace's preparation is what would be prepared, or is not used."""

from __future__ import annotations

import marshal
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argtrace import kept, running_kernel
from argtrace.decode.naming import PATHS
from argtrace.fetch.filters import Filters
from argtrace.fetch.limits import Limits
from argtrace.fetch.loadable import Loadable
from argtrace.kernel import uapi
from argtrace.options import Options
from argtrace.prepare import Prepared, prepare
from argtrace.target import host

FEW = Options(calls=("openat,fcntl,execve,sendmsg",))


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Options]:
    """What had to be prepared, as long as the test runs, on a kernel of its own."""
    calls: list[Options] = []

    def counted(options: Options, target: object) -> Prepared:
        calls.append(options)
        return prepare(options, host())

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "build_id", lambda: "b" * 40)
    monkeypatch.setattr(kept, "prepare", counted)
    return calls


def _file(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "argtrace").glob("*.trace")
    return file


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(Options(), id="everything"),
        pytest.param(FEW, id="a few calls"),
        pytest.param(Options(("read,close",), naming=frozenset({PATHS})), id="descriptors by name"),
        pytest.param(Options(("write",), Filters(True), Limits(whole=True), follow=False), id="all of it"),
    ],
)
def test_a_loadable_is_the_same_when_it_was_written_down(options: Options) -> None:
    loadable = prepare(options).programs.loadable()
    plain: Any = loadable.plain()

    assert Loadable.of_plain(marshal.loads(marshal.dumps(plain))) == loadable


def test_a_forced_kind_of_program_is_another(
    prepared: list[Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.ready(FEW, host())
    monkeypatch.setenv(running_kernel.FORCED_TRACEPOINTS, "event")
    forced = kept.ready(FEW, host())

    assert prepared == [FEW, FEW]
    assert {code.type for code in forced.loadable.codes} == {
        uapi.BPF_PROG_TYPE_TRACEPOINT,
        uapi.BPF_PROG_TYPE_RAW_TRACEPOINT,
    }


def test_so_is_one_whose_names_come_from_the_table(
    prepared: list[Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without tracefs; it is kept as well."""
    kept.ready(FEW, host())
    monkeypatch.setattr(running_kernel, "has_tracefs", lambda: False)
    for _ in range(3):
        kept.ready(FEW, host())

    assert prepared == [FEW, FEW]


def test_the_second_time_nothing_is_prepared(prepared: list[Options], tmp_path: Path) -> None:
    first, second = kept.ready(FEW, host()), kept.ready(FEW, host())

    assert prepared == [FEW]
    assert second.loadable == first.loadable
    assert second.hidden == first.hidden
    assert list(second.tables) == list(first.tables)
    for index, table in first.tables.items():
        same = second.tables[index]
        assert (same.signature, same.rows, same.limit) == (table.signature, table.rows, table.limit)
    assert _file(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "other",
    [
        Options(("openat",)),
        Options(FEW.calls, Filters(errnos=(2,))),
        Options(FEW.calls, limits=Limits(buffers=64)),
        Options(FEW.calls, ring=1 << 20),
        Options(FEW.calls, follow=False),
        Options(FEW.calls, naming=frozenset({PATHS})),
    ],
)
def test_other_options_are_another_trace(other: Options, prepared: list[Options]) -> None:
    kept.ready(FEW, host())
    kept.ready(other, host())

    assert prepared == [FEW, other]


def test_so_is_another_kernel_or_another_version(
    prepared: list[Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.ready(FEW, host())
    monkeypatch.setattr(kept, "build_id", lambda: "c" * 40)
    kept.ready(FEW, host())
    monkeypatch.setattr(kept, "_sources", lambda _: iter([("cli.py", 1, 1)]))
    kept.ready(FEW, host())

    assert len(prepared) == 3


def test_a_kernel_without_build_id_keeps_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kept, "build_id", lambda: None)
    kept.ready(FEW, host())

    assert not list(tmp_path.rglob("*.trace"))


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def _other_bytes(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _kept(file: Path, found: Any) -> None:
    data = marshal.dumps(found)
    file.write_bytes(zlib.crc32(data).to_bytes(4, "little") + data)


def _empty(file: Path) -> None:
    _kept(file, {})


def _other_shape(file: Path) -> None:
    key, loadable, *rest = marshal.loads(file.read_bytes()[4:])
    maps, codes, *others = loadable
    _kept(file, (key, (maps, (1, *codes[1:]), *others), *rest))


def _of_another_key(file: Path) -> None:
    _, *rest = marshal.loads(file.read_bytes()[4:])
    _kept(file, ("another", *rest))


@pytest.mark.parametrize(
    "spoil",
    [
        _cut,
        _other_bytes,
        _empty,
        _other_shape,
        _of_another_key,
        lambda file: file.chmod(0o620),
        lambda file: os.chown(file, 1, 1),
    ],
)
def test_a_file_that_cannot_be_trusted_is_none(
    spoil: Callable[[Path], None], prepared: list[Options], tmp_path: Path
) -> None:
    kept.ready(FEW, host())
    spoil(_file(tmp_path))

    assert kept.ready(FEW, host()).loadable == prepare(FEW).programs.loadable()
    assert prepared == [FEW, FEW]


def test_nowhere_to_write(prepared: list[Options], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")

    assert kept.ready(FEW, host()).loadable == prepare(FEW).programs.loadable()


def test_the_oldest_is_forgotten(tmp_path: Path) -> None:
    directory = tmp_path / "argtrace"
    directory.mkdir()
    for age in range(kept.MOST + 5):
        file = directory / f"{age}.trace"
        file.touch()
        os.utime(file, ns=(age, age))
    (directory / "fields.json").touch()
    kept.ready(FEW, host())

    left = {file.name for file in directory.glob("*.trace")}
    assert len(left) == kept.MOST
    assert (directory / "fields.json").exists()
    assert "5.trace" not in left
    assert f"{kept.MOST + 4}.trace" in left


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file, as a machine leaves that went down: its checksum is right"),
        pytest.param(b"(", id="a tuple without its length"),
        pytest.param(b"?", id="a type that marshal has not"),
        pytest.param(b"[\xff\xff\xff\x7f", id="a list longer than memory"),
        pytest.param(b")\1r\xff\0\0\0", id="a reference to nothing"),
    ],
)
def test_a_file_that_python_cannot_read_is_as_good_as_none(
    prepared: list[Options], tmp_path: Path, content: bytes
) -> None:
    first = kept.ready(FEW, host())
    checked = zlib.crc32(content).to_bytes(4, "little") + content if content else b""
    _file(tmp_path).write_bytes(checked)

    assert kept.ready(FEW, host()).loadable == first.loadable
    assert prepared == [FEW, FEW]
