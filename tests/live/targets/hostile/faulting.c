/* usage: faulting HOW COUNT: arguments in memory that somebody else must bring (userfaultfd), who makes
 * calls of his own before he does. */
#include "made.h"
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>

static int faults;
static char *page;
static volatile int waiting, count;

/* Brings the page once all threads wait for it. */
static void *brings(void *argument) {
    static char there[4096] __attribute__((aligned(4096))) = "/hostile/brought";
    struct uffd_msg message;
    for (int i = 0; i < count; i++) {
        makes(POLL((&(struct pollfd){faults, POLLIN, 0}), 1, -1));
        if (call(SYS_read, faults, &message, sizeof message) != sizeof message)
            break;
        call(SYS_umask, 077);
    }
    struct uffdio_copy copy = {(unsigned long)page, (unsigned long)there, 4096, 0, 0};
    call(SYS_ioctl, faults, UFFDIO_COPY, &copy);
    return argument;
}

static void *asks(void *argument) {
    if (argument)
        call(SYS_execve, page, (char *[]){"brought", "an argument", NULL}, NULL);
    else
        makes(CHMOD(page, 0));
    return NULL;
}

int main(int argc, char **argv) {
    int execs = argc > 1 && !strcmp(argv[1], "execs");
    pthread_t helper, threads[512];
    struct uffdio_api api = {UFFD_API, 0, 0};
    count = argc > 2 ? atoi(argv[2]) : 1;
    faults = (int)call(SYS_userfaultfd, O_CLOEXEC);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register range = {{(unsigned long)page, 4096}, UFFDIO_REGISTER_MODE_MISSING, 0};
    if (ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range)) {
        say("not here\n");
        told();
        return 77;
    }
    pthread_create(&helper, NULL, brings, NULL);
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, asks, (void *)(long)execs);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_join(helper, NULL);
    say("made %s %d\nmade umask %d\n", execs ? "execve" : name_of(CHMOD(0, 0)), count + execs, count);
    told();
    return 0;
}
