"""`systemctl list-units`, a process list and `dpkg-query -W` to services and packages of interest."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase

from hosts.facts.report import Package, Services, Unit

OF_INTEREST = (
    "ssh.service", "sshd.service", "isc-dhcp-server.service", "isc-dhcp-relay.service", "dhcpd.service",
    "kea-dhcp4-server.service", "kea-dhcp6-server.service", "nginx.service", "apache2.service", "httpd.service",
    "haproxy.service", "named.service", "bind9.service", "unbound.service", "dnsmasq.service", "kdump-tools.service",
    "kdump.service", "mdmonitor.service", "xen.service", "xenconsoled.service", "xenstored.service",
    "xendomains.service",
    "xen-init-dom0.service", "libvirtd.service", "chrony.service", "chronyd.service", "ntp.service", "ntpsec.service",
    "systemd-timesyncd.service", "systemd-networkd.service", "networking.service", "NetworkManager.service",
    "cron.service", "crond.service", "rsyslog.service", "docker.service", "postgresql*.service", "mariadb.service",
    "fail2ban.service", "nftables.service", "ufw.service", "firewalld.service", "open-iscsi.service",
    "multipathd.service",
    "smartd.service", "smartmontools.service",
)  # fmt: skip
"""Units that the host page shows also when they are well. Failed ones are shown whatever they are."""

PROCESSES = {
    "sshd": "ssh.service", "dhcpd": "isc-dhcp-server.service", "dhcrelay": "isc-dhcp-relay.service",
    "nginx": "nginx.service", "apache2": "apache2.service", "haproxy": "haproxy.service", "named": "named.service",
    "unbound": "unbound.service", "dnsmasq": "dnsmasq.service", "xenstored": "xenstored.service",
    "xenconsoled": "xenconsoled.service", "chronyd": "chrony.service", "crond": "cron.service", "cron": "cron.service",
}  # fmt: skip

_UNIT = re.compile(r"\s*(?:[●○×*]\s+)?(\S+\.[a-z]+)\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*))?")


def units(text: str) -> tuple[Unit, ...]:
    """Every unit of `systemctl list-units --plain --no-legend` (older versions put a dot before failed ones)."""
    return tuple(
        Unit(match[1], match[2], match[3], match[4], (match[5] or "").strip())
        for line in text.splitlines()
        if (match := _UNIT.fullmatch(line))
    )


def unit_files(text: str) -> dict[str, str]:
    """{"nginx.service": "enabled"} of `systemctl list-unit-files --no-legend`."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: row[1] for row in rows if len(row) >= 2 and row[0].endswith(".service")}


def services(system_state: str, listed: str, failed: str, files: str = "") -> Services:
    """Units of interest that are installed, also stopped ones, which systemd lists only among `files`; and the names of
    all that failed."""
    every = units(listed)
    enabled = unit_files(files)
    loaded = {unit.name: unit for unit in every if unit.load != "not-found"}
    # An alias (sshd.service for ssh.service) would only say the same thing twice.
    stopped = [Unit(name, "", "inactive", "dead") for name, how in enabled.items() if how != "alias"]
    wanted = [
        replace(unit, enabled=enabled.get(unit.name, ""))
        for unit in (loaded | {unit.name: unit for unit in stopped if unit.name not in loaded}).values()
        if _of_interest(unit.name)
    ]
    broken = [unit.name for unit in (*units(failed), *every) if unit.active == "failed"]
    return Services(
        manager="systemd",
        system_state=next(iter(system_state.split()), ""),
        units=tuple(wanted),
        failed=tuple(dict.fromkeys(broken)),
    )


def _of_interest(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in OF_INTEREST)


def processes(text: str) -> Services:
    """Where there is no systemd: what of interest runs, under the unit name it would have."""
    running = {line.strip() for line in text.splitlines()}
    names = dict.fromkeys(unit for process, unit in PROCESSES.items() if process in running)
    return Services(manager="processes", units=tuple(Unit(name, "loaded", "active", "running") for name in names))


def packages(text: str) -> tuple[Package, ...]:
    """Installed ones of "STATUS NAME VERSION" lines, in order of name."""
    rows = [line.split() for line in text.splitlines()]
    found = {row[1]: row[2] for row in rows if len(row) == 3 and row[0].startswith(("ii", "hi"))}
    return tuple(Package(name, found[name]) for name in sorted(found))
