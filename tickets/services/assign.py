"""Who works on a ticket: assigned, claimed, released, transferred, referred, followed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import Actor
from tickets.choices import EntryKind, EventKind, MailKind, Permission, TicketSource
from tickets.models import Agent, Department, Entry, Follower, Referral, Team, Ticket
from tickets.models.seeded import as_kept
from tickets.services import access, mail_out, search
from tickets.services.book import happened, was_said
from tickets.services.hold import hold


@transaction.atomic
def assign(
    ticket: Ticket, *, by: Actor, agent: Agent | None = None, team: Team | None = None, comments: str = ""
) -> Ticket:
    """Give the ticket to an agent, a team, or both; what is not named stays. `comments` become a note.

    BadInput for somebody who is away or gone.
    """
    ticket = hold(ticket)
    access.require(by, ticket, Permission.ASSIGN)
    if agent is not None:
        _check_there(agent)
    if team is not None and not team.is_active:
        raise BadInput(words(gettext_noop("The team %(team)s is not active."), team=team.name), field="team")
    if (agent is None or agent.pk == ticket.agent_id) and (team is None or team.pk == ticket.team_id):
        return ticket
    note = remark(ticket, comments, by=by)
    give(ticket, agent=agent, team=team, by=by, comments=comments, entry=note)
    return ticket


def claim(ticket: Ticket, agent: Agent, *, by: Actor) -> Ticket:
    """Take the ticket oneself."""
    return assign(ticket, agent=agent, by=by)


@transaction.atomic
def release(ticket: Ticket, *, by: Actor, agent: bool = True, team: bool = True) -> Ticket:
    """Give the ticket back to everybody: take it from its agent, its team, or both. One's own needs no right."""
    ticket = hold(ticket)
    is_own = by.user is not None and ticket.agent is not None and ticket.agent.user_id == by.user.pk
    if not (is_own and not (team and ticket.team_id)):
        access.require(by, ticket, Permission.RELEASE)
    before = [str(one) for one in (ticket.agent if agent else None, ticket.team if team else None) if one]
    if not before:
        return ticket
    ticket.agent = None if agent else ticket.agent
    ticket.team = None if team else ticket.team
    ticket.active_at = timezone.now()
    ticket.save(update_fields=["agent", "team", "active_at"])
    happened(ticket, EventKind.RELEASED, by=by, **{"from": " · ".join(before)})
    return ticket


@transaction.atomic
def transfer(
    ticket: Ticket, department: Department, *, by: Actor, comments: str = "", keeps_sight: bool = False
) -> Ticket:
    """Move the ticket to another department. An agent who does not work there loses it; with `keeps_sight` the old
    department still sees it. `comments` become a note.
    """
    ticket = hold(ticket)
    access.require(by, ticket, Permission.TRANSFER)
    old = ticket.department
    if old.pk == department.pk:
        return ticket
    if department.is_archived:
        raise BadInput(
            words(gettext_noop("The department %(name)s is archived and takes no tickets."), name=department.name),
            field="department",
        )
    note = remark(ticket, comments, by=by)
    ticket.department = department
    if ticket.agent is not None and not access.works_in(ticket.agent, department.pk):
        ticket.agent = None
    ticket.active_at = timezone.now()
    ticket.save(update_fields=["department", "agent", "active_at"])
    if keeps_sight:
        Referral.objects.get_or_create(ticket=ticket, department=old)
    happened(ticket, EventKind.TRANSFERRED, by=by, department=department.name, **{"from": old.name})
    mail_out.tell(MailKind.TRANSFER_ALERT, ticket, entry=note, by=by, extra={"comments": comments})
    return ticket


@transaction.atomic
def refer(
    ticket: Ticket,
    *,
    by: Actor,
    agent: Agent | None = None,
    team: Team | None = None,
    department: Department | None = None,
    comments: str = "",
) -> Referral:
    """Let an agent, a team or a department see the ticket without being in charge of it; exactly one is named."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.REFER)
    named: dict[str, Any] = {"agent": agent, "team": team, "department": department}
    given = {name: row for name, row in named.items() if row is not None}
    if len(given) != 1:
        raise BadInput(
            words(gettext_noop("Name one agent, one team or one department that the ticket is referred to."))
        )
    row, is_new = Referral.objects.get_or_create(ticket=ticket, **named)
    if is_new:
        remark(ticket, comments, by=by)
        happened(ticket, EventKind.REFERRED, by=by, **{name: as_kept(one) for name, one in given.items()})
    return row


@transaction.atomic
def end_referral(referral: Referral, *, by: Actor) -> None:
    """Take the sight away again."""
    ticket = hold(referral.ticket)
    access.require(by, ticket, Permission.REFER)
    happened(ticket, EventKind.REFERRED, by=by, **{"from": as_kept(referral)})
    referral.delete()


@transaction.atomic
def follow(ticket: Ticket, agent: Agent, *, by: Actor) -> None:
    """Be told of what happens to the ticket. Who may see it may follow it."""
    ticket = hold(ticket)
    Follower.objects.get_or_create(ticket=ticket, agent=agent)


@transaction.atomic
def unfollow(ticket: Ticket, agent: Agent, *, by: Actor) -> None:
    """Be told no more."""
    ticket = hold(ticket)
    Follower.objects.filter(ticket=ticket, agent=agent).delete()


def give(
    ticket: Ticket,
    *,
    by: Actor,
    agent: Agent | None = None,
    team: Team | None = None,
    comments: str = "",
    entry: Entry | None = None,
) -> None:
    """`assign` without its checks, for verbs that hold the ticket. Who takes it themselves is not told."""
    if agent is not None:
        ticket.agent = agent
    if team is not None:
        ticket.team = team
    ticket.active_at = timezone.now()
    ticket.save(update_fields=["agent", "team", "active_at"])
    names = {name: str(row) for name, row in (("agent", agent), ("team", team)) if row is not None}
    happened(ticket, EventKind.ASSIGNED, by=by, **names)
    extra = {"comments": comments, "assignee": " · ".join(names.values())}
    mail_out.tell(MailKind.ASSIGNED_ALERT, ticket, entry=entry, by=by, extra=extra)


def remark(ticket: Ticket, text: str, *, by: Actor) -> Entry | None:
    """What was said with an action, as a note in the thread; for verbs that hold the ticket."""
    if not text.strip():
        return None
    agent = access.agent_of(by.user)
    entry = Entry.objects.create(
        ticket=ticket,
        home=ticket,
        kind=EntryKind.NOTE,
        source=TicketSource.DESK,
        agent=agent,
        author_name=(str(agent.user) if agent else by.name.partition(" <")[0])[:254],
        author_email=by.user.email if by.user else "",
        text=text.replace("\x00", ""),
    )
    search.entry_added(entry)
    was_said(entry, by=by)
    return entry


def _check_there(agent: Agent) -> None:
    if not agent.user.is_active or agent.is_on_vacation:
        raise BadInput(
            words(
                gettext_noop("%(agent)s is away and cannot be given tickets. Choose somebody else."), agent=str(agent)
            ),
            field="agent",
        )
