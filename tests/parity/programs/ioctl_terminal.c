/* ioctl: a terminal's size, groups, queues, discipline, packet mode and the rest. */
#include "parity.h"
#include <sys/ioctl.h>
#include <asm/termbits.h>
int main(void)
{
	struct winsize size = {24, 80, 640, 480};
	int value = 0;
	char byte = 'x';
	long master = call(openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	call(ioctl, master, TIOCGPTN, &value);
	call(ioctl, master, TIOCSPTLCK, &(int){0});
	call(ioctl, master, TIOCGPTLCK, &value);
	long slave = call(ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	call(ioctl, slave, TIOCSWINSZ, &size);
	call(ioctl, master, TIOCGWINSZ, &size);
	call(ioctl, slave, TIOCGPGRP, &value);
	call(ioctl, slave, TIOCSPGRP, &value);
	call(ioctl, slave, TIOCGSID, &value);
	call(ioctl, slave, TIOCSCTTY, 0);
	call(ioctl, slave, TIOCNOTTY);
	call(ioctl, slave, TIOCEXCL);
	call(ioctl, slave, TIOCGEXCL, &value);
	call(ioctl, slave, TIOCNXCL);
	call(ioctl, slave, TIOCGETD, &value);
	call(ioctl, slave, TIOCSETD, &(int){99});
	call(ioctl, master, TIOCPKT, &(int){1});
	call(ioctl, master, TIOCGPKT, &value);
	call(write, slave, "abc", 3ul);
	call(ioctl, master, FIONREAD, &value);
	call(ioctl, slave, TIOCOUTQ, &value);
	call(ioctl, slave, TIOCSTI, &byte);
	call(ioctl, master, TIOCSIG, SIGWINCH);
	call(ioctl, slave, TIOCMGET, &value);
	call(ioctl, slave, TIOCMBIS, &(int){TIOCM_DTR | TIOCM_RTS});
	call(ioctl, slave, TIOCGSOFTCAR, &value);
	call(ioctl, slave, TIOCGDEV, &value);
	call(ioctl, slave, TIOCSBRK);
	call(ioctl, slave, TIOCLINUX, &byte);
	call(ioctl, slave, TIOCGWINSZ, NULL);
	char name[64];
	call(readlinkat, AT_FDCWD, "/proc/self/fd/0", name, sizeof name);
	call(read, master, name, sizeof name);
}
