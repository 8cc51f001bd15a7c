"""Virtual machines: KVM, and the devices and memory that VFIO, IOMMUFD and vhost hand to them.

Source: Documentation/virt/kvm/api.rst, Documentation/driver-api/vfio.rst; include/uapi/linux/{kvm,
vfio,iommufd,vhost}.h; virt/kvm/kvm_main.c, arch/x86/kvm/x86.c.

VFIO's commands, and IOMMUFD's, have nothing in their bits: the structure begins with its size.
"""

from __future__ import annotations

from typing import Any

from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
    INT,
    UNUSED,
    Array,
    At,
    Before,
    Cell,
    Content,
    In,
    InOut,
    Meaning,
    Raw,
    Scaled,
    String,
    enum,
    flags,
    struct,
)

_REGISTERS: dict[str, Any] = dict.fromkeys(
    (
        *("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp"),
        *(f"r{number}" for number in range(8, 16)),
        *("rip", "rflags"),
    ),
    HEX,
)
_CONTROL: dict[str, Any] = dict.fromkeys(("cr0", "cr2", "cr3", "cr4", "cr8", "efer", "apic_base"), HEX)
_SEGMENT = struct("kvm_segment", base=HEX, limit=HEX, selector=HEX)
_SEGMENTS: dict[str, Any] = dict.fromkeys(("cs", "ds", "es", "fs", "gs", "ss", "tr", "ldt"), _SEGMENT)
_TABLE = struct("kvm_dtable", base=HEX, limit=HEX)
_REGION: dict[str, Any] = {
    "flags": flags("kvm_memory_flags"),
    "guest_phys_addr": HEX,
    "memory_size": HEX,
    "userspace_addr": ADDRESS,
}

