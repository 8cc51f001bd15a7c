"""Disks and what looks like one: blocks, partitions, loops, SCSI, CD-ROMs, tapes.

Source: block/ioctl.c; drivers/block/loop.c, nbd.c; drivers/scsi/sg.c, scsi_ioctl.c;
drivers/cdrom/cdrom.c; drivers/scsi/st.c.

BLKBSZGET and BLKBSZSET say `size_t` in their bits, and are an int.
"""

from __future__ import annotations

from typing import Any

from argtrace.signature.meaning import (
    ADDRESS,
    DEVICE,
    FD,
    HEX,
    INT,
    UNUSED,
    Array,
    Bytes,
    Cell,
    Choice,
    Content,
    In,
    InOut,
    Meaning,
    Out,
    String,
    To,
    enum,
    flags,
    struct,
)

NUMBER = Cell("int")
LONG = Cell("long")
RANGE = Array(Cell("u64"), 2)

_LOOP: dict[str, Any] = {
    "lo_encrypt_type": enum("loop_encryption"),
    "lo_flags": flags("loop_flags"),
    "lo_encrypt_key": Bytes("lo_encrypt_key_size"),
}
LOOP_INFO = struct("loop_info", **_LOOP, reserved=Bytes(4), lo_device=DEVICE, lo_rdevice=DEVICE)
LOOP_INFO_64 = struct(
    "loop_info64",
    **_LOOP,
    lo_device=DEVICE,
    lo_rdevice=DEVICE,
    lo_file_name=String(),
    lo_crypt_name=String(),
)
PARTITION = struct("blkpg_partition")

_SG: dict[str, Any] = {
    "interface_id": HEX,
    "dxfer_direction": enum("sg_direction"),
    "flags": flags("sg_flags"),
    "status": HEX,
    "host_status": HEX,
    "driver_status": HEX,
    "info": flags("sg_info"),
}


def _transfer(*directions: str) -> Meaning:
    """Data, unless the pointer is to an array of sg_iovec."""
    plain = Choice("dxfer_direction", "sg_direction", {directions: To(Bytes("dxfer_len"))}, ADDRESS)
    return Choice("iovec_count", "", {"0": plain}, ADDRESS)


