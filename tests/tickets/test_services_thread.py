"""What is said in a ticket, and what each word brings: answered or not, opened again, claimed, told, counted."""

from __future__ import annotations

import pytest
from django.db import transaction

from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.models import AuditEntry
from hosts.services.audit import PANEL, Actor
from tests.tickets import rows
from tickets.choices import EntryKind, FoldKind, Permission, TicketSource, TicketState
from tickets.facts.mail import Fold
from tickets.facts.verbs import NewEntry
from tickets.models import Draft, Follower, OutgoingMail, Ticket
from tickets.services import sharing, state, thread
from tickets.services.files import keep
from tickets.services.house import first_status

pytestmark = pytest.mark.django_db


def said(text: str = "Any news?", **fields) -> NewEntry:
    return NewEntry(text=text, **fields)


def message(ticket: Ticket, text: str = "Any news?", **fields):
    return thread.post_message(ticket, said(text, contact_id=ticket.contact_id, **fields), by=PANEL)


def reply(ticket: Ticket, agent, text: str = "Try again.", **options):
    return thread.post_reply(ticket, said(text), by=rows.by(agent), agent=agent, **options)


def test_an_answer_claims_the_ticket_marks_it_answered_and_goes_to_the_owner() -> None:
    ticket, agent = rows.ticket(), rows.agent("Mina Park")
    entry = reply(ticket, agent)
    ticket.refresh_from_db()
    assert (ticket.agent, ticket.is_answered, ticket.last_respondent) == (agent, True, agent)
    assert ticket.first_response_at == ticket.last_response_at
    assert (entry.kind, entry.author_name) == (EntryKind.RESPONSE, "Mina Park")
    assert rows.kinds(OutgoingMail.objects.filter(entry=entry)) == ["ticket.reply"]
    assert AuditEntry.objects.filter(action="ticket reply", actor=agent.user).count() == 1


def test_the_first_response_stays_the_first() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    reply(ticket, agent)
    first = Ticket.objects.get(pk=ticket.pk).first_response_at
    reply(ticket, agent)
    assert Ticket.objects.get(pk=ticket.pk).first_response_at == first


def test_a_department_without_auto_claim_leaves_the_ticket_to_everybody() -> None:
    agent = rows.agent()
    ticket = rows.ticket(department_id=rows.department(claims_by_answer=False).pk)
    rows.access(agent, ticket.department)
    reply(ticket, agent)
    assert Ticket.objects.get(pk=ticket.pk).agent is None


def test_an_answer_to_nobody_mails_nobody() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    assert not OutgoingMail.objects.filter(entry=reply(ticket, agent, to="nobody")).exists()


def test_an_answer_that_cannot_resolve_is_not_posted_either() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    ticket.tasks.create(title="Look", department=ticket.department)
    with pytest.raises(WrongState, match="1 open tasks"):
        reply(ticket, agent, status=first_status(TicketState.RESOLVED))
    assert ticket.entries.count() == 1
    assert not OutgoingMail.objects.filter(kind="ticket.reply").exists()


def test_an_answer_and_its_status_go_in_one_send() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    reply(ticket, agent, status=first_status(TicketState.RESOLVED))
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.RESOLVED
    assert rows.kinds(ticket.events.order_by("pk")) == ["created", "assigned", "resolved"]


def test_who_may_not_reply_is_told_so_and_nothing_is_posted() -> None:
    ticket, reader = rows.ticket(), rows.agent(role="View only")
    with pytest.raises(NotAllowed, match="Reply"):
        reply(ticket, reader)
    with pytest.raises(NotAllowed):
        thread.post_note(ticket, said(), by=rows.by(reader), agent=reader)
    assert ticket.entries.count() == 1


def test_a_message_takes_the_answered_mark_away_and_is_acknowledged_to_nobody_unless_the_department_does() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    reply(ticket, agent)
    entry = message(ticket)
    assert not Ticket.objects.get(pk=ticket.pk).is_answered
    assert rows.kinds(OutgoingMail.objects.filter(entry=entry)) == ["message.alert"]


def test_a_message_opens_a_resolved_ticket_again_and_gives_it_to_who_answered_last() -> None:
    ticket, first, last = rows.ticket(), rows.agent(), rows.agent()
    reply(ticket, first)
    reply(ticket, last)
    state.resolve(ticket, by=rows.by(first))
    message(ticket)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.agent, ticket.resolved_at, ticket.is_answered) == (TicketState.OPEN, last, None, False)
    assert ticket.reopened_at is not None
    assert ticket.sla_due_at > ticket.reopened_at
    assert rows.kinds(ticket.events.order_by("-pk")[:2]) == ["reopened", "assigned"]


