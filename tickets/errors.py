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


class MailRefused(Explainable):
    """The mail server did not take a mail. `is_permanent`: trying again cannot help. `no_such_address`: the address
    itself is wrong, so that nothing should be sent there any more.
    """

    def __init__(self, message: object, *, is_permanent: bool = False, no_such_address: bool = False) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent
        self.no_such_address = no_such_address


class HookFailed(Explainable):
    """Another program could not be told what happened, or did not say that it understood. It is tried again later."""

    nothing_touched = False

    def __init__(self, message: object, *, status_code: int | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code
