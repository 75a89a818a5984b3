"""Everybody around a ticket, from rows to the facts that `rules.alerts` chooses from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower

from hosts.models import User
from tickets.choices import AlertTo
from tickets.facts.outgoing import Audience, Person
from tickets.models import Agent, Contact, ContactAddress, Ticket
from tickets.models.read_once import once
from tickets.rules.alerts import EVEN_TO_THE_AUTHOR, FOR_AGENTS
from tickets.rules.language import spoken
from tickets.services.mail_matter import Matter

_OF_THE_HOUSE = frozenset({AlertTo.MANAGER, AlertTo.MEMBERS, AlertTo.ACCOUNT_MANAGER, AlertTo.ADMINS})
"""Rows of the matrix that mean the same agents for every ticket of a department and an organization."""
LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)


def audience_of(matter: Matter) -> Audience:
    """The people around the matter. Agents' rows are read only where the matrix names them."""
    ticket = matter.ticket
    chosen = tuple(matter.desk.alerts.get(matter.kind, ())) if matter.kind in FOR_AGENTS else ()
    contacts = {} if ticket is None or matter.kind in FOR_AGENTS else _contacts(matter, ticket)
    owner = contacts.pop(ticket.contact_id, None) if ticket is not None else None
    entry = matter.entry
    author = None
    if entry is not None and entry.contact_id is not None:
        taking_part = {**contacts, **({ticket.contact_id: owner} if ticket is not None else {})}
        author = taking_part.get(entry.contact_id)
    return Audience(
        owner=owner,
        author=author,
        collaborators=tuple(contacts.values()),
        listed=tuple(_listed(chosen, ticket)),
        named=tuple(_known_to_work(_named(matter))),
        to=str(matter.extra.get("to", "all")),
        silent=_silent(matter),
        own_addresses=frozenset(mailbox.address.casefold() for mailbox in matter.mailboxes),
    )


def agent_person(agent: Agent) -> Person:
    """An agent as one who can be told."""
    user = agent.user
    is_there = user.is_active and not agent.is_on_vacation
    return Person(f"a{agent.pk}", user.email, str(user), user.language, user.time_zone, is_reachable=is_there)


def contact_person(contact: Contact, text: str = "") -> Person:
    """A contact as one who can be told. `text` shows the language where none is set."""
    working = [one for one in contact.addresses.all() if one.failed_at is None]
    best = min(working, key=lambda one: (not one.is_main, one.pk), default=None)
    user = contact.user
    language = contact.language or (user.language if user else "") or spoken(text)
    return Person(
        key=f"c{contact.pk}",
        email=best.email if best else contact.email,
        name=contact.name,
        language=language if language in LANGUAGES else settings.LANGUAGE_CODE,
        time_zone=contact.time_zone or (user.time_zone if user else ""),
        is_reachable=best is not None,
    )


def _contacts(matter: Matter, ticket: Ticket) -> dict[int, Person]:
    """The owner first, then active collaborators."""
    if matter.contacts is not None:
        return {row.pk: contact_person(row, _said(matter, ticket)) for row in matter.contacts}
    there = Q(pk=ticket.contact_id) | Q(collaborations__ticket=ticket, collaborations__is_active=True)
    rows = Contact.objects.filter(there).distinct().select_related("user").prefetch_related("addresses").order_by("pk")
    found = {row.pk: contact_person(row, _said(matter, ticket)) for row in rows}
    return {ticket.contact_id: found.pop(ticket.contact_id), **found} if ticket.contact_id in found else found


def _said(matter: Matter, ticket: Ticket) -> str:
    """A text that shows what language the people speak."""
    entry = matter.entry
    return entry.text if entry is not None and entry.contact_id else ticket.subject


def _listed(chosen: tuple[str, ...], ticket: Ticket | None) -> Iterator[Person]:
    """The people of these rows of the matrix."""
    if AlertTo.ADMINS in chosen:
        for user in User.objects.filter(is_superuser=True, is_active=True).select_related("agent").order_by("pk"):
            yield user_person(user)
    if ticket is None:
        return
    if _OF_THE_HOUSE.issuperset(chosen):
        key = ("listed", chosen, ticket.department_id, ticket.organization_id)
        yield from map(agent_person, once(key, lambda: _agents(chosen, ticket)))
    else:
        yield from map(agent_person, _agents(chosen, ticket))


