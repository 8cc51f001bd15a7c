"""The committed tables agree with their sources, and the generators notice when they do not.

Not here: how the program uses the tables is tested with the modules that do.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from argtrace.decode.tables.errno import ERRNO, RESTART
from argtrace.decode.tables.signals import SI_CODES, SIGNALS
from argtrace.kernel import uapi
from argtrace.signature.aliases import ENTRY_NAMES
from argtrace.signature.tables.scalars import POINTERS, SCALARS
from argtrace.signature.tables.syscalls_i386 import NAMES
from argtrace.signature.tables.syscalls_x86_64 import CALLS
from tools import (
    bpf_uapi,
    committed,
    errno_table,
    headers,
    kernels,
    scalar_table,
    signal_table,
    struct_table,
    syscall_tables,
)
from tools.committed import ConflictError, Stated, Table, Unread

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {
    table.path: table
    for family in (syscall_tables, scalar_table, errno_table, signal_table, bpf_uapi, struct_table)
    for table in family.TABLES
}
BY_NAME = dict(CALLS.values())


def every_table() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


def checked(table: Table, root: Path = committed.ROOT) -> tuple[list[str], list[str]]:
    """The differences, and why sources were not read."""
    stated = table.state(committed.arguments("test", []))
    return committed.check(table, root, stated), [each.reason for each in stated if isinstance(each, Unread)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the committed tables that a test may spoil."""
    for path in TABLES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(committed.ROOT / path, tmp_path / path)
    return tmp_path


def spoil(tree: Path, path: str, old: str, new: str) -> None:
    text = (tree / path).read_text()
    assert text.count(old) == 1
    (tree / path).write_text(text.replace(old, new))


# ---- the tables and the sources of this machine -----------------------------------------


@every_table()
def test_what_this_machine_states_is_committed(table: Table) -> None:
    problems, unread = checked(table)
    assert problems == []
    if unread:
        pytest.skip(f"The rest of {table.path} could not be compared: {'; '.join(unread)}.")


@every_table()
def test_a_table_is_as_its_generator_writes_it_from_its_own_facts(table: Table, tree: Path) -> None:
    before = (tree / table.path).read_text()
    committed.update(table, tree, [Stated("nothing new", "Linux 99", table.unpack(before))])
    assert (tree / table.path).read_text() == before


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param(syscall_tables.NATIVE, '1: ("write"', '1: ("wrote"', id="a call's name"),
        pytest.param(
            syscall_tables.NATIVE, '    257: ("openat"', '    1257: ("openat"', id="a call's number"
        ),
        pytest.param(syscall_tables.COMPAT, '7: "waitpid"', '7: "waittid"', id="a 32-bit call's name"),
        pytest.param("argtrace/decode/tables/errno.py", '"ENOENT"', '"ENOEMT"', id="an error's name"),
        pytest.param(
            "argtrace/decode/tables/errno.py", '"Bad address"', '"Good address"', id="an error's text"
        ),
        pytest.param("argtrace/decode/tables/errno.py", "514: ", "515: ", id="a restart code's number"),
        pytest.param(
            "argtrace/decode/tables/signals.py", '9: "SIGKILL"', '9: "SIGKELL"', id="a signal's name"
        ),
        pytest.param(
            "argtrace/decode/tables/signals.py", '-6: "SI_TKILL"', '-8: "SI_TKILL"', id="a code's number"
        ),
        pytest.param(
            "argtrace/kernel/uapi.py", "BPF_EXIT: Final = 0x90", "BPF_EXIT: Final = 0x98", id="an opcode"
        ),
        pytest.param(
            struct_table.STRUCTS,
            '"timespec": (16, """\n0 time64_t',
            '"timespec": (16, """\n0 u64',
            id="a type",
        ),
        pytest.param(
            struct_table.STRUCTS, "\n40.15:2 u64 precise_ip", "\n40.15:3 u64 precise_ip", id="a width"
        ),
        pytest.param(struct_table.STRUCTS, '"timezone": (8,', '"timezone": (12,', id="a structure's size"),
        pytest.param(
            struct_table.STRUCTS, '"siginfo_t": "siginfo"', '"siginfo_t": "sigevent"', id="an alias"
        ),
        pytest.param(
            "argtrace/kernel/uapi.py", "BPF_PROG_LOAD: Final = 5\n", "", id="a constant that is gone"
        ),
    ],
)
def test_a_fact_that_was_altered_fails_the_check(tree: Path, path: str, old: str, new: str) -> None:
    spoil(tree, path, old, new)
    problems, unread = checked(TABLES[path], tree)
    if unread and not problems:
        pytest.skip(f"Without its source a wrong fact cannot be told: {'; '.join(unread)}.")
    assert problems


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param(
            syscall_tables.NATIVE,
            '("int", "dfd"), ("const char *", "filename"), ("int", "flags"), ("umode_t", "mode")',
            '("int", "dfd"), ("const char *", "filename"), ("umode_t", "flags"), ("umode_t", "mode")',
            id="a parameter's type",
        ),
        pytest.param(
            "argtrace/signature/tables/scalars.py",
            '"umode_t": (2, False)',
            '"umode_t": (4, False)',
            id="a type's size",
        ),
    ],
)
def test_a_fact_of_the_running_kernel_that_was_altered_fails_the_check(
    tree: Path, path: str, old: str, new: str
) -> None:
    spoil(tree, path, old, new)
    problems, unread = checked(TABLES[path], tree)
    if unread:
        pytest.skip(f"Only the running kernel knows this: {'; '.join(unread)}.")
    assert len(problems) == 1


