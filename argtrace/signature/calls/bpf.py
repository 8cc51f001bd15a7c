"""bpf(2): what its attributes are depends on the command.

Source: include/uapi/linux/bpf.h (union bpf_attr); kernel/bpf/syscall.c. The caller says how
large its union is, so a program built against older headers shows the members it knew.
"""

from __future__ import annotations

from collections.abc import Mapping

from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
    PID,
    SIZE,
    Array,
    Bytes,
    Cell,
    Choice,
    Content,
    Declaration,
    In,
    InOut,
    Meaning,
    On,
    Path,
    Raw,
    String,
    Struct,
    To,
    When,
    call,
    enum,
    flags,
    struct,
)


def attributes(part: str, only: tuple[str, ...] = (), /, **members: Meaning) -> Struct:
    return struct(f"bpf_attr_{part}", size_="size", only_=only, **members)


MAP_TYPE, PROG_TYPE, ATTACH_TYPE = enum("bpf_map_type"), enum("bpf_prog_type"), enum("bpf_attach_type")
OPEN_FLAGS = flags("bpf_map_flags")

# BPF_F_NUMA_NODE: without it the node is not looked at.
NUMA_NODE = When("map_flags", 4, SIZE)

# Keys and values have the map's own sizes, which this call does not tell.
ELEMENT = attributes(
    "map_elem", ("map_fd", "key", "value", "flags"), map_fd=FD, flags=flags("bpf_elem_flags")
)
NEXT_KEY = attributes("map_elem", ("map_fd", "key", "next_key"), map_fd=FD)

MAP_CREATE = attributes(
    "map_create",
    map_type=MAP_TYPE,
    map_flags=flags("bpf_map_flags"),
    inner_map_fd=FD,
    numa_node=NUMA_NODE,
    btf_fd=FD,
    map_extra=HEX,
    value_type_btf_obj_fd=FD,
    map_token_fd=FD,
)

PROG_LOAD = attributes(
    "prog_load",
    prog_type=PROG_TYPE,
    insns=To(Array(Raw("bpf_insn", 8), "insn_cnt")),
    license=To(String()),
    kern_version=HEX,
    prog_flags=flags("bpf_prog_flags"),
    expected_attach_type=ATTACH_TYPE,
    prog_btf_fd=FD,
    attach_prog_fd=FD,
    prog_token_fd=FD,
)

OBJECT = attributes("obj", pathname=To(Path()), bpf_fd=FD, file_flags=OPEN_FLAGS, path_fd=FD)

ATTACH = attributes(
    "prog_attach",
    (
        "target_fd",
        "attach_bpf_fd",
        "attach_type",
        "attach_flags",
        "replace_bpf_fd",
        "relative_fd",
        "expected_revision",
    ),
    target_fd=FD,
    attach_bpf_fd=FD,
    attach_type=ATTACH_TYPE,
    attach_flags=flags("bpf_attach_flags"),
    replace_bpf_fd=FD,
    relative_fd=FD,
)

TEST = attributes(
    "test",
    prog_fd=FD,
    data_in=To(Bytes("data_size_in")),
    ctx_in=To(Bytes("ctx_size_in")),
    flags=flags("bpf_test_flags"),
)

BATCH = attributes("batch", map_fd=FD, elem_flags=flags("bpf_elem_flags"), flags=flags("bpf_elem_flags"))

LINK_CREATE = attributes(
    "link_create",
    ("prog_fd", "target_fd", "attach_type", "flags", "target_btf_id"),
    prog_fd=FD,
    target_fd=FD,
    attach_type=ATTACH_TYPE,
    flags=flags("bpf_attach_flags"),
)

LINK_UPDATE = attributes(
    "link_update",
    ("link_fd", "new_prog_fd", "flags", "old_prog_fd"),
    link_fd=FD,
    new_prog_fd=FD,
    flags=flags("bpf_attach_flags"),
    old_prog_fd=FD,
)

QUERY = attributes(
    "query",
    ("target_fd", "attach_type", "query_flags", "attach_flags", "prog_ids", "prog_cnt", "revision"),
    target_fd=FD,
    attach_type=ATTACH_TYPE,
    query_flags=flags("bpf_query_flags"),
    attach_flags=flags("bpf_attach_flags"),
    prog_ids=To(Array(Cell("u32"), "prog_cnt")),
)

TASK_QUERY = attributes("task_fd_query", pid=PID, fd=FD, fd_type=enum("bpf_task_fd_type"), probe_addr=ADDRESS)


def next_id(first: str) -> Struct:
    return attributes("get_id", (first, "next_id", "open_flags"), open_flags=OPEN_FLAGS)


def by_id(kind: str) -> Struct:
    return attributes("get_id", (kind, "next_id", "open_flags", "fd_by_id_token_fd"), open_flags=OPEN_FLAGS)


