/* ioctl: a terminal's settings, all their flags and characters, on a pty. */
#include "parity.h"
#include <asm/termbits.h>
#include <asm/ioctls.h>
int main(void)
{
	struct termios tio;
	struct termios2 tio2;
	long master = call(openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY);
	call(ioctl, master, TIOCSPTLCK, &(int){0});
	long slave = call(ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	call(ioctl, slave, TCGETS, &tio);
	tio.c_lflag &= ~(ICANON | ECHO | ISIG);
	tio.c_iflag = IGNBRK | INPCK | IUTF8;
	tio.c_oflag = OPOST | ONLCR | TAB3;
	tio.c_cflag = CS8 | CREAD | CLOCAL | B115200 | CRTSCTS;
	tio.c_cc[VMIN] = 3;
	call(ioctl, slave, TCSETS, &tio);
	call(ioctl, slave, TCSETSW, &tio);
	call(ioctl, slave, TCSETSF, &tio);
	call(ioctl, slave, TCGETS2, &tio2);
	tio2.c_ospeed = 12345;
	call(ioctl, slave, TCSETS2, &tio2);
	call(ioctl, slave, TCSBRK, 1);
	call(ioctl, slave, TCFLSH, 2);
	call(ioctl, slave, TCXONC, 0);
	call(ioctl, slave, TCGETS, BAD);
	call(ioctl, slave, TCSETS, BAD);
	call(ioctl, 0, TCGETS, &tio);
	call(ioctl, -1, TCSETS, &tio);
}
