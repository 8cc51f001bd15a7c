"""What commands of ioctl(2) are given, and what they give back: bytes as the kernel lays them out.

`given` is what a command's memory means when it begins, `got` when it returned.
"""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given as each_of
from hypothesis import strategies as st

from argtrace.decode import contents, ioctl
from argtrace.fetch import declared
from argtrace.present import jsonl
from argtrace.signature import constants
from argtrace.signature.calls.ioctl import CALLS
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    ADDRESS as NOT_FOLLOWED,
)
from argtrace.signature.meaning import (
    RESULT,
    Bytes,
    Choice,
    Content,
    In,
    InOut,
    Least,
    Meaning,
    Number,
    Out,
    Struct,
    To,
)
from tests.support.scope import Given, decode, plain

READ, WRITE = 2, 1
ADDRESS = 0x1000
_CHOICE = dict(CALLS["ioctl"].params)["arg"]
_RESULT = CALLS["ioctl"].result


def number(command: str | int) -> int:
    return command if isinstance(command, int) else constants.number("ioctl", command)


def scope(command: str | int, after: bool) -> Given:
    return Given({"cmd": number(command)}, {}, 0 if after else None)


def content(command: str | int, after: bool) -> Content:
    """What the declaration says lies behind the argument."""
    meaning = contents.resolve(_CHOICE, scope(command, after))
    match meaning:
        case In(content=found) if not after:
            return found
        case Out(content=found) if after:
            return found
        case InOut(content=before, after=behind):
            return behind if after and behind is not None else before
    raise AssertionError(f"{command}: {meaning}")


def read(command: str | int, data: bytes, after: bool) -> Any:
    return plain(scope(command, after).content(content(command, after), data, ADDRESS))


def given(command: str | int, data: bytes) -> Any:
    return read(command, data, after=False)


def got(command: str | int, data: bytes) -> Any:
    return read(command, data, after=True)


def member(command: str, data: bytes, name: str, after: bool) -> Meaning | None:
    """What a member of its structure means."""
    found = content(command, after)
    assert isinstance(found, Struct)
    return contents.resolve(
        dict(found.members)[name], contents.Members(found.name, data, scope(command, after))
    )


def word(command: str, value: int) -> Any:
    """What the argument is that is no address."""
    meaning = contents.resolve(_CHOICE, scope(command, after=False))
    assert isinstance(meaning, Number)
    return plain(scope(command, after=False).leaf(meaning, value, layout("robust_list_head").members[0].type))


def result(command: str, value: int) -> Any:
    return plain(scope(command, after=True).leaf(_RESULT, value, layout("robust_list_head").members[0].type))


INT = struct.Struct("<i").pack

# ---- terminals -------------------------------------------------------------------------


def test_size_of_a_window() -> None:
    data = struct.pack("<4H", 24, 80, 640, 480)
    size = {"ws_row": 24, "ws_col": 80, "ws_xpixel": 640, "ws_ypixel": 480}
    assert got("TIOCGWINSZ", data) == size
    assert given("TIOCSWINSZ", data) == size


def test_termios() -> None:
    # ICRNL | IXON; OPOST | ONLCR; B38400 | CS8 | CREAD; ISIG | ICANON | ECHO
    data = struct.pack("<4IB19s", 0x500, 0x5, 0xBF, 0xB, 0, bytes([3, 28, 127, 21, 4, 0, 1]) + bytes(12))
    found = got("TCGETS", data)
    characters = found.pop("c_cc")
    assert found == {
        "c_iflag": "ICRNL|IXON",
        "c_oflag": "NL0|CR0|TAB0|BS0|VT0|FF0|OPOST|ONLCR",
        "c_cflag": "B38400|CS8|CREAD",
        "c_lflag": "ISIG|ICANON|ECHO",
        "c_line": "N_TTY",
    }
    assert len(characters) == 19
    assert characters["VINTR"] == 3
    assert characters["VQUIT"] == 28
    assert characters["VMIN"] == 1
    assert given("TCSETSW", data)["c_cc"] == characters


def test_numbers_of_terminals() -> None:
    assert got("FIONREAD", INT(5)) == 5
    assert got("TIOCGPTN", INT(7)) == [7]
    assert got("TIOCGPGRP", INT(4711)) == 4711
    assert got("TIOCGETD", INT(0)) == "N_TTY"
    assert got("TIOCMGET", INT(0x26)) == "TIOCM_DTR|TIOCM_RTS|TIOCM_CTS"
    assert got("TIOCGDEV", struct.pack("<I", 0x8802)) == [0x8802]
    assert given("TIOCSTI", b"x") == b"x"
    assert given("FIONBIO", INT(1)) == 1
    assert word("TCFLSH", 2) == "TCIOFLUSH"
    assert word("TCXONC", 1) == "TCOON"
    assert word("TIOCSIG", 28) == "SIGWINCH"
    assert word("TIOCEXCL", 0) is None
    assert word("KDSKBMODE", 3) == "K_UNICODE"
    assert result("TIOCGPTPEER", 4) == 4


