"""What can go wrong with mail and tickets, each in words that can be shown to a person as they are."""

from __future__ import annotations

from hosts.errors import Explainable


class UnreadableMail(Explainable):
    """The bytes are not a mail: nothing in them can be read as a header. They are kept as they came."""
