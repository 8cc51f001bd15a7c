/* fcntl: owners and signals of descriptors. */
#include "parity.h"
int main(void)
{
	int pipes[2];
	unsigned uids[2];
	struct f_owner_ex owner = {F_OWNER_TID, getpid()};
	call(pipe, pipes);
	call(fcntl, pipes[0], F_SETOWN, getpid());
	call(fcntl, pipes[0], F_GETOWN);
	call(fcntl, pipes[0], F_SETOWN, -getpgrp());
	call(fcntl, pipes[0], F_SETOWN_EX, &owner);
	call(fcntl, pipes[0], F_GETOWN_EX, &owner);
	owner = (struct f_owner_ex){F_OWNER_PGRP, 99999999};
	call(fcntl, pipes[0], F_SETOWN_EX, &owner);
	owner = (struct f_owner_ex){77, -1};
	call(fcntl, pipes[0], F_SETOWN_EX, &owner);
	call(fcntl, pipes[0], F_SETOWN_EX, BAD);
	call(fcntl, pipes[0], 17 /* F_GETOWNER_UIDS */, uids);
	call(fcntl, pipes[0], F_SETSIG, SIGIO);
	call(fcntl, pipes[0], F_GETSIG);
	call(fcntl, pipes[0], F_SETSIG, SIGRTMIN + 1);
	call(fcntl, pipes[0], F_GETSIG);
	call(fcntl, pipes[0], F_SETSIG, 77);
}
