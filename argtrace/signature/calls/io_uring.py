"""io_uring_setup(2), io_uring_enter(2), io_uring_register(2).

Source: include/uapi/linux/io_uring.h; io_uring/register.c. The requests themselves go through
shared memory, which no system call passes: they are not seen here.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
    INT,
    SIZE,
    UNUSED,
    Array,
    Cell,
    Choice,
    Declaration,
    In,
    InOut,
    Meaning,
    Out,
    Raw,
    Scaled,
    To,
    call,
    enum,
    flags,
    struct,
)

PARAMS = struct(
    "io_uring_params", flags=flags("io_uring_setup"), features=flags("io_uring_features"), wq_fd=FD
)

FDS = In(Array(Cell("int", FD), "nr_args"))
BUFFERS = In(Array(struct("iovec", iov_base=ADDRESS), "nr_args"))
# Of these two `nr_args` is the structure's size.
_FILES, _TAGS = To(Array(Cell("int", FD), "nr")), To(Array(Cell("u64", HEX), "nr"))
_RANGES = To(Array(struct("iovec", iov_base=ADDRESS), "nr"))
REGISTERED, UPDATED = "io_uring_rsrc_register", "io_uring_rsrc_update2"

RESTRICTION = struct(
    "io_uring_restriction",
    opcode=enum("io_uring_restriction"),
    register_op=Choice(
        "opcode",
        "io_uring_restriction",
        {"IORING_RESTRICTION_REGISTER_OP": enum("io_uring_register")},
        UNUSED,
    ),
    sqe_op=Choice(
        "opcode", "io_uring_restriction", {"IORING_RESTRICTION_SQE_OP": enum("io_uring_op")}, UNUSED
    ),
    sqe_flags=Choice(
        "opcode",
        "io_uring_restriction",
        {
            ("IORING_RESTRICTION_SQE_FLAGS_ALLOWED", "IORING_RESTRICTION_SQE_FLAGS_REQUIRED"): flags(
                "io_uring_sqe_flags"
            )
        },
        UNUSED,
    ),
)

REGISTER: dict[str | tuple[str, ...], Meaning] = {
    "IORING_REGISTER_BUFFERS": BUFFERS,
    "IORING_REGISTER_FILES": FDS,
    ("IORING_REGISTER_EVENTFD", "IORING_REGISTER_EVENTFD_ASYNC"): In(Cell("int", FD)),
    "IORING_REGISTER_FILES_UPDATE": In(
        struct("io_uring_files_update", fds=To(Array(Cell("int", FD), "nr_args")))
    ),
    # A header as large as two of the operations that follow it.
    "IORING_REGISTER_PROBE": Out(Raw("io_uring_probe", Scaled("nr_args", add=2, by=8), limit=4096)),
    "IORING_REGISTER_RESTRICTIONS": In(Array(RESTRICTION, "nr_args")),
    "IORING_REGISTER_FILES2": In(struct(REGISTERED, size_="nr_args", data=_FILES, tags=_TAGS)),
    "IORING_REGISTER_BUFFERS2": In(struct(REGISTERED, size_="nr_args", data=_RANGES, tags=_TAGS)),
    "IORING_REGISTER_FILES_UPDATE2": In(struct(UPDATED, size_="nr_args", data=_FILES, tags=_TAGS)),
    "IORING_REGISTER_BUFFERS_UPDATE": In(struct(UPDATED, size_="nr_args", data=_RANGES, tags=_TAGS)),
    "IORING_REGISTER_IOWQ_AFF": In(Raw("cpu_set", "nr_args")),
    "IORING_REGISTER_IOWQ_MAX_WORKERS": InOut(Array(Cell("u32"), 2)),
    ("IORING_REGISTER_RING_FDS", "IORING_UNREGISTER_RING_FDS"): InOut(
        Array(struct("io_uring_rsrc_update", data=FD), "nr_args")
    ),
    ("IORING_REGISTER_PBUF_RING", "IORING_UNREGISTER_PBUF_RING"): In(
        struct("io_uring_buf_reg", ring_addr=ADDRESS)
    ),
    "IORING_REGISTER_SYNC_CANCEL": In(struct("io_uring_sync_cancel_reg", addr=HEX, fd=FD)),
    (
        "IORING_UNREGISTER_BUFFERS",
        "IORING_UNREGISTER_FILES",
        "IORING_UNREGISTER_EVENTFD",
        "IORING_REGISTER_PERSONALITY",
        "IORING_UNREGISTER_PERSONALITY",
        "IORING_REGISTER_ENABLE_RINGS",
        "IORING_UNREGISTER_IOWQ_AFF",
    ): UNUSED,
}


CALLS: dict[str, Declaration] = {
    "io_uring_setup": call(FD, entries=SIZE, params=InOut(PARAMS)),
    "io_uring_enter": call(
        SIZE,
        fd=FD,
        to_submit=SIZE,
        min_complete=SIZE,
        flags=flags("io_uring_enter"),
        argp=Choice(
            "flags",
            "io_uring_enter",
            {"IORING_ENTER_EXT_ARG_REG": SIZE},  # an offset into a region that the ring knows
            default=In(Raw("io_uring_wait", "argsz", 64)),
            mask=0x40,
        ),
        argsz=SIZE,
    ),
    "io_uring_register": call(
        INT,
        fd=FD,
        opcode=enum("io_uring_register"),
        arg=Choice("opcode", "io_uring_register", REGISTER, ADDRESS, mask=0x7FFF_FFFF),
        nr_args=SIZE,
    ),
}
