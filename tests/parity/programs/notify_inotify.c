/* inotify: watches by their masks, events with names that are read. */
#include "parity.h"
#include <sys/inotify.h>
int main(void)
{
	char buffer[1024];
	long fd = call(inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
	call(inotify_init);
	call(inotify_init1, 0x7);
	long wd = call(inotify_add_watch, fd, ".", IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE);
	call(close, call(openat, AT_FDCWD, "file", O_CREAT | O_WRONLY, 0600));
	call(mkdir, "directory", 0755);
	call(rename, "file", "another file");
	call(unlink, "another file");
	call(read, fd, buffer, sizeof buffer);
	call(read, fd, buffer, sizeof buffer);
	call(inotify_add_watch, fd, "directory", IN_ALL_EVENTS);
	call(inotify_add_watch, fd, "directory", IN_MODIFY | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | IN_ONESHOT);
	call(inotify_add_watch, fd, "directory", IN_ATTRIB | IN_MASK_CREATE);
	call(rmdir, "directory");
	call(read, fd, buffer, sizeof buffer);
	call(inotify_rm_watch, fd, wd);
	call(read, fd, buffer, 16ul);
	call(read, fd, buffer, 3ul);
	call(inotify_rm_watch, fd, 99);
	call(inotify_add_watch, fd, "absent", 0);
	call(inotify_add_watch, -1, BAD, 0x00100000);
}
