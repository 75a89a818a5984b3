"""A DHCP client on a lab host: what it asks for in, the address it got or why it got none out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.lab.errors import LabError
from tests.lab.hosts import LabHost

_STATE = "/run/lab-dhclient"
_LEASES, _PID = f"{_STATE}.leases", f"{_STATE}.pid"
_FILES = ("-cf", f"{_STATE}.conf", "-lf", _LEASES, "-pf", _PID)
_BOUND = re.compile(r"^bound to (\S+) --", re.MULTILINE)
_TELLING = re.compile(
    r"No DHCPOFFERS|DHCPNAK|bad udp checksums|bad IP checksums|DHCPDECLINE|Network is|No such device|errors? encountered"
)
_PATIENCE_SECONDS = 60
# The client of last time is killed: `dhclient -x` would ask for its old address once more on its way out.
_ASK = """
interface=$1 mac=$2 leases=$3 pid=$4; shift 4
systemctl --quiet stop "dhclient-$interface" 2>/dev/null
old=$(cat "$pid" 2>/dev/null) && kill "$old" 2>/dev/null
while [ -n "$old" ] && kill -0 "$old" 2>/dev/null; do sleep 0.05; done
rm -f "$leases" "$pid"
ip address flush dev "$interface" && ip link set "$interface" down || exit
ip link set "$interface" address "$mac" || exit
exec dhclient -4 -1 -v "$@" "$interface"
"""
_UNIT = "dhclient-{interface}.service"
_KEEPS_ASKING = """\
[Unit]
Description=DHCP on {interface}, asked for until somebody answers

[Service]
ExecStart=/sbin/dhclient -4 -d {files} {interface}

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Asked:
    """How a client fared: its address, or "" and why; the last lease as dhclient.leases(5) has it; all it said."""

    address: str
    why: str
    lease: str
    said: str


def ask(host: LabHost, interface: str, mac: str, hostname: str | None, timeout: float) -> Asked:
    """Ask as a client that has never been here; goes on renewing until it is asked again or released.

    dhclient runs once in the foreground (-1 -v) and goes to the background when it is bound, with Debian's own
    dhclient.conf, its script and its hooks. Raises `LabError` where the host is off.
    """
    conf = ['include "/etc/dhcp/dhclient.conf";', f"timeout {max(1, round(timeout))};"]
    conf += ["initial-interval 1;", "backoff-cutoff 2;"]
    if hostname is not None:
        conf.append(f'send host-name "{hostname}";')
    host.write(f"{_STATE}.conf", "".join(f"{line}\n" for line in conf).encode())
    answer = host.run(
        ["sh", "-c", _ASK, "ask", interface, mac, _LEASES, _PID, *_FILES], timeout=timeout + _PATIENCE_SECONDS
    )
    said = (answer.stdout + answer.stderr).decode(errors="replace").strip()
    bound = _BOUND.findall(said)
    if answer.status != 0 or not bound:
        return Asked("", _why(said), "", said)
    blocks = re.findall(r"^lease \{.*?^\}", host.read(_LEASES).decode(errors="replace"), re.M | re.S)
    return Asked(bound[-1], "", blocks[-1] if blocks else "", said)


def keep_asking(host: LabHost, interface: str) -> None:
    """Have the host ask every few seconds until it has an address, from now on and after every start."""
    conf = 'include "/etc/dhcp/dhclient.conf";\nretry 2;\ninitial-interval 2;\nbackoff-cutoff 5;\n'
    host.write("/etc/dhcp/dhclient-lab.conf", conf.encode())
    leases, pid = f"/var/lib/dhcp/dhclient.{interface}.leases", f"/run/dhclient.{interface}.pid"
    files = f"-cf /etc/dhcp/dhclient-lab.conf -lf {leases} -pf {pid}"
    unit = _UNIT.format(interface=interface)
    text = _KEEPS_ASKING.format(interface=interface, files=files)
    host.write(f"/etc/systemd/system/{unit}", text.encode())
    host.check(["systemctl", "enable", "--quiet", "--now", unit])


def release(host: LabHost, interface: str) -> str:
    """Give the address back (DHCPRELEASE) and end the client; returns what it said."""
    answer = host.run(["dhclient", "-4", "-r", "-v", *_FILES, interface])
    said = (answer.stdout + answer.stderr).decode(errors="replace").strip()
    if answer.status != 0:
        raise LabError(f"The client on {host.name} could not release its address: {said}")
    return said


def _why(said: str) -> str:
    """The lines that tell it, else the last one."""
    lines = list(dict.fromkeys(said.splitlines()))
    return "; ".join([line for line in lines if _TELLING.search(line)] or lines[-1:])
