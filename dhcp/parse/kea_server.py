"""The JSON of kea-dhcp4 or kea-dhcp6 (with comments) in, the server that a site keeps out.

Source: Kea's administrator reference 2.2. Members that no fact has are kept as they are in `Settings.kea`, so that
the renderer says them again.
"""

from __future__ import annotations

import json
from ipaddress import IPv6Network, ip_network
from typing import Any

from dhcp.errors import UnreadableConfig
from dhcp.facts.option_types import kinds
from dhcp.facts.options import KEA_SPACES, OptionKind
from dhcp.facts.server import (
    Boot,
    ClientClass,
    LeaseTimes,
    OptionValue,
    Parameter,
    Permit,
    Pool,
    PrefixRange,
    Range,
    Reservation,
    Server,
    Settings,
    SharedNetwork,
    Subnet,
)
from dhcp.parse.addresses import mac
from dhcp.parse.kea_json import kea_object, pool_ends
from dhcp.parse.kea_options import option_definition, option_value
from dhcp.parse.kea_rows import KeaRow
from hosts.facts.words import gettext_noop, words

Json = dict[str, Any]
_TIMES = {"valid-lifetime": "default", "min-valid-lifetime": "minimum", "max-valid-lifetime": "maximum"}
_TIMERS = {"renew-timer": "dhcp-renewal-time", "rebind-timer": "dhcp-rebinding-time"}
_SPACES = {4: KEA_SPACES["dhcp"], 6: KEA_SPACES["dhcp6"]}


def kea_server(text: str) -> Server:
    """UnreadableConfig where the text is no JSON, or holds no configuration of a DHCP server."""
    whole = kea_object(text)
    version = next((number for number in (4, 6) if isinstance(whole.get(f"Dhcp{number}"), dict)), 0)
    if not version:
        raise UnreadableConfig(words(gettext_noop("Neither Dhcp4 nor Dhcp6 is in the file.")))
    return _Reader(version, whole[f"Dhcp{version}"]).server()


