"""Which hosts a ticket is about: one added or taken away at a time, so that two agents do not undo each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from hosts.errors import NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import Host, User
from hosts.services.audit import Actor
from tickets.choices import EventKind, Permission
from tickets.models import Ticket
from tickets.services import access
from tickets.services.book import happened
from tickets.services.hold import hold


def hosts_for(ticket: Ticket, user: User) -> QuerySet[Host]:
    """Hosts that the ticket may be about: of its organization, and of none, as the machines are that many share.

    Only those that the person may see. Without an organization all of these.
    """
    seen = Host.objects.visible_to(user) if user.has_perm("hosts.view_host") else Host.objects.none()
    return seen.filter(_fits(ticket)) if ticket.organization_id else seen


@transaction.atomic
def add_host(ticket: Ticket, host: Host, *, by: Actor) -> Ticket:
    """Say that the ticket is about this host. NotAllowed for one of somebody else's organization."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    require_fitting(ticket, [host], by=by)
    return _changed(ticket, lambda: ticket.hosts.add(host), by)


def require_fitting(ticket: Ticket, hosts: Iterable[Host], *, by: Actor) -> None:
    """NotAllowed where one of them is neither a host that the ticket may be about nor one that it names already."""
    if by.user is None:
        return
    wanted = {host.pk: host for host in hosts}
    fitting = hosts_for(ticket, by.user).filter(pk__in=wanted).values_list("pk", flat=True)
    for pk in wanted.keys() - set(fitting) - set(ticket.hosts.values_list("pk", flat=True)):
        raise NotAllowed(
            words(
                gettext_noop("%(host)s is no host of this ticket's organization. The ticket was left as it is."),
                host=str(wanted[pk]),
            )
        )


@transaction.atomic
def remove_host(ticket: Ticket, host: Host, *, by: Actor) -> Ticket:
    """Say that the ticket is not about it."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    return _changed(ticket, lambda: ticket.hosts.remove(host), by)


def _fits(ticket: Ticket) -> Q:
    return Q(organization=ticket.organization_id) | Q(organization=None)


def _changed(ticket: Ticket, change: Callable[[], None], by: Actor) -> Ticket:
    before = _names(ticket)
    change()
    after = _names(ticket)
    if before != after:
        happened(ticket, EventKind.EDITED, by=by, changes={"hosts": [before, after]})
    return ticket


def _names(ticket: Ticket) -> str:
    return ", ".join(ticket.hosts.order_by("name").values_list("name", flat=True))
