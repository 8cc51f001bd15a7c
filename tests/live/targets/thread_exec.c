// A thread that is not the first executes a program, while others wait: it takes over the first's id.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *wait_for_ever(void *argument) {
    pause();
    return argument;
}

static void *execute(void *argument) {
    execl("/bin/echo", "echo", "from a thread", NULL);
    return argument;
}

int main(int argc, char **argv) {
    int others = argc > 1 ? atoi(argv[1]) : 0;
    pthread_t thread;
    for (int i = 0; i < others; i++)
        if (pthread_create(&thread, NULL, wait_for_ever, NULL))
            return 1;
    if (pthread_create(&thread, NULL, execute, NULL))
        return 1;
    pause();
}
