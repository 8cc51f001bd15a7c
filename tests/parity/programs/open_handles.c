/* name_to_handle_at, open_by_handle_at: a handle that comes out, and goes in again. */
#include "parity.h"
int main(void)
{
	struct { struct file_handle head; unsigned char bytes[MAX_HANDLE_SZ]; } handle = {{MAX_HANDLE_SZ}};
	int mount = 0;
	call(close, call(openat, AT_FDCWD, "f", O_CREAT | O_WRONLY, 0600));
	call(name_to_handle_at, AT_FDCWD, "f", &handle, &mount, 0);
	long fd = call(open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
	call(name_to_handle_at, fd, "", &handle, &mount, AT_EMPTY_PATH);
	handle.head.handle_bytes = 0;
	call(name_to_handle_at, AT_FDCWD, "f", &handle, &mount, AT_SYMLINK_FOLLOW);
	call(name_to_handle_at, AT_FDCWD, "f", NULL, NULL, 0x40000);
	call(open_by_handle_at, -1, &handle, O_RDWR | O_CLOEXEC);
	call(open_by_handle_at, AT_FDCWD, BAD, O_RDONLY);
}
