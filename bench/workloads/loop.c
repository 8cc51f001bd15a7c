/* loop REPORT KIND COUNT: one kind of system call in a tight loop.
 *
 * Linked statically, so that the process makes no calls of the loop's names but the loop's own and
 * those that report.h tells of: how many a tracer must show is then known to the call. */
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "report.h"

static const char path[] = "/etc/hosts";

int main(int argc, char **argv)
{
	if (argc != 4) {
		fputs("usage: loop REPORT KIND COUNT\n", stderr);
		return 2;
	}
	char *report = report_open(argv[1]);
	const char *kind = argv[2];
	long count = atol(argv[3]), opened = 1;
	char buffer[64] = "sixty-four bytes, of which a tracer shows the first thirty-two.";
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY);
	struct stat st;
	long long begin = now();

	opened += 2;
	if (!strcmp(kind, "getppid")) {
		for (long i = 0; i < count; i++)
			syscall(SYS_getppid);
	} else if (!strcmp(kind, "openat")) {
		for (long i = 0; i < count; i++)
			syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, path, O_RDONLY));
	} else if (!strcmp(kind, "write")) {
		for (long i = 0; i < count; i++)
			syscall(SYS_write, null, buffer, sizeof buffer);
	} else if (!strcmp(kind, "read")) {
		for (long i = 0; i < count; i++)
			syscall(SYS_read, zero, buffer, sizeof buffer);
	} else if (!strcmp(kind, "access")) {
		for (long i = 0; i < count; i++)
			syscall(SYS_access, path, R_OK);
	} else if (!strcmp(kind, "newfstatat")) {
		for (long i = 0; i < count; i++)
			syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0);
	} else {
		fprintf(stderr, "loop: no kind %s\n", kind);
		return 2;
	}
	long long ns = now() - begin;

	if (!strcmp(kind, "openat"))
		snprintf(report, REPORT, "ns %lld\nopenat %ld\nclose %ld\n", ns, count + opened, count);
	else
		snprintf(report, REPORT, "ns %lld\n%s %ld\n", ns, kind, count);
	return 0;
}
