/* Descriptors whose name changes or goes: renamed, removed, replaced, with odd names. */
#include "parity.h"
int main(void)
{
	char byte;
	long fd = call(openat, AT_FDCWD, "before", O_CREAT | O_RDWR, 0640);
	call(rename, "before", "after");
	call(write, fd, "a", 1ul);
	call(unlink, "after");
	call(write, fd, "b", 1ul);
	call(close, fd);
	fd = call(openat, AT_FDCWD, "/dev/null", O_RDWR);
	call(write, fd, "c", 1ul);
	long odd = call(openat, AT_FDCWD, "a <b>->c \"d\"\n", O_CREAT | O_RDWR, 0640);
	call(write, odd, "d", 1ul);
	call(dup2, fd, odd);
	call(write, odd, "e", 1ul);
	call(dup3, odd, 50, O_CLOEXEC);
	call(pread64, 50, &byte, 1ul, 0l);
	call(mkdir, "deep", 0755);
	long deep = call(openat, AT_FDCWD, "deep", O_RDONLY | O_DIRECTORY);
	call(openat, deep, "../deep/./x", O_CREAT | O_RDWR, 0600);
	call(fchdir, deep);
	call(openat, AT_FDCWD, "y", O_CREAT | O_RDWR, 0600);
	call(rmdir, "../deep");
	call(fchmod, deep, 0700);
	long memory = call(memfd_create, "(deleted)", 0);
	call(ftruncate, memory, 10l);
}
