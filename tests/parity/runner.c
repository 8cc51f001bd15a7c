/* Waits for a byte, then runs programs one after another: each pair of arguments is a program and its
 * directory. Both tracers have attached to it meanwhile. A program that hangs ends by SIGALRM. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char byte;
	char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};

	if (read(0, &byte, 1) != 1)
		return 1;
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (int n = 1; n + 1 < argc; n += 2) {
		pid_t child = fork();
		if (child == 0) {
			setsid();
			close(null);
			alarm(20);
			if (chdir(argv[n + 1]) == 0)
				execve(argv[n], (char *[]){argv[n], NULL}, environment);
			_exit(127);
		}
		waitpid(child, NULL, 0);
	}
	return 0;
}
