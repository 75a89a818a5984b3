"""Who gets which mail, as a verdict on facts."""

from __future__ import annotations

import pytest

from tickets.choices import MailKind
from tickets.facts.outgoing import Audience, Person
from tickets.rules.alerts import AGENT_FACTOR, FOR_AGENTS, automatic, cap_of, recipients
from tickets.rules.language import spoken
from tickets.rules.sender import from_name

OWNER = Person("c1", "lee@customer.example", "Lee")
COPY = Person("c2", "park@customer.example")
AGENT = Person("a1", "kim@desk.example", "Kim")
ALL = Audience(owner=OWNER, author=OWNER, collaborators=(COPY,), listed=(AGENT,), named=())


@pytest.mark.parametrize("kind", list(MailKind), ids=[kind.value for kind in MailKind])
def test_agents_mails_go_to_agents_only_and_customers_to_customers(kind: MailKind) -> None:
    assert all(person.is_agent == (kind in FOR_AGENTS) for person in recipients(kind, ALL))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (MailKind.TICKET_AUTORESPONSE, (OWNER,)),
        (MailKind.MESSAGE_AUTORESPONSE, (OWNER,)),
        (MailKind.TICKET_NOTICE, (OWNER, COPY)),
        (MailKind.TICKET_REPLY, (OWNER, COPY)),
        (MailKind.TICKET_RESOLVED, (OWNER,)),
        (MailKind.ACTIVITY_NOTICE, (OWNER, COPY)),
        (MailKind.TICKET_FORWARD, ()),
        (MailKind.TICKET_OVERLIMIT, ()),
        (MailKind.NOTE_ALERT, (AGENT,)),
        (MailKind.MAILBOX_ALERT, (AGENT,)),
    ],
    ids=lambda value: value.value if isinstance(value, MailKind) else None,
)
def test_by_kind(kind: MailKind, told: tuple[Person, ...]) -> None:
    assert recipients(kind, ALL) == told


def test_an_address_gets_one_mail_however_often_it_is_named() -> None:
    again = Person("c9", "LEE@customer.example")
    assert recipients(MailKind.TICKET_REPLY, Audience(owner=OWNER, collaborators=(again,))) == (OWNER,)


@pytest.mark.parametrize(
    "person",
    [Person("c3", ""), Person("c3", "no address"), Person("c3", "x@y.example", is_reachable=False)],
    ids=["no address", "a broken address", "one that bounced"],
)
def test_nothing_is_sent_to(person: Person) -> None:
    assert recipients(MailKind.TICKET_REPLY, Audience(owner=person)) == ()


def test_who_did_it_gets_the_answer_but_no_notice() -> None:
    audience = Audience(owner=OWNER, collaborators=(COPY,), silent=frozenset({OWNER.email}))
    assert recipients(MailKind.ACTIVITY_NOTICE, audience) == (COPY,)
    assert recipients(MailKind.TICKET_REPLY, audience) == (OWNER, COPY)


@pytest.mark.parametrize("kind", list(MailKind), ids=[kind.value for kind in MailKind])
def test_a_mail_to_ourselves_is_never_written(kind: MailKind) -> None:
    own = frozenset({OWNER.email, COPY.email, AGENT.email})
    audience = Audience(OWNER, OWNER, (COPY,), (AGENT,), (OWNER, AGENT), own_addresses=own)
    assert recipients(kind, audience) == ()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (MailKind.TICKET_AUTORESPONSE, "auto-replied"),
        (MailKind.TICKET_OVERLIMIT, "auto-replied"),
        (MailKind.TICKET_ALERT, "auto-generated"),
        (MailKind.TICKET_RESOLVED, "auto-generated"),
        (MailKind.TICKET_REPLY, ""),
        (MailKind.TICKET_FORWARD, ""),
    ],
    ids=lambda value: value.value if isinstance(value, MailKind) else None,
)
def test_auto_submitted(kind: MailKind, said: str) -> None:
    assert automatic(kind) == said


def test_agents_get_more_automatic_mails_than_customers() -> None:
    assert (cap_of(OWNER, 5), cap_of(AGENT, 5)) == (5, 5 * AGENT_FACTOR)


@pytest.mark.parametrize(
    ("kind", "hides", "name"),
    [
        (MailKind.TICKET_REPLY, False, "Kim (House)"),
        (MailKind.TICKET_REPLY, True, "House"),
        (MailKind.TICKET_ALERT, False, "Lee (House)"),
        (MailKind.TICKET_AUTORESPONSE, False, "House"),
    ],
    ids=["an answer", "an answer of a hidden agent", "an alert", "a receipt"],
)
def test_the_name_in_front_of_the_address_of(kind: MailKind, hides: bool, name: str) -> None:
    assert from_name(kind, house="House", agent="Kim", poster="Lee", hides_agents=hides) == name


@pytest.mark.parametrize(
    ("text", "language"),
    [("서버가 죽었습니다", "ko"), ("kernel panic 발생했습니다 확인 부탁드립니다", "ko"), ("The server is down", ""),
     ("Please ask 김민수 about the server that we rent from you", ""), ("", ""), ("12345 !!!", "")],
    ids=["Korean", "Korean with English words", "English", "a Korean name in English", "nothing", "no letters"],
)  # fmt: skip
def test_the_language_of(text: str, language: str) -> None:
    assert spoken(text) == language
