/* usage: racing COUNT: another thread rewrites names, lengths and pointers while calls read them. */
#include "made.h"
#include <pthread.h>
#include <sys/socket.h>
#include <sys/uio.h>

static char name[32] = "/hostile/aaaaaaaaaaaa";
static struct iovec vector[4];
static struct msghdr message;
static volatile int done;

static void *rewrite(void *argument) {
    for (unsigned turn = 0; !done; turn++) {
        memset(name + 9, turn & 1 ? 'a' : 'b', 12);
        if (turn % 7 == 0)
            name[15] = 0;
        ((volatile struct iovec *)vector)[turn & 3].iov_len = turn & 1 ? 8 : 1UL << (turn % 63);
        ((volatile struct iovec *)vector)[turn & 3].iov_base = turn & 4 ? (void *)name : (void *)(long)turn;
        ((volatile struct msghdr *)&message)->msg_iovlen = turn & 1 ? 4 : 1UL << (turn % 63);
        ((volatile struct msghdr *)&message)->msg_control = turn & 2 ? (void *)name : (void *)vector;
        ((volatile struct msghdr *)&message)->msg_controllen = turn % 4096;
    }
    return argument;
}

int main(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : 100;
    int null = open("/dev/null", O_WRONLY), socket_ = socket(AF_UNIX, SOCK_DGRAM, 0);
    pthread_t thread;
    message.msg_iov = vector;
    pthread_create(&thread, NULL, rewrite, NULL);
    for (long i = 0; i < count; i++) {
        makes(CHMOD(name, i));
        call(SYS_writev, null, vector, 4);
        call(SYS_sendmsg, socket_, &message, MSG_DONTWAIT);
    }
    done = 1;
    pthread_join(thread, NULL);
    say("made " name_of(CHMOD(0, 0)) " %ld\nmade writev %ld\nmade sendmsg %ld\n", count, count, count);
    told();
    return 0;
}