class _Reader:
    def __init__(self, version: int, conf: Json) -> None:
        self._version = version
        self._conf = KeaRow(conf)
        rows = self._conf.objects("option-def")
        self._definitions = [found for row in rows if (found := option_definition(row))]
        self._unread = [row for row in rows if option_definition(row) is None]
        self._custom: dict[str, OptionKind] = kinds(self._definitions)

    def server(self) -> Server:
        conf = self._conf
        note, origin, _ = conf.context()
        interfaces = self._interfaces(conf)
        networks = tuple(self._network(row) for row in conf.objects("shared-networks"))
        subnets = tuple(self._subnet(row) for row in conf.objects(f"subnet{self._version}"))
        hosts = tuple(self._host(row) for row in conf.objects("reservations"))
        classes = tuple(self._class(row) for row in conf.objects("client-classes"))
        if hosts:
            conf.drop_if_true("reservations-global", "reservations-in-subnet")
        settings = self._settings(conf)
        if self._unread:
            unread = Parameter("option-def", json.dumps(self._unread, ensure_ascii=False))
            settings = _with_kea(settings, unread)
        return Server(
            version=self._version,
            interfaces=interfaces,
            definitions=tuple(self._definitions),
            classes=classes,
            shared_networks=networks,
            subnets=subnets,
            reservations=hosts,
            settings=settings,
            note=note,
            origin=origin,
        )

    def _interfaces(self, conf: KeaRow) -> tuple[str, ...]:
        """Of an object that says nothing else; any other stays as it is."""
        said = conf.objects_of("interfaces-config")
        names = said.get("interfaces")
        if set(said) != {"interfaces"} or not isinstance(names, list) or not names:
            return ()
        conf.drop("interfaces-config")
        return tuple(map(str, names)) if names != ["*"] else ()

    def _settings(self, row: KeaRow) -> Settings:
        times = {field: value for name, field in _TIMES.items() if (value := row.number(name)) is not None}
        boot = Boot(row.text("next-server"), row.text("boot-file-name"), row.text("server-hostname"))
        timers = [OptionValue(ours, (str(value),)) for name, ours in _TIMERS.items() if (value := row.number(name))]
        options = (*timers, *self._options(row))
        return Settings(LeaseTimes(**times), boot, options, tuple(self._parameters(row)), (), row.kea())

    def _parameters(self, row: KeaRow) -> list[Parameter]:
        found = []
        authoritative, by_client_id = row.flag("authoritative"), row.flag("match-client-id")
        if authoritative is not None:
            found.append(Parameter("authoritative") if authoritative else Parameter("not", "authoritative"))
        if by_client_id is not None:
            found.append(Parameter("ignore-client-uids", "false" if by_client_id else "true"))
        if (preferred := row.number("preferred-lifetime")) is not None:
            found.append(Parameter("preferred-lifetime", str(preferred)))
        return found

    def _options(self, row: KeaRow) -> list[OptionValue]:
        """All or none: where one of them is not understood, the list stays Kea's."""
        rows = row.objects("option-data")
        found = [option_value(each, self._custom, _SPACES[self._version]) for each in rows]
        if not all(found):
            row.put("option-data", rows)
            return []
        return [each for each in found if each]

    def _network(self, row: Json) -> SharedNetwork:
        taken = KeaRow(row)
        note, origin, _ = taken.context()
        name, interface = taken.text("name"), taken.text("interface")
        subnets = tuple(self._subnet(each) for each in taken.objects(f"subnet{self._version}"))
        return SharedNetwork(name, interface, subnets, settings=self._settings(taken), note=note, origin=origin)

    def _subnet(self, row: Json) -> Subnet:
        taken = KeaRow(row)
        note, origin, _ = taken.context()
        ranges: list[Range] = []
        pools: list[Pool] = []
        for each in taken.objects("pools"):
            self._pool(each, ranges, pools)
        delegated = taken.objects("pd-pools")
        prefixes = [_prefixes(each) for each in delegated]
        if not all(prefixes):
            taken.put("pd-pools", delegated)
            prefixes.clear()
        hosts = tuple(self._host(each) for each in taken.objects("reservations"))
        number, network = taken.number("id") or 0, taken.text("subnet")
        return Subnet(
            _usual(network), taken.text("interface"), tuple(ranges), tuple(each for each in prefixes if each),
            tuple(pools), hosts, (),
            self._settings(taken), note, origin, number,
        )  # fmt: skip

    def _pool(self, row: Json, ranges: list[Range], pools: list[Pool]) -> None:
        taken = KeaRow(row)
        written = taken.text("pool")
        found = pool_ends(written)
        if found is None:
            raise UnreadableConfig(words(gettext_noop("%(text)s: these are no addresses of one kind."), text=written))
        limits = (Range(*found),)
        note, origin, _ = taken.context()
        named = taken.text("client-class")
        settings = self._settings(taken)
        permits = (_permit(named),) if named else ()
        if not permits and settings == Settings() and not note and not origin:
            ranges += limits
        else:
            pools.append(Pool(limits, (), permits, "", settings, note, origin))

    def _host(self, row: Json) -> Reservation:
        taken = KeaRow(row)
        note, origin, name = taken.context()
        duid, hostname = taken.text("duid"), taken.text("hostname")
        hardware = mac(taken.text("hw-address").replace("-", ":")) or ""
        one = taken.text("ip-address")
        addresses = (one,) if one else taken.texts("ip-addresses")
        client_id = taken.text("client-id")
        return Reservation(
            name=name or hostname or hardware or duid or client_id,
            mac=hardware,
            client_id=client_id.lower(),
            match=f"option dhcp6.client-id {duid.lower()}" if duid else "",
            addresses=addresses,
            prefixes=taken.texts("prefixes"),
            hostname=hostname,
            settings=self._settings(taken),
            note=note,
            origin=origin,
        )

    def _class(self, row: Json) -> ClientClass:
        taken = KeaRow(row)
        note, origin, _ = taken.context()
        name, test = taken.text("name"), taken.text("test")
        return ClientClass(name, settings=self._settings(taken), note=note, origin=origin, test=test)


def _usual(network: str) -> str:
    try:
        return str(ip_network(network, strict=False))
    except ValueError as error:
        said = gettext_noop("%(network)s is no network.")
        raise UnreadableConfig(words(said, network=network)) from error


def _permit(name: str) -> Permit:
    known = {"KNOWN": "known-clients", "UNKNOWN": "unknown-clients"}
    return Permit("allow", known.get(name, f'members of "{name}"'))


def _prefixes(row: Json) -> PrefixRange | None:
    try:
        block = IPv6Network(f"{row['prefix']}/{row['prefix-len']}")
        length = int(row["delegated-len"])
    except (KeyError, ValueError, TypeError):
        return None
    if length < block.prefixlen or length > 128:
        return None
    last = int(block.broadcast_address) >> (128 - length) << (128 - length)
    return PrefixRange(str(block.network_address), str(IPv6Network((last, length)).network_address), length)


def _with_kea(settings: Settings, more: Parameter) -> Settings:
    return Settings(
        settings.times, settings.boot, settings.options, settings.parameters, settings.raw, (*settings.kea, more)
    )
