"""A site with one of everything, for tests of renderers."""

from __future__ import annotations

from dhcp.facts.server import (
    INFINITE,
    Boot,
    ClientClass,
    DdnsZone,
    FailoverPeer,
    Group,
    LeaseTimes,
    OptionDefinition,
    OptionSpace,
    OptionValue,
    Parameter,
    Permit,
    Pool,
    PrefixRange,
    Range,
    Raw,
    Reservation,
    Server,
    Settings,
    SharedNetwork,
    Subclass,
    Subnet,
    TsigKey,
)

WEB = Reservation(
    "web",
    mac="00:16:3e:cf:e6:3a",
    addresses=("192.168.1.151",),
    hostname="webserver01",
    note='the shop\'s "front"',
    origin="reservation 3",
)
OFF = Reservation("gone", mac="00:16:3e:cf:e6:3b", addresses=("192.168.1.152",), enabled=False)
PHONE = Reservation("phone", client_id='"phone one"', settings=Settings(boot=Boot(next_server="192.168.0.5")))
EVERYTHING = Server(
    spaces=(OptionSpace("LAN"),),
    definitions=(
        OptionDefinition("LAN.colour", 1, "{ unsigned integer 8, text }"),
        OptionDefinition("cable-way", 224, "array of ip-address"),
    ),
    keys=(TsigKey("ddns-key", "hmac-sha256", "pRP5FapFoJ95JEL06sv4PQ=="),),
    zones=(DdnsZone("example.org.", "192.168.0.1", "ddns-key"),),
    failover=(FailoverPeer("pair", True, "192.168.0.1", "192.168.0.2", 647, 647, 60, 10, 3600, 128, 3),),
    settings=Settings(
        LeaseTimes(28800, INFINITE, 600),
        Boot("192.168.0.5", "pxelinux.0", "boot", ((7, "grubx64.efi"), (11, "grubaa64.efi"))),
        (
            OptionValue("domain-name", ("example.org",)),
            OptionValue("domain-name-servers", ("192.168.0.1", "192.168.0.2")),
            OptionValue("domain-search", ("example.org", "lab.example.org")),
            OptionValue("static-routes", ("10.0.0.0", "192.168.0.9", "10.1.0.0", "192.168.0.8")),
            OptionValue("cable-way", ("192.168.0.7",)),
            OptionValue("time-offset", ("-3600",)),
            OptionValue("ip-forwarding", ("false",)),
            OptionValue("vendor-encapsulated-options", ("01:04:aa:bb:cc:dd",)),
            OptionValue("root-path", ('nfs:/srv/"x", y\\z',)),
        ),
        (Parameter("authoritative"), Parameter("ddns-update-style", "none")),
        (Raw('if exists agent.circuit-id {\n    log(info, "a } { brace");\n}\nelse {\n    set way = "none";\n}'),),
    ),
    classes=(
        ClientClass("phones", ('if substring(option vendor-class-identifier, 0, 5) = "phone"',), note="desk phones"),
        ClientClass("cards", ("hardware",), lease_limit=4),
    ),
    subclasses=(Subclass("cards", "1:00:16:3e:00:00:01"), Subclass("cards", "1:00:16:3e:00:00:02", 2)),
    shared_networks=(
        SharedNetwork(
            "second floor",
            subnets=(
                Subnet("10.2.0.0/24"),
                Subnet("10.2.1.0/24", ranges=(Range("10.2.1.9", "10.2.1.10", bootp=True),)),
            ),
            pools=(
                Pool(
                    (Range("10.2.0.10", "10.2.0.20"), Range("10.2.0.30", "10.2.0.30")),
                    permits=(Permit("allow", 'members of "phones"'), Permit("deny", "unknown-clients")),
                    failover="pair",
                    settings=Settings(LeaseTimes(600)),
                    origin="pool 4",
                ),
            ),
        ),
    ),
    subnets=(
        Subnet(
            "192.168.1.0/24",
            ranges=(Range("192.168.1.10", "192.168.1.20"),),
            reservations=(WEB, OFF),
            settings=Settings(options=(OptionValue("routers", ("192.168.1.254",)),)),
            note="network B\nbehind the relay",
            origin="subnet 2",
        ),
        Subnet("192.168.0.0/24", ranges=(Range("192.168.0.10", "192.168.0.20"),)),
    ),
    groups=(Group("desks", reservations=(PHONE,), settings=Settings(LeaseTimes(3600, 7200))),),
    note="the seed's two networks",
    origin="Written by Rackdesk for gate",
)
SIX = Server(
    version=6,
    settings=Settings(
        LeaseTimes(3600),
        options=(
            OptionValue("dhcp6.name-servers", ("2001:db8::53",)),
            OptionValue("dhcp6.domain-search", ("example.org",)),
        ),
        parameters=(Parameter("preferred-lifetime", "1800"),),
    ),
    subnets=(
        Subnet(
            "2001:db8::/64",
            ranges=(Range("2001:db8::100", "2001:db8::1ff"),),
            prefixes=(PrefixRange("2001:db8:100::", "2001:db8:100:f00::", 56),),
            reservations=(
                Reservation("six", match="option dhcp6.client-id 00:01:00:01:aa:bb", addresses=("2001:db8::5",)),
            ),
        ),
    ),
)
