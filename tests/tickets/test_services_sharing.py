"""Tickets joined and parted: what goes where in a merge, what comes back of it, what a split takes along."""

from __future__ import annotations

import pytest

from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.services.audit import PANEL
from tests.tickets import rows
from tickets.choices import Permission, TicketState
from tickets.facts.verbs import NewEntry
from tickets.models import Collaborator, Entry, Follower, Ticket, TicketLink
from tickets.services import sharing, state, thread

pytestmark = pytest.mark.django_db


def message(ticket: Ticket, text: str) -> Entry:
    return thread.post_message(ticket, NewEntry(text=text, contact_id=ticket.contact_id), by=PANEL)


def texts(ticket: Ticket) -> list[str]:
    return list(ticket.entries.order_by("pk").values_list("text", flat=True))


def people(ticket: Ticket) -> set[str]:
    return {str(one.contact) for one in ticket.collaborators.all()}


def test_a_merge_moves_the_words_and_the_people_and_closes_the_other() -> None:
    into, other = rows.ticket(text="one"), rows.ticket(text="two", collaborators=(("lee@example.com", "Lee"),))
    follower = rows.agent()
    Follower.objects.create(ticket=other, agent=follower)
    sharing.merge(into, [other], by=PANEL)
    other.refresh_from_db()
    assert texts(into) == ["one", "two"]
    assert (other.state, other.merged_into, texts(other)) == (TicketState.CLOSED, into, [])
    assert people(into) == {"Lee", str(other.contact)}
    assert into.followers.get().agent == follower
    assert rows.kinds(other.events.order_by("pk"))[-1] == "merged"
    assert into.events.get(kind="merged").data == {"ticket": f"#{other.number}"}


def test_an_unmerge_gives_back_each_entry_and_the_state() -> None:
    into, other = rows.ticket(text="one"), rows.ticket(text="two")
    state.resolve(other, by=PANEL)
    sharing.merge(into, [other], by=PANEL)
    message(into, "three")
    back = sharing.unmerge(Ticket.objects.get(pk=other.pk), by=PANEL)
    assert (texts(into), texts(back)) == (["one", "three"], ["two"])
    assert (back.state, back.merged_into, back.closed_at) == (TicketState.RESOLVED, None, None)


def test_what_is_said_to_a_merged_ticket_is_said_in_the_whole_one_and_goes_back_with_it() -> None:
    into, other = rows.ticket(text="one"), rows.ticket(text="two")
    sharing.merge(into, [other], by=PANEL)
    message(Ticket.objects.get(pk=other.pk), "late")
    assert texts(into) == ["one", "two", "late"]
    assert texts(sharing.unmerge(Ticket.objects.get(pk=other.pk), by=PANEL)) == ["two", "late"]


def test_merges_of_merges_all_point_at_the_last_and_can_be_taken_out_one_by_one() -> None:
    a, b, c = rows.ticket(text="a"), rows.ticket(text="b"), rows.ticket(text="c")
    sharing.merge(b, [c], by=PANEL)
    sharing.merge(a, [b], by=PANEL)
    assert texts(a) == ["a", "b", "c"]
    assert Ticket.objects.get(pk=c.pk).merged_into == a
    sharing.unmerge(Ticket.objects.get(pk=c.pk), by=PANEL)
    assert texts(a) == ["a", "b"]
    assert texts(c) == ["c"]


@pytest.mark.parametrize("which", ["into", "other"])
def test_a_merge_needs_the_right_on_both_tickets(which: str) -> None:
    here, there = rows.ticket(), rows.ticket(department_id=rows.department().pk)
    agent = rows.agent()
    rows.access(agent, there.department, role=rows.role(Permission.REPLY))
    pair = (here, there) if which == "other" else (there, here)
    with pytest.raises(NotAllowed):
        sharing.merge(pair[0], [pair[1]], by=rows.by(agent))
    assert Entry.objects.filter(ticket=here).count() == 1


