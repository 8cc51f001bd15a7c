/* execstorm REPORT COUNT WIDTH UID: COUNT execs, each with 200 arguments of 1,000 bytes of its own;
 * every second one of a file that is not there. WIDTH children at a time; as user UID unless 0.
 *
 * Argument I of exec S begins "S.I." in so many digits, and goes on with a letter. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

#define ARGUMENTS 200
#define LENGTH 1000

static void start(long serial)
{
	static char name[32], head[40], texts[ARGUMENTS][LENGTH + 1];
	char *argv[ARGUMENTS + 2] = {name}, *environment[] = {"STORM=1", NULL};

	snprintf(name, sizeof name, "storm%06ld", serial);
	for (int at = 0; at < ARGUMENTS; at++) {
		memset(texts[at], 'a' + (serial + at) % 26, LENGTH);
		snprintf(head, sizeof head, "%06ld.%03d.", serial, at);
		memcpy(texts[at], head, 11);
		argv[at + 1] = texts[at];
	}
	execve(serial % 2 ? "/nonexistent/program" : "/bin/true", argv, environment);
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fputs("usage: execstorm REPORT COUNT WIDTH UID\n", stderr);
		return 2;
	}
	char *report = report_open(argv[1]);
	long count = atol(argv[2]), width = atol(argv[3]), running = 0;
	uid_t user = atol(argv[4]);
	if (user && setresuid(user, user, user))
		return 1;
	long long begin = now();

	for (long serial = 0; serial < count; serial++) {
		if (running == width) {
			wait(NULL);
			running--;
		}
		pid_t child = fork();
		if (child < 0)
			return 1;
		if (child == 0)
			start(serial);
		running++;
	}
	while (running--)
		wait(NULL);
	snprintf(report, REPORT, "ns %lld\nexecve %ld\n", now() - begin, count);
	return 0;
}
