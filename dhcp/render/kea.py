"""A server in, the JSON of kea-dhcp4 or kea-dhcp6 out, with what Kea cannot be told: the same facts, the same bytes.

Source: Kea's administrator reference 2.2, chapters 8 and 9. Groups become settings of what stood in them, subclasses
classes with a test; notes and origins stand in "user-context", where Kea keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network, summarize_address_range
from typing import Any

from dhcp.facts.flat import flat
from dhcp.facts.networks import Networks
from dhcp.facts.option_types import kinds
from dhcp.facts.server import (
    LeftOut,
    OptionValue,
    Parameter,
    Permit,
    Pool,
    PrefixRange,
    Range,
    Server,
    Settings,
    SharedNetwork,
    Subnet,
)
from dhcp.render.kea_classes import client_classes
from dhcp.render.kea_hosts import host, known_server
from dhcp.render.kea_members import member
from dhcp.render.kea_options import kea_has, missing_def, option_def, options
from dhcp.render.kea_tests import members

Json = dict[str, Any]
_TIMES = {"default": "valid-lifetime", "minimum": "min-valid-lifetime", "maximum": "max-valid-lifetime"}
_TIMERS = {"dhcp-renewal-time": "renew-timer", "dhcp-rebinding-time": "rebind-timer"}
_SILENT = ("ddns-update-style", "log-facility", "ping-check", "ping-timeout", "one-lease-per-client")
"""Parameters of dhcpd that Kea need not be told: what they ask for it does by itself, or elsewhere."""


@dataclass(frozen=True, slots=True)
class KeaConfig:
    """The whole file, and what of the facts is not in it."""

    text: str
    left_out: tuple[LeftOut, ...]


def kea_conf(server: Server) -> KeaConfig:
    """JSON can hold any value; what Kea has no word for is in `left_out`. RenderError where a member that only Kea has
    is no JSON.
    """
    writer = Writer(server)
    moves = not any(each.name.startswith("reservation") for each in server.settings.kea)
    conf = {f"Dhcp{server.version}": writer.server(flat(server, place=moves))}
    return KeaConfig(json.dumps(conf, indent=2, ensure_ascii=False) + "\n", tuple(writer.left_out))


class Writer:
    """Writes one server; what is left out it remembers."""

    def __init__(self, server: Server) -> None:
        self.left_out: list[LeftOut] = []
        self.custom = kinds(server.definitions)
        self.version = server.version
        self._extra_classes: list[Json] = []
        self._extra_defs: list[Json] = []
        self._taken = {subnet.number for subnet in _subnets(server)} - {0}
        self._count = 0

    def leave(self, within: str, text: str) -> None:
        """Remember what Kea cannot be told."""
        self.left_out.append(LeftOut(within, text))

    def server(self, server: Server) -> Json:
        """The object under Dhcp4 or Dhcp6."""
        v = self.version
        made: Json = {**_context(server.note, server.origin)}
        made["interfaces-config"] = {"interfaces": list(server.interfaces) or ["*"]}
        made |= self.settings(server.settings, "server")
        for definition in server.definitions:
            if kea_has(definition):
                continue
            if (found := option_def(definition, v)) is None:
                self.leave("server", f"option {definition.name} code {definition.code} = {definition.type}")
            else:
                self._extra_defs.append(found)
        for name, texts in (("key", [k.name for k in server.keys]), ("zone", [z.name for z in server.zones])):
            for text in texts:
                self.leave("server", f"{name} {text}")
        for peer in server.failover:
            self.leave("server", f"failover peer {peer.name}")
        networks = [self.shared_network(each) for each in server.shared_networks]
        subnets = [self.subnet(each) for each in server.subnets]
        classes = client_classes(server, self)
        hosts = [found for each in server.reservations if (found := host(each, self, "server"))]
        made |= {"option-def": _unique(self._extra_defs)} if self._extra_defs else {}
        made |= {"client-classes": [*classes, *self._extra_classes]} if classes or self._extra_classes else {}
        made |= {"shared-networks": networks} if networks else {}
        made |= {f"subnet{v}": subnets} if subnets else {}
        if hosts:
            told = any(each.name.startswith("reservation") for each in server.settings.kea)
            made |= {} if told else {"reservations-global": True, "reservations-in-subnet": True}
            made["reservations"] = hosts
        return _merged(made, server.settings.kea)

    def settings(self, settings: Settings, within: str) -> Json:
        """Times, boot files and options of one level."""
        made: Json = {}
        times = settings.times
        for field, name in _TIMES.items():
            if (value := getattr(times, field)) is not None:
                made[name] = value
        boot = settings.boot
        if self.version == 4:
            said = (("next-server", known_server(boot, self, within)), ("server-hostname", boot.server_name))
            made |= {name: value for name, value in (*said, ("boot-file-name", boot.filename)) if value}
        for _, filename in boot.by_architecture if within != "server" or self.version == 6 else ():
            self.leave(within, f"filename {filename}")
        made |= self._parameters(settings.parameters, within)
        made |= self.options(settings.options, within)
        for raw in settings.raw:
            self.leave(within, raw.text)
        return made

    def options(self, values: tuple[OptionValue, ...], within: str) -> Json:
        """The object's "option-data"."""
        timers = {_TIMERS[value.name]: int(value.values[0]) for value in values if _is_timer(value)}
        data, missing = options(tuple(value for value in values if not _is_timer(value)), self.custom, self.version)
        self._extra_defs += [found for value in values if (found := missing_def(value))]
        for value in missing:
            self.leave(within, f"option {value.name} {value.expression or ', '.join(value.values)}")
        return timers | ({"option-data": data} if data else {})

    def _parameters(self, parameters: tuple[Parameter, ...], within: str) -> Json:
        made: Json = {}
        for each in parameters:
            if each.name == "authoritative" and self.version == 4:
                made["authoritative"] = True
            elif (each.name, each.value) == ("not", "authoritative"):
                made["authoritative"] = False
            elif each.name == "ignore-client-uids" and self.version == 4:
                made["match-client-id"] = each.value.lower() not in ("true", "on")
            elif each.name == "preferred-lifetime" and each.value.isdecimal() and self.version == 6:
                made["preferred-lifetime"] = int(each.value)
            elif each.name not in _SILENT:
                self.leave(within, f"{each.name} {each.value}".strip())
        return made

    def shared_network(self, each: SharedNetwork) -> Json:
        """With its subnets; a pool that no subnet holds is left out."""
        made: Json = {"name": each.name, **_context(each.note, each.origin)}
        made |= {"interface": each.interface} if each.interface else {}
        made |= self.settings(each.settings, each.name)
        for pool in each.pools:
            self.leave(each.name, f"pool {', '.join(limits.first for limits in pool.ranges)}".strip())
        made[f"subnet{self.version}"] = [self.subnet(subnet) for subnet in each.subnets]
        return _merged(made, each.settings.kea)

    def subnet(self, each: Subnet) -> Json:
        """With a number that no other subnet has."""
        made: Json = {"id": self._number(each), "subnet": each.network, **_context(each.note, each.origin)}
        made |= {"interface": each.interface} if each.interface else {}
        made |= self.settings(each.settings, each.network)
        plain = [{"pool": _limits(limits)} for limits in each.ranges if self._fits(limits, each.network)]
        pools = [*plain, *[one for pool in each.pools for one in self._pool(pool, each.network)]]
        made |= {"pools": pools} if pools else {}
        prefixes = [*each.prefixes, *(prefix for pool in each.pools for prefix in pool.prefixes)]
        made |= {"pd-pools": [one for prefix in prefixes for one in _delegated(prefix)]} if prefixes else {}
        hosts = [found for one in each.reservations if (found := host(one, self, each.network))]
        made |= {"reservations": hosts} if hosts else {}
        return _merged(made, each.settings.kea)

    def _number(self, each: Subnet) -> int:
        if each.number:
            return each.number
        self._count += 1
        while self._count in self._taken:
            self._count += 1
        return self._count

    def _pool(self, pool: Pool, within: str) -> list[Json]:
        made = self.settings(Settings(options=pool.settings.options), within)
        for name, value in self.settings(Settings(pool.settings.times, pool.settings.boot), within).items():
            self.leave(within, f"{name} {value}")
        for parameter in pool.settings.parameters:
            self.leave(within, f"{parameter.name} {parameter.value}".strip())
        for raw in pool.settings.raw:
            self.leave(within, raw.text)
        if pool.failover:
            self.leave(within, f"failover peer {pool.failover}")
        made |= self._permitted(pool.permits, pool, within)
        context = _context(pool.note, pool.origin)
        fitting = [limits for limits in pool.ranges if self._fits(limits, within)]
        return [_merged({"pool": _limits(limits), **context, **made}, pool.settings.kea) for limits in fitting]

    def _fits(self, limits: Range, network: str) -> bool:
        """Kea refuses a pool that is not within its subnet, which dhcpd lets be for IPv6."""
        home = Networks((network,))
        if home.home(limits.first) and home.home(limits.last):
            return True
        self.leave(network, f"range {_limits(limits)}")
        return False

    def _permitted(self, permits: tuple[Permit, ...], pool: Pool, within: str) -> Json:
        test, left_out = members(permits)
        for permit in left_out:
            self.leave(within, f"{permit.verb} {permit.who}")
        if not test:
            return {}
        if test.startswith("member('") and test.count("'") == 2:
            return {"client-class": test[len("member('") : -len("')")]}
        name = f"pool {pool.ranges[0].first}" if pool.ranges else f"pool of {within}"
        self._extra_classes.append({"name": name, "test": test})
        return {"client-class": name}


