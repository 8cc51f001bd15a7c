"""Structures that end with an array, and say themselves how many elements of it there are.

    {fm_start=0, fm_length=4096, fm_flags=0, fm_mapped_extents=1, …, fm_extents=[{fe_logical=0, …}]}

Source: ioctl_fiemap(2), ioctl_fideduperange(2), random(4), perf_event_open(2);
Documentation/virt/kvm/api.rst, 4.18, 4.19, 4.46; include/uapi/linux/ethtool.h.

Not here: structures whose last array is as long as what is left are in their families' modules.
"""

from __future__ import annotations

import functools

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Struct, Value
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import FD, HEX, Array, Cell, Content, Raw, enum, flags, struct
from argtrace.signature.meaning import Bytes as BytesOf
from argtrace.signature.meaning import Struct as StructOf
from argtrace.signature.sizes import element_size, member_size
from argtrace.value import frozen, replace


@frozen
class Form:
    """`count` is the member of `header` that says how many there are `of` what `name` holds: elements,
    or bytes where `of` has no size of its own."""

    header: StructOf
    count: str
    name: str
    of: Cell | StructOf | Raw | BytesOf


_FIEMAP = struct(
    "fiemap",
    fm_flags=flags("fiemap_flags"),
    only_=("fm_start", "fm_length", "fm_flags", "fm_mapped_extents", "fm_extent_count"),
)
_CPUID = struct(
    "kvm_cpuid_entry2",
    function=HEX,
    index=HEX,
    flags=flags("kvm_cpuid_flags"),
    eax=HEX,
    ebx=HEX,
    ecx=HEX,
    edx=HEX,
)

_FORMS = {
    "fiemap": Form(
        _FIEMAP,
        "fm_mapped_extents",
        "fm_extents",
        struct("fiemap_extent", fe_flags=flags("fiemap_extent_flags")),
    ),
    "dedupe_asked": Form(
        struct("file_dedupe_range", only_=("src_offset", "src_length", "dest_count")),
        "dest_count",
        "info",
        struct("file_dedupe_range_info", dest_fd=FD, only_=("dest_fd", "dest_offset")),
    ),
    "dedupe": Form(
        struct("file_dedupe_range", only_=("src_offset", "src_length", "dest_count")),
        "dest_count",
        "info",
        struct("file_dedupe_range_info", dest_fd=FD, status=enum("dedupe_status")),
    ),
    "random_pool": Form(
        struct("rand_pool_info", only_=("entropy_count", "buf_size")), "buf_size", "buf", BytesOf(0)
    ),
    "perf_programs": Form(
        struct("perf_event_query_bpf", only_=("ids_len", "prog_cnt")), "prog_cnt", "ids", Cell("u32")
    ),
    "kvm_cpuid": Form(struct("kvm_cpuid2", only_=("nent",)), "nent", "entries", _CPUID),
    "kvm_msrs": Form(
        struct("kvm_msrs", only_=("nmsrs",)),
        "nmsrs",
        "entries",
        struct("kvm_msr_entry", index=HEX, data=HEX, only_=("index", "data")),
    ),
    "kvm_msr_list": Form(struct("kvm_msr_list", only_=("nmsrs",)), "nmsrs", "indices", Cell("u32", HEX)),
    "kvm_registers": Form(struct("kvm_reg_list", only_=("n",)), "n", "reg", Cell("u64", HEX)),
    "kvm_signals": Form(struct("kvm_signal_mask", only_=("len",)), "len", "sigset", Raw("sigset", 0)),
    "ethtool_statistics": Form(
        struct("ethtool_stats", cmd=enum("ethtool_command"), only_=("cmd", "n_stats")),
        "n_stats",
        "data",
        Cell("u64"),
    ),
    "ethtool_address": Form(
        struct("ethtool_perm_addr", cmd=enum("ethtool_command"), only_=("cmd", "size")),
        "size",
        "data",
        BytesOf(0),
    ),
    "ethtool_names": Form(
        struct(
            "ethtool_gstrings",
            cmd=enum("ethtool_command"),
            string_set=enum("ethtool_strings"),
            only_=("cmd", "string_set", "len"),
        ),
        "len",
        "data",
        Raw("ethtool_name", 32),
    ),
}


def _decode(form: Form, memory: Memory, scope: Scope) -> Value:
    described = layout(form.header.name)
    head = scope.content(form.header, memory.data[: described.size], memory.address)
    if not isinstance(head, Struct) or len(memory.data) < described.size:
        return head
    counted = described.member(form.count)
    size = member_size(counted.type)
    count = int.from_bytes(memory.data[counted.offset : counted.offset + size], "little")
    start = described.member(form.name).offset
    last: Content
    match form.of:
        case BytesOf() | Raw(size=0) as whole:
            last, length = replace(whole, size=count), count
        case element:
            last = Array(element, count)
            length = count * element_size(last)
    value = scope.content(last, memory.data[start : start + length], 0)
    return replace(head, members=(*head.members, (form.name, value)))


for _name, _form in _FORMS.items():
    decodes(_name)(functools.partial(_decode, _form))
