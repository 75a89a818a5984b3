"""An edit of one reservation in; whether it could be judged by what it touches alone out.

What is wrong with a reservation is either in it, or between it and those that have its MAC, its client id, its name
or one of its addresses: these are few and found by a query, where a server may have thousands. Where nothing is wrong
among them before the edit and nothing after it, all that the others show stays as it was. Where anything is, the whole
server is judged, as for every other edit: then the order of reservations matters, and free addresses are suggested.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from dhcp.choices import ServerKind
from dhcp.facts import server as said
from dhcp.models import Problem, Reservation, ReservedAddress, Server
from dhcp.models.reading import facts_with
from dhcp.render.dhcpd import dhcpd_conf
from dhcp.render.kea import kea_conf
from dhcp.rules.preflight import of_clients
from dhcp.rules.reserved import SUGGESTS
from dhcp.services.checks import PREFLIGHT
from hosts.errors import RenderError


class _NotPlainError(Exception):
    """Something is wrong after the edit, which is taken back."""


def written_plainly(server: Server, row: Reservation, write: Callable[[], object]) -> bool:
    """Do `write` where that is all there is to it. False: nothing was written, and the whole has to be judged.

    Called inside the transaction of a verb, with the server locked.
    """
    is_new = row.pk is None
    if not _is_plain(server, row.pk) or _suggests(server):
        return False
    try:
        with transaction.atomic():
            write()
            if not _is_plain(server, row.pk):
                raise _NotPlainError
    except _NotPlainError:
        if is_new:
            row.pk, row._state.adding = None, True  # noqa: SLF001  (it is in no table again)
        return False
    return True


def _is_plain(server: Server, key: int | None) -> bool:
    """Whether nothing is wrong with a reservation, and it can be written into the server's file."""
    alike = _alike(server, key)
    if not alike:
        return True
    facts = facts_with(server, alike)
    return not any(of_clients(facts)) and unwritable(server, facts) is None


def _suggests(server: Server) -> bool:
    """Whether a finding offers a free address, which this edit may take, or free a lower one."""
    return Problem.objects.filter(server=server, source=PREFLIGHT, rule__in=SUGGESTS).exists()


def _alike(server: Server, key: int | None) -> set[int]:
    """The keys of a reservation and of those that have anything in common with it; none where it is not there."""
    row = Reservation.objects.filter(pk=key).values("mac", "client_id", "name").first() if key else None
    if row is None or key is None:
        return set()
    shares = Q(name=row["name"])
    shares |= Q(mac__iexact=row["mac"]) if row["mac"] else Q()
    shares |= Q(client_id=row["client_id"]) if row["client_id"] else Q()
    found = set(Reservation.objects.filter(shares, server=server).values_list("pk", flat=True))
    mine = ReservedAddress.objects.filter(reservation=key).exclude(key="").values_list("key", flat=True)
    same = ReservedAddress.objects.filter(key__in=list(mine), reservation__server=server)
    return {key, *found, *same.values_list("reservation_id", flat=True)}


def unwritable(server: Server, facts: said.Server) -> RenderError | None:
    """Why the server's file cannot be written; None where it can."""
    write: Callable[[said.Server], object] = dhcpd_conf if server.kind == ServerKind.ISC else kea_conf
    try:
        write(facts)
    except RenderError as error:
        return error
    return None
