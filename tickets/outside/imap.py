"""A mailbox over IMAP (RFC 3501, 6851, 2177): by UID and UIDVALIDITY, nothing marked by reading it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from hosts.facts.words import gettext_noop, plain, words
from tickets.choices import AfterFetch, MailLogin, Security
from tickets.errors import MailGone, MailLoginRefused, MailServerLost, MailServerUnreachable
from tickets.facts.mailbox import MailServer, RemoteMail
from tickets.outside.secure import ANSWER_SECONDS, explained, require_loopback, trust

PIECE_BYTES = 1 << 20
SMALL_BYTES = 1 << 16
AT_ONCE = 500


class ImapBox:
    """A folder that is selected for reading and putting away."""

    settles_at_close = False

    def __init__(self, client: IMAPClient, server: MailServer) -> None:
        self._client, self._server = client, server
        with _line():
            self.can_wait = bool(client.has_capability("IDLE"))
        self.uid_validity = self._select()

    def mails_after(self, uid_validity: int, last_uid: int) -> list[RemoteMail]:
        """What is there beyond `last_uid`, oldest first; all of it where the folder was made anew."""
        first = last_uid + 1 if uid_validity == self.uid_validity else 1
        with _line():
            found = self._client.search(["UID", f"{first}:*"])  # always names the newest, however small its number
        return [RemoteMail(f"{self.uid_validity}:{uid}", uid) for uid in sorted(set(found)) if uid >= first]

    def pieces(self, mail: RemoteMail) -> Iterator[bytes]:
        """The raw bytes, at most a megabyte at a time."""
        start = 0
        while True:
            with _line():
                answer = self._client.fetch([mail.number], [f"BODY.PEEK[]<{start}.{PIECE_BYTES}>"])
            piece = _body(answer.get(mail.number, {}))
            if piece is None:
                raise MailGone(words(gettext_noop("The mail is no longer on the server.")))
            yield piece
            start += len(piece)
            if len(piece) < PIECE_BYTES:
                return

    def small_ones(self, mails: Sequence[RemoteMail]) -> dict[str, bytes]:
        """The raw bytes of those with less than SMALL_BYTES, with one question for all."""
        if not mails:
            return {}
        ids = {mail.number: mail.remote_id for mail in mails}
        with _line():
            answer = self._client.fetch(list(ids), [f"BODY.PEEK[]<0.{SMALL_BYTES}>"])
        found = {ids[number]: _body(items) for number, items in answer.items() if number in ids}
        return {one: raw for one, raw in found.items() if raw is not None and len(raw) < SMALL_BYTES}

    def put_away(self, remote_ids: Sequence[str]) -> None:
        """Move, delete or mark these; those of another UIDVALIDITY cannot be told any more and are passed over."""
        mine = f"{self.uid_validity}:"
        uids = sorted(int(one.removeprefix(mine)) for one in remote_ids if one.startswith(mine))
        for start in range(0, len(uids), AT_ONCE):
            with _line():
                self._put_away(uids[start : start + AT_ONCE])

    def wait(self, seconds: float) -> bool:
        """IDLE; whether a mail came."""
        with _line():
            self._client.idle()
            news = self._client.idle_check(timeout=seconds)
            _, late = self._client.idle_done()
        return any(len(one) > 1 and one[1] in (b"EXISTS", b"RECENT") for one in (*news, *late))

    def has_folder(self, name: str) -> bool:
        """Whether there is a folder of this name."""
        with _line():
            return bool(self._client.folder_exists(name))

    def _select(self) -> int:
        folder = self._server.folder
        try:
            return int(self._client.select_folder(folder).get(b"UIDVALIDITY", 1))
        except (IMAPClientError, OSError) as error:
            raise MailServerUnreachable(
                words(
                    gettext_noop("The folder %(folder)s cannot be opened: %(why)s."),
                    folder=folder,
                    why=plain(_said(error)),
                )
            ) from error

    def _put_away(self, uids: list[int]) -> None:
        after = self._server.after_fetch
        if after == AfterFetch.MARK or (after == AfterFetch.MOVE and not self._server.move_to):
            self._client.add_flags(uids, [b"\\Seen"], silent=True)
        elif after == AfterFetch.DELETE:
            self._remove(uids)
        else:
            self._move(uids)

    def _move(self, uids: list[int]) -> None:
        target = self._server.move_to
        if not self._client.folder_exists(target):
            with suppress(IMAPClientError):  # another worker may have made it just now
                self._client.create_folder(target)
        there = self._client.search(["UID", ",".join(map(str, uids))])
        if there and self._client.has_capability("MOVE"):
            self._client.move(there, target)
        elif there:
            self._client.copy(there, target)
            self._remove(there)

    def _remove(self, uids: list[int]) -> None:
        self._client.delete_messages(uids, silent=True)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(uids)
        else:
            self._client.expunge()


@contextmanager
def opened_imap(server: MailServer) -> Iterator[ImapBox]:
    """Log in over a verified line and select the folder; log out at the end."""
    with explained(server.host, server.port):
        client = _connected(server)
    try:
        _log_in(client, server)
        yield ImapBox(client, server)
    finally:
        with suppress(IMAPClientError, OSError):
            client.logout()
        with suppress(IMAPClientError, OSError):
            client.shutdown()


def _connected(server: MailServer) -> IMAPClient:
    context = trust(server.ca_certificate)
    connect = partial(IMAPClient, server.host, server.port, timeout=ANSWER_SECONDS)
    try:
        if server.security == Security.TLS:
            return connect(ssl=True, ssl_context=context)
        client = connect(ssl=False)
    except IMAPClientError as error:
        raise _no_imap(server, error) from error
    try:
        if server.security == Security.STARTTLS:
            client.starttls(context)
        else:
            require_loopback(client.socket())
    except IMAPClientError as error:
        _drop(client)
        raise MailServerUnreachable(
            words(
                gettext_noop("The server offers no STARTTLS (%(why)s). No password was sent."), why=plain(_said(error))
            )
        ) from error
    except (OSError, MailServerUnreachable):
        _drop(client)
        raise
    return client


def _log_in(client: IMAPClient, server: MailServer) -> None:
    try:
        if server.login == MailLogin.OAUTH2:
            client.oauth2_login(server.username, server.password)
        elif server.login == MailLogin.PASSWORD:
            client.login(server.username, server.password)
    except LoginError as error:
        raise MailLoginRefused(
            words(gettext_noop("The server does not accept the login: %(why)s."), why=plain(_said(error)))
        ) from error
    except (IMAPClientError, OSError) as error:
        raise MailServerUnreachable(
            words(gettext_noop("The line broke during the login: %(why)s."), why=plain(_said(error)))
        ) from error


def _no_imap(server: MailServer, error: Exception) -> MailServerUnreachable:
    where = f"{server.host}:{server.port}"
    return MailServerUnreachable(
        words(
            gettext_noop("%(where)s does not speak IMAP: %(why)s. Is it the right port?"),
            where=where,
            why=plain(_said(error)),
        )
    )


def _drop(client: IMAPClient) -> None:
    with suppress(IMAPClientError, OSError):
        client.shutdown()


@contextmanager
def _line() -> Iterator[None]:
    try:
        yield
    except (IMAPClientError, OSError) as error:
        raise MailServerLost(
            words(
                gettext_noop("The session with the mail server ended early: %(why)s. What was fetched is kept."),
                why=plain(_said(error)),
            )
        ) from error


def _body(items: Mapping[bytes, Any]) -> bytes | None:
    """The bytes in what a server said of one mail; None where it said none."""
    return next((value for key, value in items.items() if key.upper().startswith(b"BODY[]")), None)


def _said(error: Exception) -> str:
    """What a server said, short and on one line; it may be anything."""
    text = str(error)
    if text.startswith("b'") and text.endswith("'"):
        text = text[2:-1]
    return " ".join(text.split()).rstrip(".")[:300] or type(error).__name__
