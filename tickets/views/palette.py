"""What was typed into the command palette in; tickets, people and doings that fit out. Named in settings."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from hosts.models import User
from tickets.models import Ticket
from tickets.services import contacts, organizations
from tickets.services.search import found as tickets_with
from tickets.services.search import people_with
from tickets.views.desk import works_at_desk

MOST_TICKETS = 8
MOST_PEOPLE = 5


def found(request: HttpRequest, term: str) -> list[SearchResult]:
    """A ticket by its number first, then those with the words, the newest activity first; then people and those whom
    they work for.
    """
    user = request.user
    if not isinstance(user, User) or not works_at_desk(user):
        return []
    seen = Ticket.objects.visible_to(user)
    exact = list(seen.filter(number__iexact=term.lstrip("#")).select_related("status"))
    fitting = tickets_with(seen, term).select_related("status").order_by("-active_at", "-id")[:MOST_TICKETS]
    rows = {row.pk: row for row in (*exact, *fitting)}
    return [*_actions(term), *(_result(row) for row in rows.values()), *_people(user, term)]


def _people(user: User, term: str) -> list[SearchResult]:
    """Contacts by name or address, organizations by name."""
    fitting = people_with(contacts.seen_by(user), term).select_related("organization").prefetch_related("addresses")
    mine = organizations.seen_by(user).filter(name__icontains=term).order_by("name")
    return [
        *(
            SearchResult(
                title=str(row),
                description=" · ".join(filter(None, (row.email, str(row.organization or "")))),
                link=reverse("tickets:contact", args=[row.pk]),
                icon="person",
            )
            for row in fitting.order_by("name", "pk")[:MOST_PEOPLE]
        ),
        *(
            SearchResult(
                title=row.name,
                description=_("Organization"),
                link=reverse("tickets:organization", args=[row.pk]),
                icon="apartment",
            )
            for row in mine[:MOST_PEOPLE]
        ),
    ]


def _actions(term: str) -> list[SearchResult]:
    known = (
        (_("New ticket"), "tickets:new", "add_circle"),
        (_("Tickets"), "tickets:queue", "confirmation_number"),
        (_("Contacts"), "tickets:contacts", "contacts"),
        (_("Organizations"), "tickets:organizations", "apartment"),
        (_("My preferences"), "tickets:me", "manage_accounts"),
    )
    return [
        SearchResult(title=title, description=_("Action"), link=reverse(name), icon=icon)
        for title, name, icon in known
        if term.lower() in title.lower()
    ]


def _result(ticket: Ticket) -> SearchResult:
    return SearchResult(
        title=f"{ticket.number} {ticket.subject}",
        description=str(ticket.status),
        link=ticket.get_absolute_url(),
        icon="confirmation_number",
    )
