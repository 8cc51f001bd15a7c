/* A daemon as they are made: a session of its own, no parent, nothing open. It calls when who started
 * it has ended, and writes its last word into a file. */
#include "made.h"
#include <sys/stat.h>

int main(int argc, char **argv) {
    if (argc < 2)
        return 1;
    if (fork())
        _exit(6);
    setsid();
    if (fork())
        _exit(0);
    umask(0);
    if (chdir("/"))
        _exit(1);
    call(SYS_close_range, 0, ~0U, 0);
    usleep(30000);
    for (int i = 0; i < 500; i++)
        makes(CHMOD("/hostile/daemon", 0));
    int fd = open(argv[1], O_CREAT | O_WRONLY, 0600);
    say("made " name_of(CHMOD(0, 0)) " 500\n");
    call(SYS_write, fd, made_text, made_size);
    _exit(0);
}
