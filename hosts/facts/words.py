"""Sentences for people as values: an English msgid and what goes into it; translated where they are shown.

On the wire and in rows a sentence is [msgid, {name: value}], with sentences among the values in the same shape.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


def gettext_noop(msgid: str) -> str:
    """Mark a string for `makemessages` (one of its known names) and give it back unchanged."""
    return msgid


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence that pure code says and a page, mail or API answer translates.

    `msgid` is a %-format with names (`"%(array)s lacks %(count)s disk"`), `values` its (name, value) pairs; a value
    may be a sentence or a word to be translated itself. `str()` is the English sentence; `said_by(gettext)` the
    sentence in the reader's language.
    """

    msgid: str
    values: tuple[tuple[str, str | int | Words], ...] = ()

    def __str__(self) -> str:
        return self.said_by(str)

    def said_by(self, translate: Callable[[str], str]) -> str:
        """The sentence through `translate` (msgid -> text), for example Django's gettext."""
        if not self.msgid:
            return ""
        said = {name: value.said_by(translate) if isinstance(value, Words) else value for name, value in self.values}
        return translate(self.msgid) % said

    def as_json(self) -> list[Any]:
        """[msgid, {name: value}], to be kept in a row; `from_json` reads it."""
        return [
            self.msgid,
            {name: value.as_json() if isinstance(value, Words) else value for name, value in self.values},
        ]


def words(msgid: str, **values: str | int | Words) -> Words:
    """`words(gettext_noop("..."), name=value)`. A literal per cent sign in `msgid` is written `%%`."""
    return Words(msgid, tuple(values.items()))


def plain(text: str) -> Words:
    """A text that is nobody's to translate (a name, what a tool said, what a person typed) as a sentence."""
    return Words("%(text)s", (("text", text),)) if text else Words("")


def joined(parts: Iterable[Words], between: str = " ") -> Words:
    """Several sentences or words as one, each translated on its own."""
    numbered = [(f"s{number}", part) for number, part in enumerate(parts)]
    pattern = between.join(f"%({name})s" for name, _ in numbered)
    return numbered[0][1] if len(numbered) == 1 else Words(pattern, tuple(numbered))


def reason(error: Exception) -> Words:
    """What an expected failure says: its own sentence, or its text where it came without one."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Words) else plain(str(error))


def from_json(row: Any) -> Words:
    """A kept sentence: [msgid, {name: value}], or [sign, msgid, {…}] whose sign is passed over. ValueError for others.

    A msgid and values that do not fit each other are no sentence either, so that `said_by` cannot fail later.
    """
    if not isinstance(row, list | tuple) or len(row) < 2 or not isinstance(row[-2], str) or not _is_dict(row[-1]):
        raise ValueError("not a kept sentence")
    values = row[-1]
    found = Words(row[-2], tuple((str(name), from_json(v) if isinstance(v, list) else v) for name, v in values.items()))
    try:
        str(found)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("a kept sentence whose values do not fit") from error
    return found


def sentence_of(kept: Any) -> Words:
    """The sentence of anything that is shown as one: `Words`, what a row keeps, or a text, which reads as itself."""
    if isinstance(kept, Words):
        return kept
    if isinstance(kept, Sentence):
        return kept.words
    try:
        return from_json(kept)
    except ValueError:
        return plain("" if kept is None else str(kept))


def stored(said: Words | str) -> str:
    """The text to keep a sentence as; `read_stored` gives it back. A plain text is kept as it is."""
    if isinstance(said, Sentence):
        said = said.words
    if isinstance(said, Words):
        return "" if not said.msgid else _as_text(said)
    return said if _sentence_in(said) is None else _as_text(plain(said))


def read_stored(text: str) -> Words:
    """The sentence in a kept text; a text that was kept without one reads as itself in every language."""
    return _sentence_in(text) or plain(text)


class Sentence(str):
    """A kept sentence as rows give it: the English text, for logs and comparisons, and `words` for readers."""

    __slots__ = ("words",)
    words: Words

    def __new__(cls, said: Words | str) -> Sentence:
        """Of a sentence, of another one, or of a plain text (not of what `stored` made: see `read_stored`)."""
        found = said if isinstance(said, Words) else said.words if isinstance(said, Sentence) else plain(said)
        made = super().__new__(cls, str(found))
        made.words = found
        return made


def _as_text(said: Words) -> str:
    return json.dumps(said.as_json(), ensure_ascii=False, separators=(",", ":"))


def _sentence_in(text: str) -> Words | None:
    if not (text.startswith('["') and text.endswith("}]")):
        return None
    try:
        return from_json(json.loads(text))
    except ValueError:
        return None


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str | int | float | list) for v in value.values())
