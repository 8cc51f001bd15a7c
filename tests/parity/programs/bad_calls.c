/* Numbers that no call has, and calls that this kernel does not carry out. */
#include "parity.h"
int main(void)
{
	syscall(600, 1, 2, 3, 4, 5, 6);
	syscall(0xfffffff, 0, 0, 0, 0, 0, 0);
	syscall(-1l, 1, 2, 3, 4, 5, 6);
	call(create_module, "name", 5ul);
	call(nfsservctl, 1, BAD, BAD);
	call(getpmsg, 1, 2, 3, 4, 5);
	call(afs_syscall, 1, 2, 3, 4, 5);
	call(tuxcall, 1, 2, 3);
	call(security, 1, 2, 3);
	call(vserver, 1, 2, 3, 4, 5);
	call(uselib, "absent");
	call(_sysctl, NULL);
	call(epoll_ctl_old, 1, 2, 3, 4);
	call(epoll_wait_old, 1, 2, 3, 4);
	call(putpmsg, 1, 2, 3, 4, 5);
	call(get_kernel_syms, NULL);
	call(query_module, NULL, 0, NULL, 0ul, NULL);
	call(lookup_dcookie, 1l, NULL, 0ul);
	call(remap_file_pages, BAD, 4096ul, 0, 1ul, 0);
}
