/* TCP over loopback within one process: the kernel accepts into the backlog, so nothing waits. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int one = 1;
    char buffer[32];
    struct iovec vector = {"message", 7};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 4);
    getsockname(listener, (struct sockaddr *)&address, &length);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connect(client, (struct sockaddr *)&address, sizeof address);
    int server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    accept4(server, NULL, NULL, 0);
    getpeername(server, (struct sockaddr *)&address, &length);
    send(client, "to the server", 13, 0);
    recv(server, buffer, 6, MSG_PEEK);
    read(server, buffer, sizeof buffer);
    sendmsg(server, &message, MSG_NOSIGNAL);
    vector.iov_base = buffer;
    vector.iov_len = sizeof buffer;
    recvmsg(client, &message, 0);
    getsockopt(client, SOL_SOCKET, SO_ERROR, &one, &length);
    shutdown(client, SHUT_WR);
    recv(server, buffer, sizeof buffer, MSG_DONTWAIT);
    sendto(server, "x", 1, 0, NULL, 0);
    close(server);
    close(client);
    close(listener);
    client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (struct sockaddr *)&address, sizeof address); /* nobody listens: ECONNREFUSED */
    socket(AF_INET, 99, 0);
    return 0;
}
