/* Memory: anonymous files by name, mappings, and the many words that say what to do with them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    char name[260];

    int fd = memfd_create("argtrace oracle", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    memfd_create("", 0);
    memfd_create("bytes \xff\n", MFD_CLOEXEC);
    memfd_create(NULL, 0);
    memfd_create("flags", 0x7fffffff);
    memset(name, 'm', sizeof name);
    name[249] = 0;
    memfd_create(name, 0);                 /* 249 bytes: the longest */
    name[249] = 'm';
    name[250] = 0;
    memfd_create(name, 0);
    ftruncate(fd, 1 << 20);
    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192);
    char *shared = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    shared[5000] = 1;
    msync(shared, 1 << 20, MS_SYNC);
    mincore(shared, 4096, (unsigned char *)name);
    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
    ftruncate(fd, 0);
    char *map = mmap(NULL, 1 << 16, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(map, 8192, PROT_READ | PROT_WRITE);
    madvise(map, 8192, MADV_DONTNEED);
    madvise(map, 8192, 9999);
    mlock(map, 4096);
    mlock2(map, 4096, MLOCK_ONFAULT);
    munlock(map, 4096);
    map = mremap(map, 8192, 16384, MREMAP_MAYMOVE);
    mremap(map, 8192, 4096, MREMAP_FIXED | MREMAP_MAYMOVE, 1L);
    mmap((void *)0x10000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 1L << 40);
    syscall(SYS_mmap, 0L, 4096L, 1L, 2L, 99L, 0L);
    munmap((void *)1, 4096);
    munmap(map, 16384);
    syscall(SYS_brk, 0L);
    syscall(SYS_brk, 1L);
    sbrk(65536);
    shmdt(map);
    shmget(IPC_PRIVATE, 0, 0600);
    syscall(SYS_shmat, 0x7fffffffL, 0L, 0L);
    syscall(SYS_remap_file_pages, 1L, 2L, 3L, 4L, 5L);
    return 0;
}
