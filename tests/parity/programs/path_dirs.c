/* mkdir, rmdir, chdir, fchdir, getcwd, chroot: directories by name and by descriptor. */
#include "parity.h"
int main(void)
{
	char buffer[4096];
	call(mkdir, "d", 0755);
	call(mkdir, "d", 02770);
	call(chdir, "d");
	call(getcwd, buffer, sizeof buffer);
	call(getcwd, buffer, 2ul);
	call(getcwd, NULL, 100ul);
	call(mkdir, "\303\244 b\n\"c\"", 01777);
	long up = call(openat, AT_FDCWD, "..", O_RDONLY | O_DIRECTORY);
	call(fchdir, up);
	call(rmdir, "d");
	call(rmdir, "d/\303\244 b\n\"c\"");
	call(rmdir, "d");
	call(chdir, "absent");
	call(fchdir, 99);
	CHILD(call(chroot, "."); call(chdir, "/"); call(getcwd, buffer, sizeof buffer));
	call(chroot, "absent");
}
