"""What stands on the pages of people, organizations and hosts alike: a page of tickets, and the hosts one may see."""

from __future__ import annotations

from django.db.models import Count, Max, Q
from django.http import HttpRequest

from hosts.models import Host, User
from hosts.views.keyset import Page, keyset_page
from hosts.views.shell import person
from tickets.choices import TicketState
from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet

PAGE_SIZE = 25
MOST_HOSTS = 50


def visible_tickets(request: HttpRequest) -> TicketQuerySet:
    """Those that the person may see."""
    return Ticket.objects.visible_to(person(request))


def page_of(request: HttpRequest, tickets: TicketQuerySet) -> Page[Ticket]:
    """A page of them, the newest first."""
    return keyset_page(
        tickets.shown_whole(),
        "id",
        descending=True,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )


def count_by(tickets: TicketQuerySet, column: str, keys: list[int]) -> dict[int, dict[str, object]]:
    """{key: {"open": …, "total": …, "last": newest activity}} for a page of people or organizations, in one query.

    Those without a ticket have zeros and None.
    """
    none: dict[str, object] = {"open": 0, "total": 0, "last": None}
    rows = tickets.filter(**{f"{column}__in": keys}).order_by().values(column)
    counted = rows.annotate(
        open=Count("pk", filter=Q(state=TicketState.OPEN)), total=Count("pk"), last=Max("active_at")
    )
    return dict.fromkeys(keys, none) | {row[column]: row for row in counted}


def hosts_of(user: User, organization_id: int | None) -> list[Host]:
    """The hosts of an organization that the person may see; none without the right to see hosts."""
    if organization_id is None or not user.has_perm("hosts.view_host"):
        return []
    found = Host.objects.visible_to(user).filter(organization=organization_id).order_by("name")
    return list(found[: MOST_HOSTS + 1])
