// Children whose ids are those of earlier tasks plus a given number, so that they want the same
// place: each makes a call of its own while its parent is in one. Needs a PID namespace of its own,
// or a machine where nobody else starts processes.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int apart = argc > 1 ? atoi(argv[1]) : 512, found = 0;
    char path[64];
    for (int round = 0; round < 40 && found < 10; round++) {
        int next = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
        int length = snprintf(path, sizeof path, "%d", getpid() + apart * (round + 1) - 1);
        if (next < 0 || write(next, path, (size_t)length) != length)
            return 2;
        close(next);
        pid_t child = fork();
        if (child == 0) {
            snprintf(path, sizeof path, "/child/%d", getpid());
            access(path, F_OK);
            if (round % 2)
                execl("/bin/true", "true", path, NULL);
            _exit(0);
        }
        snprintf(path, sizeof path, "/parent/%d", child);
        access(path, F_OK);
        waitpid(child, NULL, 0);
        found += (child - getpid()) % apart == 0;
    }
    printf("%d\n", found);
    return found == 10 ? 0 : 1;
}
