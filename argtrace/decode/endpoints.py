"""What a socket is connected to, in a line: `TCP:[127.0.0.1:80->127.0.0.1:4242]`.

As strace -yy has it: the protocol, then both ends where there are two, one where
it is bound, else the number of the socket.

Sources: include/linux/net.h (socket types), include/uapi/linux/netlink.h, unix(7).
"""

from __future__ import annotations

import socket

_INTERNET = {
    (1, 6): "TCP",
    (1, 132): "SCTP",
    (1, 262): "MPTCP",
    (2, 17): "UDP",
    (2, 136): "UDPLITE",
    (2, 1): "PING",
    (2, 58): "PING",
    (5, 132): "SCTP",
    (6, 33): "DCCP",
}
_RAW = 3

_STREAM = 1

_NETLINK = {
    0: "ROUTE",
    2: "USERSOCK",
    3: "FIREWALL",
    4: "SOCK_DIAG",
    5: "NFLOG",
    6: "XFRM",
    7: "SELINUX",
    8: "ISCSI",
    9: "AUDIT",
    10: "FIB_LOOKUP",
    11: "CONNECTOR",
    12: "NETFILTER",
    13: "IP6_FW",
    14: "DNRTMSG",
    15: "KOBJECT_UEVENT",
    16: "GENERIC",
    18: "SCSITRANSPORT",
    19: "ECRYPTFS",
    20: "RDMA",
    21: "CRYPTO",
    22: "SMC",
}

End = tuple[bytes, int]
"""An address of 4 or 16 bytes, and a port."""


def protocol(type: int, protocol: int) -> str | None:
    """What an internet socket of this type and protocol is called."""
    return "RAW" if type == _RAW else _INTERNET.get((type, protocol))


def internet(protocol: str, inode: int, local: End, remote: End) -> str:
    name = protocol if len(local[0]) == 4 else f"{protocol}v6"
    if remote[1] or any(remote[0]):
        return f"{name}:[{_end(local)}->{_end(remote)}]"
    if local[1] or any(local[0]):
        return f"{name}:[{_end(local)}]"
    return f"{name}:[{inode}]"


def unix(type: int, inode: int, peer: int, path: bytes) -> str:
    """`peer`: the number of the other socket, 0 if there is none. An abstract `path` begins with NUL."""
    kind = "UNIX-STREAM" if type == _STREAM else "UNIX"  # as the kernel calls these protocols
    ends = f"{inode}->{peer}" if peer else str(inode)
    return f"{kind}:[{ends}{_path(path)}]"


def accepted(detail: str, inode: int, peer: int) -> str:
    """Of a UNIX socket that was alone before: with the socket that accepted it."""
    return detail.replace(f"[{inode}", f"[{inode}->{peer}", 1)


def netlink(protocol: int, inode: int, port: int) -> str:
    """`port`: its address, 0 before it is bound."""
    if not port:
        return f"NETLINK:[{inode}]"
    return f"NETLINK:[{_NETLINK.get(protocol, protocol)}:{port}]"


def device(mode: int, major: int, minor: int) -> str | None:
    """Of a file of this mode, if it is a device."""
    kind = {0o020000: "char", 0o060000: "block"}.get(mode & 0o170000)
    return None if kind is None else f"{kind} {major}:{minor}"


def _end(end: End) -> str:
    if len(end[0]) == 4:
        return f"{socket.inet_ntop(socket.AF_INET, end[0])}:{end[1]}"
    return f"[{socket.inet_ntop(socket.AF_INET6, end[0])}]:{end[1]}"


def _path(path: bytes) -> str:
    if not path:
        return ""
    mark, name = ("@", path[1:]) if path.startswith(b"\0") else ("", path)
    # Names of abstract sockets may have any byte.
    text = "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else f"\\{b:03o}" for b in name)
    return f',{mark}"{text}"'
