"""A reservation in, Kea's object for it out, or None where nothing of it can be told."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import Any, Protocol

from dhcp.facts.quoted import hex_of
from dhcp.facts.server import Boot, OptionValue, Reservation, Settings
from dhcp.render.kea_members import member

_DUID = "option dhcp6.client-id "


class Remembers(Protocol):
    """What the writer of the whole file offers."""

    version: int

    def leave(self, within: str, text: str) -> None:
        """Remember what Kea cannot be told."""

    def options(self, values: tuple[OptionValue, ...], within: str) -> dict[str, Any]:
        """The object's "option-data"."""


def host(each: Reservation, writer: Remembers, within: str) -> dict[str, Any] | None:
    """A disabled one is not told at all; one that nothing identifies is left out."""
    if not each.enabled:
        return None
    made = _identity(each)
    if made is None:
        writer.leave(within, f"host {each.name}")
        return None
    context = {name: text for name, text in (("origin", each.origin), ("note", each.note), ("name", each.name)) if text}
    made |= {"user-context": context} if context else {}
    told = _addresses(each, writer, within)
    told |= {"hostname": each.hostname} if each.hostname else {}
    told |= _settings(each.settings, writer, each.name)
    told |= {one.name: member(one) for one in each.settings.kea}
    if not told:  # Kea refuses a reservation of nothing
        writer.leave(within, f"host {each.name}")
        return None
    return made | told


def _identity(each: Reservation) -> dict[str, Any] | None:
    if each.match.startswith(_DUID) and (duid := hex_of(each.match.removeprefix(_DUID))):
        return {"duid": duid}
    if each.mac:
        return {"hw-address": each.mac}
    if each.client_id and (client_id := hex_of(each.client_id)):
        return {"client-id": client_id}
    return None


def _addresses(each: Reservation, writer: Remembers, within: str) -> dict[str, Any]:
    numbers = []
    for written in each.addresses:
        try:
            numbers.append(str(ip_address(written)))
        except ValueError:
            writer.leave(within, f"fixed-address {written}")
    if writer.version == 6:
        made: dict[str, Any] = {"ip-addresses": numbers} if numbers else {}
        return made | ({"prefixes": list(each.prefixes)} if each.prefixes else {})
    for written in numbers[1:]:
        writer.leave(within, f"fixed-address {written}")
    return {"ip-address": numbers[0]} if numbers else {}


def known_server(boot: Boot, writer: Remembers, within: str) -> str:
    """Its next-server; "" where it is a name: dhcpd looks names up, Kea does not."""
    if not boot.next_server:
        return ""
    try:
        return str(IPv4Address(boot.next_server))
    except ValueError:
        writer.leave(within, f"next-server {boot.next_server}")
        return ""


def _settings(settings: Settings, writer: Remembers, within: str) -> dict[str, Any]:
    boot, times = settings.boot, settings.times
    names = ("next-server", "server-hostname", "boot-file-name")
    said = zip(names, (known_server(boot, writer, within), boot.server_name, boot.filename), strict=True)
    made = {name: value for name, value in said if value} if writer.version == 4 else {}
    for name, seconds in (("default", times.default), ("max", times.maximum), ("min", times.minimum)):
        if seconds is not None:
            writer.leave(within, f"{name}-lease-time {seconds}")
    for parameter in settings.parameters:
        writer.leave(within, f"{parameter.name} {parameter.value}".strip())
    for raw in settings.raw:
        writer.leave(within, raw.text)
    told = writer.options(settings.options, within)
    for name in ("renew-timer", "rebind-timer"):
        if (value := told.pop(name, None)) is not None:
            writer.leave(within, f"{name} {value}")
    return made | told
