"""What BTF says of types: each kind read, spelled, found by name; members found in structs.

Two that do not know us have the last word: bpftool on every type of this kernel,
gcc on where bit fields are.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argtrace.errors import FormatError, NotFound
from argtrace.signature import btf_types as t
from argtrace.signature.btf import Btf, Field, Kind, Scalar, TypeId
from tests.support.btf_writer import BtfWriter, Order

VMLINUX = "/sys/kernel/btf/vmlinux"

ORDERS = pytest.mark.parametrize("order", ["little", "big"])


KINDS = [
    pytest.param(
        lambda w: w.integer("int", 4, signed=True),
        t.Int("int", 4, True, False, False, 32, 0),
        id="a signed int",
    ),
    pytest.param(
        lambda w: w.integer("char", 1, char=True), t.Int("char", 1, False, True, False, 8, 0), id="a char"
    ),
    pytest.param(
        lambda w: w.integer("_Bool", 1, boolean=True),
        t.Int("_Bool", 1, False, False, True, 8, 0),
        id="a bool",
    ),
    pytest.param(
        lambda w: w.integer("u4", 4, bits=3, offset_bits=5),
        t.Int("u4", 4, False, False, False, 3, 5),
        id="an int of three bits, as before kind_flag",
    ),
    pytest.param(
        lambda w: w.integer("__int128", 16, signed=True),
        t.Int("__int128", 16, True, False, False, 128, 0),
        id="an int of sixteen bytes",
    ),
    pytest.param(lambda w: w.floating("double", 8), t.Float("double", 8), id="a float"),
    pytest.param(lambda w: w.pointer(7), t.Pointer(TypeId(7)), id="a pointer"),
    pytest.param(
        lambda w: w.array(7, 3, index=8), t.Array(TypeId(7), TypeId(8), 3), id="an array, element first"
    ),
    pytest.param(
        lambda w: w.struct("s", 8, [("a", 7, 0), ("", 8, 32)]),
        t.Struct("struct", "s", 8, (t.Member("a", TypeId(7), 0, None), t.Member("", TypeId(8), 32, None))),
        id="a struct with an anonymous member",
    ),
    pytest.param(
        lambda w: w.struct("s", 4, [("a", 7, 0, 3), ("b", 7, 8)]),
        t.Struct("struct", "s", 4, (t.Member("a", TypeId(7), 0, 3), t.Member("b", TypeId(7), 8, None))),
        id="a struct with a bit field and a whole byte",
    ),
    pytest.param(
        lambda w: w.struct("s", 0x300000, [("far", 7, 0x1000000)]),
        t.Struct("struct", "s", 0x300000, (t.Member("far", TypeId(7), 0x1000000, None),)),
        id="a member two megabytes in, whose offset would be a width with kind_flag",
    ),
    pytest.param(
        lambda w: w.union("", 4, [("a", 7, 0)]),
        t.Struct("union", "", 4, (t.Member("a", TypeId(7), 0, None),)),
        id="an anonymous union",
    ),
    pytest.param(
        lambda w: w.enum("e", {"A": -1, "B": 2}, signed=True),
        t.Enum("e", 4, True, (("A", -1), ("B", 2))),
        id="a signed enum",
    ),
    pytest.param(
        lambda w: w.enum("e", {"A": 0xFFFFFFFF}),
        t.Enum("e", 4, False, (("A", 0xFFFFFFFF),)),
        id="an unsigned enum",
    ),
    pytest.param(
        lambda w: w.enum64("e", {"A": 1 << 63}),
        t.Enum("e", 8, False, (("A", 1 << 63),)),
        id="an unsigned enum of 64 bits",
    ),
    pytest.param(
        lambda w: w.enum64("e", {"A": -2, "B": 1 << 40}, signed=True),
        t.Enum("e", 8, True, (("A", -2), ("B", 1 << 40))),
        id="a signed enum of 64 bits",
    ),
    pytest.param(lambda w: w.forward("f"), t.Forward("struct", "f"), id="a struct declared only"),
    pytest.param(lambda w: w.forward("f", union=True), t.Forward("union", "f"), id="a union declared only"),
    pytest.param(lambda w: w.typedef("t", 7), t.Typedef("t", TypeId(7)), id="a typedef"),
    pytest.param(lambda w: w.volatile(7), t.Qualified("volatile", TypeId(7)), id="volatile"),
    pytest.param(lambda w: w.const(7), t.Qualified("const", TypeId(7)), id="const"),
    pytest.param(lambda w: w.restrict(7), t.Qualified("restrict", TypeId(7)), id="restrict"),
    pytest.param(
        lambda w: w.func("f", 7, linkage=2), t.Func("f", TypeId(7), t.Linkage.EXTERN), id="an extern function"
    ),
    pytest.param(
        lambda w: w.proto(7, [("a", 8)]),
        t.FuncProto((t.Param("a", TypeId(8)),), TypeId(7), variadic=False),
        id="a prototype",
    ),
    pytest.param(
        lambda w: w.proto(7, [("a", 8)], variadic=True),
        t.FuncProto((t.Param("a", TypeId(8)),), TypeId(7), variadic=True),
        id="a variadic prototype, whose dots are no parameter",
    ),
    pytest.param(
        lambda w: w.var("v", 7, linkage=0), t.Var("v", TypeId(7), t.Linkage.STATIC), id="a static variable"
    ),
    pytest.param(
        lambda w: w.datasec(".data", 16, [(7, 8, 4)]),
        t.DataSec(".data", 16, (t.Placed(TypeId(7), 8, 4),)),
        id="a section with a variable in it",
    ),
    pytest.param(
        lambda w: w.decl_tag("kfunc", 7),
        t.DeclTag("kfunc", False, TypeId(7), None),
        id="a tag on a declaration",
    ),
    pytest.param(
        lambda w: w.decl_tag("nonnull", 7, 0, attribute=True),
        t.DeclTag("nonnull", True, TypeId(7), 0),
        id="an attribute on the first parameter",
    ),
    pytest.param(
        lambda w: w.decl_tag("x" * 4000, 7),
        t.DeclTag("x" * 4000, False, TypeId(7), None),
        id="a tag longer than any name",
    ),
    pytest.param(lambda w: w.type_tag("user", 7), t.TypeTag("user", False, TypeId(7)), id="a type tag"),
    pytest.param(
        lambda w: w.record(Kind.TYPEDEF, b"\xff\x1b", 0),
        t.Typedef("\\xff\x1b", t.VOID_ID),
        id="a name that is no UTF-8",
    ),
]


@ORDERS
@pytest.mark.parametrize(("write", "expected"), KINDS)
def test_a_type_of_each_kind(write: Callable[[BtfWriter], TypeId], expected: t.Type, order: Order) -> None:
    writer = BtfWriter(order)
    id = write(writer)

    assert Btf(writer.build()).type(id) == expected


def test_void_is_id_zero() -> None:
    assert Btf(BtfWriter().build()).type(t.VOID_ID) == t.Void()


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        pytest.param(
            lambda w: w.integer("i", 4, bits=33),
            "33 bits at bit 0 within 4 bytes",
            id="a full int and one bit",
        ),
        pytest.param(
            lambda w: w.integer("i", 4, bits=28, offset_bits=5), "28 bits at bit 5", id="bits past the end"
        ),
        pytest.param(lambda w: w.integer("i", 4, bits=0), "0 bits", id="an int without bits"),
        pytest.param(
            lambda w: w.func("f", 1, linkage=3), "a linkage from 0 to 2, not 3", id="a linkage of tomorrow"
        ),
        pytest.param(
            lambda w: w.var("v", 1, linkage=9), "a linkage from 0 to 2, not 9", id="a variable's linkage"
        ),
        pytest.param(
            lambda w: w.record(Kind.TYPEDEF, 999, 0), "a string offset from 0", id="a name past the strings"
        ),
        pytest.param(
            lambda w: w.struct("s" * 512, 0, []), "at most 511 bytes", id="a name too long for a symbol"
        ),
    ],
)
def test_lies_are_format_errors(write: Callable[[BtfWriter], TypeId], expected: str) -> None:
    writer = BtfWriter()
    id = write(writer)
    btf = Btf(writer.build(), source="lying.btf")

    with pytest.raises(FormatError, match=expected) as caught:
        btf.type(id)
    assert caught.value.source == "lying.btf"


# Spelling


def _argv(w: BtfWriter) -> int:
    return w.pointer(w.const(w.pointer(w.const(w.integer("char", 1)))))


def _handler(w: BtfWriter) -> int:
    return w.pointer(w.proto(0, [("", w.integer("int", 4, signed=True))]))


def _signal(w: BtfWriter) -> int:
    handler = _handler(w)
    return w.func("signal", w.proto(handler, [("sig", w.integer("int", 4)), ("handler", handler)]))


SPELLINGS = [
    pytest.param(lambda _: 0, "void", id="void"),
    pytest.param(lambda w: w.pointer(0), "void *", id="a pointer to void"),
    pytest.param(lambda w: w.pointer(w.struct("file", 8, [])), "struct file *", id="a pointer to a struct"),
    pytest.param(_argv, "const char *const *", id="what execve takes"),
    pytest.param(lambda w: w.const(w.pointer(w.integer("int", 4))), "int *const", id="a const pointer"),
    pytest.param(
        lambda w: w.pointer(w.const(w.volatile(w.typedef("u32", 0)))),
        "const volatile u32 *",
        id="two qualifiers, outermost first",
    ),
    pytest.param(
        lambda w: w.restrict(w.pointer(w.type_tag("user", w.const(w.integer("char", 1))))),
        "const char *restrict",
        id="a type tag is left out",
    ),
    pytest.param(lambda w: w.array(w.integer("int", 4), 4), "int [4]", id="an array"),
    pytest.param(lambda w: w.array(w.integer("int", 4), 0), "int []", id="a flexible array"),
    pytest.param(
        lambda w: w.array(w.array(w.integer("int", 4), 3), 2),
        "int [2][3]",
        id="an array of two arrays of three",
    ),
    pytest.param(lambda w: w.array(w.pointer(0), 2), "void *[2]", id="an array of pointers"),
    pytest.param(
        lambda w: w.pointer(w.array(w.integer("int", 4), 2)), "int (*)[2]", id="a pointer to an array"
    ),
    pytest.param(
        lambda w: w.const(w.array(w.integer("int", 4), 2)), "const int [2]", id="an array of what is const"
    ),
    pytest.param(
        lambda w: w.pointer(w.const(w.proto(w.integer("int", 4), []))),
        "int (*)(void)",
        id="a const function returns nothing const",
    ),
    pytest.param(_handler, "void (*)(int)", id="a pointer to a function"),
    pytest.param(
        lambda w: w.array(_handler(w), 3), "void (*[3])(int)", id="an array of pointers to functions"
    ),
    pytest.param(
        _signal,
        "void (*signal(int sig, void (*handler)(int)))(int)",
        id="a function that returns a pointer to a function",
    ),
    pytest.param(
        lambda w: w.func("printk", w.proto(w.integer("int", 4), [("fmt", w.pointer(0))], variadic=True)),
        "int printk(void *fmt, ...)",
        id="a variadic function",
    ),
    pytest.param(lambda w: w.func("f", w.proto(0, [])), "void f(void)", id="a function without parameters"),
    pytest.param(lambda w: w.var("v", w.array(w.pointer(0), 2)), "void *v[2]", id="a variable"),
    pytest.param(lambda w: w.pointer(w.forward("bio")), "struct bio *", id="a struct declared only"),
    pytest.param(lambda w: w.forward("u", union=True), "union u", id="a union declared only"),
    pytest.param(lambda w: w.union("", 4, []), "union {...}", id="an anonymous union"),
    pytest.param(lambda w: w.enum("e", {}), "enum e", id="an enum"),
    pytest.param(lambda w: w.enum64("", {}), "enum {...}", id="an anonymous enum"),
    pytest.param(lambda w: w.floating("double", 8), "double", id="a float"),
    pytest.param(lambda w: w.datasec(".bss", 0, []), ".bss", id="a section, by its name"),
    pytest.param(
        lambda w: w.decl_tag("kfunc", w.func("f", w.proto(0, []))),
        "void f(void)",
        id="a tag, by what it is on",
    ),
]


@pytest.mark.parametrize(("write", "text"), SPELLINGS)
def test_spell(write: Callable[[BtfWriter], TypeId], text: str) -> None:
    writer = BtfWriter()
    id = write(writer)

    assert Btf(writer.build()).spell(id) == text


# Names


def _names(order: Order = "little") -> Btf:
    w = BtfWriter(order)
    w.integer("int", 4, signed=True)
    w.struct("file", 8, [("f_mode", 1, 0)])
    w.typedef("file", 2)
    w.func("file", w.proto(1, [("a", 1)]))
    w.struct("file", 4, [])
    w.struct("fil", 4, [])
    w.struct("", 4, [])
    return Btf(w.build(), source="vmlinux")


@ORDERS
@pytest.mark.parametrize("asked_before", [0, 40], ids=["by scanning", "by the index"])
def test_names(order: Order, asked_before: int) -> None:
    btf = _names(order)
    assert not any(btf.has(Kind.STRUCT, f"nosuch{n}") for n in range(asked_before))

    assert btf.ids_named("file") == (2, 3, 5, 6)
    assert btf.ids_of(Kind.STRUCT, "file") == (2, 6)
    assert btf.id_of(Kind.TYPEDEF, "file") == 3
    assert btf.has(Kind.FUNC, "file")
    assert not btf.has(Kind.UNION, "file")
    assert list(btf.ids(Kind.STRUCT)) == [2, 6, 7, 8]
    assert list(btf.names(Kind.STRUCT)) == ["file", "file", "fil"]
    assert len(btf) == 9


@pytest.mark.parametrize("asked_before", [0, 40], ids=["by scanning", "by the index"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="no name, which anonymous types have"),
        pytest.param("fil\0file", id="a name with a NUL in it"),
        pytest.param("ile", id="the tail of a name"),
        pytest.param("f", id="the beginning of a name"),
        pytest.param("\ud800", id="a name no encoding has"),
        pytest.param("x" * 600, id="a name longer than any"),
    ],
)
def test_names_that_nobody_has(name: str, asked_before: int) -> None:
    btf = _names()
    assert not any(btf.has(Kind.STRUCT, f"nosuch{n}") for n in range(asked_before))

    assert btf.ids_named(name) == ()


@pytest.mark.parametrize("asked_before", [0, 40], ids=["by scanning", "by the index"])
def test_a_name_may_be_stored_twice_and_as_the_tail_of_another(asked_before: int) -> None:
    w = BtfWriter()
    whole = w.name("task_struct")
    w.strings += b"struct\0"
    ids = [w.record(Kind.TYPEDEF, offset, 0) for offset in (whole, whole + 5, whole + 12, whole + 5)]
    btf = Btf(w.build())
    assert not any(btf.has(Kind.STRUCT, f"nosuch{n}") for n in range(asked_before))

    assert btf.ids_named("task_struct") == (ids[0],)
    assert btf.ids_named("struct") == tuple(ids[1:])


def _split() -> tuple[Btf, Btf]:
    base = BtfWriter()
    int_id = base.integer("long int", 8, signed=True)
    base.struct("list_head", 16, [("next", base.next_id + 1, 0), ("prev", base.next_id + 1, 64)])
    base.pointer(2)
    split = BtfWriter(base=base)
    split.struct("ext4_inode", 24, [("list", 2, 0), ("i_no", int_id, 128), ("next", split.next_id + 1, 0)])
    split.pointer(split.next_id - 1)
    split.typedef("list_head", 2)
    vmlinux = Btf(base.build(), source="vmlinux")
    return vmlinux, Btf(split.build(), vmlinux, source="ext4")


@pytest.mark.parametrize("asked_before", [0, 40], ids=["by scanning", "by the index"])
def test_split_btf_sees_its_base(asked_before: int) -> None:
    vmlinux, ext4 = _split()
    assert not any(ext4.has(Kind.STRUCT, f"nosuch{n}") for n in range(asked_before))

    assert (len(vmlinux), len(ext4)) == (4, 7)
    assert ext4.id_of(Kind.STRUCT, "list_head") == vmlinux.id_of(Kind.STRUCT, "list_head") == 2
    assert ext4.ids_named("list_head") == (2, 6)
    assert list(ext4.names(Kind.STRUCT)) == ["list_head", "ext4_inode"]
    assert list(ext4.ids(Kind.PTR)) == [3, 5]
    assert ext4.field("ext4_inode", "list.prev") == Field(8, 8, False, TypeId(3))
    assert ext4.field("ext4_inode", "i_no") == Field(16, 8, True, TypeId(1))
    assert ext4.spell(TypeId(5)) == "struct ext4_inode *"
    assert ext4.spell(TypeId(3)) == "struct list_head *"
    assert not vmlinux.has(Kind.STRUCT, "ext4_inode")


def test_split_btf_of_split_btf() -> None:
    first = BtfWriter()
    first.integer("int", 4)
    second = BtfWriter(base=first)
    second.typedef("pid_t", 1)
    third = BtfWriter(base=second)
    third.struct("pid", 8, [("pid_t", 2, 0), ("tid", 2, 32)])
    btf = Btf(third.build(), Btf(second.build(), Btf(first.build())))

    assert btf.field("pid", "tid") == Field(4, 4, False, TypeId(2))
    assert btf.field("pid", "pid_t").offset == 0
    assert btf.scalar("pid_t") == Scalar(4, signed=False)


def test_a_lie_in_the_base_names_the_base() -> None:
    base = BtfWriter()
    base.record(Kind.TYPEDEF, "loop", 1)
    split = Btf(BtfWriter(base=base).build(), Btf(base.build(), source="vmlinux"), source="ext4")

    with pytest.raises(FormatError) as caught:
        split.strip(TypeId(1))
    assert (caught.value.source, caught.value.offset) == ("vmlinux", 24)


# Members


def _kernel(order: Order = "little") -> Btf:
    w = BtfWriter(order)
    long = w.integer("long unsigned int", 8)
    int_ = w.integer("int", 4, signed=True)
    u32 = w.typedef("u32", w.integer("unsigned int", 4))
    char = w.integer("char", 1, signed=True)
    info = w.struct("thread_info", 24, [("flags", long, 0), ("status", u32, 128)])
    stack = w.union("", 8, [("stack_top", long, 0), ("stack_low", u32, 0)])
    mm = w.struct(
        "mm_struct",
        64,
        [
            ("", w.struct("", 40, [("arg_start", long, 0), ("", stack, 256), ("inner", info, 64)]), 64),
            ("last", int_, 448),
        ],
    )
    state = w.enum("state", {"DEAD": -1, "RUNNING": 0}, signed=True)
    w.struct(
        "task_struct",
        128,
        [
            ("thread_info", w.volatile(w.typedef("ti_t", w.const(info))), 0),
            ("__state", state, 192),
            ("mm", w.pointer(mm), 256),
            ("comm", w.array(char, 16), 320),
            ("grid", w.array(w.array(u32, 3), 2), 448),
            ("tagged", w.type_tag("user", int_), 640),
            ("tail", w.array(char, 0), 1024),
        ],
    )
    w.typedef("kuid_t", w.struct("", 4, [("val", u32, 0)]))
    w.union("sigval", 8, [("sival_int", int_, 0), ("sival_ptr", w.pointer(0), 0)])
    w.typedef("umode_t", w.typedef("__kernel_mode_t", w.integer("short unsigned int", 2)))
    w.typedef("state_t", state)
    w.typedef("handler_t", w.pointer(0))
    w.enum64("wide", {"BIG": 1 << 40})
    w.forward("hidden")
    w.func("vfs_read", w.proto(int_, [("mm", w.next_id), ("", u32)]))
    return Btf(w.build(), source="vmlinux")


@ORDERS
@pytest.mark.parametrize(
    ("type_name", "path", "expected"),
    [
        pytest.param("task_struct", "thread_info", (0, 24, False), id="a struct within, as a whole"),
        pytest.param(
            "task_struct", "thread_info.status", (16, 4, False), id="through qualifiers and a typedef"
        ),
        pytest.param("task_struct", "__state", (24, 4, True), id="a signed enum"),
        pytest.param("task_struct", "mm", (32, 8, False), id="a pointer"),
        pytest.param("task_struct", "comm", (40, 16, False), id="an array as a whole"),
        pytest.param("task_struct", "grid", (56, 24, False), id="an array of arrays"),
        pytest.param("task_struct", "tagged", (80, 4, True), id="through a type tag"),
        pytest.param("task_struct", "tail", (128, 0, False), id="a flexible array, of no size"),
        pytest.param("mm_struct", "arg_start", (8, 8, False), id="in an anonymous struct"),
        pytest.param("mm_struct", "stack_low", (40, 4, False), id="in a union in an anonymous struct"),
        pytest.param("mm_struct", "inner.status", (32, 4, False), id="on from an anonymous struct"),
        pytest.param("mm_struct", "last", (56, 4, True), id="after an anonymous struct"),
        pytest.param("kuid_t", "val", (0, 4, False), id="of a typedef of an anonymous struct"),
        pytest.param("sigval", "sival_ptr", (0, 8, False), id="of a union"),
    ],
)
def test_field(type_name: str, path: str, expected: tuple[int, int, bool], order: Order) -> None:
    field = _kernel(order).field(type_name, path)

    assert (field.offset, field.size, field.signed) == expected
    assert (field.bit_offset, field.bit_size) == (0, None)


def test_a_field_knows_its_type() -> None:
    btf = _kernel()

    assert btf.spell(btf.field("task_struct", "mm").type) == "struct mm_struct *"


@pytest.mark.parametrize(
    ("type_name", "path", "expected"),
    [
        pytest.param(
            "task_strct",
            "mm",
            ("task_strct", "vmlinux, struct/union/typedef", ("task_struct", "mm_struct")),
            id="a struct",
        ),
        pytest.param(
            "mm_struct",
            "arg_strt",
            ("arg_strt", "struct mm_struct", ("arg_start",)),
            id="a member in an anonymous struct",
        ),
        pytest.param(
            "task_struct",
            "thread_info.stat",
            ("stat", "volatile ti_t", ("status",)),
            id="a member further in",
        ),
        pytest.param(
            "task_struct", "state", ("state", "struct task_struct", ("__state",)), id="a member renamed"
        ),
        pytest.param(
            "task_struct", "mm.arg_start", ("arg_start", "struct mm_struct *", ()), id="behind a pointer"
        ),
        pytest.param("task_struct", "comm.x", ("x", "char [16]", ()), id="in an array"),
        pytest.param("task_struct", "", ("", "struct task_struct", ()), id="no member at all"),
        pytest.param("mm_struct", "inner..status", ("", "struct thread_info", ()), id="a dot too many"),
        pytest.param(
            "hidden", "x", ("hidden", "vmlinux, struct/union/typedef", ()), id="a struct declared only"
        ),
        pytest.param("zzz", "x", ("zzz", "vmlinux, struct/union/typedef", ()), id="nothing like it"),
    ],
)
def test_no_such_field(type_name: str, path: str, expected: tuple[str, str, tuple[str, ...]]) -> None:
    with pytest.raises(NotFound) as caught:
        _kernel().field(type_name, path)

    assert (caught.value.name, caught.value.looked_in, caught.value.similar) == expected


@ORDERS
@pytest.mark.parametrize(
    ("name", "scalar"),
    [
        pytest.param("umode_t", (2, False), id="through two typedefs"),
        pytest.param("int", (4, True), id="an int by its own name"),
        pytest.param("state_t", (4, True), id="a typedef of an enum"),
        pytest.param("wide", (8, False), id="an enum by its own name"),
        pytest.param("handler_t", (8, False), id="an address"),
    ],
)
def test_scalar(name: str, scalar: tuple[int, bool], order: Order) -> None:
    assert _kernel(order).scalar(name) == scalar


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        pytest.param("umod_t", ("umode_t",), id="a typedef misspelt"),
        pytest.param("kuid_t", (), id="a typedef of a struct"),
        pytest.param("task_struct", (), id="a struct"),
    ],
)
def test_no_such_scalar(name: str, similar: tuple[str, ...]) -> None:
    with pytest.raises(NotFound) as caught:
        _kernel().scalar(name)

    assert caught.value.similar[:1] == similar


def test_enumerators() -> None:
    btf = _kernel()

    assert btf.enumerators("state") == btf.enumerators("state_t") == {"DEAD": -1, "RUNNING": 0}
    assert btf.enumerators("wide") == {"BIG": 1 << 40}
    with pytest.raises(NotFound, match="did you mean state"):
        btf.enumerators("stat")
    with pytest.raises(NotFound):
        btf.enumerators("kuid_t")


def test_function() -> None:
    btf = _kernel()
    proto = btf.function("vfs_read")

    assert [param.name for param in proto.params] == ["mm", ""]
    assert btf.spell(proto.result) == "int"
    with pytest.raises(NotFound, match="did you mean vfs_read"):
        btf.function("vfs_raed")


def test_a_function_without_a_prototype() -> None:
    w = BtfWriter()
    w.func("f", w.integer("int", 4))

    with pytest.raises(FormatError, match="a function with a prototype"):
        Btf(w.build()).function("f")


@pytest.mark.parametrize(
    ("long", "long_size", "asked", "size"),
    [
        pytest.param("long unsigned int", 4, None, 4, id="as gcc names long"),
        pytest.param("unsigned long", 4, None, 4, id="as clang names it"),
        pytest.param("int", 4, None, 8, id="8 where there is no long, as in BPF"),
        pytest.param("long int", 2, None, 8, id="8 where long has a size no address has"),
        pytest.param("long int", 4, 8, 8, id="what the caller says goes before"),
    ],
)
def test_pointer_size(long: str, long_size: int, asked: int | None, size: int) -> None:
    w = BtfWriter()
    w.integer(long, long_size)
    w.struct("s", 16, [("a", w.array(w.pointer(0), 2), 0)])
    btf = Btf(w.build(), pointer_size=asked)

    assert btf.pointer_size == size
    assert btf.field("s", "a").size == 2 * size


@pytest.mark.parametrize(
    ("write", "size"),
    [
        pytest.param(lambda _: 0, None, id="void has no size"),
        pytest.param(lambda w: w.forward("f"), None, id="nor has what is only declared"),
        pytest.param(lambda w: w.array(w.forward("f"), 2), None, id="nor two of those"),
        pytest.param(lambda w: w.func("f", w.proto(0, [])), None, id="nor has a function"),
        pytest.param(lambda w: w.array(w.array(w.integer("i", 4), 3), 2), 24, id="two by three ints"),
        pytest.param(
            lambda w: w.const(w.typedef("t", w.enum64("e", {}))), 8, id="a const typedef of an enum"
        ),
        pytest.param(lambda w: w.var("v", w.floating("double", 8)), 8, id="a variable has that of its type"),
        pytest.param(lambda w: w.datasec(".bss", 100, []), 100, id="a section has its own"),
    ],
)
def test_size_of(write: Callable[[BtfWriter], TypeId], size: int | None) -> None:
    writer = BtfWriter()
    id = write(writer)

    assert Btf(writer.build()).size_of(id) == size


# Bit fields


def _bits(order: Order, start: int, bits: int, container: int) -> Field:
    w = BtfWriter(order)
    w.struct("s", container, [("f", w.integer("int", 4, signed=True), start, bits)])
    return Btf(w.build()).field("s", "f")


@pytest.mark.parametrize(
    ("start", "bits", "container", "expected"),
    [
        pytest.param(0, 1, 4, (0, 1, 0, 7), id="one bit at the beginning"),
        pytest.param(7, 1, 4, (0, 1, 7, 0), id="the last bit of a byte"),
        pytest.param(9, 3, 4, (1, 1, 1, 4), id="within the second byte"),
        pytest.param(6, 4, 4, (0, 2, 6, 6), id="across two bytes: two are loaded"),
        pytest.param(14, 4, 4, (0, 4, 14, 14), id="across the middle of a word: the word is loaded"),
        pytest.param(30, 4, 8, (0, 8, 30, 30), id="across two words: both are loaded"),
        pytest.param(40, 20, 8, (4, 4, 8, 4), id="in the second word"),
        pytest.param(0, 20, 3, (0, 3, 0, 4), id="in a struct of three bytes: no byte after it is touched"),
        pytest.param(60, 8, 16, (7, 2, 4, 4), id="packed across eight bytes"),
        pytest.param(7, 64, 16, (0, 9, 7, 1), id="packed over nine bytes"),
    ],
)
def test_bit_field(start: int, bits: int, container: int, expected: tuple[int, int, int, int]) -> None:
    little, big = _bits("little", start, bits, container), _bits("big", start, bits, container)

    assert (little.offset, little.size, little.bit_offset, big.bit_offset) == expected
    assert (big.offset, big.size) == (little.offset, little.size)
    assert (little.bit_size, big.bit_size, little.signed) == (bits, bits, True)


def test_a_bit_field_in_an_anonymous_struct_within_another() -> None:
    w = BtfWriter()
    u32 = w.integer("unsigned int", 4)
    inner = w.struct("", 4, [("a", u32, 0, 3), ("b", u32, 10, 4)])
    outer = w.struct("outer", 12, [("x", u32, 0), ("", inner, 64)])
    w.struct("s", 16, [("x", u32, 0), ("outer", outer, 32)])

    assert Btf(w.build()).field("s", "outer.b") == Field(13, 1, False, u32, 2, 4)


@pytest.mark.parametrize(
    ("order", "below"), [pytest.param("little", 7, id="little"), pytest.param("big", 6, id="big")]
)
def test_a_bit_field_from_before_kind_flag(order: Order, below: int) -> None:
    w = BtfWriter(order)
    three = w.integer("unsigned int", 4, bits=3, offset_bits=1)
    w.struct("s", 4, [("f", w.typedef("three_t", three), 6)])

    assert Btf(w.build()).field("s", "f") == Field(0, 2, False, TypeId(2), below, 3)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param([("f", 1, 4)], "a whole byte for member f to begin at", id="an int at half a byte"),
        pytest.param([("f", 3, 0)], "a type with a size, for member f", id="a struct that is only declared"),
        pytest.param([("f", 0, 0)], "a type with a size, for member f", id="a member of type void"),
        pytest.param([("f", 99, 0)], "a type id from 1 to", id="a type that is not there"),
        pytest.param([("", 2, 4, 0)], "a whole byte for member i to begin at", id="a struct at half a byte"),
    ],
)
def test_members_that_cannot_be(members: list[tuple[str, int, int]], expected: str) -> None:
    w = BtfWriter()
    w.integer("int", 4)
    w.struct("inner", 4, [("i", 1, 0)])
    w.forward("later")
    w.struct("s", 8, members)

    with pytest.raises(FormatError, match=expected):
        Btf(w.build()).field("s", "i" if members[0][0] == "" else "f")


# Cycles and depths


def test_chains_that_never_end() -> None:
    w = BtfWriter()
    typedef = w.typedef("loop", w.next_id + 1)
    w.const(typedef)
    const = w.const(w.next_id)
    array = w.array(w.next_id, 2)
    pointer = w.pointer(w.next_id)
    btf = Btf(w.build())

    for ask, id in (
        (btf.strip, typedef),
        (btf.strip, const),
        (btf.size_of, const),
        (btf.size_of, array),
        (btf.spell, const),
        (btf.spell, array),
        (btf.spell, pointer),
    ):
        with pytest.raises(FormatError, match="at most"):
            ask(id)
    assert (btf.spell(typedef), btf.size_of(pointer)) == ("loop", 8)
    with pytest.raises(FormatError, match="at most"):
        btf.field("loop", "x")
    with pytest.raises(FormatError, match="at most"):
        btf.scalar("loop")


def test_a_struct_that_holds_itself() -> None:
    w = BtfWriter()
    int_id = w.integer("int", 4)
    w.struct("s", 8, [("", w.next_id, 0), ("again", w.next_id, 0), ("x", int_id, 32)])
    btf = Btf(w.build())

    assert btf.field("s", "x").offset == 4
    assert btf.field("s", ".".join(["again"] * 2000 + ["x"])).offset == 4
    with pytest.raises(NotFound):
        btf.field("s", "y")


def test_structs_that_hold_the_one_before_them_twice() -> None:
    w = BtfWriter()
    last = w.integer("int", 4)
    for _ in range(2000):
        last = w.struct("", 4, [("", last, 0), ("", last, 0)])
    w.typedef("deep", last)

    with pytest.raises(NotFound):
        Btf(w.build()).field("deep", "x")


def test_functions_that_take_the_one_before_them_twice() -> None:
    w = BtfWriter()
    last = w.proto(0, [])
    for _ in range(30):
        pointer = w.pointer(last)
        last = w.proto(0, [("", pointer), ("", pointer)])

    with pytest.raises(FormatError, match="at most 1024 types"):
        Btf(w.build()).spell(last)


def test_a_million_strings_that_are_one() -> None:
    w = BtfWriter()
    w.strings += b"x" * 100_000 + b"\0"
    w.words += [word for at in range(1, 100_000) for word in (at, Kind.TYPEDEF << 24, 0)]
    btf = Btf(w.build())
    found = [n for n in range(1, 600) if btf.has(Kind.TYPEDEF, "x" * n)]

    assert found == list(range(2, 512))


# Oracles


def as_bpftool(btf: Btf, id: TypeId) -> dict[str, Any]:
    """A type in the words of `bpftool btf dump … format raw -j`."""
    type = btf.type(id)
    said: dict[str, Any] = {
        "id": id,
        "kind": Kind(btf.layer(id).kind(id)).name,
        "name": getattr(type, "name", "") or getattr(type, "tag", "") or "(anon)",
    }
    linkage = ("static", "global", "extern")
    match type:
        case t.Int():
            # One bit at most is named: a signed char is SIGNED, for bpftool.
            encodings = {"SIGNED": type.signed, "CHAR": type.char, "BOOL": type.boolean}
            encoding = next((name for name, has in encodings.items() if has), "(none)")
            said |= {"size": type.size, "bits_offset": type.offset_bits, "nr_bits": type.bits}
            said |= {"encoding": encoding}
        case t.Float():
            said |= {"size": type.size}
        case t.Pointer() | t.Typedef() | t.Qualified() | t.TypeTag():
            said |= {"type_id": type.target}
        case t.Array():
            said |= {"type_id": type.element, "index_type_id": type.index, "nr_elems": type.count}
        case t.Struct():
            said |= {"size": type.size, "vlen": len(type.members)}
            said["members"] = [
                {"name": member.name or "(anon)", "type_id": member.type, "bits_offset": member.offset_bits}
                | ({"bitfield_size": member.bits} if member.bits else {})
                for member in type.members
            ]
        case t.Enum():
            said |= {"encoding": "SIGNED" if type.signed else "UNSIGNED", "size": type.size}
            said |= {"vlen": len(type.values)}
            said["values"] = [{"name": name, "val": value} for name, value in type.values]
        case t.Forward():
            said |= {"fwd_kind": type.keyword}
        case t.Func():
            said |= {"type_id": type.proto, "linkage": linkage[type.linkage]}
        case t.FuncProto():
            params = [*type.params, *([t.Param("", t.VOID_ID)] if type.variadic else [])]
            said |= {"ret_type_id": type.result, "vlen": len(params)}
            said["params"] = [{"name": param.name or "(anon)", "type_id": param.type} for param in params]
        case t.Var():
            said |= {"type_id": type.type, "linkage": linkage[type.linkage]}
        case t.DataSec():
            said |= {"size": type.size, "vlen": len(type.vars)}
            said["vars"] = [{"type_id": v.var, "offset": v.offset, "size": v.size} for v in type.vars]
        case t.DeclTag():
            component = -1 if type.component is None else type.component
            said |= {"type_id": type.target, "component_idx": component}
        case t.Void():
            pass
    return said


needs_vmlinux = pytest.mark.skipif(
    not os.access(VMLINUX, os.R_OK), reason="This kernel offers no readable BTF of itself."
)
needs_bpftool = pytest.mark.skipif(
    not shutil.which("bpftool"), reason="There is no bpftool here to compare with."
)


@pytest.fixture(scope="module")
def vmlinux() -> Btf:
    with open(VMLINUX, "rb") as file:
        return Btf(file.read(), source=VMLINUX)


@pytest.fixture(scope="module")
def bpftool() -> list[dict[str, Any]]:
    command = ["bpftool", "btf", "dump", "file", VMLINUX, "format", "raw", "-j"]
    types: list[dict[str, Any]] = json.loads(subprocess.check_output(command))["types"]
    return types


@needs_vmlinux
@needs_bpftool
def test_bpftool_reads_every_type_of_this_kernel_as_we_do(
    vmlinux: Btf, bpftool: list[dict[str, Any]]
) -> None:
    assert len(vmlinux) == len(bpftool) + 1  # void has an id and no record

    for theirs in bpftool:
        if theirs["kind"] == "ENUM" and theirs["encoding"] == "UNSIGNED":
            # bpftool 7.1 extends the sign of unsigned values, in JSON only.
            for value in theirs["values"]:
                value["val"] &= 0xFFFFFFFF
        assert as_bpftool(vmlinux, TypeId(theirs["id"])) == theirs


@needs_vmlinux
@needs_bpftool
@pytest.mark.parametrize("name", ["task_struct", "mm_struct", "kernel_siginfo", "pt_regs"])
def test_bpftool_finds_each_member_where_we_do(
    vmlinux: Btf, bpftool: list[dict[str, Any]], name: str
) -> None:
    (record,) = (each for each in bpftool if each["kind"] == "STRUCT" and each["name"] == name)
    seen = 0
    queue = [(record, "", 0)]
    while queue:
        struct, path, before = queue.pop()
        for member in struct["members"]:
            at = before + member["bits_offset"]
            inner = bpftool[member["type_id"] - 1]
            here = path if member["name"] == "(anon)" else f"{path}{member['name']}"
            if here != path:
                field = vmlinux.field(name, here)
                assert 8 * field.offset + field.bit_offset == at, here
                assert field.bit_size == member.get("bitfield_size"), here
                assert field.type == member["type_id"], here
                seen += 1
                here += "."
            if inner["kind"] in {"STRUCT", "UNION"}:
                queue.append((inner, here, at))
    assert seen >= len(record["members"])


@needs_vmlinux
def test_this_kernel_has_what_a_tracer_asks_for(vmlinux: Btf) -> None:
    assert vmlinux.field("task_struct", "comm").size == 16
    assert vmlinux.field("task_struct", "pid") == vmlinux.field("task_struct", "pid")
    assert vmlinux.field("mm_struct", "arg_start").size == vmlinux.pointer_size
    assert vmlinux.scalar("umode_t") == (2, False)
    assert vmlinux.enumerators("pid_type")["PIDTYPE_TGID"] == 1
    assert [param.name for param in vmlinux.function("vfs_read").params] == ["file", "buf", "count", "pos"]
    with pytest.raises(NotFound, match="did you mean vfs_read"):
        vmlinux.function("vfs_raed")


BIT_FIELDS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
PROGRAM = r"""
#include <stdio.h>
#include <string.h>
struct plain { int a:3; unsigned b:7; int c:25; long long d:40; unsigned long long e:20; char x; short f:9;
               _Bool g:1; unsigned char h:8; unsigned i:32; int j:1; };
