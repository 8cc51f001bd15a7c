/* Arguments in memory that nobody brings (userfaultfd), of calls that fail before the kernel looks at them:
 * who reads them meanwhile waits for good. */
#include "made.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(void) {
    struct uffdio_api api = {UFFD_API, 0, 0};
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register range = {{(unsigned long)page, 4096}, UFFDIO_REGISTER_MODE_MISSING, 0};
    int faults = (int)call(SYS_userfaultfd, O_CLOEXEC);
    if (ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range)) {
        say("not here\n");
        told();
        return 77;
    }
    begin();
    did(write, -1, page, 8);
    did(pwrite64, -1, page, 4096, 0);
    did(writev, -1, page, 2);
    did(connect, -1, page, 16);
    did(sendmsg, -1, page, 0);
    did(setsockopt, -1, SOL_SOCKET, SO_LINGER, page, 8);
    did(fcntl, -1, F_SETLK, page);
    did(ioctl, -1, 0x5402, page); /* TCSETS */
    end();
    return 0;
}