def test_consoles() -> None:
    assert got("VT_GETSTATE", struct.pack("<3H", 2, 0, 0x7)) == {"v_active": 2, "v_signal": 0, "v_state": 7}
    assert given("VT_SETMODE", struct.pack("<bbhhh", 1, 0, 10, 12, 0)) == {
        "mode": "VT_PROCESS",
        "waitv": 0,
        "relsig": "SIGUSR1",
        "acqsig": "SIGUSR2",
        "frsig": 0,
    }
    assert got("KDGKBSENT", struct.pack("<B512s", 1, b"\33[A")) == {"kb_func": 1, "kb_string": b"\33[A"}


# ---- files -----------------------------------------------------------------------------


def test_attributes() -> None:
    assert got("FS_IOC_GETFLAGS", INT(0xC0)) == "FS_NODUMP_FL|FS_NOATIME_FL"
    assert given("FS_IOC_SETFLAGS", INT(0x10)) == "FS_IMMUTABLE_FL"
    assert got("FS_IOC_FSGETXATTR", struct.pack("<5I8x", 0x80, 4096, 1, 9, 0)) == {
        "fsx_xflags": "FS_XFLAG_NODUMP",
        "fsx_extsize": 4096,
        "fsx_nextents": 1,
        "fsx_projid": 9,
        "fsx_cowextsize": 0,
    }
    assert got("FS_IOC_GETFSLABEL", b"root\0" + bytes(251)) == b"root"


EXTENT = struct.Struct("<3Q2QI3I")
FIEMAP = struct.Struct("<2Q4I")


def test_extents() -> None:
    header = FIEMAP.pack(0, 2**64 - 1, 1, 0, 4, 0)
    assert given("FS_IOC_FIEMAP", header) == {
        "fm_start": 0,
        "fm_length": 2**64 - 1,
        "fm_flags": "FIEMAP_FLAG_SYNC",
        "fm_extent_count": 4,
    }
    room = bytes(3 * EXTENT.size)
    done = FIEMAP.pack(0, 2**64 - 1, 1, 1, 4, 0) + EXTENT.pack(0, 8192, 4096, 0, 0, 1, 0, 0, 0) + room
    found = got("FS_IOC_FIEMAP", done)
    assert found["fm_mapped_extents"] == 1
    assert found["fm_extents"] == [
        {"fe_logical": 0, "fe_physical": 8192, "fe_length": 4096, "fe_flags": "FIEMAP_EXTENT_LAST"}
    ]


def test_extents_that_are_not_all_there() -> None:
    data = FIEMAP.pack(0, 1, 0, 3, 3, 0) + EXTENT.pack(1, 2, 3, 0, 0, 0, 0, 0, 0) + bytes(20)
    *extents, end = got("FS_IOC_FIEMAP", data)["fm_extents"]
    assert [each["fe_logical"] for each in extents] == [1]
    assert end == "<cut: not fetched>"
    assert got("FS_IOC_FIEMAP", data[:20])["…"] == "<cut: 20 bytes of 32>"


def test_clones() -> None:
    assert word("FICLONE", 3) == 3
    assert given("FICLONERANGE", struct.pack("<q3Q", 3, 4096, 8192, 0)) == {
        "src_fd": 3,
        "src_offset": 4096,
        "src_length": 8192,
        "dest_offset": 0,
    }


def test_ranges_that_are_the_same() -> None:
    data = struct.pack("<2QHHI", 0, 4096, 1, 0, 0) + struct.pack("<qQQiI", 5, 64, 4096, 1, 0) + bytes(64)
    assert given("FIDEDUPERANGE", data) == {
        "src_offset": 0,
        "src_length": 4096,
        "dest_count": 1,
        "info": [{"dest_fd": 5, "dest_offset": 64}],
    }
    assert got("FIDEDUPERANGE", data)["info"] == [
        {"dest_fd": 5, "dest_offset": 64, "bytes_deduped": 4096, "status": "FILE_DEDUPE_RANGE_DIFFERS"}
    ]


def test_policies_of_encryption() -> None:
    first = struct.pack("<4B8s", 0, 1, 4, 2, b"12345678")
    assert given("FS_IOC_SET_ENCRYPTION_POLICY", first) == {
        "version": 0,
        "contents_encryption_mode": "FSCRYPT_MODE_AES_256_XTS",
        "filenames_encryption_mode": "FSCRYPT_MODE_AES_256_CTS",
        "flags": "FSCRYPT_POLICY_FLAGS_PAD_16",
        "master_key_descriptor": b"12345678",
    }
    second = struct.pack("<4B4x16s", 2, 1, 4, 3, b"k" * 16)
    found = got("FS_IOC_GET_ENCRYPTION_POLICY_EX", struct.pack("<Q", 24) + second)
    assert found["version"] == 2
    assert found["master_key_identifier"] == b"k" * 16


# ---- disks and volumes -----------------------------------------------------------------


