/* execve and execveat that fail, for every reason there is, and then one that succeeds with an
   environment of its own: what comes after the failures must not depend on them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void file(const char *name, const char *text, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT, mode);
    write(fd, text, strlen(text));
    close(fd);
}

int main(int argc, char **argv)
{
    char *words[] = {"word 0", "", "three \377\001\"", NULL};
    char *environment[] = {"A=1", "EMPTY=", "no equals sign", NULL};
    char *bad_end[] = {"one", (char *)8, "three", NULL};
    char *last[] = {argv[0], "last", NULL};

    if (argc < 2)
        return 1;
    if (strcmp(argv[1], "last") == 0)
        return 5;
    char *self = realpath(argv[0], NULL);
    if (chdir(argv[1]))
        return 1;
    file("plain", "no program\n", 0644);
    file("noformat", "\001\002 neither script nor ELF\n", 0755);
    file("lost", "#!/no/such/interpreter -x\n", 0755);
    file("recursive", "#!./recursive\n", 0755);
    file("empty", "", 0755);
    symlink("loop", "loop");
    execve("absent", words, environment);
    execve("plain", words, environment);
    execve("noformat", words, environment);
    execve("empty", words, environment);
    execve("lost", words, environment);
    execve("recursive", words, environment);
    execve("loop", words, environment);
    execve("plain/below", words, environment);
    execve(".", words, environment);
    execve("", words, environment);
    execve("absent", NULL, NULL);
    syscall(SYS_execve, NULL, words, environment);
    syscall(SYS_execve, 8, words, environment);
    syscall(SYS_execve, self, 8, environment);
    syscall(SYS_execve, self, words, 8);
    syscall(SYS_execve, self, bad_end, environment);
    int dir = open(".", O_RDONLY | O_DIRECTORY);
    syscall(SYS_execveat, dir, "absent", words, environment, 0);
    syscall(SYS_execveat, dir, "loop", words, environment, AT_SYMLINK_NOFOLLOW);
    syscall(SYS_execveat, dir, "noformat", words, environment, 0x40000);
    syscall(SYS_execveat, 99, "noformat", words, environment, 0);
    int fd = open(self, O_RDONLY);
    syscall(SYS_execveat, fd, "", last, environment, AT_EMPTY_PATH);
    return 9;
}
