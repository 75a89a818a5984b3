"""The same from several sides at once: threads with connections of their own, on whatever database the tests have."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from hosts.errors import WrongState
from hosts.services.audit import PANEL
from hosts.services.once import make_once
from tests import make
from tests.tickets import rows
from tickets.facts.verbs import NewEntry
from tickets.models import Entry, Ticket
from tickets.services import assign, sharing, state, thread

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 60


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """Results in no order; whatever was raised is raised here."""
    start, results, errors = threading.Barrier(len(verbs)), [], []

    def run(verb: Callable[[], Any]) -> None:
        try:
            start.wait(SECONDS)
            results.append(verb())
        except Exception as error:  # noqa: BLE001  (raised below)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for each in threads:
        each.start()
    for each in threads:
        each.join(SECONDS)
    if errors:
        raise errors[0]
    return results


def test_eight_tickets_at_once_have_eight_numbers() -> None:
    rows.ticket()
    contact = rows.contact().pk
    made = at_once(*[lambda: rows.ticket(contact_id=contact)] * 8)
    assert len({ticket.number for ticket in made}) == 8


def test_a_cause_that_is_seen_from_six_sides_opens_one_ticket() -> None:
    contact = rows.contact().pk
    made = at_once(*[lambda: rows.ticket(contact_id=contact, cause_key="crash:7")] * 6)
    assert len({ticket.pk for ticket in made}) == 1
    assert Entry.objects.count() == 1


def test_a_ticket_that_six_resolve_is_resolved_once() -> None:
    ticket = rows.ticket()
    at_once(*[lambda: state.resolve(ticket, by=PANEL)] * 6)
    assert ticket.events.filter(kind="resolved").count() == 1


def test_a_ticket_that_three_claim_is_claimed_three_times_and_nobodys_word_is_lost() -> None:
    ticket, agents = rows.ticket(), [rows.agent() for _ in range(3)]
    at_once(*[lambda agent=agent: assign.claim(ticket, agent, by=rows.by(agent)) for agent in agents])
    order = [event.data["agent"] for event in ticket.events.filter(kind="assigned").order_by("pk")]
    assert sorted(order) == sorted(str(agent) for agent in agents)
    assert str(Ticket.objects.get(pk=ticket.pk).agent) == order[-1]


def test_messages_meet_a_merge_without_being_lost() -> None:
    into, other = rows.ticket(), rows.ticket()
    new = NewEntry(text="late", contact_id=other.contact_id)
    at_once(
        lambda: sharing.merge(into, [other], by=PANEL),
        *[lambda: thread.post_message(other, new, by=PANEL)] * 4,
    )
    assert Entry.objects.filter(home=other).count() == 5
    assert Entry.objects.filter(ticket=into).count() == 6


def test_two_merges_the_other_way_round_do_not_make_a_ring() -> None:
    first, second = rows.ticket(), rows.ticket()

    def merge(into: Ticket, other: Ticket) -> bool:
        try:
            sharing.merge(into, [other], by=PANEL)
        except WrongState:
            return False
        return True

    done = at_once(lambda: merge(first, second), lambda: merge(second, first))
    assert sorted(done) == [False, True]
    assert Ticket.objects.filter(merged_into=None).count() == 1


def test_the_same_request_six_times_at_once_makes_one_ticket() -> None:
    person, contact = make.operator(), rows.contact().pk

    def make_it() -> tuple[Ticket, bool]:
        return make_once("key", b"same", lambda: rows.ticket(contact_id=contact), by=make.actor(person))

    made = at_once(*[make_it] * 6)
    assert sorted(is_new for _, is_new in made) == [False] * 5 + [True]
    assert Ticket.objects.count() == 1
