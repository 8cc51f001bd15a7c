/* set_mempolicy, get_mempolicy, mbind, migrate_pages, move_pages, set_mempolicy_home_node. */
#include "parity.h"
#include <linux/mempolicy.h>
int main(void)
{
	unsigned long nodes[2] = {1, 0}, got[16] = {0};
	int mode = 0, node = 0, status = 77;
	char *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a[0] = 1;
	call(set_mempolicy, MPOL_BIND | MPOL_F_STATIC_NODES, nodes, 64ul);
	call(get_mempolicy, &mode, got, 1024ul, NULL, 0ul);
	call(set_mempolicy, MPOL_DEFAULT, NULL, 0ul);
	call(get_mempolicy, &mode, NULL, 0ul, a, (unsigned long)(MPOL_F_ADDR | MPOL_F_NODE));
	call(get_mempolicy, NULL, got, 1024ul, NULL, (unsigned long)MPOL_F_MEMS_ALLOWED);
	call(set_mempolicy, 77, NULL, 0ul);
	call(mbind, a, 4096ul, (unsigned long)MPOL_PREFERRED, nodes, 64ul, MPOL_MF_MOVE);
	call(mbind, a, 4096ul, (unsigned long)MPOL_INTERLEAVE | MPOL_F_RELATIVE_NODES, nodes, 64ul, MPOL_MF_STRICT | 0x100);
	call(mbind, a, 4096ul, (unsigned long)MPOL_LOCAL, NULL, 0ul, 0);
	call(move_pages, 0, 1ul, &a, NULL, &status, 0);
	void *pages[2] = {a, BAD};
	int to[2] = {0, 99}, statuses[2] = {5, 5};
	call(move_pages, 0, 2ul, pages, to, statuses, MPOL_MF_MOVE);
	call(move_pages, -1, 2ul, BAD, NULL, BAD, MPOL_MF_MOVE_ALL);
	call(migrate_pages, getpid(), 64ul, nodes, nodes);
	call(migrate_pages, -1, 64ul, NULL, BAD);
	call(set_mempolicy_home_node, a, 4096ul, 0ul, 0ul);
}
