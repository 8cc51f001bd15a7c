/* Each pointer that leads nowhere, in calls that follow it. */
#include "made.h"
#include <sys/socket.h>

int main(void) {
    int socket_ = socket(AF_UNIX, SOCK_DGRAM, 0), pipes[2];
    if (pipe(pipes))
        return 1;
    char *gone = before_nothing(1) + 4096;
    unsigned long bad[] = {
        0, 1, 8, 4095, (unsigned long)gone,
#ifdef __x86_64__
        0x00007ffffffff000, 0x00007fffffffffff, 0x0000800000000000, /* the user half's end; not canonical */
#else
        0x0000fffffffff000, 0x0000ffffffffffff, 0x0001000000000000,
#endif
        0x8000000000000000, 0xdead000000000000, 0xffff800000000000, 0xffffffff81000000,
        0xffffffffff600000, 0xfffffffffffff000, 0xfffffffffffffff8, 0xffffffffffffffff,
    };

    begin();
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        did(openat, -100, bad[i], 0);
        did(write, pipes[1], bad[i], 16);
        did(writev, pipes[1], bad[i], 2);
        did(connect, socket_, bad[i], 110);
        did(sendmsg, socket_, bad[i], 0);
        did(execve, bad[i], bad[i], bad[i]);
        did(RENAME(bad[i], bad[i]));
        did(POLL(bad[i], 3, 0));
        did(fcntl, 0, 5, bad[i]);
        did(ioctl, pipes[0], 0x541b, bad[i]);
        did(bpf, 0, bad[i], 64);
        did(clone3, bad[i], 64);
        did(mount, bad[i], bad[i], bad[i], 0, bad[i]);
    }
    end();
    return 0;
}
