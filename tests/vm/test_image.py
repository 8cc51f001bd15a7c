"""The plain kernel in an image of each kind."""

from __future__ import annotations

import gzip
import lzma
import struct

import pytest

from vm import image

ELF = b"\x7fELF and the rest of it"
ARM64 = b"MZ\0\x91 a plain image"


def bzimage(payload: bytes, sectors: int = 3) -> bytes:
    """A boot sector, set-up sectors, and the payload some bytes behind them."""
    begin, offset = (sectors + 1) * 512, 64
    image = bytearray(begin + offset) + payload + b"its size"
    image[0x1F1] = sectors
    struct.pack_into("<II", image, 0x248, offset, len(payload))
    return bytes(image)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_the_elf_file_of_a_bzimage(pack: object) -> None:
    assert callable(pack)
    assert image.bootable(bzimage(pack(ELF)), "x86_64") == ELF


def test_no_set_up_sectors_means_four() -> None:
    made = bytearray(bzimage(gzip.compress(ELF), sectors=4))
    made[0x1F1] = 0

    assert image.bootable(bytes(made), "x86_64") == ELF


def test_what_is_no_elf_file_is_refused() -> None:
    with pytest.raises(ValueError, match="no ELF file"):
        image.bootable(bzimage(gzip.compress(b"not one")), "x86_64")


def test_an_unknown_packing_is_named() -> None:
    with pytest.raises(ValueError, match="01020304"):
        image.unpacked(b"\1\2\3\4 and more")


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(ARM64, id="plain"),
        pytest.param(gzip.compress(ARM64), id="in gzip"),
        pytest.param(
            b"MZ\0\0zimg"
            + struct.pack("<II", 32, len(gzip.compress(ARM64)))
            + bytes(16)
            + gzip.compress(ARM64),
            id="in a file that unpacks itself",
        ),
    ],
)
def test_an_arm64_image(made: bytes) -> None:
    assert image.bootable(made, "aarch64") == ARM64
