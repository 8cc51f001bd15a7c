/* Lengths and counts as large as they can be, over little memory; vectors that overlap. */
#include "made.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

int main(void) {
    static char bytes[64] = "sixty-four bytes";
    static struct iovec vector[1024], nowhere[1024];
    static struct mmsghdr messages[2];
    int pair[2], null = open("/dev/null", O_RDWR), poller = epoll_create1(0);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    int inet = socket(AF_INET, SOCK_DGRAM, 0);
    for (int i = 0; i < 1024; i++)
        vector[i] = (struct iovec){bytes + i % 32, ~0UL >> (1 + i % 63)}, nowhere[i].iov_base = (void *)8;

    begin();
    did(write, null, bytes, -1L);
    did(write, null, bytes, 0x7fffffffffffffffL);
    did(write, -1, bytes, 1L << 40);
    did(read, null, bytes, -1L);
    did(pread64, null, bytes, -1L, -1L);
    did(writev, null, vector, 1024);
    did(writev, null, vector, -1L);
    did(writev, null, vector, 1L << 33);
    did(readv, null, vector, 1024);
    did(preadv2, null, vector, 1024, -1L, -1L, -1L);
    did(vmsplice, pair[0], vector, 1024, 0);
    did(process_vm_readv, getpid(), vector, 1024, nowhere, 1024, 0);
    did(process_vm_readv, getpid(), vector, -1L, vector, -1L, 0);
    did(sendto, inet, bytes, -1L, 0, bytes, 0xffffffffL);
    did(sendto, inet, bytes, 16, 0, bytes, 0x7fffffff);
    did(connect, inet, bytes, -1);
    did(bind, inet, bytes, 0x7fffffff);
    did(setsockopt, inet, SOL_SOCKET, SO_BINDTODEVICE, bytes, -1);
    did(setsockopt, inet, IPPROTO_IP, IP_ADD_MEMBERSHIP, bytes, 0x7fffffff);
    messages[0].msg_hdr = (struct msghdr){bytes, 0xffffffff, vector, -1UL, bytes, -1UL, -1};
    did(sendmsg, inet, messages, 0);
    messages[0].msg_hdr = (struct msghdr){NULL, 0, vector, 1024, bytes, 64, -1};
    did(sendmsg, pair[0], messages, MSG_DONTWAIT);
    did(recvmsg, pair[0], messages, MSG_DONTWAIT);
    did(sendmmsg, pair[0], messages, -1L, MSG_DONTWAIT);
    did(recvmmsg, pair[0], messages, -1L, MSG_DONTWAIT, NULL);
    did(POLL(bytes, -1L, 0));
    did(ppoll, bytes, 0xffffffffUL, NULL, NULL, 8);
    did(EPOLL_WAIT(poller, bytes, 0x7fffffff, 0));
    did(EPOLL_WAIT(poller, bytes, -1, 0));
    did(SELECT(0x7fffffff, NULL, NULL, NULL, ((long[]){0, 0})));
    did(getgroups, 0x7fffffff, bytes);
    did(setgroups, -1, bytes);
    did(READLINK("/proc/self/exe", bytes, -1));
    did(getcwd, bytes, -1L);
    did(getdents64, null, bytes, -1);
    did(mincore, (long)bytes & -4096, 1L << 62, bytes);
    did(move_pages, 0, 1L << 60, 8L, NULL, bytes, 0);
    did(getrandom, bytes, 0, 0xffff);
    did(sched_setaffinity, 0, -1, bytes);
    did(sched_getattr, 0, bytes, 0xffffffff, 0);
    did(clone3, bytes, -1L);
    did(clone3, bytes, 1L << 20);
    did(bpf, 0, bytes, -1);
    did(perf_event_open, bytes, -1, -1, -1, -1L);
    did(setxattr, "/nowhere", "user.hostile", bytes, -1L, -1);
    did(getxattr, "/nowhere", "user.hostile", bytes, -1L);
    did(add_key, "user", "hostile", bytes, -1L, -1);
    did(kexec_load, 0, -1L, vector, -1L);
    did(io_submit, -1L, -1L, vector);
    did(semop, -1, bytes, -1L);
    did(mq_timedsend, -1, bytes, -1L, -1, NULL);
    did(name_to_handle_at, -1, "", bytes, bytes, -1);
    did(sethostname, bytes, -1);
    did(init_module, bytes, -1L, bytes);
#ifdef __x86_64__
    did(modify_ldt, 1, bytes, -1L);
#endif
    did(get_robust_list, 0, bytes, bytes);
    did(rt_sigaction, 10, bytes, bytes, -1L);
    did(rt_sigprocmask, 0, bytes, bytes, -1L);
    did(statx, -1, bytes, -1, -1, bytes);
    did(openat2, -100, "/nowhere", bytes, -1L);
    end();
    return 0;
}
