"""Directories of the host in the guest, by virtiofs.

Debian's cloud kernels have no 9p; they have virtiofs. What is shared read-only is served from a read-only
bind mount in a mount namespace of its own: nothing is left to unmount, and no bug of the server's can
write.

Source: virtiofsd(1); the one of QEMU up to 7.2, and the one that took its place, have options of their own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PLACES = ("/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd")
_STARTS = 10.0  # seconds that it has to make its socket

# --bind and not --rbind: the host's /proc, /sys and /dev stay outside.
_READ_ONLY = 'mount --bind "$1" "$2" && mount -o remount,ro,bind "$2" && shift 2 && exec "$@"'


@dataclass(frozen=True)
class Share:
    """`target` is below /tmp or /run, or there already."""

    tag: str
    source: Path
    target: str
    writable: bool = False

    @property
    def mode(self) -> str:
        return "rw" if self.writable else "ro"


def serve(share: Share, directory: Path, stack: contextlib.ExitStack) -> Path:
    """Start the server of a directory; its socket. It ends with the stack."""
    socket, view = directory / f"{share.tag}.socket", directory / f"{share.tag}.view"
    program = _virtiofsd()
    command: list[str | Path]
    if share.writable:
        command = [program, *_options(program, socket, share.source, "auto")]
    else:
        view.mkdir()
        namespace = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _READ_ONLY, "sh"]
        command = [*namespace, share.source, view, program, *_options(program, socket, view, "always")]
    log = directory / f"{share.tag}.log"
    with log.open("wb") as said:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    stack.callback(end, server)
    limit = time.monotonic() + _STARTS
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > limit:
            raise SystemExit(f"vm: virtiofsd for {share.source} did not start: {log.read_text()}")
        time.sleep(0.01)
    return socket


def _options(program: str, socket: Path, source: Path, cache: str) -> Sequence[str]:
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout
    if "-o sandbox=" in told:
        named = (f"source={source}", "sandbox=chroot", f"cache={cache}", "log_level=err")
        return [f"--socket-path={socket}", "-f", *(word for each in named for word in ("-o", each))]
    named = (f"shared-dir={source}", "sandbox=chroot", f"cache={cache}", "log-level=error")
    return [f"--socket-path={socket}", *(f"--{each}" for each in named)]


def _virtiofsd() -> str:
    for path in (shutil.which("virtiofsd"), *_PLACES):
        if path and os.access(path, os.X_OK):
            return path
    raise SystemExit("vm: virtiofsd is not installed (Debian 12: qemu-system-common; later: virtiofsd)")


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
