"""Sentences for people as values: an English msgid and what goes into it; translated where they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def gettext_noop(msgid: str) -> str:
    """Mark a string for `makemessages` (one of its known names) and give it back unchanged."""
    return msgid


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence that pure code says and a page, mail or API answer translates.

    `msgid` is a %-format with names (`"%(array)s lacks %(count)s disk"`), `values` its (name, value) pairs.
    `str()` is the English sentence; `said_by(gettext)` the sentence in the reader's language.
    """

    msgid: str
    values: tuple[tuple[str, str | int], ...] = ()

    def __str__(self) -> str:
        return self.msgid % dict(self.values)

    def said_by(self, translate: Callable[[str], str]) -> str:
        """The sentence through `translate` (msgid -> text), for example Django's gettext."""
        return translate(self.msgid) % dict(self.values)


def words(msgid: str, **values: str | int) -> Words:
    """`words(gettext_noop("..."), name=value)`. A literal per cent sign in `msgid` is written `%%`."""
    return Words(msgid, tuple(values.items()))