def test_who_answered_last_but_is_away_does_not_get_it_back() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    reply(ticket, agent)
    state.resolve(ticket, by=rows.by(agent))
    agent.is_on_vacation = True
    agent.save()
    message(ticket)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.agent) == (TicketState.OPEN, None)


def test_an_automatic_message_is_kept_but_opens_nothing_and_leaves_the_answer_standing() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    reply(ticket, agent)
    state.resolve(ticket, by=rows.by(agent))
    message(ticket, "I am away", is_automatic=True)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.is_answered, ticket.entries.count()) == (TicketState.RESOLVED, True, 3)


def test_a_ticket_that_is_finished_for_good_takes_no_message() -> None:
    ticket = rows.ticket()
    final = first_status(TicketState.CLOSED)
    final.can_reopen = False
    final.save()
    state.close(ticket, by=PANEL)
    with pytest.raises(WrongState, match="finished for good"):
        message(ticket)
    assert ticket.entries.count() == 1


def test_a_stranger_is_shown_with_the_address_and_becomes_nobodys_contact() -> None:
    ticket = rows.ticket()
    entry = thread.post_message(ticket, said(email="who@else.example", name="Who", is_stranger=True), by=PANEL)
    assert (entry.contact, entry.author_name, entry.author_email) == (None, "Who", "who@else.example")


def test_collaborators_get_what_the_owner_says() -> None:
    ticket = rows.ticket(collaborators=(("lee@example.com", "Lee"),))
    entry = message(ticket)
    told = OutgoingMail.objects.filter(entry=entry, kind="ticket.activity.notice")
    assert list(told.values_list("to_email", flat=True)) == ["lee@example.com"]


def test_a_note_is_for_the_staff_and_who_is_mentioned_follows() -> None:
    ticket, writer, other = rows.ticket(), rows.agent("Mina Park"), rows.agent("Joon Lee")
    note = thread.post_note(
        ticket, said("@joon.lee, and @mina.park: look at mail@example.com"), by=rows.by(writer), agent=writer
    )
    assert list(Follower.objects.values_list("agent", flat=True)) == [other.pk]
    assert list(OutgoingMail.objects.filter(entry=note).values_list("agent", "kind")) == [(other.pk, "note.alert")]
    assert ticket.events.get(kind="mentioned").data["agent"] == "Joon Lee"


def test_who_may_not_see_the_ticket_is_not_told_by_a_mention() -> None:
    ticket, writer = rows.ticket(), rows.agent()
    rows.agent("Joon Lee", department=rows.department())
    note = thread.post_note(ticket, said("@joon.lee"), by=rows.by(writer), agent=writer)
    assert not OutgoingMail.objects.filter(entry=note).exists()


def test_what_is_sent_is_no_draft_any_more() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    Draft.objects.create(agent=agent, ticket=ticket, kind=EntryKind.RESPONSE, text="Try")
    kept = Draft.objects.create(agent=agent, ticket=ticket, kind=EntryKind.NOTE, text="Hm")
    reply(ticket, agent)
    assert list(Draft.objects.all()) == [kept]


def test_minutes_add_up() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    for minutes in (10, 5):
        thread.post_reply(ticket, said(minutes_spent=minutes), by=rows.by(agent), agent=agent)
    assert Ticket.objects.get(pk=ticket.pk).minutes_spent == 15


def test_an_edit_keeps_the_old_text() -> None:
    ticket, agent = rows.ticket(text="My password is hunter2"), rows.agent()
    entry = thread.edit_entry(ticket.entries.get(), "My password is …", by=rows.by(agent))
    assert (entry.text, entry.edited_at is not None) == ("My password is …", True)
    assert list(entry.versions.values_list("text", "replaced_by")) == [("My password is hunter2", agent.user.pk)]
    assert "hunter2" not in str(AuditEntry.objects.values_list("details", flat=True))


def test_an_edit_needs_its_right_and_a_change() -> None:
    ticket, agent = rows.ticket(), rows.agent(role="Expanded access")
    entry = ticket.entries.get()
    with pytest.raises(NotAllowed, match="Edit the thread"):
        thread.edit_entry(entry, "x", by=rows.by(agent))
    thread.edit_entry(entry, entry.text, by=PANEL)
    assert not entry.versions.exists()


