/* Threads and children that open, duplicate and close the same few descriptors as fast as they can.
   Each file holds its own path: what read(2) gives is what its descriptor was open on.
   usage: descriptors DIRECTORY THREADS ROUNDS */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 16, FIRST = 100 };

static char names[FILES][256];
static int rounds;

static void one(unsigned *seed)
{
	char data[256];
	int which = rand_r(seed) % FILES, fd, other = FIRST + rand_r(seed) % 4;

	switch (rand_r(seed) % 8) {
	case 0: /* onto a number that others use */
		fd = open(names[which], O_RDONLY | O_CLOEXEC);
		dup2(fd, other);
		close(fd);
		break;
	case 1:
		close(other);
		break;
	case 2:
		fd = open(names[which], O_RDONLY | O_CLOEXEC);
		pread(fd, data, sizeof data, 0);
		close(fd);
		break;
	case 3:
		fd = fcntl(other, F_DUPFD_CLOEXEC, 3);
		pread(fd, data, sizeof data, 0);
		close(fd);
		break;
	default:
		pread(other, data, sizeof data, 0);
	}
}

static void *run(void *argument)
{
	unsigned seed = (unsigned)(long)argument;

	for (int i = 0; i < rounds; i++)
		one(&seed);
	return NULL;
}

static void child(unsigned seed)
{
	char data[256];
	pid_t pid = fork();

	if (pid == 0) {
		for (int fd = FIRST; fd < FIRST + 4; fd++)
			pread(fd, data, sizeof data, 0);
		for (int i = 0; i < 20; i++)
			one(&seed);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* A descriptor through a socket, by SCM_RIGHTS. */
static void pass(unsigned seed)
{
	char data[256], control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {data, 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	int ends[2], fd = open(names[seed % FILES], O_RDONLY);

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(rights), &fd, sizeof fd);
	sendmsg(ends[0], &message, 0);
	close(fd);
	recvmsg(ends[1], &message, 0);
	memcpy(&fd, CMSG_DATA(rights), sizeof fd);
	pread(fd, data, sizeof data, 0);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	int threads = atoi(argv[2]);
	pthread_t ids[threads];

	rounds = atoi(argv[3]);
	for (int i = 0; i < FILES; i++) {
		snprintf(names[i], sizeof names[i], "%s/file%d", argv[1], i);
		int fd = open(names[i], O_WRONLY | O_CREAT, 0600);
		if (write(fd, names[i], strlen(names[i])) < 0)
			return 1;
		close(fd);
	}
	for (long i = 0; i < threads; i++)
		pthread_create(&ids[i], NULL, run, (void *)(i + 1));
	for (unsigned i = 0; i < 20; i++) {
		child(i);
		pass(i);
	}
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	return 0;
}
