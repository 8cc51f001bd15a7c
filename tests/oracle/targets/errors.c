/* A failed call for each common error number. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void files(const char *self)
{
    char small[2];
    static char long_name[300];
    struct rlimit few = {4, 1024}, usual = {1024, 1024}, tiny = {10, RLIM_INFINITY};

    mkdir("dir", 0755);
    mkdir("dir/below", 0755);
    close(open("file", O_WRONLY | O_CREAT, 0644));
    mkfifo("fifo", 0600);
    symlink("loop", "loop");
    link("dir", "dir2");                            /* EPERM */
    open("absent", O_RDONLY);                       /* ENOENT */
    open("fifo", O_WRONLY | O_NONBLOCK);            /* ENXIO */
    execl("file", "file", NULL);                    /* EACCES */
    rmdir("/");                                     /* EBUSY */
    mkdir("dir", 0755);                             /* EEXIST */
    rename("file", "/proc/file");                   /* EXDEV */
    open("file/below", O_RDONLY);                   /* ENOTDIR */
    open("dir", O_WRONLY);                          /* EISDIR */
    rmdir("dir");                                   /* ENOTEMPTY */
    open("loop", O_RDONLY);                         /* ELOOP */
    open(memset(long_name, 'n', 299), O_RDONLY);    /* ENAMETOOLONG */
    open(self, O_WRONLY);                           /* ETXTBSY */
    lseek(open("file", O_RDWR), -1, SEEK_SET);      /* EINVAL */
    syscall(SYS_ioctl, 0x10, 0x5401, 0L);    /* EBADF */
    syscall(SYS_getcwd, small, 2L);                 /* ERANGE */
    getxattr("file", "user.absent", small, 2);      /* ENODATA or EOPNOTSUPP */
    getxattr("file", "nonsense", small, 2);         /* EOPNOTSUPP */
    int full = open("/dev/full", O_WRONLY);
    write(full, "x", 1);                            /* ENOSPC */
    syscall(SYS_ioctl, full, 0x5401, 0L);           /* ENOTTY */
    syscall(SYS_mmap, 0L, 4096L, 1L, 2L, open("dir", O_RDONLY), 0L); /* ENODEV */
    setrlimit(RLIMIT_NOFILE, &few);
    open("file", O_RDONLY);                         /* EMFILE */
    setrlimit(RLIMIT_NOFILE, &usual);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &tiny);
    syscall(SYS_truncate, "file", 11L);             /* EFBIG */
    syscall(SYS_truncate, (void *)-4096L, 1L);      /* EFAULT */
}

static void channels(void)
{
    struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_addr = {htonl(0x08080808)}};
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "./absent/socket"};
    struct sockaddr_un used = {.sun_family = AF_UNIX, .sun_path = "file"};
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    pipe2(ends, O_NONBLOCK);
    read(ends[0], &path, 1);                        /* EAGAIN */
    lseek(ends[0], 0, SEEK_SET);                    /* ESPIPE */
    listen(ends[0], 1);                             /* ENOTSOCK */
    close(ends[0]);
    write(ends[1], "x", 1);                         /* EPIPE */
    int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    send(udp, "x", 1, 0);                           /* EDESTADDRREQ */
    syscall(SYS_sendto, udp, (char *)used.sun_path - 128, 70000L, 0L, &nowhere, sizeof nowhere); /* EMSGSIZE */
    getsockopt(tcp, IPPROTO_TCP, 999, ends, NULL);  /* EFAULT */
    setsockopt(tcp, IPPROTO_TCP, 999, ends, 4);     /* ENOPROTOOPT */
    socket(AF_INET, SOCK_STREAM, IPPROTO_UDP);      /* EPROTONOSUPPORT */
    socket(AF_UNIX, 9, 0);                          /* ESOCKTNOSUPPORT or EINVAL */
    accept(udp, NULL, NULL);                        /* EOPNOTSUPP */
    socket(44444, SOCK_STREAM, 0);                  /* EAFNOSUPPORT */
    bind(tcp, (struct sockaddr *)&other, sizeof other); /* EADDRNOTAVAIL */
    bind(local, (struct sockaddr *)&used, sizeof used); /* EADDRINUSE */
    connect(local, (struct sockaddr *)&path, sizeof path); /* ENOENT */
    shutdown(tcp, SHUT_RD);                         /* ENOTCONN */
    nowhere.sin_port = htons(1);
    connect(tcp, (struct sockaddr *)&nowhere, sizeof nowhere); /* ECONNREFUSED */
    flock(99, LOCK_EX);                             /* EBADF */
}

int main(int argc, char **argv)
{
    struct timespec soon = {0, 1000};
    struct sched_param parameters = {.sched_priority = 1000};
    int word = 0, status;

    if (argc < 2)
        return 1;
    char *self = realpath(argv[0], NULL);
    if (chdir(argv[1]))
        return 1;
    umask(022);
    files(self);
    channels();
    kill(0x3fffffff, 0);                            /* ESRCH */
    waitpid(-1, &status, 0);                        /* ECHILD */
    syscall(SYS_mmap, 0L, 1L << 62, 3L, 34L, -1L, 0L); /* ENOMEM */
    syscall(SYS_futex, &word, FUTEX_WAIT, 0L, &soon, 0L, 0L); /* ETIMEDOUT */
    syscall(SYS_futex, &word, FUTEX_WAIT, 1L, &soon, 0L, 0L); /* EAGAIN */
    syscall(SYS_futex, &word, 77L, 0L, 0L, 0L, 0L); /* ENOSYS */
    sched_setscheduler(0, SCHED_FIFO, &parameters); /* EINVAL */
    msgget(0x41524754, 0);                          /* ENOENT */
    syscall(SYS_keyctl, 0x7777L, 0L, 0L, 0L, 0L);   /* EOPNOTSUPP */
    syscall(SYS_add_key, "no such type", "description", NULL, 0L, -3L); /* ENODEV */
    syscall(SYS_request_key, "user", "argtrace:absent", NULL, -3L);     /* ENOKEY */
    syscall(SYS_quotactl, 0L, NULL, 0L, 0L);
    syscall(SYS_init_module, &word, 4L, "");        /* ENOEXEC or EPERM */
    syscall(SYS_delete_module, "argtrace_no_such_module", 0L);
    return 0;
}
