/* membarrier: commands and flags. */
#include "parity.h"
#include <linux/membarrier.h>
int main(void)
{
	call(membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
	call(membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	call(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	call(membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
	call(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
	call(membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0);
	call(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 0);
	call(membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0);
	call(membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
	call(membarrier, 0x4000, 0x10, -1);
	call(membarrier, MEMBARRIER_CMD_QUERY, 1, 0);
}
