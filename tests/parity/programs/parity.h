/* What every program of the corpus includes: calls by their number, also those younger than Linux 6.1. */
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define call(name, ...) syscall(SYS_##name __VA_OPT__(,) __VA_ARGS__)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BAD ((void *)0x1000)          /* nothing is ever there: vm.mmap_min_addr */
#define CHILD(...) do { pid_t child_ = fork(); if (!child_) { __VA_ARGS__; call(exit_group, 0); } \
                        call(wait4, child_, NULL, 0, NULL); } while (0)

#define SYS_cachestat 451
#define SYS_fchmodat2 452
#define SYS_map_shadow_stack 453
#define SYS_futex_wake 454
#define SYS_futex_wait 455
#define SYS_futex_requeue 456
#define SYS_statmount 457
#define SYS_listmount 458
#define SYS_lsm_get_self_attr 459
#define SYS_lsm_set_self_attr 460
#define SYS_lsm_list_modules 461
#define SYS_mseal 462
#define SYS_setxattrat 463
#define SYS_getxattrat 464
#define SYS_listxattrat 465
#define SYS_removexattrat 466
#define SYS_open_tree_attr 467
#define SYS_file_getattr 468
#define SYS_file_setattr 469

/* The last byte before memory that is not there: what is put before it ends at a page's end. */
static inline char *page_end(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(pages + 4096, 4096);
	return pages + 4096;
}

/* `size` bytes at the end of a page: whoever reads one more is told EFAULT. */
static inline void *at_end(const void *data, size_t size)
{
	return memcpy(page_end() - size, data, size);
}
