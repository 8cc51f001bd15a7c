"""What the kernel itself has descriptors for: events, page faults, namespaces, processes, filters.

Source: perf_event_open(2), ioctl_userfaultfd(2), ioctl_nsfs(2), seccomp_unotify(2), epoll(7),
random(4), Documentation/trace/user_events.rst; kernel/events/core.c, fs/userfaultfd.c, fs/nsfs.c,
fs/pidfs.c, kernel/seccomp.c, drivers/char/random.c.
"""

from __future__ import annotations

from typing import Any

from argtrace.signature.calls.events import ATTRIBUTES
from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    GID,
    HEX,
    INT,
    PID,
    UID,
    UNUSED,
    At,
    Before,
    Cell,
    Content,
    In,
    InOut,
    Meaning,
    Out,
    Raw,
    Scaled,
    String,
    To,
    enum,
    flags,
    struct,
)

NUMBER = Cell("int")

_RANGE: dict[str, Any] = {"range": struct("uffdio_range", start=ADDRESS)}
_CALLS = flags("uffd_calls")
COPY = struct("uffdio_copy", dst=ADDRESS, src=ADDRESS, mode=flags("uffd_copy_modes"))
MOVE = struct("uffdio_move", dst=ADDRESS, src=ADDRESS, mode=flags("uffd_move_modes"))

_PIDFD_NAMESPACES = (
    "PIDFD_GET_CGROUP_NAMESPACE",
    "PIDFD_GET_IPC_NAMESPACE",
    "PIDFD_GET_MNT_NAMESPACE",
    "PIDFD_GET_NET_NAMESPACE",
    "PIDFD_GET_PID_NAMESPACE",
    "PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE",
    "PIDFD_GET_TIME_NAMESPACE",
    "PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE",
    "PIDFD_GET_USER_NAMESPACE",
    "PIDFD_GET_UTS_NAMESPACE",
)

