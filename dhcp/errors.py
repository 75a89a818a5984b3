"""What can go wrong with DHCP's files, each in words that can be shown to a person as they are."""

from __future__ import annotations

from hosts.errors import Explainable


class UnreadableConfig(Explainable):
    """The text is not a dhcpd.conf: `file` and `line` (from 1) say where reading stopped. Nothing was taken from it."""

    def __init__(self, message: object, *, file: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


class Unstorable(Explainable):
    """A text that no database keeps (bytes that are no UTF-8, a NUL). Nothing was written."""


class UnreadableLeases(Explainable):
    """The lease file of a host cannot be read. What was read before is kept."""


class UnreadableLog(Explainable):
    """The log of a host cannot be read. What was read before is kept."""


class UnreadableState(Explainable):
    """What a host says of its DHCP programs cannot be read. What was known before is kept."""


class NoAnswer(Explainable):
    """The host could not be asked whether addresses answer."""
