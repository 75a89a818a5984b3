"""The threading matrix: who writes, where the mail points, in what state that is, and what becomes of the mail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.choices import AutomaticKind, FateKind, PartRole, TicketState
from tickets.facts.mail import Address, Automatic, Bounce, BouncedRecipient, MailFacts
from tickets.facts.threading import Fate, Known, Spot
from tickets.rules.fate import fate_of
from tickets.rules.loops import may_be_answered, under_cap

OPEN, RESOLVED, CLOSED = TicketState.OPEN, TicketState.RESOLVED, TicketState.CLOSED
ARCHIVED, DELETED = TicketState.ARCHIVED, TicketState.DELETED
OWNER, COLLABORATOR, AGENT, STRANGER = PartRole.OWNER, PartRole.COLLABORATOR, PartRole.AGENT, PartRole.STRANGER
REPLY, NEW, NOTE, IGNORE, REJECT = FateKind.REPLY, FateKind.NEW, FateKind.NOTE, FateKind.IGNORE, FateKind.REJECT

DESK = frozenset({"ticket@desk.example"})
MAIL = MailFacts(sender=Address("ann@customer.example", "Ann"), subject="Printer", text="It is broken.")
OUT_OF_OFFICE = replace(MAIL, automatic=Automatic(AutomaticKind.REPLIED, "auto-submitted: auto-replied"))
SOUNDS_AWAY = replace(MAIL, automatic=Automatic(AutomaticKind.REPLIED, "subject", certain=False))
MONITORING = replace(MAIL, automatic=Automatic(AutomaticKind.GENERATED, "auto-submitted: auto-generated"))
NEWSLETTER = replace(MAIL, automatic=Automatic(AutomaticKind.LIST, "list-id: x"))
NO_ADDRESS = replace(MAIL, sender=Address("nobody", "Nobody"))
WITH_SPACES = replace(MAIL, sender=Address("an n@customer.example"))
FROM_US = replace(MAIL, sender=Address("Ticket@Desk.example"))


def bounce(*recipients: tuple[str, str]) -> MailFacts:
    """A report on these (action, status)."""
    failed = tuple(BouncedRecipient("ann@customer.example", action, status) for action, status in recipients)
    return replace(
        MAIL,
        sender=Address("MAILER-DAEMON@mx.example"),
        automatic=Automatic(AutomaticKind.BOUNCE, "report"),
        bounce=Bounce(failed),
    )


def spot(**fields: object) -> Spot:
    return Spot(**{"ticket": 1, "entry": 11, "role": OWNER, **fields})


def signed(**fields: object) -> Known:
    return Known(own_addresses=DESK, signed=(spot(**fields),))


def passive(**fields: object) -> Known:
    return Known(own_addresses=DESK, passive=(spot(**fields),))


def numbered(**fields: object) -> Known:
    return Known(own_addresses=DESK, numbered=(spot(entry=None, **fields),))


def agent(**fields: object) -> Known:
    return Known(own_addresses=DESK, agent=True, signed=(spot(**{"role": AGENT, "agent_mail": True, **fields}),))


PARENT = Spot(ticket=7, state=OPEN, role=STRANGER, recency=1.0)
LOOP = spot(state=CLOSED, parent=spot(ticket=2, parent=spot(ticket=3)))

MATRIX: dict[str, tuple[MailFacts, Known, dict[str, object]]] = {
    # where it points
    "nothing known": (MAIL, Known(own_addresses=DESK), {"kind": NEW, "answer": True, "ticket": None}),
    "signed id, open": (MAIL, signed(), {"kind": REPLY, "ticket": 1, "entry": 11, "reopen": False, "answer": True}),
    "foreign id, open": (MAIL, passive(), {"kind": REPLY, "ticket": 1, "answer": False}),
    "number in the subject, owner": (MAIL, numbered(), {"kind": REPLY, "ticket": 1, "answer": True}),
    "number in the subject, collaborator": (MAIL, numbered(role=COLLABORATOR), {"kind": REPLY, "ticket": 1}),
    "number in the subject, stranger": (MAIL, numbered(role=STRANGER), {"kind": NEW, "ticket": None, "follows": None}),
    "signed id before number": (
        MAIL,
        replace(signed(ticket=2), numbered=(spot(recency=9.0),)),
        {"kind": REPLY, "ticket": 2},
    ),
    "signed id before foreign id": (MAIL, replace(signed(ticket=2), passive=(spot(),)), {"ticket": 2, "answer": True}),
    "foreign id before number": (MAIL, replace(passive(ticket=3), numbered=(spot(),)), {"ticket": 3}),
    "two tickets, the newer first": (
        MAIL,
        Known(signed=(spot(ticket=5, recency=2.0), spot(ticket=6, recency=1.0))),
        {"ticket": 5},
    ),
    "two tickets, the newer last": (
        MAIL,
        Known(signed=(spot(ticket=5, recency=1.0), spot(ticket=6, recency=2.0))),
        {"ticket": 6},
    ),
    "two entries of one ticket": (
        MAIL,
        Known(signed=(spot(entry=12), spot(entry=11))),
        {"ticket": 1, "entry": 12},
    ),
    "a deleted and a living ticket": (
        MAIL,
        Known(signed=(spot(state=DELETED, recency=9.0), spot(ticket=6))),
        {"kind": REPLY, "ticket": 6},
    ),
    # in what state that is
    "resolved": (MAIL, signed(state=RESOLVED), {"kind": REPLY, "reopen": True, "ticket": 1}),
    "closed": (MAIL, signed(state=CLOSED), {"kind": REPLY, "reopen": True, "ticket": 1}),
    "closed for good": (
        MAIL,
        signed(state=CLOSED, reopenable=False),
        {"kind": NEW, "follows": 1, "ticket": None, "reopen": False, "answer": True},
    ),
    "resolved for good": (MAIL, signed(state=RESOLVED, reopenable=False), {"kind": NEW, "follows": 1}),
    "archived": (MAIL, signed(state=ARCHIVED), {"kind": NEW, "follows": 1, "reopen": False}),
    "deleted": (MAIL, signed(state=DELETED), {"kind": NEW, "ticket": None, "follows": None}),
    "merged": (MAIL, signed(state=CLOSED, parent=PARENT), {"kind": REPLY, "ticket": 7, "reopen": False}),
    "merged into a closed one": (
        MAIL,
        signed(state=CLOSED, parent=replace(PARENT, state=CLOSED)),
        {"kind": REPLY, "ticket": 7, "reopen": True},
    ),
    "merged into a deleted one": (
        MAIL,
        signed(state=CLOSED, parent=replace(PARENT, state=DELETED)),
        {"kind": NEW, "ticket": None},
    ),
    "merged twice": (MAIL, Known(signed=(LOOP,)), {"kind": REPLY, "ticket": 3}),
    "merged, by number, owner of the merged one": (
        MAIL,
        numbered(parent=replace(PARENT, role=COLLABORATOR)),
        {"kind": REPLY, "ticket": 7},
    ),
    # automatic mail
    "out of office on open": (OUT_OF_OFFICE, signed(), {"kind": REPLY, "reopen": False, "answer": False}),
    "out of office on resolved": (
        OUT_OF_OFFICE,
        signed(state=RESOLVED),
        {"kind": REPLY, "reopen": False, "answer": False},
    ),
    "out of office on closed": (OUT_OF_OFFICE, signed(state=CLOSED), {"kind": REPLY, "reopen": False, "answer": False}),
    "out of office on closed for good": (
        OUT_OF_OFFICE,
        signed(state=CLOSED, reopenable=False),
        {"kind": REPLY, "ticket": 1, "reopen": False, "answer": False},
    ),
    "out of office on archived": (OUT_OF_OFFICE, signed(state=ARCHIVED), {"kind": IGNORE}),
    "out of office to nothing": (OUT_OF_OFFICE, Known(), {"kind": IGNORE}),
    "sounds away, to nothing": (SOUNDS_AWAY, Known(), {"kind": NEW, "answer": False}),
    "sounds away, on closed": (SOUNDS_AWAY, signed(state=CLOSED), {"kind": REPLY, "reopen": False, "answer": False}),
    "a monitoring system": (MONITORING, Known(), {"kind": NEW, "answer": False}),
    "a monitoring system on resolved": (MONITORING, signed(state=RESOLVED), {"kind": REPLY, "reopen": False}),
    "a newsletter": (NEWSLETTER, Known(), {"kind": NEW, "answer": False}),
    # who writes
    "a stranger with a signed id": (MAIL, signed(role=STRANGER), {"kind": REPLY, "stranger": True}),
    "a stranger with a foreign id": (MAIL, passive(role=STRANGER), {"kind": REPLY, "stranger": True, "answer": False}),
    "an unregistered sender": (MAIL, Known(registered=False), {"kind": NEW}),
    "an unregistered sender where none may": (
        MAIL,
        Known(registered=False, accept_unregistered=False),
        {"kind": REJECT, "answer": False},
    ),
    "an unregistered sender who answers": (
        MAIL,
        replace(signed(), registered=False, accept_unregistered=False),
        {"kind": REPLY},
    ),
    "a banned sender": (MAIL, replace(signed(), banned=True), {"kind": REJECT, "ticket": None}),
    "at the limit of open tickets": (
        MAIL,
        Known(open_tickets=3, max_open=3),
        {"kind": REJECT, "over_limit": True, "answer": False},
    ),
    "below the limit of open tickets": (MAIL, Known(open_tickets=2, max_open=3), {"kind": NEW, "over_limit": False}),
    "no limit of open tickets": (MAIL, Known(open_tickets=1000, max_open=0), {"kind": NEW}),
    "at the limit, a program": (MONITORING, Known(open_tickets=3, max_open=3), {"kind": REJECT, "over_limit": False}),
    "at the limit, answering": (MAIL, replace(signed(), open_tickets=3, max_open=3), {"kind": REPLY}),
    "at the limit, answering an archived one": (
        MAIL,
        replace(signed(state=ARCHIVED), open_tickets=3, max_open=3),
        {"kind": REJECT, "over_limit": True},
    ),
    "no address": (NO_ADDRESS, signed(), {"kind": REJECT}),
    "an address with spaces": (WITH_SPACES, Known(), {"kind": REJECT}),
    "one of our addresses, by hand": (FROM_US, Known(own_addresses=DESK), {"kind": NEW, "answer": False}),
    "one of our addresses, by a program": (
        replace(FROM_US, automatic=MONITORING.automatic),
        Known(own_addresses=DESK),
        {"kind": IGNORE},
    ),
    # agents
    "an agent who proves it": (MAIL, agent(proves_sender=True), {"kind": REPLY, "as_agent": True, "stranger": False}),
    "an agent who proves it, closed": (
        MAIL,
        agent(proves_sender=True, state=CLOSED),
        {"kind": REPLY, "as_agent": True, "reopen": True},
    ),
    "an agent who does not prove it": (MAIL, agent(), {"kind": NOTE, "ticket": 1, "as_agent": False}),
    "an agent by number only": (
        MAIL,
        replace(numbered(role=AGENT), agent=True),
        {"kind": NOTE, "ticket": 1, "as_agent": False},
    ),
    "an agent by a foreign id": (MAIL, replace(passive(role=AGENT), agent=True), {"kind": NOTE, "as_agent": False}),
    "an agent who is the owner": (
        MAIL,
        replace(signed(role=OWNER, proves_sender=True), agent=True),
        {"kind": REPLY, "as_agent": False},
    ),
    "an agent's out of office": (OUT_OF_OFFICE, agent(proves_sender=True), {"kind": IGNORE}),
    "an agent on archived": (MAIL, agent(proves_sender=True, state=ARCHIVED), {"kind": NOTE, "as_agent": False}),
    "an agent about nothing": (MAIL, Known(agent=True), {"kind": NEW}),
    "a customer with an agent's mail": (MAIL, signed(agent_mail=True, role=STRANGER), {"kind": NOTE, "stranger": True}),
    # bounces
    "a bounce, no such address": (
        bounce(("failed", "5.1.1")),
        Known(bounced=(spot(),)),
        {"kind": NOTE, "ticket": 1, "entry": 11, "failed_addresses": ("ann@customer.example",), "answer": False},
    ),
    "a bounce, mailbox full": (
        bounce(("failed", "5.2.2")),
        Known(bounced=(spot(),)),
        {"kind": NOTE, "failed_addresses": ()},
    ),
    "a bounce, delayed": (
        bounce(("delayed", "4.4.1")),
        Known(bounced=(spot(),)),
        {"kind": NOTE, "failed_addresses": ()},
    ),
    "a bounce on a closed ticket": (
        bounce(("failed", "5.1.1")),
        Known(bounced=(spot(state=CLOSED),)),
        {"kind": NOTE, "reopen": False},
    ),
    "a bounce of a mail to an agent": (
        bounce(("failed", "5.1.1")),
        Known(bounced=(spot(agent_mail=True, role=STRANGER),)),
        {"kind": NOTE, "answer": False},
    ),
    "a made-up bounce": (bounce(("failed", "5.1.1")), signed(), {"kind": IGNORE, "failed_addresses": ()}),
    "a bounce from a banned domain": (
        bounce(("failed", "5.1.1")),
        Known(banned=True, bounced=(spot(),)),
        {"kind": NOTE},
    ),
    # what is no news
    "taken in before": (MAIL, replace(signed(), taken_in=True), {"kind": IGNORE}),
    "a mail of ours that came back": (MAIL, replace(signed(), ours=True), {"kind": IGNORE}),
}


@pytest.mark.parametrize("case", MATRIX)
def test_the_matrix_of_mails(case: str) -> None:
    mail, known, wanted = MATRIX[case]
    fate = fate_of(mail, known)
    assert {name: getattr(fate, name) for name in wanted} == wanted
    assert str(fate.why)


STATES, ROLES = st.sampled_from(list(TicketState)), st.sampled_from(list(PartRole))
SPOTS = st.builds(
    Spot,
    ticket=st.integers(1, 4),
    entry=st.none() | st.integers(1, 9),
    state=STATES,
    role=ROLES,
    reopenable=st.booleans(),
    proves_sender=st.booleans(),
    agent_mail=st.booleans(),
    recency=st.sampled_from([0.0, 1.0, 2.0]),
    parent=st.none() | st.builds(Spot, ticket=st.integers(5, 6), state=STATES, role=ROLES),
)
PLACES = st.lists(SPOTS, max_size=2).map(tuple)
KNOWN = st.builds(
    Known,
    ours=st.booleans(),
    taken_in=st.booleans(),
    own_addresses=st.sampled_from([frozenset(), DESK]),
    agent=st.booleans(),
    banned=st.booleans(),
    registered=st.booleans(),
    accept_unregistered=st.booleans(),
    open_tickets=st.integers(0, 3),
    max_open=st.integers(0, 3),
    signed=PLACES,
    passive=PLACES,
    numbered=PLACES,
    bounced=PLACES,
)
MAILS = st.sampled_from(
    [MAIL, OUT_OF_OFFICE, SOUNDS_AWAY, MONITORING, NEWSLETTER, NO_ADDRESS, FROM_US, bounce(("failed", "5.1.1"))]
)


def _states(known: Known) -> dict[int, set[TicketState]]:
    found: dict[int, set[TicketState]] = {}
    for one in (*known.signed, *known.passive, *known.numbered, *known.bounced):
        for each in (one, one.parent):
            if each is not None:
                found.setdefault(each.ticket, set()).add(each.state)
    return found


@given(MAILS, KNOWN)
def test_whatever_is_known_the_laws_hold(mail: MailFacts, known: Known) -> None:
    fate = fate_of(mail, known)
    _laws_of_shape(fate)
    _laws_of_loops(mail, known, fate)
    _laws_of_trust(known, fate)


def _laws_of_shape(fate: Fate) -> None:
    assert (fate.ticket is not None) or fate.kind not in {REPLY, NOTE}
    assert fate.kind is REPLY or not (fate.reopen or fate.as_agent)
    assert fate.kind is NEW or fate.follows is None
    assert not (fate.answer and fate.kind in {IGNORE, REJECT, NOTE})


def _laws_of_loops(mail: MailFacts, known: Known, fate: Fate) -> None:
    if mail.automatic is not None or mail.bounce is not None:
        assert not fate.answer
        assert not fate.reopen
        assert not fate.over_limit
    if known.ours or known.taken_in:
        assert fate.kind is IGNORE


def _laws_of_trust(known: Known, fate: Fate) -> None:
    if fate.as_agent:
        assert known.agent
        assert any(one.proves_sender for one in known.signed)
    if known.banned:
        assert fate.kind in {REJECT, IGNORE, NOTE}
    if fate.kind is REPLY:
        assert DELETED not in _states(known)[fate.ticket] or len(_states(known)[fate.ticket]) > 1
    if not known.signed and not known.passive and fate.kind in {REPLY, NOTE} and not known.bounced:
        assert any(one.role is not STRANGER or one.parent is not None for one in known.numbered)


def test_who_may_not_open_a_ticket_is_told_that_reason_even_where_he_answers_an_old_one() -> None:
    fate = fate_of(MAIL, replace(signed(state=ARCHIVED), open_tickets=3, max_open=3))
    assert "3 open tickets" in str(fate.why)


@pytest.mark.parametrize(
    ("mail", "may"),
    [
        (MAIL, True),
        (OUT_OF_OFFICE, False),
        (SOUNDS_AWAY, False),
        (MONITORING, False),
        (NEWSLETTER, False),
        (NO_ADDRESS, False),
        (FROM_US, False),
        (bounce(("failed", "5.1.1")), False),
    ],
    ids=["a person", "out of office", "sounds away", "a program", "a list", "no address", "ourselves", "a bounce"],
)
def test_only_people_with_an_address_get_automatic_answers(mail: MailFacts, may: bool) -> None:
    assert may_be_answered(mail, DESK) is may


def test_a_robot_that_answers_everything_is_answered_no_more_than_the_cap() -> None:
    sent = 0
    for _ in range(10_000):
        sent += under_cap(sent, 5)
    assert sent == 5
