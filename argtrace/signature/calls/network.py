"""Sockets: making and naming them, sending and receiving, their options. And the names of the machine.

Source: man pages of section 2 and 7; net/socket.c, net/core/sock.c; include/linux/socket.h.

Not here: what is in an address, a control message, an option's value or a netlink message
is `decode/{sockaddr,control_messages,sockopt,netlink}.py`.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    FD,
    INT,
    RESULT,
    SIZE,
    UNUSED,
    Array,
    At,
    Before,
    Bytes,
    Cell,
    Choice,
    Declaration,
    In,
    InOut,
    Least,
    Meaning,
    Number,
    Out,
    Raw,
    Share,
    Size,
    Struct,
    To,
    call,
    enum,
    flags,
    net16,
    struct,
)

FAMILY = enum("address_family")
SOCKET_TYPE = flags("socket_type")
PROTOCOL = Choice(
    "family",
    "address_family",
    {
        ("AF_INET", "AF_INET6"): enum("ip_protocol"),
        "AF_AX25": enum("ax25_protocol"),
        "AF_NETLINK": enum("netlink_protocol"),
        "AF_PACKET": net16("ethernet_protocol"),
        "AF_IRDA": enum("irda_protocol"),
        "AF_PPPOX": enum("pppox_protocol"),
        "AF_CAN": enum("can_protocol"),
        "AF_BLUETOOTH": enum("bluetooth_protocol"),
        "AF_RXRPC": FAMILY,
        "AF_ISDN": enum("isdn_protocol"),
        "AF_PHONET": enum("phonet_protocol"),
        "AF_CAIF": enum("caif_protocol"),
        "AF_NFC": enum("nfc_protocol"),
        "AF_KCM": enum("kcm_protocol"),
        "AF_SMC": enum("smc_protocol"),
    },
    default=INT,
)


def address(length: Size) -> Raw:
    return Raw("sockaddr", length, limit=128)


def returned(length: str) -> Out:
    """Of an address longer than there was room for the rest is not written; its length is, in full."""
    return Out(address(Least(Before(At(length)), At(length))))


LENGTH = InOut(Cell("int"))


def message(data: Size, message_flags: Number) -> Struct:
    """A msghdr. `data`: how much there is in each buffer."""
    return struct(
        "msghdr",
        msg_name=To(address("msg_namelen")),
        msg_iov=To(Array(struct("iovec", iov_base=To(Bytes(data, "fd"))), "msg_iovlen")),
        msg_iovlen=SIZE,
        msg_control=To(Raw("control_messages", "msg_controllen", limit=512)),
        msg_controllen=SIZE,
        msg_flags=message_flags,
    )


# Its flags come from the argument of that name, though a program may have set these.
SENT = message("iov_len", flags("msg"))
# How much room there is; what is in it means nothing yet.
ROOM = struct("msghdr", msg_iovlen=SIZE, msg_controllen=SIZE, msg_flags=UNUSED)

# Which options there are depends on the level, and of netfilter's on the direction.
OPTIONS: dict[str | tuple[str, ...], Meaning] = {
    "SOL_ICMPV6": enum("sockopt_icmpv6"),
    "SOL_TCP": enum("sockopt_tcp"),
    ("SOL_UDP", "SOL_UDPLITE"): enum("sockopt_udp"),
    "SOL_RFCOMM": enum("sockopt_rfcomm"),
    "SOL_CAN_RAW": enum("sockopt_can_raw"),
    "SOL_CAN_ISOTP": enum("sockopt_can_isotp"),
    "SOL_CAN_J1939": enum("sockopt_can_j1939"),
    "SOL_SCTP": enum("sockopt_sctp"),
    "SOL_RAW": enum("sockopt_raw"),
    "SOL_IPX": enum("sockopt_ipx"),
    "SOL_AX25": enum("sockopt_ax25"),
    "SOL_NETROM": enum("sockopt_netrom"),
    "SOL_ROSE": enum("sockopt_rose"),
    "SOL_X25": enum("sockopt_x25"),
    "SOL_PACKET": enum("sockopt_packet"),
    ("SOL_ATM", "SOL_AAL"): enum("sockopt_atm"),
    "SOL_IRDA": enum("sockopt_irda"),
    "SOL_LLC": enum("sockopt_llc"),
    "SOL_DCCP": enum("sockopt_dccp"),
    "SOL_NETLINK": enum("sockopt_netlink"),
    "SOL_TIPC": enum("sockopt_tipc"),
    "SOL_RXRPC": enum("sockopt_rxrpc"),
    "SOL_PPPOL2TP": enum("sockopt_pppol2tp"),
    "SOL_BLUETOOTH": enum("sockopt_bluetooth"),
    "SOL_PNPIPE": enum("sockopt_pnpipe"),
    "SOL_RDS": enum("sockopt_rds"),
    "SOL_IUCV": enum("sockopt_iucv"),
    "SOL_CAIF": enum("sockopt_caif"),
    "SOL_ALG": enum("sockopt_alg"),
    "SOL_NFC": enum("sockopt_nfc"),
    "SOL_KCM": enum("sockopt_kcm"),
    "SOL_TLS": enum("sockopt_tls"),
    "SOL_XDP": enum("sockopt_xdp"),
    "SOL_MPTCP": enum("sockopt_mptcp"),
    "SOL_MCTP": enum("sockopt_mctp"),
    "SOL_SMC": enum("sockopt_smc"),
    "AF_VSOCK": enum("sockopt_vsock"),
}
SET = Choice(
    "level",
    "socket_level",
    {
        **OPTIONS,
        "SOL_SOCKET": enum("sockopt_socket"),
        "SOL_IP": enum("sockopt_ip"),
        "SOL_IPV6": enum("sockopt_ipv6"),
    },
)
GOT = Choice(
    "level",
    "socket_level",
    {
        **OPTIONS,
        "SOL_SOCKET": enum("getsockopt_socket"),
        "SOL_IP": enum("getsockopt_ip"),
        "SOL_IPV6": enum("getsockopt_ipv6"),
    },
)

CALLS: dict[str, Declaration] = {
    # A socket, and its names.
    "socket": call(FD, family=FAMILY, type=SOCKET_TYPE, protocol=PROTOCOL),
    "socketpair": call(
        family=FAMILY, type=SOCKET_TYPE, protocol=PROTOCOL, usockvec=Out(Array(Cell("int", FD), 2))
    ),
    "bind": call(fd=FD, umyaddr=In(address("addrlen")), addrlen=INT),
    "connect": call(fd=FD, uservaddr=In(address("addrlen")), addrlen=INT),
    "listen": call(fd=FD, backlog=INT),
    "accept": call(FD, fd=FD, upeer_sockaddr=returned("upeer_addrlen"), upeer_addrlen=LENGTH),
    "accept4": call(
        FD,
        fd=FD,
        upeer_sockaddr=returned("upeer_addrlen"),
        upeer_addrlen=LENGTH,
        flags=flags("accept"),
    ),
    "getsockname": call(fd=FD, usockaddr=returned("usockaddr_len"), usockaddr_len=LENGTH),
    "getpeername": call(fd=FD, usockaddr=returned("usockaddr_len"), usockaddr_len=LENGTH),
    "shutdown": call(fd=FD, how=enum("shutdown")),
    # Data.
    "sendto": call(
        SIZE,
        fd=FD,
        buff=In(Bytes("len", "fd")),
        len=SIZE,
        flags=flags("msg"),
        addr=In(address("addr_len")),
        addr_len=INT,
    ),
    # With MSG_TRUNC the result is the message's own length, however much there was room for.
    "recvfrom": call(
        SIZE,
        fd=FD,
        ubuf=Out(Bytes(Least(RESULT, "size"), "fd")),
        size=SIZE,
        flags=flags("msg"),
        addr=returned("addr_len"),
        addr_len=LENGTH,
    ),
    "sendmsg": call(SIZE, fd=FD, msg=In(SENT), flags=flags("msg")),
    "recvmsg": call(
        SIZE, fd=FD, msg=InOut(ROOM, message(Share("iov_len", RESULT), flags("msg"))), flags=flags("msg")
    ),
    "sendmmsg": call(
        fd=FD,
        mmsg=InOut(
            Array(struct("mmsghdr", msg_hdr=SENT, msg_len=UNUSED), "vlen"),
            Array(struct("mmsghdr", only_=("msg_len",)), RESULT),
        ),
        vlen=SIZE,
        flags=flags("msg"),
    ),
    "recvmmsg": call(
        fd=FD,
        mmsg=Out(
            Array(struct("mmsghdr", msg_hdr=message(Share("iov_len", "msg_len"), flags("msg"))), RESULT)
        ),
        vlen=SIZE,
        flags=flags("msg"),
        timeout=InOut(struct("timespec")),
    ),
    # Options.
    "setsockopt": call(
        fd=FD,
        level=enum("socket_level"),
        optname=SET,
        optval=In(Raw("sockopt", "optlen", limit=512)),
        optlen=INT,
    ),
    # SO_GET_FILTER's length counts instructions of 8 bytes, of which that many bytes are fetched: a Choice
    # of what to fetch goes by one argument, and without the level the option's number is many options.
    "getsockopt": call(
        fd=FD,
        level=enum("socket_level"),
        optname=GOT,
        optval=Out(Raw("getsockopt", At("optlen"), limit=512)),
        optlen=LENGTH,
    ),
    # The names of the machine.
    "sethostname": call(name=In(Bytes("len")), len=INT),
    "setdomainname": call(name=In(Bytes("len")), len=INT),
}
