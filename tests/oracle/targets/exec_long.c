/* exec with long arguments: 300 short ones, one of 3000 bytes, some of every small length; the new
   program runs itself once more with an environment that is longer than its arguments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static char *words[302], *variables[131], long_one[3001];

    if (argc > 200) {
        for (int n = 0; n < 130; n++) {
            variables[n] = malloc(64);
            sprintf(variables[n], "VARIABLE_%d=%.*s", n, n % 32, "0123456789abcdefghijklmnopqrstuv");
        }
        char *few[] = {argv[0], "few", NULL};
        execve(argv[0], few, variables);
        return 1;
    }
    if (argc == 2 && strcmp(argv[1], "few") == 0)
        return 0;
    words[0] = argv[0];
    for (int n = 1; n <= 300; n++) {
        words[n] = malloc(32);
        sprintf(words[n], "%d %.*s", n, n % 20, "xxxxxxxxxxxxxxxxxxxx");
    }
    memset(long_one, 'L', 3000);
    words[150] = long_one;
    words[151] = "";
    execve(argv[0], words, variables);
    return 1;
}
