/* access, faccessat, faccessat2: modes and at-flags. */
#include "parity.h"
int main(void)
{
	call(access, "/", F_OK);
	call(access, "/", R_OK | X_OK);
	call(access, "absent", R_OK | W_OK | X_OK);
	call(access, "/", 0xf8);
	call(faccessat, AT_FDCWD, ".", W_OK);
	call(faccessat, -1, "x", X_OK);
	call(faccessat2, AT_FDCWD, ".", R_OK, AT_EACCESS);
	call(faccessat2, AT_FDCWD, ".", R_OK, AT_SYMLINK_NOFOLLOW);
	call(faccessat2, AT_FDCWD, "", F_OK, AT_EMPTY_PATH | AT_EACCESS);
	call(faccessat2, AT_FDCWD, ".", R_OK | 0x20, 0x1 | AT_EACCESS);
}
