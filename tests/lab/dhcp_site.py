"""A DHCP site of whole hosts: a lab in, two networks with a server, a relay and a client between them out.

     192.168.0.0/24 ("office")                 192.168.1.0/24 ("branch")
     dhcp1 .1  dhcp2 .2  kea1 .3  ---  .254 relay1 .254  ---  guest1 (by DHCP)

Each host keeps the lab's own line (eth0), over which the panel reaches it; the site's interfaces are others. Services are
installed as Debian delivers them and not configured: that is what the panel is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.lab import dhcp_client, processes
from tests.lab.dhcp_client import Asked
from tests.lab.dhcp_wires import Leg, Switches
from tests.lab.errors import LabError
from tests.lab.hosts import LabHost
from tests.lab.lab import Lab
from tests.lab.machine import call

OFFICE, BRANCH = "office", "branch"
SERVER, SECOND, KEA, RELAY, CLIENT = "dhcp1", "dhcp2", "kea1", "relay1", "guest1"
NAMES = (SERVER, RELAY, CLIENT)
GUEST_MAC = "00:16:3e:cf:e6:3a"
_PLACES = (
    # host, interface, switch, hardware address, address ("" is by DHCP)
    (SERVER, "eth1", OFFICE, "00:16:3e:00:00:01", "192.168.0.1"),
    (SECOND, "eth1", OFFICE, "00:16:3e:00:00:02", "192.168.0.2"),
    (KEA, "eth1", OFFICE, "00:16:3e:00:00:03", "192.168.0.3"),
    (RELAY, "eth1", OFFICE, "00:16:3e:00:00:fe", "192.168.0.254"),
    (RELAY, "eth2", BRANCH, "00:16:3e:00:01:fe", "192.168.1.254"),
    (CLIENT, "eth1", BRANCH, GUEST_MAC, ""),
)
_NETWORK = """\
[Match]
Name={interface}

[Network]
Address={address}/24
IPv6AcceptRA=no
"""
_ROUTE_BACK = """
[Route]
Destination=192.168.1.0/24
Gateway=192.168.0.254
"""
_FORWARD = "net.ipv4.ip_forward = 1\n"
_LEASES = "/var/lib/dhcp/dhcpd.leases"
_KEA_LEASES = "/var/lib/kea/kea-leases4.csv"
_TAGS = ("dhcpd", "dhcrelay", "dhclient", "kea-dhcp4")
_SECONDS = 120.0


@dataclass(frozen=True)
class DhcpSite:
    """A running site. `second` and `kea` are there where they were asked for."""

    server: LabHost
    relay: LabHost
    client: LabHost
    second: LabHost | None = None
    kea: LabHost | None = None
    switches: Switches = field(kw_only=True, repr=False)

    @property
    def hosts(self) -> list[LabHost]:
        """Every host of the site."""
        return [host for host in (self.server, self.second, self.kea, self.relay, self.client) if host is not None]

    @property
    def legs(self) -> list[Leg]:
        """Every interface on the site's two networks."""
        mine = {host.name: host for host in self.hosts}
        return [Leg(mine[name], *place) for name, *place in _PLACES if name in mine]

    def leg(self, host: LabHost, interface: str = "eth1") -> Leg:
        """One of them; `site.switches.cut(site.leg(site.relay, "eth2"))` pulls its cable."""
        return next(leg for leg in self.legs if (leg.host, leg.interface) == (host, interface))

    # -- the client ------------------------------------------------------------------------------------------------
    def ask(self, mac: str | None = None, hostname: str | None = None, timeout: float = 60) -> Asked:
        """What becomes of a client with this hardware address (its own if None) that calls itself `hostname`."""
        return dhcp_client.ask(self.client, "eth1", mac or GUEST_MAC, hostname, timeout)

    def release(self) -> str:
        """The client gives its address back; what it said."""
        return dhcp_client.release(self.client, "eth1")

    def keep_asking(self) -> None:
        """From now on the client asks every few seconds, until it has an address."""
        dhcp_client.keep_asking(self.client, "eth1")

    # -- the servers -----------------------------------------------------------------------------------------------
    def leases(self, host: LabHost | None = None) -> str:
        """The lease file of a server (the first one if None); "" where it has none yet. Kea's is a CSV."""
        asked = host or self.server
        path = _KEA_LEASES if asked.name == KEA else _LEASES
        return asked.read(path).decode(errors="replace") if asked.exists(path) else ""

    def log(self, host: LabHost | None = None) -> str:
        """What the DHCP programs of a host (the first server's if None) have logged since it was switched on."""
        tags = [word for tag in _TAGS for word in ("-t", tag)]
        argv = ["journalctl", "--boot", "--no-pager", "--quiet", "--output=short-iso", *tags]
        return (host or self.server).check(argv).decode(errors="replace")

    # -- the networks ----------------------------------------------------------------------------------------------
    def mend(self) -> None:
        """Put hosts back on their networks that were switched off or made new in the meantime.

        Raises `LabError` where one went away in the middle of it; the next call begins anew with all of them.
        """
        try:
            new = [leg for leg in self.legs if self.switches.plug(leg)]
            for host in dict.fromkeys(leg.host for leg in new):
                _furnish(host, [leg for leg in self.legs if leg.host == host and leg.address])
            for leg in new:
                _wait_for_address(leg)
        except LabError:
            for leg in self.legs:
                self.switches.unplug(leg)
            raise


