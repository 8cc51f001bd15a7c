"""Classes of system calls: %file, %network and the like.

Source: strace(1), "Filtering", for what each class is to hold; the manual pages
of section 2 for what a call does. %file and %desc need no list: a call that takes
a path, or takes or gives a descriptor, says so in its declaration.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from argtrace.errors import NotFound
from argtrace.signature.meaning import Array, Cell, Choice, In, InOut, Number, Out, Path, Raw, Struct, To
from argtrace.signature.model import Signature

_CLASSES: dict[str, str] = {
    "process": """
        fork vfork clone clone3 execve execveat exit exit_group wait4 waitid
        kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal unshare""",
    "network": """
        socket socketpair bind listen accept accept4 connect getsockname getpeername
        sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg setsockopt getsockopt shutdown
        sendfile getpmsg putpmsg""",
    "signal": """
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait
        rt_sigqueueinfo rt_tgsigqueueinfo rt_sigsuspend sigaltstack signalfd signalfd4
        kill tkill tgkill pause pidfd_send_signal""",
    "ipc": """
        shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl""",
    "memory": """
        brk mmap munmap mremap mprotect pkey_mprotect msync mincore madvise process_madvise
        mlock mlock2 munlock mlockall munlockall mbind set_mempolicy get_mempolicy
        set_mempolicy_home_node migrate_pages move_pages remap_file_pages shmat shmdt
        io_setup io_destroy map_shadow_stack mseal""",
    "creds": """
        getuid setuid getgid setgid geteuid getegid setreuid setregid getresuid setresuid
        getresgid setresgid getgroups setgroups setfsuid setfsgid capget capset prctl""",
    "clock": """
        gettimeofday settimeofday time adjtimex clock_gettime clock_settime clock_getres
        clock_adjtime""",
}

# strace knows these under a second name.
_ALIASES = {"net": "network", "fd": "desc"}

# Whose first argument decides what it gives; a range of them.
_DESCRIPTOR_CALLS = frozenset({"bpf", "close_range"})


def class_members(name: str, signatures: Mapping[int, Signature]) -> frozenset[str]:
    """Names of the calls in a class. Raises NotFound."""
    name = _ALIASES.get(name, name)
    if name == "file":
        return frozenset(s.name for s in signatures.values() if _takes_path(s))
    if name == "desc":
        return frozenset(s.name for s in signatures.values() if _has_descriptor(s))
    if name not in _CLASSES:
        known = [f"%{known}" for known in class_names()]
        raise NotFound(f"%{name}", "classes", tuple(difflib.get_close_matches(f"%{name}", known, 3) or known))
    return frozenset(_CLASSES[name].split())


def class_names() -> tuple[str, ...]:
    return tuple(sorted((*_CLASSES, "file", "desc")))


def _takes_path(signature: Signature) -> bool:
    return any(
        isinstance(param.meaning, In) and param.meaning.content == Path() for param in signature.params
    )


def _has_descriptor(signature: Signature) -> bool:
    meanings = (*(param.meaning for param in signature.params), signature.returns)
    return signature.name in _DESCRIPTOR_CALLS or any(map(_is_descriptor, meanings))


def _is_descriptor(meaning: object) -> bool:
    """Whether it is one, or has one in the memory that it points to."""
    match meaning:
        case Number(kind=kind):
            return kind in ("fd", "dirfd")
        case Choice(default=default):
            return _is_descriptor(default)
        case Raw(decoder=decoder):
            return decoder == "fd_set"
        case In() | Out() | InOut() | To():
            return _is_descriptor(meaning.content)
        case Array(element=element):
            return _is_descriptor(element)
        case Cell(meaning=inner):
            return _is_descriptor(inner)
        case Struct(members=members):
            return any(_is_descriptor(member) for _, member in members)
    return False
