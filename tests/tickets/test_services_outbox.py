"""The outbox by itself: who has a mail, what bounced, what is sent again."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from hosts.errors import WrongState
from hosts.models import AuditEntry
from tests.tickets.mail_rows import House, make_house, response
from tickets.choices import EventKind, MailKind, OutgoingState
from tickets.models import Mailbox, OutgoingMail
from tickets.services import outbox
from tickets.services.mail_out import tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def mail(house: House) -> OutgoingMail:
    entry = response(house.ticket, house.agent)
    return tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)[0]


def test_of_two_workers_one_has_the_mail(mail: OutgoingMail) -> None:
    assert outbox.claim_mail(mail.pk, claim=uuid.uuid4()) is not None
    assert outbox.claim_mail(mail.pk, claim=uuid.uuid4()) is None


def test_a_bounce_is_seen_at_the_mail_the_ticket_and_the_address(house: House, mail: OutgoingMail) -> None:
    outbox.mark_bounced(mail, why="550 5.1.1 unknown", no_such_address=True)
    mail.refresh_from_db()
    assert (mail.state, str(mail.why)) == (OutgoingState.BOUNCED, "550 5.1.1 unknown")
    event = house.ticket.events.get()
    assert (event.kind, event.data["email"], event.data["entry"]) == (EventKind.BOUNCED, mail.to_email, mail.entry_id)
    assert str(house.customer.addresses.get().failed_why) == "550 5.1.1 unknown"


@pytest.mark.parametrize("state", [OutgoingState.FAILED, OutgoingState.BOUNCED, OutgoingState.HELD])
def test_a_mail_can_be_sent_again_when_it_is(house: House, mail: OutgoingMail, state: str) -> None:
    OutgoingMail.objects.update(state=state, tries=7)
    outbox.send_again(mail, by=house.by)
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == (OutgoingState.WAITING, 0)
    assert mail.next_try_at <= timezone.now()
    assert AuditEntry.objects.filter(action="send-again").count() == 1


@pytest.mark.parametrize("state", [OutgoingState.SENT, OutgoingState.SENDING])
def test_a_mail_is_not_sent_again_when_it_is(house: House, mail: OutgoingMail, state: str) -> None:
    OutgoingMail.objects.update(state=state)
    with pytest.raises(WrongState, match="Nothing was changed"):
        outbox.send_again(mail, by=house.by)


def test_mailboxes_that_point_at_each_other_end_somewhere(house: House, mail: OutgoingMail) -> None:
    spare = Mailbox.objects.create(name="Spare", address="spare@desk.example", smtp_host="x", fallback=house.mailbox)
    house.mailbox.fallback = spare
    house.mailbox.save()
    assert outbox.ways_of(OutgoingMail.objects.get(pk=mail.pk)) == [house.mailbox, spare]


def test_what_waits_longest_is_sent_first(house: House) -> None:
    for _ in range(3):
        tell(MailKind.TICKET_REPLY, house.ticket, entry=response(house.ticket, house.agent), by=house.by)
    assert outbox.due_mails(2) == list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True)[:2])
