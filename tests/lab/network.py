"""The lab's line: one bridge with an address range of its own, and one cable from it to each host."""

from __future__ import annotations

import fcntl
import hashlib
import ipaddress
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from tests.lab.errors import LabError
from tests.lab.machine import call

RANGES = IPv4Network("10.213.0.0/16")
"""Where a lab that is not told its range takes a free /24 from."""
MOST_HOSTS = 60
_LOCK = Path("/run/lock/rackdesk-lab")


@dataclass(frozen=True)
class Line:
    """The bridge of one lab. `network` is a /24: hosts are .1 to .60, the machine itself is .254."""

    prefix: str
    network: IPv4Network

    @property
    def bridge(self) -> str:
        """The bridge's interface name."""
        return f"rd-{self.prefix}"

    @property
    def gateway(self) -> str:
        """The machine's own address on the bridge, which is the hosts' default gateway."""
        return str(self.network[254])

    def address(self, number: int) -> str:
        """The address of host `number` (1 and up)."""
        return str(self.network[number])

    def cable(self, number: int) -> str:
        """The machine's end of the cable to host `number`; the host's own end is its eth0."""
        return f"{self.bridge}-{number}"

    def lay(self, owner: Path) -> None:
        """Make the bridge and mark it with `owner`, the lab's directory; what a killed lab left is cleared first.

        The bridge has a hardware address of its own. Without one it takes the lowest of its ports', which changes when a
        cable comes or goes, and every host goes on sending to the old one until its neighbour entry has run out.
        """
        self.take_away()
        alias = _alias(owner)
        _batch(
            f"link add {self.bridge} address {self.mac(254)} type bridge forward_delay 0",
            f'link set {self.bridge} alias "{alias}"',
            f"address add {self.gateway}/{self.network.prefixlen} dev {self.bridge}",
            f"link set {self.bridge} up",
        )

    def plug(self, cables: dict[int, int]) -> None:
        """Lay one cable per host: {host number: id of a process in the host's network namespace}.

        The machine knows each host's hardware address for good, as if a router were between them: a host that is away
        does not answer, but nothing says "no route to host" early or goes on saying so when the host is back.
        """
        for number in cables:
            self.unplug(number)
        lines = [
            f"link add {self.cable(number)} master {self.bridge} up type veth"
            f" peer name eth0 address {self.mac(number)} netns {pid}"
            for number, pid in cables.items()
        ]
        lines += [
            f"neighbour replace {self.address(number)} lladdr {self.mac(number)} dev {self.bridge} nud permanent"
            for number in cables
        ]
        _batch(*lines)

    def unplug(self, number: int) -> None:
        """Take the cable of host `number` away, if it is there."""
        if self.cable(number) in _interfaces():
            _delete(self.cable(number))

    def mac(self, number: int) -> str:
        """The hardware address of host `number`, or of the machine itself for 254.

        It is the same at every start, so that leases and reservations hold.
        """
        high, middle, _low = self.network.network_address.packed[1:]
        return f"02:52:{high:02x}:{middle:02x}:00:{number:02x}"

    def take_away(self) -> None:
        """Remove the bridge and every cable at it; nothing happens where there is none."""
        for interface in sorted(_interfaces(), reverse=True):
            if interface == self.bridge or interface.startswith(f"{self.bridge}-"):
                _delete(interface)


def claim(prefix: str, owner: Path, wanted: IPv4Network | None) -> Line:
    """Lay the line of the lab at `owner` in the range `wanted`, or in the first free one.

    Raises `LabError` where the range or the prefix is somebody else's.
    """
    with _one_at_a_time():
        _refuse_foreign_bridge(f"rd-{prefix}", owner)
        taken = _taken(except_for=f"rd-{prefix}")
        line = Line(prefix, _free(taken, owner) if wanted is None else _checked(wanted, taken))
        line.lay(owner)
    return line


def _refuse_foreign_bridge(bridge: str, owner: Path) -> None:
    for link in _said("link", "show"):
        alias = str(link.get("ifalias", ""))
        if link["ifname"] != bridge or alias == _alias(owner):
            continue
        where = alias.removeprefix("lab ")
        if not alias.startswith("lab ") or (Path(where) / "lab.json").exists():
            raise LabError(
                f"The interface {bridge} belongs to {alias or 'somebody else'}; nothing was changed."
                " Stop that lab first (down), or choose another prefix."
            )


def _checked(wanted: IPv4Network, taken: list[tuple[IPv4Network, str]]) -> IPv4Network:
    if wanted.prefixlen != 24 or not wanted.is_private:
        raise LabError(f"The lab's range must be a private /24 such as {RANGES[0]}/24, not {wanted}.")
    for network, interface in taken:
        if network.overlaps(wanted):
            raise LabError(
                f"The range {wanted} is in use: {network} is on {interface}. Choose another range for this lab."
            )
    return wanted


def _free(taken: list[tuple[IPv4Network, str]], owner: Path) -> IPv4Network:
    """A free range. Each lab begins to look elsewhere: one that was down then finds its own still free."""
    networks = list(RANGES.subnets(new_prefix=24))
    first = hashlib.sha256(str(owner).encode()).digest()[0]
    for network in networks[first:] + networks[:first]:
        if not any(network.overlaps(other) for other, _interface in taken):
            return network
    raise LabError(f"Every range in {RANGES} is in use. Choose a range for this lab.")


def _taken(except_for: str) -> list[tuple[IPv4Network, str]]:
    """Networks that an interface or a route of this machine already covers, the default route left aside."""
    found = []
    for link in _said("address", "show"):
        for address in link.get("addr_info", []):
            if address.get("family") == "inet" and link["ifname"] != except_for:
                network = ipaddress.ip_network(f"{address['local']}/{address['prefixlen']}", strict=False)
                found.append((network, link["ifname"]))
    for route in _said("-4", "route", "show", "table", "all"):
        if route["dst"] != "default" and route.get("dev") != except_for:
            found.append((ipaddress.ip_network(route["dst"], strict=False), route.get("dev", "a route")))
    return [(network, interface) for network, interface in found if network.prefixlen > 0]


def _said(*words: str) -> list[dict[str, Any]]:
    """What ip(8) says about what there is; it says nothing at all instead of an empty list."""
    return list(json.loads(call(["ip", "-j", *words]) or b"[]"))


def _alias(owner: Path) -> str:
    return f"lab {owner}"


def _batch(*lines: str) -> None:
    if lines:
        call(["ip", "-batch", "-"], stdin="".join(f"{line}\n" for line in lines).encode())


def _interfaces() -> set[str]:
    """Names of the interfaces in this network namespace (/sys may show another one's)."""
    return {name for _index, name in socket.if_nameindex()}


def _delete(interface: str) -> None:
    """Delete an interface that may go by itself in the same moment, as a cable does with its host."""
    try:
        call(["ip", "link", "delete", interface])
    except LabError:
        if interface in _interfaces():
            raise


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    _LOCK.parent.mkdir(parents=True, exist_ok=True)
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
