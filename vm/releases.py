"""What each kernel's own types say of bpf(2): how many there are of what, and how long its attributes are.

    python3 -m vm releases         write tests/kernel/releases.json of the kernels that were fetched

`argtrace/kernel/versions.py` says since which Linux there is what; its test compares it with this.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from argtrace.signature.btf import Btf, Kind
from vm import kernels
from vm.kernels import Kernel

TABLE = Path(__file__).parents[1] / "tests" / "kernel" / "releases.json"

_ENUMS = ("bpf_map_type", "bpf_prog_type", "bpf_func_id", "bpf_cmd")
_FLAGS = 1 << 16  # from there on a command's number has flags (Linux 7.2)


def write() -> None:
    rows = {kernel.series: facts(kernel) for kernel in kernels.found() if kernel.arch == "amd64"}
    lines = [f' "{series}": {json.dumps(row)}' for series, row in rows.items()]
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def facts(kernel: Kernel) -> dict[str, int]:
    """Of each enum the first number that the kernel does not know; sizeof(union bpf_attr)."""
    types = _types(kernel.directory / "kernel")
    found = {name: _first_unknown(types.enumerators(name)) for name in _ENUMS}
    size = types.size_of(types.id_of(Kind.UNION, "bpf_attr"))
    assert size is not None
    return found | {"bpf_attr": size}


def _first_unknown(enumerators: dict[str, int]) -> int:
    return 1 + max(number for name, number in enumerators.items() if "MAX" not in name and number < _FLAGS)


def _types(vmlinux: Path) -> Btf:
    with tempfile.NamedTemporaryFile() as section:
        words = ["objcopy", "--dump-section", f".BTF={section.name}", str(vmlinux), "/dev/null"]
        subprocess.run(words, check=True)
        return Btf(Path(section.name).read_bytes())
