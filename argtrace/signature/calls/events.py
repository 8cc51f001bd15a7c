"""perf_event_open(2).

Source: include/uapi/linux/perf_event.h; perf_event_open(2). The first eight bytes of the
attributes say how many more there are.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    FD,
    HEX,
    INT,
    PID,
    SIZE,
    UNUSED,
    Choice,
    Declaration,
    In,
    call,
    enum,
    flags,
    struct,
)

ATTRIBUTES = struct(
    "perf_event_attr",
    type=enum("perf_type"),
    config=Choice(
        "type",
        "perf_type",
        {
            "PERF_TYPE_HARDWARE": enum("perf_hardware"),
            "PERF_TYPE_SOFTWARE": enum("perf_software"),
            "PERF_TYPE_HW_CACHE": flags("perf_hw_cache"),
        },
    ),
    size=enum("perf_attr_size"),
    sample_period=Choice("freq", "", {"1": UNUSED}, SIZE),
    sample_freq=Choice("freq", "", {"1": SIZE}, UNUSED),
    wakeup_events=Choice("watermark", "", {"1": UNUSED}, SIZE),
    wakeup_watermark=Choice("watermark", "", {"1": SIZE}, UNUSED),
    sample_type=flags("perf_sample"),
    read_format=flags("perf_format"),
    bp_type=enum("perf_breakpoint"),
    bp_addr=Choice("type", "perf_type", {"PERF_TYPE_BREAKPOINT": HEX}, UNUSED),
    bp_len=Choice("type", "perf_type", {"PERF_TYPE_BREAKPOINT": enum("perf_breakpoint_length")}, UNUSED),
    config1=Choice("type", "perf_type", {"PERF_TYPE_BREAKPOINT": UNUSED}, HEX),
    config2=Choice("type", "perf_type", {"PERF_TYPE_BREAKPOINT": UNUSED}, HEX),
    branch_sample_type=flags("perf_branch"),
    sample_regs_user=HEX,
    sample_regs_intr=HEX,
    clockid=enum("clock_id"),
    only_=(
        "type", "size", "config", "sample_period", "sample_freq", "sample_type", "read_format",
        "disabled", "inherit", "pinned", "exclusive", "exclude_user", "exclude_kernel", "exclude_hv",
        "exclude_idle", "mmap", "comm", "freq", "inherit_stat", "enable_on_exec", "task", "watermark",
        "precise_ip", "mmap_data", "sample_id_all", "exclude_host", "exclude_guest",
        "exclude_callchain_kernel", "exclude_callchain_user", "mmap2", "comm_exec", "use_clockid",
        "context_switch", "write_backward", "namespaces", "ksymbol", "bpf_event", "aux_output", "cgroup",
        "text_poke", "build_id", "inherit_thread", "remove_on_exec", "sigtrap", "wakeup_events",
        "wakeup_watermark", "bp_type", "bp_addr", "bp_len", "config1", "config2", "branch_sample_type",
        "sample_regs_user", "sample_stack_user", "clockid", "sample_regs_intr", "aux_watermark",
        "sample_max_stack", "aux_sample_size", "aux_action", "sig_data", "config3", "config4",
    ),
)  # fmt: skip

CALLS: dict[str, Declaration] = {
    "perf_event_open": call(
        FD, attr_uptr=In(ATTRIBUTES), pid=PID, cpu=INT, group_fd=FD, flags=flags("perf_flags")
    ),
}
