/* Structures that point to themselves, and lists whose members say 0 or more than there is. */
#include "made.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

int main(void) {
    static struct msghdr message;
    static struct iovec vector[16];
    static char control[256], netlink[512];
    int socket_ = socket(AF_UNIX, SOCK_DGRAM, 0), route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

    begin();
    message = (struct msghdr){&message, sizeof message, (struct iovec *)&message, 3, &message, sizeof message, 0};
    did(sendmsg, socket_, &message, MSG_DONTWAIT);
    did(recvmsg, socket_, &message, MSG_DONTWAIT);
    for (int i = 0; i < 16; i++)
        vector[i] = (struct iovec){vector, sizeof vector};
    message = (struct msghdr){NULL, 0, vector, 16, vector, sizeof vector, 0};
    did(sendmsg, socket_, &message, MSG_DONTWAIT);
    did(writev, socket_, vector, 16);
    did(readv, socket_, vector, -1);
    /* Control messages: of no length, of all lengths, of one too short for its head. */
    static const size_t lengths[] = {0, 1, 15, 16, 17, 255, 256, 257, -1UL, -15UL, 1UL << 63};
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (int at = 0; at < 256; at += 16)
            memcpy(control + at, &lengths[i], 8);
        message = (struct msghdr){NULL, 0, vector, 1, control, sizeof control, 0};
        did(sendmsg, socket_, &message, MSG_DONTWAIT);
    }
    /* Netlink: messages and attributes of no length, and of too much. */
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct nlmsghdr *head = (struct nlmsghdr *)netlink;
        memset(netlink, 0, sizeof netlink);
        head->nlmsg_len = i % 2 ? 256 : (unsigned)lengths[i];
        head->nlmsg_type = RTM_NEWLINK;
        for (int at = 32; at < 500; at += 8) {
            *(unsigned short *)(netlink + at) = (unsigned short)lengths[i];
            *(unsigned short *)(netlink + at + 2) = (unsigned short)(0x8000 | IFLA_LINKINFO);
        }
        struct iovec one = {netlink, sizeof netlink};
        message = (struct msghdr){NULL, 0, &one, 1, NULL, 0, 0};
        did(sendmsg, route, &message, MSG_DONTWAIT);
        did(sendto, route, netlink, 512, MSG_DONTWAIT, NULL, 0);
    }
    did(futex, vector, 0, 0, vector, vector, -1);
    did(rt_sigaction, 11, vector, vector, 8);
    did(clone3, vector, 64);
    did(setsockopt, socket_, SOL_SOCKET, SO_ATTACH_FILTER, vector, 16);
    did(prctl, 22, 2, vector, vector, vector);
    did(bpf, 5, vector, 128);
    end();
    return 0;
}
