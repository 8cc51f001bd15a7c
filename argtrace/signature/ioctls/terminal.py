"""Terminals, their serial lines, and consoles.

Source: ioctl_tty(2), ioctl_console(2); drivers/tty/tty_io.c, tty_ioctl.c, pty.c, serial_core.c,
vt/vt_ioctl.c, vt/keyboard.c.
"""

from __future__ import annotations

from typing import Any

from argtrace.signature.meaning import (
    ADDRESS,
    DEVICE,
    FD,
    HEX,
    INT,
    PID,
    SIGNAL,
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
    String,
    To,
    enum,
    flags,
    struct,
)

NUMBER = Cell("int")
LINES = Cell("int", flags("modem_lines"))
PROCESS = Cell("pid_t", PID)
DISCIPLINE = Cell("int", enum("line_discipline"))
WINSIZE = struct("winsize")

_FLAGS: dict[str, Any] = {
    "c_iflag": flags("termios_iflag"),
    "c_oflag": flags("termios_oflag"),
    "c_cflag": flags("termios_cflag"),
    "c_lflag": flags("termios_lflag"),
    "c_line": enum("line_discipline"),
}
TERMIOS = struct("termios", **_FLAGS, c_cc=Raw("control_characters", 19))
TERMIOS2 = struct("termios2", **_FLAGS, c_cc=Raw("control_characters", 19))
TERMIO = struct("termio", **_FLAGS, c_cc=Raw("control_characters", 8))
LOCKED = struct(
    "termios",
    c_iflag=HEX,
    c_oflag=HEX,
    c_cflag=HEX,
    c_lflag=HEX,
    c_line=HEX,
    c_cc=Raw("control_characters", 19),
)

SERIAL = struct("serial_struct", flags=HEX, port=HEX, iomem_base=HEX, iomap_base=HEX)
RS485 = struct(
    "serial_rs485",
    flags=flags("rs485_flags"),
    only_=("flags", "delay_rts_before_send", "delay_rts_after_send", "addr_recv", "addr_dest"),
)

VT_MODE = struct("vt_mode", mode=enum("vt_switching"), relsig=SIGNAL, acqsig=SIGNAL, frsig=SIGNAL)

