"""A link that somebody points at in; five lines about what it leads to, out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from hosts.views.shell import fragment, person
from tickets.choices import TicketState
from tickets.models import Agent, TeamMember
from tickets.services import organizations
from tickets.views.beside import hosts_of, visible_tickets
from tickets.views.contacts import contact_of
from tickets.views.desk import desk, ticket_of
from tickets.views.rail import timers


@require_safe
@desk
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """A ticket: whose, where it stands, how much time is left."""
    found = ticket_of(request, number)
    return fragment(request, "tickets/_card_ticket.html", {"ticket": found, "timers": timers(found)})


@require_safe
@desk
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """A person outside: addresses, organization, what they wait for."""
    found = contact_of(request, pk)
    open_ones = visible_tickets(request).filter(contact=found, state=TicketState.OPEN).count()
    return fragment(request, "tickets/_card_contact.html", {"contact": found, "open": open_ones})


@require_safe
@desk
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague: department, teams, whether they are there, how much they have."""
    found = get_object_or_404(Agent.objects.select_related("user", "department"), pk=pk)
    teams = TeamMember.objects.filter(agent=found, team__is_active=True).values_list("team__name", flat=True)
    open_ones = visible_tickets(request).filter(agent=found, state=TicketState.OPEN).count()
    context = {"agent": found, "teams": sorted(teams), "open": open_ones}
    return fragment(request, "tickets/_card_agent.html", context)


@require_safe
@desk
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer: who looks after them, what they wait for, how many machines."""
    user = person(request)
    found = get_object_or_404(organizations.seen_by(user), pk=pk)
    open_ones = visible_tickets(request).filter(organization=found, state=TicketState.OPEN).count()
    context = {
        "organization": found,
        "card": organizations.card_of(found),
        "open": open_ones,
        "hosts": hosts_of(user, found.pk),
    }
    return fragment(request, "tickets/_card_organization.html", context)
