/* openat2: open_how with its flags, mode and resolve; too small, too large, none, with bits unknown. */
#include "parity.h"
#include <linux/openat2.h>
int main(void)
{
	struct open_how how = {.flags = O_RDWR | O_CREAT | O_CLOEXEC, .mode = 0640};
	call(openat2, AT_FDCWD, "f", &how, sizeof how);
	how = (struct open_how){.flags = O_RDONLY, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	call(openat2, AT_FDCWD, "f", &how, sizeof how);
	how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_IN_ROOT;
	call(openat2, AT_FDCWD, "/f", &how, sizeof how);
	how.resolve = RESOLVE_CACHED;
	call(openat2, AT_FDCWD, "f", &how, sizeof how);
	how.resolve = 0x8000;
	call(openat2, AT_FDCWD, "f", &how, sizeof how);
	how = (struct open_how){.flags = O_RDONLY, .mode = 0777};
	call(openat2, AT_FDCWD, "f", &how, sizeof how);
	how = (struct open_how){.flags = 1ull << 40 | O_RDONLY};
	call(openat2, AT_FDCWD, "f", &how, sizeof how);
	call(openat2, AT_FDCWD, "f", &how, 8ul);
	call(openat2, AT_FDCWD, "f", NULL, sizeof how);
	call(openat2, AT_FDCWD, "f", BAD, sizeof how);
	struct { struct open_how how; uint64_t more[2]; } larger = {.how = {.flags = O_RDONLY}};
	call(openat2, AT_FDCWD, "f", &larger, sizeof larger);
	call(openat2, -1, "f", at_end(&(struct open_how){.flags = O_PATH}, sizeof how), sizeof how);
}
