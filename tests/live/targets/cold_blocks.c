/* Buffers and structures in pages that are not there when the call is entered.
 *
 * Each is a page of its own of a file that the program maps and never touches, so that
 * the first to do so is the kernel, inside the system call.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

static void *cold(const void *data, size_t size)
{
    char page[PAGE] = { 0 };
    int fd = memfd_create("page", 0);
    memcpy(page, data, size);
    if (write(fd, page, PAGE) != PAGE)
        return NULL;
    void *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return map;
}

int main(void)
{
    int out = memfd_create("out", 0);
    write(out, cold("one cold buffer", 15), 15);

    struct iovec parts[2] = {
        { cold("first part", 10), 10 },
        { cold("second", 6), 6 },
    };
    writev(out, cold(parts, sizeof parts), 2);

    struct pollfd wanted = { .fd = out, .events = POLLIN };
    poll(cold(&wanted, sizeof wanted), 1, 0);
    return 0;
}
