/* kcmp: what two processes may share, and which number means what. */
#include "parity.h"
#include <linux/kcmp.h>
int main(void)
{
	int pid = getpid();
	long a = call(openat, AT_FDCWD, "/dev/null", O_RDONLY), b = call(dup, a);
	call(kcmp, pid, pid, KCMP_FILE, a, b);
	call(kcmp, pid, pid, KCMP_FILE, 77ul, b);
	call(kcmp, pid, pid, KCMP_VM, 0ul, 0ul);
	call(kcmp, pid, pid, KCMP_FILES, 0ul, 0ul);
	call(kcmp, pid, pid, KCMP_FS, 0ul, 0ul);
	call(kcmp, pid, pid, KCMP_SIGHAND, 0ul, 0ul);
	call(kcmp, pid, pid, KCMP_IO, 0ul, 0ul);
	call(kcmp, pid, pid, KCMP_SYSVSEM, 0ul, 0ul);
	struct kcmp_epoll_slot slot = {3, 4, 5};
	call(kcmp, pid, pid, KCMP_EPOLL_TFD, a, &slot);
	call(kcmp, pid, -1, 77, 1ul, 2ul);
}
