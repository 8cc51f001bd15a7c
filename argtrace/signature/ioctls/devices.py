"""Input devices, clocks, watchdogs, pins, screens, sound, buffers of graphics and others.

Source: include/uapi/linux/{input,uinput,rtc,watchdog,fb,joystick,dma-buf,
sync_file,udmabuf,gpio,ptp_clock,pps,lirc,tee,isst_if,agpgart,phantom}.h; rtc(4); drivers/input/evdev.c,
drivers/input/misc/uinput.c, drivers/rtc/dev.c, drivers/watchdog/watchdog_dev.c,
sound/core/pcm_native.c.

Some headers define a command with a pointer to what is copied, where they should have said what:
their bits say 8 bytes. Of others the bits say that the kernel writes, and it reads too, or the
other way round.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
    INT,
    UNUSED,
    Array,
    Bytes,
    Cell,
    Content,
    In,
    InOut,
    Meaning,
    Out,
    Raw,
    Scaled,
    String,
    enum,
    flags,
    struct,
)

NUMBER = Cell("int")
INPUT_ID = struct("input_id", bustype=enum("input_bus"), vendor=HEX, product=HEX, version=HEX)
TIME = struct("rtc_time")
EFFECT = struct(
    "ff_effect", type=enum("force_feedback"), only_=("type", "id", "direction", "trigger", "replay")
)
OPTIONS = Cell("int", flags("watchdog_options"))
STATUS = Cell("int", flags("watchdog_status"))


# Intel Speed Select.
_SPEEDS = {
    "GET_PHY_ID": "isst_if_cpu_map",
    "IO_CMD": "isst_if_io_regs",
    "MBOX_COMMAND": "isst_if_mbox_cmds",
    "MSR_COMMAND": "isst_if_msr_cmds",
    "COUNT_TPMI_INSTANCES": "isst_tpmi_instance_count",
    "CORE_POWER_STATE": "isst_core_power",
    "CLOS_PARAM": "isst_clos_param",
    "CLOS_ASSOC": "isst_if_clos_assoc_cmds",
    "PERF_LEVELS": "isst_perf_level_info",
    "PERF_SET_LEVEL": "isst_perf_level_control",
    "PERF_SET_FEATURE": "isst_perf_feature_control",
    "GET_PERF_LEVEL_INFO": "isst_perf_level_data_info",
    "GET_PERF_LEVEL_CPU_MASK": "isst_perf_level_cpu_mask",
    "GET_BASE_FREQ_INFO": "isst_base_freq_info",
    "GET_BASE_FREQ_CPU_MASK": "isst_perf_level_cpu_mask",
    "GET_TURBO_FREQ_INFO": "isst_turbo_freq_info",
    "GET_PERF_LEVEL_FABRIC_INFO": "isst_perf_level_fabric_info",
}
_HANDLE = struct(
    "gpiohandle_request",
    lineoffsets=Array(Cell("u32"), "lines"),
    flags=flags("gpio_handle_flags"),
    default_values=Bytes("lines"),
    consumer_label=String(),
    fd=FD,
)
_LINES = struct(
    "gpio_v2_line_config",
    flags=flags("gpio_v2_flags"),
    attrs=Array(struct("gpio_v2_line_config_attribute", mask=HEX), "num_attrs"),
)
_PIN = struct("ptp_pin_desc", name=String(), func=enum("ptp_pin"))
_EXTERNAL = struct("ptp_extts_request", flags=flags("ptp_external_flags"))
_PERIODIC = struct("ptp_perout_request", flags=flags("ptp_output_flags"))
_MODE = Cell("u32", enum("lirc_mode"))
_MASK = struct("input_mask", type=enum("input_event"), codes_ptr=ADDRESS)

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
    "FBIOGET_VSCREENINFO": Out(struct("fb_var_screeninfo")),
    "FBIOPUT_VSCREENINFO": InOut(struct("fb_var_screeninfo")),
    "FBIOPAN_DISPLAY": InOut(struct("fb_var_screeninfo")),
    "FBIOGET_FSCREENINFO": Out(struct("fb_fix_screeninfo")),
    ("FBIOGETCMAP", "FBIOPUTCMAP"): In(struct("fb_cmap")),
    "FBIOBLANK": INT,
    ("AUTOFS_IOC_READY", "AUTOFS_IOC_FAIL", "AUTOFS_IOC_CATATONIC"): INT,
    ("EVIOCGKEYCODE", "EVIOCSKEYCODE"): InOut(Raw("key_code", 8)),
    ("EVIOCGKEYCODE_V2", "EVIOCSKEYCODE_V2"): InOut(struct("input_keymap_entry", keycode=enum("input_key"))),
    "EVIOCGMASK": InOut(_MASK),
    "EVIOCSFF": InOut(EFFECT, after=struct("ff_effect", only_=("id",))),
    "RTC_PARAM_GET": InOut(struct("rtc_param", only_=("param", "index")), after=struct("rtc_param")),
    ("PTP_SYS_OFFSET", "PTP_SYS_OFFSET2"): InOut(
        struct("ptp_sys_offset", only_=("n_samples",)),
        # A time of the system, then by turns one of the device and one of the system.
        after=struct(
            "ptp_sys_offset", ts=Array(struct("ptp_clock_time"), Scaled(Scaled("n_samples", by=2), 1))
        ),
    ),
    "TEE_IOC_CLOSE_SESSION": In(struct("tee_ioctl_close_session_arg")),
    "TEE_IOC_CANCEL": In(struct("tee_ioctl_cancel_arg")),
    # Sound.
    ("SNDRV_PCM_IOCTL_REWIND", "SNDRV_PCM_IOCTL_FORWARD"): InOut(Cell("snd_pcm_uframes_t")),
    "SNDRV_CTL_IOCTL_PCM_NEXT_DEVICE": InOut(NUMBER),
    # The argument is the number itself.
    "SNDRV_PCM_IOCTL_LINK": FD,
    "SNDRV_PCM_IOCTL_PAUSE": INT,
    (
        "SNDRV_PCM_IOCTL_HW_FREE",
        "SNDRV_PCM_IOCTL_PREPARE",
        "SNDRV_PCM_IOCTL_RESET",
        "SNDRV_PCM_IOCTL_START",
        "SNDRV_PCM_IOCTL_DROP",
        "SNDRV_PCM_IOCTL_DRAIN",
        "SNDRV_PCM_IOCTL_RESUME",
        "SNDRV_PCM_IOCTL_XRUN",
        "SNDRV_PCM_IOCTL_UNLINK",
        "SNDRV_PCM_IOCTL_HWSYNC",
        "DRM_IOCTL_SET_MASTER",
        "DRM_IOCTL_DROP_MASTER",
        "NVME_IOCTL_ID",
        "NVME_IOCTL_RESET",
        "NVME_IOCTL_SUBSYS_RESET",
        "NVME_IOCTL_RESCAN",
        "VIDIOC_LOG_STATUS",
    ): UNUSED,
    # Definitions with a pointer.
    "PPS_GETPARAMS": Out(struct("pps_kparams")),
    "PPS_SETPARAMS": In(struct("pps_kparams")),
    "PPS_GETCAP": Out(Cell("int", HEX)),
    "PPS_FETCH": InOut(struct("pps_fdata")),
    "PPS_KC_BIND": In(struct("pps_bind_args")),
    "PPS_GEN_SETENABLE": In(Cell("unsigned int")),
    "PPS_GEN_USESYSTEMCLOCK": Out(Cell("unsigned int")),
    "PPS_GEN_FETCHEVENT": Out(struct("pps_gen_event")),
    "AGPIOC_INFO": Out(struct("agp_info")),
    "AGPIOC_SETUP": In(struct("agp_setup", agp_mode=HEX)),
    ("AGPIOC_RESERVE", "AGPIOC_PROTECT"): In(struct("agp_region")),
    "AGPIOC_ALLOCATE": InOut(struct("agp_allocate")),
    ("AGPIOC_ACQUIRE", "AGPIOC_RELEASE", "AGPIOC_CHIPSET_FLUSH"): UNUSED,
    "AGPIOC_DEALLOCATE": INT,
    "AGPIOC_BIND": In(struct("agp_bind")),
    "AGPIOC_UNBIND": In(struct("agp_unbind")),
    "PHN_GET_REG": InOut(struct("phm_reg")),
    "PHN_SET_REG": In(struct("phm_reg")),
    "PHN_GET_REGS": InOut(struct("phm_regs")),
    "PHN_SET_REGS": In(struct("phm_regs")),
    "ISST_IF_GET_PLATFORM_INFO": Out(struct("isst_if_platform_info")),
    **{f"ISST_IF_{command}": InOut(struct(name)) for command, name in _SPEEDS.items()},
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "EVIOCGVERSION": Cell("int", HEX),
    "EVIOCGID": INPUT_ID,
    ("EVIOCGREP", "EVIOCSREP"): Array(Cell("unsigned int"), 2),
    "EVIOCGEFFECTS": NUMBER,
    "EVIOCSCLOCKID": Cell("int", enum("clock_id")),
    "EVIOCSMASK": _MASK,
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
    # Pins.
    "GPIO_GET_CHIPINFO_IOCTL": struct("gpiochip_info", name=String(), label=String()),
    ("GPIO_GET_LINEINFO_IOCTL", "GPIO_GET_LINEINFO_WATCH_IOCTL"): struct(
        "gpioline_info", flags=flags("gpio_line_flags"), name=String(), consumer=String()
    ),
    "GPIO_GET_LINEHANDLE_IOCTL": _HANDLE,
    "GPIO_GET_LINEEVENT_IOCTL": struct(
        "gpioevent_request",
        handleflags=flags("gpio_handle_flags"),
        eventflags=flags("gpio_event_flags"),
        consumer_label=String(),
        fd=FD,
    ),
    ("GPIO_V2_GET_LINEINFO_IOCTL", "GPIO_V2_GET_LINEINFO_WATCH_IOCTL"): struct(
        "gpio_v2_line_info", name=String(), consumer=String(), flags=flags("gpio_v2_flags")
    ),
    "GPIO_V2_GET_LINE_IOCTL": struct(
        "gpio_v2_line_request",
        offsets=Array(Cell("u32"), "num_lines"),
        consumer=String(),
        config=_LINES,
        fd=FD,
    ),
    "GPIO_V2_LINE_SET_CONFIG_IOCTL": _LINES,
    ("GPIO_V2_LINE_GET_VALUES_IOCTL", "GPIO_V2_LINE_SET_VALUES_IOCTL"): struct(
        "gpio_v2_line_values", bits=HEX, mask=HEX
    ),
    # Clocks of network cards.
    ("PTP_EXTTS_REQUEST", "PTP_EXTTS_REQUEST2"): _EXTERNAL,
    ("PTP_PEROUT_REQUEST", "PTP_PEROUT_REQUEST2"): _PERIODIC,
    ("PTP_PIN_GETFUNC", "PTP_PIN_SETFUNC", "PTP_PIN_GETFUNC2", "PTP_PIN_SETFUNC2"): _PIN,
    # Infrared.
    "LIRC_GET_FEATURES": Cell("u32", flags("lirc_features")),
    ("LIRC_GET_SEND_MODE", "LIRC_SET_SEND_MODE", "LIRC_GET_REC_MODE", "LIRC_SET_REC_MODE"): _MODE,
    # Trusted execution environments.
    "TEE_IOC_VERSION": struct(
        "tee_ioctl_version_data",
        impl_id=enum("tee_implementation"),
        impl_caps=HEX,
        gen_caps=flags("tee_capabilities"),
    ),
    ("TEE_IOC_OPEN_SESSION", "TEE_IOC_INVOKE", "TEE_IOC_SUPPL_RECV", "TEE_IOC_SUPPL_SEND"): struct(
        "tee_ioctl_buf_data", buf_ptr=HEX
    ),
    "DMA_HEAP_IOCTL_ALLOC": struct("dma_heap_allocation_data", fd=FD, fd_flags=flags("open"), heap_flags=HEX),
    ("FDGETPRM", "FDSETPRM"): struct("floppy_struct"),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {
    ("UDMABUF_CREATE", "UDMABUF_CREATE_LIST"): FD,
}
