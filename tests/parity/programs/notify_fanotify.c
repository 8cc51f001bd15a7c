/* fanotify: init with both kinds of flags, marks of each kind, events that are read. */
#include "parity.h"
#include <sys/fanotify.h>
int main(void)
{
	char buffer[512];
	long fd = call(fanotify_init, FAN_CLOEXEC | FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY | O_LARGEFILE);
	long fid = call(fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_NONBLOCK, 0);
	call(fanotify_init, FAN_CLASS_CONTENT | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_ENABLE_AUDIT, O_RDWR | O_CLOEXEC);
	call(fanotify_init, 0x80000000, 0x7);
	call(mkdir, "d", 0755);
	call(fanotify_mark, fd, FAN_MARK_ADD, (uint64_t)(FAN_OPEN | FAN_CLOSE | FAN_EVENT_ON_CHILD), AT_FDCWD, "d");
	call(fanotify_mark, fid, FAN_MARK_ADD | FAN_MARK_ONLYDIR, (uint64_t)(FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_ONDIR), AT_FDCWD, "d");
	call(close, call(openat, AT_FDCWD, "d/file", O_CREAT | O_RDWR, 0600));
	call(read, fd, buffer, sizeof buffer);
	call(read, fid, buffer, sizeof buffer);
	call(fanotify_mark, fd, FAN_MARK_REMOVE, (uint64_t)FAN_OPEN, AT_FDCWD, "d");
	call(fanotify_mark, fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, (uint64_t)FAN_MODIFY, AT_FDCWD, "d");
	call(fanotify_mark, fd, FAN_MARK_FLUSH, 0ul, AT_FDCWD, NULL);
	call(fanotify_mark, fd, FAN_MARK_ADD | FAN_MARK_DONT_FOLLOW | 0x8000, 1ul << 40 | FAN_ACCESS, -1, "absent");
	call(fanotify_mark, -1, 0, 0ul, 99, BAD);
}
