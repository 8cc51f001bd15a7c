/* Calls that seccomp refuses, each in a child: with an error, with SIGSYS, with death. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int number)
{
    write(-1, "refused", number);
}

/* Do `action` on chdir, symlinkat and sethostname; allow all else. */
static void refuse(unsigned action)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_chdir, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_symlinkat, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sethostname, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0L, &program);
}

int main(void)
{
    /* On the stack, where they have been touched; of literals, nobody reads what seccomp refuses. */
    char directory[] = "/no such directory", to[] = "to";
    const unsigned actions[] = {
        SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ERRNO, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_THREAD,
        SECCOMP_RET_KILL_PROCESS,
    };
    int status;

    for (unsigned n = 0; n < sizeof actions / sizeof *actions; n++) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGSYS, handler);
            refuse(actions[n]);
            getppid();
            syscall(SYS_chdir, directory);
            syscall(SYS_symlinkat, to, 99L, "from");
            syscall(SYS_sethostname, NULL, -1L);
            if (fork() == 0) /* its first return from the kernel is that of its parent's call */
                _exit(2);
            wait(&status);
            _exit(1);
        }
        waitpid(child, &status, 0);
    }
    return 0;
}
