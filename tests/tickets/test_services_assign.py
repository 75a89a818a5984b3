"""Who works on a ticket: given, taken, given back, moved, shown to others."""

from __future__ import annotations

import pytest

from hosts.errors import BadInput, NotAllowed
from hosts.services.audit import PANEL
from tests.tickets import rows
from tickets.choices import EntryKind, Permission
from tickets.models import Follower, OutgoingMail, Referral, Ticket
from tickets.services import assign

pytestmark = pytest.mark.django_db


def test_an_assignment_is_told_to_who_got_it_with_what_was_said() -> None:
    ticket, giver, taker = rows.ticket(), rows.agent(), rows.agent("Joon Lee")
    assign.assign(ticket, agent=taker, by=rows.by(giver), comments="You know this one")
    note = ticket.entries.get(kind=EntryKind.NOTE)
    assert (note.text, note.agent) == ("You know this one", giver)
    assert list(OutgoingMail.objects.filter(kind="assigned.alert").values_list("agent", flat=True)) == [taker.pk]
    assert ticket.events.get(kind="assigned").data == {"agent": "Joon Lee"}


def test_who_takes_it_is_not_told_of_it() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    assert assign.claim(ticket, agent, by=rows.by(agent)).agent == agent
    assert not OutgoingMail.objects.filter(kind="assigned.alert").exists()


def test_the_same_again_writes_nothing() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    for _ in range(2):
        assign.assign(ticket, agent=agent, by=PANEL, comments="once")
    assert rows.kinds(ticket.events.all()) == ["created", "assigned"]
    assert ticket.entries.filter(kind=EntryKind.NOTE).count() == 1


def test_agent_and_team_stand_side_by_side() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    team = rows.team(agent)
    assign.assign(ticket, team=team, by=PANEL)
    given = assign.assign(ticket, agent=agent, by=PANEL)
    assert (given.agent, given.team) == (agent, team)


@pytest.mark.parametrize("why", ["on vacation", "gone", "team off"])
def test_nobody_who_is_away_is_given_a_ticket(why: str) -> None:
    ticket, agent = rows.ticket(), rows.agent(is_on_vacation=why == "on vacation")
    if why == "gone":
        agent.user.is_active = False
        agent.user.save()
    team = rows.team(agent, is_active=False) if why == "team off" else None
    with pytest.raises(BadInput, match=r"away|not active"):
        assign.assign(ticket, agent=None if team else agent, team=team, by=PANEL)
    assert Ticket.objects.get(pk=ticket.pk).agent is None


def test_ones_own_ticket_can_be_given_back_without_the_right_and_anothers_cannot() -> None:
    ticket, mine, other = rows.ticket(), rows.agent(role=rows.role(Permission.REPLY)), rows.agent()
    assign.assign(ticket, agent=other, by=PANEL)
    with pytest.raises(NotAllowed, match="Release"):
        assign.release(ticket, by=rows.by(mine))
    assign.assign(ticket, agent=mine, by=PANEL)
    assert assign.release(ticket, by=rows.by(mine)).agent is None
    assert ticket.events.order_by("pk").last().kind == "released"


def test_a_transfer_takes_the_ticket_from_an_agent_who_does_not_work_there() -> None:
    ticket, stays, goes = rows.ticket(), rows.agent(), rows.agent()
    sales = rows.department("Sales")
    rows.access(stays, sales)
    assign.assign(ticket, agent=stays, by=PANEL)
    assert assign.transfer(ticket, sales, by=PANEL).agent == stays
    back = assign.transfer(ticket, goes.department, by=PANEL)
    assign.assign(back, agent=goes, by=PANEL)
    assert assign.transfer(ticket, sales, by=PANEL, keeps_sight=True).agent is None
    assert Referral.objects.get().department == goes.department
    assert Ticket.objects.visible_to(goes.user).count() == 1


def test_an_archived_department_takes_nothing() -> None:
    ticket = rows.ticket()
    with pytest.raises(BadInput, match="archived"):
        assign.transfer(ticket, rows.department(is_archived=True), by=PANEL)
    with pytest.raises(NotAllowed):
        assign.transfer(ticket, rows.department(), by=rows.by(rows.agent(role="View only")))


def test_a_referral_shows_the_ticket_until_it_ends() -> None:
    ticket, outsider = rows.ticket(), rows.agent(department=rows.department())
    assert not Ticket.objects.visible_to(outsider.user).exists()
    row = assign.refer(ticket, agent=outsider, by=PANEL)
    assert assign.refer(ticket, agent=outsider, by=PANEL) == row
    assert Ticket.objects.visible_to(outsider.user).get() == ticket
    assign.end_referral(row, by=PANEL)
    assert not Ticket.objects.visible_to(outsider.user).exists()
    with pytest.raises(BadInput, match="Name one"):
        assign.refer(ticket, by=PANEL)


def test_following_twice_is_following_once() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    assign.follow(ticket, agent, by=rows.by(agent))
    assign.follow(ticket, agent, by=rows.by(agent))
    assert Follower.objects.count() == 1
    assign.unfollow(ticket, agent, by=rows.by(agent))
    assert not Follower.objects.exists()
