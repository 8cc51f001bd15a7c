/* usage: names DIRECTORY: escape sequences and invalid UTF-8 wherever a program may put a name: its own,
 * its threads', files, directories, arguments, environment, sockets, memfds, mappings. */
#include "made.h"
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static const char *const nasty[] = {
    "\033[2J\033[H\033]0;owned\a", "\r\n\b\b\b\v\f\033c", "\377\376\200 \303\050", "\302\233" "31mC1\302\205",
    "\342\200\256rtl\342\201\246", "a) Z 1 1 (", "') \"\\ = 0 <x>", "\357\277\277\364\217\277\277\355\240\200",
    "\001\002\003\033P+q\033\\\177", "x\n1.0 ( ): sh/1 y",
};

int main(int argc, char **argv) {
    if (argc < 2 || chdir(argv[1]))
        return argc;
    begin();
    for (unsigned i = 0; i < sizeof nasty / sizeof *nasty; i++) {
        const char *name = nasty[i];
        did(prctl, PR_SET_NAME, name, 0, 0, 0);
        did(MKDIR(name, 0700));
        did(chdir, name);
        int fd = (int)call(SYS_openat, -100, name, O_CREAT | O_RDWR, 0600);
        did(write, fd, name, strlen(name));
        did(fchmod, fd, 0600);
        did(close, fd);
        did(SYMLINK(name, "link"));
        did(UNLINK("link"));
        did(UNLINK(name));
        did(chdir, "..");
        did(RMDIR(name));
        fd = (int)call(SYS_memfd_create, name, 0);
        did(fchmod, fd, 0600);
        did(close, fd);
        struct sockaddr_un to = {.sun_family = AF_UNIX};
        strcpy(to.sun_path + 1, name);
        fd = (int)call(SYS_socket, AF_UNIX, SOCK_DGRAM, 0);
        did(connect, fd, &to, (long)(3 + strlen(name)));
        did(close, fd);
        did(execve, name, ((const char *[]){name, name, NULL}), ((const char *[]){name, "E=\033\377", NULL}));
        did(sethostname, name, -1);
        did(mount, name, name, name, 0, name);
    }
    end();
    for (unsigned i = 0; i < sizeof nasty / sizeof *nasty; i++) {
        int status;
        if (fork() == 0) {
            prctl(PR_SET_NAME, nasty[i]);
            execv("/bin/true", (char *[]){(char *)nasty[i], NULL});
        }
        wait(&status);
    }
    return 0;
}