SG_ASKED = struct(
    "sg_io_hdr",
    **_SG,
    cmdp=To(Bytes("cmd_len")),
    dxferp=_transfer("SG_DXFER_TO_DEV", "SG_DXFER_TO_FROM_DEV"),
)
SG_DONE = struct(
    "sg_io_hdr",
    **_SG,
    sbp=To(Bytes("sb_len_wr")),
    dxferp=_transfer("SG_DXFER_FROM_DEV", "SG_DXFER_TO_FROM_DEV"),
)

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    "BLKROSET": In(NUMBER),
    ("BLKROGET", "BLKSSZGET", "BLKPBSZGET", "BLKALIGNOFF", "BLKBSZGET"): Out(NUMBER),
    "BLKBSZSET": In(NUMBER),
    ("BLKIOMIN", "BLKIOOPT", "BLKDISCARDZEROES"): Out(Cell("unsigned int")),
    ("BLKSECTGET", "BLKROTATIONAL"): Out(Cell("unsigned short")),
    "BLKGETSIZE": Out(Cell("unsigned long")),
    ("BLKRAGET", "BLKFRAGET"): Out(LONG),
    ("BLKRASET", "BLKFRASET"): INT,
    ("BLKRRPART", "BLKFLSBUF", "BLKTRACESTART", "BLKTRACESTOP", "BLKTRACETEARDOWN"): UNUSED,
    ("BLKDISCARD", "BLKSECDISCARD", "BLKZEROOUT"): In(RANGE),
    "BLKPG": In(struct("blkpg_ioctl_arg", op=enum("blkpg_operation"), data=To(PARTITION))),
    "HDIO_GETGEO": Out(struct("hd_geometry")),
    "HDIO_GET_IDENTITY": Out(struct("hd_driveid")),
    # A command, and three arguments of it.
    "HDIO_DRIVE_CMD": InOut(Array(Cell("u8", HEX), 4)),
    (
        "HDIO_GET_32BIT",
        "HDIO_GET_ACOUSTIC",
        "HDIO_GET_ADDRESS",
        "HDIO_GET_BUSSTATE",
        "HDIO_GET_DMA",
        "HDIO_GET_KEEPSETTINGS",
        "HDIO_GET_MULTCOUNT",
        "HDIO_GET_NICE",
        "HDIO_GET_NOWERR",
        "HDIO_GET_UNMASKINTR",
        "HDIO_GET_WCACHE",
    ): Out(LONG),
    (
        "HDIO_SET_32BIT",
        "HDIO_SET_ACOUSTIC",
        "HDIO_SET_ADDRESS",
        "HDIO_SET_BUSSTATE",
        "HDIO_SET_DMA",
        "HDIO_SET_KEEPSETTINGS",
        "HDIO_SET_MULTCOUNT",
        "HDIO_SET_NICE",
        "HDIO_SET_NOWERR",
        "HDIO_SET_PIO_MODE",
        "HDIO_SET_UNMASKINTR",
        "HDIO_SET_WCACHE",
        "HDIO_SET_XFER",
    ): INT,
    # Loops, network block devices.
    ("LOOP_SET_FD", "LOOP_CHANGE_FD"): FD,
    ("LOOP_CLR_FD", "LOOP_SET_CAPACITY", "LOOP_CTL_GET_FREE"): UNUSED,
    "LOOP_SET_STATUS": In(LOOP_INFO),
    "LOOP_GET_STATUS": Out(LOOP_INFO),
    "LOOP_SET_STATUS64": In(LOOP_INFO_64),
    "LOOP_GET_STATUS64": Out(LOOP_INFO_64),
    "LOOP_CONFIGURE": In(struct("loop_config", fd=FD, info=LOOP_INFO_64)),
    ("LOOP_SET_DIRECT_IO", "LOOP_SET_BLOCK_SIZE", "LOOP_CTL_ADD", "LOOP_CTL_REMOVE"): INT,
    "NBD_SET_SOCK": FD,
    ("NBD_SET_BLKSIZE", "NBD_SET_SIZE", "NBD_SET_SIZE_BLOCKS", "NBD_SET_TIMEOUT"): INT,
    "NBD_SET_FLAGS": flags("nbd_flags"),
    ("NBD_DO_IT", "NBD_CLEAR_SOCK", "NBD_CLEAR_QUE", "NBD_PRINT_DEBUG", "NBD_DISCONNECT"): UNUSED,
    # SCSI.
    "SG_IO": InOut(SG_ASKED, after=SG_DONE),
    (
        "SG_GET_RESERVED_SIZE",
        "SG_GET_VERSION_NUM",
        "SG_GET_NUM_WAITING",
        "SG_GET_SG_TABLESIZE",
        "SG_GET_PACK_ID",
        "SG_GET_LOW_DMA",
        "SG_GET_COMMAND_Q",
        "SG_GET_KEEP_ORPHAN",
        "SG_GET_ACCESS_COUNT",
        "SG_EMULATED_HOST",
        "SG_GET_TRANSFORM",
        "SCSI_IOCTL_GET_BUS_NUMBER",
    ): Out(NUMBER),
    (
        "SG_SET_TIMEOUT",
        "SG_SET_RESERVED_SIZE",
        "SG_SET_COMMAND_Q",
        "SG_SET_DEBUG",
        "SG_SET_KEEP_ORPHAN",
        "SG_SET_FORCE_LOW_DMA",
        "SG_SET_FORCE_PACK_ID",
        "SG_NEXT_CMD_LEN",
        "SG_SCSI_RESET",
    ): In(NUMBER),
    ("SG_GET_TIMEOUT", "SCSI_IOCTL_DOORLOCK", "SCSI_IOCTL_DOORUNLOCK"): UNUSED,
    "SG_GET_SCSI_ID": Out(struct("sg_scsi_id")),
    "SCSI_IOCTL_GET_IDLUN": Out(Array(Cell("u32", HEX), 2)),
    # CD-ROMs.
    "CDROMREADTOCHDR": Out(struct("cdrom_tochdr")),
    "CDROMREADTOCENTRY": InOut(struct("cdrom_tocentry", cdte_format=enum("cdrom_format"))),
    "CDROMSUBCHNL": InOut(struct("cdrom_subchnl", cdsc_format=enum("cdrom_format"))),
    "CDROMMULTISESSION": InOut(struct("cdrom_multisession", addr_format=enum("cdrom_format"))),
    "CDROMPLAYMSF": In(struct("cdrom_msf")),
    "CDROMSEEK": In(struct("cdrom_msf")),
    "CDROMPLAYTRKIND": In(struct("cdrom_ti")),
    "CDROMVOLCTRL": In(struct("cdrom_volctrl")),
    "CDROMVOLREAD": Out(struct("cdrom_volctrl")),
    "CDROM_GET_MCN": Out(struct("cdrom_mcn")),
    "CDROM_SEND_PACKET": InOut(struct("cdrom_generic_command")),
    ("CDROM_NEXT_WRITABLE", "CDROM_LAST_WRITTEN"): Out(LONG),
    (
        "CDROM_SET_OPTIONS",
        "CDROM_CLEAR_OPTIONS",
        "CDROM_SELECT_SPEED",
        "CDROM_SELECT_DISC",
        "CDROM_MEDIA_CHANGED",
        "CDROM_DRIVE_STATUS",
        "CDROM_LOCKDOOR",
        "CDROM_DEBUG",
        "CDROMEJECT_SW",
    ): INT,
    (
        "CDROMPAUSE",
        "CDROMRESUME",
        "CDROMSTOP",
        "CDROMSTART",
        "CDROMEJECT",
        "CDROMCLOSETRAY",
        "CDROMRESET",
        "CDROM_DISC_STATUS",
        "CDROM_CHANGER_NSLOTS",
        "CDROM_GET_CAPABILITY",
    ): UNUSED,
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    ("BLKGETSIZE64", "BLKGETDISKSEQ"): Cell("u64"),
    ("BLKGETZONESZ", "BLKGETNRZONES"): Cell("u32"),
    "BLKTRACESETUP": struct("blk_user_trace_setup", act_mask=HEX),
    "BLKTRACESETUP2": struct("blk_user_trace_setup2", act_mask=HEX),
    "MTIOCTOP": struct("mtop", mt_op=enum("mtio_operation")),
    "MTIOCGET": struct("mtget", mt_type=HEX, mt_dsreg=HEX, mt_gstat=HEX, mt_erreg=HEX),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {}
