"""Layouts by name: out of the committed table, and out of BTF, and that a kernel agrees with the table.

Not here: the compiler's word on the table is in `tests/tools/test_struct_table.py`; bytes
that are no BTF are in `tests/laws/test_btf_law.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from argtrace.errors import FormatError, NotFound
from argtrace.signature.btf import Btf, TypeId
from argtrace.signature.btf_layouts import integer
from argtrace.signature.layouts import ArrayOf, Layout, Member, MemberType, from_btf, layout, rows, type_of
from argtrace.signature.model import Int, Opaque, Pointer, Void
from argtrace.signature.tables.structs import ALIASES, INTS, STRUCTS
from argtrace.signature.tables.syscalls_x86_64 import CALLS
from tests.support.btf_writer import BtfWriter
from tests.support.vmlinux import vmlinux

INT = Int("int", 4, signed=True)
U64 = Int("u64", 8, signed=False)


# ---- the table -------------------------------------------------------------------------


def test_a_layout() -> None:
    assert layout("timespec") == Layout(
        "timespec",
        16,
        (
            Member("tv_sec", 0, Int("time64_t", 8, signed=True)),
            Member("tv_nsec", 8, Int("long long", 8, signed=True)),
        ),
    )


def test_a_structure_has_also_the_name_that_c_has() -> None:
    assert layout("__kernel_timespec") == layout("timespec")
    assert layout("stack_t") == layout("sigaltstack")
    assert layout("siginfo_t").name == "siginfo"


def test_what_the_table_does_not_have() -> None:
    with pytest.raises(KeyError):
        layout("no_such_structure")
    with pytest.raises(KeyError, match=r"timespec\.tv_usec"):
        layout("timespec").member("tv_usec")


def test_a_packed_structure_has_no_padding() -> None:
    event = layout("epoll_event")
    assert (event.size, event.member("data").offset) == (12, 4)


def test_members_of_a_union_lie_at_one_offset() -> None:
    attr = layout("perf_event_attr")
    assert attr.member("sample_period").offset == attr.member("sample_freq").offset == 16


def test_a_bit_field_lies_in_a_word_of_its_type() -> None:
    precise_ip = layout("perf_event_attr").member("precise_ip")
    assert precise_ip == Member("precise_ip", 40, U64, (15, 2))


def test_a_command_s_part_of_a_union_has_a_name() -> None:
    assert layout("bpf_attr_map_elem").member("value").offset == 16
    assert layout("bpf_attr").member("link_create").type == Opaque("bpf_attr_link_create")
    inner = layout("bpf_attr_link_create").member("kprobe_multi").type
    assert inner == Opaque("bpf_attr_link_create.kprobe_multi")


def test_a_flexible_array_has_no_elements() -> None:
    assert layout("inotify_event").member("name").type == ArrayOf(Int("char", 1, signed=True), 0)


def test_an_enum_keeps_its_name() -> None:
    assert layout("kcmp_epoll_slot").member("efd").type == Int("u32", 4, signed=False)
    assert layout("rtc_param").size == 24


def test_every_member_lies_within_its_structure() -> None:
    beyond = [
        (name, member.name)
        for name in STRUCTS
        for member in layout(name).members
        # What is there by value has a layout too.
        if member.offset + size(member.type, layout) > layout(name).size
    ]
    assert beyond == []


def test_every_structure_that_a_call_takes_has_a_layout() -> None:
    types = {type for _, params in CALLS.values() for type, _ in params}
    names = {name for type in types for name in re.findall(r"(?:struct|union) (\w+)", type)}
    assert names - set(STRUCTS) - set(ALIASES) == set()


@pytest.mark.parametrize(
    ("text", "type"),
    [
        pytest.param("u64", U64, id="a number"),
        pytest.param("void *", Pointer(Void()), id="a pointer"),
        pytest.param("const char *", Pointer(Int("char", 1, signed=True), const=True), id="a string"),
        pytest.param("char **", Pointer(Pointer(Int("char", 1, signed=True))), id="two stars"),
        pytest.param("iovec *", Pointer(Opaque("iovec")), id="a pointer to a structure"),
        pytest.param("timespec", Opaque("timespec"), id="a structure"),
        pytest.param("u64[2][3]", ArrayOf(ArrayOf(U64, 3), 2), id="two threes"),
        pytest.param("void *[4]", ArrayOf(Pointer(Void()), 4), id="an array of pointers"),
        pytest.param("enum rlimit[0]", ArrayOf(Opaque("enum rlimit"), 0), id="two words"),
    ],
)
def test_types_are_read(text: str, type: MemberType) -> None:
    assert type_of(text, INTS) == type


def test_rows_are_read() -> None:
    assert list(rows("\n0 unsigned int a\n4.3:2 u64 b")) == [
        ("a", 0, "unsigned int", None),
        ("b", 4, "u64", (3, 2)),
    ]
    assert list(rows("")) == []


def size(type: MemberType, look_up: Callable[[str], Layout]) -> int:
    match type:
        case ArrayOf(element=element, count=count):
            return count * size(element, look_up)
        case Int(size=bytes):
            return bytes
        case Pointer():
            return 8
        case Opaque(name=name):
            return look_up(name).size


# ---- BTF -------------------------------------------------------------------------------


def signed_int(w: BtfWriter) -> TypeId:
    return w.integer("int", 4, signed=True)


def signed_char(w: BtfWriter) -> TypeId:
    return w.integer("char", 1, signed=True)


def test_names_are_as_in_the_table() -> None:
    known = {
        "__u32": "u32",
        "__aligned_u64": "u64",
        "__be16": "be16",
        "__kernel_pid_t": "pid_t",
        "__kernel_ulong_t": "unsigned long",
        "long unsigned int": "unsigned long",
        "short unsigned int": "unsigned short",
        "unsigned char": "unsigned char",
        "sigset_t": "sigset_t",
        "__": "__",
    }
    assert {name: integer(name) for name in known} == known


def test_members_of_what_has_no_name_are_members_of_what_surrounds_it() -> None:
    w = BtfWriter()
    int_ = w.integer("int", 4, signed=True)
    inner = w.struct("", 8, [("b", int_, 0), ("c", int_, 32)])
    union = w.union("", 8, [("a", int_, 0), ("", inner, 0)])
    w.struct("s", 12, [("first", int_, 0), ("", union, 32)])

    found = from_btf(Btf(w.build()), "s")

    assert [(member.name, member.offset) for member in found.members] == [
        ("first", 0),
        ("a", 4),
        ("b", 4),
        ("c", 8),
    ]


def test_a_nameless_structure_of_a_member_is_called_by_both() -> None:
    w = BtfWriter()
    int_ = w.integer("int", 4, signed=True)
    deeper = w.struct("", 4, [("x", int_, 0)])
    inner = w.struct("", 4, [("d", deeper, 0)])
    w.struct("s", 8, [("m", w.array(inner, 2), 0)])
    btf = Btf(w.build())

    assert from_btf(btf, "s").member("m").type == ArrayOf(Opaque("s.m"), 2)
    assert from_btf(btf, "s.m") == Layout("s.m", 4, (Member("d", 0, Opaque("s.m.d")),))
    assert from_btf(btf, "s.m.d").members == (Member("x", 0, INT),)
    with pytest.raises(NotFound):
        from_btf(btf, "s.n")


def test_what_holds_nothing_is_no_member() -> None:
    w = BtfWriter()
    empty = w.struct("", 0, [])
    flexible = w.struct("", 0, [("__empty_name", empty, 0), ("name", w.array(signed_int(w), 0), 0)])
    w.struct("s", 4, [("", flexible, 32)])

    assert from_btf(Btf(w.build()), "s").members == (Member("name", 4, ArrayOf(INT, 0)),)


def test_a_typedef_is_a_name_for_what_has_none() -> None:
    w = BtfWriter()
    fsid = w.typedef("fsid_t", w.struct("", 4, [("val", w.integer("int", 4, signed=True), 0)]))
    w.struct("s", 4, [("id", fsid, 0)])
    btf = Btf(w.build())

    assert from_btf(btf, "s").member("id").type == Opaque("fsid_t")
    assert from_btf(btf, "fsid_t").size == 4


CHAR = Int("char", 1, signed=True)
NOTHING = Pointer(Void())


@pytest.mark.parametrize(
    ("write", "type"),
    [
        pytest.param(lambda w: w.typedef("pid_t", signed_int(w)), Int("pid_t", 4, True), id="a typedef"),
        pytest.param(lambda w: w.const(signed_int(w)), INT, id="const"),
        pytest.param(lambda w: w.integer("long int", 8, signed=True), Int("long", 8, True), id="long"),
        pytest.param(lambda w: w.integer("_Bool", 1, boolean=True), Int("bool", 1, False), id="bool"),
        pytest.param(lambda w: w.enum("e", {"A": 0}), Int("enum e", 4, False), id="an enum"),
        pytest.param(lambda w: w.enum("", {"A": -1}, signed=True), INT, id="a nameless enum"),
        pytest.param(lambda w: w.enum64("e", {"A": 1 << 40}), Int("enum e", 8, False), id="a wide enum"),
        pytest.param(lambda w: w.floating("double", 8), Int("double", 8, True), id="a float"),
        pytest.param(lambda w: w.pointer(0), NOTHING, id="void *"),
        pytest.param(lambda w: w.pointer(w.const(signed_char(w))), Pointer(CHAR, const=True), id="a string"),
        pytest.param(lambda w: w.pointer(w.pointer(signed_char(w))), Pointer(Pointer(CHAR)), id="strings"),
        pytest.param(lambda w: w.pointer(w.forward("file")), Pointer(Opaque("file")), id="a structure's"),
        pytest.param(lambda w: w.pointer(w.proto(0, [])), NOTHING, id="a function's"),
        pytest.param(lambda w: w.pointer(w.array(signed_int(w), 3)), NOTHING, id="an array's"),
        pytest.param(lambda w: w.typedef("handler_t", w.pointer(0)), NOTHING, id="a typedef with a star"),
        pytest.param(
            lambda w: w.array(w.array(signed_int(w), 3), 2), ArrayOf(ArrayOf(INT, 3), 2), id="two threes"
        ),
    ],
)
def test_types_of_btf(write: Callable[[BtfWriter], int], type: MemberType) -> None:
    w = BtfWriter()
    w.struct("s", 8, [("m", write(w), 0)])

    assert from_btf(Btf(w.build()), "s").member("m").type == type


@pytest.mark.parametrize(
    ("bytes", "whole", "at", "width", "offset", "first"),
    [
        pytest.param(4, 8, 0, 3, 0, 0, id="the first"),
        pytest.param(4, 8, 35, 5, 4, 3, id="in the second word"),
        pytest.param(1, 4, 12, 4, 1, 4, id="half of a byte"),
        pytest.param(4, 8, 30, 4, 3, 6, id="packed: over the end of a word"),
        pytest.param(4, 3, 16, 8, 0, 16, id="packed: in less than a word"),
        pytest.param(4, 6, 32, 8, 2, 16, id="packed: near the end of a structure"),
    ],
)
def test_where_a_bit_field_is(bytes: int, whole: int, at: int, width: int, offset: int, first: int) -> None:
    w = BtfWriter()
    w.struct("s", whole, [("bits", w.integer("__u32", bytes), at, width)])

    assert from_btf(Btf(w.build()), "s").member("bits") == Member(
        "bits", offset, Int("u32", bytes, signed=False), (first, width)
    )


def test_what_btf_does_not_have_and_where_it_lies() -> None:
    w = BtfWriter()
    w.integer("int", 4, signed=True)
    w.struct("loop", 8, [("", w.next_id, 0)])
    w.typedef("again", w.next_id)
    w.struct("holds", 8, [("m", w.next_id - 1, 0)])
    btf = Btf(w.build())

    with pytest.raises(NotFound):
        from_btf(btf, "int")
    with pytest.raises(FormatError):
        from_btf(btf, "loop")
    with pytest.raises(FormatError):
        from_btf(btf, "holds")


# ---- a kernel's word -------------------------------------------------------------------

# What kernels of the last releases and the newest headers do not agree on.
CHANGED = {
    ("tcp_info", "tcpi_accecn_fail_mode"),  # Linux 7.0 made bit-fields of two words of 6.18
    ("tcp_info", "tcpi_accecn_opt_seen"),
    ("kvm_nested_state.hdr", "svm"),
    ("sockaddr", "sa_data"),  # the kernel's own has a flexible array
}
SPARE = ("resv", "rsv", "reserved", "pad", "spare", "unused")


def test_the_kernel_agrees_on_what_it_has_of_the_same_size() -> None:
    """Its own types, by another compiler and another writer of BTF, where the UAPI headers made them."""
    btf = vmlinux()
    c_names = {ours: theirs for theirs, ours in ALIASES.items() if not theirs.endswith("_t")}
    agreed, different = 0, []
    for name in STRUCTS:
        ours = layout(name)
        try:
            theirs = from_btf(btf, c_names.get(name, name))
        except NotFound:
            continue
        if ours.size != theirs.size:
            continue  # it is older or newer, or the kernel has one of its own by that name
        agreed += 1
        places = {member.name: place(member, layout) for member in ours.members}
        different += [
            (name, member.name)
            for member in theirs.members
            if member.name in places
            and places[member.name] != place(member, lambda name: from_btf(btf, name))
            and not any(word in member.name for word in SPARE)
        ]
    assert set(different) - CHANGED == set()
    assert agreed > 300


def place(member: Member, look_up: Callable[[str], Layout]) -> tuple[int, int]:
    """From which bit on, and how many."""
    if member.bits:
        return 8 * member.offset + member.bits[0], member.bits[1]
    return 8 * member.offset, 8 * size(member.type, look_up)