_IN_NAMESPACE = (
    "NS_GET_PID_FROM_PIDNS",
    "NS_GET_TGID_FROM_PIDNS",
    "NS_GET_PID_IN_PIDNS",
    "NS_GET_TGID_IN_PIDNS",
)

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    ("PERF_EVENT_IOC_ENABLE", "PERF_EVENT_IOC_DISABLE", "PERF_EVENT_IOC_RESET"): flags("perf_enable"),
    "PERF_EVENT_IOC_REFRESH": INT,
    "PERF_EVENT_IOC_SET_OUTPUT": FD,
    "PERF_EVENT_IOC_SET_FILTER": In(String()),
    "PERF_EVENT_IOC_SET_BPF": FD,
    "PERF_EVENT_IOC_PAUSE_OUTPUT": INT,
    "PERF_EVENT_IOC_MODIFY_ATTRIBUTES": In(ATTRIBUTES),
    "PERF_EVENT_IOC_QUERY_BPF": InOut(
        struct("perf_event_query_bpf", only_=("ids_len",)),
        after=Raw("perf_programs", Scaled(Before(At("arg.ids_len")), add=2, by=4)),
    ),
    "USERFAULTFD_IOC_NEW": flags("userfaultfd"),
    "DIAG_IOCSREG": InOut(
        struct("user_reg", enable_addr=ADDRESS, name_args=To(String())),
        after=struct("user_reg", enable_addr=ADDRESS, name_args=ADDRESS),
    ),
    "DIAG_IOCSDEL": In(String()),
    "DIAG_IOCSUNREG": In(struct("user_unreg", disable_addr=ADDRESS)),
    # The bits say that the kernel writes; it reads.
    ("UFFDIO_UNREGISTER", "UFFDIO_WAKE"): In(_RANGE["range"]),
    "SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR": In(Cell("u64", HEX)),
    "KCOV_INIT_TRACE": INT,
    ("NS_GET_USERNS", "NS_GET_PARENT", "NS_GET_NSTYPE"): UNUSED,
    "NS_GET_OWNER_UID": Out(Cell("uid_t", UID)),
    _IN_NAMESPACE: PID,
    _PIDFD_NAMESPACES: UNUSED,
    # As much of the buffer as systemd and init scripts keep: 512 bytes.
    "RNDADDENTROPY": In(Raw("random_pool", 520, limit=520)),
    ("RNDZAPENTCNT", "RNDCLEARPOOL", "RNDRESEEDCRNG"): UNUSED,
    "SECCOMP_IOCTL_NOTIF_SET_FLAGS": flags("seccomp_notify_flags"),
    "INOTIFY_IOC_SETNEXTWD": INT,
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "PERF_EVENT_IOC_ID": Cell("u64"),
    "PERF_EVENT_IOC_PERIOD": Cell("u64"),
    "UFFDIO_API": struct("uffdio_api", api=enum("uffd_api"), features=flags("uffd_features"), ioctls=_CALLS),
    "UFFDIO_REGISTER": struct("uffdio_register", **_RANGE, mode=flags("uffd_register_modes"), ioctls=_CALLS),
    "UFFDIO_COPY": COPY,
    "UFFDIO_MOVE": MOVE,
    "UFFDIO_ZEROPAGE": struct("uffdio_zeropage", **_RANGE, mode=flags("uffd_zeropage_modes")),
    "UFFDIO_WRITEPROTECT": struct("uffdio_writeprotect", **_RANGE, mode=flags("uffd_writeprotect_modes")),
    "UFFDIO_CONTINUE": struct("uffdio_continue", **_RANGE, mode=flags("uffd_continue_modes")),
    "UFFDIO_POISON": struct("uffdio_poison", **_RANGE, mode=flags("uffd_poison_modes")),
    "SECCOMP_IOCTL_NOTIF_RECV": struct(
        "seccomp_notif",
        id=HEX,
        pid=PID,
        data=struct("seccomp_data", arch=enum("audit_arch"), instruction_pointer=ADDRESS),
    ),
    "SECCOMP_IOCTL_NOTIF_ID_VALID": Cell("u64", HEX),
    "SECCOMP_IOCTL_NOTIF_SEND": struct("seccomp_notif_resp", id=HEX, flags=flags("seccomp_response_flags")),
    "SECCOMP_IOCTL_NOTIF_ADDFD": struct(
        "seccomp_notif_addfd",
        id=HEX,
        flags=flags("seccomp_addfd_flags"),
        srcfd=FD,
        newfd=FD,
        newfd_flags=flags("open"),
    ),
    ("RNDGETENTCNT", "RNDADDTOENTCNT"): NUMBER,
    ("EPIOCSPARAMS", "EPIOCGPARAMS"): struct("epoll_params"),
    ("NS_GET_MNTNS_ID", "NS_GET_ID"): Cell("u64"),
    ("NS_MNT_GET_INFO", "NS_MNT_GET_NEXT", "NS_MNT_GET_PREV"): struct("mnt_ns_info"),
    "PIDFD_GET_INFO": struct(
        "pidfd_info",
        mask=flags("pidfd_info_mask"),
        pid=PID,
        tgid=PID,
        ppid=PID,
        ruid=UID,
        rgid=GID,
        euid=UID,
        egid=GID,
        suid=UID,
        sgid=GID,
        fsuid=UID,
        fsgid=GID,
        supported_mask=flags("pidfd_info_mask"),
    ),
    "TFD_IOC_SET_TICKS": Cell("u64"),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {
    ("NS_GET_USERNS", "NS_GET_PARENT", "NS_MNT_GET_NEXT", "NS_MNT_GET_PREV"): FD,
    "NS_GET_NSTYPE": flags("setns_flags"),
    _IN_NAMESPACE: PID,
    _PIDFD_NAMESPACES: FD,
    "SECCOMP_IOCTL_NOTIF_ADDFD": FD,
    "USERFAULTFD_IOC_NEW": FD,
}
