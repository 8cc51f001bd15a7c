/* semget, semop, semtimedop, semctl: operations, and the fourth argument that each command has. */
#include "parity.h"
#include <sys/sem.h>
int main(void)
{
	struct semid_ds ds;
	struct seminfo info;
	unsigned short values[3] = {1, 2, 3};
	call(unshare, 0x08000000);
	long id = call(semget, IPC_PRIVATE, 3, IPC_CREAT | 0600);
	call(semget, 0x5678, 0, IPC_EXCL | 0777);
	call(semctl, (int)id, 1, SETVAL, 7l);
	call(semctl, (int)id, 1, GETVAL, 0l);
	call(semctl, (int)id, 0, SETALL, values);
	call(semctl, (int)id, 0, GETALL, values);
	call(semctl, (int)id, 0, GETPID, 0l);
	call(semctl, (int)id, 0, GETNCNT, 0l);
	call(semctl, (int)id, 0, GETZCNT, 0l);
	call(semctl, (int)id, 0, IPC_STAT, &ds);
	call(semctl, (int)id, 0, IPC_SET, &ds);
	call(semctl, 0, 0, IPC_INFO, &info);
	call(semctl, 0, 0, SEM_INFO, &info);
	call(semctl, 0, 0, SEM_STAT, &ds);
	struct sembuf ops[3] = {{0, 1, 0}, {1, -1, SEM_UNDO}, {2, 0, IPC_NOWAIT}};
	call(semop, (int)id, ops, 2ul);
	call(semop, (int)id, ops + 2, 1ul);
	call(semtimedop, (int)id, &(struct sembuf){2, -10, 0}, 1ul, &(struct timespec){0, 1000});
	call(semtimedop, (int)id, ops, 3ul, NULL);
	call(semop, (int)id, BAD, 2ul);
	call(semop, -1, NULL, 0ul);
	call(semctl, (int)id, 0, IPC_RMID, 0l);
	call(semctl, -1, 0, 77, BAD);
}