# Entries of 40 bytes after a header of 8, as many as there is room for.
_LEAVES = InOut(
    struct("kvm_cpuid2", only_=("nent",)),
    after=Raw("kvm_cpuid", Scaled(Scaled(Before(At("arg.nent")), by=5), add=1, by=8), limit=4096),
)
# The first 128.
_MSRS = Raw("kvm_msrs", 2056, limit=2056)
_MSR_LIST = InOut(
    struct("kvm_msr_list", only_=("nmsrs",)),
    after=Raw("kvm_msr_list", Scaled(Before(At("arg.nmsrs")), add=1, by=4), limit=4096),
)

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    "KVM_CHECK_EXTENSION": enum("kvm_capability"),
    ("KVM_CREATE_VM", "KVM_CREATE_VCPU"): INT,
    "KVM_SET_TSS_ADDR": HEX,
    ("KVM_SET_TSC_KHZ", "KVM_SET_BOOT_CPU_ID", "KVM_SET_NR_MMU_PAGES"): INT,
    (
        "KVM_GET_API_VERSION",
        "KVM_GET_VCPU_MMAP_SIZE",
        "KVM_RUN",
        "KVM_CREATE_IRQCHIP",
        "KVM_CREATE_PIT",
        "KVM_GET_TSC_KHZ",
        "KVM_NMI",
        "KVM_SMI",
        "KVM_KVMCLOCK_CTRL",
        "KVM_GET_STATS_FD",
        "KVM_GET_NR_MMU_PAGES",
        "KVM_RESET_DIRTY_RINGS",
    ): UNUSED,
    ("KVM_GET_SUPPORTED_CPUID", "KVM_GET_EMULATED_CPUID", "KVM_GET_CPUID2"): _LEAVES,
    "KVM_SET_CPUID2": In(Raw("kvm_cpuid", 4096, limit=4096)),
    "KVM_GET_MSRS": InOut(_MSRS),
    "KVM_SET_MSRS": In(_MSRS),
    ("KVM_GET_MSR_INDEX_LIST", "KVM_GET_MSR_FEATURE_INDEX_LIST"): _MSR_LIST,
    "KVM_GET_REG_LIST": InOut(
        struct("kvm_reg_list", only_=("n",)),
        after=Raw("kvm_registers", Scaled(Before(At("arg.n")), add=1, by=8), limit=4096),
    ),
    "KVM_SET_SIGNAL_MASK": In(Raw("kvm_signals", 12)),
    # VFIO.
    ("VFIO_GET_API_VERSION", "VFIO_DEVICE_RESET", "VFIO_GROUP_UNSET_CONTAINER"): UNUSED,
    ("VFIO_IOMMU_ENABLE", "VFIO_IOMMU_DISABLE"): UNUSED,
    ("VFIO_CHECK_EXTENSION", "VFIO_SET_IOMMU"): enum("vfio_extension"),
    "VFIO_GROUP_GET_DEVICE_FD": In(String()),
    "VFIO_GROUP_SET_CONTAINER": In(Cell("int", FD)),
    "VFIO_GROUP_GET_STATUS": InOut(struct("vfio_group_status", flags=flags("vfio_group_flags"))),
    "VFIO_DEVICE_GET_INFO": InOut(struct("vfio_device_info", flags=flags("vfio_device_flags"))),
    "VFIO_DEVICE_GET_REGION_INFO": InOut(
        struct("vfio_region_info", flags=flags("vfio_region_flags"), size=HEX, offset=HEX)
    ),
    "VFIO_DEVICE_GET_IRQ_INFO": InOut(struct("vfio_irq_info", flags=flags("vfio_irq_flags"))),
    "VFIO_DEVICE_SET_IRQS": In(
        struct(
            "vfio_irq_set",
            flags=flags("vfio_irq_set_flags"),
            only_=("argsz", "flags", "index", "start", "count"),
        )
    ),
    "VFIO_IOMMU_GET_INFO": InOut(
        struct("vfio_iommu_type1_info", flags=flags("vfio_iommu_flags"), iova_pgsizes=HEX)
    ),
    "VFIO_IOMMU_MAP_DMA": In(
        struct("vfio_iommu_type1_dma_map", flags=flags("vfio_map_flags"), vaddr=ADDRESS, iova=HEX, size=HEX)
    ),
    "VFIO_IOMMU_UNMAP_DMA": InOut(
        struct(
            "vfio_iommu_type1_dma_unmap",
            flags=flags("vfio_unmap_flags"),
            iova=HEX,
            size=HEX,
            only_=("argsz", "flags", "iova", "size"),
        )
    ),
    "VFIO_DEVICE_BIND_IOMMUFD": InOut(
        struct("vfio_device_bind_iommufd", flags=HEX, iommufd=FD, token_uuid_ptr=ADDRESS)
    ),
    # IOMMUFD.
    "IOMMU_DESTROY": In(struct("iommu_destroy")),
    "IOMMU_IOAS_ALLOC": InOut(struct("iommu_ioas_alloc", flags=HEX)),
    "IOMMU_IOAS_MAP": InOut(
        struct("iommu_ioas_map", flags=flags("iommu_map_flags"), user_va=ADDRESS, length=HEX, iova=HEX)
    ),
    "IOMMU_IOAS_UNMAP": InOut(struct("iommu_ioas_unmap", iova=HEX, length=HEX)),
    ("VHOST_SET_OWNER", "VHOST_RESET_OWNER"): UNUSED,
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "KVM_SET_USER_MEMORY_REGION": struct("kvm_userspace_memory_region", **_REGION),
    "KVM_SET_USER_MEMORY_REGION2": struct("kvm_userspace_memory_region2", **_REGION, guest_memfd=FD),
    ("KVM_GET_REGS", "KVM_SET_REGS"): struct("kvm_regs", **_REGISTERS),
    ("KVM_GET_SREGS", "KVM_SET_SREGS"): struct(
        "kvm_sregs",
        **_CONTROL,
        **_SEGMENTS,
        gdt=_TABLE,
        idt=_TABLE,
        interrupt_bitmap=Array(Cell("u64", HEX), 4),
    ),
    "KVM_ENABLE_CAP": struct("kvm_enable_cap", cap=enum("kvm_capability")),
    "KVM_IOEVENTFD": struct("kvm_ioeventfd", addr=HEX, fd=FD, flags=flags("kvm_ioeventfd_flags")),
    "KVM_IRQFD": struct("kvm_irqfd", fd=FD, flags=flags("kvm_irqfd_flags")),
    ("KVM_GET_CLOCK", "KVM_SET_CLOCK"): struct("kvm_clock_data", flags=flags("kvm_clock_flags")),
    "KVM_CREATE_DEVICE": struct(
        "kvm_create_device", type=enum("kvm_device"), fd=FD, flags=flags("kvm_device_flags")
    ),
    ("KVM_SET_DEVICE_ATTR", "KVM_GET_DEVICE_ATTR", "KVM_HAS_DEVICE_ATTR"): struct(
        "kvm_device_attr", flags=HEX, addr=ADDRESS
    ),
    ("KVM_GET_MP_STATE", "KVM_SET_MP_STATE"): struct("kvm_mp_state", mp_state=enum("kvm_mp_state")),
    ("KVM_GET_ONE_REG", "KVM_SET_ONE_REG"): struct("kvm_one_reg", id=HEX, addr=ADDRESS),
    "KVM_SET_IDENTITY_MAP_ADDR": Cell("u64", HEX),
    ("VHOST_SET_VRING_KICK", "VHOST_SET_VRING_CALL", "VHOST_SET_VRING_ERR", "VHOST_NET_SET_BACKEND"): struct(
        "vhost_vring_file", fd=FD
    ),
    ("VHOST_GET_FEATURES", "VHOST_SET_FEATURES"): Cell("u64", HEX),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {
    ("KVM_CREATE_VM", "KVM_CREATE_VCPU", "KVM_GET_STATS_FD", "KVM_CREATE_GUEST_MEMFD"): FD,
    "VFIO_GROUP_GET_DEVICE_FD": FD,
}
