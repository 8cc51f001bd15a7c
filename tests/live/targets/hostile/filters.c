/* usage: filters HOW: seccomp's answers, one after the other, to a call that is traced. */
#include "made.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <ucontext.h>

static void trapped(int number, siginfo_t *info, void *context) {
    mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;
    long result = -1000 - (number == SIGSYS) - info->si_syscall;
#ifdef __x86_64__
    machine->gregs[REG_RAX] = result;
#else
    machine->regs[0] = (unsigned long)result;
#endif
}

/* `action` for chmod, and for no other call. */
static long filtered(unsigned action, unsigned flags) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number_of(CHMOD(0, 0)), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, code};
    call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void *thread_chmod(void *argument) {
    makes(CHMOD("/hostile/by-thread", 0));
    return argument;
}

static void *answers(void *argument) {
    struct seccomp_notif asked;
    memset(&asked, 0, sizeof asked);
    if (ioctl((int)(long)argument, SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0) {
        struct seccomp_notif_resp answer = {.id = asked.id, .error = -EDOM};
        ioctl((int)(long)argument, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    return NULL;
}

static int one(const char *how) {
    pthread_t thread;
    if (!strcmp(how, "strict")) {
        call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
        call(SYS_write, -1, "strict", 6);
        call(SYS_exit, 7);
    } else if (!strcmp(how, "strictly-killed")) {
        call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
        makes(CHMOD("/hostile/strictly-killed", 0));
    } else if (!strcmp(how, "errno"))
        filtered(SECCOMP_RET_ERRNO | EXDEV, 0);
    else if (!strcmp(how, "trap")) {
        struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
        sigaction(SIGSYS, &action, NULL);
        filtered(SECCOMP_RET_TRAP, 0);
    } else if (!strcmp(how, "trap-unhandled"))
        filtered(SECCOMP_RET_TRAP, 0);
    else if (!strcmp(how, "kill"))
        filtered(SECCOMP_RET_KILL_PROCESS, 0);
    else if (!strcmp(how, "kill-thread")) {
        filtered(SECCOMP_RET_KILL_THREAD, 0);
        pthread_create(&thread, NULL, thread_chmod, NULL);
        pthread_join(thread, NULL);
        return 8;
    } else if (!strcmp(how, "log"))
        filtered(SECCOMP_RET_LOG, 0);
    else if (!strcmp(how, "trace"))
        filtered(SECCOMP_RET_TRACE | 5, 0);
    else if (!strcmp(how, "notify")) {
        long listener = filtered(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
        pthread_create(&thread, NULL, answers, (void *)listener);
    } else if (!strcmp(how, "two")) {
        filtered(SECCOMP_RET_TRACE | 5, 0);
        filtered(SECCOMP_RET_ERRNO | EXDEV, 0);
    }
    return (int)-makes(CHMOD("/hostile/path", 0)) & 0xff;
}

int main(int argc, char **argv) {
    static const char *const ways[] = {"none", "strict", "strictly-killed", "errno", "trap", "trap-unhandled",
                                       "kill", "kill-thread", "log", "trace", "notify", "two"};
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        int status, pid = fork();
        if (pid == 0)
            call(SYS_exit_group, one(ways[i]));
        wait(&status);
        say("%s %#x\n", ways[i], status & ~0x80); /* but not whether there is a core */
    }
    say("made " name_of(CHMOD(0, 0)) " %d\n", (int)(sizeof ways / sizeof *ways) - 1);
    told();
    return argc - 1 + (argv == NULL);
}
