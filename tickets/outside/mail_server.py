"""One session with a mailbox on its server, whatever it speaks: what is there, its bytes, and putting it away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from hosts.errors import Explainable
from hosts.facts.words import gettext_noop, plain, reason, words
from tickets.choices import AfterFetch, MailProtocol
from tickets.facts.mailbox import MailServer, RemoteMail, Step
from tickets.outside.imap import opened_imap
from tickets.outside.pop3 import opened_pop3


class RemoteBox(Protocol):
    """A mailbox that is logged in to. Every method raises MailServerLost where the line breaks.

    `settles_at_close`: what was put away is only certain when the session has ended well.
    """

    settles_at_close: bool
    can_wait: bool
    uid_validity: int

    def mails_after(self, uid_validity: int, last_uid: int) -> list[RemoteMail]:
        """What is there beyond `last_uid`, oldest first; all of it where the numbers are not those of before."""

    def pieces(self, mail: RemoteMail) -> Iterator[bytes]:
        """The raw bytes in pieces, nothing marked as read. MailGone where another program took it."""

    def small_ones(self, mails: Sequence[RemoteMail]) -> dict[str, bytes]:
        """{remote_id: raw bytes} of those that are so small that several are fetched at once; the others, and those
        that are gone, are left to `pieces`. Nothing is marked as read.
        """

    def put_away(self, remote_ids: Sequence[str]) -> None:
        """Move, delete or mark these, as the server's facts say. Those that are gone already are no error."""

    def wait(self, seconds: float) -> bool:
        """Wait for news on the line; whether there are any."""

    def has_folder(self, name: str) -> bool:
        """Whether there is such a folder; always true where there are none."""


def opened(server: MailServer) -> AbstractContextManager[RemoteBox]:
    """A session, logged in and in its folder. MailServerUnreachable or MailLoginRefused where there is none."""
    return opened_pop3(server) if server.protocol == MailProtocol.POP3 else opened_imap(server)


def try_out(server: MailServer) -> list[Step]:
    """Connect, log in, look: what a person wants to know before mail is fetched. Nothing is changed there."""
    try:
        with opened(server) as box:
            steps = [
                Step(words(gettext_noop("Connect and log in")), ok=True, why=plain(f"{server.host}:{server.port}")),
                _count(box, server),
            ]
            if server.after_fetch == AfterFetch.MOVE and server.protocol == MailProtocol.IMAP:
                steps.append(_target(box, server))
            return steps
    except Explainable as error:
        return [Step(words(gettext_noop("Connect and log in")), ok=False, why=reason(error))]


def _count(box: RemoteBox, server: MailServer) -> Step:
    waiting = len(box.mails_after(0, 0))
    why = words(gettext_noop("%(count)s mails in %(folder)s"), count=waiting, folder=server.folder)
    return Step(words(gettext_noop("Look into the folder")), ok=True, why=why)


def _target(box: RemoteBox, server: MailServer) -> Step:
    there = box.has_folder(server.move_to)
    why = words(gettext_noop("It is there.")) if there else words(gettext_noop("It will be made with the first mail."))
    name = words(gettext_noop("The folder %(folder)s for fetched mail"), folder=server.move_to)
    return Step(name, ok=True, why=why)
