"""What can go wrong, each in words that can be shown to a person as they are.

`nothing_touched` is the one distinction that matters for a push: where it is true the host is in its
old state for certain and trying again is safe.
"""

from __future__ import annotations


class Explainable(Exception):  # noqa: N818  (the word is for readers of `except` lines: it can be explained)
    """An expected failure. `str()` of it is shown to people; the docstring says what it means.

    Pure code and `outside` raise it with `Words` (hosts.facts.words), which a page can translate.
    """

    nothing_touched = True


class BadInput(Explainable):
    """What was typed or uploaded cannot be used. `field` names where, if it is known."""

    def __init__(self, message: object, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class UnreadableFacts(Explainable):
    """The output of a host cannot be read as facts."""


class RenderError(Explainable):
    """The wanted text cannot be made from what is known; nothing was written anywhere."""


class NotAllowed(Explainable):
    """The person may not do this, or not on this host."""


class WrongState(Explainable):
    """The thing is no longer in the state that this action needs; somebody or something was faster."""


class HostUnreachable(Explainable):
    """No session with the host came about. Nothing on the host was touched; trying again is safe."""


class AuthenticationFailed(HostUnreachable):
    """The host answers but does not accept the panel's credential."""


class HostKeyUnknown(HostUnreachable):
    """Nobody has accepted a key of this host yet, so it is not spoken to."""


class HostKeyChanged(HostUnreachable):
    """The host shows another key than the accepted one. It is not spoken to until a person decides."""

    def __init__(self, message: object, *, key_type: str = "", public: str = "") -> None:
        super().__init__(message)
        self.key_type = key_type
        self.public = public


class HostLost(Explainable):
    """The connection broke after something may have been touched. The outcome is looked up by id later."""

    nothing_touched = False


class SudoRefused(HostUnreachable):
    """The login works, but sudo wants a password or refuses, so nothing could be started."""


class CommandFailed(Explainable):
    """A command on the host ended with another code than 0."""

    def __init__(self, message: object, *, exit_code: int, output: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.output = output
