"""Tables of reservations in and out. A table is taken over as a whole or not at all, and can be tried before."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from dhcp.facts import reservation_list as facts
from dhcp.facts.address_key import address_key
from dhcp.facts.reservation_list import Line, Table, Verdict
from dhcp.models import Reservation, ReservedAddress, Server
from dhcp.services.editing.judging import Refused, edited, told
from dhcp.services.editing.typed import host_address, mac_of
from hosts.errors import BadInput
from hosts.facts.words import Words, gettext_noop, plain, reason, words
from hosts.models import Organization
from hosts.services.audit import Actor, note
from hosts.services.scope import require_visible

HEADINGS = ("server", "name", "mac", "client_id", "address", "host_name", "organization", "enabled", "note")
_PAGE = 500
_FOREIGN_KEYS = frozenset({"server", "shared_network", "subnet", "group", "organization"})
TWICE = gettext_noop("Line %(line)s has the same reservation.")
OTHER_SERVER = gettext_noop("The line is for the server %(server)s. It is left out.")
NO_ORGANIZATION = gettext_noop("You see no organization that is called “%(name)s”.")
NOT_KNOWN_BY = gettext_noop("The line has neither a MAC nor a client id, so the machine cannot be known.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a table, or would. `refused` is what is wrong with no single line; nothing was written then."""

    verdicts: tuple[Verdict, ...]
    refused: tuple[Words, ...] = ()
    is_done: bool = False

    def count(self, kind: str) -> int:
        """How many lines ended so."""
        return sum(each.kind == kind for each in self.verdicts)

    @property
    def is_wrong(self) -> bool:
        """Whether it cannot be taken over."""
        return bool(self.refused) or any(each.kind == facts.WRONG for each in self.verdicts)


class _TakenBackError(Exception):
    """Ends the transaction of a trial."""


@dataclass(slots=True)
class _Work:
    """What is to be written."""

    verdicts: list[Verdict] = field(default_factory=list)
    new: list[Reservation] = field(default_factory=list)
    changed: list[Reservation] = field(default_factory=list)
    addresses: dict[str, list[str]] = field(default_factory=dict)


def import_table(server: Server, table: Table, *, by: Actor, is_trial: bool) -> Outcome:
    """Add and change reservations of one server, known by name, else by MAC; none is deleted.

    Every line is judged together with all others, as a push to the server would be.
    """
    require_visible(by, server)
    work = _Work()
    refused: list[Words] = []
    try:
        with transaction.atomic():
            _plan(server, table, work, by)
            if not any(each.kind == facts.WRONG for each in work.verdicts):
                edited(server.pk, server, lambda: _write(server, work, by), confirmed=True, writes_many=True)
            if is_trial or any(each.kind == facts.WRONG for each in work.verdicts):
                raise _TakenBackError
    except _TakenBackError:
        return Outcome(tuple(work.verdicts))
    except Refused as error:
        refused = _blame(work, error)
        return Outcome(tuple(work.verdicts), tuple(refused))
    except BadInput as error:
        return Outcome(tuple(work.verdicts), (reason(error),))
    return Outcome(tuple(work.verdicts), (), is_done=True)