def _is_timer(value: OptionValue) -> bool:
    """T1 and T2, which Kea has members of their own for."""
    return value.name in _TIMERS and len(value.values) == 1 and value.values[0].isdecimal()


def _context(note: str, origin: str) -> Json:
    said = {name: text for name, text in (("origin", origin), ("note", note)) if text}
    return {"user-context": said} if said else {}


def _merged(made: Json, kea: tuple[Parameter, ...]) -> Json:
    """With the members that only Kea has, whose text is JSON."""
    for each in kea:
        made[each.name] = member(each)
    return made


def _unique(found: Iterable[Json]) -> list[Json]:
    return list({(each["space"], each["code"]): each for each in found}.values())


def _subnets(server: Server) -> list[Subnet]:
    flattened = flat(server)
    return [*flattened.subnets, *(subnet for each in flattened.shared_networks for subnet in each.subnets)]


def _limits(each: Range) -> str:
    return f"{each.first} - {each.last}"


def _delegated(each: PrefixRange) -> list[Json]:
    last = IPv6Address(int(IPv6Address(each.last)) | (1 << 128 - each.length) - 1)
    blocks = summarize_address_range(IPv6Address(each.first), last)
    return [
        {"prefix": str(block.network_address), "prefix-len": block.prefixlen, "delegated-len": each.length}
        for block in map(ip_network, blocks)
    ]
