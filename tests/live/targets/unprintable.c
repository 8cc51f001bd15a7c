/* Strings made to hurt whoever prints them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    static char long_path[10001];
    memset(long_path, 'x', 10000);
    char *argv[] = { "\033[2Jargv\377", NULL };
    char *envp[] = { "E=\033\377", NULL };

    prctl(PR_SET_NAME, "\033[31mred\a\377\n");
    open("\033]0;title\a\033[2J\r\n\t\"quote\\", O_RDONLY);
    open("\377\376 \303\050 caf\303\251", O_RDONLY);
    open(long_path, O_RDONLY);
    execve("/bin/true", argv, envp);
    return 1;
}
