"""The registry of DHCP options: their codes, their names in dhcpd and in Kea, and what they hold.

Source: RFC 2132 and IANA's registries "BOOTP Vendor Extensions and DHCP Options" and "DHCPv6 Option Codes", names of
ISC DHCP 4.4 (dhcp-options(5)) and Kea 2.2. A type is fields joined by +, with * where it repeats: "ip*" is a list of
addresses, "ip+ip*" a list of pairs, "flag+text" a record.

    ip ip6 text flag u8 u16 u32 i32 hex (quoted text or hex with colons) fqdn fqdns (a list of names)
    empty, and space:NAME for an option that holds others
"""

from __future__ import annotations

from dataclasses import dataclass

_V4 = """
1 subnet-mask ip | 2 time-offset i32 | 3 routers ip* | 4 time-servers ip* | 5 ien116-name-servers ip* =name-servers
6 domain-name-servers ip* | 7 log-servers ip* | 8 cookie-servers ip* | 9 lpr-servers ip* | 10 impress-servers ip*
11 resource-location-servers ip* | 12 host-name text | 13 boot-size u16 | 14 merit-dump text | 15 domain-name text
16 swap-server ip | 17 root-path text | 18 extensions-path text | 19 ip-forwarding flag
20 non-local-source-routing flag | 21 policy-filter ip+ip* | 22 max-dgram-reassembly u16 | 23 default-ip-ttl u8
24 path-mtu-aging-timeout u32 | 25 path-mtu-plateau-table u16* | 26 interface-mtu u16 | 27 all-subnets-local flag
28 broadcast-address ip | 29 perform-mask-discovery flag | 30 mask-supplier flag | 31 router-discovery flag
32 router-solicitation-address ip | 33 static-routes ip+ip* | 34 trailer-encapsulation flag | 35 arp-cache-timeout u32
36 ieee802-3-encapsulation flag | 37 default-tcp-ttl u8 | 38 tcp-keepalive-interval u32
39 tcp-keepalive-garbage flag | 40 nis-domain text | 41 nis-servers ip* | 42 ntp-servers ip*
43 vendor-encapsulated-options hex | 44 netbios-name-servers ip* | 45 netbios-dd-server ip* | 46 netbios-node-type u8
47 netbios-scope text | 48 font-servers ip* | 49 x-display-manager ip* | 50 dhcp-requested-address ip
51 dhcp-lease-time u32 | 52 dhcp-option-overload u8 | 53 dhcp-message-type u8 | 54 dhcp-server-identifier ip
55 dhcp-parameter-request-list u8* | 56 dhcp-message text | 57 dhcp-max-message-size u16 | 58 dhcp-renewal-time u32
59 dhcp-rebinding-time u32 | 60 vendor-class-identifier text | 61 dhcp-client-identifier hex
62 nwip-domain text =nwip-domain-name | 63 nwip-suboptions hex | 64 nisplus-domain text =nisplus-domain-name
65 nisplus-servers ip* | 66 tftp-server-name text | 67 bootfile-name text =boot-file-name | 68 mobile-ip-home-agent ip*
69 smtp-server ip* | 70 pop-server ip* | 71 nntp-server ip* | 72 www-server ip* | 73 finger-server ip*
74 irc-server ip* | 75 streettalk-server ip* | 76 streettalk-directory-assistance-server ip* | 77 user-class hex
78 slp-directory-agent flag+ip* | 79 slp-service-scope flag+text | 85 nds-servers ip* | 86 nds-tree-name text
87 nds-context text | 88 bcms-controller-names fqdns | 89 bcms-controller-address ip*
91 client-last-transaction-time u32 | 92 associated-ip ip* | 93 pxe-system-type u16* =client-system
94 pxe-interface-id u8+u8+u8 =client-ndi | 97 pxe-client-id u8+hex =uuid-guid | 98 uap-servers text
99 geoconf-civic hex | 100 pcode text | 101 tcode text | 112 netinfo-server-address ip* | 113 netinfo-server-tag text
114 default-url text =v4-captive-portal | 116 auto-config u8 | 117 name-service-search u16* | 118 subnet-selection ip
119 domain-search fqdns | 136 pana-agent ip* | 137 v4-lost fqdn | 138 capwap-ac-v4 ip* | 141 sip-ua-cs-domains fqdns
142 ipv4-address-andsf ip* =- | 146 rdnss-selection u8+ip+ip+fqdn | 150 tftp-server-address ip* =-
159 v4-portparams u8+u8+u16 | 212 option-6rd u8+u8+ip6+ip* | 213 v4-access-domain fqdn
"""
_V6 = """
7 preference u8 | 12 unicast ip6 | 21 sip-servers-names fqdns =sip-server-dns
22 sip-servers-addresses ip6* =sip-server-addr | 23 name-servers ip6* =dns-servers | 24 domain-search fqdns
27 nis-servers ip6* | 28 nisp-servers ip6* | 29 nis-domain-name fqdns | 30 nisp-domain-name fqdns | 31 sntp-servers ip6*
32 info-refresh-time u32 =information-refresh-time | 33 bcms-server-d fqdns =bcmcs-server-dns
34 bcms-server-a ip6* =bcmcs-server-addr | 38 subscriber-id hex | 40 pana-agent ip6* | 41 new-posix-timezone text
42 new-tzdb-timezone text | 51 v6-lost fqdn | 52 capwap-ac-v6 ip6* | 57 v6-access-domain fqdn | 58 sip-ua-cs-list fqdns
59 bootfile-url text | 60 bootfile-param hex | 61 client-arch-type u16* | 62 nii u8+u8+u8 | 64 aftr-name fqdn
65 erp-local-domain-name fqdn | 74 rdnss-selection ip6+u8+fqdn | 82 solmax-rt u32 | 83 inf-max-rt u32
88 dhcp4-o-dhcp6-server ip6* =dhcp4o6-server-addr | 103 v6-captive-portal text | 143 ipv6-address-andsf ip6*
"""


