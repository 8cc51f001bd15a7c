/* ioctl: a virtual machine that never runs; VFIO by its structures. */
#include "parity.h"
#include <linux/kvm.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
int main(void)
{
	long kvm = call(openat, AT_FDCWD, "/dev/kvm", O_RDWR | O_CLOEXEC);
	call(ioctl, kvm, KVM_GET_API_VERSION, 0);
	call(ioctl, kvm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY);
	call(ioctl, kvm, KVM_CHECK_EXTENSION, 9999);
	call(ioctl, kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct { struct kvm_msr_list list; __u32 indices[512]; } list = {{512}};
	call(ioctl, kvm, KVM_GET_MSR_INDEX_LIST, &list);
	struct { struct kvm_cpuid2 cpuid; struct kvm_cpuid_entry2 entries[100]; } cpuid = {{100}};
	call(ioctl, kvm, KVM_GET_SUPPORTED_CPUID, &cpuid);
	long vm = call(ioctl, kvm, KVM_CREATE_VM, 0);
	void *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	call(ioctl, vm, KVM_SET_USER_MEMORY_REGION,
	     &(struct kvm_userspace_memory_region){0, KVM_MEM_LOG_DIRTY_PAGES, 0x1000, 8192, (long)memory});
	struct kvm_clock_data clock;
	call(ioctl, vm, KVM_GET_CLOCK, &clock);
	call(ioctl, vm, KVM_ENABLE_CAP, &(struct kvm_enable_cap){.cap = KVM_CAP_NR_VCPUS, .args = {1}});
	call(ioctl, vm, KVM_IRQFD, &(struct kvm_irqfd){.fd = 1, .gsi = 2, .flags = KVM_IRQFD_FLAG_RESAMPLE});
	call(ioctl, vm, KVM_IOEVENTFD, &(struct kvm_ioeventfd){1, 0x3000, 4, 1, KVM_IOEVENTFD_FLAG_PIO});
	struct kvm_create_device device = {KVM_DEV_TYPE_VFIO, 0, KVM_CREATE_DEVICE_TEST};
	call(ioctl, vm, KVM_CREATE_DEVICE, &device);
	long cpu = call(ioctl, vm, KVM_CREATE_VCPU, 0);
	struct kvm_regs regs;
	call(ioctl, cpu, KVM_GET_REGS, &regs);
	regs.rip = 0x1234;
	call(ioctl, cpu, KVM_SET_REGS, &regs);
	struct kvm_sregs sregs;
	call(ioctl, cpu, KVM_GET_SREGS, &sregs);
	struct kvm_mp_state state;
	call(ioctl, cpu, KVM_GET_MP_STATE, &state);
	struct { struct kvm_msrs msrs; struct kvm_msr_entry entries[2]; } msrs = {{2}, {{0x10}, {0x174}}};
	call(ioctl, cpu, KVM_GET_MSRS, &msrs);
	call(ioctl, cpu, KVM_SET_MSRS, &msrs);
	cpuid.cpuid.nent = 1;
	call(ioctl, cpu, KVM_SET_CPUID2, &cpuid);
	struct { struct kvm_signal_mask mask; __u64 set; } __attribute__((packed)) signals = {{8}, 1 << (SIGUSR1 - 1)};
	call(ioctl, cpu, KVM_SET_SIGNAL_MASK, at_end(&signals, 12));
	call(ioctl, -1, KVM_GET_ONE_REG, &(struct kvm_one_reg){0x2030, 0x1000});
	call(ioctl, -1, VFIO_GET_API_VERSION);
	call(ioctl, -1, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU);
	call(ioctl, -1, VFIO_GROUP_GET_STATUS, &(struct vfio_group_status){8, 0});
	call(ioctl, -1, VFIO_GROUP_GET_DEVICE_FD, "0000:06:0d.0");
	call(ioctl, -1, VFIO_DEVICE_GET_INFO, &(struct vfio_device_info){24});
	call(ioctl, -1, VFIO_DEVICE_GET_REGION_INFO, &(struct vfio_region_info){32, 0, 3});
	call(ioctl, -1, VFIO_IOMMU_MAP_DMA,
	     &(struct vfio_iommu_type1_dma_map){32, VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE, 0x5000, 0x6000, 4096});
}
