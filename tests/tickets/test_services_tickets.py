"""A request becomes a ticket: where it goes, what it is called, who is told; and it can be filed elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from hosts.errors import BadInput, NotAllowed
from hosts.models import AuditEntry, Organization
from hosts.services.audit import PANEL
from tests import make
from tests.tickets import rows
from tickets.choices import EntryKind, Permission, TicketSource, TicketState
from tickets.facts.verbs import NewEntry, NewTicket
from tickets.models import Contact, Customer, CustomerDomain, HelpTopic, OutgoingMail, Priority, Sequence, Sla, Ticket
from tickets.services.edits import edit_ticket, set_labels
from tickets.services.house import desk
from tickets.services.people import contact_of_login
from tickets.services.tickets import open_ticket

pytestmark = pytest.mark.django_db


def mail(**fields) -> NewTicket:
    entry = fields.pop("entry", NewEntry(text="It does not start.", source=TicketSource.MAIL, message_id="a@b"))
    return NewTicket(
        **{
            "subject": " Server\n down ",
            "email": "Kim@Example.com",
            "name": "Kim",
            "entry": entry,
            "source": TicketSource.MAIL,
            **fields,
        }
    )


def test_a_mail_of_a_stranger_becomes_a_ticket_of_the_default_department() -> None:
    ticket = open_ticket(mail(), by=PANEL)
    entry = ticket.entries.get()
    assert (ticket.subject, ticket.state, ticket.department) == ("Server down", TicketState.OPEN, desk().department)
    assert ticket.number == "100001"
    assert (entry.kind, entry.author_name, entry.author_email) == (EntryKind.MESSAGE, "Kim", "Kim@Example.com")
    assert (entry.message_id, entry.home, entry.source) == ("a@b", ticket, TicketSource.MAIL)
    assert rows.kinds(ticket.events.all()) == ["created"]
    assert AuditEntry.objects.filter(object_type="ticket", action="ticket created").count() == 1
    assert rows.kinds(OutgoingMail.objects.filter(contact=ticket.contact)) == ["ticket.autoresp"]


def test_the_same_address_in_other_letters_is_the_same_person() -> None:
    first, second = open_ticket(mail(), by=PANEL), open_ticket(mail(email="kim@example.COM", name=""), by=PANEL)
    assert first.contact == second.contact
    assert Contact.objects.count() == 1


def test_what_a_program_wrote_is_not_acknowledged() -> None:
    open_ticket(mail(entry=NewEntry(text="I am away", is_automatic=True)), by=PANEL)
    assert not OutgoingMail.objects.filter(is_automatic=True, contact__isnull=False).exists()


def test_the_topic_says_where_a_ticket_goes() -> None:
    agent = rows.agent()
    sales = rows.department("Sales")
    urgent = Priority.objects.get(urgency=1)
    numbers = Sequence.objects.create(name="Sales", pattern="S-###", next_value=7)
    topic = HelpTopic.objects.create(name="Offer", department=sales, priority=urgent, agent=agent, sequence=numbers)
    ticket = open_ticket(mail(topic_id=topic.pk), by=PANEL)
    assert (ticket.department, ticket.priority, ticket.agent, ticket.number) == (sales, urgent, agent, "S-007")
    assert rows.kinds(ticket.events.all()) == ["created", "assigned"]


def test_an_agent_on_vacation_is_given_nothing_by_a_topic() -> None:
    away = rows.agent(is_on_vacation=True)
    topic = HelpTopic.objects.create(name="Offer", agent=away)
    assert open_ticket(mail(topic_id=topic.pk), by=PANEL).agent is None


def test_people_of_a_domain_belong_to_its_organization_and_its_account_manager() -> None:
    manager = rows.agent()
    organization = Organization.objects.create(name="Example")
    fast = Sla.objects.create(name="Fast", resolve_minutes=60)
    customer = Customer.objects.create(
        organization=organization, account_manager=manager, assigns_manager=True, sla=fast
    )
    CustomerDomain.objects.create(customer=customer, domain="example.com")
    ticket = open_ticket(mail(), by=PANEL)
    assert (ticket.organization, ticket.agent, ticket.sla) == (organization, manager, fast)
    assert ticket.sla_due_at == ticket.created_at + timedelta(minutes=60)


def test_a_cause_has_one_open_ticket() -> None:
    first = rows.ticket(cause_key="crash:7")
    assert rows.ticket(cause_key="crash:7") == first
    assert Ticket.objects.count() == 1
    assert first.entries.count() == 1


def test_collaborators_join_once_and_never_the_owner() -> None:
    people = (("lee@example.com", "Lee"), ("LEE@example.com", ""), ("kim@example.com", ""))
    ticket = open_ticket(mail(collaborators=people, collaborators_wait=True), by=PANEL)
    assert [(str(one.contact), one.is_active) for one in ticket.collaborators.all()] == [("Lee", False)]


def test_an_agent_needs_the_right_to_open_tickets_there() -> None:
    reader = rows.agent(role="View only")
    with pytest.raises(NotAllowed, match="Open tickets"):
        rows.ticket(by=rows.by(reader))
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("source", TicketSource)
def test_no_way_in_goes_around_that_right(source: TicketSource) -> None:
    with pytest.raises(NotAllowed):
        rows.ticket(by=rows.by(rows.agent(role="View only")), source=source)


def test_staff_may_ask_for_help_themselves_by_the_portal() -> None:
    reader = rows.agent(role="View only")
    own = contact_of_login(reader.user)
    assert rows.ticket(by=rows.by(reader), source=TicketSource.WEB, contact_id=own.pk).contact == own


def test_who_is_helped_by_phone_is_told_that_there_is_a_ticket() -> None:
    ticket = rows.ticket(by=rows.by(rows.agent()), source=TicketSource.PHONE)
    assert rows.kinds(OutgoingMail.objects.filter(contact=ticket.contact)) == ["ticket.notice"]


def test_an_address_that_is_none_opens_nothing() -> None:
    with pytest.raises(BadInput, match="no mail address"):
        open_ticket(mail(email="nobody"), by=PANEL)
    assert not Ticket.objects.exists()


def test_an_edit_is_told_field_by_field_and_a_faster_promise_counts_from_the_opening() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    fast = Sla.objects.create(name="Fast", resolve_minutes=30)
    edited = edit_ticket(ticket, {"subject": "Disk", "sla": fast}, by=rows.by(agent))
    assert edited.sla_due_at == ticket.created_at + timedelta(minutes=30)
    event = edited.events.get(kind="edited")
    assert event.data["changes"] == {"subject": ["The disk is full", "Disk"], "sla": ["Default", "Fast"]}


def test_an_edit_that_changes_nothing_writes_nothing() -> None:
    ticket = rows.ticket()
    edit_ticket(ticket, {"subject": ticket.subject}, by=PANEL)
    assert rows.kinds(ticket.events.all()) == ["created"]


def test_a_due_date_in_the_past_makes_it_overdue_and_one_ahead_does_not() -> None:
    ticket = rows.ticket()
    assert edit_ticket(ticket, {"due_at": timezone.now() - timedelta(hours=1)}, by=PANEL).is_overdue
    assert not edit_ticket(ticket, {"due_at": timezone.now() + timedelta(hours=1)}, by=PANEL).is_overdue


def test_only_who_may_edit_edits() -> None:
    ticket, writer = rows.ticket(), rows.agent(role=rows.role(Permission.REPLY))
    with pytest.raises(NotAllowed):
        edit_ticket(ticket, {"subject": "x"}, by=rows.by(writer))
    with pytest.raises(BadInput, match="cannot be changed here"):
        edit_ticket(ticket, {"number": "1"}, by=PANEL)


def test_tags_and_hosts_are_replaced() -> None:
    ticket, tag, host = rows.ticket(), make.tag("db"), make.host("db1")
    set_labels(ticket, by=PANEL, tags=[tag], hosts=[host])
    assert ticket.events.get(kind="edited").data["changes"] == {"tags": ["", "db"], "hosts": ["", "db1"]}


def test_opening_asks_the_database_a_bounded_number_of_questions(django_assert_max_num_queries) -> None:
    open_ticket(mail(), by=PANEL)
    with django_assert_max_num_queries(36):
        open_ticket(mail(subject="another"), by=PANEL)
