"""Contacts, agents, bans: who writes to the desk and who works at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.db.models.functions import Lower

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.models import Organization, User
from hosts.services.audit import PANEL, Actor, differences, line, note, snapshot
from tickets.choices import Permission
from tickets.facts.mail import Address
from tickets.models import Ban, Contact, ContactAddress, CustomerDomain
from tickets.models.read_once import found_out, once
from tickets.services import access, later, search
from tickets.services.later import written_at_the_end


def contact_for(email: str, name: str = "", *, by: Actor = PANEL) -> Contact:
    """The person who has this address; made where nobody has it, with the organization of its domain.

    Two at once end with one person. A person without a name gets the one given here. BadInput for what is no address.
    """
    address = Address(checked_email(email), _tidy(name))
    found = contact_of(address.email)
    if found is None:
        try:
            with transaction.atomic():
                found = _new_contact(address, by)
        except IntegrityError:  # somebody else made them between the two lines above
            found = _read(address.email)
            if found is None:
                raise
        found_out(_key(address.email), found)
    if address.name and not found.name:
        Contact.objects.filter(pk=found.pk, name="").update(name=address.name)
        found.name = address.name
        search.contact_changed(found, _emails(found))
    return found


def meet_together(several: Iterable[Address], *, by: Actor = PANEL) -> None:
    """Make those of several people whom nobody knows yet, for `contact_for` to find within the reading.

    Where somebody else makes one of them at this moment nothing is done, and `contact_for` meets them one by one.
    """
    new: dict[str, Address] = {}
    for one in several:
        address = Address(one.email.strip(), _tidy(one.name))
        if address.usable and contact_of(address.email) is None:
            new.setdefault(address.email.lower(), address)
    if not new:
        return
    try:
        with transaction.atomic(), written_at_the_end():
            made = _made_together(list(new.values()), by)
    except IntegrityError:
        return
    for email, contact in zip(new, made, strict=True):
        found_out(_key(email), contact)


@transaction.atomic
def save_contact(contact: Contact, emails: Iterable[str], *, by: Actor) -> Contact:
    """Create or change a person with all of their addresses, the first being the one that mail goes to."""
    access.require_anywhere(by, Permission.MANAGE_CONTACTS)
    wanted = list(dict.fromkeys(email.strip() for email in emails if email.strip()))
    if not wanted:
        raise BadInput(words(gettext_noop("A contact needs an address, or no mail reaches them.")), field="emails")
    for email in wanted:
        _check_free(email, contact)
    old = Contact.objects.select_for_update().filter(pk=contact.pk).first() if contact.pk else None
    before = {} if old is None else snapshot(old) | {"emails": ", ".join(_emails(old))}
    contact.full_clean()
    contact.save()
    _save_addresses(contact, wanted)
    search.contact_changed(contact, wanted)
    after = differences(contact, before) | {"emails": [before.get("emails", ""), ", ".join(wanted)]}
    details = {name: pair for name, pair in after.items() if pair[0] != pair[1]}
    note(by, "change" if before else "create", contact, organization=contact.organization, details=details)
    return contact


@transaction.atomic
def ban(pattern: str, *, by: Actor, notes: str = "") -> Ban:
    """Let mail of an address, or of all of a domain (@example.com), open and join nothing. Once is enough."""
    access.require_anywhere(by, Permission.BAN)
    wanted = pattern.strip().lower()
    whole = wanted if not wanted.startswith("@") else f"anybody{wanted}"
    if not Address(whole).usable:
        raise BadInput(
            words(gettext_noop("“%(pattern)s” is no address, nor a domain such as @example.com."), pattern=wanted[:80]),
            field="pattern",
        )
    row, is_new = Ban.objects.get_or_create(pattern=wanted, defaults={"notes": notes})
    if is_new:
        note(by, "ban", row)
    return row


@transaction.atomic
def unban(row: Ban, *, by: Actor) -> None:
    """Let its mail in again. What was turned away stays in the list of rejected mail."""
    access.require_anywhere(by, Permission.BAN)
    note(by, "unban", row)
    row.delete()


def is_banned(email: str) -> bool:
    """Whether mail from this address opens and joins nothing."""
    return once(("banned", email), lambda: Ban.objects.filter(pattern__in=_patterns(email)).exists())


def contact_of(email: str) -> Contact | None:
    """The person who has this address, with organization and login."""
    return once(_key(email), lambda: _read(email))


def read_together(emails: Iterable[str]) -> None:
    """Find out whose these addresses are and which are banned, for `contact_of` and `is_banned` within the reading."""
    wanted = {email.strip() for email in emails}
    addresses = {row.low: row.contact for row in _addresses(wanted).prefetch_related("contact__addresses")}
    patterns = {pattern for email in wanted for pattern in _patterns(email)}
    banned = set(Ban.objects.filter(pattern__in=patterns).values_list("pattern", flat=True))
    for email in wanted:
        found_out(_key(email), addresses.get(email.lower()))
        found_out(("banned", email), not banned.isdisjoint(_patterns(email)))


def checked_email(email: str) -> str:
    """The address without blanks around it; BadInput for what is none."""
    found = email.strip()
    if not Address(found).usable:
        raise BadInput(words(gettext_noop("“%(email)s” is no mail address."), email=found[:80]), field="email")
    return found


def organization_of(email: str) -> Organization | None:
    """The one whose people write from this address's domain."""
    domain = _domain(email)
    return _by_domain({domain}).get(domain)


