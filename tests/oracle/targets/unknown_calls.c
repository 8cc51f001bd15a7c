/* Numbers that are no system call, with words in every argument, beside some calls that were taken
   away, and known ones with words that are far too large. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    const long numbers[] = {340, 400, 511, 512, 547, 548, 600, 1000, 0xbad, 4096, 99999, 0x7fffffff, -1, -2};

    for (unsigned n = 0; n < sizeof numbers / sizeof *numbers; n++)
        syscall(numbers[n], 1L, -2L, 0x3333333333333333L, 0x8000000000000000L, "a string", n);
    syscall(0x123456789abcL, 1L, 2L, 3L, 4L, 5L, 6L);
    syscall(0x100000027L); /* the kernel looks at 32 bits of the number: getpid */
    syscall(SYS_uselib, "library", 2L, 3L, 4L, 5L, 6L);
    syscall(SYS__sysctl, 8L);
    syscall(SYS_create_module, "module", 4096L);
    syscall(SYS_get_kernel_syms, 8L);
    syscall(SYS_getpmsg, 1L, 2L, 3L, 4L, 5L);
    syscall(SYS_vserver, 1L);
    syscall(SYS_lookup_dcookie, 1L, 8L, 3L);
    syscall(SYS_nfsservctl, 1L, 8L, 9L);
    syscall(SYS_sysfs, 1L, "no such file system", 0L);
    syscall(SYS_ustat, -1L, 8L);
    syscall(SYS_read, -1L, -2L, -3L);
    syscall(SYS_close, 0x100000000L | 99);
    syscall(SYS_lseek, 99L, 0x7fffffffffffffffL, -1L);
    syscall(SYS_prctl, -1L, -2L, -3L, -4L, -5L);
    syscall(SYS_ioctl, -1L, 0xffffffffffffffffL, -1L);
    return 0;
}
