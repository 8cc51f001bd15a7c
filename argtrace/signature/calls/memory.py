"""A process's address space: mapping, protecting and locking it, and which memory it gets.

Source: man pages of section 2; mm/mmap.c, mm/mprotect.c, mm/mremap.c, mm/madvise.c,
mm/mempolicy.c, mm/migrate.c; include/uapi/asm-generic/mman-common.h, linux/mempolicy.h.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    ADDRESS,
    ERRNO,
    FD,
    HEX,
    INT,
    PID,
    SIZE,
    Array,
    Cell,
    Choice,
    Declaration,
    In,
    Out,
    Raw,
    Scaled,
    When,
    call,
    enum,
    flags,
    struct,
)

PROT = flags("mmap_prot")
MOVES = 2 | 4  # MREMAP_FIXED, MREMAP_DONTUNMAP: the new address is looked at

# `maxnode` is one more than the number of bits, and whole longs are copied.
NODES = Raw("nodes", Scaled("maxnode", add=62, shift=6, by=8), limit=128)

CALLS: dict[str, Declaration] = {
    "mmap": call(ADDRESS, addr=ADDRESS, len=SIZE, prot=PROT, flags=flags("mmap_flags"), fd=FD, off=HEX),
    "munmap": call(addr=ADDRESS, len=SIZE),
    "mremap": call(
        ADDRESS,
        addr=ADDRESS,
        old_len=SIZE,
        new_len=SIZE,
        flags=flags("mremap"),
        new_addr=When("flags", MOVES, ADDRESS),
    ),
    "remap_file_pages": call(start=ADDRESS, size=SIZE, prot=PROT, pgoff=SIZE, flags=flags("mmap_flags")),
    "brk": call(ADDRESS, brk=ADDRESS),
    "mprotect": call(start=ADDRESS, len=SIZE, prot=PROT),
    "pkey_mprotect": call(start=ADDRESS, len=SIZE, prot=PROT, pkey=INT),
    "pkey_alloc": call(INT, flags=HEX, init_val=flags("pkey_rights")),
    "pkey_free": call(pkey=INT),
    "mseal": call(start=ADDRESS, len=SIZE, flags=HEX),
    "map_shadow_stack": call(ADDRESS, addr=ADDRESS, size=SIZE, flags=flags("shadow_stack")),
    "memfd_secret": call(FD, flags=flags("memfd_secret")),
    "userfaultfd": call(FD, flags=flags("userfaultfd")),
    # Advice, and what is in memory.
    "madvise": call(start=ADDRESS, len_in=SIZE, behavior=enum("madvise")),
    "process_madvise": call(
        SIZE,
        pidfd=FD,
        vec=In(Array(struct("iovec", iov_base=ADDRESS), "vlen")),
        vlen=SIZE,
        behavior=enum("madvise"),
        flags=HEX,
    ),
    "process_mrelease": call(pidfd=FD, flags=HEX),
    "msync": call(start=ADDRESS, len=SIZE, flags=flags("msync")),
    # A byte a page: bit 0 tells whether it is there.
    "mincore": call(start=ADDRESS, len=SIZE, vec=Out(Array(Cell("u8"), Scaled("len", add=4095, shift=12)))),
    "mlock": call(start=ADDRESS, len=SIZE),
    "mlock2": call(start=ADDRESS, len=SIZE, flags=flags("mlock")),
    "munlock": call(start=ADDRESS, len=SIZE),
    "mlockall": call(flags=flags("mlockall")),
    "munlockall": call(),
    # Which node's memory.
    "mbind": call(
        start=ADDRESS,
        len=SIZE,
        mode=flags("mempolicy"),
        nmask=In(NODES),
        maxnode=SIZE,
        flags=flags("mbind"),
    ),
    "set_mempolicy": call(mode=flags("mempolicy"), nmask=In(NODES), maxnode=SIZE),
    "get_mempolicy": call(
        # With MPOL_F_NODE the answer is a node, not a policy.
        policy=Out(
            Cell("int", Choice("flags", "get_mempolicy", {"MPOL_F_NODE": INT}, flags("mempolicy"), mask=1))
        ),
        nmask=Out(NODES),
        maxnode=SIZE,
        addr=ADDRESS,
        flags=flags("get_mempolicy"),
    ),
    "set_mempolicy_home_node": call(start=ADDRESS, len=SIZE, home_node=SIZE, flags=HEX),
    "migrate_pages": call(INT, pid=PID, maxnode=SIZE, old_nodes=In(NODES), new_nodes=In(NODES)),
    "move_pages": call(
        INT,
        pid=PID,
        nr_pages=SIZE,
        pages=In(Array(Cell("u64", ADDRESS), "nr_pages")),
        nodes=In(Array(Cell("int"), "nr_pages")),
        status=Out(Array(Cell("int", ERRNO), "nr_pages")),
        flags=flags("mbind"),
    ),
}