def test_blocks() -> None:
    assert got("BLKGETSIZE64", struct.pack("<Q", 1 << 40)) == [1 << 40]
    assert got("BLKGETSIZE", struct.pack("<Q", 2048)) == 2048
    assert got("BLKSSZGET", INT(512)) == 512
    assert got("BLKSECTGET", struct.pack("<H", 2560)) == 2560
    assert given("BLKDISCARD", struct.pack("<2Q", 4096, 8192)) == [4096, 8192]
    assert got("HDIO_GETGEO", struct.pack("<BBH4xQ", 16, 63, 1024, 2048)) == {
        "heads": 16,
        "sectors": 63,
        "cylinders": 1024,
        "start": 2048,
    }


def test_loops() -> None:
    data = struct.pack(
        "<5Q4I64s64s32s2Q", 0xFD01, 12, 0, 4096, 65536, 3, 0, 2, 5, b"/disk", b"", b"12345", 0, 0
    )
    assert got("LOOP_GET_STATUS64", data) == {
        "lo_device": 0xFD01,
        "lo_inode": 12,
        "lo_rdevice": 0,
        "lo_offset": 4096,
        "lo_sizelimit": 65536,
        "lo_number": 3,
        "lo_encrypt_type": "LO_CRYPT_NONE",
        "lo_encrypt_key_size": 2,
        "lo_flags": "LO_FLAGS_READ_ONLY|LO_FLAGS_AUTOCLEAR",
        "lo_file_name": b"/disk",
        "lo_crypt_name": b"",
        "lo_encrypt_key": b"12",
        "lo_init": [0, 0],
    }
    assert word("LOOP_SET_FD", 7) == 7
    assert result("LOOP_CTL_GET_FREE", 5) == 5


MAPPED = struct.Struct("<3I2IIiII4xQ128s129s7s")


def mapped(command: str, data: bytes, after: bool, count: int = 0, flags: int = 0) -> Any:
    header = MAPPED.pack(
        *(4, 48, 0), 312 + len(data), 312, count, 0, flags, 0, 0xFD00, b"volume", b"uuid", b""
    )
    return read(command, header + data + b"what is not part of it", after)


def target(start: int, size: int, next: int, type: bytes, parameters: bytes) -> bytes:
    return struct.pack("<2QiI16s", start, size, 0, next, type) + parameters


def test_device_mapper() -> None:
    found = mapped("DM_DEV_STATUS", b"", after=True, flags=3)
    assert found == {
        "version": [4, 48, 0],
        "data_size": 312,
        "data_start": 312,
        "target_count": 0,
        "open_count": 0,
        "flags": "DM_READONLY_FLAG|DM_SUSPEND_FLAG",
        "event_nr": 0,
        "dev": 0xFD00,
        "name": b"volume",
        "uuid": b"uuid",
    }


def test_targets_that_are_loaded_say_how_far_the_next_is_from_themselves() -> None:
    table = target(0, 8, 56, b"linear", b"/dev/sda 0\0".ljust(16, b"\0"))
    table += target(8, 4, 48, b"zero", b"".ljust(8, b"\0"))
    assert mapped("DM_TABLE_LOAD", table, after=False, count=2)["targets"] == [
        {"sector_start": 0, "length": 8, "target_type": b"linear", "parameters": b"/dev/sda 0"},
        {"sector_start": 8, "length": 4, "target_type": b"zero", "parameters": b""},
    ]


def test_targets_that_are_told_say_how_far_the_next_is_from_the_first() -> None:
    table = target(0, 8, 56, b"linear", b"".ljust(16, b"\0"))
    table += target(8, 4, 104, b"zero", b"".ljust(8, b"\0")) + target(12, 1, 104, b"error", b"")
    found = mapped("DM_TABLE_STATUS", table, after=True, count=3)["targets"]
    assert [(each["sector_start"], each["target_type"]) for each in found] == [
        (0, b"linear"),
        (8, b"zero"),
        (12, b"error"),
    ]


@pytest.mark.parametrize("next", [0, 1, 40, 0xFFFFFFFF])
def test_targets_that_lead_nowhere(next: int) -> None:
    found = mapped("DM_TABLE_LOAD", target(0, 8, next, b"linear", b""), after=False, count=1 << 31)
    assert found["targets"][0]["target_type"] == b"linear"


def test_lists_of_the_device_mapper() -> None:
    names = struct.pack("<QI12s", 0xFD00, 24, b"one\0") + struct.pack("<QI12s", 0xFD01, 0, b"two\0")
    assert mapped("DM_LIST_DEVICES", names, after=True)["devices"] == [
        {"dev": 0xFD00, "name": b"one"},
        {"dev": 0xFD01, "name": b"two"},
    ]
    versions = struct.pack("<4I8s", 0, 1, 4, 0, b"linear\0")
    assert mapped("DM_LIST_VERSIONS", versions, after=True)["targets"] == [
        {"version": [1, 4, 0], "name": b"linear"}
    ]
    assert mapped("DM_TABLE_DEPS", struct.pack("<II2Q", 2, 0, 0x801, 0x802), after=True)["deps"] == [
        0x801,
        0x802,
    ]
    assert mapped("DM_DEV_RENAME", b"other\0", after=False)["new_name"] == b"other"
    message = struct.pack("<Q", 7) + b"go\0"
    assert mapped("DM_TARGET_MSG", message, after=False)["message"] == {"sector": 7, "message": b"go"}