def contact_of_login(user: User) -> Contact:
    """The person of a login: theirs, or the one who has the login's address and no login yet; else a new one."""
    found = Contact.objects.filter(user=user).first()
    if found is not None:
        return found
    known = contact_for(user.email, user.name)
    if known.user_id is None and Contact.objects.filter(pk=known.pk, user=None).update(user=user):
        known.user = user
    return known


def _key(email: str) -> tuple[str, str]:
    return "contact", email.lower()


def _patterns(email: str) -> tuple[str, str]:
    low = email.strip().lower()
    return low, f"@{low.rpartition('@')[2]}"


def _read(email: str) -> Contact | None:
    row = _addresses((email,)).first()
    return row.contact if row else None


def _addresses(emails: Iterable[str]) -> Any:
    """Their rows, with `low` for the address in small letters."""
    rows = ContactAddress.objects.annotate(low=Lower("email")).filter(low__in=[email.lower() for email in emails])
    return rows.select_related("contact__organization", "contact__user")


def _new_contact(address: Address, by: Actor) -> Contact:
    (made,) = _made_together([address], by)
    return made


def _made_together(several: Sequence[Address], by: Actor) -> list[Contact]:
    """People of addresses that nobody has, with the organizations of their domains, in few statements."""
    known = _by_domain({_domain(one.email) for one in several})
    made = Contact.objects.bulk_create(
        [Contact(name=one.name, organization=known.get(_domain(one.email))) for one in several]
    )
    pairs = list(zip(made, several, strict=True))
    ContactAddress.objects.bulk_create(
        [ContactAddress(contact=contact, email=one.email, is_main=True) for contact, one in pairs]
    )
    prefetch_related_objects(made, "addresses")
    search.contacts_made((contact, one.email) for contact, one in pairs)
    for contact, one in pairs:
        details = {"emails": ["", one.email]}
        later.put(line(by, "create", contact, organization=contact.organization, details=details))
    return made


def _tidy(name: str) -> str:
    return " ".join(name.split())[:200]


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _by_domain(domains: Iterable[str]) -> dict[str, Organization]:
    """{domain: the organization whose people write from it}."""
    rows = CustomerDomain.objects.select_related("customer__organization").filter(domain__in=domains)
    return {row.domain: row.customer.organization for row in rows}


def _check_free(email: str, contact: Contact) -> None:
    if not Address(email).usable:
        raise BadInput(words(gettext_noop("“%(email)s” is no mail address."), email=email[:80]), field="emails")
    owner = _read(email)
    if owner is not None and owner.pk != contact.pk:
        raise BadInput(
            words(
                gettext_noop("Somebody else has the address %(email)s. An address belongs to one person only."),
                email=email,
            ),
            field="emails",
        )


def _emails(contact: Contact) -> list[str]:
    return list(contact.addresses.order_by("-is_main", "pk").values_list("email", flat=True))


def _save_addresses(contact: Contact, wanted: list[str]) -> None:
    keys = {email.lower() for email in wanted}
    for row in contact.addresses.all():
        if row.email.lower() not in keys:
            row.delete()
    contact.addresses.update(is_main=False)
    have = {row.email.lower(): row for row in contact.addresses.all()}
    for number, email in enumerate(wanted):
        row = have.get(email.lower()) or ContactAddress(contact=contact)
        row.email, row.is_main = email, number == 0
        row.save()
