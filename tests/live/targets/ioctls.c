/* ioctl(2) on a terminal, a file, a socket and what else is there. Of each call it prints the command's name and,
   as JSON, what the argument is to be in the trace: what the program gave, or got. A call that failed, prints null.
   usage: ioctls FILE */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <linux/loop.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/userfaultfd.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct termios of the kernel, not of the C library. */
struct termios { unsigned c_iflag, c_oflag, c_cflag, c_lflag; unsigned char c_line, c_cc[19]; };

#define SAY(command, format, ...) printf("%s\t" format "\n", command, ##__VA_ARGS__)
/* A command that must succeed. */
#define DO(fd, command, argument) do { if (ioctl(fd, command, argument) < 0) { perror(#command); exit(1); } } while (0)

static void terminal(void)
{
	struct winsize size = {24, 80, 640, 480};
	struct termios termios;
	int number, waiting, master = open("/dev/ptmx", O_RDWR | O_NOCTTY), slave;

	DO(master, TIOCGPTN, &number);
	SAY("TIOCGPTN", "[%d]", number);
	DO(master, TIOCSPTLCK, &(int){0});
	SAY("TIOCSPTLCK", "[0]");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	SAY("TIOCGPTPEER", "%d", O_RDWR | O_NOCTTY);
	DO(slave, TIOCSWINSZ, &size);
	SAY("TIOCSWINSZ", "{\"ws_row\": 24, \"ws_col\": 80, \"ws_xpixel\": 640, \"ws_ypixel\": 480}");
	DO(slave, TIOCGWINSZ, &size);
	SAY("TIOCGWINSZ", "{\"ws_row\": 24, \"ws_col\": 80, \"ws_xpixel\": 640, \"ws_ypixel\": 480}");
	DO(slave, TCGETS, &termios);
	SAY("TCGETS", "{\"c_iflag\": %u, \"c_oflag\": %u, \"c_cflag\": %u, \"c_lflag\": %u, \"c_cc\": {\"VINTR\": %d}}",
	    termios.c_iflag, termios.c_oflag, termios.c_cflag, termios.c_lflag, termios.c_cc[0]);
	termios.c_lflag &= ~10; /* ICANON | ECHO */
	DO(slave, TCSETSW, &termios);
	SAY("TCSETSW", "{\"c_lflag\": %u, \"c_line\": 0}", termios.c_lflag);
	write(master, "12345", 5);
	DO(slave, FIONREAD, &waiting);
	SAY("FIONREAD", "[%d]", waiting);
}

static void file(const char *name)
{
	struct { struct fiemap map; struct fiemap_extent extents[4]; } map = {{0, ~0ull, FIEMAP_FLAG_SYNC, 0, 4}};
	int flags = 0, fd = open(name, O_CREAT | O_RDWR, 0600);

	write(fd, "some text", 9);
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0)
		SAY("FS_IOC_GETFLAGS", "[%d]", flags);
	else
		SAY("FS_IOC_GETFLAGS", "null");
	if (ioctl(fd, FS_IOC_FIEMAP, &map) == 0 && map.map.fm_mapped_extents == 1)
		SAY("FS_IOC_FIEMAP", "{\"fm_flags\": 1, \"fm_mapped_extents\": 1, \"fm_extents\": "
		    "[{\"fe_logical\": 0, \"fe_physical\": %llu, \"fe_length\": %llu, \"fe_flags\": %u}]}",
		    map.extents[0].fe_physical, map.extents[0].fe_length, map.extents[0].fe_flags);
	else
		SAY("FS_IOC_FIEMAP", "null");
	ioctl(fd, FICLONE, 0);
	SAY("FICLONE", "0");
}

static void network(void)
{
	struct ifreq request = {.ifr_name = "lo"}, list[16];
	struct ifconf conf = {sizeof(list), {(char *)list}};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	DO(fd, SIOCGIFCONF, &conf);
	SAY("SIOCGIFCONF", "{\"ifc_len\": %d, \"ifc_buf\": [{\"ifr_name\": \"%s\"}]}", conf.ifc_len, list[0].ifr_name);
	DO(fd, SIOCGIFINDEX, &request);
	SAY("SIOCGIFINDEX", "{\"ifr_name\": \"lo\", \"ifr_ifindex\": %d}", request.ifr_ifindex);
	DO(fd, SIOCGIFFLAGS, &request);
	SAY("SIOCGIFFLAGS", "{\"ifr_name\": \"lo\", \"ifr_flags\": %d}", request.ifr_flags);
	DO(fd, SIOCGIFADDR, &request);
	SAY("SIOCGIFADDR", "{\"ifr_addr\": {\"sa_family\": 2, \"sin_addr\": \"127.0.0.1\"}}");
	DO(fd, SIOCGIFHWADDR, &request);
	SAY("SIOCGIFHWADDR", "{\"ifr_hwaddr\": {\"sa_family\": %d}}", request.ifr_hwaddr.sa_family);
	strcpy(request.ifr_name, "none0");
	ioctl(fd, SIOCGIFFLAGS, &request);
	SAY("SIOCGIFFLAGS", "{\"ifr_name\": \"none0\"}");
}

static void kernel(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .disabled = 1};
	struct uffdio_api api = {UFFD_API, 0};
	struct ifreq request = {.ifr_name = "argtrace%d", .ifr_flags = IFF_TUN | IFF_NO_PI};
	unsigned long long id;
	int count, fd;

	fd = open("/dev/random", O_RDONLY);
	DO(fd, RNDGETENTCNT, &count);
	SAY("RNDGETENTCNT", "[%d]", count);
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (fd >= 0 && ioctl(fd, PERF_EVENT_IOC_ID, &id) == 0)
		SAY("PERF_EVENT_IOC_ID", "[%llu]", id);
	fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0)
		SAY("UFFDIO_API", "{\"api\": %llu, \"features\": %llu, \"ioctls\": %llu}", api.api, api.features, api.ioctls);
	fd = open("/dev/loop-control", O_RDWR);
	if (fd >= 0 && ioctl(fd, LOOP_CTL_GET_FREE) >= 0)
		SAY("LOOP_CTL_GET_FREE", "0");
	fd = open("/dev/net/tun", O_RDWR);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0)
		SAY("TUNSETIFF", "{\"ifr_name\": \"%s\", \"ifr_flags\": %d}", request.ifr_name, request.ifr_flags);
#ifdef __x86_64__
	fd = open("/dev/kvm", O_RDWR);
	if (fd >= 0) {
		struct { struct kvm_cpuid2 cpuid; struct kvm_cpuid_entry2 entries[200]; } leaves = {{200}};

		if (ioctl(fd, KVM_GET_SUPPORTED_CPUID, &leaves) == 0)
			SAY("KVM_GET_SUPPORTED_CPUID", "{\"nent\": %u, \"entries\": [{\"function\": %u, \"eax\": %u}]}",
			    leaves.cpuid.nent, leaves.entries[0].function, leaves.entries[0].eax);
	}
#endif
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	terminal();
	file(argv[1]);
	network();
	kernel();
	return 0;
}
