"""Mail servers from outside: a real Dovecot over IMAP and POP3, and what is said where there is no way in."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.tickets import dovecot
from tests.tickets.dovecot import Dovecot
from tickets.choices import AfterFetch, MailProtocol, Security
from tickets.errors import MailGone, MailLoginRefused, MailServerLost, MailServerUnreachable
from tickets.facts.mailbox import RemoteMail
from tickets.outside.imap import opened_imap
from tickets.outside.mail_server import opened, try_out

pytestmark = [
    pytest.mark.mailserver,
    pytest.mark.skipif(bool(dovecot.missing()), reason=dovecot.missing() or "Dovecot is there"),
]
IMAP, POP3 = MailProtocol.IMAP, MailProtocol.POP3
BOTH = pytest.mark.parametrize("protocol", [IMAP, POP3])


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as made:
        yield made


@pytest.fixture(autouse=True)
def _empty(server: Dovecot) -> None:
    server.empty()


def mail(number: int = 1, body: bytes = b"text\n") -> bytes:
    return b"From: a@b.example\nSubject: mail %d\nMessage-ID: <%d@b.example>\n\n" % (number, number) + body


def crlf(raw: bytes) -> bytes:
    return raw.replace(b"\n", b"\r\n")


@BOTH
@pytest.mark.parametrize("security", list(Security))
def test_mails_come_oldest_first_as_they_are(server: Dovecot, protocol: MailProtocol, security: Security) -> None:
    raw = [mail(number, b"line\n.\n..dots\n.x\n") for number in range(1, 4)]
    for each in raw:
        server.deliver(each)
    with opened(server.server(protocol=protocol, security=security)) as box:
        mails = box.mails_after(0, 0)
        assert [b"".join(box.pieces(one)) for one in mails] == [crlf(each) for each in raw]
    assert server.count() == 3


@BOTH
def test_a_mail_of_many_megabytes_and_endless_lines_comes_in_pieces(server: Dovecot, protocol: MailProtocol) -> None:
    raw = mail(1, b"x" * 3_000_000 + b"\n." + b"y" * 100_000 + b"\n" + b"short\n" * 200_000)
    server.deliver(raw)
    with opened(server.server(protocol=protocol)) as box:
        pieces = list(box.pieces(box.mails_after(0, 0)[0]))
    assert b"".join(pieces) == crlf(raw)
    assert max(map(len, pieces)) < 1_200_000


@BOTH
def test_small_mails_come_together_and_large_ones_do_not(server: Dovecot, protocol: MailProtocol) -> None:
    raw = [mail(1, b".\n..dots\n"), mail(2, b"x" * 70_000 + b"\n"), mail(3)]
    for each in raw:
        server.deliver(each)
    with opened(server.server(protocol=protocol)) as box:
        first, large, last = mails = box.mails_after(0, 0)
        gone = RemoteMail("nowhere", 99)
        assert box.small_ones([]) == {}
        assert box.small_ones([*mails, gone]) == {first.remote_id: crlf(raw[0]), last.remote_id: crlf(raw[2])}
        assert b"".join(box.pieces(large)) == crlf(raw[1]), "the line is where it should be"
    assert server.count() == 3


@BOTH
def test_what_is_deleted_is_gone_and_the_rest_is_there(server: Dovecot, protocol: MailProtocol) -> None:
    for number in (1, 2, 3):
        server.deliver(mail(number))
    with opened(server.server(protocol=protocol)) as box:
        first, _, last = box.mails_after(0, 0)
        box.put_away([first.remote_id, last.remote_id])
        box.put_away([first.remote_id])
    assert server.mails() == [mail(2)]


def test_pop3_deletes_nothing_where_the_session_ended_badly(server: Dovecot) -> None:
    server.deliver(mail())
    with pytest.raises(ZeroDivisionError), opened(server.server(protocol=POP3)) as box:  # noqa: PT012
        box.put_away([box.mails_after(0, 0)[0].remote_id])
        raise ZeroDivisionError
    assert server.count() == 1


def test_a_mail_is_moved_into_a_folder_that_is_made_for_it(server: Dovecot) -> None:
    server.deliver(mail())
    facts = server.server(after_fetch=AfterFetch.MOVE, move_to="Fetched")
    with opened(facts) as box:
        assert not box.has_folder("Fetched")
        box.put_away([one.remote_id for one in box.mails_after(0, 0)])
        assert box.has_folder("Fetched")
    assert (server.count(), server.count(folder="Fetched")) == (0, 1)


@BOTH
def test_a_mail_that_is_only_marked_stays(server: Dovecot, protocol: MailProtocol) -> None:
    server.deliver(mail())
    with opened(server.server(protocol=protocol, after_fetch=AfterFetch.MARK)) as box:
        box.put_away([one.remote_id for one in box.mails_after(0, 0)])
    assert server.count() == 1
    assert server.seen() == (protocol == IMAP)


def test_reading_marks_nothing(server: Dovecot) -> None:
    server.deliver(mail())
    with opened(server.server()) as box:
        assert b"".join(box.pieces(box.mails_after(0, 0)[0]))
    assert server.seen() == 0


def test_only_what_is_new_is_listed_unless_the_folder_was_made_anew(server: Dovecot) -> None:
    for number in (1, 2):
        server.deliver(mail(number))
    with opened(server.server()) as box:
        mails = box.mails_after(0, 0)
        assert [one.number for one in box.mails_after(box.uid_validity, mails[0].number)] == [mails[1].number]
        assert box.mails_after(box.uid_validity, mails[1].number) == []
        assert len(box.mails_after(box.uid_validity + 1, mails[1].number)) == 2


@BOTH
def test_a_mail_that_somebody_else_took_is_said_to_be_gone(server: Dovecot, protocol: MailProtocol) -> None:
    server.deliver(mail())
    with opened(server.server(protocol=protocol)) as box:
        there = box.mails_after(0, 0)[0]
        with pytest.raises((MailGone, MailServerLost)):
            list(box.pieces(RemoteMail("1:999", there.number + 900)))


def test_a_mail_that_arrives_is_told_on_the_line(server: Dovecot) -> None:
    server.deliver(mail())
    with opened(server.server()) as box:
        assert box.can_wait
        assert box.wait(0.05) is False
        bell = threading.Timer(0.2, server.deliver, [mail(2)])
        bell.start()
        assert box.wait(10) is True
        bell.join()
        assert len(box.mails_after(0, 0)) == 2


@BOTH
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_of_an_unknown_authority_gets_no_password(
    server: Dovecot, protocol: MailProtocol, security: Security
) -> None:
    with (
        pytest.raises(MailServerUnreachable, match=r"not trusted.*No password was sent"),
        opened(server.server(protocol=protocol, security=security, ca_certificate="")),
    ):
        pass


@BOTH
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_for_another_name_gets_no_password(
    server: Dovecot, protocol: MailProtocol, security: Security
) -> None:
    with (
        pytest.raises(MailServerUnreachable, match=r"not valid for .127\.0\.0\.1."),
        opened(server.server(protocol=protocol, security=security, host="127.0.0.1")),
    ):
        pass


@BOTH
def test_a_wrong_password_is_told_as_such(server: Dovecot, protocol: MailProtocol) -> None:
    with (
        pytest.raises(MailLoginRefused, match="does not accept the login"),
        opened(server.server(protocol=protocol, password="wrong")),
    ):
        pass


@BOTH
def test_oauth2_where_the_server_knows_none_is_a_refusal(server: Dovecot, protocol: MailProtocol) -> None:
    with (
        pytest.raises(MailLoginRefused),
        opened(server.server(protocol=protocol, login="oauth2", password="token")),
    ):
        pass


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"port": 1}, "cannot be reached"),
        ({"host": "no-such-host.invalid"}, "is not known"),
        ({"ca_certificate": "no PEM"}, "no readable PEM"),
    ],
    ids=["nobody listens", "no such name", "a broken authority"],
)
@BOTH
def test_no_way_in_is_explained(server: Dovecot, protocol: MailProtocol, fields: dict[str, object], words: str) -> None:
    with pytest.raises(MailServerUnreachable, match=words), opened(server.server(protocol=protocol, **fields)):
        pass


def test_the_wrong_port_is_explained(server: Dovecot) -> None:
    with (
        pytest.raises(MailServerUnreachable, match="does not speak IMAP"),
        opened_imap(server.server(port=server.ports["pop3"], security=Security.NONE)),
    ):
        pass
    with pytest.raises(MailServerUnreachable, match="right port"), opened(server.server(port=server.ports["imap"])):
        pass


def test_a_folder_that_is_not_there_is_explained(server: Dovecot) -> None:
    with (
        pytest.raises(MailServerUnreachable, match="Nowhere cannot be opened"),
        opened(server.server(folder="Nowhere")),
    ):
        pass


@BOTH
def test_a_connection_test_tells_its_steps_and_changes_nothing(server: Dovecot, protocol: MailProtocol) -> None:
    server.deliver(mail())
    steps = try_out(server.server(protocol=protocol, after_fetch=AfterFetch.MOVE, move_to="Fetched"))
    assert [step.ok for step in steps] == [True] * (3 if protocol == IMAP else 2)
    assert "1 mails" in str(steps[1].why)
    assert server.count() == 1
    assert not server.maildir("ticket", "Fetched").exists()


def test_a_connection_test_tells_what_is_wrong(server: Dovecot) -> None:
    (step,) = try_out(server.server(password="wrong"))
    assert not step.ok
    assert "login" in str(step.why)


def test_secrets_are_in_no_text_form(server: Dovecot) -> None:
    assert dovecot.PASSWORD not in repr(server.server())


def test_a_server_that_goes_away_is_a_lost_session() -> None:
    with pytest.raises(MailServerLost, match="kept"):  # noqa: PT012
        with dovecot.running() as short:
            short.deliver(mail())
            facts = short.server()
            context = opened(facts)
            box = context.__enter__()
        box.mails_after(0, 0)
