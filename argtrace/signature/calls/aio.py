"""Asynchronous reads and writes that are submitted and collected: io_setup(2) and its kin.

Source: fs/aio.c; include/uapi/linux/aio_abi.h.

Not here: io_uring, the newer way, is in another family.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
    INT,
    RESERVED,
    RESULT,
    Array,
    Bytes,
    Cell,
    Choice,
    Declaration,
    In,
    Out,
    Raw,
    To,
    When,
    call,
    enum,
    flags,
    struct,
)

HAS_EVENTFD = 1  # IOCB_FLAG_RESFD
HAS_PRIORITY = 2  # IOCB_FLAG_IOPRIO

IOCB = struct(
    "iocb",
    aio_data=HEX,
    aio_key=RESERVED,
    aio_lio_opcode=enum("iocb_command"),
    aio_rw_flags=flags("rwf"),
    aio_reqprio=When("aio_flags", HAS_PRIORITY, flags("ioprio")),
    aio_fildes=FD,
    aio_buf=Choice(
        "aio_lio_opcode",
        "iocb_command",
        {
            "IOCB_CMD_PWRITE": To(Bytes("aio_nbytes")),
            "IOCB_CMD_PWRITEV": To(Array(struct("iovec", iov_base=ADDRESS), "aio_nbytes")),
            "IOCB_CMD_PREADV": To(Array(struct("iovec", iov_base=ADDRESS), "aio_nbytes")),
            "IOCB_CMD_PREAD": ADDRESS,
            "IOCB_CMD_POLL": flags("poll"),
        },
    ),
    aio_reserved2=RESERVED,
    aio_flags=flags("iocb_flags"),
    aio_resfd=When("aio_flags", HAS_EVENTFD, FD),
)

EVENT = struct("io_event", data=HEX, obj=ADDRESS)

CALLS: dict[str, Declaration] = {
    "io_setup": call(nr_events=INT, ctxp=Out(Cell("u64", ADDRESS))),
    "io_destroy": call(ctx=ADDRESS),
    "io_submit": call(
        INT,
        ctx_id=ADDRESS,
        nr=INT,
        # An array of pointers: `iocb_pointer` has one as its only member.
        iocbpp=In(Array(struct("iocb_pointer", iocb=To(IOCB)), "nr")),
    ),
    "io_cancel": call(ctx_id=ADDRESS, iocb=In(IOCB), result=Out(EVENT)),
    "io_getevents": call(
        INT,
        ctx_id=ADDRESS,
        min_nr=INT,
        nr=INT,
        events=Out(Array(EVENT, RESULT)),
        timeout=In(struct("timespec")),
    ),
    "io_pgetevents": call(
        INT,
        ctx_id=ADDRESS,
        min_nr=INT,
        nr=INT,
        events=Out(Array(EVENT, RESULT)),
        timeout=In(struct("timespec")),
        usig=In(struct("__aio_sigset", sigmask=To(Raw("sigset", "sigsetsize")))),
    ),
}
