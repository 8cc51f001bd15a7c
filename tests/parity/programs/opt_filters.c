/* Socket filters: SO_ATTACH_FILTER and its kin, got back with SO_GET_FILTER. */
#include "parity.h"
#include <linux/filter.h>
int main(void)
{
	struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x11223344, 0, 1),
	                             BPF_STMT(BPF_RET | BPF_K, 0xffff), BPF_STMT(BPF_RET | BPF_K, 0)}, got[8];
	struct sock_fprog program = {4, code}, none = {0, NULL}, wrong = {3, BAD};
	unsigned count = 8;
	long fd = call(socket, AF_INET, SOCK_DGRAM, 0);
	call(setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
	call(getsockopt, fd, SOL_SOCKET, SO_GET_FILTER, got, &count);
	call(setsockopt, fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, 4);
	call(setsockopt, fd, SOL_SOCKET, SO_LOCK_FILTER, &(int){1}, 4);
	call(setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, &none, sizeof none);
	call(setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, &wrong, sizeof wrong);
	call(setsockopt, fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
	call(setsockopt, fd, SOL_SOCKET, SO_ATTACH_BPF, &(int){-1}, 4);
	call(setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, 3);
}
