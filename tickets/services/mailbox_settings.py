"""Mailboxes as people set them up: typed settings and secrets in, a row with everything sealed out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.models.sealed import Sealed
from hosts.services.audit import Actor
from tickets.choices import AfterFetch, MailboxState, MailLogin, MailProtocol
from tickets.models import Mailbox
from tickets.services.order import save_row

SECRETS = {"secret": "login", "smtp_secret": "smtp_login"}
NEEDED = {
    MailLogin.PASSWORD: ("password",),
    MailLogin.OAUTH2: ("token_url", "client_id", "refresh_token"),
}
"""What a login cannot do without."""
WHERE = ("protocol", "host", "port", "username", "folder")
"""What decides which mailbox on which server it is: with another one nothing is known of its mails."""
LINE = (*WHERE, "security", "login", "ca_certificate")


@transaction.atomic
def save_mailbox(mailbox: Mailbox, *, by: Actor, typed: Mapping[str, Mapping[str, str]] | None = None) -> Mailbox:
    """Create or change a mailbox. `typed` is {"secret": {...}, "smtp_secret": {...}}: passwords or parts of a grant.

    What is empty there leaves what is stored. BadInput where a login lacks what it needs.
    """
    old = Mailbox.objects.select_for_update(of=("self",)).get(pk=mailbox.pk) if mailbox.pk else None
    columns: dict[str, Any] = {}
    extra: dict[str, list[str]] = {}
    for column, login in SECRETS.items():
        given = {name: value for name, value in (typed or {}).get(column, {}).items() if value}
        if given:
            extra[column] = ["", "changed"]
        columns[column] = _sealed(mailbox, old, column, str(getattr(mailbox, login)), given)
    _follow_password(mailbox, columns)
    _require_server(mailbox)
    if old is None or extra or any(getattr(old, name) != getattr(mailbox, name) for name in LINE):
        columns |= {"state": MailboxState.NEW, "state_why": "", "failures": 0, "next_poll_at": timezone.now()}
    if old is not None and any(getattr(old, name) != getattr(mailbox, name) for name in WHERE):
        columns |= {"uid_validity": 0, "last_uid": 0}
    for name, value in columns.items():
        setattr(mailbox, name, value)
    return save_row(mailbox, by=by, extra=extra, columns=columns)


def _sealed(mailbox: Mailbox, old: Mailbox | None, column: str, login: str, given: dict[str, str]) -> Sealed | None:
    """What is to be stored: the old secret with what was typed in its places, and nothing where no login is wanted."""
    stored: Sealed | None = getattr(old, column) if old else None
    if login == MailLogin.NONE:
        return None
    if not given and stored is not None and getattr(old, SECRETS[column]) == login:
        return stored
    known = old.opened(column) if old is not None and stored is not None else {}
    whole = {name: value for name, value in (known | given).items() if value}
    is_used = mailbox.protocol != MailProtocol.NONE if column == "secret" else bool(mailbox.smtp_host)
    lacking = [name for name in NEEDED[MailLogin(login)] if not whole.get(name)]
    if lacking and is_used and not (column == "smtp_secret" and login == MailLogin.PASSWORD):
        raise BadInput(
            words(
                gettext_noop("Without a password the server lets nobody in. Type it, or choose “No login”.")
                if login == MailLogin.PASSWORD
                else gettext_noop("OAuth2 needs the address of the token server, the client id and a refresh token.")
            ),
            field=lacking[0],
        )
    return Sealed.of(json.dumps(whole)) if whole else None


def _follow_password(mailbox: Mailbox, columns: dict[str, Any]) -> None:
    """Where no password was ever typed for sending, the one for fetching is meant: it is the same account mostly."""
    if not mailbox.smtp_host or mailbox.smtp_login != MailLogin.PASSWORD:
        return
    if columns["smtp_secret"] is None and mailbox.login == MailLogin.PASSWORD:
        columns["smtp_secret"] = columns["secret"]
        mailbox.smtp_username = mailbox.smtp_username or mailbox.username
    if columns["smtp_secret"] is None:
        raise BadInput(
            words(gettext_noop("Without a password the SMTP server takes nothing. Type it, or choose “No login”.")),
            field="smtp_password",
        )


def _require_server(mailbox: Mailbox) -> None:
    """What cannot work is refused while somebody looks, not at the first poll."""
    if mailbox.protocol == MailProtocol.NONE:
        return
    if not mailbox.host:
        raise BadInput(words(gettext_noop("Which server is the mail fetched from? Type its name.")), field="host")
    if mailbox.protocol == MailProtocol.POP3 and mailbox.after_fetch == AfterFetch.MOVE:
        mailbox.after_fetch = AfterFetch.MARK  # there are no folders to move to; nothing is deleted unasked
    if mailbox.after_fetch == AfterFetch.MOVE and mailbox.move_to.casefold() in ("", mailbox.folder.casefold()):
        raise BadInput(
            words(gettext_noop("Fetched mail must move to another folder than the one it is fetched from.")),
            field="move_to",
        )