def test_a_forwarded_entry_goes_to_addresses_outside_who_do_not_join() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    entry = ticket.entries.get()
    kept = thread.forward_entry(
        entry, ("host@partner.example", "host@partner.example "), "Yours?", by=rows.by(agent), agent=agent
    )
    mail = OutgoingMail.objects.get(kind="ticket.forward")
    assert (mail.to_email, mail.entry, kept.forwarded_to) == ("host@partner.example", entry, ["host@partner.example"])
    assert not ticket.collaborators.exists()
    with pytest.raises(BadInput, match="no mail address"):
        thread.forward_entry(entry, ("partner",), "", by=rows.by(agent))


def test_a_forwarded_entry_takes_its_own_files_and_new_ones_along_and_a_status() -> None:
    agent, ticket = rows.agent(), rows.ticket()
    first = thread.post_message(
        ticket, NewEntry(text="See", contact_id=ticket.contact_id, attachments=(keep("a.txt", "", [b"one"]),)), by=PANEL
    )
    kept = thread.forward_entry(
        first,
        ("host@partner.example",),
        "Yours?",
        by=rows.by(agent),
        agent=agent,
        attachments=(keep("b.txt", "", [b"two"]),),
        status=first_status(TicketState.RESOLVED),
    )
    mail = OutgoingMail.objects.get(kind="ticket.forward")
    assert [(file.name, file.data) for file in mail.letter().files] == [("a.txt", b"one"), ("b.txt", b"two")]
    assert [file.name for file in kept.attachments.all()] == ["b.txt"]
    assert [file.name for file in first.attachments.all()] == ["a.txt"]
    ticket.refresh_from_db()
    assert ticket.state == TicketState.RESOLVED


def test_a_forwarded_entry_that_may_not_be_closed_is_not_forwarded_either() -> None:
    agent, ticket = rows.agent(role=rows.role(Permission.FORWARD)), rows.ticket()
    with pytest.raises(NotAllowed), transaction.atomic():
        thread.forward_entry(
            ticket.entries.get(), ("a@b.example",), "", by=rows.by(agent), status=first_status(TicketState.RESOLVED)
        )
    assert not OutgoingMail.objects.filter(kind="ticket.forward").exists()


def test_html_is_made_safe_when_it_is_stored_and_its_folds_move_along() -> None:
    html = "<script>steal()</script><p onclick='x'>New</p><div>Old</div>"
    fold = Fold(html.index("<div>"), len(html), FoldKind.QUOTE)
    entry = message(rows.ticket(), html=html, html_folds=(fold,))
    assert entry.html == "<p>New</p><div>Old</div>"
    (start, end, kind) = entry.html_folds[0]
    assert (entry.html[start:end], kind) == ("<div>Old</div>", "quote")


def test_files_hang_at_their_entry() -> None:
    ticket = rows.ticket()
    file = keep("../etc/log.txt", "text/plain", [b"so ", b"wrong"])
    entry = message(ticket, attachments=(file,))
    attachment = entry.attachments.get()
    assert (attachment.name, attachment.file.read(), attachment.file.size) == ("_etc_log.txt", b"so wrong", 8)


def test_a_deleted_ticket_takes_no_words() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    state.delete(ticket, by=rows.by(agent))
    with pytest.raises(WrongState, match="was deleted"):
        reply(ticket, agent)


def test_the_panel_writes_notes_in_its_own_name() -> None:
    entry = thread.post_note(rows.ticket(), said("Host is back"), by=Actor(None))
    assert (entry.author_name, entry.agent, entry.source) == ("Rackdesk", None, TicketSource.DESK)


def test_permissions_of_a_role_without_the_right_do_not_come_from_another_department() -> None:
    ticket = rows.ticket(department_id=rows.department().pk)
    agent = rows.agent(role=rows.role(Permission.REPLY))
    rows.access(agent, ticket.department, role="View only")
    with pytest.raises(NotAllowed):
        reply(ticket, agent)


def test_an_entry_that_a_split_took_away_is_not_edited_in_the_old_ticket() -> None:
    ticket = rows.ticket()
    entry = message(ticket)
    sharing.split(ticket, [entry], "Another", by=PANEL)
    with pytest.raises(WrongState, match="was moved"):
        thread.edit_entry(entry, "x", by=PANEL)
