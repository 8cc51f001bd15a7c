"""Devices behind a bus: USB, I2C, the controller of a server's board (IPMI).

Source: include/uapi/linux/{usbdevice_fs,i2c,i2c-dev,ipmi}.h; drivers/usb/core/devio.c,
drivers/i2c/i2c-dev.c, drivers/char/ipmi/ipmi_devintf.c.

Many of these commands have the direction in their bits the wrong way round.
"""

from __future__ import annotations

from typing import Any

from argtrace.signature.meaning import (
    ADDRESS,
    HEX,
    INT,
    RESULT,
    SIGNAL,
    UNUSED,
    Array,
    Bytes,
    Cell,
    Choice,
    Content,
    In,
    InOut,
    Least,
    Meaning,
    Out,
    Size,
    String,
    To,
    enum,
    flags,
    struct,
)

NUMBER = Cell("unsigned int")
_INTERFACE = struct("usbdevfs_disconnect_claim", flags=HEX, driver=String())


def _buffer(on: str, mask: int, direction: int, size: Size) -> Meaning:
    """A pointer that is followed if the bit `mask` of `on` is `direction`."""
    return Choice(on, "", {str(direction): To(Bytes(size))}, ADDRESS, mask)


def _moved(direction: int, size: str) -> Size:
    """What is to be sent; of what came, as much as the call says."""
    return Least(RESULT, size) if direction else size


# Bit 7 of an endpoint, and of the type of a request: towards the host.
def _control(direction: int) -> Content:
    return struct(
        "usbdevfs_ctrltransfer",
        bRequestType=HEX,
        bRequest=HEX,
        wValue=HEX,
        wIndex=HEX,
        data=_buffer("bRequestType", 0x80, direction, _moved(direction, "wLength")),
    )


def _bulk(direction: int) -> Content:
    data = _buffer("ep", 0x80, direction, _moved(direction, "len"))
    return struct("usbdevfs_bulktransfer", ep=HEX, data=data)


_URB = struct(
    "usbdevfs_urb",
    type=enum("usb_transfer"),
    endpoint=HEX,
    flags=flags("usb_transfer_flags"),
    buffer=_buffer("endpoint", 0x80, 0, "buffer_length"),
    only_=(
        *("type", "endpoint", "status", "flags", "buffer", "buffer_length", "actual_length", "start_frame"),
        *("number_of_packets", "error_count", "signr", "usercontext"),
    ),
)


def _messages(direction: int) -> Content:
    message: dict[str, Any] = {"addr": HEX, "flags": flags("i2c_message_flags")}
    each = struct("i2c_msg", **message, buf=_buffer("flags", 1, direction, "len"))
    return struct("i2c_rdwr_ioctl_data", msgs=To(Array(each, "nmsgs")))


ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    "USBDEVFS_CONTROL": InOut(_control(0), after=_control(0x80)),
    "USBDEVFS_BULK": InOut(_bulk(0), after=_bulk(0x80)),
    "USBDEVFS_SUBMITURB": In(_URB),
    "USBDEVFS_DISCARDURB": ADDRESS,
    ("USBDEVFS_REAPURB", "USBDEVFS_REAPURBNDELAY"): Out(Cell("void *", ADDRESS)),
    (
        "USBDEVFS_RESETEP",
        "USBDEVFS_SETCONFIGURATION",
        "USBDEVFS_CLAIMINTERFACE",
        "USBDEVFS_RELEASEINTERFACE",
        "USBDEVFS_CLEAR_HALT",
        "USBDEVFS_CLAIM_PORT",
        "USBDEVFS_RELEASE_PORT",
    ): In(NUMBER),
    "USBDEVFS_SETINTERFACE": In(struct("usbdevfs_setinterface")),
    "USBDEVFS_GETDRIVER": InOut(
        struct("usbdevfs_getdriver", only_=("interface",)),
        after=struct("usbdevfs_getdriver", driver=String()),
    ),
    "USBDEVFS_DISCSIGNAL": In(struct("usbdevfs_disconnectsignal", signr=SIGNAL)),
    "USBDEVFS_CONNECTINFO": Out(struct("usbdevfs_connectinfo")),
    "USBDEVFS_IOCTL": In(struct("usbdevfs_ioctl", ioctl_code=HEX)),
    "USBDEVFS_DISCONNECT_CLAIM": In(_INTERFACE),
    ("USBDEVFS_ALLOC_STREAMS", "USBDEVFS_FREE_STREAMS"): In(
        struct("usbdevfs_streams", only_=("num_streams", "num_eps"))
    ),
    (
        "USBDEVFS_RESET",
        "USBDEVFS_DISCONNECT",
        "USBDEVFS_CONNECT",
        "USBDEVFS_GET_SPEED",
        "USBDEVFS_FORBID_SUSPEND",
        "USBDEVFS_ALLOW_SUSPEND",
        "USBDEVFS_WAIT_FOR_RESUME",
    ): UNUSED,
    # I2C.
    ("I2C_SLAVE", "I2C_SLAVE_FORCE"): HEX,
    ("I2C_RETRIES", "I2C_TIMEOUT", "I2C_TENBIT", "I2C_PEC"): INT,
    "I2C_FUNCS": Out(Cell("unsigned long", flags("i2c_functions"))),
    "I2C_RDWR": InOut(_messages(0), after=_messages(1)),
    "I2C_SMBUS": In(
        struct(
            "i2c_smbus_ioctl_data",
            read_write=enum("smbus_direction"),
            command=HEX,
            size=enum("smbus_transfer"),
        )
    ),
    # IPMI.
    "IPMICTL_SEND_COMMAND": In(struct("ipmi_req")),
    "IPMICTL_SEND_COMMAND_SETTIME": In(struct("ipmi_req_settime")),
    ("IPMICTL_REGISTER_FOR_CMD", "IPMICTL_UNREGISTER_FOR_CMD"): In(struct("ipmi_cmdspec", cmd=HEX)),
    ("IPMICTL_REGISTER_FOR_CMD_CHANS", "IPMICTL_UNREGISTER_FOR_CMD_CHANS"): In(
        struct("ipmi_cmdspec_chans", cmd=HEX, chans=HEX)
    ),
    "IPMICTL_SET_GETS_EVENTS_CMD": In(Cell("int")),
    ("IPMICTL_SET_MY_ADDRESS_CMD", "IPMICTL_SET_MY_LUN_CMD"): In(NUMBER),
    ("IPMICTL_SET_MY_CHANNEL_ADDRESS_CMD", "IPMICTL_SET_MY_CHANNEL_LUN_CMD"): In(
        struct("ipmi_channel_lun_address_set")
    ),
    ("IPMICTL_GET_MY_CHANNEL_ADDRESS_CMD", "IPMICTL_GET_MY_CHANNEL_LUN_CMD"): InOut(
        struct("ipmi_channel_lun_address_set")
    ),
    "IPMICTL_SET_TIMING_PARMS_CMD": In(struct("ipmi_timing_parms")),
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "USBDEVFS_GET_CAPABILITIES": Cell("u32", flags("usb_capabilities")),
    "USBDEVFS_DROP_PRIVILEGES": Cell("u32", HEX),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {}
