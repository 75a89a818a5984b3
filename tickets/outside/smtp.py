"""Mail over SMTP (RFC 5321), by TLS or STARTTLS with verification: the bytes of a mail in, what the server said out."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from hosts.facts.words import Words, gettext_noop, plain, words
from tickets.choices import MailLogin, Security
from tickets.errors import MailLoginRefused, MailRefused, MailServerLost, MailServerUnreachable
from tickets.facts.smtp import SmtpServer
from tickets.outside.secure import ANSWER_SECONDS, explained, require_loopback, trust

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NO_SUCH_ADDRESS = frozenset({"1", "2", "3", "6", "10"})
"""5.1.x of RFC 3463 and 7505 that speak of the address: mailbox, system, syntax, moved, null MX."""

_ABOUT_THE_MAIL = frozenset({500, 501, 552, 555})
_CLOSING = 421
_LONGEST_SAID = 300
DATA_SECONDS = 300.0
"""A server may look at a mail for spam before it says that it has it; to hang up then would send the mail twice."""


class Line(Protocol):
    """An open way to a server."""

    def send(self, from_email: str, to_email: str, mail: bytes) -> str:
        """Hand over a mail; what the server said to it. MailRefused, or MailServerLost where the outcome is unknown."""
        ...

    def close(self) -> None:
        """Say goodbye; never fails."""
        ...


class SmtpLine:
    """A session that takes one mail after the other."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client

    def send(self, from_email: str, to_email: str, mail: bytes) -> str:
        """MAIL, RCPT and DATA for one recipient."""
        with _talking():
            size = (f"SIZE={len(mail)}",) if self._client.has_extn("size") else ()
            self._expect(self._client.mail(from_email, size), is_about_the_sender=True)
            self._expect(self._client.rcpt(to_email))
            self._be_patient(DATA_SECONDS)
            try:
                return self._expect(self._client.data(mail))
            except smtplib.SMTPDataError as error:
                return self._expect((error.smtp_code, error.smtp_error))
            finally:
                self._be_patient(ANSWER_SECONDS)

    def close(self) -> None:
        """QUIT, whatever the server says to it."""
        with suppress(smtplib.SMTPException, OSError):
            self._client.quit()

    def _be_patient(self, seconds: float) -> None:
        if self._client.sock is not None:
            self._client.sock.settimeout(seconds)

    def _expect(self, answer: tuple[int, bytes | str], *, is_about_the_sender: bool = False) -> str:
        """What was said, where it is 2xx. A refusal of the sender is ours to mend, so it is not for good."""
        code, raw = answer
        said = _said(raw)
        if 200 <= code < 300:
            return said
        if code == _CLOSING or code < 0:
            raise MailServerLost(words(gettext_noop("The mail server closed the line: %(said)s"), said=plain(said)))
        with suppress(smtplib.SMTPException, OSError):
            self._client.rset()
        is_final = code >= 500 and (not is_about_the_sender or code in _ABOUT_THE_MAIL)
        raise MailRefused(_refusal(code, said), is_permanent=is_final, no_such_address=is_final and _no_address(said))


def opened_smtp(server: SmtpServer) -> SmtpLine:
    """Connect, encrypt and log in. MailServerUnreachable where no session came about; nothing was sent then."""
    with explained(server.host, server.port), _greeting(server):
        client = _connected(server)
        try:
            _log_in(client, server)
        except BaseException:
            client.close()
            raise
    return SmtpLine(client)


def _connected(server: SmtpServer) -> smtplib.SMTP:
    context = trust(server.ca_certificate)
    if server.security == Security.TLS:
        return smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=server.hello, timeout=ANSWER_SECONDS, context=context
        )
    client = smtplib.SMTP(server.host, server.port, local_hostname=server.hello, timeout=ANSWER_SECONDS)
    try:
        if server.security == Security.STARTTLS:
            client.starttls(context=context)
        elif client.sock is not None:
            require_loopback(client.sock)
    except BaseException:
        client.close()
        raise
    return client


def _log_in(client: smtplib.SMTP, server: SmtpServer) -> None:
    client.ehlo_or_helo_if_needed()
    if server.login == MailLogin.PASSWORD:
        client.login(server.username, server.password)
    elif server.login == MailLogin.OAUTH2:
        said = f"user={server.username}\x01auth=Bearer {server.password}\x01\x01"

        def answer(challenge: bytes | None = None) -> str:
            return "" if challenge else said  # an empty line ends the server's explanation of a refusal

        client.auth("XOAUTH2", answer)


@contextmanager
def _greeting(server: SmtpServer) -> Iterator[None]:
    """What smtplib raises before a session is there, in words."""
    where = f"{server.host}:{server.port}"
    try:
        yield
    except UnicodeEncodeError as error:  # smtplib logs in with ASCII only
        raise MailLoginRefused(
            words(gettext_noop("The login at %(where)s may hold letters, digits and signs of ASCII only."), where=where)
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        why = plain(_said(error.smtp_error))
        if error.smtp_code < 500:
            raise _no_session(where, why) from error
        raise MailLoginRefused(
            words(gettext_noop("%(where)s does not accept the login: %(why)s"), where=where, why=why)
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        if server.security == Security.STARTTLS and "STARTTLS" in str(error):
            raise MailServerUnreachable(
                words(gettext_noop("%(where)s offers no STARTTLS. No password was sent."), where=where)
            ) from error
        raise MailLoginRefused(
            words(gettext_noop("%(where)s offers no way to log in that the panel knows."), where=where)
        ) from error
    except smtplib.SMTPResponseException as error:
        raise _no_session(where, plain(_said(error.smtp_error))) from error
    except smtplib.SMTPException as error:
        raise _no_session(where, plain(str(error))) from error


def _no_session(where: str, why: Words) -> MailServerUnreachable:
    return MailServerUnreachable(words(gettext_noop("%(where)s takes no mail now: %(why)s"), where=where, why=why))


@contextmanager
def _talking() -> Iterator[None]:
    """A line that breaks in the middle: whether the server has the mail is not known."""
    try:
        yield
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerLost(
            words(gettext_noop("The line to the mail server broke: %(why)s."), why=plain(str(error) or "?"))
        ) from error


def _refusal(code: int, said: str) -> Words:
    return words(gettext_noop("The mail server says %(code)s: %(said)s"), code=code, said=plain(said or "?"))


def _no_address(said: str) -> bool:
    match = _STATUS.search(said)
    return match is not None and (match[1], match[2]) == ("5", "1") and match[3] in _NO_SUCH_ADDRESS


def _said(raw: bytes | str) -> str:
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return " ".join(text.split())[:_LONGEST_SAID]
