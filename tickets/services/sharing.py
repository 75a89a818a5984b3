"""Tickets and people joined and parted: collaborators, owners, links, merges and what undoes them, splits."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max, Min, Sum
from django.utils import timezone

from hosts.errors import BadInput, WrongState
from hosts.facts.words import Words, gettext_noop, words
from hosts.services.audit import Actor
from tickets.choices import EntryKind, EventKind, Permission, TicketState
from tickets.models import Collaborator, Contact, Entry, Follower, Ticket, TicketLink
from tickets.services import access, promises, search
from tickets.services.book import happened
from tickets.services.hold import hold, hold_all
from tickets.services.house import desk, first_status
from tickets.services.numbers import next_number
from tickets.services.people import contact_for


@transaction.atomic
def add_collaborator(ticket: Ticket, email: str, name: str = "", *, by: Actor, is_active: bool = True) -> Collaborator:
    """Put a person in copy; one who waited becomes active. The owner is no collaborator: BadInput."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    contact = contact_for(email, name, by=by)
    if contact.pk == ticket.contact_id:
        raise BadInput(
            words(gettext_noop("%(name)s owns the ticket and gets everything already."), name=str(contact)),
            field="email",
        )
    row, is_new = Collaborator.objects.get_or_create(ticket=ticket, contact=contact, defaults={"is_active": is_active})
    if is_new or (is_active and not row.is_active):
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        happened(ticket, EventKind.COLLABORATOR, by=by, contact=str(contact), added=True, waits=not is_active)
    return row


@transaction.atomic
def remove_collaborator(row: Collaborator, *, by: Actor) -> None:
    """Take a person out of copy. What they wrote stays."""
    ticket = hold(row.ticket)
    access.require(by, ticket, Permission.EDIT)
    happened(ticket, EventKind.COLLABORATOR, by=by, **{"from": str(row.contact)})
    row.delete()


