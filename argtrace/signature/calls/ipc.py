"""What the arguments of System V IPC and of POSIX message queues mean.

Sources: man pages of section 2; ipc/shm.c, ipc/sem.c, ipc/msg.c, ipc/mqueue.c.
"""

from __future__ import annotations

from argtrace.signature.calls.clocks import SIGEVENT
from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    GID,
    HEX,
    INT,
    INT32,
    PERMISSIONS,
    PID,
    RESULT,
    SIZE,
    UID,
    UNUSED,
    Array,
    Bytes,
    Cell,
    Choice,
    Declaration,
    In,
    Out,
    Raw,
    Scaled,
    String,
    When,
    call,
    enum,
    flags,
    octal_flags,
    struct,
)

_O_CREAT = 0x40
_MTYPE = 8  # bytes before a message's text
_MESSAGE_LIMIT = 4096 + _MTYPE


_KEY = Choice("key", "ipc_key", {"IPC_PRIVATE": enum("ipc_key")}, default=HEX)
_MODE = octal_flags("shm_mode")
_PERM = struct("ipc64_perm", key=_KEY, uid=UID, gid=GID, cuid=UID, cgid=GID, mode=_MODE)
# What IPC_SET takes of them.
_OWNER = struct("ipc64_perm", only_=("uid", "gid", "mode"), uid=UID, gid=GID, mode=_MODE)
_SHMID_SET = struct("shmid_ds", only_=("shm_perm",), shm_perm=_OWNER)
_SEMID_SET = struct("semid_ds", only_=("sem_perm",), sem_perm=_OWNER)
_MSQID_SET = struct("msqid_ds", only_=("msg_perm", "msg_qbytes"), msg_perm=_OWNER)
_SHMID = struct("shmid_ds", shm_perm=_PERM, shm_cpid=PID, shm_lpid=PID)
_SEMID = struct("semid_ds", sem_perm=_PERM)
_MSQID = struct("msqid_ds", msg_perm=_PERM, msg_lspid=PID, msg_lrpid=PID)
_SEMBUF = struct("sembuf", sem_flg=flags("sem_op"))
_SEMOPS = In(Array(_SEMBUF, "nsops"))
_TIMEOUT = In(struct("timespec"))
_MQ_ATTR = struct("mq_attr", mq_flags=flags("mq_attr_flags"))

CALLS: dict[str, Declaration] = {
    "shmget": call(key=_KEY, size=SIZE, shmflg=octal_flags("shm_get")),
    "shmat": call(ADDRESS, shmid=INT, shmaddr=ADDRESS, shmflg=flags("shm_at")),
    "shmctl": call(
        shmid=INT,
        cmd=enum("shm_cmd"),
        buf=Choice(
            "cmd",
            "shm_cmd",
            {
                ("IPC_STAT", "SHM_STAT", "SHM_STAT_ANY"): Out(_SHMID),
                "IPC_SET": In(_SHMID_SET),
                "IPC_INFO": Out(struct("shminfo64")),
                "SHM_INFO": Out(struct("shm_info")),
            },
            default=ADDRESS,
        ),
    ),
    "shmdt": call(shmaddr=ADDRESS),
    "semget": call(key=_KEY, nsems=INT, semflg=octal_flags("ipc_get")),
    "semop": call(semid=INT, tsops=_SEMOPS, nsops=SIZE),
    "semtimedop": call(semid=INT, tsops=_SEMOPS, nsops=SIZE, timeout=_TIMEOUT),
    "semctl": call(
        Choice("cmd", "sem_cmd", {"GETPID": PID}, default=INT),
        semid=INT,
        semnum=INT,
        cmd=enum("sem_cmd"),
        arg=Choice(
            "cmd",
            "sem_cmd",
            {
                ("IPC_STAT", "SEM_STAT", "SEM_STAT_ANY"): Out(_SEMID),
                "IPC_SET": In(_SEMID_SET),
                ("IPC_INFO", "SEM_INFO"): Out(struct("seminfo")),
                "SETVAL": INT32,
                # As many as the set has, which the call does not say.
                ("GETALL", "SETALL"): ADDRESS,
                ("GETVAL", "GETPID", "GETNCNT", "GETZCNT", "IPC_RMID"): UNUSED,
            },
            default=ADDRESS,
        ),
    ),
    "msgget": call(key=_KEY, msgflg=octal_flags("ipc_get")),
    "msgsnd": call(
        msqid=INT,
        msgp=In(Raw("msgbuf", Scaled("msgsz", add=_MTYPE), _MESSAGE_LIMIT)),
        msgsz=SIZE,
        msgflg=flags("msg_flags"),
    ),
    "msgrcv": call(
        SIZE,
        msqid=INT,
        msgp=Out(Raw("msgbuf", Scaled(RESULT, add=_MTYPE), _MESSAGE_LIMIT)),
        msgsz=SIZE,
        msgtyp=INT,
        msgflg=flags("msg_flags"),
    ),
    "msgctl": call(
        msqid=INT,
        cmd=enum("msg_cmd"),
        buf=Choice(
            "cmd",
            "msg_cmd",
            {
                ("IPC_STAT", "MSG_STAT", "MSG_STAT_ANY"): Out(_MSQID),
                "IPC_SET": In(_MSQID_SET),
                ("IPC_INFO", "MSG_INFO"): Out(struct("msginfo")),
            },
            default=ADDRESS,
        ),
    ),
    "mq_open": call(
        FD,
        u_name=In(String()),
        oflag=flags("mq_open_flags"),
        mode=When("oflag", _O_CREAT, PERMISSIONS),
        u_attr=Choice("oflag", "mq_open_flags", {"O_CREAT": In(_MQ_ATTR)}, default=UNUSED, mask=_O_CREAT),
    ),
    "mq_unlink": call(u_name=In(String())),
    "mq_timedsend": call(
        mqdes=FD, u_msg_ptr=In(Bytes("msg_len")), msg_len=SIZE, msg_prio=SIZE, u_abs_timeout=_TIMEOUT
    ),
    "mq_timedreceive": call(
        SIZE,
        mqdes=FD,
        u_msg_ptr=Out(Bytes(RESULT)),
        msg_len=SIZE,
        u_msg_prio=Out(Cell("unsigned int")),
        u_abs_timeout=_TIMEOUT,
    ),
    "mq_notify": call(mqdes=FD, u_notification=In(SIGEVENT)),
    "mq_getsetattr": call(mqdes=FD, u_mqstat=In(_MQ_ATTR), u_omqstat=Out(_MQ_ATTR)),
}
