"""Words in, the tickets they are found in out; and what tickets and contacts are found by, kept up to date.

A ticket is found by its number, its subject, what was said in it and who takes part, with the words in any order and
in any of these. It is found through its people by their names and addresses as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable

from hosts.models import User
from tickets.models import Contact, Entry, Ticket
from tickets.models.contact import ContactQuerySet
from tickets.models.ticket import TicketQuerySet
from tickets.parse.search_words import Term, terms_of, words_of
from tickets.services.search_index import CONTACTS, MOST_WORDS_OF_KEY, TICKETS, Asked, index_of
from tickets.services.search_walk import newest

MOST_FOUND = 1_000
MOST_PEOPLE = 200
MOST_ASKED = 8
FEW = 10_000


def search(user: User, words: str) -> TicketQuerySet:
    """`found` among all tickets that the person may see."""
    return found(Ticket.objects.visible_to(user), words)


def found(tickets: TicketQuerySet, words: str) -> TicketQuerySet:
    """Those of the tickets that hold all of the words; `tickets` are a person's own, narrowed by whatever else.

    The MOST_FOUND newest of them; more words find older ones. They can be sorted and paged like any tickets. Without
    words all of them, with nothing but signs none. Of a text with more than MOST_ASKED words the first count.
    """
    if not words.strip():
        return tickets
    asked = _asked(words)
    return tickets.filter(pk__in=newest(tickets, asked, few=FEW, most=MOST_FOUND)) if asked else tickets.none()


def entry_added(entry: Entry) -> None:
    """Let the ticket be found by an entry, too. For services, in the transaction that writes it."""
    index_of(TICKETS).add(entry.ticket_id, _head(entry.ticket) | _said(entry))


def tickets_opened(entries: Iterable[Entry]) -> None:
    """Let new tickets be found, each by itself and its first entry."""
    if words := {entry.ticket_id: _head(entry.ticket) | _said(entry) for entry in entries}:
        index_of(TICKETS).put_new(words)


def ticket_changed(*tickets: Ticket) -> None:
    """Find out anew what tickets are found by: their subject, owner or entries changed."""
    for ticket in tickets:
        words = _head(ticket)
        entries = Entry.objects.filter(ticket=ticket).only("title", "text", "contact", "author_name", "author_email")
        for entry in entries.order_by("-id").iterator(chunk_size=500):
            words |= _said(entry)
            if len(words) > MOST_WORDS_OF_KEY:
                break
        index_of(TICKETS).put(ticket.pk, words)


def all_changed() -> int:
    """Find everything out anew, such as after data was loaded from elsewhere; how many tickets there are."""
    for contact in Contact.objects.prefetch_related("addresses").iterator(chunk_size=500):
        contact_changed(contact, [address.email for address in contact.addresses.all()])
    count = 0
    for ticket in Ticket.objects.iterator(chunk_size=500):
        ticket_changed(ticket)
        count += 1
    return count


def people_with(people: ContactQuerySet, words: str) -> ContactQuerySet:
    """Those whose name or addresses hold all of the words, or begin with them; `found` for people."""
    if not words.strip():
        return people
    asked: Asked = [[terms] for word in words.split()[:MOST_ASKED] if (terms := terms_of(word))]
    if not asked:
        return people.none()
    keys: list[int] = []
    for step in index_of(CONTACTS).steps(asked):
        rows = people.order_by().filter(pk__in=step).values_list("pk", flat=True)
        keys += rows[: MOST_FOUND - len(keys)]
        if len(keys) >= MOST_FOUND:
            break
    return people.filter(pk__in=keys)


def person_joined(contact: Contact, tickets: Iterable[int]) -> None:
    """Let these tickets (keys) be found by a person, too, who takes the place of another one in them."""
    for key in tickets:
        index_of(TICKETS).add(key, {_person(contact.pk)})


def contact_changed(contact: Contact, emails: Iterable[str]) -> None:
    """Let tickets be found by the name and the addresses that their people have now."""
    index_of(CONTACTS).put(contact.pk, words_of(contact.name, *emails))


def contacts_made(made: Iterable[tuple[Contact, str]]) -> None:
    """The same for new people, each with their address."""
    index_of(CONTACTS).put_new({contact.pk: words_of(contact.name, email) for contact, email in made})


def _asked(words: str) -> Asked:
    """Each word as it stands in a ticket, or as a word of somebody who takes part in it."""
    asked: Asked = []
    for word in words.split()[:MOST_ASKED]:
        if terms := terms_of(word):
            asked.append([terms, *((Term(_person(key)),) for key in _people(terms))])
    return asked


def _people(terms: tuple[Term, ...]) -> list[int]:
    found: list[int] = []
    for step in index_of(CONTACTS).steps([[terms]]):
        rows = Contact.objects.filter(pk__in=step).order_by("-pk")
        found += rows.values_list("pk", flat=True)[: MOST_PEOPLE - len(found)]
        if len(found) >= MOST_PEOPLE:
            break
    return found


def _head(ticket: Ticket) -> set[str]:
    return words_of(ticket.number, ticket.subject) | {_person(ticket.contact_id)}


def _said(entry: Entry) -> set[str]:
    if entry.contact_id is not None:
        return words_of(entry.title, entry.text) | {_person(entry.contact_id)}
    return words_of(entry.title, entry.author_name, entry.author_email, entry.text)


def _person(key: int) -> str:
    """A word that nobody can type: with its sign, it would be two."""
    return f"person_{key}"
