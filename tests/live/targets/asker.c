/* usage: asker N: N times getppid, as fast as it goes. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    for (long n = argc > 1 ? atol(argv[1]) : 1; n > 0; n--)
        syscall(SYS_getppid);
    return 0;
}
