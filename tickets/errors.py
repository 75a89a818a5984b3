"""What can go wrong with mail and tickets, each in words that can be shown to a person as they are."""

from __future__ import annotations

from hosts.errors import Explainable


class UnreadableMail(Explainable):
    """The bytes are not a mail: nothing in them can be read as a header. They are kept as they came."""


class MailServerUnreachable(Explainable):
    """No session with the mail server came about. Nothing was fetched or changed there; trying again is safe."""


class MailLoginRefused(MailServerUnreachable):
    """The mail server answers but does not accept the login."""


class MailServerLost(Explainable):
    """The session broke, or the server answered what it should not. What was kept is kept; the rest is still there."""

    nothing_touched = False


class MailGone(Explainable):
    """The mail was there when the server listed it and is not any more: somebody else moved or deleted it."""


class CannotKeep(Explainable):
    """A mail could not be written to the panel's disk, so it stays on its server."""