def test_volumes() -> None:
    assert given("BTRFS_IOC_SNAP_CREATE", struct.pack("<q4088s", 3, b"copy")) == {"fd": 3, "name": b"copy"}
    assert given("BTRFS_IOC_SUBVOL_SETFLAGS", struct.pack("<Q", 2)) == ["BTRFS_SUBVOL_RDONLY"]
    assert given("OTPSELECT", INT(2)) == "MTD_OTP_USER"
    assert got("UBI_IOCMKVOL", struct.pack("<i148x", 4)) == {"vol_id": 4}
    assert got("UBI_IOCATT", struct.pack("<i20x", 5)) == {"ubi_num": 5}


def test_a_subvolume_by_its_name_or_its_number() -> None:
    def of(flags: int, name: bytes) -> bytes:
        return struct.pack("<qQQ32x4040s", 3, 0, flags, name)

    common = {"fd": 3, "transid": 0}
    assert given("BTRFS_IOC_SNAP_CREATE_V2", of(2, b"copy")) == {
        **common,
        "flags": "BTRFS_SUBVOL_RDONLY",
        "name": b"copy",
    }
    assert given("BTRFS_IOC_SNAP_DESTROY_V2", of(0x10, struct.pack("<Q", 257))) == {
        **common,
        "flags": "BTRFS_SUBVOL_SPEC_BY_ID",
        "subvolid": 257,
    }
    assert given("BTRFS_IOC_RM_DEV_V2", of(8, struct.pack("<Q", 5))) == {
        **common,
        "flags": "BTRFS_DEVICE_SPEC_BY_ID",
        "devid": 5,
    }


def test_scsi() -> None:
    command = constants.number("sg_direction", "SG_DXFER_FROM_DEV")
    data = struct.pack("<iiBBHI3QIIiQ4B2HiII", 83, command, 6, 32, 0, 36, 1, 2, 3, 1000, 1, 7, 0, *[0] * 9)
    found = given("SG_IO", data.ljust(88, b"\0"))
    assert found["dxfer_direction"] == "SG_DXFER_FROM_DEV"
    assert found["flags"] == "SG_FLAG_DIRECT_IO"
    assert (found["dxferp"], found["cmdp"], found["sbp"]) == ("0x1", "0x2", "0x3")


@pytest.mark.parametrize(
    ("direction", "pieces", "after", "followed"),
    [
        ("SG_DXFER_TO_DEV", 0, False, True),
        ("SG_DXFER_TO_DEV", 2, False, False),
        ("SG_DXFER_TO_DEV", 0, True, False),
        ("SG_DXFER_FROM_DEV", 0, True, True),
        ("SG_DXFER_FROM_DEV", 2, True, False),
    ],
)
def test_an_array_of_pieces_is_no_data(direction: str, pieces: int, after: bool, followed: bool) -> None:
    head = struct.pack("<iiBBHIQ", 83, constants.number("sg_direction", direction), 6, 32, pieces, 36, 1)
    means = member("SG_IO", head.ljust(88, b"\0"), "dxferp", after)
    assert means == (To(Bytes("dxfer_len")) if followed else NOT_FOLLOWED)
    # It is fetched, whatever it turns out to be.
    found = content("SG_IO", after)
    assert isinstance(found, Struct)
    assert declared.pointer_of(dict(found.members)["dxferp"]) == To(Bytes("dxfer_len"))


# ---- networks --------------------------------------------------------------------------


def request(union: bytes, name: bytes = b"lo") -> bytes:
    return name.ljust(16, b"\0") + union.ljust(24, b"\0")


INET = struct.pack("<HH4s8x", 2, 0, b"\x7f\0\0\1")