@transaction.atomic
def change_owner(ticket: Ticket, contact: Contact, *, by: Actor, keeps_old: bool = True) -> Ticket:
    """Give the ticket to another person outside, with their organization; the old owner stays in copy."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    old = ticket.contact
    if old.pk == contact.pk:
        return ticket
    ticket.contact, ticket.organization = contact, contact.organization
    ticket.active_at = timezone.now()
    ticket.save(update_fields=["contact", "organization", "active_at"])
    search.ticket_changed(ticket)
    Collaborator.objects.filter(ticket=ticket, contact=contact).delete()
    if keeps_old:
        Collaborator.objects.get_or_create(ticket=ticket, contact=old)
    happened(ticket, EventKind.OWNER, by=by, contact=str(contact), **{"from": str(old)})
    return ticket


@transaction.atomic
def merge(into: Ticket, others: Iterable[Ticket], *, by: Actor) -> Ticket:
    """Put the conversations of `others` into one ticket. They are closed and point at it; their owners and
    collaborators come along in copy. `unmerge` undoes it: each entry knows the ticket that it was written in.
    """
    wanted = [ticket for ticket in others if ticket.pk != into.pk]
    held = hold_all([into, *wanted])
    whole = held[into.pk]
    _check_apart(whole)
    access.require(by, whole, Permission.MERGE)
    for child in [held[pk] for pk in dict.fromkeys(ticket.pk for ticket in wanted)]:
        access.require(by, child, Permission.MERGE)
        _check_apart(child)
        _merge_one(whole, child, by)
    _recount(whole)
    search.ticket_changed(whole, *(held[ticket.pk] for ticket in wanted))
    return whole


@transaction.atomic
def unmerge(child: Ticket, *, by: Actor) -> Ticket:
    """Take a merged ticket out again with its entries, in the state that it had. What was said since stays where it
    was said. People who came along stay in copy.
    """
    parent_pk = child.merged_into_id
    held = hold_all([child, Ticket(pk=parent_pk)]) if parent_pk else {child.pk: hold(child)}
    child = held[child.pk]
    access.require(by, child, Permission.MERGE)
    if child.merged_into_id is None or child.merged_into_id not in held:
        raise WrongState(_said(child, gettext_noop("Ticket %(number)s is not merged into another one.")))
    whole = held[child.merged_into_id]
    state = child.state_before_merge or TicketState.OPEN
    Entry.objects.filter(ticket=whole, home=child).update(ticket=child)
    child.merged_into = child.merged_at = None
    child.status, child.state, child.state_before_merge = first_status(state), state, ""
    if state == TicketState.OPEN:
        child.resolved_at = child.closed_at = None
    elif state == TicketState.RESOLVED:
        child.closed_at = None
    child.active_at = timezone.now()
    if child.cause_key and Ticket.objects.open().filter(cause_key=child.cause_key).exclude(pk=child.pk).exists():
        child.cause_key = ""
    child.save()
    _recount(child)
    _recount(whole)
    search.ticket_changed(child, whole)
    happened(child, EventKind.UNMERGED, by=by, **{"from": str(whole)})
    happened(whole, EventKind.UNMERGED, by=by, ticket=str(child))
    return child


@transaction.atomic
def split(ticket: Ticket, entries: Iterable[Entry], subject: str, *, by: Actor) -> Ticket:
    """Move entries into a new ticket of the same department, owned by who wrote the first of them. At least one entry
    must stay behind. Nobody is mailed.
    """
    ticket = hold(ticket)
    access.require(by, ticket, Permission.MERGE)
    keys = {entry.pk for entry in entries}
    moved = list(ticket.entries.filter(pk__in=keys).select_related("contact__organization").order_by("pk"))
    if not moved or len(moved) != len(keys) or ticket.entries.count() == len(moved):
        raise BadInput(
            words(gettext_noop("Choose entries of this ticket, and leave at least one of them. Nothing was moved.")),
            field="entries",
        )
    made = _split_off(ticket, moved, subject)
    Entry.objects.filter(pk__in=keys).update(ticket=made, home=made)
    for collaborator in ticket.collaborators.filter(is_active=True).exclude(contact=made.contact_id):
        Collaborator.objects.get_or_create(ticket=made, contact_id=collaborator.contact_id)
    _recount(made)
    _recount(ticket)
    search.ticket_changed(made, ticket)
    happened(made, EventKind.CREATED, by=by, contact=str(made.contact), **{"from": str(ticket)})
    happened(ticket, EventKind.SPLIT, by=by, ticket=str(made), entries=len(moved))
    return made


@transaction.atomic
def link(first: Ticket, second: Ticket, *, by: Actor) -> TicketLink:
    """Say that two tickets belong together; saying it again changes nothing."""
    held = hold_all([first, second])
    if len(held) != 2:
        raise BadInput(words(gettext_noop("A ticket cannot be linked with itself.")), field="ticket")
    for ticket in held.values():
        access.require(by, ticket, Permission.LINK)
    older, newer = (held[pk] for pk in sorted(held))
    row, is_new = TicketLink.objects.get_or_create(first=older, second=newer)
    if is_new:
        happened(older, EventKind.LINKED, by=by, ticket=str(newer))
        happened(newer, EventKind.LINKED, by=by, ticket=str(older))
    return row


@transaction.atomic
def unlink(row: TicketLink, *, by: Actor) -> None:
    """Say that they do not belong together."""
    held = hold_all([row.first, row.second])
    for ticket in held.values():
        access.require(by, ticket, Permission.LINK)
    happened(held[row.first_id], EventKind.UNLINKED, by=by, ticket=str(row.second))
    happened(held[row.second_id], EventKind.UNLINKED, by=by, ticket=str(row.first))
    row.delete()


def _merge_one(whole: Ticket, child: Ticket, by: Actor) -> None:
    now = timezone.now()
    child.state_before_merge = child.state
    child.merged_into, child.merged_at = whole, now
    child.status, child.state = first_status(TicketState.CLOSED), TicketState.CLOSED
    child.resolved_at = child.resolved_at or now
    child.closed_at = child.closed_at or now
    child.active_at = now
    child.is_overdue = False
    child.save()
    child.merged.update(merged_into=whole)
    child.entries.update(ticket=whole)
    _recount(child)
    for contact_id in [child.contact_id, *child.collaborators.filter(is_active=True).values_list("contact", flat=True)]:
        if contact_id != whole.contact_id:
            Collaborator.objects.get_or_create(ticket=whole, contact_id=contact_id)
    for agent_id in child.followers.values_list("agent", flat=True):
        Follower.objects.get_or_create(ticket=whole, agent_id=agent_id)
    happened(child, EventKind.MERGED, by=by, to=str(whole))
    happened(whole, EventKind.MERGED, by=by, ticket=str(child))


def _check_apart(ticket: Ticket) -> None:
    if ticket.merged_into_id is not None:
        raise WrongState(
            _said(ticket, gettext_noop("Ticket %(number)s was merged into another one already. Nothing was changed."))
        )


def _said(ticket: Ticket, msgid: str) -> Words:
    return words(msgid, number=ticket.number)


def _split_off(ticket: Ticket, moved: list[Entry], subject: str) -> Ticket:
    """The row of the new ticket."""
    sequence = desk().sequence
    if sequence is None:
        raise TypeError("a desk has a sequence")
    owner = next((entry.contact for entry in moved if entry.contact is not None), ticket.contact)
    made = Ticket(
        subject=" ".join(subject.split())[:255] or ticket.subject,
        contact=owner,
        organization=owner.organization or ticket.organization,
        department=ticket.department,
        topic=ticket.topic,
        status=first_status(TicketState.OPEN),
        priority=ticket.priority,
        source=ticket.source,
        mailbox=ticket.mailbox,
        agent=ticket.agent,
        team=ticket.team,
        sla=ticket.sla,
        follows=ticket,
        created_at=moved[0].posted_at,
        active_at=timezone.now(),
    )
    promises.promise(made, timezone.now())
    made.number = next_number(sequence)
    made.save(force_insert=True)
    return made


def _recount(ticket: Ticket) -> None:
    """Set what a ticket repeats of its entries: its times, its minutes, whether the last word is ours."""
    said = ticket.entries.aggregate(minutes=Sum("minutes_spent"))
    messages = ticket.entries.filter(kind=EntryKind.MESSAGE).aggregate(last=Max("posted_at"))
    answers = ticket.entries.filter(kind=EntryKind.RESPONSE).aggregate(first=Min("posted_at"), last=Max("posted_at"))
    ticket.minutes_spent = said["minutes"] or 0
    ticket.last_message_at = messages["last"]
    ticket.first_response_at, ticket.last_response_at = answers["first"], answers["last"]
    ticket.is_answered = bool(answers["last"] and (not messages["last"] or answers["last"] >= messages["last"]))
    fields = ["minutes_spent", "last_message_at", "first_response_at", "last_response_at", "is_answered"]
    ticket.save(update_fields=fields)
