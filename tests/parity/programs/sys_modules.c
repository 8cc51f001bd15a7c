/* init_module, finit_module, delete_module, kexec_load, kexec_file_load, reboot, syslog: all refused. */
#include "parity.h"
#include <linux/kexec.h>
#include <linux/module.h>
int main(void)
{
	char buffer[64];
	struct kexec_segment segments[1] = {{BAD, 5, (void *)0x2000, 4096}};
	call(init_module, "not an ELF file", 15ul, "param=1");
	call(init_module, NULL, 0ul, "");
	call(init_module, BAD, 100ul, BAD);
	long fd = call(openat, AT_FDCWD, "/dev/null", O_RDONLY);
	call(finit_module, fd, "a=b", MODULE_INIT_IGNORE_MODVERSIONS | MODULE_INIT_IGNORE_VERMAGIC);
	call(finit_module, -1, NULL, 0x70);
	call(delete_module, "no_such_module", O_NONBLOCK);
	call(delete_module, "no_such_module", O_TRUNC | O_NONBLOCK);
	call(kexec_load, 0x1000ul, 1ul, segments, 0x12345678ul);
	call(kexec_file_load, -1, -1, 5ul, "args", 0x700ul);
	call(reboot, 0, 0, 0, NULL);
	call(reboot, 0xfee1dead, 672274793, 0x77777777, "argument");
	CHILD(call(setsid); call(vhangup));   /* of a terminal that it has not */
	call(syslog, 10, NULL, 0);
	call(syslog, 9, NULL, 0);
	call(syslog, 77, buffer, 64);
	call(syslog, 3, buffer, -1);
}
