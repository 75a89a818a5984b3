"""Answering, noting, forwarding, and the buttons of a ticket: what is done, what is refused and what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hosts.models import AuditEntry
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url
from tests.tickets import rows
from tickets.choices import MailKind, Permission
from tickets.models import Agent, CannedResponse, Draft, Entry, OutgoingMail, Status, Ticket
from tickets.services import canned, files, sharing, state

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Any) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


def write(who: Agent, ticket: Ticket, text: str = "Try again now.", kind: str = "reply", **fields: Any) -> Any:
    """What the browser gets back for a send."""
    return logged_in(who.user).post(url("tickets:write", ticket.number), {"kind": kind, "text": text, **fields})


def do(who: Agent, ticket: Ticket, verb: str, **fields: Any) -> list[str]:
    """The messages after a button."""
    answer = logged_in(who.user).post(url("tickets:do", ticket.number, verb), fields)
    assert answer.status_code == 302
    return said(answer)


class TestAnswer:
    """The composer."""

    def test_an_answer_goes_to_the_customer_and_the_page_jumps_to_it(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        answer = write(me, ticket)
        entry = Entry.objects.latest("pk")
        assert (entry.kind, entry.text, entry.agent) == ("response", "Try again now.", me)
        assert answer["Location"] == f"{ticket.get_absolute_url()}#entry-{entry.pk}"
        assert OutgoingMail.objects.filter(kind=MailKind.TICKET_REPLY, entry=entry).count() == 1

    def test_the_worker_is_woken_once_it_is_committed(self, django_capture_on_commit_callbacks: Any) -> None:
        me, ticket = rows.agent(), rows.ticket()
        with django_capture_on_commit_callbacks() as woken:
            write(me, ticket)
        assert woken

    def test_a_note_is_mailed_to_no_customer(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        write(me, ticket, "Looks like the pool.", kind="note")
        entry = Entry.objects.latest("pk")
        assert entry.kind == "note"
        assert not OutgoingMail.objects.filter(entry=entry, contact__isnull=False).exists()

    def test_it_can_be_resolved_in_the_same_send(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        write(me, ticket, **{"and": "resolve"})
        ticket.refresh_from_db()
        assert (ticket.state, ticket.is_answered) == ("resolved", True)

    def test_status_and_agent_go_with_it(self) -> None:
        me, mate, ticket = rows.agent(), rows.agent(), rows.ticket()
        waits = Status.objects.create(name="Waits for parts", state="open", position=5)
        write(me, ticket, status=waits.pk, agent=mate.pk, minutes=25)
        ticket.refresh_from_db()
        assert (ticket.status, ticket.agent, ticket.minutes_spent) == (waits, mate, 25)

    def test_where_the_status_is_refused_nothing_is_sent_and_the_text_is_still_there(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        ticket.tasks.create(title="Order a disk", department=ticket.department)
        answer = write(me, ticket, "A long answer", **{"and": "resolve"})
        assert answer.status_code == 422
        page = text_of(answer)
        assert "A long answer" in page
        assert "Not sent. What was typed is still here." in page
        assert ticket.entries.count() == 1
        assert not OutgoingMail.objects.filter(kind=MailKind.TICKET_REPLY).exists()

    @pytest.mark.parametrize(
        ("goes_to", "addresses"),
        [("all", ["ops@c.example", "sky@c.example"]), ("owner", ["sky@c.example"]), ("nobody", [])],
    )
    def test_the_agent_says_who_gets_it(self, goes_to: str, addresses: list[str]) -> None:
        me, ticket = rows.agent(), rows.ticket(contact_id=rows.contact("sky@c.example").pk)
        sharing.add_collaborator(ticket, "ops@c.example", by=rows.by(me))
        write(me, ticket, goes_to=goes_to)
        mails = OutgoingMail.objects.filter(entry=Entry.objects.latest("pk"), contact__isnull=False)
        assert sorted(mails.values_list("to_email", flat=True)) == addresses

    @pytest.mark.parametrize(("signature", "is_there"), [("own", True), ("none", False)])
    def test_the_signature_is_chosen_for_each_answer(self, signature: str, is_there: bool) -> None:
        me, ticket = rows.agent(signature="Mina of the night shift"), rows.ticket()
        write(me, ticket, signature=signature)
        mail = OutgoingMail.objects.get(kind=MailKind.TICKET_REPLY)
        assert ("Mina of the night shift" in mail.text) is is_there

    def test_an_empty_answer_is_refused_at_the_field(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        answer = write(me, ticket, "  ")
        assert answer.status_code == 422
        assert "There is nothing to send yet" in text_of(answer)

    def test_files_go_with_it(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        two = [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("../../etc/b.html", b"two", "text/html")]
        write(me, ticket, attachments=two)
        found = Entry.objects.latest("pk").attachments.order_by("pk")
        assert [(one.name, one.file.read()) for one in found] == [("a.txt", b"one"), ("b.html", b"two")]

    def test_the_draft_is_gone_once_it_was_sent(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        Draft.objects.create(agent=me, ticket=ticket, kind="response", text="Try")
        write(me, ticket)
        assert not Draft.objects.exists()

    def test_an_entry_is_forwarded_to_addresses(self) -> None:
        me, ticket = rows.agent(), rows.ticket(text="My disk")
        write(me, ticket, "Please look.", kind="forward", to="noc@vendor.example, b@vendor.example")
        entry = Entry.objects.latest("pk")
        assert entry.forwarded_to == ["noc@vendor.example", "b@vendor.example"]
        assert OutgoingMail.objects.filter(kind=MailKind.TICKET_FORWARD).count() == 2

    def test_files_and_a_status_go_with_what_is_forwarded(self) -> None:
        me, ticket = rows.agent(), rows.ticket(text="My disk")
        resolved = Status.objects.get(state="resolved", is_first=True)
        files = [SimpleUploadedFile("a.txt", b"one")]
        write(me, ticket, "", kind="forward", to="noc@vendor.example", attachments=files, status=resolved.pk)
        ticket.refresh_from_db()
        assert ticket.status == resolved
        assert [one.data for one in OutgoingMail.objects.get(kind=MailKind.TICKET_FORWARD).letter().files] == [b"one"]

    @pytest.mark.parametrize(
        ("to", "words"), [("", "Type the address that it goes to."), ("nobody", "“nobody” is not an address.")]
    )
    def test_a_forward_to_nobody_is_refused(self, to: str, words: str) -> None:
        answer = write(rows.agent(), rows.ticket(), "x", kind="forward", to=to)
        assert answer.status_code == 422
        assert words in text_of(answer)

    def test_a_role_that_may_not_answer_is_refused_and_keeps_its_text(self) -> None:
        me, ticket = rows.agent(role=rows.role(Permission.NOTE)), rows.ticket()
        answer = write(me, ticket, "My answer")
        assert answer.status_code == 422
        assert "Your role does not allow this here" in text_of(answer)
        assert ticket.entries.count() == 1

    def test_an_administrator_who_is_no_agent_cannot_write(self) -> None:
        ticket = rows.ticket()
        answer = logged_in(make.admin()).post(url("tickets:write", ticket.number), {"kind": "note", "text": "x"})
        assert answer.status_code == 403

    def test_an_entry_of_another_ticket_is_not_forwarded(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        secret = rows.ticket(text="secret", department_id=rows.department().pk).entries.get()
        answer = write(me, ticket, "x", kind="forward", to="a@b.example", entry=secret.pk)
        assert answer.status_code == 404
        assert not OutgoingMail.objects.filter(kind=MailKind.TICKET_FORWARD).exists()

    def test_an_edited_entry_keeps_its_old_words(self) -> None:
        me, ticket = rows.agent(), rows.ticket(text="password is hunter2")
        entry = ticket.entries.get()
        logged_in(me.user).post(url("tickets:edit-entry", ticket.number, entry.pk), {"text": "(removed)"})
        entry.refresh_from_db()
        assert entry.text == "(removed)"
        old = text_of(logged_in(me.user).get(url("tickets:versions", ticket.number, entry.pk)))
        assert "hunter2" in old


class TestCanned:
    """Texts that come again and again."""

    def test_those_of_the_department_are_offered_and_filled_in(self) -> None:
        me, ticket = rows.agent(), rows.ticket(contact_id=rows.contact("sky@c.example", "Haneul").pk)
        row = CannedResponse.objects.create(title="Greeting", text="Hello, <b>")
        CannedResponse.objects.create(title="Other greeting", text="x", department=rows.department())
        client = logged_in(me.user)
        offered = text_of(client.get(url("tickets:canned", ticket.number), {"q": "greet"}))
        assert "Greeting" in offered
        assert "Other" not in offered
        answer = client.get(url("tickets:canned-text", ticket.number, row.pk))
        assert text_of(answer) == "Hello, <b>"
        assert answer["Content-Type"].startswith("text/plain")

    def test_its_files_go_along_with_the_answer_once(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        file = files.keep("manual.pdf", "application/pdf", [b"%PDF"])
        row = canned.save_canned(CannedResponse(title="Manual", text="x"), by=make.actor(), new_files=[file])
        again = canned.save_canned(CannedResponse(title="Twice", text="x"), by=make.actor(), new_files=[file])
        offered = text_of(logged_in(me.user).get(url("tickets:canned", ticket.number), {"q": "manual"}))
        assert 'data-brings="manual.pdf"' in offered
        write(me, ticket, canned=[str(row.pk), str(again.pk), "x", "999"])
        entry = Entry.objects.latest("pk")
        assert [one.name for one in entry.attachments.all()] == ["manual.pdf"]
        mail = OutgoingMail.objects.get(kind=MailKind.TICKET_REPLY, entry=entry)
        assert [one.data for one in mail.letter().files] == [b"%PDF"]

    def test_its_files_are_still_there_after_a_send_that_was_refused(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        file = files.keep("manual.pdf", "application/pdf", [b"%PDF"])
        row = canned.save_canned(CannedResponse(title="Manual", text="x"), by=make.actor(), new_files=[file])
        refused = write(me, ticket, text=" ", canned=[str(row.pk)])
        assert refused.status_code == 422
        assert f'name="canned" value="{row.pk}"' in text_of(refused)


class TestVerbs:
    """Buttons and lists at a ticket."""

    def test_claim_release_and_assign(self) -> None:
        me, mate, ticket = rows.agent(), rows.agent("Joon Lee"), rows.ticket()
        assert do(me, ticket, "claim") == ["The ticket is yours."]
        ticket.refresh_from_db()
        assert ticket.agent == me
        do(me, ticket, "assign", agent=mate.pk, comment="He knows.")
        ticket.refresh_from_db()
        assert ticket.agent == mate
        assert ticket.entries.latest("pk").text == "He knows."
        do(me, ticket, "assign", agent="")
        ticket.refresh_from_db()
        assert ticket.agent is None

    def test_a_list_that_was_not_sent_is_left_alone(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        team = rows.team(me)
        do(me, ticket, "claim")
        do(me, ticket, "assign", team=team.pk)
        ticket.refresh_from_db()
        assert (ticket.agent, ticket.team) == (me, team)

    def test_properties_are_changed_one_at_a_time(self) -> None:
        me, ticket = rows.agent(), rows.ticket("Old")
        do(me, ticket, "edit", subject="New")
        do(me, ticket, "edit", due_at="2030-01-02T10:00")
        ticket.refresh_from_db()
        assert ticket.subject == "New"
        assert ticket.due_at is not None
        do(me, ticket, "edit", due_at="")
        ticket.refresh_from_db()
        assert ticket.due_at is None

    def test_nonsense_is_refused_in_words_and_changes_nothing(self) -> None:
        me, ticket = rows.agent(), rows.ticket("Old")
        assert do(me, ticket, "edit", due_at="yesterday")[0].startswith("Due:")
        assert do(me, ticket, "status", status="999999")
        assert do(me, ticket, "refer", to="agent-x")
        ticket.refresh_from_db()
        assert (ticket.due_at, ticket.state) == (None, "open")

    def test_it_goes_through_its_states(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        do(me, ticket, "status", status=state.first_status("resolved").pk)
        ticket.refresh_from_db()
        assert ticket.state == "resolved"
        answer = logged_in(me.user).post(url("tickets:do", ticket.number, "delete"))
        assert answer["Location"] == url("tickets:queue")
        boss = make.admin()
        logged_in(boss).post(url("tickets:do", ticket.number, "restore"))
        ticket.refresh_from_db()
        assert ticket.state == "resolved"
        assert AuditEntry.objects.filter(actor=boss, action="ticket restored").exists()

    def test_it_is_transferred_referred_and_followed(self) -> None:
        me, ticket, network = rows.agent(), rows.ticket(), rows.department("Network")
        do(me, ticket, "follow")
        assert ticket.followers.get().agent == me
        do(me, ticket, "refer", to=f"department-{network.pk}")
        assert ticket.referrals.get().department == network
        do(me, ticket, "transfer", department=network.pk)
        ticket.refresh_from_db()
        assert ticket.department == network

    def test_people_come_into_copy_and_leave_it(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        do(me, ticket, "add-collaborator", email="ops@c.example")
        row = ticket.collaborators.get()
        assert row.contact.email == "ops@c.example"
        do(me, ticket, "remove-collaborator", collaborator=row.pk)
        assert not ticket.collaborators.exists()

    def test_one_that_a_stranger_put_in_copy_is_accepted(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        row = sharing.add_collaborator(ticket, "ops@c.example", by=rows.by(me), is_active=False)
        do(me, ticket, "accept-collaborator", collaborator=row.pk)
        row.refresh_from_db()
        assert row.is_active

    def test_tickets_are_linked_merged_and_taken_apart(self) -> None:
        me, whole, part = rows.agent(), rows.ticket("whole"), rows.ticket("part")
        do(me, part, "link", number=whole.number)
        assert part.links_from.exists()
        do(me, part, "unlink", number=whole.number)
        assert not part.links_from.exists()
        do(me, part, "merge", number=f"#{whole.number}")
        part.refresh_from_db()
        assert part.merged_into == whole
        do(me, part, "unmerge")
        part.refresh_from_db()
        assert part.merged_into is None

    def test_a_ticket_that_one_may_not_see_cannot_be_merged_into(self) -> None:
        me, mine = rows.agent(), rows.ticket()
        theirs = rows.ticket(department_id=rows.department().pk)
        assert "that you may see" in do(me, mine, "merge", number=theirs.number)[0]
        mine.refresh_from_db()
        assert mine.merged_into is None

    def test_an_entry_becomes_a_ticket_of_its_own(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        write(me, ticket, "And my invoice is wrong", kind="note")
        entry = Entry.objects.latest("pk")
        do(me, ticket, "split", entry=entry.pk, subject="Invoice")
        entry.refresh_from_db()
        assert entry.ticket.subject == "Invoice"

    def test_the_owner_changes(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        do(me, ticket, "owner", email="new@c.example")
        ticket.refresh_from_db()
        assert ticket.contact.email == "new@c.example"

    def test_tasks_are_made_done_and_opened_again(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        do(me, ticket, "new-task", title="Order a disk")
        task = ticket.tasks.get()
        do(me, ticket, "task", task=task.pk)
        task.refresh_from_db()
        assert task.closed_at is not None
        do(me, ticket, "task", task=task.pk)
        task.refresh_from_db()
        assert task.closed_at is None

    def test_tags_are_typed(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        do(me, ticket, "tags", tags="dhcp relay")
        assert sorted(tag.name for tag in ticket.tags.all()) == ["dhcp", "relay"]

    @pytest.mark.parametrize(
        ("verb", "fields"),
        [
            ("claim", {}),
            ("assign", {"agent": "1"}),
            ("transfer", {"department": "DEPARTMENT"}),
            ("status", {"status": "RESOLVED"}),
            ("edit", {"subject": "x"}),
            ("tags", {"tags": "x"}),
            ("delete", {}),
            ("answered", {"is_answered": "1"}),
            ("add-collaborator", {"email": "a@b.example"}),
            ("owner", {"email": "a@b.example"}),
            ("new-task", {"title": "x"}),
            ("merge", {"number": "OTHER"}),
            ("link", {"number": "OTHER"}),
            ("refer", {"to": "department-DEPARTMENT"}),
        ],
    )
    def test_a_role_that_only_looks_can_do_nothing(self, verb: str, fields: dict[str, str]) -> None:
        me, ticket, other = rows.agent(role="View only"), rows.ticket("Old"), rows.ticket()
        known = {
            "DEPARTMENT": str(rows.department().pk),
            "RESOLVED": str(state.first_status("resolved").pk),
            "OTHER": other.number,
        }
        sent = {name: _filled(value, known) for name, value in fields.items()}
        before = Ticket.objects.filter(pk=ticket.pk).values().get()
        logged_in(me.user).post(url("tickets:do", ticket.number, verb), sent)
        assert Ticket.objects.filter(pk=ticket.pk).values().get() == before
        assert not ticket.events.exclude(kind="created").exists()

    def test_a_verb_of_nobodys_is_not_there(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        assert logged_in(me.user).post(url("tickets:do", ticket.number, "explode")).status_code == 404

    def test_reading_does_nothing(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        assert logged_in(me.user).get(url("tickets:do", ticket.number, "claim")).status_code == 405


def _filled(value: str, known: dict[str, str]) -> str:
    for name, key in known.items():
        value = value.replace(name, key)
    return value
