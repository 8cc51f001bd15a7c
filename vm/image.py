"""What is in the image of a kernel: the form that QEMU starts fastest.

    x86-64   bzImage: a boot sector, a set-up program, and a packed ELF file, which QEMU enters by its PVH
             note. Emulated, unpacking takes longer than the rest of the boot.
    arm64    Image, plain, in gzip, or in a PE file that unpacks it (zboot), which QEMU reads from 8.0 on.

Source: Documentation/arch/x86/boot.rst ("The Real-Mode Kernel Header"), Documentation/arch/arm64/booting.rst,
drivers/firmware/efi/libstub/zboot-header.S.
"""

from __future__ import annotations

import lzma
import struct
import subprocess
import zlib

_TOOLS = {b"\x28\xb5\x2f\xfd": ["zstd", "-dcq"], b"\x02\x21\x4c\x18": ["lz4", "-dcq"]}
_SECTOR = 512
_TWO = struct.Struct("<II")


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
