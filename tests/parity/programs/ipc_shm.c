/* shmget, shmat, shmctl, shmdt: keys, flags, commands with their structures. */
#include "parity.h"
#include <sys/shm.h>
int main(void)
{
	struct shmid_ds ds;
	struct shminfo info;
	struct shm_info shm;
	call(unshare, 0x08000000);
	long id = call(shmget, IPC_PRIVATE, 8192ul, IPC_CREAT | 0600);
	call(shmget, 0x1234, 4096ul, IPC_CREAT | IPC_EXCL | SHM_NORESERVE | 0644);
	call(shmget, 0x1234, 1ul << 40, SHM_HUGETLB | 21 << 26);
	long a = call(shmat, (int)id, NULL, 0);
	long b = call(shmat, (int)id, NULL, SHM_RDONLY | SHM_RND);
	call(shmat, (int)id, BAD, SHM_REMAP | SHM_EXEC);
	call(shmctl, (int)id, IPC_STAT, &ds);
	ds.shm_perm.mode = 0640;
	call(shmctl, (int)id, IPC_SET, &ds);
	call(shmctl, 0, IPC_INFO, &info);
	call(shmctl, 0, SHM_INFO, &shm);
	call(shmctl, 0, SHM_STAT, &ds);
	call(shmctl, 0, 15 /* SHM_STAT_ANY */, &ds);
	call(shmctl, (int)id, SHM_LOCK, NULL);
	call(shmctl, (int)id, SHM_UNLOCK, NULL);
	call(shmdt, a);
	call(shmdt, b);
	call(shmdt, BAD);
	call(shmctl, (int)id, IPC_RMID, NULL);
	call(shmctl, (int)id, IPC_STAT, &ds);
	call(shmctl, -1, 77, BAD);
}
