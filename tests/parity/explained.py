"""Where strace and argtrace may differ, and why: each row a place, what differs, and the reason.

`place` is a regular expression for call.argument.member, with array indexes as `[]`; what follows a change's
`<` (before) or `>` (after) is after it. `test`, if there is one, checks what must be so if the reason is
true. A row that no difference needs is an error (`test_parity.py`), so that none outlives its reason; but for
those of what does not happen in each run, or on each machine (`rare`).

Not here: what counts as a difference at all is `compare.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.parity.compare import Difference


@dataclass(frozen=True, slots=True)
class Row:
    place: str
    what: str
    why: str
    test: Callable[[Difference], bool] | None = None
    rare: bool = False

    def applies(self, difference: Difference) -> bool:
        place = re.sub(r"\[\d+\]", "[]", difference.place)
        return (
            re.fullmatch(self.what, difference.what) is not None
            and re.fullmatch(self.place, place) is not None
            and (self.test is None or self.test(difference))
        )


def _said(strace: str, argtrace: str = ".*") -> Callable[[Difference], bool]:
    """What both said, as regular expressions of the whole."""

    def test(difference: Difference) -> bool:
        return (
            re.fullmatch(strace, difference.strace, re.DOTALL) is not None
            and re.fullmatch(argtrace, difference.argtrace, re.DOTALL) is not None
        )

    return test


_NO_FUNCTION = (
    "afs_syscall",
    "create_module",
    "epoll_ctl_old",
    "epoll_wait_old",
    "get_kernel_syms",
    "get_thread_area",
    "getpmsg",
    "nfsservctl",
    "putpmsg",
    "query_module",
    "security",
    "set_thread_area",
    "tuxcall",
    "vserver",
)

EXPLAINED: tuple[Row, ...] = (
    # ------------------------------------------------------------ what a tracer is told
    Row(
        "SIGKILL",
        "extra",
        "No tracer is told of SIGKILL (kernel/signal.c, get_signal); the tracepoint signal_deliver is.",
    ),
    Row(
        "SIGCONT",
        "missing",
        "strace is told of a signal before it is delivered; a process that SIGKILL meets then never gets it.",
        rare=True,
    ),
    Row(
        "(pause|kill).result",
        "result",
        "A thread that its process's end, or an exec, meets in a call returns from it and then dies. It does "
        "not stop for its tracer any more (kernel/signal.c, ptrace_stop), so strace prints `?`.",
        _said("None", "0|.*ERESTARTNOHAND"),
        rare=True,
    ),
    Row(
        rf"({'|'.join(_NO_FUNCTION)})\.\?",
        "arity",
        "The kernel has no function for this number, so nobody declares its arguments; strace remembers.",
        _said(".*", "nothing"),
    ),
    Row(
        r"rt_sigreturn\.\?",
        "arity",
        "It has no arguments: strace reads the mask that it restores off the stack.",
        _said(r"\{mask=.*\}", "nothing"),
    ),
    Row(
        "modify_ldt.result",
        "result",
        "The kernel returns the error in 32 bits, which no program takes for one (arch/x86/kernel/ldt.c); "
        "strace does.",
        _said("4294967274 EINVAL", "4294967274"),
    ),
    # ------------------------------------------------------------ how strace 6.1 writes
    Row(
        "umask.mask", "value", "int in the kernel; strace prints 16 bits of it.", _said("65535", "4294967295")
    ),
    Row(
        "memfd_create.uname",
        "length",
        "strace marks a name of just the length it reads, 249 bytes, as cut.",
        _said(r".*\(250, cut\)"),
    ),
    Row(
        "prctl.arg2",
        "length",
        "PR_SET_NAME: strace shows the 15 bytes that the kernel keeps, argtrace the string.",
        _said(r"b'fifteen letters'.*cut\)", "b'fifteen letters and more'.*"),
    ),
    Row(
        r"msgrcv\.msgp\.mtext",
        "bytes",
        "strace shows as much as was asked for, argtrace what came.",
        _said("b'a typed message.*", r"b'a typed message' \(bytes, 15\)"),
    ),
    Row(
        "fanotify_mark.dfd",
        "names",
        "strace calls -1 here FAN_NOFD; that is what events say, and any descriptor that is none is refused.",
        _said("-1 FAN_NOFD"),
    ),
    Row(
        "pipe2.flags",
        "names",
        "O_EXCL has another name for a pipe.",
        _said(".*O_EXCL", ".*O_NOTIFICATION_PIPE"),
    ),
    Row(
        "mount.flags",
        "names",
        "The upper half is a magic number, which the kernel takes away (fs/namespace.c, path_mount); strace "
        "reads it as flags where another flag is in that half.",
        _said(".*MS_NOUSER", ".*MS_MGC_VAL.*"),
    ),
    Row(
        r"arch_prctl\.arg2.*", "names", "XFEATURE_MASK_FPSSE is two masks.", _said(".*XFEATURE_MASK_FPSSE.*")
    ),
    Row("remap_file_pages.flags", "names", "0 is no flag; strace calls it MAP_FILE.", _said("0 MAP_FILE")),
    Row(
        "(execveat|timerfd_create|statx).flags",
        "names",
        "strace has one table for all calls with such flags; argtrace each call's own.",
        _said(".*(AT_REMOVEDIR|TFD_TIMER_ABSTIME|AT_STATX_FORCE_SYNC).*"),
    ),
    Row(
        "prctl.arg4",
        "names",
        "PR_SCHED_CORE: the header has had names of its own for it since Linux 5.16.",
        _said("0 PIDTYPE_PID", "0 PR_SCHED_CORE_SCOPE_THREAD"),
    ),
    Row(
        r"mount_setattr\.uattr\.attr_clr",
        "names",
        "All bits of a field are its mask.",
        _said(".*MOUNT_ATTR_NOATIME.*", ".*MOUNT_ATTR__ATIME"),
    ),
    Row(
        r"futex_waitv\.waiters\[\]\.flags",
        "names",
        "FUTEX_32 and the like were renamed in Linux 6.7.",
        _said(".*FUTEX_32.*", ".*FUTEX2_SIZE_U32.*"),
    ),
    Row(
        r"get_mempolicy\.policy\[\]",
        "names",
        "With MPOL_F_NODE the answer is a node, not a policy (get_mempolicy(2)).",
        _said("0 MPOL_DEFAULT", "0"),
    ),
    Row(
        r"connect\.uservaddr\.srx_service",
        "names",
        "Names that no header of the interface has. A client's service 1 is a file server.",
        _said("1 CM_SERVICE", "1"),
    ),
    Row(
        r"bind\.umyaddr\.sin6_scope_id",
        "member",
        "The address ends a byte before the member's end: the kernel does not look at it "
        "(net/ipv6/af_inet6.c), strace fills it up with zeros.",
        _said("77", "no such member"),
    ),
    Row(
        r"mremap\.new_addr",
        "arity",
        "Without MREMAP_FIXED it is a hint where MREMAP_DONTUNMAP moves to (mm/mremap.c, mremap_to); strace "
        "leaves it out.",
        _said("nothing", "address 0x0"),
    ),
    Row(
        r"bpf\.uattr\.test\.(retval|data_size_out|duration)",
        "value",
        "strace shows what was there before the call; argtrace also what the kernel wrote.",
    ),
    # ------------------------------------------------------------ names of descriptors
    Row(
        r".*\.(fd|result)",
        "file",
        "A socket is named when it comes to be and when a call binds or connects it; a port that sending, an "
        "option or a failed call chose, and a state that a socket falls into by itself, strace asks for each "
        "time.",
        _said(r"(UDP|TCP|RAW)(v6)?:\[.*|NETLINK:\[.*", r"socket:.* ((UDP|TCP|RAW)(v6)?|NETLINK):\[.*"),
    ),
    Row(
        r"(write|close)\.fd",
        "file",
        "A path is what a file was called when it was opened; this one was renamed since.",
        _said(".*/fd_names/after( .deleted.)?", ".*/fd_names/before "),
    ),
    Row(
        r"(getsockname|recvfrom)\.fd",
        "file",
        "An abstract name has a length, and may have a NUL in it: strace shows what is before that.",
        _said(r'UNIX:\[\d+,@"argtrace-parity"\]', r'.*UNIX:\[\d+,@"argtrace-parity\\000odd"\]'),
    ),
    Row(
        r"ioctl\.(fd|arg|result)|(read|write|close)\.fd",
        "file",
        "What a descriptor is that ioctl gave, /proc is asked, once: when the call is decoded. Calls that "
        "were made by then do not know.",
        _said(r"(user|pid|net):\[\d+\]|/dev/pts/\d+<char [\d:]+>|anon_inode:.*", " "),
        rare=True,
    ),
    Row(
        r"(read|write|close)\.fd",
        "file",
        "Threads close and open numbers at the same moment: whose a number was then nobody can say, and it "
        "has no name.",
        _said(r"pipe:\[\d+\]", " "),
        rare=True,
    ),
    Row(
        r"recvmsg\.msg\.msg_control\[\]\.cmsg_data\[\]",
        "file",
        "Of several descriptors that a message brings the first is known at once, the others as those of "
        "ioctl.",
        _said("/dev/null<char 1:3>|UNIX-STREAM:.*", " "),
    ),
    Row(
        r"io_uring_register\.arg(\.fds)?\[\]|(io_uring_\w+|close|read|write|mmap)\.fd",
        "file",
        "io_uring_enter may have opened and closed anything but a ring: what was known of other "
        "descriptors is forgotten.",
        _said(r"/tmp/.*|anon_inode:.*", " "),
    ),
    # ------------------------------------------------------------ siginfo of a union that nobody tells
    Row(
        r"(signal SIGUSR[12]\.info|rt_sigtimedwait\.uinfo)\.si_(pid|uid|int|ptr)",
        "member",
        "A si_code that the signal has not, of a child's end with another signal, and of F_SETSIG: "
        "argtrace reads what the kernel does (kernel/signal.c, siginfo_layout), strace what kill sends.",
        _said("-?[0-9x]+", "no such member"),
    ),
    # ------------------------------------------------------------ what is fetched
    Row(
        r"(writev|getdents64)\.(vec|dirent)",
        "element",
        "The first elements are followed, 8 with data behind pointers, and as many bytes as --string-limit "
        "says; the list says that it was cut.",
        _said(".*", ".*missing 0x0 cut .*"),
    ),
    Row(
        r"io_submit\.iocbpp\[\]\.aio_buf",
        "element",
        "Pointers are followed twice: to the request, and to its array of buffers. The list says that it "
        "was cut.",
        _said(r"2 of \[\{iov_base=.*", ".*missing 0x0 cut not fetched.*"),
    ),
    Row(
        r"setsockopt\.optval\.filter",
        "kind",
        "An option's value is fetched, not what its members point to: the program of SO_ATTACH_FILTER is an "
        "address.",
        _said(r"\[BPF_STMT.*", "address 0x.*"),
    ),
    Row(
        r"getsockopt\.optval",
        "element",
        "SO_GET_FILTER counts instructions, and as many bytes are fetched; the list says that it was cut.",
        _said(r"4 of \[BPF_STMT.*", ".*missing 0x0 cut not fetched.*"),
    ),
    Row(
        r"bpf\.uattr\.extra_data",
        "member",
        "What is behind the members that a command has must be zero and is not fetched; the structure says "
        "that it was cut.",
        _said("b'.*", r"\{map_fd=fd \d+ missing 0x0 cut 32 bytes of 184\}"),
    ),
    Row(
        r"bpf\.uattr\.info\.info\.map_ids",
        "kind|value",
        "Pointers are followed once in what the kernel tells of an object: its arrays are addresses.",
        _said(r".*", "[0-9]+"),
        rare=True,  # bpftool
    ),
    Row(
        r"ptrace\.data\.iov_base\.xmm_space",
        "member",
        "A member of which a part is there is left out; the structure says that it was cut.",
        _said(r"\[0, .*", "no such member"),
    ),
)


def explanation(difference: Difference) -> Row | None:
    return next((row for row in EXPLAINED if row.applies(difference)), None)
