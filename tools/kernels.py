"""What does a kernel state about its system calls?

Source: Documentation/trace/events.rst, "Event formats"; kernel/trace/trace_syscalls.c.

The formats come from a directory, from the running kernel's tracefs (mounted for one
moment in a mount namespace of our own if it is not mounted), or from a file that another
kernel wrote, for instance in a virtual machine:

    cat /proc/version /sys/kernel/tracing/events/syscalls/sys_enter_*/format > FILE
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tools.headers import UnreadError

Parameters = tuple[tuple[str, str], ...]

VERSION = Path("/proc/version")
_TRACEFS = Path("/sys/kernel/tracing")
_EVENTS = "events/syscalls"
_MOUNT = f"mount -t tracefs tracefs {_TRACEFS} && cat {_TRACEFS}/{_EVENTS}/sys_enter_*/format"
# common_type … common_pid take 8 bytes, __syscall_nr and its padding 8 more.
_FIRST_PARAMETER = 16


def formats(source: Path | None) -> tuple[str, dict[str, Parameters]]:
    """The kernel's release, and each call's parameters by the name its metadata has."""
    text = VERSION.read_text() + _running() if source is None else source.read_text()
    return release(text), parse(text)


def release(text: str) -> str:
    """ "Linux 6.1.192" from the text of /proc/version; Debian's own number where it has one."""
    version = re.search(r"Linux version (\d+\.\d+(?:\.\d+)?)", text)
    if version is None:
        raise UnreadError("the formats begin with no line from /proc/version")
    # Debian's release is that of the ABI: "6.1.0-56-cloud-amd64 … Debian 6.1.192-2 (2026-11-01)".
    debian = re.search(r"^Linux version .*? Debian (\d+\.\d+\.\d+)", text)
    return "Linux " + (debian or version).group(1)


def parse(text: str) -> dict[str, Parameters]:
    """Each call's parameters, from the texts of its sys_enter_* events one after another."""
    found: dict[str, Parameters] = {}
    for event in re.split(r"(?m)^name: ", text)[1:]:
        name = event.split("\n", 1)[0].removeprefix("sys_enter_")
        fields = re.findall(r"(?m)^\tfield:(.*?)(\w+);\toffset:(\d+);", event)
        found[name] = tuple(
            (spelling(type), parameter)
            for type, parameter, offset in fields
            # From Linux 6.19 on, what a string pointed to follows the parameters.
            if int(offset) >= _FIRST_PARAMETER and not type.startswith("__data_loc")
        )
    return found


def spelling(type: str) -> str:
    """The type as C habit spells it: `const char *`, `struct iocb **`."""
    return re.sub(r"(?<=\w)\*", " *", re.sub(r"\*\s+(?=\*)", "*", type.strip()))


def _running() -> str:
    events = _TRACEFS / _EVENTS
    try:
        if events.is_dir():
            return "".join(path.read_text() for path in sorted(events.glob("sys_enter_*/format")))
    except PermissionError as error:
        raise UnreadError("the running kernel's tracefs is for root alone") from error
    try:
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", _MOUNT], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnreadError("the running kernel's tracefs is not mounted, which needs root") from error
