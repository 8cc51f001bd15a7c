"""The command line of QEMU for one guest.

Source: qemu-system(1); Documentation/admin-guide/kernel-parameters.txt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vm.kernels import Kernel
from vm.machines import Machine

PORTS = ("out", "err", "control")
"""The guest's virtio ports: two streams of its command, and what guest/start says."""

_ROOT = {
    "panic": "-1",  # which ends QEMU, by -no-reboot
    "loglevel": "5",
    "audit": "0",
    "selinux": "0",
    "apparmor": "0",
    "raid": "noautodetect",
    # What takes seconds when it is emulated.
    "mitigations": "off",
    "random.trust_cpu": "on",
    "initcall_blacklist": "jent_mod_init",
    "rcupdate.rcu_expedited": "1",
}
_FLAGS = ("nokaslr", "no_timer_check", "cryptomgr.notests")


@dataclass(frozen=True)
class Size:
    memory: str = "1G"
    cpus: int = 1


def command(
    kernel: Kernel,
    initrd: Path,
    console: Path,
    sockets: Mapping[str, Path],
    ports: Mapping[str, Path],
    size: Size,
    *,
    kvm: bool,
    append: str = "",
) -> list[str]:
    """`sockets`: of the shares, by tag. `ports`: of PORTS."""
    machine = kernel.machine
    words = [machine.qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
    words += ["-machine", machine.board, "-cpu", "host" if kvm else machine.cpu]
    words += ["-accel", "kvm" if kvm else f"tcg,thread={machine.tcg},tb-size=256"]
    words += ["-m", size.memory, "-smp", str(size.cpus)]
    # virtiofs's server reads and writes the guest's memory.
    words += ["-object", f"memory-backend-memfd,id=memory,size={size.memory},share=on"]
    words += ["-numa", "node,memdev=memory"]
    words += ["-kernel", str(kernel.image), "-initrd", str(initrd)]
    words += ["-append", _parameters(machine, append)]
    words += ["-serial", f"file:{console}", "-device", "virtio-serial-pci"]
    for tag, path in sockets.items():
        words += ["-chardev", f"socket,id={tag},path={path}"]
        words += ["-device", f"vhost-user-fs-pci,chardev={tag},tag={tag}"]
    for name, path in ports.items():
        words += ["-chardev", f"socket,id=port-{name},path={path}"]
        words += ["-device", f"virtserialport,chardev=port-{name},name=vm.{name}"]
    return words


def _parameters(machine: Machine, append: str) -> str:
    named = (f"{name}={value}" for name, value in ({"console": machine.console} | _ROOT).items())
    return " ".join((*named, *_FLAGS, append)).strip()
