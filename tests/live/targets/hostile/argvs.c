/* usage: argvs HOW: argument lists that are too long, lead nowhere, or change while they are read. */
#include "made.h"
#include <pthread.h>

enum { MANY = 100000 };

static char *flipping[4] = {"argvs", "first", "third", NULL};
static volatile int done;

static void *flip(void *argument) {
    static char *const words[] = {"first", "second", NULL, (char *)-1, (char *)8};
    for (unsigned turn = 0; !done; turn++)
        ((char *volatile *)flipping)[1] = words[turn % 5];
    return argument;
}

int main(int argc, char **argv) {
    static char *many[MANY + 3];
    const char *how = argc > 1 ? argv[1] : "";
    if (!strcmp(how, "count")) {
        say("%d words, the last %s\n", argc, argv[argc - 1]);
        told();
    } else if (!strcmp(how, "many")) {
        many[0] = "argvs", many[1] = "count";
        for (int i = 2; i < MANY + 2; i++)
            many[i] = "w";
        call(SYS_execve, "/proc/self/exe", many, NULL);
    } else if (!strcmp(how, "fails")) {
        for (int i = 0; i < MANY; i++)
            many[i] = "w";
        begin();
        did(execve, "/nowhere/at/all", many, many);
        end();
    } else if (!strcmp(how, "nowhere")) {
        char *page = before_nothing(1);
        char **endless = (char **)page;
        for (int i = 0; i < 512; i++)
            endless[i] = page; /* a pointer to itself, as a string: its own bytes */
        static char *cells[3];
        cells[0] = (char *)cells, cells[1] = (char *)&cells[1];
        begin();
        did(execve, "/bin/true", endless, NULL);
        did(execve, "/bin/true", cells, endless);
        did(execve, "/nowhere", cells, cells);
        did(execve, "/bin/true", -1L, NULL);
        did(execve, "/bin/true", 0xffffffff81000000, 0x0000800000000000);
        did(execve, "/bin/true", page + 4096, page + 4096);
        did(execve, "/bin/true", page + 4088, page + 4090);
        did(execveat, -1, "", cells, cells, -1);
        end();
    } else if (!strcmp(how, "racing")) {
        pthread_t thread;
        pthread_create(&thread, NULL, flip, NULL);
        for (int i = 0; i < 300; i++)
            call(SYS_execve, "/nowhere", flipping, NULL);
        done = 1;
        pthread_join(thread, NULL);
        say("made execveat 0\nmade execve 301\n"); /* with the one that started us */
        told();
    }
    return 0;
}
