/* arch_prctl, modify_ldt, set_thread_area, get_thread_area, iopl, ioperm: what only x86 has. */
#include "parity.h"
#include <asm/ldt.h>
#include <asm/prctl.h>
int main(void)
{
	unsigned long base = 0, features = 0;
	struct user_desc desc = {.entry_number = -1, .base_addr = 0x1234, .limit = 0xfffff, .seg_32bit = 1, .useable = 1};
	char ldt[32];
	call(arch_prctl, ARCH_GET_FS, &base);
	call(arch_prctl, ARCH_SET_GS, 0x5000ul);
	call(arch_prctl, ARCH_GET_GS, &base);
	call(arch_prctl, ARCH_GET_CPUID, 0ul);
	call(arch_prctl, ARCH_SET_CPUID, 1ul);
	call(arch_prctl, ARCH_GET_XCOMP_SUPP, &features);
	call(arch_prctl, ARCH_REQ_XCOMP_PERM, 99ul);
	call(arch_prctl, 0x7777, 5ul);
	call(arch_prctl, ARCH_GET_FS, BAD);
	call(modify_ldt, 0, ldt, sizeof ldt);
	desc.entry_number = 0;
	call(modify_ldt, 1, &desc, sizeof desc);
	call(modify_ldt, 0, ldt, sizeof ldt);
	call(modify_ldt, 17, &desc, 3ul);
	call(set_thread_area, &desc);
	call(get_thread_area, &desc);
	call(iopl, 0);
	call(iopl, 9);
	call(ioperm, 0x80ul, 1ul, 0);
	call(ioperm, 70000ul, 8ul, 1);
	call(personality, 0xffffffff);
	call(personality, 0x0040000 /* ADDR_NO_RANDOMIZE */);
	call(personality, 0x8 | 0x0400000 /* PER_LINUX32, READ_IMPLIES_EXEC */);
	call(personality, 0);
}