@contextmanager
def dhcp_site(lab: Lab, *, failover: bool = False, kea: bool = False, fresh: bool = True) -> Iterator[DhcpSite]:
    """A site in `lab`; with `failover` a second server, with `kea` a host that has Kea instead.

    The hosts are like new and are switched off at the end; unless `fresh`, they keep their disks and stay on for as long
    as the lab does. The networks end with the block or with this process, however that ends.
    """
    names = [*NAMES, *([SECOND] if failover else []), *([KEA] if kea else [])]
    old = {host.name for host in lab.hosts()}
    hosts = {host.name: host for host in lab.up(names, wait=False)}
    if fresh:
        for name in sorted(old & hosts.keys()):
            hosts[name].reset(wait=False)
    for host in hosts.values():
        host.wait_for_ssh()
    with Switches((OFFICE, BRANCH)) as switches:
        site = DhcpSite(*(hosts.get(n) for n in (SERVER, RELAY, CLIENT, SECOND, KEA)), switches=switches)
        site.mend()
        try:
            yield site
        finally:
            if fresh:
                for host in hosts.values():
                    host.power_off()


def _furnish(host: LabHost, legs: list[Leg]) -> None:
    """Give the host its addresses by systemd-networkd, as a Debian has it, and no way out but through the site.

    A host has no default route of the lab's: what a client learns by DHCP would lose against it, and its packets would
    reach the machine. The kernel's settings are read-only inside a host, so that forwarding is switched on from outside.
    """
    _in_its_network(host, "ip route delete default 2>/dev/null || :")
    for leg in legs:
        text = _NETWORK.format(interface=leg.interface, address=leg.address)
        text += "" if host.name == RELAY else _ROUTE_BACK
        host.write(f"/etc/systemd/network/20-{leg.interface}.network", text.encode())
    if host.name == RELAY:
        host.write("/etc/sysctl.d/60-relay.conf", _FORWARD.encode())
        _in_its_network(host, "echo 1 >/proc/sys/net/ipv4/ip_forward")
    if legs:
        host.check(["systemctl", "enable", "--quiet", "systemd-networkd"])
        host.check(["systemctl", "restart", "systemd-networkd"])


def _in_its_network(host: LabHost, script: str) -> None:
    state = processes.running(host.directory)
    if state is not None:
        call(["nsenter", f"--target={state.supervisor}", "--net", "sh", "-c", script])


def _wait_for_address(leg: Leg) -> None:
    show = ["ip", "-br", "-4", "address", "show", "dev", leg.interface]
    if leg.address:
        what = f"{leg.host.name} to take {leg.address}"
        processes.wait_until(lambda: f" {leg.address}/" in leg.host.run(show).stdout.decode(), what, _SECONDS)