def test_the_command_says_what_differs_and_fails(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(tree, "argtrace/decode/tables/errno.py", "To be restarted if no handler", "to be restarted")
    assert committed.run("errno_table", errno_table.TABLES, ["--check", "--root", str(tree)]) == 1
    assert "restart 514: committed" in capsys.readouterr().err


def test_a_hand_that_edits_the_layout_fails_the_check(tree: Path) -> None:
    spoil(tree, "argtrace/decode/tables/errno.py", '    1: ("EPERM"', '    1:  ("EPERM"')
    problems, _ = checked(TABLES["argtrace/decode/tables/errno.py"], tree)
    assert problems == [
        "argtrace/decode/tables/errno.py: is not as tools/errno_table.py writes it; run `make tables`"
    ]


# ---- how facts are merged --------------------------------------------------------------


def numbers(*entries: tuple[int, str]) -> Stated:
    return Stated("asm/unistd_32.h", "Linux 5.5", {("name", number): name for number, name in entries})


COMPAT = TABLES[syscall_tables.COMPAT]


def test_an_older_source_takes_nothing_away(tree: Path) -> None:
    before = (tree / COMPAT.path).read_text()
    committed.update(COMPAT, tree, [numbers((1, "exit"), (2, "fork"))])
    assert (tree / COMPAT.path).read_text() == before


def test_a_newer_source_adds_its_facts_and_its_release(tree: Path) -> None:
    committed.update(COMPAT, tree, [numbers((1, "exit"), (9999, "levitate"))])
    text = (tree / COMPAT.path).read_text()
    assert '    9999: "levitate",\n' in text
    assert re.search(r"(?m)^# Source: asm/unistd_32\.h \(Linux [\d.]+, Linux 5\.5\)\.$", text)


def test_a_source_that_contradicts_stops_and_writes_nothing(tree: Path) -> None:
    before = (tree / COMPAT.path).read_text()
    with pytest.raises(ConflictError, match=r"name 1: committed 'exit'; .*Linux 5.5\) states 'leave'"):
        committed.update(COMPAT, tree, [numbers((1, "leave"), (9999, "levitate"))])
    assert (tree / COMPAT.path).read_text() == before


def test_a_number_without_parameters_stops(tree: Path) -> None:
    with pytest.raises(ConflictError, match="no source has the parameters of levitate"):
        committed.update(TABLES[syscall_tables.NATIVE], tree, [numbers((9999, "levitate"))])


# ---- the readers -----------------------------------------------------------------------


def test_formats_give_parameters_in_c_spelling() -> None:
    text = """Linux version 7.2.12+deb13-cloud-amd64 (gcc-14 (Debian 14.2.0-19)) #1 SMP Debian 7.2.12-1
name: sys_enter_lift
ID: 1
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;

\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
\tfield:const char *const * argv;\toffset:16;\tsize:8;\tsigned:0;
\tfield:struct iocb * * iocbpp;\toffset:24;\tsize:8;\tsigned:0;
\tfield:unsigned height;\toffset:32;\tsize:8;\tsigned:0;
\tfield:__data_loc char[] __argv_val;\toffset:40;\tsize:4;\tsigned:0;

print fmt: "argv: 0x%08lx"
name: sys_enter_land
"""
    assert kernels.parse(text) == {
        "lift": (("const char *const *", "argv"), ("struct iocb **", "iocbpp"), ("unsigned", "height")),
        "land": (),
    }
    assert kernels.release(text) == "Linux 7.2.12"


def test_a_distribution_s_release_is_found_behind_that_of_its_abi() -> None:
    version = (
        "Linux version 6.1.0-56-amd64 (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP Debian 6.1.192-2 (2026-11-16)"
    )
    assert kernels.release(version) == "Linux 6.1.192"


def test_a_known_variant_of_a_call_is_no_contradiction(tmp_path: Path) -> None:
    field = "\tfield:{};\toffset:{};\tsize:8;\tsigned:0;\n"
    old = ["int dfd", "const char * name", "struct file_handle * handle", "int * mnt_id", "int flag"]
    fields = "".join(field.format(text, 16 + 8 * at) for at, text in enumerate(old))
    file = tmp_path / "formats"
    file.write_text(f"Linux version 6.1.1\nname: sys_enter_name_to_handle_at\n{fields}")
    stated = syscall_tables.parameters(file, {"name_to_handle_at"})
    assert stated == Stated("syscalls/sys_enter_*/format", "Linux 6.1.1", {})


def test_enums_are_counted_as_c_does() -> None:
    text = "enum trade { A, B = 1 << 4, /* not = 7, */ C, D = B | 0xfULL,\n#define E 1\n F = -1L, };"
    assert headers.enums(text) == [headers.Enum("trade", {"A": 0, "B": 16, "C": 17, "D": 31, "F": -1})]


def test_a_macro_with_parameters_is_no_constant() -> None:
    text = "#define ONE 1 /* first */\n#define TWO(x) 2\n#define THREE\n# define FOUR \\\n 4\n#define ONE 9\n"
    assert headers.defines(text) == {"ONE": "1", "FOUR": "4"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "#define __BPF_FUNC_MAPPER(FN)\\\n\tFN(unspec),\\\n\tFN(lookup),", id="before Linux 6.2"
        ),
        pytest.param(
            "#define ___BPF_FUNC_MAPPER(FN, ctx...)\\\n\tFN(unspec, 0, ##ctx)\\\n\tFN(lookup, 1, ##ctx)\n"
            "#define __BPF_FUNC_MAPPER(FN) ___BPF_FUNC_MAPPER(__BPF_FUNC_MAPPER_APPLY, FN)",
            id="since Linux 6.2",
        ),
    ],
)
def test_helpers_are_numbered(text: str) -> None:
    assert bpf_uapi.helpers(text, "__BPF_FUNC_MAPPER") == {"BPF_FUNC_unspec": 0, "BPF_FUNC_lookup": 1}


