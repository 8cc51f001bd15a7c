/* Death in the middle of a call: by another process's SIGKILL and SIGTERM, and by exit_group of
   another thread. Who is to die is in recvfrom, for certain: MSG_WAITALL has stored the first byte. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile char *received;
static int pair[2];

static void *leave(void *unused)
{
    while (!*received)
        ;
    _exit(17);
    return unused;
}

int main(void)
{
    const int signals[] = {SIGKILL, SIGTERM, 0};
    pthread_t thread;
    int status;

    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    received = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int n = 0; n < 3; n++) {
        *received = 0;
        send(pair[0], "x", 1, 0);
        pid_t child = fork();
        if (child == 0) {
            if (!signals[n])
                pthread_create(&thread, NULL, leave, NULL);
            recv(pair[1], (void *)received, 2, MSG_WAITALL);
            _exit(99);
        }
        if (signals[n]) {
            while (!*received)
                ;
            kill(child, signals[n]);
        }
        waitpid(child, &status, 0);
    }
    return 0;
}