@pytest.mark.parametrize(
    ("command", "union", "member"),
    [
        ("SIOCGIFFLAGS", struct.pack("<H", 0x49), {"ifr_flags": "IFF_UP|IFF_LOOPBACK|IFF_RUNNING"}),
        ("SIOCGIFINDEX", INT(1), {"ifr_ifindex": 1}),
        ("SIOCGIFMTU", INT(65536), {"ifr_mtu": 65536}),
        ("SIOCGIFMETRIC", INT(0), {"ifr_metric": 0}),
        ("SIOCGIFTXQLEN", INT(1000), {"ifr_qlen": 1000}),
        ("SIOCGIFADDR", INET, {"ifr_addr": {"sa_family": "AF_INET", "sin_port": 0, "sin_addr": "127.0.0.1"}}),
        (
            "SIOCGIFNETMASK",
            INET,
            {"ifr_netmask": {"sa_family": "AF_INET", "sin_port": 0, "sin_addr": "127.0.0.1"}},
        ),
        (
            "SIOCGIFHWADDR",
            struct.pack("<H14s", 772, b""),
            {"ifr_hwaddr": {"sa_family": "ARPHRD_LOOPBACK", "sa_data": bytes(14)}},
        ),
        (
            "SIOCGIFMAP",
            struct.pack("<2QHBBB3x", 1, 2, 3, 4, 5, 6),
            {
                "ifr_map": {
                    "mem_start": 1,
                    "mem_end": 2,
                    "base_addr": 3,
                    "irq": 4,
                    "dma": 5,
                    "port": 6,
                }
            },
        ),
        ("SIOCGIFSLAVE", b"eth1", {"ifr_slave": b"eth1"}),
        ("SIOCGIFMEM", struct.pack("<Q", 0x1234), {"ifr_data": "0x1234"}),
    ],
)
def test_what_a_request_got(command: str, union: bytes, member: dict[str, Any]) -> None:
    assert got(command, request(union)) == {"ifr_name": b"lo"} | member
    assert given(command, request(union)) == {"ifr_name": b"lo"}


def test_what_a_request_asks_for() -> None:
    assert given("SIOCSIFNAME", request(b"eth9")) == {"ifr_name": b"lo", "ifr_newname": b"eth9"}
    assert given("SIOCGIFNAME", request(INT(3), b"")) == {"ifr_ifindex": 3}
    assert got("SIOCGIFNAME", request(INT(3))) == {"ifr_name": b"lo", "ifr_ifindex": 3}
    assert given("SIOCSIFFLAGS", request(b"\1\1")[:30]) == {"ifr_name": b"lo", "…": "<cut: 30 bytes of 40>"}
    assert given("TUNSETIFF", request(struct.pack("<H", 0x1001), b"tun%d")) == {
        "ifr_name": b"tun%d",
        "ifr_flags": "IFF_TUN|IFF_NO_PI",
    }


def test_interfaces() -> None:
    data = struct.pack("<i4xQ", 80, 0x2000)
    assert given("SIOCGIFCONF", data) == {"ifc_len": 80}
    one = {"ifr_name": b"lo", "ifr_addr": {"sa_family": "AF_INET", "sin_port": 0, "sin_addr": "127.0.0.1"}}
    assert plain(decode("ifreqs", request(INET) * 2)) == [one, one]
    assert plain(decode("ifreqs", request(INET), 80)) == [one, "<cut: not fetched>"]


def test_ethtool() -> None:
    assert plain(decode("ethtool", struct.pack("<II", 0xA, 1))) == {"cmd": "ETHTOOL_GLINK", "data": 1}
    driver = struct.pack("<I32s32s32s32s32s12s5I", 3, b"virtio_net", b"1.0.0", b"", b"", b"", b"", *range(5))
    assert plain(decode("ethtool", driver.ljust(256, b"x")))["driver"] == b"virtio_net"
    names = struct.pack("<III", 0x1B, 1, 2) + b"rx".ljust(32, b"\0") + b"tx".ljust(32, b"\0")
    assert plain(decode("ethtool", names + b"beyond"))["data"] == [b"rx", b"tx"]
    counted = struct.pack("<II2Q", 0x1D, 2, 5, 6)
    assert plain(decode("ethtool", counted)) == {"cmd": "ETHTOOL_GSTATS", "n_stats": 2, "data": [5, 6]}
    address = struct.pack("<II6s", 0x20, 6, b"\2\xfc\0\0\0\1")
    assert plain(decode("ethtool", address))["data"] == b"\2\xfc\0\0\0\1"
    assert plain(decode("ethtool", INT(0x7FFF))) == {"cmd": 0x7FFF}
    assert plain(decode("ethtool", b"\1")) == b"\1"


def test_time_stamps_of_packets() -> None:
    found = given("SIOCSHWTSTAMP", request(struct.pack("<Q", 0x2000), b"eth0"))
    assert found == {"ifr_name": b"eth0", "ifr_data": "0x2000"}


def test_virtual_networks() -> None:
    data = struct.pack("<i24s24sh", 9, b"eth0.5", INT(5), 0)
    assert got("SIOCGIFVLAN", data.ljust(56, b"\0")) == {
        "cmd": "GET_VLAN_VID_CMD",
        "device1": b"eth0.5",
        "u": {"VID": 5},
        "vlan_qos": 0,
    }
    assert word("TUNSETOFFLOAD", 1) == "TUN_F_CSUM"
    assert got("TUNGETFEATURES", struct.pack("<I", 3)) == ["IFF_TUN|IFF_TAP"]
    assert given("SIOCGIWNAME", b"wlan0".ljust(32, b"\0")) == {"ifr_name": b"wlan0"}


# ---- the kernel's own ------------------------------------------------------------------


