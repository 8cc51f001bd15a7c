"""What the arguments of the calls on the whole machine mean: its log, its modules, other kernels.

Sources: man pages of section 2; kernel/printk/printk.c, kernel/reboot.c, kernel/module/main.c,
kernel/kexec.c. Of calls that are no more the kernel keeps the number, and this the name.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    INT,
    RESULT,
    SIZE,
    UNUSED,
    Array,
    Bytes,
    Cell,
    Choice,
    Declaration,
    In,
    Out,
    String,
    Struct,
    To,
    call,
    enum,
    flags,
    struct,
)

_SEGMENT = struct("kexec_segment", bufsz=SIZE, mem=ADDRESS, memsz=SIZE)

CALLS: dict[str, Declaration] = {
    "syslog": call(
        type=enum("syslog_action"),
        buf=Choice(
            "type",
            "syslog_action",
            {
                ("SYSLOG_ACTION_READ", "SYSLOG_ACTION_READ_ALL", "SYSLOG_ACTION_READ_CLEAR"): Out(
                    Bytes(RESULT)
                ),
            },
            default=UNUSED,
        ),
        len=Choice(
            "type",
            "syslog_action",
            {
                ("SYSLOG_ACTION_CLOSE", "SYSLOG_ACTION_OPEN", "SYSLOG_ACTION_CLEAR"): UNUSED,
                ("SYSLOG_ACTION_CONSOLE_OFF", "SYSLOG_ACTION_CONSOLE_ON"): UNUSED,
                ("SYSLOG_ACTION_SIZE_UNREAD", "SYSLOG_ACTION_SIZE_BUFFER"): UNUSED,
            },
            default=INT,
        ),
    ),
    "reboot": call(
        magic1=enum("reboot_magic1"),
        magic2=enum("reboot_magic2"),
        cmd=enum("reboot_cmd"),
        arg=Choice("cmd", "reboot_cmd", {"LINUX_REBOOT_CMD_RESTART2": In(String())}, default=UNUSED),
    ),
    "vhangup": call(),
    "init_module": call(umod=In(Bytes("len")), len=SIZE, uargs=In(String())),
    "finit_module": call(fd=FD, uargs=In(String()), flags=flags("module_init")),
    "delete_module": call(name_user=In(String()), flags=flags("module_delete")),
    "kexec_load": call(
        entry=ADDRESS,
        nr_segments=SIZE,
        segments=In(Array(_SEGMENT, "nr_segments")),
        flags=flags("kexec_load"),
    ),
    "kexec_file_load": call(
        kernel_fd=FD,
        initrd_fd=FD,
        cmdline_len=SIZE,
        # With its NUL.
        cmdline_ptr=In(Bytes("cmdline_len")),
        flags=flags("kexec_file"),
    ),
    "_sysctl": call(
        args=In(
            Struct(
                "__sysctl_args",
                (
                    ("name", To(Array(Cell("int"), "nlen"))),
                    ("oldval", ADDRESS),
                    ("oldlenp", To(Cell("size_t"))),
                    ("newval", To(Bytes("newlen"))),
                    ("newlen", SIZE),
                ),
            )
        )
    ),
    "create_module": call(),
    "get_kernel_syms": call(),
    "query_module": call(),
    "nfsservctl": call(),
    "getpmsg": call(),
    "putpmsg": call(),
    "afs_syscall": call(),
    "tuxcall": call(),
    "security": call(),
    "vserver": call(),
}
