"""What the state program printed on a host in, its servers, relay, interfaces and routes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

from dhcp.choices import ServerKind, Service
from dhcp.errors import UnreadableConfig
from dhcp.facts.answers import KeaSocket
from dhcp.facts.state import DhcpServer, Interface, KnownRoute, RelayState, ServerState
from dhcp.parse.defaults import relay_defaults
from dhcp.parse.kea_json import kea_object
from dhcp.parse.relay_state import relay_of, words_of
from dhcp.parse.server_processes import Process, listening, processes
from hosts.facts.words import Words, gettext_noop, words
from hosts.parse.frames import frames
from hosts.parse.ip_json import ip_links
from hosts.parse.reading import json_records, text_of, whole

_RUNS = gettext_noop("It runs with the process id %(pid)s.")
_FAILED = gettext_noop("It does not run: systemd says %(state)s (%(result)s). Look at journalctl -u %(unit)s.")
_STOPPED = gettext_noop("It is installed and does not run.")
_VERSION = re.compile(r"\d+(?:\.\d+)+(?:-[A-Za-z]\d+(?:-[A-Za-z]?\d+)*)?")
_LEASES = {
    (ServerKind.ISC, 4): "/var/lib/dhcp/dhcpd.leases",
    (ServerKind.ISC, 6): "/var/lib/dhcp/dhcpd6.leases",
    (ServerKind.KEA, 4): "/var/lib/kea/kea-leases4.csv",
    (ServerKind.KEA, 6): "/var/lib/kea/kea-leases6.csv",
}
_UNITS = {
    (ServerKind.ISC, 4): "isc-dhcp-server.service",
    (ServerKind.ISC, 6): "isc-dhcp-server6.service",
    (ServerKind.KEA, 4): "kea-dhcp4-server.service",
    (ServerKind.KEA, 6): "kea-dhcp6-server.service",
}
_CONFIGS = {
    (ServerKind.ISC, 4): "/etc/dhcp/dhcpd.conf",
    (ServerKind.ISC, 6): "/etc/dhcp/dhcpd6.conf",
    (ServerKind.KEA, 4): "/etc/kea/kea-dhcp4.conf",
    (ServerKind.KEA, 6): "/etc/kea/kea-dhcp6.conf",
}
_RELAY_UNIT = "isc-dhcp-relay.service"


def server_state(output: bytes) -> ServerState:
    """Raises UnreadableFacts (hosts.errors) where this is not what the program prints; what is cut off is `damage`."""
    found = frames(output)
    return _Report({name: each.output for name, each in found.sections.items()}).state(tuple(found.damage))


class _Report:
    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        links, _ = ip_links(texts.get("ip_address", ""))
        self.names = {link.index: link.name for link in links}
        self.interfaces = tuple(
            Interface(
                link.name,
                tuple(f"{each.address}/{each.prefix_length}" for each in link.addresses if each.scope != "link"),
                link.mac,
                "UP" in link.flags and link.state != "DOWN",
            )
            for link in links
        )
        self.homes = {each.partition("/")[0]: one.name for one in self.interfaces for each in one.addresses}
        self.routes = (*_routes(texts.get("ip_route", ""), 4), *_routes(texts.get("ip_route6", ""), 6))
        self.processes = processes(texts.get("processes", ""))
        self.places = _pairs(texts.get("places", ""))
        self.units = _units(texts.get("units", ""))

    def state(self, damage: tuple[Words, ...]) -> ServerState:
        every = [server for key in _UNITS if (server := self.server(*key))]
        return ServerState(
            taken_at=datetime.fromtimestamp(whole(self.texts.get("date", "").strip()) or 0, UTC),
            servers=tuple(sorted(every, key=lambda server: server.service != Service.RUNNING)),
            relay=self.relay(),
            interfaces=self.interfaces,
            routes=self.routes,
            tools=tuple(self.places.get("tool", ())),
            logs=tuple(self.places.get("log", ())),
            damage=damage,
        )

    def server(self, kind: ServerKind, version: int) -> DhcpServer | None:
        """None where it neither runs nor is installed."""
        program = "dhcpd" if kind is ServerKind.ISC else f"kea-dhcp{version}"
        process = self.process(program, version)
        # dhcpd is one program for both versions; where none runs, it is that of IPv4.
        installed = program in self.places.get("program", ()) and (program, version) != ("dhcpd", 6)
        if process is None and not installed:
            return None
        service, why = self.service(process, _UNITS[kind, version])
        config = (process.option("-cf", "-c") if process else "") or _CONFIGS[kind, version]
        common: dict[str, Any] = {
            "kind": kind,
            "version": version,
            "service": service,
            "why": why,
            "unit": _UNITS[kind, version],
            "listening": self.listening(process),
            "config_path": config,
            "started_with": tuple(process.argv) if process else (),
        }
        if kind is ServerKind.ISC:
            return self.isc(process, common)
        return self.kea(process, common)

    def isc(self, process: Process | None, common: dict[str, Any]) -> DhcpServer:
        said = _places(self.texts.get("dhcpd_places", ""), common["config_path"])
        word = "lease-file-name" if common["version"] == 4 else "dhcpv6-lease-file-name"
        named = (process.option("-lf") or process.lease_file) if process else ""
        return DhcpServer(
            **common,
            program_version=_version(self.texts.get("dhcpd_version", "")),
            lease_path=named or said.get(word, "") or _LEASES[ServerKind.ISC, common["version"]],
            omapi_port=whole(said.get("omapi-port", "")) or 0,
            omapi_key=said.get("omapi-key", ""),
        )

    def kea(self, process: Process | None, common: dict[str, Any]) -> DhcpServer:
        version = common["version"]
        conf = _kea_conf(self.texts.get(f"kea{version}", ""), version)
        database, socket = _object(conf, "lease-database"), _object(conf, "control-socket")
        hooks = [str(_of(each, "library")) for each in _list(conf, "hooks-libraries")]
        named = str(database.get("name") or "") if database.get("type", "memfile") == "memfile" else ""
        path = str(socket.get("socket-name") or "")
        return DhcpServer(
            **common,
            program_version=_version(self.texts.get(f"kea{version}_version", "")),
            lease_path=(process.lease_file if process else "") or named or _LEASES[ServerKind.KEA, version],
            log_path=_kea_log(conf),
            control=KeaSocket(path) if path else None,
            lease_commands=any("libdhcp_lease_cmds" in each for each in hooks),
            lease_hook=next(iter(self.places.get("hook", ())), ""),
        )

    def relay(self) -> RelayState | None:
        process = self.process("dhcrelay", 4)
        if process is None and "dhcrelay" not in self.places.get("program", ()):
            return None
        service, why = self.service(process, _RELAY_UNIT)
        said = process.argv[1:] if process else words_of(relay_defaults(self.texts.get("defaults_relay", "")))
        return RelayState(
            service=service,
            why=why,
            relay=relay_of(said, self.interfaces, self.routes),
            program_version=_version(self.texts.get("relay_version", "")),
            listening=self.listening(process),
        )

    def process(self, program: str, version: int) -> Process | None:
        """dhcpd and dhcrelay serve IPv6 where they were started with -6."""
        for each in self.processes:
            if each.name == program and (program.startswith("kea") or ("-6" in each.argv) == (version == 6)):
                return each
        return None

    def listening(self, process: Process | None) -> tuple[str, ...]:
        lines = self.texts.get("sockets", "").splitlines()
        return listening(process, filter(None, lines), self.names, self.homes) if process else ()

    def service(self, process: Process | None, unit: str) -> tuple[Service, Words]:
        if process:
            return Service.RUNNING, words(_RUNS, pid=process.pid)
        said = self.units.get(unit, {})
        if said.get("ActiveState", "inactive") == "inactive":
            return Service.STOPPED, words(_STOPPED)
        result = said.get("Result", "")
        return Service.STOPPED, words(_FAILED, state=said["ActiveState"], result=result, unit=unit)


def _routes(text: str, version: int) -> tuple[KnownRoute, ...]:
    records, _ = json_records(text)
    found = []
    for record in records:
        written = text_of(record, "dst")
        try:
            network = ip_network(("0.0.0.0/0" if version == 4 else "::/0") if written == "default" else written)
        except ValueError:  # "unreachable", "blackhole" and their like
            continue
        if text_of(record, "type") in ("", "unicast") and not network.is_link_local and not network.is_multicast:
            found.append(KnownRoute(str(network), text_of(record, "gateway"), text_of(record, "dev")))
    return tuple(found)


def _pairs(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        word, _, value = line.partition(" ")
        if value:
            found.setdefault(word, []).append(value)
    return found


def _units(text: str) -> dict[str, dict[str, str]]:
    """Blocks of NAME=VALUE with an empty line between them."""
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in text.split("\n\n")]
    return {block["Id"]: block for block in blocks if "Id" in block}


def _places(text: str, config: str) -> dict[str, str]:
    """Keywords and values of one file among those that were looked into."""
    inside = False
    found: dict[str, str] = {}
    for line in text.splitlines():
        word, _, value = line.strip().partition(" ")
        if word == "file":
            inside = value == config
        elif inside and value:
            found[word.lower()] = value.partition("#")[0].strip().rstrip(";").strip().strip('"')
    return found


def _version(text: str) -> str:
    found = _VERSION.search(text)
    return found[0] if found else ""


def _kea_conf(text: str, version: int) -> dict[str, Any]:
    try:
        return _object(kea_object(text), f"Dhcp{version}") if text.strip() else {}
    except UnreadableConfig:
        return {}


def _kea_log(conf: dict[str, Any]) -> str:
    """The first file that the server's own logger writes to."""
    outputs = [_of(each, "output") for logger in _list(conf, "loggers") for each in _list(logger, "output_options")]
    return next((each for each in outputs if isinstance(each, str) and each.startswith("/")), "")


def _object(value: object, key: str) -> dict[str, Any]:
    found = _of(value, key)
    return found if isinstance(found, dict) else {}


def _list(value: object, key: str) -> list[Any]:
    found = _of(value, key)
    return found if isinstance(found, list) else []


def _of(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
