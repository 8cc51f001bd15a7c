/* execve, execveat: arguments and environments, with odd strings, empty, missing, and failures. */
#include "parity.h"
int main(int argc, char **argv)
{
	char *arguments[] = {"a name", "--flag", "", "tab\there", "gr\303\274n", "\377", NULL};
	char *environment[] = {"A=1", "EMPTY=", "WORDS=two words", NULL}, *none[] = {NULL};
	if (argc != 1)
		return argc;
	call(execve, "absent", arguments, environment);
	call(execve, ".", arguments, none);
	call(execve, "/dev/null", NULL, NULL);
	call(execve, "absent", none, environment);
	call(execve, "absent", BAD, environment);
	call(execve, "absent", (char *[]){"fine", (char *)BAD, NULL}, NULL);
	long fd = call(openat, AT_FDCWD, "/proc/self/exe", O_PATH | O_CLOEXEC);
	call(execveat, AT_FDCWD, "absent", arguments, environment, 0);
	call(execveat, fd, "", arguments, environment, AT_SYMLINK_NOFOLLOW);
	call(execveat, -1, "x", none, none, 0x300);
	CHILD(call(execve, "/proc/self/exe", arguments, environment));
	CHILD(call(execveat, fd, "", arguments, environment, AT_EMPTY_PATH));
}
