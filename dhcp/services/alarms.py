"""Networks that are full or are not any more in; alarms and one ticket for each out. Inside the sample's transaction.

Who judges holds the server's row, so that no two workers do; and a ticket has the network as its cause, of which there
is one open ticket at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext, override

from dhcp.facts.fullness import Counts, Thresholds
from dhcp.models import Alarm, Server, SharedNetwork, Subnet
from dhcp.rules.fullness import is_alarmed
from hosts.facts.words import Words, gettext_noop, words
from hosts.models import User
from hosts.services.audit import PANEL
from tickets.choices import TicketSource
from tickets.facts.verbs import NewEntry, NewTicket
from tickets.models import Ticket
from tickets.services.thread import post_note
from tickets.services.tickets import open_ticket

FROM_NAME, FROM_EMAIL = "Rackdesk", "rackdesk@panel.invalid"
"""Who opens such tickets. Mail to a name under .invalid (RFC 2606) goes nowhere, and none is sent."""

SUBJECT = gettext_noop("DHCP network %(network)s on %(server)s is full: %(percent)s %%")
TEXT = gettext_noop(
    "%(active)s of the %(defined)s addresses of %(network)s on %(server)s are in use; %(abandoned)s are given up and "
    "%(backup)s kept by the failover partner. New machines may get no address. Widen its pools, shorten the lease "
    "time, or release leases of machines that are gone."
)
CALM = gettext_noop("%(network)s on %(server)s is at %(percent)s %% now.")


def judge(
    server: Server, networks: Iterable[tuple[Subnet | SharedNetwork, Counts, Thresholds]], *, now: datetime
) -> None:
    """Open an alarm with its ticket where a network is too full; clear it where it is not any more, and say so there.

    A network that has nothing to give any more (or is no longer looked at) is calm.
    """
    open_now = {(row.subnet_id, row.shared_network_id): row for row in server.alarms.filter(cleared_at=None)}
    for network, counts, told in networks:
        known = open_now.pop(_key_of(network), None)
        alarmed = counts.defined > 0 and is_alarmed(counts.percent, told.alarm, was_alarmed=known is not None)
        if alarmed and known is None:
            _open(server, network, counts, now)
        elif not alarmed and known is not None:
            _clear(server, known, network, counts, now)
    Alarm.objects.filter(pk__in=[row.pk for row in open_now.values()]).update(cleared_at=now)


def _open(server: Server, network: Subnet | SharedNetwork, counts: Counts, now: datetime) -> None:
    host = server.host
    values: dict[str, Any] = {
        "network": str(network),
        "server": str(server),
        "percent": _number(counts.percent),
        **{name: getattr(counts, name) for name in ("active", "defined", "abandoned", "backup")},
    }
    ticket = open_ticket(
        NewTicket(
            subject=_said(words(SUBJECT, **values)),
            entry=NewEntry(
                text=f"{_said(words(TEXT, **values))}\n\n{_page_of(network)}", is_automatic=True, acknowledges=False
            ),
            email=FROM_EMAIL,
            name=FROM_NAME,
            source=TicketSource.PANEL,
            organization_id=host.organization_id,
            host_ids=(host.pk,),
            cause_key=_cause(network),
            acknowledges=False,
        ),
        by=PANEL,
    )
    Alarm.objects.create(
        server=server,
        percent=counts.percent,
        opened_at=now,
        ticket_id=ticket.pk,
        ticket_number=ticket.number,
        **_target(network),
    )


def _clear(server: Server, alarm: Alarm, network: Subnet | SharedNetwork, counts: Counts, now: datetime) -> None:
    alarm.cleared_at = now
    alarm.save(update_fields=["cleared_at"])
    ticket = Ticket.objects.open().filter(pk=alarm.ticket_id or 0).first()
    if ticket is not None:
        calm = words(CALM, network=str(network), server=str(server), percent=_number(counts.percent))
        post_note(ticket, NewEntry(text=_said(calm), is_automatic=True, source=TicketSource.PANEL), by=PANEL)


def _page_of(network: Subnet | SharedNetwork) -> str:
    """Where its addresses are shown."""
    return f"{settings.PANEL_URL.rstrip('/')}{network.get_absolute_url()}"


def ticket_of(network: Subnet | SharedNetwork, user: User) -> Ticket | None:
    """The ticket of the alarm that is open for it, or for the wire that it is on, where the person may see that."""
    about = Q(**_target(network))
    if isinstance(network, Subnet) and network.shared_network_id is not None:
        about |= Q(shared_network=network.shared_network_id)
    alarm = Alarm.objects.filter(about, cleared_at=None, ticket_id__isnull=False).order_by("-opened_at").first()
    return Ticket.objects.visible_to(user).filter(pk=alarm.ticket_id or 0).first() if alarm else None


def _said(told: Words) -> str:
    """In the panel's own language: whoever reads the ticket is not known yet."""
    with override(settings.LANGUAGE_CODE):
        return told.said_by(gettext)


def _number(percent: float) -> str:
    return f"{percent:.1f}".removesuffix(".0")


def _cause(network: Subnet | SharedNetwork) -> str:
    return f"dhcp.full:{network._meta.model_name}:{network.pk}"


def _target(network: Subnet | SharedNetwork) -> dict[str, Any]:
    return {"subnet" if isinstance(network, Subnet) else "shared_network": network}


def _key_of(network: Subnet | SharedNetwork) -> tuple[int | None, int | None]:
    """As an alarm names it."""
    return (network.pk, None) if isinstance(network, Subnet) else (None, network.pk)
