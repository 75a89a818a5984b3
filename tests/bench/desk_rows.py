"""Numbers in, a desk after years of work out: tickets and entries by COPY (PostgreSQL) or many at once (SQLite).

Of all tickets 5 000 are open, most of them new; one person (a monitoring program) opened every hundredth, one
organization every fiftieth, one department has every thousandth. Import this only after `django.setup()`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from hosts.models import Organization, Tag, User
from tests.bench.desk_pour import beside, in_bulk, pour, pour_words, settle
from tests.bench.desk_words import Sentence, sentences
from tickets.choices import EntryKind, EventKind, TicketSource, TicketState
from tickets.models import (
    Agent,
    Contact,
    ContactAddress,
    Department,
    DepartmentAccess,
    Entry,
    Event,
    HelpTopic,
    Priority,
    Referral,
    Role,
    Status,
    Team,
    TeamMember,
    Ticket,
)
from tickets.parse.search_words import words_of
from tickets.services.house import desk
from tickets.services.search_index import CONTACTS, TICKETS

OPEN, RESOLVED = 5_000, 3_000
YEARS = 4
TICKETS_AT_ONCE = 5_000
DEPARTMENTS = (50, 25, 12, 6, 4, 2.9, 0.1)
LONG_ENTRIES = 500
Made = tuple[dict[str, Any], list[dict[str, Any]], set[str]]
"""A ticket, its entries, and the words it is found by."""


@dataclass(frozen=True, slots=True)
class House:
    """What tickets point at, as keys."""

    agents: list[Agent]
    departments: list[int]
    teams: list[int]
    statuses: dict[str, int]
    priorities: list[int]
    topics: list[int]
    organizations: list[int]


@dataclass(frozen=True, slots=True)
class Filled:
    """Who looks: an administrator; an agent of the three large departments; one of the same who sees only what is
    given to them, their team, or referred to them; and one of the smallest department.
    """

    admin: User
    agent: User
    limited: User
    small: User


def fill(*, tickets: int, entries: int) -> None:
    """Make so many of each."""
    chance = random.Random(20261123)
    house = _house(chance)
    people = tickets // 10
    tables = (Contact, ContactAddress, Ticket, Entry, Event, Ticket.tags.through)
    with in_bulk([model._meta.db_table for model in tables] + [TICKETS, CONTACTS]):
        _people(people, house, chance)
        _tickets(tickets, entries, people, house, chance)
    settle([model._meta.db_table for model in tables])


def looking() -> Filled:
    """The people of a filled database."""
    agents = Agent.objects.select_related("user")
    small = agents.get(user__email="alone@desk.example").user
    limited = agents.get(only_assigned=True).user
    return Filled(User.objects.get(is_superuser=True), agents.order_by("pk")[0].user, limited, small)


def _house(chance: random.Random) -> House:
    settings = desk()
    User.objects.create_superuser("admin@desk.example", None, name="Administrator")
    first = settings.department
    departments = [first, *(Department.objects.create(name=f"Group {n}") for n in range(2, len(DEPARTMENTS) + 1))]
    role = Role.objects.get(name="All access")
    agents = []
    for number in range(60):
        user = User.objects.create_user(f"agent{number}@desk.example", name=f"Agent {number}", is_staff=True)
        there = departments[number % 3]
        agents.append(Agent.objects.create(user=user, department=there, role=role, only_assigned=number == 1))
    alone = User.objects.create_user("alone@desk.example", name="Alone", is_staff=True)
    Agent.objects.create(user=alone, department=departments[-1], role=role)  # nothing is given to them
    for other in departments[1:3]:
        DepartmentAccess.objects.create(agent=agents[0], department=other, role=role)
    teams = [Team.objects.create(name=f"Team {n}") for n in range(6)]
    for number, agent in enumerate(agents):
        TeamMember.objects.create(agent=agent, team=teams[number % len(teams)])
    topics = [HelpTopic.objects.create(name=f"Topic {n}", department=departments[0]) for n in range(10)]
    for n in range(40):
        Tag.objects.create(name=f"tag{n}")
    return House(
        agents,
        [row.pk for row in departments],
        [row.pk for row in teams],
        {row.state: row.pk for row in Status.objects.all()},
        list(Priority.objects.order_by("urgency").values_list("pk", flat=True)),
        [row.pk for row in topics],
        [row.pk for row in Organization.objects.bulk_create(Organization(name=f"Customer {n}") for n in range(2_000))],
    )


def _people(count: int, house: House, chance: random.Random) -> None:
    family, given = "김이박최정강조윤장임", "민서준지훈현우영수진아라은하도윤"
    names = [
        f"{chance.choice(family)}{''.join(chance.choices(given, k=2))}" if n % 2 else f"Person {n} Miller"
        for n in range(1, count + 1)
    ]
    contacts = ({"id": n, "name": name, "organization": house.organizations[n % 2_000]} for n, name in _from_one(names))
    pour(Contact, contacts)
    mails = [f"person{n}@customer{n % 2_000}.example" for n in range(1, count + 1)]
    pour(ContactAddress, ({"contact": n, "email": mail, "is_main": True} for n, mail in _from_one(mails)))
    pour_words(CONTACTS, ((n, words_of(name, mails[n - 1])) for n, name in _from_one(names)))


def _tickets(count: int, entries: int, people: int, house: House, chance: random.Random) -> None:
    said = sentences(chance)
    now = timezone.now().replace(tzinfo=None, microsecond=0)
    step = timedelta(days=365 * YEARS) / count
    states = _states(count, chance)
    wanted = _entry_counts(count, entries, chance)
    tags = list(Tag.objects.values_list("pk", flat=True))
    rows = _Rows(house, people, said, chance, now)
    with beside() as do:
        for start in range(1, count + 1, TICKETS_AT_ONCE):
            made = range(start, min(start + TICKETS_AT_ONCE, count + 1))
            batch = [rows.ticket(n, states[n], now - step * (count - n), wanted[n]) for n in made]
            tagged = [{"ticket": n, "tag": chance.choice(tags)} for n in made if n % 5 == 0]
            do(partial(_pour_batch, batch, tagged))
    referred = (Referral(ticket_id=chance.randrange(1, count), agent=chance.choice(house.agents)) for _ in range(2_000))
    Referral.objects.bulk_create(referred)


def _pour_batch(batch: list[Made], tagged: list[dict[str, Any]]) -> None:
    pour(Ticket, (ticket for ticket, _, _ in batch))
    pour(Entry, (entry for _, said_there, _ in batch for entry in said_there))
    pour_words(TICKETS, ((int(ticket["id"]), words) for ticket, _, words in batch))
    pour(Event, (_event(ticket) for ticket, _, _ in batch))
    pour(Ticket.tags.through, tagged)


@dataclass(slots=True)
class _Rows:
    """Rows of tickets, one after the other."""

    house: House
    people: int
    said: list[Sentence]
    chance: random.Random
    now: datetime

    def ticket(self, n: int, state: str, created: datetime, count: int) -> Made:
        """A ticket, its entries, and the words it is found by."""
        chance, house = self.chance, self.house
        is_open = state == TicketState.OPEN
        contact = 1 if n % 100 == 0 else chance.randrange(1, self.people + 1)
        organization = house.organizations[0 if n % 50 == 0 else contact % 2_000]
        active = min(created + timedelta(minutes=chance.expovariate(1 / 3_000)), self.now)
        agent = None if is_open and n % 3 == 0 else chance.choice(house.agents)
        subject = chance.choice(self.said)
        row = {
            "id": n,
            "number": str(100_000 + n),
            "subject": subject.text[:120],
            "contact": contact,
            "organization": organization,
            "department": chance.choices(house.departments, DEPARTMENTS)[0],
            "topic": chance.choice(house.topics),
            "status": house.statuses[state],
            "state": state,
            "priority": chance.choices(house.priorities, (1, 8, 80, 11))[0],
            "source": TicketSource.MAIL.value,
            "agent": agent.pk if agent else None,
            "team": chance.choice(house.teams) if n % 10 == 1 else None,
            "sla_due_at": created + timedelta(hours=18),
            "is_overdue": is_open and n % 7 == 0,
            "is_answered": not is_open or n % 4 == 0,
            "created_at": created,
            "active_at": active,
            "last_message_at": active,
            "resolved_at": None if is_open else active,
            "closed_at": None if state in (TicketState.OPEN, TicketState.RESOLVED) else active,
        }
        words = words_of(row["number"]) | subject.words | {f"person_{contact}"}
        return row, [self._entry(n, number, row, words) for number in range(count)], words

    def _entry(self, n: int, number: int, ticket: dict[str, Any], words: set[str]) -> dict[str, Any]:
        chosen = self.chance.choices(self.said, k=3)
        words.update(*(one.words for one in chosen))
        text = " ".join(one.text for one in chosen)
        if number == 0:
            text += f" node{n % 5_000:05}.example.net case{n:x}"
            words |= {f"node{n % 5_000:05}", "node", f"{n % 5_000:05}", "example", "net"} | words_of(f"case{n:x}")
        is_message = number % 2 == 0
        return {
            "ticket": n,
            "home": n,
            "kind": (EntryKind.MESSAGE if is_message else EntryKind.RESPONSE).value,
            "source": TicketSource.MAIL.value,
            "contact": ticket["contact"] if is_message else None,
            "agent": None if is_message else ticket["agent"],
            "author_name": "Somebody",
            "author_email": "somebody@customer.example",
            "text": text,
            "message_id": f"{n}.{number}@mail.example",
            "posted_at": min(ticket["created_at"] + timedelta(minutes=number * 20), ticket["active_at"]),
        }


def _event(ticket: dict[str, Any]) -> dict[str, Any]:
    return {
        "ticket": ticket["id"],
        "kind": EventKind.CREATED.value,
        "actor_name": "panel",
        "data": "{}",
        "at": ticket["created_at"],
    }


def _states(count: int, chance: random.Random) -> list[str]:
    """By number: four of five open tickets are among the newest, the others are anywhere."""
    states = chance.choices(
        [TicketState.CLOSED.value, TicketState.ARCHIVED.value, TicketState.DELETED.value], (94, 5, 1), k=count + 1
    )
    for state, many in ((TicketState.RESOLVED.value, RESOLVED), (TicketState.OPEN.value, OPEN)):
        many = min(many, count // 20)
        new = range(max(1, count - 10 * many), count + 1)
        for n in (*chance.sample(new, many * 4 // 5), *chance.sample(range(1, count + 1), many // 5)):
            states[n] = state
    return states


def _entry_counts(count: int, entries: int, chance: random.Random) -> list[int]:
    """By number: at least one each, a few with very many, all together `entries`."""
    counts = [1] * (count + 1)
    counts[count] = LONG_ENTRIES
    for n in chance.choices(range(1, count + 1), k=max(0, entries - (count - 1) - LONG_ENTRIES)):
        counts[n] += 1
    return counts


def _from_one(values: list[str]) -> Iterator[tuple[int, str]]:
    return iter(enumerate(values, start=1))
