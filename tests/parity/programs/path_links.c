/* link, symlink, readlink, rename, unlink and their *at and *2, with flags. */
#include "parity.h"
#include <linux/fs.h>
int main(void)
{
	char buffer[64];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0644);
	call(link, "f", "hard");
	call(linkat, AT_FDCWD, "f", AT_FDCWD, "hard2", 0);
	call(linkat, fd, "", AT_FDCWD, "hard3", AT_EMPTY_PATH);
	call(symlink, "some/where/else", "soft");
	call(symlinkat, "f", AT_FDCWD, "soft2");
	call(linkat, AT_FDCWD, "soft2", AT_FDCWD, "hard4", AT_SYMLINK_FOLLOW);
	call(readlink, "soft", buffer, sizeof buffer);
	call(readlink, "soft", buffer, 4ul);
	call(readlink, "f", buffer, sizeof buffer);
	call(readlinkat, AT_FDCWD, "soft2", buffer, sizeof buffer);
	call(readlinkat, AT_FDCWD, "soft2", BAD, sizeof buffer);
	call(rename, "hard", "renamed");
	call(renameat, AT_FDCWD, "hard2", AT_FDCWD, "renamed2");
	call(renameat2, AT_FDCWD, "hard3", AT_FDCWD, "renamed3", RENAME_NOREPLACE);
	call(renameat2, AT_FDCWD, "renamed", AT_FDCWD, "soft", RENAME_EXCHANGE);
	call(renameat2, AT_FDCWD, "renamed", AT_FDCWD, "whited", RENAME_WHITEOUT);
	call(renameat2, AT_FDCWD, "f", AT_FDCWD, "absent", RENAME_EXCHANGE | RENAME_NOREPLACE | 0x100);
	call(unlink, "renamed2");
	call(unlinkat, AT_FDCWD, "hard4", 0);
	call(unlink, "absent");
}
