"""Each system call's Signature: asked of the running kernel, else of the table.

Numbers and names come from the committed table (the kernel's formats do not
give numbers); parameters from tracefs where it can be read, so that they are
those of the kernel that runs.

Sources: `tables/syscalls_x86_64.py`, `tables/syscalls_i386.py`, `tables/syscalls_aarch64.py`,
`tables/syscalls_arm.py`;
/sys/kernel/tracing/events/syscalls/sys_enter_*/format.

Not here: what a declaration of x86-64 says on another machine is `machines.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from argtrace.errors import FormatError
from argtrace.signature import c_types, machines, tracefs
from argtrace.signature.aliases import ENTRY_NAMES
from argtrace.signature.calls import declaration
from argtrace.signature.contents import guess
from argtrace.signature.meaning import ADDRESS, HEX, INT
from argtrace.signature.model import Int, Param, Pointer, Signature, Type, Void
from argtrace.signature.tables import syscalls_i386, syscalls_x86_64
from argtrace.target import AARCH64, X86_64, Target

LONG = Int("long", 8, signed=True)
WORD = Int("unsigned long", 8, signed=False)
HALF = Int("unsigned int", 4, signed=False)

NAMES: dict[int, str] = {number: name for number, (name, _) in syscalls_x86_64.CALLS.items()}
NUMBERS: dict[str, int] = {name: number for number, name in NAMES.items()}
COMPAT_NAMES: dict[int, str] = syscalls_i386.NAMES

_ARM_PRIVATE = 0xF0000  # __ARM_NR_BASE of arch/arm/include/uapi/asm/unistd.h

_PARAMETERS = dict(syscalls_x86_64.CALLS.values())

ReadFormat = Callable[[str], str | None]
"""An event's name, `sys_enter_openat`, to its format text, or None where there is none."""


def names(target: Target) -> dict[int, str]:
    """The calls of a machine by number."""
    if target == X86_64:
        return NAMES
    assert target == AARCH64
    from argtrace.signature.tables import syscalls_aarch64  # noqa: PLC0415 (start-up: on no x86-64)

    return syscalls_aarch64.NAMES


def compat_names(target: Target) -> dict[int, str]:
    """The 32-bit calls that a machine's kernels have too, by number."""
    if target == X86_64:
        return COMPAT_NAMES
    assert target == AARCH64
    from argtrace.signature.tables import syscalls_arm  # noqa: PLC0415 (start-up: on no x86-64)

    return syscalls_arm.NAMES


def signatures(
    numbers: Iterable[int], read_format: ReadFormat | None, target: Target = X86_64
) -> dict[int, Signature]:
    """The Signature of each number. `read_format` is None where tracefs cannot be read."""
    return {number: _signature(names(target)[number], read_format, target) for number in numbers}


def unknown(number: int) -> Signature:
    """A number that no table has: `syscall_0xbad`, six words."""
    return Signature(f"syscall_{number:#x}", _words(6), LONG, "unknown")


def compat(number: int, target: Target = X86_64) -> Signature:
    """A 32-bit call: its name, and its registers as they are. Its parameters are not decoded:
    structures, and numbers of 64 bits, are laid out differently there."""
    name = compat_names(target).get(number, f"syscall_{number:#x}")
    return Signature(name, _words(6, HALF), LONG, "unknown")


def compat_of(natives: Iterable[str], target: Target = X86_64, *, everything: bool) -> dict[int, str]:
    """The 32-bit calls that these 64-bit ones bring along, by number, of those that have an index."""
    chosen = set(natives)
    known = {n: name for n, name in compat_names(target).items() if n < _ARM_PRIVATE}
    only_compat = set(known.values()) - set(names(target).values())
    return {
        number: name
        for number, name in known.items()
        # A call that only 32-bit programs have (socketcall, mmap2) cannot be named: it is in "all".
        if name in chosen or (everything and name in only_compat)
    }


def _signature(name: str, read_format: ReadFormat | None, target: Target) -> Signature:
    listed = machines.ordered(name, _PARAMETERS[name], target)
    fields = None if read_format is None else _ask(name, read_format)
    source = "table" if fields is None else "tracefs"
    declared = machines.declared(name, declaration(name), target)
    typed = [(param, c_types.parse(type)) for type, param in (listed if fields is None else fields)]
    if declared is None:
        names = frozenset(param for param, _ in typed)
        params = tuple(Param(param, type, guess(param, type, names)) for param, type in typed)
        return Signature(name, params, LONG, source)
    # A kernel may have more parameters than were declared: those are numbers.
    meanings = (*declared.params, *(("", INT),) * (len(typed) - len(declared.params)))
    params = tuple(
        Param(param, type, meaning, called)
        for (param, type), (called, meaning) in zip(typed, meanings, strict=False)
    )
    result: Type = Pointer(Void()) if declared.result == ADDRESS else LONG
    return Signature(name, params, result, source, declared.result)


def _ask(name: str, read_format: ReadFormat) -> list[tuple[str, str]] | None:
    text = read_format(f"sys_enter_{ENTRY_NAMES.get(name, name)}")
    if text is None:
        return None
    try:
        format = tracefs.parse(text)
    except FormatError:
        return None  # a format we cannot read: the table knows this call as well
    return [
        (field.type, field.name)
        for field in format.fields
        # Linux 6.19 adds the strings themselves, for its own printing.
        if field.name != "__syscall_nr" and not field.type.startswith("__data_loc")
    ]


def _words(count: int, type: Int = WORD) -> tuple[Param, ...]:
    return tuple(Param(f"arg{n}", type, HEX) for n in range(1, count + 1))
