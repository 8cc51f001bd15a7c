"""Event formats as kernels print them, and texts that only look like formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from argtrace.errors import FormatError
from argtrace.signature import tracefs
from argtrace.signature.tracefs import Field, Format

FORMATS = Path(__file__).parent.parent / "cases" / "formats"

CASES = [
    pytest.param(
        "sys_enter_getppid-6.18",
        "sys_enter_getppid 305: int __syscall_nr @8+4 signed",
        id="a call without parameters has its number",
    ),
    pytest.param(
        "sys_enter_openat-6.18",
        "sys_enter_openat 782: int __syscall_nr @8+4 signed; int dfd @16+8; const char * filename @24+8;"
        " int flags @32+8; umode_t mode @40+8",
        id="a call's parameters take a word each",
    ),
    pytest.param(
        "sys_enter_openat-7.3",
        "sys_enter_openat 761: int __syscall_nr @8+4 signed; int dfd @16+8; const char * filename @24+8;"
        " int flags @32+8; umode_t mode @40+8; __data_loc char[] __filename_val @48+4",
        id="newer kernels add the string, and print flags by name",
    ),
    pytest.param(
        "sys_enter_execve-6.18",
        "sys_enter_execve 862: int __syscall_nr @8+4 signed; const char * filename @16+8;"
        " const char *const * argv @24+8; const char *const * envp @32+8",
        id="a pointer to const pointers is written without a space",
    ),
    pytest.param(
        "sys_enter_futex-5.10",
        "sys_enter_futex 394: int __syscall_nr @8+4 signed; u32 * uaddr @16+8; int op @24+8; u32 val @32+8;"
        " struct __kernel_timespec * utime @40+8; u32 * uaddr2 @48+8; u32 val3 @56+8",
        id="a type may be two words",
    ),
    pytest.param(
        "sys_enter-6.18",
        "sys_enter 443: long id @8+8 signed; unsigned long[6] args @16+48",
        id="an array keeps its length with its type",
    ),
    pytest.param(
        "sched_switch-6.18",
        "sched_switch 372: char[16] prev_comm @8+16; pid_t prev_pid @24+4 signed; int prev_prio @28+4 signed;"
        " long prev_state @32+8 signed; char[16] next_comm @40+16; pid_t next_pid @56+4 signed;"
        " int next_prio @60+4 signed",
        id="an event need not be a system call",
    ),
    pytest.param(
        "sched_process_exec-6.18",
        "sched_process_exec 365: __data_loc char[] filename @8+4; pid_t pid @12+4 signed;"
        " pid_t old_pid @16+4 signed",
        id="a string of any length is a place elsewhere in the record",
    ),
]


def _spell(format: Format) -> str:
    fields = [f"{f.type} {f.name} @{f.offset}+{f.size}{' signed' if f.signed else ''}" for f in format.fields]
    return f"{format.name} {format.id}: {'; '.join(fields)}"


def _text(name: str) -> str:
    return (FORMATS / f"{name}.format").read_text()


@pytest.mark.parametrize(("file", "fields"), CASES)
def test_fields(file: str, fields: str) -> None:
    assert _spell(tracefs.parse(_text(file))) == fields


@pytest.mark.parametrize("file", sorted(path.stem for path in FORMATS.glob("*.format")))
def test_a_format_that_is_cut_short_is_not_taken_for_a_shorter_one(file: str) -> None:
    text = _text(file)
    whole = tracefs.parse(text)

    for end in range(text.index("print fmt:")):
        with pytest.raises(FormatError):
            tracefs.parse(text[:end])
    assert tracefs.parse(text[: text.index("print fmt:") + len("print fmt:")]) == whole


def _with_field(line: str) -> str:
    return (
        f"name: event\nID: 1\nformat:\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
        f'{line}\n\nprint fmt: ""\n'
    )


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param(
            "\tfield:int fd;\toffset:16;\tsize:8;\tsigned:0;",
            Field("int", "fd", 16, 8, signed=False),
            id="as the kernel prints it",
        ),
        pytest.param(
            "\tfield:unsigned   long  * const *x;\toffset:16;\tsize:8;\tsigned:0;",
            Field("unsigned long * const *", "x", 16, 8, signed=False),
            id="spaces in a type are one each",
        ),
    ],
)
def test_field(line: str, field: Field) -> None:
    assert tracefs.parse(_with_field(line)).fields == (field,)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("\n\n", id="a blank line"),
        pytest.param("ID: 1\nformat:\n\n\nprint fmt:", id="no name"),
        pytest.param("name: event\nformat:\n\n\nprint fmt:", id="no number"),
        pytest.param("name: event\nID: x\nformat:\n\n\nprint fmt:", id="a number that is none"),
        pytest.param(f"name: event\nID: {'9' * 5000}\nformat:\n\n\nprint fmt:", id="a number beyond reason"),
        pytest.param("name: event\nID: 1\n", id="no fields and no blank line"),
        pytest.param(_with_field("\tfield:int fd;"), id="a field without its place"),
        pytest.param(_with_field("\tfield:fd;\toffset:16;\tsize:8;\tsigned:0;"), id="a field without a type"),
        pytest.param(_with_field("\tfield: fd;\toffset:16;\tsize:8;\tsigned:0;"), id="one of a blank type"),
        pytest.param(_with_field("\tfield:* x;\toffset:16;\tsize:8;\tsigned:0;"), id="one of a star alone"),
        pytest.param(_with_field("\tfield:int *;\toffset:16;\tsize:8;\tsigned:0;"), id="one without a name"),
        pytest.param(_with_field("\tfield:int fd;\toffset:-1;\tsize:8;\tsigned:0;"), id="one before 0"),
        pytest.param(
            _with_field(f"\tfield:int fd;\toffset:{'9' * 5000};\tsize:8;\tsigned:0;"), id="one beyond reason"
        ),
        pytest.param(_with_field("\tfield:int fd;\toffset:1;\tsize:8;\tsigned:2;"), id="a sign that is none"),
        pytest.param(
            _with_field("field:int fd;\toffset:1;\tsize:8;\tsigned:0;"), id="a line without its tab"
        ),
    ],
)
def test_other_text_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError, match="event format"):
        tracefs.parse(text)


def test_the_error_says_where() -> None:
    text = _with_field("\tfield:int fd;\toffset:1;")

    with pytest.raises(FormatError) as caught:
        tracefs.parse(text)

    assert caught.value.offset == text.index("\tfield:int fd;")
