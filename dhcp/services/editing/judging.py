"""An edit of one server's rows: judged before and after, refused where it brings in what must not be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models
from django.utils import timezone

from dhcp.choices import ServerKind
from dhcp.facts import server as said
from dhcp.facts.check import Check, Place
from dhcp.models import (
    ClientClass,
    Group,
    Peer,
    Pool,
    Reservation,
    Server,
    SharedNetwork,
    Subclass,
    Subnet,
)
from dhcp.models.reading import facts_and_known
from dhcp.rules.refusals import added, refused
from dhcp.rules.shrinking import shrinking
from dhcp.services.checks import checks_of, look_over
from dhcp.services.editing.leaving import leases_leaving
from dhcp.services.editing.touched import unwritable, written_plainly
from dhcp.services.holding import hold
from hosts.errors import BadInput, RenderError
from hosts.facts.words import Words, gettext_noop, joined, reason, words

_KINDS: dict[type[models.Model], tuple[str, str]] = {
    Reservation: ("reservation", "name"),
    Subnet: ("subnet", "network"),
    SharedNetwork: ("shared-network", "name"),
    Group: ("group", "name"),
    ClientClass: ("class", "name"),
    Subclass: ("class", "of"),
    Peer: ("failover", "name"),
    Server: ("server", ""),
}
_CALLED = {
    "reservation": gettext_noop("reservation %(name)s"),
    "subnet": gettext_noop("subnet %(name)s"),
    "shared-network": gettext_noop("shared network %(name)s"),
    "pool": gettext_noop("pool from %(name)s"),
    "group": gettext_noop("group %(name)s"),
    "class": gettext_noop("class %(name)s"),
    "failover": gettext_noop("failover pair %(name)s"),
}
_COLUMNS = {
    "default": "default_lease_seconds",
    "maximum": "max_lease_seconds",
    "minimum": "min_lease_seconds",
    "routers": "options",
    "primary": "is_primary",
    "subnets": "interfaces",
}
"""Columns of fields that pure code calls otherwise."""
_ELSEWHERE: dict[tuple[type[models.Model], str], str] = {
    (Subnet, "dhcp.address.in-range"): "ranges",
    (Subnet, "dhcp.address.outside"): "network",
    (Subnet, "dhcp.range.outside"): "network",
    (Subnet, "dhcp.range.overlap"): "ranges",
    (Subnet, "dhcp.range.reversed"): "ranges",
    (Pool, "dhcp.address.in-range"): "ranges",
    (Pool, "dhcp.range.overlap"): "ranges",
}
"""The field of the row that is edited, where the check stands at another one."""
_RENDERED = {
    "host": "name",
    "hardware": "mac",
    "client id": "client_id",
    "fixed-address": "addresses",
    "host-identifier": "match",
    "host-name": "hostname",
    "range": "ranges",
    "failover peer": "failover",
    "filename": "boot_filename",
    "next-server": "next_server",
    "server-name": "boot_server_name",
    "interface": "interface",
    "shared-network": "name",
    "class": "name",
    "group": "name",
    "zone": "name",
    "key": "name",
    "primary": "primary",
    "address": "address",
    "peer address": "peer_address",
}
"""Columns by the words that a renderer names where it cannot write a value."""
_BREAKS = ("dhcp.class.unknown", "dhcp.failover.unknown")
_ASKED = gettext_noop("%(title)s. Nothing was saved: confirm it if that is meant.")
_SEPARATE = gettext_noop("%(title)s (%(place)s). %(why)s %(what_to_do)s")
_TITLE = gettext_noop("%(title)s. %(why)s %(what_to_do)s")
NOT_SAVED = gettext_noop("%(why)s Nothing was saved.")


class Refused(BadInput):
    """The edit would bring in what must not be sent to a host. `checks` are all reasons, with their mends."""

    def __init__(self, message: object, *, field: str, checks: Iterable[Check]) -> None:
        super().__init__(message, field=field)
        self.checks = tuple(checks)


class ToConfirm(BadInput):
    """The edit takes addresses away from machines that have them now: say `confirmed` and it is saved."""

    def __init__(self, message: object, *, checks: Iterable[Check]) -> None:
        super().__init__(message, field="confirmed")
        self.checks = tuple(checks)


def edited(
    server_id: int,
    row: models.Model,
    write: Callable[[], object],
    *,
    confirmed: bool = False,
    deletes: bool = False,
    writes_many: bool = False,
) -> list[Check]:
    """Do `write` on a locked server, and give back what it brought in that was not there before.

    Called inside the transaction of a verb: what is raised takes everything back. `row` is the one that people edit.
    Where it is deleted, only what breaks the file is refused; the rest is to be confirmed. `writes_many`: reservations
    other than `row` are written, too, so that all are read anew. One of a reservation alone is judged by what it
    touches where nothing is wrong there, which comes to the same (`touched`).
    """
    old = hold(server_id)
    if isinstance(row, Reservation) and not writes_many and written_plainly(old, row, write):
        _count(old)
        return []
    before, known = facts_and_known(old)
    write()
    server = _count(Server.objects.select_related("host").get(pk=server_id))
    if isinstance(row, Server):
        row.revision, row.edited_at = server.revision, server.edited_at
    stay = known.but(row.pk) if isinstance(row, Reservation) else known
    after, _ = facts_and_known(server, None if writes_many else stay)
    checks = checks_of(server, after)
    new = added(checks_of(old, before), checks) if checks else []
    wrong = refused(new)
    bearable = [each for each in wrong if deletes and each.finding.id not in _BREAKS]
    if len(wrong) > len(bearable):
        raise _refusal(wrong, row)
    _require_renderable(server, before, after)
    lost = shrinking(before, after, leases_leaving(server, before, after), timezone.now())
    asked = [*bearable, *lost]
    if asked and not confirmed:
        raise ToConfirm(joined(words(_ASKED, title=each.finding.title) for each in asked), checks=asked)
    look_over(server, checks, after)
    return [*new, *lost]


def _count(server: Server) -> Server:
    """One more edit."""
    server.revision, server.edited_at = server.revision + 1, timezone.now()
    server.save(update_fields=["revision", "edited_at"])
    return server


def _refusal(wrong: list[Check], row: models.Model) -> Refused:
    first = next((each for each in wrong if _is_at(each.place, row)), wrong[0])
    return Refused(words(NOT_SAVED, why=told(first)), field=_field(first, row), checks=wrong)


def told(check: Check) -> Words:
    """One sentence that names the object, for a form."""
    found = check.finding
    parts = {"title": found.title, "why": found.why, "what_to_do": found.what_to_do}
    called = _CALLED.get(check.place.kind)
    if called is None or not check.place.name:
        return words(_TITLE, **parts)
    return words(_SEPARATE, place=words(called, name=check.place.name), **parts)


def _is_at(place: Place, row: models.Model) -> bool:
    if isinstance(row, Pool):
        first = row.ranges.first()
        return place.kind == "pool" and first is not None and place.name == first.first
    kind, field = _KINDS.get(type(row), ("", ""))
    return place.kind == kind and place.name == (getattr(row, field) if field else "")


def _field(check: Check, row: models.Model) -> str:
    place = check.place
    known = _ELSEWHERE.get((type(row), check.finding.id))
    if _is_at(place, row):
        return _COLUMNS.get(place.field, place.field)
    if known or place.kind != _KINDS.get(type(row), ("",))[0]:
        return known or ""
    return _COLUMNS.get(place.field, place.field)


def _require_renderable(server: Server, before: said.Server, after: said.Server) -> None:
    """A value that cannot be written is refused; one that was there before stops nobody."""
    if (problem := unwritable(server, after)) is None or unwritable(server, before) is not None:
        return
    other = "options" if server.kind == ServerKind.ISC else "kea"
    raise BadInput(words(NOT_SAVED, why=reason(problem)), field=_RENDERED.get(_name_in(problem), other))


def _name_in(error: RenderError) -> str:
    said_of: Any = error.args[0] if error.args else None
    values = dict(said_of.values) if isinstance(said_of, Words) else {}
    return str(values.get("name", ""))