def test_perf() -> None:
    assert word("PERF_EVENT_IOC_ENABLE", 1) == "PERF_IOC_FLAG_GROUP"
    assert word("PERF_EVENT_IOC_REFRESH", 3) == 3
    assert word("PERF_EVENT_IOC_SET_OUTPUT", -1 & 2**64 - 1) == -1
    assert given("PERF_EVENT_IOC_SET_FILTER", b"pid == 1\0") == b"pid == 1"
    assert given("PERF_EVENT_IOC_PERIOD", struct.pack("<Q", 1000)) == [1000]
    assert got("PERF_EVENT_IOC_ID", struct.pack("<Q", 589)) == [589]
    assert given("PERF_EVENT_IOC_QUERY_BPF", struct.pack("<II", 4, 0)) == {"ids_len": 4}
    assert got("PERF_EVENT_IOC_QUERY_BPF", struct.pack("<6I", 4, 1, 77, 0, 0, 0)) == {
        "ids_len": 4,
        "prog_cnt": 1,
        "ids": [77],
    }


def test_randomness() -> None:
    assert got("RNDGETENTCNT", INT(256)) == [256]
    pool = struct.pack("<ii", 64, 8) + b"eightletand what is beyond"
    assert given("RNDADDENTROPY", pool) == {"entropy_count": 64, "buf_size": 8, "buf": b"eightlet"}
    assert given("RNDADDENTROPY", struct.pack("<ii", 64, -1))["buf"] == b""


def test_page_faults() -> None:
    assert given("UFFDIO_API", struct.pack("<3Q", 0xAA, 0x100, 0)) == {
        "api": "UFFD_API",
        "features": "UFFD_FEATURE_THREAD_ID",
        "ioctls": "0x0",
    }
    assert got("UFFDIO_API", struct.pack("<3Q", 0xAA, 0, 1 << 63 | 3))["ioctls"] == (
        "_UFFDIO_REGISTER|_UFFDIO_UNREGISTER|_UFFDIO_API"
    )
    assert given("UFFDIO_REGISTER", struct.pack("<4Q", 0x1000, 4096, 1, 0)) == {
        "range": {"start": "0x1000", "len": 4096},
        "mode": "UFFDIO_REGISTER_MODE_MISSING",
        "ioctls": "0x0",
    }
    assert given("UFFDIO_WAKE", struct.pack("<2Q", 0x1000, 4096)) == {"start": "0x1000", "len": 4096}
    assert given("UFFDIO_COPY", struct.pack("<4Qq", 1, 2, 3, 1, -11))["mode"] == "UFFDIO_COPY_MODE_DONTWAKE"


def test_namespaces_and_processes() -> None:
    assert result("NS_GET_NSTYPE", 0x4000000) == "CLONE_NEWUTS"
    assert result("NS_GET_USERNS", 5) == 5
    assert word("NS_GET_USERNS", 0) is None
    assert got("PIDFD_GET_INFO", struct.pack("<QQIII", 3, 0, 7, 7, 1).ljust(80, b"\0"))["mask"] == (
        "PIDFD_INFO_PID|PIDFD_INFO_CREDS"
    )


# ---- guests ----------------------------------------------------------------------------


def test_guests() -> None:
    assert word("KVM_CHECK_EXTENSION", 3) == "KVM_CAP_USER_MEMORY"
    assert given("KVM_SET_USER_MEMORY_REGION", struct.pack("<II3Q", 0, 1, 0x1000, 8192, 0x5000)) == {
        "slot": 0,
        "flags": "KVM_MEM_LOG_DIRTY_PAGES",
        "guest_phys_addr": 0x1000,
        "memory_size": 8192,
        "userspace_addr": "0x5000",
    }
    assert result("KVM_CREATE_VM", 4) == 4
    assert given("KVM_SET_REGS", struct.pack("<18Q", *range(18)))["rip"] == 16


def test_leaves_of_cpuid() -> None:
    entry = struct.pack("<7I12x", 0xD, 1, 1, 2, 3, 4, 5)
    data = struct.pack("<II", 1, 0) + entry + bytes(40)
    assert given("KVM_GET_SUPPORTED_CPUID", struct.pack("<II", 100, 0)) == {"nent": 100}
    leaf = {
        "function": 0xD,
        "index": 1,
        "flags": "KVM_CPUID_FLAG_SIGNIFCANT_INDEX",
        "eax": 2,
        "ebx": 3,
        "ecx": 4,
        "edx": 5,
    }
    assert got("KVM_GET_SUPPORTED_CPUID", data) == {"nent": 1, "entries": [leaf]}
    assert given("KVM_SET_CPUID2", data) == {"nent": 1, "entries": [leaf]}


def test_registers_of_a_model() -> None:
    data = struct.pack("<IIIIQIIQ", 2, 0, 0x10, 0, 5, 0x174, 0, 6)
    entries = [{"index": 0x10, "data": 5}, {"index": 0x174, "data": 6}]
    assert got("KVM_GET_MSRS", data) == {"nmsrs": 2, "entries": entries}
    assert got("KVM_GET_MSR_INDEX_LIST", struct.pack("<3I", 2, 0x10, 0x174))["indices"] == [0x10, 0x174]
    signals = struct.pack("<IQ", 8, 1 << 9)
    assert given("KVM_SET_SIGNAL_MASK", signals) == {"len": 8, "sigset": ["SIGUSR1"]}