@dataclass(frozen=True, slots=True)
class OptionKind:
    """`fields` are types as above, the last ones of which repeat where `array` is true. `kea` is "" if Kea has none.

    `space` is "dhcp" or "dhcp6" for standard options; `name` is without it.
    """

    space: str
    code: int
    name: str
    fields: tuple[str, ...]
    array: bool = False
    kea: str = ""

    @property
    def full_name(self) -> str:
        """As dhcpd writes it: with the space unless it is the standard one."""
        return self.name if self.space == "dhcp" else f"{self.space}.{self.name}"


def _kinds(table: str, space: str) -> dict[str, OptionKind]:
    found = {}
    for line in table.replace("|", "\n").split("\n"):
        if line.split():
            code, name, kind, *kea = line.split()
            known_as = kea[0][1:].strip("-") if kea else name
            fields = tuple(kind.rstrip("*").split("+"))
            found[name] = OptionKind(space, int(code), name, fields, kind.endswith("*"), known_as)
    return found


DHCP4 = _kinds(_V4, "dhcp")
DHCP6 = _kinds(_V6, "dhcp6")
KEA_SPACES = {"dhcp": "dhcp4", "dhcp6": "dhcp6"}
KEA_KEEPS = {
    "dhcp": frozenset((81, 82, 90, 124, 125)),
    "dhcp6": frozenset((*range(1, 21), 25, 26, 36, 37, 39, *range(43, 49), 53, 60, 66, 67, 79, 80, 87)),
}
"""Codes of standard options that Kea defines for itself and nobody sets by hand."""
ARCHITECTURES = {
    0: "BIOS",
    2: "EFI Itanium",
    6: "EFI x86, 32 bits",
    7: "EFI x86-64",
    9: "EFI x86-64 (EBC)",
    10: "EFI ARM, 32 bits",
    11: "EFI ARM, 64 bits",
    15: "EFI x86, over HTTP",
    16: "EFI x86-64, over HTTP",
    19: "EFI ARM, 64 bits, over HTTP",
}
"""What a client's option 93 means (RFC 4578 and IANA's "Processor Architecture Types")."""


def standard(name: str) -> OptionKind | None:
    """The standard option of that name in dhcpd ("routers", "dhcp6.name-servers"); None for a custom one."""
    space, dot, rest = name.rpartition(".")
    if not dot or space == "dhcp":
        return DHCP4.get(rest)
    return DHCP6.get(rest) if space == "dhcp6" else None


def usual_name(name: str) -> str:
    """How a standard option is called, which dhcpd takes in any case and with its space in front; others stay."""
    lower = name.lower()
    bare = lower.removeprefix("dhcp.")
    return bare if bare in DHCP4 else lower if standard(lower) else name


def standard_by_code(space: str, code: int) -> OptionKind | None:
    """The standard option of that code; `space` is "dhcp" or "dhcp6"."""
    table = {"dhcp": DHCP4, "dhcp6": DHCP6}.get(space, {})
    return next((kind for kind in table.values() if kind.code == code), None)


def standard_by_kea(space: str, name: str) -> OptionKind | None:
    """The standard option that Kea knows by that name (or code, in digits) in its space "dhcp4" or "dhcp6"."""
    table = {"dhcp4": DHCP4, "dhcp6": DHCP6}.get(space, {})
    return next((kind for kind in table.values() if name in (kind.kea, str(kind.code)) and kind.kea), None)
