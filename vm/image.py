"""What is in the image of a kernel: the form that QEMU starts fastest, its build id, its types.

    x86-64   bzImage: a boot sector, a set-up program, and a packed ELF file, which QEMU enters by its PVH
             note. Emulated, unpacking takes longer than the rest of the boot.
    arm64    Image, plain, in gzip, or in a PE file that unpacks it (zboot), which QEMU reads from 8.0 on.

Source: Documentation/arch/x86/boot.rst ("The Real-Mode Kernel Header"), Documentation/arch/arm64/booting.rst,
drivers/firmware/efi/libstub/zboot-header.S; elf(5) for notes, Documentation/bpf/btf.rst for types.
"""

from __future__ import annotations

import lzma
import struct
import subprocess
import zlib

_TOOLS = {b"\x28\xb5\x2f\xfd": ["zstd", "-dcq"], b"\x02\x21\x4c\x18": ["lz4", "-dcq"]}
_SECTOR = 512
_U32 = struct.Struct("<I")
_TWO = struct.Struct("<II")

# Of an ELF note: the sizes of its name and what follows, its type, its name.
_NT_GNU_BUILD_ID = 3
_BUILD_ID = struct.pack("<III4s", 4, 20, _NT_GNU_BUILD_ID, b"GNU\0")

# struct btf_header: magic, version 1, no flags, its own size.
_BTF = struct.pack("<HBBI", 0xEB9F, 1, 0, 24)
_BTF_EXTENT = struct.Struct("<IIII")


def bootable(vmlinuz: bytes, uname: str) -> bytes:
    """The plain kernel in an image. Raises ValueError where there is none that QEMU starts."""
    if uname == "x86_64":
        # setup_sects at 0x1f1; payload_offset and payload_length at 0x248, from protocol 2.08 on.
        begin = ((vmlinuz[0x1F1] or 4) + 1) * _SECTOR
        offset, size = _TWO.unpack_from(vmlinuz, 0x248)
        elf = unpacked(vmlinuz[begin + offset : begin + offset + size])
        if not elf.startswith(b"\x7fELF"):
            raise ValueError("the payload is no ELF file")
        return elf
    if vmlinuz[4:8] == b"zimg":
        offset, size = _TWO.unpack_from(vmlinuz, 8)
        return unpacked(vmlinuz[offset : offset + size])
    return unpacked(vmlinuz) if vmlinuz.startswith(b"\x1f\x8b") else vmlinuz


def unpacked(data: bytes) -> bytes:
    """By the magic number. What follows the packed data (the size, in a bzImage) is left out."""
    if data.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(31).decompress(data)
    if data.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor().decompress(data)
    tool = _TOOLS.get(data[:4])
    if tool is None:
        raise ValueError(f"packed in an unknown way, beginning with {data[:4].hex()}")
    # They complain of what follows, after all output: whether it was whole, the kernel's start says.
    return subprocess.run(
        tool, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    ).stdout


def build_id(kernel: bytes) -> str | None:
    """The kernel's own: of the notes, the one that /sys/kernel/notes has too. The first is the vDSO's in no
    kernel seen; that there are several is why the last is not taken for it either."""
    at = kernel.find(_BUILD_ID)
    return None if at < 0 else kernel[at + len(_BUILD_ID) :][:20].hex()


def btf(kernel: bytes) -> bytes | None:
    """The types that /sys/kernel/btf/vmlinux has: of all that looks like a header, the largest."""
    found = b""
    at = kernel.find(_BTF)
    while at >= 0:
        types, size, strings, space = _BTF_EXTENT.unpack_from(kernel, at + len(_BTF))
        end = at + 24 + max(types + size, strings + space)
        if types == 0 and strings == size and end <= len(kernel) and end - at > len(found):
            found = kernel[at:end]
        at = kernel.find(_BTF, at + 1)
    return found or None