def test_the_headers_of_another_machine_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "asm").mkdir()
    (tmp_path / "asm/unistd_64.h").write_text("#define __NR_io_setup 0\n")
    with pytest.raises(headers.UnreadError, match="is not that of x86-64"):
        headers.find(tmp_path, "asm/unistd_64.h")


def test_the_compiler_reads_the_same_values_from_bpf_h(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("There is no C compiler to compare with.")
    (stated,) = bpf_uapi.TABLES
    facts = {
        key[1]: value
        for each in stated.state(committed.arguments("test", []))
        if isinstance(each, Stated)
        for key, value in each.facts.items()
        if key[0] == "value"
    }
    if not facts:
        pytest.skip("The header linux/bpf.h is not installed.")
    source = tmp_path / "values.c"
    lines = (f'_Static_assert({name} == {value}, "{name}");\n' for name, value in facts.items())
    source.write_text("#include <linux/bpf.h>\n" + "".join(lines))
    done = subprocess.run(["cc", "-fsyntax-only", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ---- the edges of the tables -----------------------------------------------------------


def test_the_first_and_the_last_call() -> None:
    assert CALLS[0] == ("read", (("unsigned int", "fd"), ("char *", "buf"), ("size_t", "count")))
    assert CALLS[max(CALLS)] == ("fchroot", (("int", "fd"), ("unsigned int", "flags")))
    assert max(CALLS) == 472
    # 337 to 423 are free, so that new calls have one number on every machine.
    assert 336 in CALLS
    assert 337 not in CALLS
    assert 423 not in CALLS
    assert CALLS[424][0] == "pidfd_send_signal"


PROTOTYPES = {
    "the usual": ("openat", "int dfd, const char *filename, int flags, umode_t mode"),
    "two consts": ("execve", "const char *filename, const char *const *argv, const char *const *envp"),
    "two stars": ("get_robust_list", "int pid, struct robust_list_head **head_ptr, size_t *len_ptr"),
    "a const scalar": ("clock_gettime", "const clockid_t which_clock, struct __kernel_timespec *tp"),
    "newstat in tracefs": ("stat", "const char *filename, struct stat *statbuf"),
    "umount in tracefs": ("umount2", "char *name, int flags"),
    "three in Linux 6.18, five in 7.2": ("bpf", "int cmd, union bpf_attr *uattr, unsigned int size"),
    "not in small kernels": ("finit_module", "int fd, const char *uargs, int flags"),
    "gone since Linux 6.7": ("lookup_dcookie", "u64 cookie64, char *buf, size_t len"),
    "newer than Linux 6.18": ("fchroot", "int fd, unsigned int flags"),
    "written by hand": ("uselib", "const char *library"),
    "takes nothing": ("rt_sigreturn", ""),
    "never implemented": ("tuxcall", ""),
}


@pytest.mark.parametrize(("name", "prototype"), PROTOTYPES.values(), ids=PROTOTYPES)
def test_parameters(name: str, prototype: str) -> None:
    spelled = [f"{type} {parameter}".replace("* ", "*") for type, parameter in BY_NAME[name]]
    assert ", ".join(spelled) == prototype


def test_no_call_takes_more_than_six() -> None:
    assert max(len(params) for _, params in CALLS.values()) == 6


def test_types_are_in_c_spelling() -> None:
    types = {type for _, params in CALLS.values() for type, _ in params}
    assert {type for type in types if type != kernels.spelling(type)} == set()
    assert {type for type in types if "* *" in type or re.search(r"\w\*|  ", type)} == set()


def test_names_of_32_bit_calls() -> None:
    assert NAMES[0] == "restart_syscall"
    assert NAMES[5] == "open"
    assert NAMES[192] == "mmap2"
    assert NAMES[403] == "clock_gettime64"
    assert NAMES[max(NAMES)] == CALLS[max(CALLS)][0]
    # 222 was meant for a web server in the kernel and given to nobody.
    assert 222 not in NAMES


def test_an_alias_is_of_a_call_that_exists() -> None:
    assert set(ENTRY_NAMES) <= set(BY_NAME)
    assert not set(ENTRY_NAMES.values()) & set(BY_NAME)


def test_every_type_of_a_parameter_is_a_pointer_or_has_a_size() -> None:
    assert scalar_table.wanted(committed.ROOT) == set(SCALARS) | POINTERS
    assert not set(SCALARS) & POINTERS


@pytest.mark.parametrize(
    ("name", "scalar"),
    [
        ("umode_t", (2, False)),
        ("pid_t", (4, True)),
        ("loff_t", (8, True)),
        ("size_t", (8, False)),
        ("unsigned", (4, False)),
        ("long", (8, True)),
        ("mqd_t", (4, True)),
        ("timer_t", (4, True)),
        ("aio_context_t", (8, False)),
        ("enum landlock_rule_type", (4, False)),
    ],
)
def test_scalars(name: str, scalar: tuple[int, bool]) -> None:
    assert SCALARS[name] == scalar


def test_a_typedef_can_hide_a_pointer() -> None:
    assert {"cap_user_header_t", "cap_user_data_t"} == POINTERS


def test_errors() -> None:
    assert 0 not in ERRNO
    assert ERRNO[1] == ("EPERM", "Operation not permitted")
    assert ERRNO[2] == ("ENOENT", "No such file or directory")
    assert ERRNO[133] == ("EHWPOISON", "Memory page has hardware error")
    assert ERRNO[max(ERRNO)][0] == "EFTYPE"
    # The numbers of EWOULDBLOCK and EDEADLOCK elsewhere; here they are second names.
    assert 41 not in ERRNO
    assert 58 not in ERRNO
    assert [ERRNO[number][0] for number in (11, 35, 95)] == ["EAGAIN", "EDEADLK", "EOPNOTSUPP"]


def test_restart_codes() -> None:
    assert RESTART[512] == ("ERESTARTSYS", "To be restarted if SA_RESTART is set")
    assert RESTART[513] == ("ERESTARTNOINTR", "To be restarted")
    assert RESTART[514] == ("ERESTARTNOHAND", "To be restarted if no handler")
    assert RESTART[516] == ("ERESTART_RESTARTBLOCK", "Interrupted by signal")
    assert (min(RESTART), max(RESTART)) == (512, 531)
    assert 520 not in RESTART


def test_signals() -> None:
    assert list(SIGNALS) == list(range(1, 65))
    assert SIGNALS[6] == "SIGABRT"
    assert SIGNALS[29] == "SIGIO"
    assert [SIGNALS[number] for number in (31, 32, 33, 34, 64)] == [
        "SIGSYS",
        "SIGRTMIN",
        "SIGRT_1",
        "SIGRT_2",
        "SIGRT_32",
    ]


def test_signal_codes() -> None:
    assert SI_CODES[""][0] == "SI_USER"
    assert SI_CODES[""][0x80] == "SI_KERNEL"
    assert SI_CODES[""][-6] == "SI_TKILL"
    assert SI_CODES["SIGSEGV"][1] == "SEGV_MAPERR"
    assert SI_CODES["SIGSEGV"][4] == "SEGV_PKUERR"
    assert SI_CODES["SIGTRAP"][1] == "TRAP_BRKPT"
    assert SI_CODES["SIGCHLD"][1] == "CLD_EXITED"
    assert SI_CODES["SIGSYS"] == {1: "SYS_SECCOMP", 2: "SYS_USER_DISPATCH"}
    assert SI_CODES["SIGIO"] == SI_CODES["SIGPOLL"]
    assert all(signal in {"", "SIGPOLL", *SIGNALS.values()} for signal in SI_CODES)


def test_constants_of_bpf() -> None:
    assert (uapi.BPF_MAP_CREATE, uapi.BPF_LINK_CREATE) == (0, 28)
    assert (uapi.BPF_MAP_TYPE_HASH, uapi.BPF_MAP_TYPE_RINGBUF) == (1, 27)
    assert (uapi.BPF_PROG_TYPE_RAW_TRACEPOINT, uapi.BPF_PROG_TYPE_TRACING) == (17, 26)
    assert (uapi.BPF_FUNC_unspec, uapi.BPF_FUNC_probe_read_user, uapi.BPF_FUNC_loop) == (0, 112, 181)
    assert (uapi.BPF_RINGBUF_BUSY_BIT, uapi.BPF_RINGBUF_DISCARD_BIT, uapi.BPF_RINGBUF_HDR_SZ) == (
        1 << 31,
        1 << 30,
        8,
    )
    assert uapi.BPF_F_CURRENT_CPU == 0xFFFF_FFFF
    assert uapi.BPF_JMP | uapi.BPF_EXIT == 0x95
    assert uapi.BPF_CMPXCHG == 0xF1
