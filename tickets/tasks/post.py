"""Mails from the outbox to SMTP servers: one line for each server, kept open while there is something to send."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from hosts.errors import Explainable
from hosts.facts.words import Words, gettext_noop, plain, reason, words
from tickets.choices import MailLogin
from tickets.errors import MailRefused, MailServerLost
from tickets.facts.mailbox import Step
from tickets.models import Mailbox, OutgoingMail
from tickets.outside.oauth import access_token
from tickets.outside.smtp import Line, opened_smtp
from tickets.render.header_lines import wire_address
from tickets.render.mail import mail_bytes
from tickets.services import outbox
from tickets.services.mailboxes import keep_refresh_token


class NoWay(Explainable):
    """No server that could send the mail takes it now."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A mail as a server takes it."""

    sender: str
    to: str
    content: bytes


class Post:
    """Sends mails one after the other. A server that cannot be reached is not asked again in the same round."""

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}
        self._closed: dict[int, Words] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def send(self, mail_id: int) -> None:
        """Claim, hand over, record; a mail that somebody else has is passed over."""
        mail = outbox.claim_mail(mail_id, claim=uuid.uuid4())
        if mail is None:
            return
        try:
            mailbox, line = self._way(mail)
        except NoWay as error:
            outbox.postpone_mail(mail, why=reason(error), is_line=True)
            return
        try:
            sealed = _Sealed(wire_address(mail.from_email), wire_address(mail.to_email), mail_bytes(mail.letter()))
        except (Explainable, OSError) as error:  # an address no server takes, a file that is gone from the disk
            outbox.record_failed(mail, why=reason(error))
            return
        if outbox.touch_mail(mail):
            self._hand_over(mail, sealed, mailbox, line)

    def _hand_over(self, mail: OutgoingMail, sealed: _Sealed, mailbox: Mailbox, line: Line) -> None:
        try:
            line.send(sealed.sender, sealed.to, sealed.content)
        except MailRefused as error:
            if error.is_permanent:
                outbox.record_failed(mail, why=reason(error), no_such_address=error.no_such_address)
            else:
                outbox.postpone_mail(mail, why=reason(error))
        except MailServerLost as error:
            self._lines.pop(mailbox.pk).close()
            outbox.postpone_mail(mail, why=reason(error), is_line=True)
        else:
            outbox.record_sent(mail)

    def _way(self, mail: OutgoingMail) -> tuple[Mailbox, Line]:
        """An open line, of the mail's own mailbox or of what is to be tried instead."""
        ways = outbox.ways_of(mail)
        if not ways:
            raise NoWay(words(gettext_noop("No mailbox has an SMTP server, so the mail waits. Name one at a mailbox.")))
        for mailbox in ways:
            with suppress(Explainable):
                line = self._line(mailbox)
                outbox.give_sender(mail, mailbox)
                return mailbox, line
        raise NoWay(self._closed[ways[0].pk])

    def _line(self, mailbox: Mailbox) -> Line:
        if mailbox.pk in self._closed:
            raise NoWay(self._closed[mailbox.pk])
        if mailbox.pk not in self._lines:
            try:
                self._lines[mailbox.pk] = opened_smtp(mailbox.smtp_facts(_token(mailbox)))
            except Explainable as error:
                self._closed[mailbox.pk] = reason(error)
                raise
        return self._lines[mailbox.pk]


def try_sending(mailbox: Mailbox) -> list[Step]:
    """A step of a connection test: connect to the SMTP server and log in; nothing is sent. None without a server."""
    if not mailbox.smtp_host:
        return []
    name = words(gettext_noop("Connect to the SMTP server and log in"))
    try:
        opened_smtp(mailbox.smtp_facts(_token(mailbox))).close()
    except Explainable as error:
        return [Step(name, ok=False, why=reason(error))]
    return [Step(name, ok=True, why=plain(f"{mailbox.smtp_host}:{mailbox.smtp_port}"))]


def _token(mailbox: Mailbox) -> str:
    """A fresh access token where the login is by OAuth2."""
    grant = mailbox.smtp_facts().grant if mailbox.smtp_login == MailLogin.OAUTH2 else None
    if grant is None:
        return ""
    found = access_token(grant, ca_certificate=mailbox.ca_certificate)
    if found.refresh_token:
        keep_refresh_token(mailbox, found.refresh_token, which="smtp_secret")
    return found.token
