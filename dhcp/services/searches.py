"""What somebody searches reservations for in; those of them that they may see out."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from dhcp.models import Reservation
from dhcp.parse.asked import asked
from hosts.models import User


def reservations_with(user: User, typed: str) -> QuerySet[Reservation]:
    """By name, host name, note, MAC in any spelling or a piece of it, client id, address or network; each once."""
    rows: QuerySet[Reservation] = Reservation.objects.visible_to(user)
    rows = rows.select_related("server__host", "organization").prefetch_related("addresses").distinct()
    return rows.filter(_says(typed)) if typed.strip() else rows


def _says(typed: str) -> Q:
    wanted = asked(typed)
    if wanted.keys:
        return Q(addresses__key__gte=wanted.keys[0], addresses__key__lte=wanted.keys[1])
    text = typed.strip()
    found = Q(name__icontains=text) | Q(hostname__icontains=text) | Q(client_id__iexact=text) | Q(note__icontains=text)
    if wanted.mac:
        found |= Q(mac=wanted.mac)
    for piece in wanted.mac_parts:
        found |= Q(mac__contains=piece)
    return found
