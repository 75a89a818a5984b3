"""Lines to a real SMTP server: which come about, which do not, and what its answers mean."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.tickets.smtp_server import Running, smtp_server
from tickets.choices import MailLogin, Security
from tickets.errors import MailLoginRefused, MailRefused, MailServerLost, MailServerUnreachable
from tickets.facts.outgoing import Letter
from tickets.outside.smtp import opened_smtp
from tickets.render.mail import mail_bytes

SENDER, TO = "support@desk.example", "lee@customer.example"


def sent(running: Running, to: str = TO) -> str:
    with closing(opened_smtp(running.facts())) as line:
        return line.send(SENDER, to, mail())


def mail(text: str = "Hello\n.\n..dots stay\n") -> bytes:
    at = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
    return mail_bytes(Letter(SENDER, TO, "Subject", text, "one@desk.example", at))


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Running]:
    with smtp_server(tmp_path) as running:
        yield running


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS, Security.NONE], ids=["TLS", "STARTTLS", "plain"])
@pytest.mark.parametrize(
    "login", [MailLogin.PASSWORD, MailLogin.OAUTH2, MailLogin.NONE], ids=["password", "OAuth2", "no login"]
)
def test_a_mail_arrives_byte_for_byte(tmp_path: Path, security: Security, login: MailLogin) -> None:
    with smtp_server(tmp_path, security=security, login=login) as running:
        with closing(opened_smtp(running.facts())) as line:
            assert "Taken" in line.send(SENDER, TO, mail())
            line.send(SENDER, TO, mail("another"))
        assert [one.content for one in running.keeper.taken] == [mail(), mail("another")]
        assert (running.keeper.taken[0].sender, running.keeper.taken[0].to) == (SENDER, TO)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS], ids=["TLS", "STARTTLS"])
def test_an_unknown_authority_gets_no_password(tmp_path: Path, security: Security) -> None:
    with (
        smtp_server(tmp_path, security=security, login=MailLogin.PASSWORD) as running,
        pytest.raises(MailServerUnreachable, match=r"is not trusted.*No password was sent"),
    ):
        opened_smtp(running.facts(ca_certificate=""))


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    with (
        smtp_server(tmp_path, security=Security.TLS) as running,
        pytest.raises(MailServerUnreachable, match="is not trusted"),
    ):
        opened_smtp(running.facts(host="127.0.0.1"))


def test_a_server_without_starttls_gets_nothing(plain: Running) -> None:
    with pytest.raises(MailServerUnreachable, match="offers no STARTTLS"):
        opened_smtp(plain.facts(security=Security.STARTTLS))


@pytest.mark.parametrize(
    ("login", "password"),
    [(MailLogin.PASSWORD, "wrong"), (MailLogin.OAUTH2, "old"), (MailLogin.PASSWORD, "비밀번호")],
    ids=["password", "access token", "password beyond ASCII"],
)
def test_a_wrong(tmp_path: Path, login: MailLogin, password: str) -> None:
    with (
        smtp_server(tmp_path, security=Security.TLS, login=login) as running,
        pytest.raises(MailLoginRefused) as caught,
    ):
        opened_smtp(running.facts(password=password))
    assert password not in str(caught.value)


def test_no_server_is_said_in_words(plain: Running) -> None:
    plain.stop()
    with pytest.raises(MailServerUnreachable, match="cannot be reached"):
        opened_smtp(plain.facts())


@pytest.mark.parametrize(
    ("answer", "is_permanent", "no_such_address"),
    [
        ("550 5.1.1 No such user", True, True),
        ("550 5.7.1 We do not like you", True, False),
        ("550 Requested action not taken", True, False),
        ("452 4.2.2 Mailbox full", False, False),
        ("450 4.7.1 Greylisted, come again", False, False),
    ],
    ids=["an unknown address", "a policy", "no reason", "a full mailbox", "greylisting"],
)
def test_a_recipient_can_be_refused_for(plain: Running, answer: str, is_permanent: bool, no_such_address: bool) -> None:
    plain.keeper.answers[TO] = answer
    with closing(opened_smtp(plain.facts())) as line:
        with pytest.raises(MailRefused) as caught:
            line.send(SENDER, TO, mail())
        line.send(SENDER, "other@customer.example", mail())
    assert (caught.value.is_permanent, caught.value.no_such_address) == (is_permanent, no_such_address)
    assert answer[4:] in str(caught.value)
    assert [one.to for one in plain.keeper.taken] == ["other@customer.example"]


def test_a_refused_sender_is_ours_to_mend_and_not_for_good(plain: Running) -> None:
    plain.keeper.sender_answer = "550 5.7.1 Not your address"
    with pytest.raises(MailRefused) as caught:
        sent(plain)
    assert not caught.value.is_permanent


def test_a_mail_can_be_refused_when_it_was_read(plain: Running) -> None:
    plain.keeper.data_answer = "554 5.7.1 Looks like spam"
    with pytest.raises(MailRefused, match="Looks like spam") as caught:
        sent(plain)
    assert caught.value.is_permanent


def test_a_line_that_breaks_leaves_the_outcome_open(plain: Running) -> None:
    plain.keeper.breaks_after = 1
    with pytest.raises(MailServerLost) as caught:
        sent(plain)
    assert not caught.value.nothing_touched


def test_a_server_that_says_421_has_closed_the_line(plain: Running) -> None:
    plain.keeper.answers[TO] = "421 4.3.2 Shutting down"
    with pytest.raises(MailServerLost):
        sent(plain)
