// Children whose ids are their parent's plus a multiple of a given number, so that they want the same
// place: each makes calls of its own while its parent is in one. It asks for an id by ns_last_pid, and
// tries on where somebody else is quicker; ends well when ten children had such an id.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int apart = argc > 1 ? atoi(argv[1]) : 512, most = argc > 2 ? atoi(argv[2]) : 32768, found = 0;
    char path[64];
    for (int round = 0; round < 1000 && found < 10; round++) {
        int wanted = getpid() % apart + apart * (1 + round % (most / apart - 1));
        if (wanted == getpid() || wanted < 400)
            continue;
        int next = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
        int length = snprintf(path, sizeof path, "%d", wanted - 1);
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
