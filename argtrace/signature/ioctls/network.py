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
    Content,
    In,
    InOut,
    Meaning,
    Out,
    Raw,
    To,
    flags,
    struct,
)

NUMBER = Cell("int")
IFREQ = Raw("ifreq", 40)
NAMED = Raw("ifreq_name", 40)
SOCKADDR = Raw("sockaddr", 16)
ARP = struct("arpreq", arp_pa=SOCKADDR, arp_ha=SOCKADDR, arp_flags=flags("arp_flags"), arp_netmask=SOCKADDR)
ROUTE = struct(
    "rtentry",
    rt_dst=SOCKADDR,
    rt_gateway=SOCKADDR,
    rt_genmask=SOCKADDR,
    rt_flags=flags("route_flags"),
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

ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {
    # Of a request to know, what is there at entry is the interface's name or its index.
    GETS: InOut(NAMED, after=IFREQ),
    SETS: In(IFREQ),
    "SIOCGIFNAME": InOut(Raw("ifreq_index", 40), after=IFREQ),
    ("SIOCETHTOOL", "SIOCGMIIPHY", "SIOCGMIIREG"): InOut(IFREQ),
    ("SIOCSMIIREG", "SIOCGHWTSTAMP", "SIOCSHWTSTAMP"): InOut(IFREQ),
    "SIOCGIFCONF": InOut(
        struct("ifconf", only_=("ifc_len",)),
        after=struct(
            "ifconf",
            ifc_ifcu=struct(
                "ifconf.ifc_ifcu", ifcu_req=To(Raw("ifreqs", "ifc_len", limit=1280)), only_=("ifcu_req",)
            ),
        ),
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
    "SIOCGSTAMP_NEW": struct("__kernel_sock_timeval"),
    "SIOCGSTAMPNS_NEW": struct("timespec"),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {("SIOCGSKNS", "TUNGETDEVNETNS"): FD}