def inputs(cases: Mapping[str | tuple[str, ...], Content]) -> dict[str | tuple[str, ...], Meaning]:
    return {commands: In(content) for commands, content in cases.items()}


def both(cases: Mapping[str | tuple[str, ...], Content]) -> dict[str | tuple[str, ...], Meaning]:
    return {commands: InOut(content) for commands, content in cases.items()}


INFO = InOut(attributes("info", bpf_fd=FD, info=To(Raw("bpf_info", "info_len"))))

COMMANDS: dict[str | tuple[str, ...], Meaning] = {
    "BPF_OBJ_GET_INFO_BY_FD": INFO,
    **inputs(
        {
            "BPF_MAP_CREATE": MAP_CREATE,
            (
                "BPF_MAP_LOOKUP_ELEM",
                "BPF_MAP_LOOKUP_AND_DELETE_ELEM",
                "BPF_MAP_UPDATE_ELEM",
                "BPF_MAP_DELETE_ELEM",
            ): ELEMENT,
            "BPF_MAP_GET_NEXT_KEY": NEXT_KEY,
            "BPF_MAP_FREEZE": attributes("map_elem", ("map_fd",), map_fd=FD),
            "BPF_PROG_LOAD": PROG_LOAD,
            ("BPF_OBJ_PIN", "BPF_OBJ_GET"): OBJECT,
            ("BPF_PROG_ATTACH", "BPF_PROG_DETACH"): ATTACH,
            "BPF_PROG_GET_FD_BY_ID": by_id("prog_id"),
            "BPF_MAP_GET_FD_BY_ID": by_id("map_id"),
            "BPF_BTF_GET_FD_BY_ID": by_id("btf_id"),
            "BPF_LINK_GET_FD_BY_ID": by_id("link_id"),
            "BPF_RAW_TRACEPOINT_OPEN": attributes("raw_tracepoint", name=To(String()), prog_fd=FD),
            "BPF_BTF_LOAD": attributes(
                "btf_load", btf=To(Bytes("btf_size")), btf_token_fd=FD, btf_flags=OPEN_FLAGS
            ),
            "BPF_LINK_CREATE": LINK_CREATE,
            "BPF_LINK_UPDATE": LINK_UPDATE,
            "BPF_LINK_DETACH": attributes("link_detach", link_fd=FD),
            "BPF_ENABLE_STATS": attributes("enable_stats", type=enum("bpf_stats_type")),
            "BPF_ITER_CREATE": attributes("iter_create", link_fd=FD, flags=HEX),
            "BPF_PROG_BIND_MAP": attributes("prog_bind_map", prog_fd=FD, map_fd=FD, flags=HEX),
            "BPF_TOKEN_CREATE": attributes("token_create", flags=HEX, bpffs_fd=FD),
            "BPF_PROG_STREAM_READ_BY_FD": attributes("prog_stream_read", prog_fd=FD),
            "BPF_PROG_ASSOC_STRUCT_OPS": attributes(
                "prog_assoc_struct_ops", map_fd=FD, prog_fd=FD, flags=HEX
            ),
        }
    ),
    **both(
        {
            "BPF_PROG_TEST_RUN": TEST,
            (
                "BPF_PROG_GET_NEXT_ID",
                "BPF_MAP_GET_NEXT_ID",
                "BPF_BTF_GET_NEXT_ID",
                "BPF_LINK_GET_NEXT_ID",
            ): next_id("start_id"),
            "BPF_PROG_QUERY": QUERY,
            "BPF_TASK_FD_QUERY": TASK_QUERY,
        }
    ),
    # How many there were is told even if not all could be had: ENOENT at the map's end.
    (
        "BPF_MAP_LOOKUP_BATCH",
        "BPF_MAP_LOOKUP_AND_DELETE_BATCH",
        "BPF_MAP_UPDATE_BATCH",
        "BPF_MAP_DELETE_BATCH",
    ): InOut(BATCH, on=On.ALWAYS),
}

# What a command gives that does not fail.
OPENS = (
    "BPF_MAP_CREATE",
    "BPF_PROG_LOAD",
    "BPF_OBJ_GET",
    "BPF_PROG_GET_FD_BY_ID",
    "BPF_MAP_GET_FD_BY_ID",
    "BPF_BTF_GET_FD_BY_ID",
    "BPF_LINK_GET_FD_BY_ID",
    "BPF_RAW_TRACEPOINT_OPEN",
    "BPF_BTF_LOAD",
    "BPF_LINK_CREATE",
    "BPF_ENABLE_STATS",
    "BPF_ITER_CREATE",
    "BPF_TOKEN_CREATE",
)

CALLS: dict[str, Declaration] = {
    "bpf": call(
        Choice("cmd", "bpf_cmd", {OPENS: FD}, SIZE),
        cmd=enum("bpf_cmd"),
        uattr=Choice("cmd", "bpf_cmd", COMMANDS, In(Bytes("size"))),
        size=SIZE,
    ),
}
