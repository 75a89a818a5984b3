"""A contact as agents work with it: who may see it, changed, merged with another one, an address moved or cleared."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.facts.words import Words, gettext_noop, words
from hosts.models import Organization, User
from hosts.services.audit import Actor, note
from hosts.services.scope import require_visible
from tickets.choices import Permission, TicketState
from tickets.facts.merging import MergePlan
from tickets.models import Collaborator, Contact, ContactAddress, Entry, OutgoingMail, Ticket
from tickets.models.contact import ContactQuerySet
from tickets.services import access, people, search

TAKEN_OVER = ("name", "phone", "language", "time_zone")
"""Columns that the one who stays gets from the other one where they are empty."""


def seen_by(user: User) -> ContactQuerySet:
    """The people an agent works with: of the organizations that they see, and of the tickets that they see.

    Nobody for who does not work at the desk; everybody for who sees everything.
    """
    if not user.is_superuser and access.agent_of(user) is None:
        return Contact.objects.none()
    if user.sees_everything:
        return Contact.objects.all()
    theirs = Ticket.objects.visible_to(user).filter(contact=OuterRef("pk")).order_by()
    return Contact.objects.filter(Q(organization__in=Organization.objects.visible_to(user)) | Exists(theirs))


@transaction.atomic
def save_card(contact: Contact, emails: Iterable[str], *, by: Actor) -> Contact:
    """`people.save_contact` for somebody who may not see every organization: NotAllowed for one that is not theirs.

    Where the person gets an organization for the first time, their tickets without one get it too.
    """
    before = Contact.objects.select_related("organization").filter(pk=contact.pk).first() if contact.pk else None
    if before is not None:
        require_seen(by, before)
    old = before.organization if before is not None else None
    if contact.organization_id != (old.pk if old else None):
        require_visible(by, contact.organization, old)
    people.save_contact(contact, emails, by=by)
    if old is None and contact.organization_id is not None:
        contact.tickets.filter(organization=None).update(organization=contact.organization_id)
    return contact


def merge_plan(into: Contact, other: Contact, *, by: Actor) -> MergePlan:
    """What `merge_contacts` would do with the two, for a person to look at first; nothing is changed.

    NotAllowed and BadInput as there; what it would refuse for their logins stands in the plan.
    """
    _check_merge(into, other, by)
    tickets = other.tickets.exclude(state=TicketState.DELETED)
    seen = tickets if by.user is None else Ticket.objects.visible_to(by.user).filter(contact=other)
    count = tickets.count()
    takes = [name for name in TAKEN_OVER if not getattr(into, name) and getattr(other, name)]
    loses = {
        name: str(getattr(other, f"get_{name}_display", lambda name=name: getattr(other, name))())
        for name in TAKEN_OVER
        if getattr(other, name) and getattr(into, name) and getattr(into, name) != getattr(other, name)
    }
    if into.organization_id is None and other.organization_id is not None:
        takes.append("organization")
    elif other.organization is not None and into.organization_id != other.organization_id:
        loses["organization"] = str(other.organization)
    return MergePlan(
        tickets=count,
        open_tickets=tickets.filter(state=TicketState.OPEN).count(),
        hidden_tickets=count - seen.count(),
        entries=Entry.objects.filter(contact=other).count(),
        copies=Collaborator.objects.filter(contact=other).exclude(ticket__contact=into).count(),
        mails=OutgoingMail.objects.filter(contact=other).count(),
        emails=tuple(other.addresses.order_by("-is_main", "pk").values_list("email", flat=True)),
        takes_login=into.user_id is None and other.user_id is not None,
        takes=tuple(takes),
        loses=loses,
        refused=_two_logins(into, other) if into.user_id and other.user_id else None,
    )


@transaction.atomic
def merge_contacts(into: Contact, other: Contact, *, by: Actor) -> Contact:
    """One person who was taken for two: tickets, entries, mails, copies and addresses of `other` become `into`'s, and
    `other` is gone. What `into` has not (name, organization, phone, login, …) it takes over. This is not undone: doors
    show `merge_plan` first.

    WrongState where both have a login, BadInput where they are one already.
    """
    access.require_anywhere(by, Permission.MANAGE_CONTACTS)
    if into.pk != other.pk:
        into, other = _held(into, other)
    _check_merge(into, other, by)
    if into.user_id and other.user_id:
        raise WrongState(_two_logins(into, other))
    emails = [one.email for one in other.addresses.all()]
    said, count = str(other), other.tickets.count()
    _take_over_tickets(into, other)
    other.addresses.update(contact=into, is_main=False)
    _take_over_card(into, other)
    other.delete()
    search.contact_changed(into, into.addresses.values_list("email", flat=True))
    details = {"other": said, "addresses": ", ".join(emails), "tickets": str(count)}
    note(by, "merge", into, organization=into.organization, details=details)
    return into


@transaction.atomic
def move_address(address: ContactAddress, to: Contact, *, by: Actor) -> Contact:
    """Give an address to another person: mail from it is theirs from now on. What it wrote stays where it is.

    BadInput for the last address of somebody: then the two are merged instead.
    """
    access.require_anywhere(by, Permission.MANAGE_CONTACTS)
    owner, to = _held(address.contact, to)
    require_seen(by, owner)
    require_seen(by, to)
    if owner.pk == to.pk:
        return to
    rest = list(owner.addresses.exclude(pk=address.pk).order_by("pk"))
    if not rest:
        raise BadInput(
            words(
                gettext_noop("%(email)s is the only address of %(name)s. Merge the two people instead."),
                email=address.email,
                name=str(owner),
            ),
            field="email",
        )
    owner.addresses.filter(pk=address.pk).update(contact=to, is_main=False)
    if not any(one.is_main for one in rest):
        owner.addresses.filter(pk=rest[0].pk).update(is_main=True)
    for one in (owner, to):
        search.contact_changed(one, one.addresses.values_list("email", flat=True))
    note(by, "move address", to, organization=to.organization, details={"email": address.email, "from": str(owner)})
    return to


@transaction.atomic
def clear_failure(address: ContactAddress, *, by: Actor) -> None:
    """Send mail there again: it works now, or the report was wrong."""
    access.require_anywhere(by, Permission.MANAGE_CONTACTS)
    row = ContactAddress.objects.select_for_update(of=("self",)).select_related("contact__organization")
    found = row.get(pk=address.pk)
    require_seen(by, found.contact)
    if found.failed_at is None:
        return
    found.failed_at, found.failed_why = None, ""
    found.save(update_fields=["failed_at", "failed_why"])
    note(by, "clear failure", found.contact, organization=found.contact.organization, details={"email": found.email})


def require_seen(by: Actor, contact: Contact) -> None:
    """NotAllowed for somebody whom the agent does not work with."""
    if by.user is not None and not seen_by(by.user).filter(pk=contact.pk).exists():
        raise NotAllowed(
            words(
                gettext_noop("%(name)s belongs to an organization that is not yours. Nothing was changed."),
                name=str(contact),
            )
        )


def _check_merge(into: Contact, other: Contact, by: Actor) -> None:
    access.require_anywhere(by, Permission.MANAGE_CONTACTS)
    if into.pk == other.pk:
        raise BadInput(words(gettext_noop("This is the same person. Name the other one.")), field="email")
    require_seen(by, into)
    require_seen(by, other)


def _two_logins(into: Contact, other: Contact) -> Words:
    return words(
        gettext_noop(
            "%(one)s and %(other)s each have a login. Nothing was merged; take the login of one of them away first."
        ),
        one=str(into),
        other=str(other),
    )


def _held(*contacts: Contact) -> list[Contact]:
    """The same ones, locked in the order of their keys and read anew; WrongState where one is gone."""
    keys = sorted(one.pk for one in contacts)
    rows = Contact.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < len(set(keys)):
        raise WrongState(words(gettext_noop("This person was merged or deleted in the meantime. Nothing was changed.")))
    return [found[one.pk] for one in contacts]


def _take_over_tickets(into: Contact, other: Contact) -> None:
    said_in = Entry.objects.filter(contact=other).order_by().values_list("ticket", flat=True)
    copied = Collaborator.objects.filter(contact=other).values_list("ticket", flat=True)
    touched = {*other.tickets.values_list("pk", flat=True), *said_in.distinct(), *copied}
    other.tickets.update(contact=into)
    if into.organization_id is None and other.organization_id is not None:
        into.organization_id = other.organization_id
    if into.organization_id is not None:
        into.tickets.filter(organization=None).update(organization=into.organization_id)
    Collaborator.objects.filter(contact__in=(into, other), ticket__contact=into).delete()
    there = Collaborator.objects.filter(contact=into).values("ticket")
    Collaborator.objects.filter(contact=other, ticket__in=list(there.values_list("ticket", flat=True))).delete()
    Collaborator.objects.filter(contact=other).update(contact=into)
    Entry.objects.filter(contact=other).update(contact=into)
    OutgoingMail.objects.filter(contact=other).update(contact=into)
    search.person_joined(into, touched)


def _take_over_card(into: Contact, other: Contact) -> None:
    for name in TAKEN_OVER:
        setattr(into, name, getattr(into, name) or getattr(other, name))
    if into.user_id is None and other.user_id is not None:
        login, other.user = other.user_id, None
        other.save(update_fields=["user"])
        into.user_id = login
    into.is_primary = into.is_primary or (other.is_primary and into.organization_id == other.organization_id)
    into.notes = "\n\n".join(text for text in (into.notes, other.notes) if text)
    into.save()
