/* usage: storm PARENTS CHILDREN: each parent forks that many, fifty at a time; each child makes one call. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int parents = atoi(argv[1]), children = atoi(argv[2]);
    for (int p = 0; p < parents; p++) {
        if (fork())
            continue;
        for (int n = 1; n <= children; n++) {
            if (fork() == 0) {
                getppid();
                _exit(0);
            }
            if (n % 50 == 0)
                while (wait(NULL) > 0)
                    ;
        }
        while (wait(NULL) > 0)
            ;
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
    return argc != 3;
}