def test_a_ticket_is_merged_once_and_not_opened_while_it_is() -> None:
    into, other = rows.ticket(), rows.ticket()
    sharing.merge(into, [other], by=PANEL)
    with pytest.raises(WrongState, match="already"):
        sharing.merge(rows.ticket(), [other], by=PANEL)
    with pytest.raises(WrongState, match="was merged"):
        state.reopen(Ticket.objects.get(pk=other.pk), by=PANEL)
    with pytest.raises(WrongState, match="not merged"):
        sharing.unmerge(into, by=PANEL)


def test_a_task_of_a_merged_ticket_still_keeps_the_whole_one_open() -> None:
    into, other = rows.ticket(), rows.ticket()
    other.tasks.create(title="Look", department=other.department)
    sharing.merge(into, [other], by=PANEL)
    with pytest.raises(WrongState, match="open tasks"):
        state.resolve(into, by=PANEL)


def test_minutes_and_times_follow_the_entries() -> None:
    into, other, agent = rows.ticket(), rows.ticket(), rows.agent()
    thread.post_reply(other, NewEntry(text="x", minutes_spent=7), by=rows.by(agent), agent=agent)
    merged = sharing.merge(into, [other], by=PANEL)
    assert (merged.minutes_spent, merged.is_answered) == (7, True)
    sharing.unmerge(Ticket.objects.get(pk=other.pk), by=PANEL)
    assert (Ticket.objects.get(pk=into.pk).minutes_spent, Ticket.objects.get(pk=other.pk).minutes_spent) == (0, 7)


def test_a_split_takes_entries_into_a_new_ticket_of_who_wrote_them() -> None:
    ticket = rows.ticket(text="one")
    other = rows.contact("lee@example.com", "Lee")
    second = thread.post_message(ticket, NewEntry(text="my own trouble", contact_id=other.pk), by=PANEL)
    made = sharing.split(ticket, [second], "Lee's trouble", by=PANEL)
    assert (made.contact, made.subject, made.follows, made.state) == (other, "Lee's trouble", ticket, TicketState.OPEN)
    assert (texts(ticket), texts(made)) == (["one"], ["my own trouble"])
    assert made.number != ticket.number
    assert Entry.objects.get(pk=second.pk).home == made


@pytest.mark.parametrize("which", ["all of them", "none", "another ticket's"])
def test_a_split_that_makes_no_sense_moves_nothing(which: str) -> None:
    ticket = rows.ticket()
    entries = {
        "all of them": list(ticket.entries.all()),
        "none": [],
        "another ticket's": list(rows.ticket().entries.all()),
    }
    with pytest.raises(BadInput, match="Nothing was moved"):
        sharing.split(ticket, entries[which], "x", by=PANEL)
    assert ticket.entries.count() == 1


def test_links_are_the_same_from_both_sides() -> None:
    first, second = rows.ticket(), rows.ticket()
    row = sharing.link(second, first, by=PANEL)
    assert sharing.link(first, second, by=PANEL) == row
    assert (row.first, row.second) == (first, second)
    sharing.unlink(row, by=PANEL)
    assert not TicketLink.objects.exists()
    assert rows.kinds(second.events.order_by("pk")) == ["created", "linked", "unlinked"]
    with pytest.raises(BadInput, match="with itself"):
        sharing.link(first, first, by=PANEL)


def test_the_old_owner_stays_in_copy() -> None:
    ticket = rows.ticket()
    old, new = ticket.contact, rows.contact()
    sharing.add_collaborator(ticket, new.email, by=PANEL)
    changed = sharing.change_owner(ticket, new, by=PANEL)
    assert (changed.contact, people(changed)) == (new, {str(old)})


def test_a_collaborator_who_waited_is_let_in() -> None:
    ticket = rows.ticket(collaborators=(("lee@example.com", "Lee"),), collaborators_wait=True)
    assert sharing.add_collaborator(ticket, "LEE@example.com", by=PANEL).is_active
    with pytest.raises(BadInput, match="owns the ticket"):
        sharing.add_collaborator(ticket, ticket.contact.email, by=PANEL)
    sharing.remove_collaborator(Collaborator.objects.get(), by=PANEL)
    assert rows.kinds(ticket.events.order_by("pk")) == ["created", "collaborator", "collaborator"]
