/* Program starts of every kind, one a word of the command line. Each that works runs /bin/true or `self end`. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const environment[] = {"HOME=/home", "A=1", "A=2", "odd", NULL};

static void refused(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {4, code};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(9);
	char *argv[] = {"refused", "by seccomp", NULL};
	execve("/bin/true", argv, environment);
	_exit(errno == EPERM ? 0 : 9);
}

static void *in_thread(void *name)
{
	char *argv[] = {"by", "a thread", NULL};
	execve("/bin/true", argv, environment);
	return name;
}

/* An ELF file whose only segment cannot be mapped: execve fails when the caller's memory is gone. */
static void broken(void)
{
	char file[64 + 56 + 4096] = "\177ELF\2\1\1";
	unsigned short *half = (unsigned short *)(file + 16);
	half[0] = 2;		/* ET_EXEC */
	half[1] = 62;		/* EM_X86_64 */
	*(unsigned *)(file + 20) = 1;
	*(unsigned long *)(file + 24) = 0x400000;
	*(unsigned long *)(file + 32) = 64;
	*(unsigned short *)(file + 52) = 64;
	*(unsigned short *)(file + 54) = 56;
	*(unsigned short *)(file + 56) = 1;
	unsigned *segment = (unsigned *)(file + 64);
	segment[0] = 1;		/* PT_LOAD */
	segment[1] = 5;
	unsigned long *words = (unsigned long *)(file + 64 + 8);
	words[1] = 0xffffff0000000000;	/* p_vaddr: the kernel's */
	words[3] = 4096;
	words[4] = 4096;
	words[5] = 4096;
	int fd = memfd_create("broken", 0);
	if (write(fd, file, sizeof file) != sizeof file)
		_exit(9);
	char *argv[] = {"broken", "program", NULL};
	syscall(SYS_execveat, fd, "", argv, environment, AT_EMPTY_PATH);
	_exit(errno == ENOEXEC ? 0 : 9);
}

static void memfd(void)
{
	int from = open("/bin/true", O_RDONLY), fd = memfd_create("program", 0);
	char bytes[4096];
	for (ssize_t size; (size = read(from, bytes, sizeof bytes)) > 0;)
		if (write(fd, bytes, size) != size)
			_exit(9);
	char *argv[] = {"from", "memory", NULL};
	syscall(SYS_execveat, fd, "", argv, environment, AT_EMPTY_PATH);
	_exit(9);
}

/* The second argument lies on a page that is not there, of an exec that never looks at it. */
static void absent(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *argv[] = {"absent", page, "there", NULL};
	execve("/nonexistent", argv, environment);
	_exit(errno == ENOENT ? 0 : 9);
}

static void run(const char *what, char *self)
{
	if (!strcmp(what, "seccomp")) refused();
	if (!strcmp(what, "broken")) broken();
	if (!strcmp(what, "memfd")) memfd();
	if (!strcmp(what, "absent")) absent();
	if (!strcmp(what, "null")) {
		execve("/nonexistent", NULL, NULL);
		_exit(0);
	}
	if (!strcmp(what, "thread")) {
		pthread_t thread;
		pthread_create(&thread, NULL, in_thread, NULL);
		pthread_join(thread, NULL);
		_exit(9);
	}
	if (!strncmp(what, "script:", 7)) {
		char *argv[] = {"name", "of a script", NULL};
		execve(what + 7, argv, environment);
		_exit(0);
	}
	char *argv[] = {(char *)what, NULL};
	execve(what, argv, environment);
	_exit(self == NULL);
}

int main(int count, char **words)
{
	for (int at = 1; at < count; at++) {
		int vforks = !strcmp(words[at], "vfork"), status;
		pid_t child = vforks ? vfork() : fork();
		if (child == 0) {
			if (vforks) {
				char *argv[] = {"after", "vfork", NULL};
				execve("/bin/true", argv, environment);
				_exit(9);
			}
			run(words[at], words[0]);
		}
		waitpid(child, &status, 0);
		printf("%s %d\n", words[at], status);
	}
	return 0;
}
