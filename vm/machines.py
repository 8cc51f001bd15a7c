"""What differs between the machines that are emulated.

Source: QEMU's documentation, "QEMU System Emulator Targets"; Debian's names of architectures and of kernel
flavours. The cloud flavour has few drivers, which makes its boot the shortest.
"""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """`name` is Debian's, `uname` the kernel's. `cpu` is the one that plain emulation shows.

    `tcg`: x86 kernels patch code that runs (static keys, ftrace, kprobes). With a host thread for each of
    the guest's CPUs, one of them met the int3 of another's patch and died of it ("Oops: int3"), in 3 of 18
    boots; with one thread for all, in none of 19.
    """

    name: str
    uname: str
    qemu: str
    board: str
    cpu: str
    console: str
    tcg: str

    @property
    def flavour(self) -> str:
        return f"cloud-{self.name}"


MACHINES = {
    machine.name: machine
    for machine in (
        # la57: five levels of page tables cost the emulation, and nothing here needs them.
        Machine("amd64", "x86_64", "qemu-system-x86_64", "q35", "max,la57=off", "ttyS0", "single"),
        Machine(
            "arm64", "aarch64", "qemu-system-aarch64", "virt,gic-version=3", "cortex-a76", "ttyAMA0", "multi"
        ),
    )
}


def host() -> Machine:
    """Raises LookupError on a machine that is neither."""
    for machine in MACHINES.values():
        if machine.uname == platform.machine():
            return machine
    raise LookupError(f"the host is a {platform.machine()}, and this knows {', '.join(MACHINES)}")


def has_kvm(machine: Machine) -> bool:
    """Whether KVM can run an ordinary kernel here: that /dev/kvm opens does not say so.

    Where the host is itself the guest of a paravirtual hypervisor (CONFIG_KVM_PVM), it opens, makes virtual
    machines, and interprets their kernel-mode code, up to the first instruction that it does not know. A CPU
    flag tells.
    """
    if machine.uname != platform.machine() or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    if machine.name != "amd64":
        return True
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return flags is not None and not {"vmx", "svm"}.isdisjoint(flags[1].split())
