"""EPERM has many reasons: which one it is, is said."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from argtrace.errors import KernelRefused, NotSupported
from argtrace.ptrace import attach

US = {"Tgid": "10", "Uid": "1000\t1000\t1000\t1000", "CapEff": "0000000000000000"}
THEM = {"Tgid": "20", "Uid": "1000\t1000\t1000\t1000", "TracerPid": "0"}


def proc(directory: Path, us: dict[str, str], them: dict[str, str] | None, scope: int | None = None) -> str:
    processes = {"self": us} | ({"20": them} if them is not None else {})
    for name, lines in processes.items():
        (directory / name).mkdir(exist_ok=True)
        (directory / name / "status").write_text(
            "".join(f"{key}:\t{value}\n" for key, value in lines.items())
        )
    (directory / "30").mkdir(exist_ok=True)
    (directory / "30" / "comm").write_text("gdb\n")
    if scope is not None:
        (directory / "sys/kernel/yama").mkdir(parents=True)
        (directory / "sys/kernel/yama/ptrace_scope").write_text(f"{scope}\n")
    return str(directory)


@pytest.mark.parametrize(
    ("us", "them", "scope", "says"),
    [
        pytest.param({}, {"TracerPid": "30"}, None, "gdb (30) traces it", id="traced by another"),
        pytest.param({}, {"TracerPid": "31"}, None, "process 31 traces it", id="by one that is gone"),
        pytest.param({}, {"Tgid": "10"}, None, "it is argtrace itself", id="ourselves"),
        pytest.param({}, {"Uid": "0\t0\t0\t0"}, 1, "it runs as user 0, we as 1000", id="somebody else's"),
        pytest.param({}, {}, 0, "not dumpable", id="ours, private"),
        pytest.param({}, {}, 1, "ptrace_scope is 1", id="ours, and Yama"),
        pytest.param({}, {}, 2, "ptrace_scope is 2", id="Yama, for those with rights alone"),
        pytest.param({}, {}, 3, "ptrace_scope=3", id="Yama, for nobody"),
        pytest.param({}, {}, None, "not dumpable", id="no Yama"),
        pytest.param({"CapEff": f"{1 << 19:x}"}, {}, 1, "CAP_SYS_PTRACE is there", id="a container"),
    ],
)
def test_why_it_is_refused(
    us: dict[str, str], them: dict[str, str], scope: int | None, says: str, tmp_path: Path
) -> None:
    refused = KernelRefused("ptrace(PTRACE_SEIZE, 20)", errno.EPERM)
    error = attach.explain(refused, 20, proc=proc(tmp_path, US | us, THEM | them, scope))
    assert str(error).startswith("not permitted: tracing process 20 with ptrace: needs ")
    assert says in str(error)


def test_nobody_is_there(tmp_path: Path) -> None:
    for number in (errno.ESRCH, errno.EPERM):
        error = attach.explain(KernelRefused("ptrace", number), 20, proc=proc(tmp_path, US, None))
        assert str(error) == "no process has the id 20"


def test_another_error_is_told_as_it_is() -> None:
    refused = KernelRefused("ptrace(PTRACE_SEIZE, 20)", errno.EIO)
    assert attach.explain(refused, 20) is refused


def test_the_proc_of_another_namespace_is_refused(tmp_path: Path) -> None:
    attach.check_proc()
    (tmp_path / "self").symlink_to(str(os.getpid() + 1))
    for directory in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(NotSupported) as caught:
            attach.check_proc(str(directory))
        assert "mount" in (caught.value.remedy or "")
