"""Input devices, clocks, watchdogs, USB, video, sound, buffers of graphics and others.

Source: include/uapi/linux/{input,uinput,rtc,watchdog,i2c-dev,usbdevice_fs,fb,joystick,dma-buf,
sync_file,udmabuf,vfio}.h; rtc(4); drivers/input/evdev.c, drivers/input/misc/uinput.c,
drivers/i2c/i2c-dev.c, drivers/rtc/dev.c, drivers/watchdog/watchdog_dev.c.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    FD,
    HEX,
    INT,
    UNUSED,
    Array,
    Cell,
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
INPUT_ID = struct("input_id", bustype=enum("input_bus"), vendor=HEX, product=HEX, version=HEX)
ABSOLUTE = struct("input_absinfo")
TIME = struct("rtc_time")
EFFECT = struct(
    "ff_effect", type=enum("force_feedback"), only_=("type", "id", "direction", "trigger", "replay")
)
OPTIONS = Cell("int", flags("watchdog_options"))
STATUS = Cell("int", flags("watchdog_status"))

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    ("EVIOCGRAB", "EVIOCREVOKE", "EVIOCRMFF"): INT,
    ("UI_DEV_CREATE", "UI_DEV_DESTROY"): UNUSED,
    "UI_SET_EVBIT": enum("input_event"),
    "UI_SET_KEYBIT": enum("input_key"),
    "UI_SET_RELBIT": enum("input_relative"),
    "UI_SET_ABSBIT": enum("input_absolute"),
    "UI_SET_MSCBIT": enum("input_misc"),
    "UI_SET_LEDBIT": enum("input_led"),
    "UI_SET_SNDBIT": enum("input_sound"),
    "UI_SET_FFBIT": enum("force_feedback"),
    "UI_SET_SWBIT": enum("input_switch"),
    "UI_SET_PROPBIT": enum("input_property"),
    "UI_SET_PHYS": In(String()),
    ("RTC_AIE_ON", "RTC_AIE_OFF", "RTC_UIE_ON", "RTC_UIE_OFF"): UNUSED,
    ("RTC_PIE_ON", "RTC_PIE_OFF", "RTC_WIE_ON", "RTC_WIE_OFF", "RTC_VL_CLR"): UNUSED,
    ("RTC_IRQP_SET", "RTC_EPOCH_SET"): INT,
    "WDIOC_SETOPTIONS": In(OPTIONS),
    "WDIOC_KEEPALIVE": UNUSED,
    ("I2C_SLAVE", "I2C_SLAVE_FORCE"): HEX,
    ("I2C_RETRIES", "I2C_TIMEOUT", "I2C_TENBIT", "I2C_PEC"): INT,
    "I2C_FUNCS": Out(Cell("unsigned long", HEX)),
    "I2C_RDWR": InOut(
        struct("i2c_rdwr_ioctl_data", msgs=To(Array(struct("i2c_msg", addr=HEX, flags=HEX), "nmsgs")))
    ),
    "I2C_SMBUS": InOut(struct("i2c_smbus_ioctl_data")),
    "FBIOGET_VSCREENINFO": Out(struct("fb_var_screeninfo")),
    "FBIOPUT_VSCREENINFO": InOut(struct("fb_var_screeninfo")),
    "FBIOPAN_DISPLAY": InOut(struct("fb_var_screeninfo")),
    "FBIOGET_FSCREENINFO": Out(struct("fb_fix_screeninfo")),
    "FBIOBLANK": INT,
    ("USBDEVFS_DISCARDURB", "USBDEVFS_RESET"): HEX,
    ("AUTOFS_IOC_READY", "AUTOFS_IOC_FAIL", "AUTOFS_IOC_CATATONIC"): INT,
    ("VFIO_GET_API_VERSION", "VFIO_DEVICE_RESET", "VFIO_GROUP_UNSET_CONTAINER"): UNUSED,
    ("VFIO_CHECK_EXTENSION", "VFIO_SET_IOMMU"): INT,
    "VFIO_GROUP_GET_DEVICE_FD": In(String()),
    "VFIO_GROUP_SET_CONTAINER": In(Cell("int", FD)),
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "EVIOCGVERSION": Cell("int", HEX),
    "EVIOCGID": INPUT_ID,
    ("EVIOCGREP", "EVIOCSREP"): Array(Cell("unsigned int"), 2),
    ("EVIOCGKEYCODE", "EVIOCSKEYCODE"): Array(Cell("unsigned int", HEX), 2),
    ("EVIOCGKEYCODE_V2", "EVIOCSKEYCODE_V2"): struct("input_keymap_entry", keycode=enum("input_key")),
    "EVIOCSFF": EFFECT,
    "EVIOCGEFFECTS": NUMBER,
    "EVIOCSCLOCKID": Cell("int", enum("clock_id")),
    ("EVIOCGMASK", "EVIOCSMASK"): struct("input_mask", type=enum("input_event"), codes_ptr=HEX),
    "UI_DEV_SETUP": struct("uinput_setup", id=INPUT_ID),
    "UI_ABS_SETUP": struct("uinput_abs_setup", code=enum("input_absolute")),
    "UI_GET_VERSION": Cell("unsigned int", HEX),
    ("RTC_RD_TIME", "RTC_SET_TIME", "RTC_ALM_READ", "RTC_ALM_SET"): TIME,
    ("RTC_WKALM_RD", "RTC_WKALM_SET"): struct("rtc_wkalrm", time=TIME),
    ("RTC_IRQP_READ", "RTC_EPOCH_READ"): Cell("unsigned long"),
    "RTC_VL_READ": Cell("unsigned int", HEX),
    "WDIOC_GETSUPPORT": struct("watchdog_info", options=flags("watchdog_status"), identity=String()),
    ("WDIOC_GETSTATUS", "WDIOC_GETBOOTSTATUS"): STATUS,
    ("WDIOC_GETTEMP", "WDIOC_SETTIMEOUT", "WDIOC_GETTIMEOUT"): NUMBER,
    ("WDIOC_SETPRETIMEOUT", "WDIOC_GETPRETIMEOUT", "WDIOC_GETTIMELEFT"): NUMBER,
    ("JSIOCGAXES", "JSIOCGBUTTONS"): Cell("u8"),
    "JSIOCGVERSION": Cell("u32", HEX),
    "SYNC_IOC_MERGE": struct("sync_merge_data", name=String(), fd2=FD, fence=FD, flags=HEX),
    "UDMABUF_CREATE": struct("udmabuf_create", memfd=FD, flags=HEX),
    "VIDIOC_QUERYCAP": struct(
        "v4l2_capability",
        driver=String(),
        card=String(),
        bus_info=String(),
        capabilities=HEX,
        device_caps=HEX,
        version=HEX,
    ),
    "DMA_HEAP_IOCTL_ALLOC": struct("dma_heap_allocation_data", fd=FD, fd_flags=flags("open"), heap_flags=HEX),
    ("FDGETPRM", "FDSETPRM"): struct("floppy_struct"),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {
    ("VFIO_GROUP_GET_DEVICE_FD", "UDMABUF_CREATE", "UDMABUF_CREATE_LIST"): FD,
}
