"""How full ranges are, as dhcpd-pools tells it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from io import StringIO
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from django.core.management import call_command

from dhcp.parse.pool_ranges import AddressStates, PoolRanges
from dhcp.rules.usage import usage

PROGRAM = shutil.which("dhcpd-pools")
needs_dhcpd_pools = pytest.mark.skipif(not PROGRAM, reason="dhcpd-pools is missing (Debian package dhcpd-pools)")


def usage_of(conf: str, leases: str, includes: dict[str, str] | None = None):
    ranges, states = PoolRanges(conf, (includes or {}).get), AddressStates()
    states.read(leases.encode())
    states.finish()
    return usage(ranges.ranges, ranges.networks, states.states)


def lease_in(address: str, state: str) -> str:
    return f"lease {address} {{\n  binding state {state};\n  next binding state free;\n}}\n"


CONF = """
# range 192.0.2.200 192.0.2.210;
shared-network "second floor" { # shared-network attic {
  subnet 192.0.2.0 netmask 255.255.255.0 {
    option domain-name "range 1.1.1.1 1.1.1.9;"; pool { range 192.0.2.10 192.0.2.19; } }
}
subnet 198.51.100.0 netmask 255.255.255.0 { Range dynamic-bootp 198.51.100.7; }
"""


def test_ranges_networks_and_all_are_counted_by_the_last_state():
    leases = lease_in("192.0.2.10", "free") + lease_in("192.0.2.10", "active") + lease_in("192.0.2.11", "backup")
    leases += lease_in("192.0.2.12", "active") + lease_in("192.0.2.12", "expired") + lease_in("198.51.100.7", "active")
    rows = usage_of(CONF, leases)
    assert [(row.name, row.first, row.last, row.defined, row.used, row.free, row.percent) for row in rows] == [
        ("second floor", "192.0.2.10", "192.0.2.19", 10, 1, 9, 10.0),
        ("All networks", "198.51.100.7", "198.51.100.7", 1, 1, 0, 100.0),
        ("second floor", None, None, 10, 1, 9, 10.0),
        ("All networks", None, None, 11, 2, 9, 18.182),
    ]
    assert (rows[0].touched, rows[0].backup) == (1, 1)


def test_an_included_file_belongs_to_the_network_around_it():
    (line, _, _) = usage_of('shared-network a { include "x"; }', "", {"x": "range 192.0.2.1 192.0.2.2;"})
    assert (line.name, line.defined) == ("a", 2)


def test_a_file_that_includes_itself_is_read_once():
    found = PoolRanges('include "x";', {"x": 'range 192.0.2.1; include "x";'}.get)
    assert (len(found.ranges), found.missing) == (1, ["x"])


def run(*arguments: str) -> tuple[list[dict], int]:
    out = StringIO()
    try:
        call_command(*arguments, stdout=out)
    except SystemExit as end:
        return [json.loads(line) for line in out.getvalue().splitlines()], int(end.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], 0


def test_the_command_prints_one_object_for_each(tmp_path):
    (tmp_path / "c").write_text(CONF)
    (tmp_path / "l").write_text(lease_in("192.0.2.10", "active"))
    rows, code = run("dhcp_usage", "--conf", str(tmp_path / "c"), "--leases", str(tmp_path / "l"))
    assert code == 0
    assert [row["of"] for row in rows] == ["range", "range", "shared-network", "all"]
    assert set(rows[0]) >= {"name", "first", "last", "defined", "used", "free", "percent"}


def test_a_missing_file_is_told_and_ends_with_one(tmp_path):
    (tmp_path / "c").write_text(CONF)
    rows, code = run("dhcp_usage", "--conf", str(tmp_path / "c"), "--leases", str(tmp_path / "none"))
    assert code == 1
    assert rows == [{"error": f"{tmp_path / 'none'} cannot be read: No such file or directory."}]


STATES = ["active", "active", "free", "abandoned", "expired", "released", "backup", "reset"]


def site4(chance: random.Random) -> tuple[str, str]:
    conf, addresses = "", []
    for third in range(chance.randint(1, 6)):
        ranges = ""
        for _ in range(chance.randint(0, 3)):
            first, last = (f"10.0.{third}.{chance.randint(1, 254)}" for _ in range(2))
            addresses += [first, last, *(f"10.0.{third}.{chance.randint(0, 255)}" for _ in range(20))]
            ranges += chance.choice(
                [f"  range {first} {last};\n", f"  pool {{ range {first} {last}; }}\n", f"  range {first};\n"]
            )
        subnet = f"subnet 10.0.{third}.0 netmask 255.255.255.0 {{\n{ranges}}}\n"
        name = chance.choice([f"a{third}", f'"b c{third}"', f"d-{third}"])
        conf += f"shared-network {name} {{\n{subnet}}}\n" if chance.random() < 0.4 else subnet
    return conf, "".join(lease_in(chance.choice(addresses), chance.choice(STATES)) for _ in range(60) if addresses)


def site6(chance: random.Random) -> tuple[str, str]:
    conf, leases = "", ""
    for third in range(1, chance.randint(2, 4)):
        first, last = sorted(chance.randint(1, 2 ** chance.choice([8, 16, 40])) for _ in range(2))
        base = int(IPv6Address(f"2001:db8:{third}::"))
        conf += (
            f"subnet6 2001:db8:{third}::/64 {{\n  range6 {IPv6Address(base + first)} {IPv6Address(base + last)};\n}}\n"
        )
        for _ in range(20):
            address = IPv6Address(base + chance.randint(first, last + 3))
            state = chance.choice(STATES)
            leases += f'ia-na "x" {{\n  iaaddr {address} {{\n    binding state {state};\n  }}\n}}\n'
    return conf, leases


@needs_dhcpd_pools
@pytest.mark.parametrize("make", [site4, site6], ids=["IPv4", "IPv6"])
def test_a_hundred_random_sites_agree_with_the_real_dhcpd_pools(make, tmp_path):
    for seed in range(100):
        conf, leases = make(random.Random(seed))
        (tmp_path / "c").write_text(conf)
        (tmp_path / "l").write_text(leases)
        assert told_by_us(conf, leases) == told_by_dhcpd_pools(tmp_path), f"seed {seed}\n{conf}\n{leases}"


def told_by_us(conf: str, leases: str) -> list[tuple]:
    rows = usage_of(conf, leases)
    return [
        (
            row.name,
            f"{row.first} - {row.last}" if row.first else None,
            *map(as_printed, (row.defined, row.used, row.free)),
        )
        for row in rows
    ]


def told_by_dhcpd_pools(folder: Path) -> list[tuple]:
    done = subprocess.run(
        [PROGRAM, "-c", folder / "c", "-l", folder / "l", "-f", "J"], capture_output=True, check=False, timeout=20
    )
    told = json.loads(done.stdout)
    rows = [*told["subnets"], *told["shared-networks"], told["summary"]]
    return [(r["location"], r.get("range"), *map(as_printed, (r["defined"], r["used"], r["free"]))) for r in rows]


def as_printed(number: float) -> str:
    """dhcpd-pools counts in floating point and prints six digits."""
    return f"{number:g}"


def test_an_address_with_leading_zeros_is_read_as_dhcpd_pools_reads_it():
    (line, _) = usage_of("range 192.0.2.001 192.0.2.010;", "")
    assert (line.first, line.last) == (str(IPv4Address("192.0.2.1")), "192.0.2.8")
