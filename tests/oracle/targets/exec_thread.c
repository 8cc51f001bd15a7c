/* exec from a thread that is not the first: it takes over the process's id, and the others die.
   The first thread is then in recvfrom, for certain: MSG_WAITALL has stored the first byte. */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char **arguments;
static volatile char received[2];

static void *replace(void *unused)
{
    char *words[] = {arguments[0], "replaced", NULL}, *environment[] = {"BY=a thread", NULL};
    while (!received[0])
        ;
    execve("./no such program", words, environment);
    execve(arguments[0], words, environment);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    int pair[2];

    arguments = argv;
    if (argc > 1 && strcmp(argv[1], "replaced") == 0)
        return getpid() == gettid() ? 0 : 1;
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    send(pair[0], "x", 1, 0);
    pthread_create(&thread, NULL, replace, NULL);
    recv(pair[1], (void *)received, 2, MSG_WAITALL);
    return 2;
}
