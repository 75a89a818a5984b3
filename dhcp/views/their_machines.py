"""An organization and hosts in; their reservations and leases, as a card beside a ticket, out. Named in settings."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.template.loader import render_to_string

from dhcp.models import Lease, Reservation
from dhcp.services.customers import of_customer
from dhcp.services.lease_states import state_of
from dhcp.templatetags.clients import STANDINGS
from hosts.models import Host
from hosts.views.shell import person


def addresses(request: HttpRequest, organization_id: int | None, hosts: Sequence[Host]) -> str:
    """What their machines have from a DHCP server now; "" for who may see neither, and where there is nothing."""
    user = person(request)
    may = {
        "with_reservations": user.has_perm("dhcp.view_reservation"),
        "with_leases": user.has_perm("dhcp.view_lease"),
    }
    if not any(may.values()):
        return ""
    found = of_customer(user, organization_id, hosts, **may)
    if not found.reservations and not found.leases:
        return ""
    context = {
        "reservations": [(row, *_standing(row, stands.kind)) for row, stands in found.reservations],
        "leases": [(row, *_state(row)) for row in found.leases],
        "has_more": found.has_more_reservations or found.has_more_leases,
        "organization_id": organization_id if may["with_reservations"] else None,
    }
    return render_to_string("dhcp/_their_machines.html", context, request)


def _standing(row: Reservation, kind: str) -> tuple[str, str]:
    """(tone, word)."""
    label, tone = STANDINGS[kind]
    return tone.value, str(label)


def _state(row: Lease) -> tuple[str, str]:
    _value, label, tone = state_of(row)
    return tone, label
