/* Strings of many kinds as arguments: long ones, keys, lists, names of types. */
#include "parity.h"
int main(void)
{
	static char path[4096];
	int lengths[] = {1, 7, 8, 15, 16, 31, 32, 63, 64, 255, 256, 1023, 4000, 4095};
	for (int n = 0; n < COUNT(lengths); n++) {
		memset(path, 'a' + n, lengths[n]);
		path[lengths[n]] = 0;
		for (int m = 200; m < lengths[n]; m += 200)
			path[m] = '/';
		call(access, path, F_OK);
	}
	call(access, "./././//x/../y", F_OK);
	call(access, "/", F_OK);
	call(access, "//", F_OK);
	call(access, " leading and trailing ", F_OK);
	call(access, "%s%n $(x) `y` 'z' <a> {b} [c] (d) |e| &f; g=h, i", F_OK);
	call(access, "</etc/passwd>", F_OK);
	call(access, "\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbf", F_OK);
	call(access, "\xf0\x9f\x98\x80\xc2\x80\xc2\x9f\x7f", F_OK);
	call(symlink, "", "x");
	call(rename, "old", "");
}
