/* Strings and buffers that end exactly where memory does, and those that should have gone on. */
#include "made.h"
#include <sys/uio.h>

int main(int argc, char **argv) {
    char *page = before_nothing(2), *gone = page + 8192;
    int pipes[2];
    if (pipe(pipes))
        return argc + (argv != NULL);
    memset(page, 'x', 8192);
    memcpy(gone - 18, "/hostile/at/edge\0\0", 18);

    begin();
    did(ACCESS(gone - 18, 0));              /* ends a byte before the end */
    memcpy(gone - 17, "/hostile/at/edge", 17);
    did(ACCESS(gone - 17, 0));              /* ends with the last byte */
    memcpy(gone - 16, "/hostile/cut/off", 16);
    did(ACCESS(gone - 16, 0));              /* goes on where nothing is */
    gone[-1] = 0;
    did(ACCESS(gone - 1, 0));               /* "" */
    did(ACCESS(gone, 0));
    memset(gone - 4096, 'y', 4096);
    did(ACCESS(gone - 4096, 0));            /* a page without an end */
    did(write, pipes[1], gone - 16, 16);
    did(write, pipes[1], gone - 16, 17);    /* sixteen are written, or none */
    did(write, pipes[1], gone - 5000, 5001);
    struct iovec *vector = (struct iovec *)(gone - 32);
    vector[0] = (struct iovec){"first", 5};
    vector[1] = (struct iovec){gone - 40, 8};
    did(writev, pipes[1], vector, 2);
    did(writev, pipes[1], vector, 3);       /* the third is not there */
    did(POLL(gone - 8, 1, 0));
    did(POLL(gone - 8, 2, 0));
    end();
    return 0;
}
