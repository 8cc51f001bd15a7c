/* Waits for a byte, then runs commands one after another: a directory, how many words, the words.
 * Tracers have attached to it meanwhile. A command that hangs ends by SIGALRM. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char byte;
	char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C.UTF-8", "TZ=UTC",
	                       "HOME=/nonexistent", NULL};

	if (read(0, &byte, 1) != 1)
		return 1;
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (int n = 1; n + 2 < argc;) {
		char *directory = argv[n], **words = &argv[n + 2];
		int count = atoi(argv[n + 1]);
		pid_t child = fork();
		if (child == 0) {
			words[count] = NULL;
			setsid();
			close(null);
			alarm(30);
			if (chdir(directory) == 0)
				execve(words[0], words, environment);
			_exit(127);
		}
		waitpid(child, NULL, 0);
		n += 2 + count;
	}
	return 0;
}
