/* Pipes and copies of descriptors: pipe, dup, fcntl, splice, tee, vmsplice, sendfile, vectors. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int a[2], b[2], count;
    char buffer[32];
    struct iovec out[2] = {{"scat", 4}, {"tered", 5}};
    struct iovec in[2] = {{buffer, 3}, {buffer + 3, 20}};

    if (argc < 2 || chdir(argv[1]))
        return 1;
    syscall(SYS_pipe, a);
    syscall(SYS_pipe2, b, O_CLOEXEC | O_NONBLOCK);
    syscall(SYS_pipe2, b, 1);
    writev(a[1], out, 2);
    ioctl(a[0], FIONREAD, &count);
    tee(a[0], b[1], 100, 0);
    readv(a[0], in, 2);
    read(b[0], buffer, 4);
    splice(b[0], NULL, a[1], NULL, 100, SPLICE_F_MOVE);
    vmsplice(a[1], out, 1, 0);
    read(a[0], buffer, sizeof buffer);
    read(b[0], buffer, sizeof buffer); /* empty: EAGAIN */
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    pwrite(fd, "0123456789", 10, 5);
    pread(fd, buffer, 4, 7);
    pwritev2(fd, out, 2, 0, 0);
    preadv(fd, in, 2, 2);
    sendfile(a[1], fd, NULL, 6);
    copy_file_range(fd, NULL, a[1], NULL, 6, 0); /* a pipe: EINVAL */
    dup(fd);
    syscall(SYS_dup2, fd, 50);
    syscall(SYS_dup2, fd, fd);
    dup3(fd, 51, O_CLOEXEC);
    dup3(fd, fd, 0);
    fcntl(51, F_GETFD);
    fcntl(50, F_DUPFD, 60);
    fcntl(a[0], F_SETPIPE_SZ, 65536);
    fcntl(fd, F_SETFL, O_APPEND);
    syscall(SYS_close_range, 50, 59, 0);
    close(50);
    close(a[0]);
    fcntl(a[1], F_SETFL, O_NONBLOCK);
    return 0;
}