def _agents(chosen: tuple[str, ...], ticket: Ticket) -> list[Agent]:
    """The agents whom these rows of the matrix mean at a ticket."""
    wanted = [condition for row in chosen if (condition := _condition(row, ticket)) is not None]
    if not wanted:
        return []
    return list(Agent.objects.filter(reduce(or_, wanted)).select_related("user").order_by("pk").distinct())


def user_person(user: User) -> Person:
    """Somebody with a login as one who can be told: as the agent they are, or by their address alone."""
    agent = getattr(user, "agent", None)
    if isinstance(agent, Agent):
        return agent_person(agent)
    return Person("a0", user.email, str(user), user.language, user.time_zone)


def _condition(row: str, ticket: Ticket) -> Q | None:
    """Which agents a row of the matrix means; None where this ticket has none of them."""
    department, team = ticket.department_id, ticket.team
    of_row: dict[str, Q | None] = {
        AlertTo.ASSIGNED_AGENT: Q(pk=ticket.agent_id) if ticket.agent_id else None,
        AlertTo.ASSIGNED_TEAM: Q(memberships__team=team, memberships__gets_alerts=True)
        if team is not None and team.is_active
        else None,
        AlertTo.TEAM_LEAD: Q(pk=team.lead_id) if team is not None and team.lead_id else None,
        AlertTo.LAST_RESPONDENT: Q(pk=ticket.last_respondent_id) if ticket.last_respondent_id else None,
        AlertTo.MANAGER: Q(pk=ticket.department.manager_id) if ticket.department.manager_id else None,
        AlertTo.MEMBERS: Q(only_assigned=False)
        & (Q(department=department) | Q(accesses__department=department, accesses__gets_alerts=True)),
        AlertTo.ACCOUNT_MANAGER: Q(customers__organization=ticket.organization_id) if ticket.organization_id else None,
        AlertTo.FOLLOWERS: Q(following__ticket=ticket),
    }
    return of_row.get(row)


def _named(matter: Matter) -> Iterator[Person]:
    """Those whom the verb names: agents, contacts, addresses."""
    for agent in matter.extra.get("agents", ()):
        yield agent_person(agent)
    for contact in matter.extra.get("contacts", ()):
        yield contact_person(contact)
    for email in matter.extra.get("emails", ()):
        yield Person("c0", email, str(matter.extra.get("name", "")), _language_of_address(matter))


def _language_of_address(matter: Matter) -> str:
    """For somebody of whom nothing is known: what was said, else the language that entry and name are written in."""
    said = str(matter.extra.get("language", ""))
    entry = matter.entry.text if matter.entry is not None else ""
    found = said or spoken(entry) or spoken(str(matter.extra.get("name", "")))
    return found if found in LANGUAGES else settings.LANGUAGE_CODE


def _known_to_work(people: Iterable[Person]) -> Iterator[Person]:
    """Without bare addresses that bounced."""
    found = list(people)
    asked = [person.email.lower() for person in found if person.key == "c0"]
    failed = set(
        ContactAddress.objects.filter(failed_at__isnull=False)
        .annotate(low=Lower("email"))
        .filter(low__in=asked)
        .values_list("low", flat=True)
        if asked
        else ()
    )
    return (person for person in found if person.key != "c0" or person.email.lower() not in failed)


def _silent(matter: Matter) -> frozenset[str]:
    """Addresses of who did it: nobody is told of what they did themselves."""
    if matter.kind in EVEN_TO_THE_AUTHOR:
        return frozenset()
    doers = [matter.by.user.email] if matter.by.user else []
    entry = matter.entry
    if entry is not None:
        doers.append(entry.author_email)
        if entry.agent is not None:
            doers.append(entry.agent.user.email)
        if entry.contact_id is not None and not matter.is_for_agents:
            doers += ContactAddress.objects.filter(contact=entry.contact_id).values_list("email", flat=True)
    return frozenset(doer.casefold() for doer in doers if doer)
