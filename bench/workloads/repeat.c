/* repeat REPORT COUNT COMMAND...: run a command so many times, one after another.
 *
 * It is traced with the command, so the time it reports is what the traced side sees: without the
 * tracer's start, and without what the tracer does when the command has ended. */
#include <spawn.h>
#include <sys/wait.h>

#include "report.h"

extern char **environ;

int main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("usage: repeat REPORT COUNT COMMAND...\n", stderr);
		return 2;
	}
	char *report = report_open(argv[1]);
	long count = atol(argv[2]);
	long long begin = now();

	for (long i = 0; i < count; i++) {
		pid_t child;
		int status, refused = posix_spawn(&child, argv[3], NULL, NULL, argv + 3, environ);

		if (refused) {
			fprintf(stderr, "repeat: %s: error %d\n", argv[3], refused);
			return 1;
		}
		if (waitpid(child, &status, 0) < 0 || status)
			return 1;
	}
	snprintf(report, REPORT, "ns %lld\nposix_spawn %ld\n", now() - begin, count);
	return 0;
}
