"""What the arguments of the process calls mean: clone, exec, wait, prctl, ptrace, futex, namespaces, limits.

Sources: man pages of section 2; kernel/fork.c, kernel/exit.c, kernel/sys.c, kernel/ptrace.c,
kernel/futex/syscalls.c, arch/x86/kernel/process_64.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from argtrace.signature.meaning import (
    ADDRESS,
    CLOCK,
    DIRFD,
    FD,
    GID,
    HEX,
    INT,
    PID,
    RESERVED,
    RESULT,
    SIGNAL,
    SIZE,
    UID,
    UNUSED,
    WAIT_STATUS,
    Array,
    Bytes,
    Cell,
    Choice,
    Declaration,
    In,
    InOut,
    Least,
    Meaning,
    On,
    Out,
    Path,
    Raw,
    Share,
    String,
    Strings,
    Struct,
    To,
    When,
    call,
    enum,
    flags,
    struct,
)

# Bits of clone's flags that decide what its pointers are for (include/uapi/linux/sched.h).
_SETTLS = 0x80000
_PIDFD, _PARENT_SETTID = 0x1000, 0x100000
_CHILD_TID = 0x1000000 | 0x200000
_INTO_CGROUP = 0x2_0000_0000

_IDS = Out(Cell("uid_t", UID))
_GROUP_IDS = Out(Cell("gid_t", GID))
_RUSAGE = Out(struct("rusage"))
_TIMEOUT = In(struct("timespec"))

PIDFD = Choice(
    "pidfd",
    "pidfd_self",
    {("PIDFD_SELF_THREAD", "PIDFD_SELF_THREAD_GROUP"): enum("pidfd_self")},
    default=FD,
)
SIGINFO = Raw("siginfo", 128)
FPROG = struct("sock_fprog", filter=To(Array(Raw("seccomp_filter", 8), "len")))


def rows(
    on: str,
    table: str,
    names: str,
    cases: Mapping[str | tuple[str, ...], tuple[Meaning, ...]],
    mask: int = 0xFFFF_FFFF,
) -> dict[str, Meaning]:
    """The arguments `names`, each a Choice: `cases` say what they are; what a case leaves out is unused."""
    return {
        name: Choice(
            on, table, {case: row[at] if at < len(row) else UNUSED for case, row in cases.items()}, mask=mask
        )
        for at, name in enumerate(names.split())
    }


_FORKS: dict[str, Declaration] = {
    # Parameters in the order of x86-64 (CONFIG_CLONE_BACKWARDS is not set there).
    "clone": call(
        PID,
        clone_flags=flags("clone_flags"),
        newsp=ADDRESS,
        # With both flags the call fails.
        parent_tidptr=Choice(
            "clone_flags",
            "clone_flags",
            {"CLONE_PIDFD": Out(Cell("int", FD)), "CLONE_PARENT_SETTID": Out(Cell("int", PID))},
            default=UNUSED,
            mask=_PIDFD | _PARENT_SETTID,
        ),
        # The child's memory, seldom the caller's.
        child_tidptr=When("clone_flags", _CHILD_TID, ADDRESS),
        tls=When("clone_flags", _SETTLS, ADDRESS),
    ),
    "fork": call(PID),
    "vfork": call(PID),
    "clone3": call(
        PID,
        uargs=InOut(
            struct(
                "clone_args",
                size_="size",
                flags=flags("clone3_flags"),
                pidfd=When("flags", _PIDFD, ADDRESS),
                child_tid=When("flags", _CHILD_TID, ADDRESS),
                parent_tid=When("flags", _PARENT_SETTID, ADDRESS),
                exit_signal=SIGNAL,
                stack=ADDRESS,
                stack_size=HEX,
                tls=When("flags", _SETTLS, ADDRESS),
                set_tid=To(Array(Cell("pid_t", PID), "set_tid_size")),
                set_tid_size=When("set_tid_size", 0xFFFF_FFFF, SIZE),
                cgroup=When("flags", _INTO_CGROUP, FD),
            ),
            # The structure stays as it is; what it points to is new.
            after=struct(
                "clone_args",
                size_="size",
                only_=("pidfd", "parent_tid"),
                pidfd=Choice(
                    "flags", "clone3_flags", {"CLONE_PIDFD": To(Cell("int", FD))}, default=UNUSED, mask=_PIDFD
                ),
                parent_tid=Choice(
                    "flags",
                    "clone3_flags",
                    {"CLONE_PARENT_SETTID": To(Cell("int", PID))},
                    default=UNUSED,
                    mask=_PARENT_SETTID,
                ),
            ),
        ),
        size=SIZE,
    ),
    "execve": call(filename=In(Path()), argv=In(Strings()), envp=In(Strings())),
    "execveat": call(
        fd=DIRFD,
        filename=In(Path()),
        argv=In(Strings()),
        envp=In(Strings()),
        flags=flags("execveat_flags"),
    ),
    "exit": call(error_code=INT),
    "exit_group": call(error_code=INT),
    "wait4": call(
        PID,
        upid=PID,
        # Of a child that has nothing to say (0, WNOHANG) nothing is written.
        stat_addr=Out(Cell("int", WAIT_STATUS), On.POSITIVE),
        options=flags("wait_options"),
        ru=Out(struct("rusage"), On.POSITIVE),
    ),
    "waitid": call(
        which=enum("waitid_which"),
        upid=Choice(
            "which",
            "waitid_which",
            {"P_ALL": UNUSED, "P_PID": PID, "P_PGID": PID, "P_PIDFD": FD},
            default=INT,
        ),
        infop=Out(SIGINFO),
        options=flags("waitid_options"),
        ru=_RUSAGE,
    ),
}

_IDENTITY: dict[str, Declaration] = {
    "getpid": call(PID),
    "gettid": call(PID),
    "getppid": call(PID),
    "getpgrp": call(PID),
    "getpgid": call(PID, pid=PID),
    "setpgid": call(pid=PID, pgid=PID),
    "getsid": call(PID, pid=PID),
    "setsid": call(PID),
    "getuid": call(UID),
    "getgid": call(GID),
    "geteuid": call(UID),
    "getegid": call(GID),
    "setuid": call(uid=UID),
    "setgid": call(gid=GID),
    "setreuid": call(ruid=UID, euid=UID),
    "setregid": call(rgid=GID, egid=GID),
    # A size of 0 asks how many there are, and nothing is written.
    "getgroups": call(gidsetsize=INT, grouplist=Out(Array(Cell("gid_t", GID), Least(RESULT, "gidsetsize")))),
    "setgroups": call(gidsetsize=INT, grouplist=In(Array(Cell("gid_t", GID), "gidsetsize"))),
    "setresuid": call(ruid=UID, euid=UID, suid=UID),
    "getresuid": call(ruidp=_IDS, euidp=_IDS, suidp=_IDS),
    "setresgid": call(rgid=GID, egid=GID, sgid=GID),
    "getresgid": call(rgidp=_GROUP_IDS, egidp=_GROUP_IDS, sgidp=_GROUP_IDS),
    "setfsuid": call(UID, uid=UID),
    "setfsgid": call(GID, gid=GID),
    "personality": call(
        flags("personality"),
        personality=Choice("personality", "personality_ask", {"PER_ASK": HEX}, default=flags("personality")),
    ),
    "set_tid_address": call(PID, tidptr=ADDRESS),
}

_SVE, _SME = flags("prctl_sve"), flags("prctl_sme")
_ON = INT  # 0 or 1

# arg2 to arg5 of each option. Those it does not have are to be 0, or not looked at.
_PRCTL: dict[str | tuple[str, ...], tuple[Meaning, ...]] = {
    "PR_SET_PDEATHSIG": (SIGNAL,),
    "PR_GET_PDEATHSIG": (Out(Cell("int", SIGNAL)),),
    ("PR_GET_DUMPABLE", "PR_GET_KEEPCAPS", "PR_GET_TIMING", "PR_GET_SECCOMP", "PR_GET_SECUREBITS"): (),
    ("PR_GET_TIMERSLACK", "PR_TASK_PERF_EVENTS_DISABLE", "PR_TASK_PERF_EVENTS_ENABLE", "PR_MCE_KILL_GET"): (),
    (
        "PR_GET_NO_NEW_PRIVS",
        "PR_GET_THP_DISABLE",
        "PR_MPX_ENABLE_MANAGEMENT",
        "PR_MPX_DISABLE_MANAGEMENT",
    ): (),
    ("PR_GET_FP_MODE", "PR_SVE_GET_VL", "PR_SME_GET_VL", "PR_GET_TAGGED_ADDR_CTRL", "PR_GET_IO_FLUSHER"): (),
    ("PR_PAC_GET_ENABLED_KEYS", "PR_GET_MDWE", "PR_GET_MEMORY_MERGE", "PR_RISCV_V_GET_CONTROL"): (),
    "PR_SET_DUMPABLE": (enum("prctl_dumpable"),),
    "PR_GET_UNALIGN": (Out(Cell("unsigned int", flags("prctl_unalign"))),),
    "PR_SET_UNALIGN": (flags("prctl_unalign"),),
    "PR_SET_KEEPCAPS": (_ON,),
    "PR_GET_FPEMU": (Out(Cell("unsigned int", flags("prctl_fpemu"))),),
    "PR_SET_FPEMU": (flags("prctl_fpemu"),),
    "PR_GET_FPEXC": (Out(Cell("unsigned int", flags("prctl_fpexc"))),),
    "PR_SET_FPEXC": (flags("prctl_fpexc"),),
    "PR_SET_TIMING": (enum("prctl_timing"),),
    "PR_SET_NAME": (In(String()),),
    "PR_GET_NAME": (Out(String()),),
    "PR_GET_ENDIAN": (Out(Cell("int", enum("prctl_endian"))),),
    "PR_SET_ENDIAN": (enum("prctl_endian"),),
    "PR_SET_SECCOMP": (enum("seccomp_mode"), In(FPROG)),
    ("PR_CAPBSET_READ", "PR_CAPBSET_DROP"): (enum("capability"),),
    "PR_GET_TSC": (Out(Cell("int", enum("prctl_tsc"))),),
    "PR_SET_TSC": (enum("prctl_tsc"),),
    "PR_SET_SECUREBITS": (flags("securebits"),),
    "PR_SET_TIMERSLACK": (SIZE,),
    "PR_MCE_KILL": (
        enum("prctl_mce_kill"),
        Choice("arg2", "prctl_mce_kill", {"PR_MCE_KILL_SET": enum("prctl_mce_kill_policy")}, default=UNUSED),
    ),
    "PR_SET_MM": (
        enum("prctl_set_mm"),
        Choice("arg2", "prctl_set_mm", {"PR_SET_MM_EXE_FILE": FD}, default=ADDRESS),
        Choice("arg2", "prctl_set_mm", {("PR_SET_MM_MAP", "PR_SET_MM_AUXV"): SIZE}, default=UNUSED),
    ),
    "PR_SET_CHILD_SUBREAPER": (_ON,),
    "PR_GET_CHILD_SUBREAPER": (Out(Cell("int")),),
    "PR_SET_NO_NEW_PRIVS": (_ON,),
    "PR_GET_TID_ADDRESS": (Out(Cell("unsigned long", ADDRESS)),),
    "PR_SET_THP_DISABLE": (_ON, flags("prctl_thp_disable")),
    "PR_SET_FP_MODE": (flags("prctl_fp_mode"),),
    "PR_CAP_AMBIENT": (
        enum("prctl_cap_ambient"),
        Choice("arg2", "prctl_cap_ambient", {"PR_CAP_AMBIENT_CLEAR_ALL": UNUSED}, default=enum("capability")),
    ),
    "PR_SVE_SET_VL": (_SVE,),
    "PR_SME_SET_VL": (_SME,),
    "PR_GET_SPECULATION_CTRL": (enum("prctl_spec"),),
    "PR_SET_SPECULATION_CTRL": (enum("prctl_spec"), flags("prctl_spec_control")),
    "PR_PAC_RESET_KEYS": (flags("prctl_pac_keys"),),
    "PR_SET_TAGGED_ADDR_CTRL": (flags("prctl_tagged_addr"),),
    "PR_SET_IO_FLUSHER": (_ON,),
    "PR_SET_SYSCALL_USER_DISPATCH": (enum("prctl_dispatch"), HEX, HEX, ADDRESS),
    "PR_PAC_SET_ENABLED_KEYS": (flags("prctl_pac_keys"), flags("prctl_pac_keys")),
    "PR_SCHED_CORE": (
        enum("prctl_sched_core"),
        PID,
        enum("prctl_sched_core_scope"),
        Out(Cell("u64", HEX)),
    ),
    "PR_SET_MDWE": (flags("prctl_mdwe"),),
    "PR_SET_MEMORY_MERGE": (_ON,),
    "PR_RISCV_V_SET_CONTROL": (flags("prctl_riscv_v"),),
    "PR_RISCV_SET_ICACHE_FLUSH_CTX": (enum("prctl_riscv_icache"), enum("prctl_riscv_scope")),
    "PR_PPC_GET_DEXCR": (enum("prctl_ppc_dexcr"),),
    "PR_PPC_SET_DEXCR": (enum("prctl_ppc_dexcr"), flags("prctl_ppc_dexcr_control")),
    "PR_GET_SHADOW_STACK_STATUS": (Out(Cell("unsigned long", flags("prctl_shadow_stack"))),),
    ("PR_SET_SHADOW_STACK_STATUS", "PR_LOCK_SHADOW_STACK_STATUS"): (flags("prctl_shadow_stack"),),
    "PR_TIMER_CREATE_RESTORE_IDS": (enum("prctl_timer_restore"),),
    "PR_FUTEX_HASH": (
        enum("prctl_futex_hash"),
        Choice("arg2", "prctl_futex_hash", {"PR_FUTEX_HASH_SET_SLOTS": SIZE}, default=UNUSED),
        Choice("arg2", "prctl_futex_hash", {"PR_FUTEX_HASH_SET_SLOTS": HEX}, default=UNUSED),
    ),
    "PR_RSEQ_SLICE_EXTENSION": (
        enum("prctl_rseq_slice"),
        Choice(
            "arg2",
            "prctl_rseq_slice",
            {"PR_RSEQ_SLICE_EXTENSION_SET": flags("prctl_rseq_slice_flags")},
            default=UNUSED,
        ),
    ),
    "PR_GET_CFI": (enum("prctl_cfi"), Out(Cell("unsigned long", flags("prctl_cfi_control")))),
    "PR_SET_CFI": (enum("prctl_cfi"), flags("prctl_cfi_control")),
    "PR_SET_VMA": (enum("prctl_vma"), ADDRESS, SIZE, In(String())),
    "PR_GET_AUXV": (Out(Bytes(Least(RESULT, "arg3"))), SIZE),
    "PR_SET_PTRACER": (
        Choice(
            "arg2",
            "prctl_ptracer",
            {"PR_SET_PTRACER_ANY": enum("prctl_ptracer")},
            default=PID,
            mask=0xFFFF_FFFF_FFFF_FFFF,
        ),
    ),
}

_PRCTL_RESULTS = Choice(
    "option",
    "prctl_option",
    {
        "PR_GET_DUMPABLE": enum("prctl_dumpable"),
        "PR_GET_TIMING": enum("prctl_timing"),
        "PR_GET_SECCOMP": enum("seccomp_mode"),
        "PR_GET_SECUREBITS": flags("securebits"),
        "PR_MCE_KILL_GET": enum("prctl_mce_kill_policy"),
        "PR_GET_FP_MODE": flags("prctl_fp_mode"),
        ("PR_SVE_SET_VL", "PR_SVE_GET_VL"): _SVE,
        ("PR_SME_SET_VL", "PR_SME_GET_VL"): _SME,
        "PR_GET_SPECULATION_CTRL": flags("prctl_spec_control"),
        "PR_GET_TAGGED_ADDR_CTRL": flags("prctl_tagged_addr"),
        "PR_PAC_GET_ENABLED_KEYS": flags("prctl_pac_keys"),
        "PR_GET_MDWE": flags("prctl_mdwe"),
        "PR_RISCV_V_GET_CONTROL": flags("prctl_riscv_v"),
        "PR_PPC_GET_DEXCR": flags("prctl_ppc_dexcr_control"),
    },
    default=INT,
)

_ARCH_PRCTL: dict[str | tuple[str, ...], tuple[Meaning, ...]] = {
    ("ARCH_SET_GS", "ARCH_SET_FS"): (ADDRESS,),
    ("ARCH_GET_GS", "ARCH_GET_FS"): (Out(Cell("unsigned long", ADDRESS)),),
    "ARCH_GET_CPUID": (),
    "ARCH_SET_CPUID": (_ON,),
    ("ARCH_GET_XCOMP_SUPP", "ARCH_GET_XCOMP_PERM", "ARCH_GET_XCOMP_GUEST_PERM"): (
        Out(Cell("u64", flags("xfeatures"))),
    ),
    ("ARCH_REQ_XCOMP_PERM", "ARCH_REQ_XCOMP_GUEST_PERM"): (enum("arch_xcomp"),),
    ("ARCH_MAP_VDSO_X32", "ARCH_MAP_VDSO_32", "ARCH_MAP_VDSO_64"): (ADDRESS,),
    "ARCH_GET_UNTAG_MASK": (Out(Cell("unsigned long", HEX)),),
    "ARCH_ENABLE_TAGGED_ADDR": (SIZE,),
    "ARCH_GET_MAX_TAG_BITS": (Out(Cell("unsigned long", SIZE)),),
    "ARCH_FORCE_TAGGED_SVA": (),
    ("ARCH_SHSTK_ENABLE", "ARCH_SHSTK_DISABLE", "ARCH_SHSTK_LOCK", "ARCH_SHSTK_UNLOCK"): (
        flags("arch_shstk"),
    ),
    "ARCH_SHSTK_STATUS": (Out(Cell("u64", flags("arch_shstk"))),),
}

_GENERAL = "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi"
_OTHERS = "rip cs eflags rsp ss fs_base gs_base ds es fs gs"
REGISTERS = Struct("user_regs_struct", tuple((name, HEX) for name in f"{_GENERAL} {_OTHERS}".split()))
FLOATS = struct("user_fpregs_struct", rip=HEX, rdp=HEX, mxcsr=HEX, mxcr_mask=HEX)

_WORD = Out(Cell("unsigned long", HEX))
_USER_DESC = struct("user_desc", base_addr=ADDRESS, limit=HEX, contents=enum("ldt_contents"))
_GO_ON: tuple[Meaning, ...] = (ADDRESS, SIGNAL)
# What the registers are, `addr` says.
_REGSET = struct("iovec", iov_base=To(Raw("regset", "iov_len", 1024)))
_DISPATCH = struct("ptrace_sud_config", size_="addr", mode=enum("prctl_dispatch"), selector=ADDRESS)

# addr and data of each request.
_PTRACE: dict[str | tuple[str, ...], tuple[Meaning, ...]] = {
    ("PTRACE_TRACEME", "PTRACE_KILL", "PTRACE_ATTACH", "PTRACE_INTERRUPT", "PTRACE_LISTEN"): (),
    ("PTRACE_PEEKTEXT", "PTRACE_PEEKDATA"): (ADDRESS, _WORD),
    "PTRACE_PEEKUSR": (enum("ptrace_user"), _WORD),
    ("PTRACE_POKETEXT", "PTRACE_POKEDATA"): (ADDRESS, HEX),
    "PTRACE_POKEUSR": (enum("ptrace_user"), HEX),
    ("PTRACE_CONT", "PTRACE_SINGLESTEP", "PTRACE_SYSCALL", "PTRACE_DETACH"): _GO_ON,
    ("PTRACE_SYSEMU", "PTRACE_SYSEMU_SINGLESTEP", "PTRACE_SINGLEBLOCK"): _GO_ON,
    "PTRACE_GETREGS": (UNUSED, Out(REGISTERS)),
    "PTRACE_SETREGS": (UNUSED, In(REGISTERS)),
    "PTRACE_GETFPREGS": (UNUSED, Out(FLOATS)),
    "PTRACE_SETFPREGS": (UNUSED, In(FLOATS)),
    ("PTRACE_GETFPXREGS", "PTRACE_SETFPXREGS"): (UNUSED, ADDRESS),  # of 32-bit kernels
    ("PTRACE_SETOPTIONS", "PTRACE_OLDSETOPTIONS", "PTRACE_SEIZE"): (RESERVED, flags("ptrace_options")),
    "PTRACE_GETEVENTMSG": (UNUSED, Out(Cell("unsigned long", SIZE))),
    "PTRACE_GETSIGINFO": (UNUSED, Out(SIGINFO)),
    "PTRACE_SETSIGINFO": (UNUSED, In(SIGINFO)),
    "PTRACE_GETREGSET": (enum("ptrace_regset"), InOut(struct("iovec"), after=_REGSET)),
    "PTRACE_SETREGSET": (enum("ptrace_regset"), In(_REGSET)),
    "PTRACE_PEEKSIGINFO": (
        In(struct("ptrace_peeksiginfo_args", flags=flags("ptrace_peek"))),
        Out(Array(SIGINFO, RESULT)),
    ),
    "PTRACE_GETSIGMASK": (SIZE, Out(Raw("sigset", Least("addr", 8)))),
    "PTRACE_SETSIGMASK": (SIZE, In(Raw("sigset", Least("addr", 8)))),
    "PTRACE_SECCOMP_GET_FILTER": (SIZE, Out(Array(Raw("seccomp_filter", 8), RESULT))),
    "PTRACE_SECCOMP_GET_METADATA": (
        SIZE,
        InOut(struct("seccomp_metadata", size_="addr", flags=flags("seccomp_flags"))),
    ),
    "PTRACE_GET_SYSCALL_INFO": (SIZE, Out(Raw("ptrace_syscall_info", Least(RESULT, "addr")))),
    "PTRACE_SET_SYSCALL_INFO": (SIZE, In(Raw("ptrace_syscall_info", "addr"))),
    "PTRACE_GET_RSEQ_CONFIGURATION": (
        SIZE,
        Out(
            struct(
                "ptrace_rseq_configuration",
                size_=Least(RESULT, "addr"),
                rseq_abi_pointer=ADDRESS,
                signature=HEX,
                flags=flags("rseq_flags"),
            )
        ),
    ),
    "PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG": (SIZE, In(_DISPATCH)),
    "PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG": (SIZE, Out(_DISPATCH)),
    "PTRACE_GET_THREAD_AREA": (INT, Out(_USER_DESC)),
    "PTRACE_SET_THREAD_AREA": (INT, In(_USER_DESC)),
    "PTRACE_ARCH_PRCTL": (ADDRESS, enum("arch_prctl_option")),
}

_CONTROL: dict[str, Declaration] = {
    "prctl": call(
        _PRCTL_RESULTS,
        option=enum("prctl_option"),
        **rows("option", "prctl_option", "arg2 arg3 arg4 arg5", _PRCTL),
    ),
    "arch_prctl": call(
        option=enum("arch_prctl_option"), **rows("option", "arch_prctl_option", "arg2", _ARCH_PRCTL)
    ),
    "ptrace": call(
        request=enum("ptrace_request"),
        pid=Choice("request", "ptrace_request", {"PTRACE_TRACEME": UNUSED}, default=PID),
        **rows("request", "ptrace_request", "addr data", _PTRACE),
    ),
    "kcmp": call(
        pid1=PID,
        pid2=PID,
        type=enum("kcmp_type"),
        # Descriptors of the other processes.
        **rows(
            "type",
            "kcmp_type",
            "idx1 idx2",
            {
                "KCMP_FILE": (INT, INT),
                "KCMP_EPOLL_TFD": (INT, In(struct("kcmp_epoll_slot"))),
                ("KCMP_VM", "KCMP_FILES", "KCMP_FS", "KCMP_SIGHAND", "KCMP_IO", "KCMP_SYSVSEM"): (),
            },
        ),
    ),
    "modify_ldt": call(
        func=enum("modify_ldt_func"),
        ptr=Choice(
            "func",
            "modify_ldt_func",
            {
                ("read_ldt", "read_default_ldt"): Out(Bytes(RESULT)),
                ("write_ldt_old", "write_ldt"): In(_USER_DESC),
            },
            default=ADDRESS,
        ),
        bytecount=SIZE,
    ),
    "iopl": call(level=INT),
    "ioperm": call(**{"from": HEX, "num": HEX, "turn_on": INT}),
    # Not of x86-64.
    "set_thread_area": call(),
    "get_thread_area": call(),
    "uretprobe": call(),
    "uprobe": call(),
}

_FUTEX_COMMAND = 0x7F  # FUTEX_CMD_MASK, without the flags that are not here yet

# val, utime, uaddr2, val3 of each operation: utime is a time, or a second number.
_FUTEX: dict[str | tuple[str, ...], tuple[Meaning, ...]] = {
    "FUTEX_WAIT": (SIZE, _TIMEOUT),
    ("FUTEX_WAKE", "FUTEX_FD"): (SIZE,),
    "FUTEX_REQUEUE": (SIZE, SIZE, ADDRESS),
    ("FUTEX_CMP_REQUEUE", "FUTEX_CMP_REQUEUE_PI"): (SIZE, SIZE, ADDRESS, SIZE),
    "FUTEX_WAKE_OP": (SIZE, SIZE, ADDRESS, flags("futex_wake_op")),
    ("FUTEX_LOCK_PI", "FUTEX_LOCK_PI2"): (UNUSED, _TIMEOUT),
    ("FUTEX_UNLOCK_PI", "FUTEX_TRYLOCK_PI"): (),
    "FUTEX_WAIT_BITSET": (SIZE, _TIMEOUT, UNUSED, enum("futex_bitset")),
    "FUTEX_WAKE_BITSET": (SIZE, UNUSED, UNUSED, enum("futex_bitset")),
    "FUTEX_WAIT_REQUEUE_PI": (SIZE, _TIMEOUT, ADDRESS),
}

_WAITER = struct("futex_waitv", val=HEX, uaddr=ADDRESS, flags=flags("futex2_flags"))

_THREADS: dict[str, Declaration] = {
    "futex": call(
        uaddr=ADDRESS,
        op=flags("futex_op"),
        **rows("op", "futex_op", "val utime uaddr2 val3", _FUTEX, mask=_FUTEX_COMMAND),
    ),
    "futex_wait": call(
        uaddr=ADDRESS,
        val=HEX,
        mask=enum("futex_bitset"),
        flags=flags("futex2_flags"),
        timeout=_TIMEOUT,
        clockid=CLOCK,
    ),
    "futex_wake": call(uaddr=ADDRESS, mask=enum("futex_bitset"), nr=INT, flags=flags("futex2_flags")),
    "futex_waitv": call(
        waiters=In(Array(_WAITER, "nr_futexes")),
        nr_futexes=SIZE,
        flags=HEX,
        timeout=_TIMEOUT,
        clockid=CLOCK,
    ),
    "futex_requeue": call(waiters=In(Array(_WAITER, 2)), flags=HEX, nr_wake=INT, nr_requeue=INT),
    "set_robust_list": call(head=In(struct("robust_list_head", size_="len")), len=SIZE),
    "get_robust_list": call(
        pid=PID, head_ptr=Out(Cell("unsigned long", ADDRESS)), len_ptr=Out(Cell("size_t", SIZE))
    ),
    "rseq": call(
        rseq=In(
            struct(
                "rseq",
                size_="rseq_len",
                cpu_id_start=enum("rseq_cpu_id"),
                cpu_id=enum("rseq_cpu_id"),
                rseq_cs=ADDRESS,
                flags=flags("rseq_cs_flags"),
            )
        ),
        rseq_len=SIZE,
        flags=flags("rseq_flags"),
        sig=HEX,
    ),
    "rseq_slice_yield": call(),
    "membarrier": call(
        Choice("cmd", "membarrier_cmd", {"MEMBARRIER_CMD_QUERY": flags("membarrier_cmd")}, default=INT),
        cmd=flags("membarrier_cmd"),
        flags=flags("membarrier_flags"),
        cpu_id=When("flags", 1, INT),
    ),
}

_NAMESPACES: dict[str, Declaration] = {
    "unshare": call(unshare_flags=flags("unshare_flags")),
    "setns": call(fd=FD, flags=flags("setns_flags")),
    "pidfd_open": call(FD, pid=PID, flags=flags("pidfd_open_flags")),
    # A descriptor of the other process.
    "pidfd_getfd": call(FD, pidfd=PIDFD, fd=INT, flags=HEX),
    "pidfd_send_signal": call(pidfd=PIDFD, sig=SIGNAL, info=In(SIGINFO), flags=flags("pidfd_signal_flags")),
    "process_vm_readv": call(
        SIZE,
        pid=PID,
        # Where and how much, also if it fails; then what came.
        lvec=InOut(
            Array(struct("iovec"), "liovcnt"),
            after=Array(struct("iovec", iov_base=To(Bytes(Share("iov_len", RESULT)))), "liovcnt"),
        ),
        liovcnt=SIZE,
        rvec=In(Array(struct("iovec"), "riovcnt")),
        riovcnt=SIZE,
        flags=HEX,
    ),
    "process_vm_writev": call(
        SIZE,
        pid=PID,
        lvec=In(Array(struct("iovec", iov_base=To(Bytes("iov_len"))), "liovcnt")),
        liovcnt=SIZE,
        rvec=In(Array(struct("iovec"), "riovcnt")),
        riovcnt=SIZE,
        flags=HEX,
    ),
}

_LIMIT = enum("rlimit_value")
_RESOURCE = enum("rlimit_resource")
_RLIMIT = struct("rlimit", rlim_cur=_LIMIT, rlim_max=_LIMIT)
_RLIMIT64 = struct("rlimit64", rlim_cur=_LIMIT, rlim_max=_LIMIT)
# Without the padding.
_SYSINFO = struct(
    "sysinfo",
    only_=(
        *("uptime", "loads", "totalram", "freeram", "sharedram", "bufferram", "totalswap", "freeswap"),
        *("procs", "totalhigh", "freehigh", "mem_unit"),
    ),
)
_PRIORITY_WHO = Choice("which", "priority_which", {"PRIO_USER": UID}, default=PID)

_LIMITS: dict[str, Declaration] = {
    "prlimit64": call(pid=PID, resource=_RESOURCE, new_rlim=In(_RLIMIT64), old_rlim=Out(_RLIMIT64)),
    "getrlimit": call(resource=_RESOURCE, rlim=Out(_RLIMIT)),
    "setrlimit": call(resource=_RESOURCE, rlim=In(_RLIMIT)),
    "getrusage": call(who=enum("rusage_who"), ru=_RUSAGE),
    "sysinfo": call(info=Out(_SYSINFO)),
    "uname": call(name=Out(struct("new_utsname"))),
    "times": call(SIZE, tbuf=Out(struct("tms"))),
    # The result is 20 minus the nice value.
    "getpriority": call(which=enum("priority_which"), who=_PRIORITY_WHO),
    "setpriority": call(which=enum("priority_which"), who=_PRIORITY_WHO, niceval=INT),
}

CALLS: dict[str, Declaration] = _FORKS | _IDENTITY | _CONTROL | _THREADS | _NAMESPACES | _LIMITS
