"""Who is told of what, and what stands in the outbox afterwards."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hosts.services.audit import PANEL
from tests.tickets.mail_rows import House, in_copy, make_agent, make_contact, make_entry, make_house, message, response
from tickets.choices import EntryKind, MailKind, OutgoingState
from tickets.facts.threading import SignedTag
from tickets.models import ContactAddress, Follower, OutgoingMail, Team, TeamMember
from tickets.render.message_id import tags_in
from tickets.services.mail_keys import mail_keys
from tickets.services.mail_out import tell, tell_of_mailbox, tell_over_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def addresses(mails: list[OutgoingMail]) -> list[str]:
    return sorted(mail.to_email for mail in mails)


def test_an_answer_goes_to_the_owner_and_to_who_is_in_copy(house: House) -> None:
    in_copy(house.ticket, make_contact("park@customer.example", "Park"))
    in_copy(house.ticket, make_contact("unasked@elsewhere.example"), is_active=False)
    message(house.ticket)
    entry = response(house.ticket, house.agent)
    mails = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)
    assert addresses(mails) == ["lee@customer.example", "park@customer.example"]
    mail = OutgoingMail.objects.get(to_email="lee@customer.example")
    assert mail.state == OutgoingState.WAITING
    assert mail.subject == f"Re: The server does not boot [#{house.ticket.number}]"
    assert (mail.from_name, mail.from_email) == ("Kim Minsu (Example Hosting)", "support@desk.example")
    assert "Please try again now." in mail.text
    assert "> It hangs at the logo." in mail.text
    assert not mail.is_automatic


@pytest.mark.parametrize(
    ("to", "told"),
    [("owner", ["lee@customer.example"]), ("nobody", [])],
    ids=["the owner alone", "nobody"],
)
def test_an_answer_can_be_for(house: House, to: str, told: list[str]) -> None:
    in_copy(house.ticket, make_contact("park@customer.example"))
    entry = response(house.ticket, house.agent)
    assert addresses(tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by, extra={"to": to})) == told


def test_the_message_id_proves_entry_and_recipient(house: House) -> None:
    entry = response(house.ticket, house.agent)
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)
    tag = SignedTag(entry.pk, f"c{house.customer.pk}")
    assert tags_in(mail.message_id, mail_keys()) == (tag,)
    assert tags_in(mail.text, mail_keys()) == (tag,)
    assert tags_in(mail.html, mail_keys()) == (tag,)
    assert mail.message_id.endswith("@desk.example")


def test_two_mails_about_one_entry_have_ids_of_their_own(house: House) -> None:
    entry = message(house.ticket)
    (first,) = tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=entry, by=PANEL)
    (second,) = tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=entry, by=PANEL)
    assert first.message_id != second.message_id


def test_an_answer_is_threaded_below_the_mail_that_it_answers(house: House) -> None:
    message(house.ticket, message_id="first@customer.example")
    message(house.ticket, message_id="latest@customer.example")
    entry = response(house.ticket, house.agent)
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)
    assert mail.headers["In-Reply-To"] == "latest@customer.example"
    root, latest = mail.headers["References"].split()
    assert latest == "latest@customer.example"
    (notice,) = tell(MailKind.TICKET_RESOLVED, house.ticket, by=house.by)
    assert notice.headers["References"].split()[0] == root


def test_a_receipt_goes_to_the_owner_even_though_the_owner_wrote(house: House) -> None:
    entry = message(house.ticket)
    (mail,) = tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=entry, by=PANEL)
    assert mail.to_email == "lee@customer.example"
    assert mail.is_automatic
    assert mail.headers["Auto-Submitted"] == "auto-replied"


def test_a_programs_mail_gets_no_receipt(house: House) -> None:
    entry = message(house.ticket, is_automatic=True)
    assert tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=entry, by=PANEL) == []


def test_a_department_can_keep_quiet(house: House) -> None:
    entry = message(house.ticket)
    assert tell(MailKind.MESSAGE_AUTORESPONSE, house.ticket, entry=entry, by=PANEL) == []
    house.support.answers_messages, house.support.answers_new_tickets = True, False
    house.support.save()
    house.ticket.refresh_from_db()
    assert tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=entry, by=PANEL) == []
    assert len(tell(MailKind.MESSAGE_AUTORESPONSE, house.ticket, entry=entry, by=PANEL)) == 1


def test_a_strangers_message_gets_no_receipt(house: House) -> None:
    house.support.answers_messages = True
    house.support.save()
    house.ticket.refresh_from_db()
    entry = message(house.ticket, contact=make_contact("stranger@elsewhere.example"))
    assert tell(MailKind.MESSAGE_AUTORESPONSE, house.ticket, entry=entry, by=PANEL) == []


def test_everybody_in_copy_hears_of_a_message_but_its_author(house: House) -> None:
    park = in_copy(house.ticket, make_contact("park@customer.example", "Park"))
    ContactAddress.objects.create(contact=park, email="park@home.example")
    in_copy(house.ticket, make_contact("choi@customer.example"))
    entry = message(house.ticket, contact=park)
    mails = tell(MailKind.ACTIVITY_NOTICE, house.ticket, entry=entry, by=PANEL)
    assert addresses(mails) == ["choi@customer.example", "lee@customer.example"]


def test_a_new_ticket_alerts_the_department(house: House) -> None:
    boss = make_agent("boss@desk.example", "Boss", department=house.support)
    house.support.manager = boss
    house.support.save()
    make_agent("away@desk.example", "Away", is_on_vacation=True)
    make_agent("narrow@desk.example", "Narrow", only_assigned=True)
    house.ticket.refresh_from_db()
    mails = tell(MailKind.TICKET_ALERT, house.ticket, entry=message(house.ticket), by=PANEL)
    assert addresses(mails) == ["boss@desk.example", "kim@desk.example"]
    assert all(mail.from_name == "Lee Jiwoo (Example Hosting)" for mail in mails)
    assert f"http://127.0.0.1:8000/panel/desk/tickets/{house.ticket.number}/" in mails[0].text


def test_without_a_team_nobody_is_told_as_its_member(house: House) -> None:
    house.desk.alerts = {"ticket.alert": ["assigned-team", "team-lead", "account-manager", "assigned-agent"]}
    house.desk.save()
    assert tell(MailKind.TICKET_ALERT, house.ticket, entry=message(house.ticket), by=PANEL) == []


def test_a_team_is_told_without_those_who_want_no_alerts(house: House) -> None:
    team = Team.objects.create(name="Night")
    TeamMember.objects.create(team=team, agent=house.agent)
    TeamMember.objects.create(team=team, agent=make_agent("quiet@desk.example", "Quiet"), gets_alerts=False)
    house.ticket.team = team
    house.ticket.save()
    mails = tell(MailKind.ASSIGNED_ALERT, house.ticket, by=PANEL, extra={"assignee": "Night"})
    assert addresses(mails) == ["kim@desk.example"]
    assert "assigned ticket" in mails[0].text


def test_nobody_is_alerted_of_what_they_did_themselves(house: House) -> None:
    other = make_agent("other@desk.example", "Other")
    for agent in (house.agent, other):
        Follower.objects.create(ticket=house.ticket, agent=agent)
    note = make_entry(house.ticket, EntryKind.NOTE, "Look at the RAID.", agent=house.agent)
    mails = tell(MailKind.NOTE_ALERT, house.ticket, entry=note, by=house.by)
    assert addresses(mails) == ["other@desk.example"]
    assert "Look at the RAID." in mails[0].text


def test_who_is_mentioned_is_told_once_whatever_the_matrix_says(house: House) -> None:
    other = make_agent("other@desk.example", "Other")
    Follower.objects.create(ticket=house.ticket, agent=other)
    note = make_entry(house.ticket, EntryKind.NOTE, "@Other please look", agent=house.agent)
    extra = {"agents": [other]}
    assert addresses(tell(MailKind.NOTE_ALERT, house.ticket, entry=note, by=house.by, extra=extra)) == [
        "other@desk.example"
    ]
    assert tell(MailKind.NOTE_ALERT, house.ticket, entry=note, by=house.by, extra=extra) == []


def test_an_address_that_bounced_is_left_alone(house: House) -> None:
    house.customer.addresses.update(failed_at=timezone.now())
    entry = response(house.ticket, house.agent)
    assert tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by) == []
    extra = {"emails": ["lee@customer.example", "new@customer.example"]}
    mails = tell(MailKind.TICKET_FORWARD, house.ticket, entry=entry, by=house.by, extra=extra)
    assert addresses(mails) == ["new@customer.example"]


def test_another_address_of_the_contact_is_used_where_the_main_one_bounced(house: House) -> None:
    house.customer.addresses.update(failed_at=timezone.now())
    ContactAddress.objects.create(contact=house.customer, email="lee@home.example")
    entry = response(house.ticket, house.agent)
    assert addresses(tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)) == ["lee@home.example"]


def test_the_desk_writes_to_none_of_its_own_addresses(house: House) -> None:
    in_copy(house.ticket, make_contact("Support@Desk.example"))
    entry = response(house.ticket, house.agent)
    assert addresses(tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)) == ["lee@customer.example"]


def test_a_korean_customer_is_written_to_in_korean(house: House) -> None:
    entry = message(house.ticket, "서버가 부팅되지 않습니다.")
    (mail,) = tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=entry, by=PANEL)
    assert mail.headers["Content-Language"] == "ko"
    assert "문의" in mail.text


def test_agents_can_stay_hidden(house: House) -> None:
    house.agent.signature = "Kim Minsu, night shift"
    house.agent.save()
    house.desk.hides_agent_names = True
    house.desk.save()
    message(house.ticket)
    response(house.ticket, house.agent, "First answer")
    entry = response(house.ticket, house.agent, "Second answer")
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)
    assert mail.from_name == "Example Hosting"
    assert "Kim" not in mail.text + mail.html + mail.subject
    assert "Example Hosting\nhttps://desk.example/" in mail.text


def test_an_address_gets_no_more_automatic_mails_than_the_cap(house: House) -> None:
    for _ in range(40):
        tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=message(house.ticket), by=PANEL)
    states = list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True))
    assert states.count(OutgoingState.WAITING) == 5
    assert states.count(OutgoingState.HELD) == 20
    held = OutgoingMail.objects.filter(state=OutgoingState.HELD).first()
    assert "5 automatic mails within an hour" in held.why


def test_an_agents_answer_is_never_held_back(house: House) -> None:
    for _ in range(8):
        tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=message(house.ticket), by=PANEL)
    entry = response(house.ticket, house.agent)
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)
    assert mail.state == OutgoingState.WAITING


def test_the_limit_of_open_tickets_is_said_to_a_bare_address() -> None:
    make_house()
    tell_over_limit("new@elsewhere.example", name="New", language="ko")
    mail = OutgoingMail.objects.get()
    assert (mail.to_email, mail.ticket, mail.contact) == ("new@elsewhere.example", None, None)
    assert mail.state == OutgoingState.WAITING


def test_somebody_unknown_is_written_to_in_the_language_of_the_entry_or_the_name(house: House) -> None:
    entry = message(house.ticket, "디스크가 고장났습니다.")
    extra = {"emails": ["vendor@elsewhere.example"]}
    (mail,) = tell(MailKind.TICKET_FORWARD, house.ticket, entry=entry, by=house.by, extra=extra)
    assert mail.headers["Content-Language"] == "ko"
    tell_over_limit("new@elsewhere.example", name="이지우")
    assert OutgoingMail.objects.get(to_email="new@elsewhere.example").subject == "문의가 접수되지 않았습니다"


def test_a_failing_mailbox_is_said_to_administrators(house: House) -> None:
    boss = make_agent("root@desk.example", "Root").user
    boss.is_superuser = True
    boss.save()
    tell_of_mailbox(house.mailbox, why="The server refuses the password.")
    mail = OutgoingMail.objects.get()
    assert mail.to_email == "root@desk.example"
    assert "The server refuses the password." in mail.text


def test_telling_of_an_answer_takes_few_queries(house: House, django_assert_max_num_queries) -> None:
    message(house.ticket)
    for number in range(5):
        in_copy(house.ticket, make_contact(f"copy{number}@customer.example"))
    entry = response(house.ticket, house.agent)
    with django_assert_max_num_queries(22):
        assert len(tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)) == 6


def test_an_answer_says_re_once(house: House) -> None:
    house.ticket.subject = "RE: Re: 답장: The server does not boot"
    house.ticket.save()
    entry = response(house.ticket, house.agent)
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)
    assert mail.subject == f"Re: The server does not boot [#{house.ticket.number}]"


@pytest.mark.parametrize("kind", list(EntryKind), ids=[kind.value for kind in EntryKind])
def test_any_entry_can_be_forwarded_with_a_word_in_front(house: House, kind: EntryKind) -> None:
    entry = make_entry(house.ticket, kind, "The RAID is degraded.", agent=house.agent)
    extra = {"emails": ["vendor@elsewhere.example"], "comments": "Please send a disk."}
    (mail,) = tell(MailKind.TICKET_FORWARD, house.ticket, entry=entry, by=house.by, extra=extra)
    assert mail.to_email == "vendor@elsewhere.example"
    assert mail.text.index("Please send a disk.") < mail.text.index("The RAID is degraded.")