def test_devices_for_guests() -> None:
    assert word("VFIO_SET_IOMMU", 3) == "VFIO_TYPE1v2_IOMMU"
    assert given("VFIO_GROUP_GET_DEVICE_FD", b"0000:06:0d.0\0") == b"0000:06:0d.0"
    assert given("VFIO_IOMMU_MAP_DMA", struct.pack("<II3Q", 32, 3, 0x5000, 0x6000, 4096))["flags"] == (
        "VFIO_DMA_MAP_FLAG_READ|VFIO_DMA_MAP_FLAG_WRITE"
    )


# ---- devices ---------------------------------------------------------------------------


def sized(direction: int, type: str, nr: int, size: int) -> int:
    return direction << 30 | size << 16 | ord(type) << 8 | nr


def test_input_devices() -> None:
    assert got(sized(READ, "E", 0x06, 16), b"keyboard\0" + bytes(7)) == b"keyboard"
    assert got(sized(READ, "E", 0x21, 8), bytes([0b10, 0, 0, 0x40]) + bytes(4)) == ["KEY_ESC", "KEY_A"]
    assert got(sized(READ, "E", 0x26, 1), b"\5") == b"\5"
    assert got("EVIOCGID", struct.pack("<4H", 3, 0x46D, 0xC52B, 0x111)) == {
        "bustype": "BUS_USB",
        "vendor": 0x46D,
        "product": 0xC52B,
        "version": 0x111,
    }
    axis = got(sized(READ, "E", 0x40, 24), struct.pack("<6i", 1, 0, 255, 0, 15, 0))
    assert axis == {"value": 1, "minimum": 0, "maximum": 255, "fuzz": 0, "flat": 15, "resolution": 0}
    slots = struct.pack("<Iii", 0x39, 1, -1)
    assert got(sized(READ, "E", 0x0A, 12), slots) == {"code": "ABS_MT_TRACKING_ID", "values": [1, -1]}
    assert given("EVIOCSKEYCODE", struct.pack("<II", 58, 30)) == [58, "KEY_A"]
    assert word("UI_SET_KEYBIT", 30) == "KEY_A"


def test_a_large_set_of_bits() -> None:
    found = got(sized(READ, "E", 0x21, 4096), b"\0\x80" + bytes(4093) + b"\1")
    assert found == ["KEY_TAB", 4095 * 8]
    assert len(got(sized(READ, "E", 0x21, 4096), b"\xff" * 4096)) == 4096 * 8


def test_what_the_kernel_answers_though_the_bits_do_not_say_so() -> None:
    effect = struct.pack("<HhHHHHH34x", 0x50, -1, 0, 0, 0, 100, 0)
    assert given("EVIOCSFF", effect)["id"] == -1
    assert got("EVIOCSFF", effect[:2] + struct.pack("<h", 7) + effect[4:]) == {"id": 7}
    assert given("RTC_PARAM_GET", struct.pack("<QqII", 1, 0, 0, 0)) == {"param": 1, "index": 0}
    assert got("RTC_PARAM_GET", struct.pack("<QqII", 1, -9, 0, 0))["svalue"] == -9
    times = struct.pack("<I12x", 1) + b"".join(struct.pack("<qII", each, 0, 0) for each in range(51))
    assert given("PTP_SYS_OFFSET", times) == {"n_samples": 1}
    assert [each["sec"] for each in got("PTP_SYS_OFFSET2", times)["ts"]] == [0, 1, 2]
    assert got("SNDRV_PCM_IOCTL_REWIND", struct.pack("<Q", 64)) == 64
    assert given("SNDRV_CTL_IOCTL_PCM_NEXT_DEVICE", INT(-1)) == -1


def test_a_set_of_bits_that_is_not_all_there() -> None:
    value = decode("ioctl", b"\2", 8, cmd=sized(READ, "E", 0x21, 8))
    assert plain(value) == ["KEY_ESC", "<cut: not fetched>"]


def test_buses() -> None:
    control = struct.pack("<BBHHHI4xQ", 0x80, 6, 0x100, 0, 18, 1000, 0x2000)
    assert given("USBDEVFS_CONTROL", control)["data"] == "0x2000"
    assert given("USBDEVFS_CLAIMINTERFACE", INT(2)) == 2
    assert got("USBDEVFS_REAPURB", struct.pack("<Q", 0x2000)) == "0x2000"
    assert given("I2C_RDWR", struct.pack("<QI4x", 0x2000, 2)) == {"msgs": "0x2000", "nmsgs": 2}
    assert got("I2C_FUNCS", struct.pack("<Q", 3)) == "I2C_FUNC_I2C|I2C_FUNC_10BIT_ADDR"
    transfer = struct.pack("<2QIIHBBBBBB", 1, 2, 3, 4, 5, 8, 0, 0, 0, 0, 0)
    assert [each["len"] for each in given(sized(WRITE, "k", 0, 64), transfer * 2)] == [3, 3]


