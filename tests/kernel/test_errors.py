"""Each error: one line that says what and where, and attributes for who handles it."""

from __future__ import annotations

import errno

import pytest

from argtrace import errors
from argtrace.errors import (
    ArgtraceError,
    FormatError,
    KernelRefused,
    NotFound,
    NotPermitted,
    NotSupported,
    OutputFailed,
    VerifierRejected,
)

LOG = "0: (95) exit\nR0 !read_ok\nprocessed 1 insns (limit 1000000) max_states_per_insn 0\n"

CASES = [
    pytest.param(
        ArgtraceError("what happened", remedy="do this"),
        "what happened",
        {"remedy": "do this"},
        id="the base has a message and a remedy",
    ),
    pytest.param(
        ArgtraceError("a\nb\u2028\x1b[2J\x9b\udcff é 日本"),
        "a\\nb\\u2028\\x1b[2J\\x9b\\udcff é 日本",
        {},
        id="a name that is quoted makes no lines, and does nothing to a terminal",
    ),
    pytest.param(
        FormatError("BTF", 24, "a kind"),
        "BTF: at offset 24: expected a kind",
        {"source": "BTF", "offset": 24, "expected": "a kind", "remedy": None},
        id="bytes that are not what they claim",
    ),
    pytest.param(
        NotFound("openat3", "system calls", ("openat", "openat2")),
        "system calls: no 'openat3' (did you mean openat, openat2?)",
        {"name": "openat3", "looked_in": "system calls", "similar": ("openat", "openat2")},
        id="a name that is similar to others",
    ),
    pytest.param(
        NotFound("4711", "processes"),
        "processes: no '4711'",
        {"similar": ()},
        id="a name that is similar to none",
    ),
    pytest.param(
        NotSupported("ring buffers", since="5.8", remedy="update"),
        "not supported here: ring buffers (Linux 5.8 has it)",
        {"feature": "ring buffers", "since": "5.8", "remedy": "update"},
        id="a feature that came later",
    ),
    pytest.param(
        NotSupported("tracepoint task_rename"),
        "not supported here: tracepoint task_rename",
        {"since": None},
        id="a feature that is simply not there",
    ),
    pytest.param(
        NotPermitted("loading BPF programs", ("CAP_BPF", "CAP_PERFMON"), remedy="sudo"),
        "not permitted: loading BPF programs: needs CAP_BPF, CAP_PERFMON",
        {"wanted": "loading BPF programs", "needs": ("CAP_BPF", "CAP_PERFMON"), "remedy": "sudo"},
        id="a missing right",
    ),
    pytest.param(
        KernelRefused("fsopen", errno.ENODEV),
        "fsopen: ENODEV (No such device)",
        {"call": "fsopen", "errno": errno.ENODEV},
        id="an errno has its name and the C library's words",
    ),
    pytest.param(
        KernelRefused("bpf(BPF_PROG_LOAD)", 524),
        "bpf(BPF_PROG_LOAD): 524 (Unknown error 524)",
        {"errno": 524},
        id="an errno inside the kernel has a number only",
    ),
    pytest.param(
        VerifierRejected("at_enter_0", errno.EACCES, LOG),
        "bpf(BPF_PROG_LOAD, at_enter_0): EACCES (Permission denied): R0 !read_ok",
        {"program": "at_enter_0", "errno": errno.EACCES, "log": LOG},
        id="a rejected program shows one line and keeps all",
    ),
    pytest.param(
        OutputFailed("trace.json", "No space left on device"),
        "cannot write to trace.json: No space left on device",
        {"target": "trace.json", "reason": "No space left on device"},
        id="output that cannot be written",
    ),
]


@pytest.mark.parametrize(("error", "line", "attributes"), CASES)
def test_line_and_attributes(error: ArgtraceError, line: str, attributes: dict[str, object]) -> None:
    assert str(error) == line
    assert {name: getattr(error, name) for name in attributes} == attributes


def test_each_error_has_a_case() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}

    assert {type(case.values[0]) for case in CASES} == kinds


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(NotFound("x", "y"), LookupError, id="a missing name is a LookupError"),
        pytest.param(KernelRefused("bpf", errno.EINVAL), OSError, id="a refusal is an OSError"),
        pytest.param(NotPermitted("x", ("y",)), PermissionError, id="a missing right is a PermissionError"),
        pytest.param(VerifierRejected("p", 22, ""), KernelRefused, id="a rejection is a refusal"),
    ],
)
def test_python_knows_them_too(error: ArgtraceError, kind: type[Exception]) -> None:
    assert isinstance(error, kind)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        pytest.param(LOG, "R0 !read_ok", id="statistics do not count"),
        pytest.param(
            "R1 invalid mem access 'scalar'\nverification time 9 usec\nstack depth 8+0\nprocessed 2 insns\n",
            "R1 invalid mem access 'scalar'",
            id="neither do the time and the stack of log level 4",
        ),
        pytest.param("last\n\n  \n", "last", id="nor empty lines"),
        pytest.param("\tindented\n", "indented", id="white space around it goes"),
        pytest.param("", "", id="no log has no telling line"),
        pytest.param(
            "R2 !read_ok\n\nVerification failed: Register: Not initialized\n\nSuggestion:\n  Set it first.\n",
            "R2 !read_ok",
            id="nor what Linux 7.3 explains and suggests",
        ),
        pytest.param("processed 1 insns\n", "", id="statistics alone tell nothing"),
    ],
)
def test_telling_line(log: str, line: str) -> None:
    assert errors.telling_line(log) == line
