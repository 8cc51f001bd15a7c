"""Sockets, interfaces, addresses and routes; TUN and TAP.

Source: netdevice(7), socket(7), arp(7); net/core/dev_ioctl.c, net/ipv4/devinet.c, af_inet.c;
drivers/net/tun.c.

TUNSETIFF and its like say `int` in their bits; it is an ifreq. TUNSETPERSIST and others
take the number itself.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    FD,
    GID,
    INT,
    UID,
    UNUSED,
    Cell,
    Choice,
    Content,
    In,
    InOut,
    Meaning,
    Out,
    Raw,
    String,
    To,
    enum,
    flags,
    struct,
)

NUMBER = Cell("int")
IFREQ = Raw("ifreq", 40)
NAMED = Raw("ifreq_name", 40)
SOCKADDR = Raw("sockaddr", 16)
ARP = struct(
    "arpreq",
    arp_pa=SOCKADDR,
    arp_ha=Raw("hardware_address", 16),
    arp_flags=flags("arp_flags"),
    arp_netmask=SOCKADDR,
)
ROUTE = struct(
    "rtentry",
    rt_dst=SOCKADDR,
    rt_gateway=SOCKADDR,
    rt_genmask=SOCKADDR,
    rt_flags=flags("route_flags"),
    rt_dev=To(String()),
    only_=(
        "rt_dst",
        "rt_gateway",
        "rt_genmask",
        "rt_flags",
        "rt_metric",
        "rt_dev",
        "rt_mtu",
        "rt_window",
        "rt_irtt",
    ),
)
TIMESTAMPS = struct(
    "hwtstamp_config",
    flags=flags("hwtstamp_flags"),
    tx_type=enum("hwtstamp_tx"),
    rx_filter=enum("hwtstamp_filter"),
)
_VLAN_MEMBERS: dict[str | tuple[str, ...], Meaning] = {
    "ADD_VLAN_CMD": struct("vlan_ioctl_args.u", only_=("VID",)),
    "SET_VLAN_NAME_TYPE_CMD": struct("vlan_ioctl_args.u", name_type=enum("vlan_name"), only_=("name_type",)),
    "SET_VLAN_FLAG_CMD": struct("vlan_ioctl_args.u", flag=flags("vlan_flags"), only_=("flag",)),
    "GET_VLAN_REALDEV_NAME_CMD": struct("vlan_ioctl_args.u", only_=("device2",)),
    "GET_VLAN_VID_CMD": struct("vlan_ioctl_args.u", only_=("VID",)),
}
VLAN = struct(
    "vlan_ioctl_args",
    cmd=enum("vlan_command"),
    u=Choice("cmd", "vlan_command", _VLAN_MEMBERS, struct("vlan_ioctl_args.u", only_=("skb_priority",))),
)


def _pointing(content: Content) -> Content:
    """An ifreq whose union holds a pointer."""
    name = Raw("interface_name", 16)
    return struct("ifreq_data", ifr_name=name, ifr_data=To(content), only_=("ifr_name", "ifr_data"))


GETS = (
    "SIOCGIFFLAGS",
    "SIOCGIFADDR",
    "SIOCGIFDSTADDR",
    "SIOCGIFBRDADDR",
    "SIOCGIFNETMASK",
    "SIOCGIFMETRIC",
    "SIOCGIFMTU",
    "SIOCGIFHWADDR",
    "SIOCGIFINDEX",
    "SIOCGIFTXQLEN",
    "SIOCGIFMAP",
    "SIOCGIFPFLAGS",
    "SIOCGIFSLAVE",
    "SIOCGIFMEM",
)
SETS = (
    "SIOCSIFFLAGS",
    "SIOCSIFADDR",
    "SIOCSIFDSTADDR",
    "SIOCSIFBRDADDR",
    "SIOCSIFNETMASK",
    "SIOCSIFMETRIC",
    "SIOCSIFMTU",
    "SIOCSIFHWADDR",
    "SIOCSIFHWBROADCAST",
    "SIOCSIFTXQLEN",
    "SIOCSIFMAP",
    "SIOCSIFPFLAGS",
    "SIOCSIFNAME",
    "SIOCSIFSLAVE",
    "SIOCSIFMEM",
    "SIOCSIFLINK",
    "SIOCADDMULTI",
    "SIOCDELMULTI",
    "SIOCDIFADDR",
    "SIOCBRADDIF",
    "SIOCBRDELIF",
    "SIOCBONDENSLAVE",
    "SIOCBONDRELEASE",
    "SIOCBONDSETHWADDR",
    "SIOCBONDCHANGEACTIVE",
)
# Of an iwreq, the interface's name.
WIRELESS = (
    "SIOCSIWCOMMIT", "SIOCGIWNAME", "SIOCSIWNWID", "SIOCGIWNWID", "SIOCSIWFREQ", "SIOCGIWFREQ",
    "SIOCSIWMODE", "SIOCGIWMODE", "SIOCSIWSENS", "SIOCGIWSENS", "SIOCSIWRANGE", "SIOCGIWRANGE",
    "SIOCSIWPRIV", "SIOCGIWPRIV", "SIOCSIWSTATS", "SIOCGIWSTATS", "SIOCSIWSPY", "SIOCGIWSPY",
    "SIOCSIWTHRSPY", "SIOCGIWTHRSPY", "SIOCSIWAP", "SIOCGIWAP", "SIOCGIWAPLIST", "SIOCSIWSCAN",
    "SIOCGIWSCAN", "SIOCSIWESSID", "SIOCGIWESSID", "SIOCSIWNICKN", "SIOCGIWNICKN", "SIOCSIWRATE",
    "SIOCGIWRATE", "SIOCSIWRTS", "SIOCGIWRTS", "SIOCSIWFRAG", "SIOCGIWFRAG", "SIOCSIWTXPOW",
    "SIOCGIWTXPOW", "SIOCSIWRETRY", "SIOCGIWRETRY", "SIOCSIWENCODE", "SIOCGIWENCODE", "SIOCSIWPOWER",
    "SIOCGIWPOWER", "SIOCSIWGENIE", "SIOCGIWGENIE", "SIOCSIWMLME", "SIOCSIWAUTH", "SIOCGIWAUTH",
    "SIOCSIWENCODEEXT", "SIOCGIWENCODEEXT", "SIOCSIWPMKSA",
)  # fmt: skip

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    # Of a request to know, what is there at entry is the interface's name or its index.
    GETS: InOut(NAMED, after=IFREQ),
    SETS: In(IFREQ),
    "SIOCGIFNAME": InOut(Raw("ifreq_index", 40), after=IFREQ),
    ("SIOCGMIIPHY", "SIOCGMIIREG", "SIOCSMIIREG"): InOut(IFREQ),
    "SIOCETHTOOL": InOut(_pointing(Raw("ethtool", 256))),
    ("SIOCGHWTSTAMP", "SIOCSHWTSTAMP"): InOut(_pointing(TIMESTAMPS)),
    "SIOCBONDINFOQUERY": InOut(NAMED, after=_pointing(struct("ifbond"))),
    "SIOCBONDSLAVEINFOQUERY": InOut(_pointing(struct("ifslave"))),
    ("SIOCGIFVLAN", "SIOCSIFVLAN"): InOut(VLAN),
    WIRELESS: In(Raw("ifreq_name", 32)),
    "SIOCGIFCONF": InOut(
        struct("ifconf", only_=("ifc_len",)),
        after=struct("ifconf", ifc_buf=To(Raw("ifreqs", "ifc_len", limit=1280))),
    ),
    "SIOCATMARK": Out(NUMBER),
    "SIOCOUTQNSD": Out(NUMBER),
    "SIOCGSTAMP_OLD": Out(struct("timeval")),
    "SIOCGSTAMPNS_OLD": Out(struct("timespec")),
    ("SIOCSARP", "SIOCDARP"): In(ARP),
    "SIOCGARP": InOut(ARP),
    ("SIOCADDRT", "SIOCDELRT"): In(ROUTE),
    "SIOCBRADDBR": In(Raw("interface_name", 16)),
    "SIOCBRDELBR": In(Raw("interface_name", 16)),
    "SIOCGSKNS": UNUSED,
    # TUN and TAP.
    "TUNSETIFF": InOut(IFREQ),
    "TUNGETIFF": Out(IFREQ),
    "TUNSETQUEUE": In(IFREQ),
    "TUNSETOWNER": UID,
    "TUNSETGROUP": GID,
    "TUNSETOFFLOAD": flags("tun_offloads"),
    ("TUNSETPERSIST", "TUNSETLINK", "TUNSETDEBUG", "TUNSETNOCSUM"): INT,
    ("TUNSETSTEERINGEBPF", "TUNSETFILTEREBPF"): In(Cell("int", FD)),
    "TUNGETDEVNETNS": UNUSED,
}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "TUNGETFEATURES": Cell("unsigned int", flags("tun_flags")),
    (
        "TUNGETSNDBUF",
        "TUNSETSNDBUF",
        "TUNGETVNETHDRSZ",
        "TUNSETVNETHDRSZ",
        "TUNSETVNETLE",
        "TUNGETVNETLE",
        "TUNSETVNETBE",
        "TUNGETVNETBE",
        "TUNSETIFINDEX",
        "TUNSETCARRIER",
    ): NUMBER,
    ("TUNATTACHFILTER", "TUNDETACHFILTER", "TUNGETFILTER"): struct("sock_fprog"),
    "TUNSETTXFILTER": struct("tun_filter"),
    ("PPPIOCSPASS", "PPPIOCSACTIVE"): struct("sock_fprog"),
    "SIOCGSTAMP_NEW": struct("__kernel_sock_timeval"),
    "SIOCGSTAMPNS_NEW": struct("timespec"),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {("SIOCGSKNS", "TUNGETDEVNETNS"): FD}
