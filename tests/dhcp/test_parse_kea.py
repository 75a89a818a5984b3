"""Kea's files."""

from __future__ import annotations

from datetime import UTC, datetime

from dhcp.parse.kea_json import kea_site
from dhcp.parse.kea_memfile import kea_memfile

HEADER = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context"
BEGIN = 1795413071


def test_the_later_line_wins_and_a_lifetime_of_zero_deletes():
    lines = [
        HEADER,
        f"192.0.2.1,02:00:00:00:00:0A,01:02,600,{BEGIN + 600},1,0,0,web.,0,",
        f"192.0.2.2,02:00:00:00:00:0b,,600,{BEGIN + 600},1,0,0,,0,",
        f"192.0.2.1,02:00:00:00:00:0A,01:02,600,{BEGIN + 900},1,0,0,a&#x2cb,1,",
        f"192.0.2.2,02:00:00:00:00:0b,,0,{BEGIN},1,0,0,,0,",
    ]
    (lease,), damage = kea_memfile(lines)
    assert (lease.ip, lease.mac, lease.client_id) == ("192.0.2.1", "02:00:00:00:00:0a", "01:02")
    assert (lease.hostname, lease.state, damage) == ("a,b", "abandoned", [])
    assert lease.ends_at == datetime.fromtimestamp(BEGIN + 900, UTC)


def test_a_lease_without_end_never_ends():
    (lease,), _ = kea_memfile([HEADER, f"192.0.2.1,02:00:00:00:00:0a,,4294967295,{BEGIN + 4294967295},1,0,0,,0,"])
    assert (lease.never_ends, lease.ends_at) == (True, None)
    assert lease.starts_at == datetime.fromtimestamp(BEGIN, UTC)


def test_prefixes_of_ipv6_keep_their_length():
    header = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,hostname,state"
    (lease,), _ = kea_memfile([header, f"2001:db8:100::,00:03,600,{BEGIN},1,300,2,1,56,,0"])
    assert (lease.ip, lease.client_id) == ("2001:db8:100::/56", "00:03")


def test_a_cut_line_is_told_and_the_rest_is_read():
    good = f"192.0.2.1,02:00:00:00:00:0a,,600,{BEGIN},1,0,0,,0,"
    leases, damage = kea_memfile([HEADER, good, "192.0.2.2,02:00", good.replace("2.1,", "2.3,")])
    assert [lease.ip for lease in leases] == ["192.0.2.1", "192.0.2.3"]
    assert [place.offset for place in damage] == [3]


KEA = """{
  # the site
  "Dhcp4": { // IPv4
    /* a
       block */
    "subnet4": [ {"id": 1, "subnet": "192.0.2.0/24", "pools": [ {"pool": "192.0.2.10 - 192.0.2.20"},
      {"pool": "192.0.2.128/25"} ], "valid-lifetime": 600,
      "option-data": [ {"name": "routers", "data": "192.0.2.1 # not a comment"} ],
      "reservations": [ {"hw-address": "02:00:00:00:00:0A", "ip-address": "192.0.2.5", "hostname": "web"} ]} ],
    "shared-networks": [ {"name": "lan", "subnet4": [ {"subnet": "198.51.100.0/24"} ]} ],
    "client-classes": [ {"name": "phones", "test": "option[60].hex == 'phone'"} ]
  }
}
"""


def test_a_configuration_of_kea_becomes_the_same_rows_as_dhcpds():
    site = kea_site(KEA)
    said = {type(row).__name__: row for row in site.rows}
    assert [row.subnet for row in site.rows if type(row).__name__ == "Subnet"] == ["192.0.2.0/24", "198.51.100.0/24"]
    assert [(row.first, row.last) for row in site.rows if type(row).__name__ == "Pool"] == [
        ("192.0.2.10", "192.0.2.20"),
        ("192.0.2.128", "192.0.2.255"),
    ]
    web = said["Reservation"]
    assert (web.name, web.mac, web.addresses) == ("web", "02:00:00:00:00:0a", ("192.0.2.5",))
    assert (said["SharedNetwork"].name, said["SharedNetwork"].subnets) == ("lan", ("198.51.100.0/24",))
    assert said["ClientClass"].match == ("option[60].hex == 'phone'",)
    assert next(row for row in site.rows if type(row).__name__ == "Subnet").scope.options == (
        ("routers", "192.0.2.1 # not a comment"),
    )
