"""One boot: a kernel, a command in it, what it wrote and how it ended.

The guest's root is a directory of the host, `/` for its own machine; /tmp, /run, /var/tmp and /dev/shm
are the guest's own. It has no network but its loopback.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vm import machines, qemu, roots, shares
from vm.initramfs import initramfs
from vm.kernels import Kernel
from vm.qemu import Size
from vm.shares import Share

DIED = 124
"""The status of a guest that ended without its command's."""

ENDING = threading.Event()
"""Every guest of this process is to be ended."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BUSYBOX = ("bin/busybox", "usr/bin/busybox")

# Of the kernel's log: what says that something broke the kernel.
_BROKEN = re.compile(
    rb"(?:Kernel panic|\bBUG: |\bOops\b|WARNING: |general protection fault|rcu.*stall|soft lockup"
    rb"|Unable to handle kernel).*"
)


@dataclass(frozen=True)
class Ended:
    """`status` is None where the guest ended, or was ended, before its command. `boot`: seconds from QEMU's
    start to the command's; `took`: the command's own. `complaints`: of the kernel, in its log."""

    status: int | None
    release: str
    boot: float | None
    took: float
    out: bytes
    err: bytes
    console: bytes
    complaints: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True)
class Guest:
    """What is to be booted. `own`: directories of the root that the guest gets empty and may write to."""

    kernel: Kernel
    root: Path
    shares: tuple[Share, ...] = ()
    size: Size = field(default_factory=Size)
    append: str = ""
    seconds: float = 600
    own: tuple[str, ...] = ()


def root_for(kernel: Kernel) -> Path:
    return Path("/") if kernel.machine == machines.host() else roots.root_of(kernel.machine)


def run(
    guest: Guest, command: Sequence[str], environment: Mapping[str, str], directory: str, *, echo: bool = True
) -> Ended:
    """Run a command as root in the guest. `echo`: its output is ours, as it comes."""
    served = (Share("vmroot", guest.root, "/"), *guest.shares)
    for place in (*guest.own, *(share.target for share in guest.shares)):
        _make_room(guest.root, place)
    script = _script(command, environment, directory)
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vm-")))
        sockets = {share.tag: shares.serve(share, scratch, stack) for share in served}
        initrd, console = scratch / "initrd", scratch / "console"
        initrd.write_bytes(initramfs(guest.kernel, _busybox(guest.root), script, guest.shares, guest.own))
        ports = {name: scratch / f"port.{name}" for name in qemu.PORTS}
        listening = {name: _listen(path, stack) for name, path in ports.items()}
        kvm = machines.has_kvm(guest.kernel.machine)
        words = qemu.command(
            guest.kernel, initrd, console, sockets, ports, guest.size, kvm=kvm, append=guest.append
        )
        started = time.monotonic()
        with (scratch / "qemu").open("wb") as said:
            machine = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        stack.callback(shares.end, machine)
        heard = _Heard(echo=echo)
        why = _listen_until_the_end(listening, machine, started + guest.seconds, heard, stack)
        if not why:
            with contextlib.suppress(subprocess.TimeoutExpired):
                machine.wait(10)  # it resets itself, which ends it
        said_last = (scratch / "qemu").read_text(errors="replace")[-400:]
        log = console.read_bytes() if console.exists() else b""
        return heard.ended(started, log, why or said_last)


def _make_room(root: Path, target: str) -> None:
    """A directory to mount on, in a root that is ours. In the guest it could not be made."""
    if root != Path("/") and not target.startswith(("/tmp/", "/run/")):
        (root / target.lstrip("/")).mkdir(parents=True, exist_ok=True)


def _script(command: Sequence[str], environment: Mapping[str, str], directory: str) -> str:
    usual = {
        "PATH": _PATH,
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "TMPDIR": "/tmp",
        "PYTHONDONTWRITEBYTECODE": "1",  # nothing there could be written
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in (usual | dict(environment)).items()]
    lines += [f"cd {shlex.quote(directory)} || exit 125", f"exec {shlex.join(command)}"]
    return "\n".join(lines) + "\n"


def _busybox(root: Path) -> Path:
    for path in (root / name for name in _BUSYBOX):
        if path.exists():
            return path
    raise SystemExit(f"vm: {root} has no busybox (Debian: busybox-static)")


def _listen(path: Path, stack: contextlib.ExitStack) -> socket.socket:
    listening = stack.enter_context(socket.socket(socket.AF_UNIX))
    listening.bind(str(path))
    listening.listen(1)
    listening.settimeout(10)
    return listening


class _Heard:
    """What the guest has said until now."""

    def __init__(self, *, echo: bool) -> None:
        self.said = {name: bytearray() for name in qemu.PORTS}
        self._echo = {"out": sys.stdout, "err": sys.stderr} if echo else {}
        self._began: float | None = None

    def hear(self, port: str, data: bytes) -> None:
        self.said[port] += data
        if self._began is None and b"\n" in self.said["control"]:
            self._began = time.monotonic()
        stream = self._echo.get(port)
        if stream is not None:
            stream.buffer.write(data)
            stream.flush()

    def ended(self, started: float, console: bytes, why: str) -> Ended:
        control = self.said["control"].decode(errors="replace")
        status = re.search(r"^exit (\d+) ", control, re.MULTILINE)
        release = re.match(r"start \S+ (\S+)", control)
        complaints = {found.decode(errors="replace").strip() for found in _BROKEN.findall(console)}
        now = time.monotonic()
        return Ended(
            status=None if status is None else int(status[1]),
            release="" if release is None else release[1],
            boot=None if self._began is None else self._began - started,
            took=now - (started if self._began is None else self._began),
            out=bytes(self.said["out"]),
            err=bytes(self.said["err"]),
            console=console,
            complaints=tuple(sorted(complaints)),
            why="" if status else why,
        )


def _listen_until_the_end(
    listening: Mapping[str, socket.socket],
    machine: subprocess.Popen[bytes],
    limit: float,
    heard: _Heard,
    stack: contextlib.ExitStack,
) -> str:
    """Until QEMU has closed its ports. Returns why not, if not."""
    selector = stack.enter_context(selectors.DefaultSelector())
    for name, waiting in listening.items():
        try:
            connection, _ = waiting.accept()
        except TimeoutError:
            return "QEMU did not start"
        selector.register(stack.enter_context(connection), selectors.EVENT_READ, name)
    while selector.get_map():
        left = limit - time.monotonic()
        if left <= 0:
            return "it took too long"
        if ENDING.is_set():
            return "it was ended"
        events = selector.select(min(left, 1.0))
        for key, _ in events:
            data = os.read(key.fd, 65536)
            if data:
                heard.hear(key.data, data)
            else:
                selector.unregister(key.fileobj)
        if not events and machine.poll() is not None:
            break
    return ""
