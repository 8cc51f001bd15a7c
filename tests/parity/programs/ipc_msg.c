/* msgget, msgsnd, msgrcv, msgctl: messages with their type, flags, commands. */
#include "parity.h"
#include <sys/msg.h>
int main(void)
{
	struct { long type; char text[32]; } message = {5, "a typed message"}, got;
	struct msqid_ds ds;
	struct msginfo info;
	call(unshare, 0x08000000);
	long id = call(msgget, IPC_PRIVATE, IPC_CREAT | 0600);
	call(msgget, 0x9abc, IPC_CREAT | IPC_EXCL | 0666);
	call(msgget, 0x1111, 0);
	call(msgsnd, (int)id, &message, 15ul, 0);
	message.type = -1;
	call(msgsnd, (int)id, &message, 15ul, IPC_NOWAIT);
	message.type = 9;
	call(msgsnd, (int)id, &message, 3ul, IPC_NOWAIT);
	call(msgctl, (int)id, IPC_STAT, &ds);
	call(msgrcv, (int)id, &got, sizeof got.text, 5l, 0);
	call(msgrcv, (int)id, &got, 2ul, -10l, IPC_NOWAIT | MSG_NOERROR);
	call(msgrcv, (int)id, &got, 32ul, 0l, IPC_NOWAIT | MSG_EXCEPT);
	call(msgrcv, (int)id, &got, 32ul, 0l, IPC_NOWAIT | MSG_COPY);
	call(msgctl, (int)id, IPC_SET, &ds);
	call(msgctl, 0, IPC_INFO, &info);
	call(msgctl, 0, MSG_INFO, &info);
	call(msgctl, 0, MSG_STAT, &ds);
	call(msgsnd, -1, BAD, 5ul, 0);
	call(msgrcv, -1, BAD, 5ul, 1l, 0);
	call(msgctl, (int)id, IPC_RMID, NULL);
	call(msgctl, -1, 77, BAD);
}
