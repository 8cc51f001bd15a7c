/* execve with many and long arguments and variables. */
#include "parity.h"
int main(int argc, char **argv)
{
	static char texts[40][64], longest[6000];
	char *arguments[42] = {0}, *environment[4] = {0};
	if (argc > 1)
		return 0;
	for (int n = 0; n < 40; n++) {
		memset(texts[n], '0' + n, n);
		arguments[n] = texts[n];
	}
	memset(longest, 'L', 3000);
	memcpy(longest, "LONG=", 5);
	environment[0] = longest;
	environment[1] = "ODD=\001\"\\\n\303\244";
	call(execve, "absent", arguments, environment);
	memset(longest + 3000, 'M', 2500);
	call(execve, "absent", arguments + 30, environment);
	call(execve, "absent", at_end(arguments + 38, 24), environment + 2);
	call(execve, "absent", at_end(arguments + 36, 16), environment + 2);
	CHILD(call(execve, "/proc/self/exe", arguments, environment));
}
