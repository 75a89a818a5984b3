"""Quarantine, mailboxes' health and the outbox: who sees them, what they say, running and sending again."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.choices import IncomingState, MailboxState, MailKind, OutgoingState
from tickets.facts.verbs import NewEntry
from tickets.models import IncomingMail, Mailbox, OutgoingMail, StoredFile
from tickets.models.stored import lay_down
from tickets.services import thread

pytestmark = pytest.mark.django_db
LOOK = ("tickets.view_incomingmail", "tickets.view_mailbox", "tickets.view_outgoingmail")
ACT = (*LOOK, "tickets.change_incomingmail", "tickets.change_outgoingmail", "tickets.change_mailbox")


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Any) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


def stuck_in(
    state: str = IncomingState.QUARANTINED, raw: bytes = b"From: x\r\n\r\n<script>", **fields: Any
) -> IncomingMail:
    """A mail that became no ticket."""
    sha256, size = lay_down([raw])
    file, _ = StoredFile.objects.get_or_create(sha256=sha256, defaults={"size": size})
    fields = {"subject": "Re: estimate", "sender": "a@b.example", "why": "The header cannot be read.", **fields}
    return IncomingMail.objects.create(raw=file, state=state, **fields)


def stuck_out(state: str = OutgoingState.FAILED) -> OutgoingMail:
    """A mail to a customer that did not arrive."""
    me, ticket = rows.agent(), rows.ticket()
    thread.post_reply(ticket, NewEntry(text="Yes."), by=rows.by(me), agent=me)
    mail = OutgoingMail.objects.get(kind=MailKind.TICKET_REPLY, ticket=ticket)
    mail.state, mail.why = state, "The mailbox is full."
    mail.save()
    return mail


class TestQuarantine:
    """Mail that became no ticket."""

    def test_it_says_why_and_shows_the_trace(self) -> None:
        mail = stuck_in(trouble="Traceback <b>", subject="<script>evil()</script>")
        client = logged_in(make.user(permissions=LOOK))
        assert "The header cannot be read." in text_of(client.get(url("tickets:quarantine")))
        page = text_of(client.get(url("tickets:mail", mail.pk)))
        assert "Traceback &lt;b&gt;" in page
        assert "<script>evil()" not in page
        assert "Run again" not in page

    def test_the_raw_mail_is_a_download_of_no_type(self) -> None:
        answer = logged_in(make.user(permissions=LOOK)).get(url("tickets:mail-raw", stuck_in().pk))
        assert b"".join(answer.streaming_content) == b"From: x\r\n\r\n<script>"
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_it_is_run_again_by_a_worker(self, django_capture_on_commit_callbacks: Any) -> None:
        mail = stuck_in()
        with django_capture_on_commit_callbacks() as woken:
            logged_in(make.user(permissions=ACT)).post(url("tickets:mail-again", mail.pk))
        mail.refresh_from_db()
        assert mail.state == IncomingState.KEPT
        assert len(woken) == 1

    def test_it_is_ignored_by_a_word(self) -> None:
        mail = stuck_in()
        logged_in(make.user(permissions=ACT)).post(url("tickets:mail-again", mail.pk), {"do": "discard"})
        mail.refresh_from_db()
        assert mail.state == IncomingState.IGNORED

    @pytest.mark.parametrize("name", ["quarantine", "boxes", "outbox"])
    def test_agents_without_the_permission_are_refused(self, name: str) -> None:
        assert logged_in(rows.agent().user).get(url(f"tickets:{name}")).status_code == 403

    def test_who_may_only_look_changes_nothing(self) -> None:
        mail, box = stuck_in(), Mailbox.objects.create(name="x", address="ticket@x.example")
        client = logged_in(make.user(permissions=LOOK))
        assert client.post(url("tickets:mail-again", mail.pk)).status_code == 403
        assert client.post(url("tickets:box-test", box.pk)).status_code == 403
        assert client.post(url("tickets:send-again")).status_code == 403
        mail.refresh_from_db()
        assert mail.state == IncomingState.QUARANTINED

    def test_mail_of_a_ticket_that_one_may_not_see_is_not_there(self) -> None:
        mail = stuck_in(IncomingState.REJECTED, ticket=rows.ticket())
        client = logged_in(make.user(permissions=LOOK))
        assert client.get(url("tickets:mail", mail.pk)).status_code == 404
        assert client.get(url("tickets:mail-raw", mail.pk)).status_code == 404

    def test_a_hundred_mails_cost_few_queries(self, django_assert_max_num_queries: Any) -> None:
        for number in range(60):
            stuck_in(raw=b"%d" % number)
        client = logged_in(make.user(permissions=LOOK))
        with django_assert_max_num_queries(14):
            assert 'rel="next"' in text_of(client.get(url("tickets:quarantine")))


class TestMailboxes:
    """How they do."""

    def test_a_failing_one_says_why_and_for_how_long(self) -> None:
        Mailbox.objects.create(
            name="x", address="ticket@x.example", state=MailboxState.FAILING, failures=3, state_why="No login."
        )
        page = text_of(logged_in(make.user(permissions=LOOK)).get(url("tickets:boxes")))
        assert "No login." in page
        assert "3 polls in a row failed" in page

    def test_no_mailbox_is_said_with_what_to_do(self) -> None:
        assert "No mailbox yet" in text_of(logged_in(make.admin()).get(url("tickets:boxes")))

    def test_a_test_is_asked_for_and_shown_as_it_comes(self, django_capture_on_commit_callbacks: Any) -> None:
        box = Mailbox.objects.create(name="x", address="ticket@x.example", host="mail.x.example")
        client = logged_in(make.user(permissions=ACT))
        with django_capture_on_commit_callbacks() as woken:
            client.post(url("tickets:box-test", box.pk))
        assert len(woken) == 1
        part = client.get(url("tickets:boxes"), headers={"HX-Request": "true"})
        assert (part.status_code, "Testing" in text_of(part)) == (200, True)
        box.refresh_from_db()
        box.test_done_at = box.test_asked_at
        box.test_steps = [{"name": ["Log in", {}], "ok": False, "why": ["The password is wrong.", {}]}]
        box.save()
        part = client.get(url("tickets:boxes"), headers={"HX-Request": "true"})
        assert (part.status_code, "The password is wrong." in text_of(part)) == (286, True)


class TestOutbox:
    """Mail that did not arrive."""

    def test_it_says_why_and_leads_to_the_entry(self) -> None:
        mail = stuck_out()
        page = text_of(logged_in(make.admin()).get(url("tickets:outbox")))
        assert "The mailbox is full." in page
        assert f"#entry-{mail.entry_id}" in page

    def test_ticked_ones_are_tried_again(self, django_capture_on_commit_callbacks: Any) -> None:
        mail = stuck_out()
        with django_capture_on_commit_callbacks() as woken:
            logged_in(make.admin()).post(url("tickets:send-again"), {"mail": [mail.pk]})
        mail.refresh_from_db()
        assert mail.state == OutgoingState.WAITING
        assert woken

    def test_one_that_arrived_is_not_sent_twice(self) -> None:
        mail = stuck_out(OutgoingState.SENT)
        logged_in(make.admin()).post(url("tickets:send-again"), {"mail": [mail.pk]})
        mail.refresh_from_db()
        assert mail.state == OutgoingState.SENT

    def test_mail_of_a_ticket_that_one_may_not_see_is_left_alone(self) -> None:
        mail = stuck_out()
        client = logged_in(make.user(permissions=ACT))
        assert "The mailbox is full." not in text_of(client.get(url("tickets:outbox")))
        client.post(url("tickets:send-again"), {"mail": [mail.pk]})
        mail.refresh_from_db()
        assert mail.state == OutgoingState.FAILED
