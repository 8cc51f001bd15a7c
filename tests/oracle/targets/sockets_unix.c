/* UNIX sockets: by path, by abstract name, as a pair, with a descriptor passed along. */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0argtrace oracle"};
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + 16;
    int pair[2];
    char buffer[64], control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec vector = {"fd", 2};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct mmsghdr several[2] = {{.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}},
                                 {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}}};

    if (argc < 2 || chdir(argv[1]))
        return 1;
    int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    int client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    connect(client, (struct sockaddr *)&address, sizeof address);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    connect(client, (struct sockaddr *)&address, sizeof address);
    listen(listener, 1);
    connect(client, (struct sockaddr *)&address, sizeof address);
    connect(client, (struct sockaddr *)&address, sizeof address);
    accept(listener, NULL, NULL);
    int datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
    bind(datagram, (struct sockaddr *)&abstract, size);
    sendto(datagram, "self", 4, 0, (struct sockaddr *)&abstract, size);
    recvfrom(datagram, buffer, sizeof buffer, 0, (struct sockaddr *)&address, &size);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    CMSG_FIRSTHDR(&message)->cmsg_level = SOL_SOCKET;
    CMSG_FIRSTHDR(&message)->cmsg_type = SCM_RIGHTS;
    CMSG_FIRSTHDR(&message)->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &datagram, sizeof datagram);
    sendmsg(pair[0], &message, 0);
    recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC);
    sendmmsg(pair[1], several, 2, 0);
    recvmmsg(pair[0], several, 2, MSG_DONTWAIT, NULL);
    shutdown(pair[0], SHUT_RDWR);
    send(pair[1], "nobody", 6, MSG_NOSIGNAL);
    unlink("socket");
    return 0;
}