def csv_lines(rows: QuerySet[Reservation]) -> Iterator[str]:
    """Reservations as CSV (RFC 4180, UTF-8 with a BOM, so that spreadsheets read Korean)."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEADINGS)
    wanted = rows.select_related("server__host", "organization").prefetch_related("addresses")
    for row in wanted.iterator(chunk_size=_PAGE):
        yield writer.writerow([_cell(value) for value in _values(row)])


def _values(row: Reservation) -> list[str]:
    addresses = " ".join(each.address for each in row.addresses.all() if not each.is_prefix)
    return [
        str(row.server), row.name, row.mac, row.client_id, addresses, row.hostname,
        row.organization.name if row.organization else "", "yes" if row.is_enabled else "no", row.note,
    ]  # fmt: skip


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _cell(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula (CWE-1236)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _plan(server: Server, table: Table, work: _Work, by: Actor) -> None:
    known = _Known(server, by)
    seen: dict[str, int] = {}
    for line in table.lines:
        verdict = _Judge(server, known, line).verdict(work)
        keys = {line.name, line.mac} - {""}
        first = min((seen[key] for key in keys if key in seen), default=0)
        if first and verdict.kind != facts.LEFT_OUT:
            verdict = Verdict(line, facts.WRONG, (words(TWICE, line=first),))
        seen |= {key: seen.get(key, line.number) for key in keys}
        work.verdicts.append(verdict)


class _Known:
    """What is there already, read once."""

    def __init__(self, server: Server, by: Actor) -> None:
        rows = list(server.reservations.select_related("organization").prefetch_related("addresses"))
        self.by_name = {row.name: row for row in rows}
        self.by_mac = {row.mac: row for row in rows if row.mac}
        visible: Any = Organization.objects.all() if by.user is None else Organization.objects.visible_to(by.user)
        self.organizations: dict[str, Organization] = {row.name.lower(): row for row in visible}


class _Judge:
    """One line."""

    def __init__(self, server: Server, known: _Known, line: Line) -> None:
        self.server, self.known, self.line = server, known, line

    def verdict(self, work: _Work) -> Verdict:
        """What becomes of it; what is to be written is put into `work`."""
        line = self.line
        if line.server and line.server.lower() not in (str(self.server).lower(), self.server.host.name.lower()):
            return Verdict(line, facts.LEFT_OUT, (words(OTHER_SERVER, server=line.server[:60]),))
        if line.wrong is not None:
            return Verdict(line, facts.WRONG, (line.wrong,))
        try:
            return self._taken(work)
        except ValidationError as error:
            return Verdict(line, facts.WRONG, tuple(_invalid(error)))
        except BadInput as error:
            return Verdict(line, facts.WRONG, (reason(error),))

    def _taken(self, work: _Work) -> Verdict:
        line = self.line
        mac = mac_of(line.mac)
        row = self.known.by_name.get(line.name) or (self.known.by_mac.get(mac) if mac else None)
        is_new = row is None
        row = row or Reservation(server=self.server)
        had = [each.address for each in row.addresses.all() if not each.is_prefix] if row.pk else []
        before = _shown(row, had)
        addresses = had if line.addresses is None else [host_address(a, self.server.version) for a in line.addresses]
        self._fill(row, mac)
        row.full_clean(exclude=_FOREIGN_KEYS, validate_unique=False, validate_constraints=False)
        after = _shown(row, addresses)
        changes = tuple((name, before[name], after[name]) for name in before if before[name] != after[name])
        if not is_new and not changes:
            return Verdict(line, facts.SAME)
        (work.new if is_new else work.changed).append(row)
        work.addresses[row.name] = addresses
        return Verdict(line, facts.NEW if is_new else facts.CHANGED, changes=() if is_new else changes)

    def _fill(self, row: Reservation, mac: str) -> None:
        line = self.line
        row.name = line.name
        row.mac = mac or row.mac
        for name in ("client_id", "hostname", "note"):
            if (value := getattr(line, name)) is not None:
                setattr(row, name, value)
        if line.is_enabled is not None:
            row.is_enabled = line.is_enabled
        if not (row.mac or row.client_id or row.match):
            raise BadInput(words(NOT_KNOWN_BY), field="mac")
        if line.organization is not None:
            row.organization = self._organization(line.organization)

    def _organization(self, name: str) -> Organization | None:
        if not name:
            return None
        found = self.known.organizations.get(name.lower())
        if found is None:
            raise BadInput(words(NO_ORGANIZATION, name=name[:60]), field="organization")
        return found


def _shown(row: Reservation, addresses: Sequence[str]) -> dict[str, str]:
    return {
        "name": row.name,
        "mac": row.mac,
        "client_id": row.client_id,
        "addresses": " ".join(addresses),
        "hostname": row.hostname,
        "organization": row.organization.name if row.organization else "",
        "enabled": "yes" if row.is_enabled else "no",
        "note": row.note,
    }


def _write(server: Server, work: _Work, by: Actor) -> None:
    position = Server.objects.values_list("position", flat=True).get(pk=server.pk)
    for number, row in enumerate(work.new, position + 1):
        row.position = number
    Server.objects.filter(pk=server.pk).update(position=position + len(work.new))
    Reservation.objects.bulk_create(work.new, batch_size=_PAGE)
    fields = ("name", "mac", "client_id", "hostname", "note", "is_enabled", "organization")
    Reservation.objects.bulk_update(work.changed, fields, batch_size=_PAGE)
    rows = [*work.new, *work.changed]
    ReservedAddress.objects.filter(reservation__in=[row.pk for row in work.changed], is_prefix=False).delete()
    ReservedAddress.objects.bulk_create(_addresses(rows, work.addresses), batch_size=_PAGE)
    told_of = {"new": len(work.new), "changed": len(work.changed), "names": [row.name for row in rows][:100]}
    note(by, "import reservations", server, organization=server.host.organization, details=told_of)


def _addresses(rows: Iterable[Reservation], wanted: dict[str, list[str]]) -> Iterator[ReservedAddress]:
    for row in rows:
        for position, address in enumerate(wanted[row.name]):
            yield ReservedAddress(reservation=row, address=address, key=address_key(address), position=position)


def _blame(work: _Work, error: Refused) -> list[Words]:
    """Each reason at the line of the reservation that it is about; those of no line are given back."""
    rest = []
    for check in error.checks:
        at = next((n for n, each in enumerate(work.verdicts) if _is_about(check.place, each)), None)
        if at is None:
            rest.append(told(check))
            continue
        verdict = work.verdicts[at]
        work.verdicts[at] = replace(verdict, kind=facts.WRONG, why=(*verdict.why, told(check)))
    return rest


def _is_about(place: Any, verdict: Verdict) -> bool:
    written = verdict.kind in (facts.NEW, facts.CHANGED, facts.WRONG)
    return bool(written and place.kind == "reservation" and place.name == verdict.line.name)


def _invalid(error: ValidationError) -> Iterator[Words]:
    for text in error.messages:
        yield plain(gettext(text))
