/* A thread's name and other things that prctl sets: a string that only some operations take. */
#include <linux/prctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    char name[16];

    prctl(PR_SET_NAME, "oracle");
    prctl(PR_GET_NAME, name);
    prctl(PR_SET_NAME, "a name of more than fifteen bytes");
    prctl(PR_SET_NAME, "");
    prctl(PR_SET_NAME, "\xff\xfe");
    prctl(PR_SET_NAME, 8L);
    prctl(PR_SET_PDEATHSIG, 9L);
    prctl(PR_GET_DUMPABLE);
    prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
    prctl(-1, -2L, -3L, -4L, -5L);
    syscall(SYS_sethostname, name, -1L);
    syscall(SYS_setdomainname, name, -1L);
    int fd = syscall(SYS_open, "/proc/self/comm", 2);
    write(fd, "by proc", 7);
    return 0;
}
