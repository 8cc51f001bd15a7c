"""What the running kernel says of itself: offsets from its BTF, formats of its events."""

from __future__ import annotations

import contextlib
import functools
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from argtrace import __version__
from argtrace.cache import remembered
from argtrace.errors import ArgtraceError, NotFound, NotPermitted, NotSupported
from argtrace.kernel import buildid
from argtrace.value import names

if TYPE_CHECKING:
    from argtrace.fetch.choice import Choice
    from argtrace.fetch.choosing import Choosing
    from argtrace.fetch.context import Context
    from argtrace.fetch.features import Features
    from argtrace.fetch.fields import Fields
    from argtrace.fetch.opened import Opening
    from argtrace.fetch.settings import Setting
    from argtrace.kernel.calls import Kernel
    from argtrace.signature.btf import Btf
    from argtrace.signature.layouts import Layout
    from argtrace.signature.syscalls import ReadFormat
    from argtrace.target import Target

FORCED_TRACEPOINTS = "ARGTRACE_TRACEPOINTS"
"""A variable of the environment that decides which kind of program is attached."""


def running() -> Kernel:
    """The one to ask; or one like an older one, if that is wanted."""
    from argtrace.kernel.calls import PRETEND, Linux  # noqa: PLC0415 (start-up, as those below)

    version = os.environ.get(PRETEND)
    if not version:
        return Linux()
    from argtrace.pretend import Pretended  # noqa: PLC0415 (for tests)

    return Pretended(Linux(), version)


def fields(target: Target) -> Fields:
    """Offsets in this kernel's structures."""
    from argtrace.fetch import fields as members  # noqa: PLC0415 (start-up, as those below)

    return members.Fields(**_offsets("fields", members.Fields, lambda: members.find(btf(), target)))


def context() -> Context:
    """What programs are handed: raw tracepoints' arguments, unless programs there can be preempted.

    An event is opened by its id, which tracefs has: a user who may not read that gets raw ones too, and
    what the kernel leaves out of those is counted. One that is pretended to be older has raw ones as it had:
    what stands for a newer kernel's helpers takes their arguments.

    ARGTRACE_TRACEPOINTS, for tests, is `raw` or `event`."""
    from argtrace.fetch import context as contexts  # noqa: PLC0415
    from argtrace.fetch.context import RAW, Context  # noqa: PLC0415
    from argtrace.kernel.calls import PRETEND  # noqa: PLC0415

    forced = os.environ.get(FORCED_TRACEPOINTS) or ("raw" if os.environ.get(PRETEND) else None)

    def ask() -> Mapping[str, int | None]:
        return {"answer": int(contexts.is_preemptible(btf()))}

    if forced is None and not remembered("raw-preemptible", __version__, ask)["answer"]:
        return RAW
    if forced == "raw" or (forced is None and not has_tracefs()):
        return RAW
    try:
        return Context(**_offsets("events", Context, lambda: contexts.find(btf())))
    except NotFound:
        if forced is not None:
            raise
        return RAW  # what the kernel leaves out is counted at least


def features() -> Features:
    """What this kernel has of what our programs use, asked once a kernel.

    If it may not be asked, it has everything: loading says what is not allowed."""
    from argtrace.fetch import features as known  # noqa: PLC0415
    from argtrace.fetch.features import Features  # noqa: PLC0415

    def ask() -> Mapping[str, int | None]:
        from argtrace import probing  # noqa: PLC0415 (start-up: not where it is kept)

        return probing.features(running())

    try:
        found = remembered("features", __version__, ask)
    except NotPermitted:
        return known.ALL
    return Features(**{name: bool(has) for name, has in found.items()})


def choosing(choice: Choice, *, starts: bool = False) -> Choosing | None:
    """How the kernel decides who is traced; None where there is nothing to decide. `starts`: an exec that
    makes somebody traced is wanted itself."""
    if not choice.any:
        return None
    from argtrace.fetch import choosing as programs  # noqa: PLC0415

    found = _offsets("choosing", programs.Members, lambda: programs.members(btf()))
    return programs.Choosing(choice, programs.Members(**found), starts=starts)


def opening(calls: Mapping[int, str], target: Target) -> Opening | None:
    """What the kernel's side takes to look at open files; None where this kernel has not all of it."""
    from argtrace.fetch import file_fields as members  # noqa: PLC0415
    from argtrace.fetch.opened import Opening  # noqa: PLC0415
    from argtrace.location import syscall  # noqa: PLC0415

    try:
        found = members.FileFields(**_offsets("files", members.FileFields, lambda: members.find(btf())))
    except NotFound:
        return None
    return Opening(found, tuple(calls.items()), syscall.registers(target))


def setting() -> Setting | None:
    """What the kernel's side takes to tell what an exec is made in; None where it has not all of it."""
    from argtrace.fetch import file_fields, setting_fields  # noqa: PLC0415
    from argtrace.fetch.settings import Setting  # noqa: PLC0415

    files, settings = file_fields.FileFields, setting_fields.SettingFields
    try:
        return Setting(
            settings(**_offsets("settings", settings, lambda: setting_fields.find(btf()))),
            files(**_offsets("files", files, lambda: file_fields.find(btf()))),
        )
    except NotFound:
        return None


def _offsets(name: str, type: Any, find: Callable[[], object]) -> dict[str, Any]:
    """The members of a value of offsets; from BTF, the first time."""
    members = ",".join(type.__match_args__)
    topic = f"{name}-{zlib.crc32(members.encode()):x}"  # another version asks for others

    def found() -> dict[str, Any]:
        value = find()
        return {member: getattr(value, member) for member in names(value)}

    return dict(remembered(topic, __version__, found))


def layout(name: str) -> Layout:
    """A structure that no table has, from this kernel's BTF. Raises KeyError."""
    from argtrace.signature import layouts  # noqa: PLC0415

    try:
        return layouts.from_btf(btf(), name)
    except (NotFound, NotSupported) as error:
        raise KeyError(name) from error


@functools.cache
def btf() -> Btf:
    """The kernel's types, read once. Raises NotSupported."""
    from argtrace.signature.btf import Btf  # noqa: PLC0415 (start-up: seldom needed)

    try:
        with open(buildid.btf(), "rb") as file:
            return Btf(file.read())
    except FileNotFoundError as error:
        raise NotSupported(
            f"a kernel without BTF ({buildid.btf()})",
            since="5.4",
            remedy="use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or name a file with the BTF of this "
            f"very build in {buildid.OWN_BTF}",
        ) from error


def has_tracefs() -> bool:
    """Whether there is a tracefs that we may read."""
    from argtrace.kernel import mounts  # noqa: PLC0415

    try:
        mounts.tracefs().close()
    except (ArgtraceError, OSError):
        return False
    return True


@contextlib.contextmanager
def formats() -> Iterator[ReadFormat | None]:
    """How to read an event's format, or None where tracefs cannot be read."""
    from argtrace.kernel import mounts  # noqa: PLC0415

    try:
        root = mounts.tracefs()
    except (ArgtraceError, OSError):
        yield None
        return
    with root:
        yield _reader(root.fileno())


def _reader(root: int) -> Callable[[str], str | None]:
    def read(event: str) -> str | None:
        try:
            fd = os.open(f"events/syscalls/{event}/format", os.O_RDONLY | os.O_CLOEXEC, dir_fd=root)
        except OSError:
            return None
        try:
            return os.read(fd, 1 << 16).decode()
        finally:
            os.close(fd)

    return read
