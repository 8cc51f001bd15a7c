/* usage: loop N: N times open and close of the same file, as fast as it goes. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    for (long n = argc > 1 ? atol(argv[1]) : 1; n > 0; n--)
        close(open("/dev/zero", O_RDONLY));
    return 0;
}