_UNICODE = struct("unimapdesc", entries=To(Array(struct("unipair", unicode=HEX), "entry_ct")))

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    "TCGETS": Out(TERMIOS),
    ("TCSETS", "TCSETSW", "TCSETSF"): In(TERMIOS),
    "TCGETA": Out(TERMIO),
    ("TCSETA", "TCSETAW", "TCSETAF"): In(TERMIO),
    "TIOCGLCKTRMIOS": Out(LOCKED),
    "TIOCSLCKTRMIOS": In(LOCKED),
    ("TCSBRK", "TCSBRKP"): INT,
    "TCXONC": enum("tcflow"),
    "TCFLSH": enum("tcflush"),
    "TIOCGWINSZ": Out(WINSIZE),
    "TIOCSWINSZ": In(WINSIZE),
    ("TIOCGPGRP", "TIOCGSID"): Out(PROCESS),
    "TIOCSPGRP": In(PROCESS),
    ("FIONREAD", "TIOCOUTQ", "TIOCGSOFTCAR", "TIOCSERGETLSR"): Out(NUMBER),
    ("FIONBIO", "FIOASYNC", "TIOCSSOFTCAR", "TIOCPKT"): In(NUMBER),
    "TIOCGETD": Out(DISCIPLINE),
    "TIOCSETD": In(DISCIPLINE),
    "TIOCMGET": Out(LINES),
    ("TIOCMSET", "TIOCMBIS", "TIOCMBIC"): In(LINES),
    "TIOCMIWAIT": flags("modem_lines"),
    "TIOCGICOUNT": Out(struct("serial_icounter_struct")),
    "TIOCSTI": In(Bytes(1)),
    "TIOCLINUX": In(Cell("char")),
    "TIOCGSERIAL": Out(SERIAL),
    "TIOCSSERIAL": In(SERIAL),
    "TIOCGRS485": Out(RS485),
    "TIOCSRS485": InOut(RS485),
    "TIOCSCTTY": INT,
    "TIOCGPTPEER": flags("open"),
    "TIOCSIG": SIGNAL,
    (
        "TIOCEXCL",
        "TIOCNXCL",
        "TIOCNOTTY",
        "TIOCSBRK",
        "TIOCCBRK",
        "TIOCCONS",
        "TIOCVHANGUP",
        "FIOCLEX",
        "FIONCLEX",
    ): UNUSED,
    # Virtual consoles, their keyboards and screens.
    "VT_OPENQRY": Out(NUMBER),
    "VT_GETMODE": Out(VT_MODE),
    "VT_SETMODE": In(VT_MODE),
    "VT_GETSTATE": Out(struct("vt_stat", v_state=HEX)),
    "VT_GETHIFONTMASK": Out(Cell("unsigned short", HEX)),
    ("VT_ACTIVATE", "VT_WAITACTIVE", "VT_DISALLOCATE", "VT_RELDISP"): INT,
    ("VT_LOCKSWITCH", "VT_UNLOCKSWITCH", "VT_SENDSIG"): UNUSED,
    "VT_RESIZE": In(struct("vt_sizes")),
    "VT_RESIZEX": In(struct("vt_consize")),
    "VT_WAITEVENT": InOut(struct("vt_event")),
    "VT_SETACTIVATE": In(struct("vt_setactivate", mode=VT_MODE)),
    "KDGETMODE": Out(Cell("int", enum("display_mode"))),
    "KDSETMODE": enum("display_mode"),
    "KDGKBMODE": Out(Cell("int", enum("keyboard_mode"))),
    "KDSKBMODE": enum("keyboard_mode"),
    "KDGKBMETA": Out(Cell("int", enum("keyboard_meta"))),
    "KDSKBMETA": enum("keyboard_meta"),
    "KDGKBTYPE": Out(Cell("char", enum("keyboard_type"))),
    "KDGETLED": Out(Cell("char", flags("keyboard_leds"))),
    "KDSETLED": flags("keyboard_leds"),
    "KDGKBLED": Out(Cell("char", flags("keyboard_locks"))),
    "KDSKBLED": flags("keyboard_locks"),
    ("KIOCSOUND", "KDMKTONE"): INT,
    ("KDADDIO", "KDDELIO"): HEX,
    ("KDENABIO", "KDDISABIO", "KDMAPDISP", "KDUNMAPDISP", "PIO_FONTRESET"): UNUSED,
    "KDSIGACCEPT": SIGNAL,
    "KDGKBENT": InOut(struct("kbentry", kb_value=HEX)),
    "KDSKBENT": In(struct("kbentry", kb_value=HEX)),
    "KDGETKEYCODE": InOut(struct("kbkeycode")),
    "KDSETKEYCODE": In(struct("kbkeycode")),
    "KDKBDREP": InOut(struct("kbd_repeat")),
    ("GIO_CMAP",): Out(Array(Cell("u8", HEX), 48)),
    ("PIO_CMAP",): In(Array(Cell("u8", HEX), 48)),
    "GIO_UNIMAP": InOut(struct("unimapdesc", entries=ADDRESS), after=_UNICODE),
    "PIO_UNIMAP": In(_UNICODE),
    ("KDGKBSENT", "KDSKBSENT"): InOut(struct("kbsentry", kb_string=String())),
    "GIO_SCRNMAP": Out(Bytes(256)),
    "PIO_SCRNMAP": In(Bytes(256)),
    "PIO_UNIMAPCLR": In(struct("unimapinit")),
    "KDFONTOP": InOut(struct("console_font_op", op=enum("console_font_operation"))),
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "TCGETS2": TERMIOS2,
    ("TCSETS2", "TCSETSW2", "TCSETSF2"): TERMIOS2,
    ("TIOCGPTN", "TIOCSPTLCK", "TIOCGPKT", "TIOCGPTLCK", "TIOCGEXCL"): NUMBER,
    "TIOCGDEV": Cell("u32", DEVICE),
    ("TIOCGISO7816", "TIOCSISO7816"): struct("serial_iso7816", flags=HEX),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {"TIOCGPTPEER": FD}