struct __attribute__((packed)) tight { int a:3; unsigned b:7; int c:25; long long d:40;
               unsigned long long e:61; char x; short f:9; _Bool g:1; unsigned char h:7;
               unsigned i:31; int j:5; };
union some { int a:3; unsigned b:7; int c:25; long long d:40; unsigned long long e:20;
             short f:9; _Bool g:1; unsigned char h:8; unsigned i:32; int j:1; };
struct plain plain; struct tight tight; union some some;
#define SHOW(s, m) memset(&s, 0, sizeof s); s.m = -1; printf(#s " " #m " "); \
    for (unsigned n = 0; n < sizeof s; n++) printf("%02x", ((unsigned char *)&s)[n]); puts("");
#define ALL(s) SHOW(s, a) SHOW(s, b) SHOW(s, c) SHOW(s, d) SHOW(s, e) \
    SHOW(s, f) SHOW(s, g) SHOW(s, h) SHOW(s, i) SHOW(s, j)
int main(void) { ALL(plain) ALL(tight) ALL(some) return 0; }
"""


def _gcc_writes_btf() -> bool:
    if not shutil.which("gcc") or not shutil.which("objcopy"):
        return False
    probe = ["gcc", "-gbtf", "-x", "c", "-fsyntax-only", os.devnull]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _gcc_writes_btf(), reason="There is no gcc here that writes BTF.")
def test_gcc_puts_every_bit_of_a_bit_field_where_we_look(tmp_path: Path) -> None:
    source, program, section = tmp_path / "bits.c", tmp_path / "bits", tmp_path / "bits.btf"
    source.write_text(PROGRAM)
    subprocess.run(["gcc", "-gbtf", "-w", source, "-o", program], check=True)
    subprocess.run(["objcopy", "--dump-section", f".BTF={section}", program], check=True)
    btf = Btf(section.read_bytes())
    lines = subprocess.check_output([program], text=True).splitlines()

    assert len(lines) == 3 * len(BIT_FIELDS)
    for line in lines:
        name, member, text = line.split()
        field, memory = btf.field(name, member), bytes.fromhex(text)
        assert field.bit_size is not None
        assert field.offset + field.size <= len(memory)
        # All bits of the member are set and no other: so they are exactly those we would keep.
        mask = ((1 << field.bit_size) - 1) << field.bit_offset + 8 * field.offset
        assert int.from_bytes(memory, "little") == mask, line


def test_a_name_of_no_letters_is_not_there() -> None:
    """Though a structure has one, by an offset of its own: nothing is similar to it."""
    w = BtfWriter()
    at = w.name("a")
    w.record(Kind.STRUCT, at + 1, 4)

    with pytest.raises(NotFound):
        Btf(w.build()).field("", "x")
