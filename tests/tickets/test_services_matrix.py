"""Each row of the matrix of alerts means whom it says, each variable of a mail has its value, each signature its words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hosts.services.audit import PANEL
from tests import make
from tests.tickets.mail_rows import House, in_copy, make_agent, make_contact, make_entry, make_house, message, response
from tickets.choices import AlertTo, EntryKind, MailKind, SignatureKind
from tickets.facts.variables import variables_for
from tickets.models import (
    Agent,
    Customer,
    Department,
    DepartmentAccess,
    Follower,
    HelpTopic,
    Sla,
    Task,
    Team,
    TeamMember,
    Ticket,
)
from tickets.rules.alerts import FOR_AGENTS
from tickets.services.house import desk
from tickets.services.mail_matter import matter_of
from tickets.services.mail_out import tell
from tickets.services.mail_people import contact_person, user_person
from tickets.services.mail_values import values_of

pytestmark = pytest.mark.django_db
EVERYBODY = {
    AlertTo.ADMINS: {"boss"},
    AlertTo.ASSIGNED_AGENT: {"assigned"},
    AlertTo.ASSIGNED_TEAM: {"member", "lead"},
    AlertTo.TEAM_LEAD: {"lead"},
    AlertTo.LAST_RESPONDENT: {"answered"},
    AlertTo.MANAGER: {"manager"},
    AlertTo.MEMBERS: {"athome", "guest"},
    AlertTo.ACCOUNT_MANAGER: {"account"},
    AlertTo.FOLLOWERS: {"follows"},
}


@pytest.fixture
def house() -> House:
    return make_house()


def an_agent(name: str, **fields: object) -> Agent:
    """Of a department far away, unless said otherwise."""
    there, _ = Department.objects.get_or_create(name="Elsewhere")
    return make_agent(f"{name}@desk.example", name, **{"department": there, **fields})


def crowd(house: House) -> dict[str, Agent]:
    """A ticket with everybody around it, each of whom is told by one row of the matrix alone."""
    support, ticket = Department.objects.create(name="Crowded"), house.ticket
    make.admin("boss@desk.example")
    found = {
        name: an_agent(name)
        for name in ("assigned", "member", "lead", "quiet", "answered", "manager", "account", "follows")
    }
    found["athome"] = an_agent("athome", department=support)
    found["guest"] = an_agent("guest")
    DepartmentAccess.objects.create(agent=found["guest"], department=support, role=found["guest"].role)
    silent = an_agent("silent")
    DepartmentAccess.objects.create(agent=silent, department=support, role=silent.role, gets_alerts=False)
    team = Team.objects.create(name="Night", lead=found["lead"])
    for name in ("member", "lead", "quiet"):
        TeamMember.objects.create(team=team, agent=found[name], gets_alerts=name != "quiet")
    Department.objects.filter(pk=support.pk).update(manager=found["manager"])
    house.customer.organization = make.organization()
    house.customer.save()
    Customer.objects.create(organization=house.customer.organization, account_manager=found["account"])
    Follower.objects.create(ticket=ticket, agent=found["follows"])
    Ticket.objects.filter(pk=ticket.pk).update(
        department=support,
        organization=house.customer.organization,
        agent=found["assigned"],
        team=team,
        last_respondent=found["answered"],
    )
    house.ticket = Ticket.objects.get(pk=ticket.pk)
    return found


def told(house: House, kind: MailKind, *rows: AlertTo) -> set[str]:
    """The names of who gets a mail of this kind where these rows are ticked."""
    settings = desk()
    settings.alerts = {kind.value: [row.value for row in rows]}
    settings.save()
    mails = tell(kind, house.ticket, entry=message(house.ticket), by=PANEL)
    return {mail.to_email.partition("@")[0] for mail in mails}


@pytest.mark.parametrize("row", EVERYBODY, ids=[row.value for row in EVERYBODY])
def test_a_row_of_the_matrix_means_whom_it_says(house: House, row: AlertTo) -> None:
    crowd(house)
    assert told(house, MailKind.MESSAGE_ALERT, row) == EVERYBODY[row]


def test_all_rows_together_tell_everybody_once(house: House) -> None:
    crowd(house)
    assert told(house, MailKind.MESSAGE_ALERT, *AlertTo) == set().union(*EVERYBODY.values())


@pytest.mark.parametrize("row", [row for row in EVERYBODY if row != AlertTo.ADMINS], ids=lambda row: row.value)
@pytest.mark.parametrize("gone", ["on vacation", "without a login"])
def test_who_is_away_is_told_nothing(house: House, row: AlertTo, gone: str) -> None:
    for agent in crowd(house).values():
        agent.is_on_vacation = gone == "on vacation"
        agent.user.is_active = gone != "without a login"
        agent.user.save()
        agent.save()
    house.ticket.refresh_from_db()
    assert told(house, MailKind.MESSAGE_ALERT, row) == set()


def test_a_kind_whose_rows_are_all_off_tells_nobody(house: House) -> None:
    crowd(house)
    for kind in sorted(FOR_AGENTS - {MailKind.MAILBOX_ALERT}):
        assert told(house, MailKind(kind)) == set()


def rich(house: House) -> Ticket:
    """A ticket of which everything is known."""
    above = HelpTopic.objects.create(name="Servers")
    topic = HelpTopic.objects.create(name="Boot", parent=above)
    manager, sla = make_agent("boss@desk.example", "Park Boss"), Sla.objects.create(name="Gold", resolve_minutes=60)
    Department.objects.filter(pk=house.support.pk).update(manager=manager, sla=sla)
    house.customer.organization, house.customer.phone = make.organization("Haneul Trading"), "+82 2 555"
    house.customer.save()
    in_copy(house.ticket, make_contact("ops@customer.example", "Ops"))
    at = datetime(2026, 3, 9, 4, 5, tzinfo=UTC)
    Ticket.objects.filter(pk=house.ticket.pk).update(
        topic=topic,
        sla=sla,
        agent=house.agent,
        team=Team.objects.create(name="Night"),
        organization=house.customer.organization,
        source="phone",
        **dict.fromkeys(("created_at", "sla_due_at", "resolved_at", "active_at"), at),
    )
    return Ticket.objects.get(pk=house.ticket.pk)


VALUES = {
    "recipient": "Lee Jiwoo",
    "recipient.name.first": "Lee",
    "recipient.email": "lee@customer.example",
    "company.name": "Help desk",
    "signature": "Example Hosting\nhttps://desk.example/",
    "ticket.subject": "The server does not boot",
    "ticket.name": "Lee Jiwoo",
    "ticket.name.first": "Lee",
    "ticket.email": "lee@customer.example",
    "ticket.phone": "+82 2 555",
    "ticket.status": "Open",
    "ticket.status.name": "Open",
    "ticket.state": "Open",
    "ticket.priority": "Normal",
    "ticket.source": "Phone",
    "ticket.dept": "Support",
    "ticket.dept.name": "Support",
    "ticket.dept.manager": "Park Boss",
    "ticket.dept.signature": "Example Hosting\nhttps://desk.example/",
    "ticket.dept.sla": "Gold",
    "ticket.topic": "Boot",
    "ticket.topic.name": "Boot",
    "ticket.topic.fullname": "Servers / Boot",
    "ticket.sla": "Gold",
    "ticket.staff": "Kim Minsu",
    "ticket.team": "Night",
    "ticket.assigned": "Kim Minsu / Night",
    "ticket.user": "Lee Jiwoo",
    "ticket.user.name": "Lee Jiwoo",
    "ticket.user.email": "lee@customer.example",
    "ticket.user.organization": "Haneul Trading",
    "ticket.recipients": "Lee Jiwoo, Ops",
    "ticket.thread.original": "It hangs at the logo.",
    "ticket.thread.lastmessage": "It still does.",
    "response": "Please try again now.",
    "poster": "Kim Minsu",
    "staff": "Kim Minsu",
    "staff.name": "Kim Minsu",
    "comments": "Soon.",
    "ticket.create_date.short": "03/09/2026",
    "ticket.due_date.time": "04:05",
    "ticket.close_date.full": "9 Mar 2026",
}
WITHOUT_VALUE_HERE = {
    *("message", "activity", "resolution"),
    *("ticket.client_link", "recipient.ticket_link"),
}
"""Nothing was said of them in this mail; and there is no page of the ticket for customers yet."""


def test_each_variable_of_an_answer_has_its_value(house: House) -> None:
    ticket = rich(house)
    message(ticket)
    message(ticket, "It still does.")
    entry = response(ticket, house.agent)
    matter = matter_of(MailKind.TICKET_REPLY, ticket, entry, house.by, {"comments": "Soon."})
    known = variables_for(MailKind.TICKET_REPLY)
    found = values_of(matter, contact_person(house.customer), known)
    assert {name: found.get(name) for name in VALUES} == VALUES
    assert found["ticket.number"] == ticket.number
    assert set(known) - set(found) == WITHOUT_VALUE_HERE


def test_each_variable_for_agents_has_its_value(house: House) -> None:
    ticket = rich(house)
    note = make_entry(ticket, EntryKind.NOTE, "He never pays.", agent=house.agent)
    matter = matter_of(MailKind.ASSIGNED_ALERT, ticket, note, house.by, {"assignee": "Kim Minsu / Night"})
    found = values_of(matter, user_person(house.agent.user), variables_for(MailKind.ASSIGNED_ALERT))
    assert (found["note"], found["assignee"], found["assigner"]) == ("He never pays.", "Kim Minsu / Night", "Kim Minsu")
    assert found["ticket.staff_link"] == found["recipient.ticket_link"]
    assert found["ticket.staff_link"].endswith(ticket.get_absolute_url())


def test_each_variable_of_a_task_has_its_value(house: House) -> None:
    at = datetime(2026, 3, 9, 4, 5, tzinfo=UTC)
    task = Task.objects.create(
        ticket=house.ticket, title="Order", text="A disk", department=house.support, agent=house.agent, due_at=at
    )
    matter = matter_of(MailKind.TASK_ALERT, house.ticket, None, house.by, {"task": task})
    found = values_of(matter, user_person(house.agent.user), variables_for(MailKind.TASK_ALERT))
    names = ("title", "text", "dept", "assigned", "number", "due_date.short")
    assert [found[f"task.{name}"] for name in names] == [
        *("Order", "A disk", "Support", "Kim Minsu", str(task.pk), "03/09/2026"),
    ]


@pytest.mark.parametrize(
    ("own", "kind", "wished", "said"),
    [
        ("Kim, night shift", SignatureKind.OWN, "", "Kim, night shift"),
        ("Kim, night shift", SignatureKind.DEPARTMENT, "", "Example Hosting\nhttps://desk.example/"),
        ("Kim, night shift", SignatureKind.NONE, "", None),
        ("Kim, night shift", SignatureKind.OWN, SignatureKind.DEPARTMENT, "Example Hosting\nhttps://desk.example/"),
        ("Kim, night shift", SignatureKind.NONE, SignatureKind.OWN, "Kim, night shift"),
        ("Kim, night shift", SignatureKind.OWN, SignatureKind.NONE, None),
        ("", SignatureKind.OWN, "", "Example Hosting\nhttps://desk.example/"),
    ],
    ids=[
        *("one's own", "the department's", "none", "the department's this once", "one's own this once"),
        *("none this once", "one's own that is empty"),
    ],
)
def test_an_answer_is_signed(house: House, own: str, kind: str, wished: str, said: str | None) -> None:
    house.agent.signature, house.agent.signature_kind = own, kind
    house.agent.save()
    entry = response(house.ticket, house.agent)
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by, extra={"signature": wished})
    for words in ("Kim, night shift", "Example Hosting\nhttps://desk.example/"):
        assert (words in mail.text) == (words == said)
