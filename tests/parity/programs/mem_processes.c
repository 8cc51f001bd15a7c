/* process_vm_readv, process_vm_writev, process_madvise, process_mrelease: vectors here and there. */
#include "parity.h"
int main(void)
{
	char from[] = "a remote process", here[32] = "";
	struct iovec local[2] = {{here, 4}, {here + 8, 8}}, remote[2] = {{from, 6}, {from + 9, 6}};
	call(process_vm_readv, getpid(), local, 2ul, remote, 2ul, 0ul);
	call(process_vm_writev, getpid(), local, 1ul, remote, 2ul, 0ul);
	call(process_vm_readv, getpid(), local, 2ul, remote, 2ul, 1ul);
	call(process_vm_readv, -1, local, 2ul, remote, 2ul, 0ul);
	remote[0].iov_base = BAD;
	call(process_vm_readv, getpid(), local, 1ul, remote, 1ul, 0ul);
	call(process_vm_writev, getpid(), BAD, 1ul, NULL, 1ul, 0ul);
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec pages[2] = {{page, 4096}, {page + 4096, 4096}};
	long fd = call(pidfd_open, getpid(), 0);
	call(process_madvise, fd, pages, 2ul, MADV_COLD, 0);
	call(process_madvise, fd, pages, 2ul, MADV_PAGEOUT, 0);
	call(process_madvise, -1, pages, 1ul, MADV_WILLNEED, 7);
	call(process_mrelease, fd, 0);
	call(process_mrelease, -1, 1);
}