@pytest.mark.parametrize(
    ("command", "data", "size"),
    [
        ("USBDEVFS_CONTROL", struct.pack("<BBHHHI4xQ", 0x80, 6, 0x100, 0, 18, 1000, 0x2000), "wLength"),
        ("USBDEVFS_BULK", struct.pack("<III4xQ", 0x81, 512, 1000, 0x2000), "len"),
    ],
)
def test_what_came_from_the_bus_is_as_long_as_the_result(command: str, data: bytes, size: str) -> None:
    assert member(command, data, "data", after=True) == To(Bytes(Least(RESULT, size)))
    assert member(command, data, "data", after=False) == NOT_FOLLOWED
    outwards = b"\1" + data[1:]
    assert member(command, outwards, "data", after=False) == To(Bytes(size))
    assert member(command, outwards, "data", after=True) == NOT_FOLLOWED


def test_pins() -> None:
    data = struct.pack("<64II64s32sIi", 3, 4, *[0] * 62, 2, bytes([1, 0]) + bytes(62), b"label", 2, 9)
    assert given("GPIO_GET_LINEHANDLE_IOCTL", data) == {
        "lineoffsets": [3, 4],
        "flags": "GPIOHANDLE_REQUEST_OUTPUT",
        "default_values": b"\1\0",
        "consumer_label": b"label",
        "lines": 2,
        "fd": 9,
    }


def test_cameras() -> None:
    picture = struct.pack("<II4s4I", 640, 480, b"YUYV", 1, 1280, 614400, 8)
    data = struct.pack("<I4x", 1) + picture.ljust(200, b"\0")
    assert given("VIDIOC_G_FMT", data) == {"type": "V4L2_BUF_TYPE_VIDEO_CAPTURE"}
    assert got("VIDIOC_G_FMT", data) == {
        "type": "V4L2_BUF_TYPE_VIDEO_CAPTURE",
        "fmt": {
            "pix": {
                "width": 640,
                "height": 480,
                "pixelformat": b"YUYV",
                "field": "V4L2_FIELD_NONE",
                "bytesperline": 1280,
                "sizeimage": 614400,
                "colorspace": "V4L2_COLORSPACE_SRGB",
            }
        },
    }
    assert given("VIDIOC_STREAMON", INT(1)) == ["V4L2_BUF_TYPE_VIDEO_CAPTURE"]
    assert given("VIDIOC_S_CTRL", struct.pack("<Ii", 0x980900, -1)) == {
        "id": "V4L2_CID_BRIGHTNESS",
        "value": -1,
    }


@pytest.mark.parametrize(
    ("type", "place"),
    [
        ("V4L2_BUF_TYPE_VIDEO_CAPTURE", {"offset": 0x12345678}),
        ("V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE", {"planes": "0x7fff12345678"}),
        ("V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE", {"planes": "0x7fff12345678"}),
    ],
)
def test_a_buffer_of_many_planes(type: str, place: dict[str, Any]) -> None:
    number = constants.number("v4l2_buffer_type", type)
    data = struct.pack("<2I52xIQI12x", 0, number, 1, 0x7FFF12345678, 2)
    assert given("VIDIOC_QBUF", data)["m"] == place


def test_a_structure_that_its_definition_names() -> None:
    assert got("FW_CDEV_IOC_GET_CYCLE_TIMER", struct.pack("<QI4x", 5, 6)) == {
        "local_time": 5,
        "cycle_timer": 6,
    }
    assert got("SNDRV_PCM_IOCTL_PVERSION", INT(0x2000F)) == [0x2000F]


# ---- a law -----------------------------------------------------------------------------

COMMANDS = sorted({command & 0xFFFFFFFF for command in constants.table("ioctl").names})


@each_of(
    command=st.one_of(st.sampled_from(COMMANDS), st.integers(0, 2**32 - 1)),
    data=st.one_of(st.binary(max_size=400), st.integers(0, 4096).map(bytes)),
    more=st.integers(0, 64),
    after=st.booleans(),
    path=st.sampled_from([None, b"/dev/pts/0", b"/dev/dri/card0", b"\xff"]),
)
def test_any_bytes_of_any_command_give_a_value(
    command: int, data: bytes, more: int, after: bool, path: bytes | None
) -> None:
    assert ioctl.name(command, path)
    value = decode("ioctl", data, len(data) + more, scope(command, after))
    assert isinstance(jsonl.value_to_json(value), dict)
    meaning = contents.resolve(_CHOICE, scope(command, after))
    if isinstance(meaning, In | Out | InOut):
        value = scope(command, after).content(meaning.content, data, ADDRESS)
        assert isinstance(jsonl.value_to_json(value), dict)


def test_the_law_has_cases() -> None:
    assert isinstance(_CHOICE, Choice)
    assert len(COMMANDS) > 3000
