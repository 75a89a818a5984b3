"""A text in, the words it is found by out: the same for what is kept and for what is asked.

Latin and other words with blanks between them are kept whole, and in parts where letters and digits meet, so that
`node00123` is also found by `00123`. Korean, Chinese and Japanese are kept as every two neighbouring characters:
`서버점검을` is found by `점검`, by `버점` and by any longer piece of it; an index of three characters (trigrams), which
databases bring, would miss the words of two syllables that most Korean nouns are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Hangul (syllables, letters), kana, CJK ideographs and their extension A.
_PAIRED = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_RUN = re.compile(rf"(?P<paired>[{_PAIRED}]+)|(?P<plain>(?:(?![{_PAIRED}])[^\W_])+)")
_PART = re.compile(r"\d+|\D+")
LONGEST_TEXT = 400_000
MOST_WORDS = 6_000
"""Of one text. A log of a million lines in a mail is found by how it begins."""
LONGEST_WORD_BYTES = 48
SHORTEST_BEGINNING = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a search: a word as it is kept, or how one begins."""

    word: str
    is_beginning: bool = False


def words_of(*texts: str) -> set[str]:
    """What the texts are found by: at most MOST_WORDS, those that come first."""
    found: dict[str, None] = {}
    for text in texts:
        for kind, run in _runs(text[:LONGEST_TEXT]):
            found.update(dict.fromkeys(_pairs(run) if kind == "paired" else _plain(run)))
            if len(found) >= MOST_WORDS:
                return set(list(found)[:MOST_WORDS])
    return set(found)


def terms_of(asked: str) -> tuple[Term, ...]:
    """What must all be there for a text to hold `asked`; () where nothing in it can be searched.

    Plain words of SHORTEST_BEGINNING letters and more also find those that begin so; shorter ones only themselves. One
    Korean syllable finds every word it stands in.
    """
    terms: dict[Term, None] = {}
    for kind, run in _runs(asked[: LONGEST_WORD_BYTES * 8]):
        if kind == "plain":
            terms[Term(_cut(run), is_beginning=len(run) >= SHORTEST_BEGINNING)] = None
        elif len(run) == 1:
            terms[Term(run, is_beginning=True)] = None
        else:
            terms.update(dict.fromkeys(Term(run[at : at + 2]) for at in range(len(run) - 1)))
    return tuple(terms)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    # NFKC puts Hangul together that came in pieces (macOS), and makes full-width letters narrow.
    whole = unicodedata.normalize("NFKC", text).casefold()
    for match in _RUN.finditer(whole):
        yield str(match.lastgroup), match.group()


def _pairs(run: str) -> list[str]:
    """Two by two, and the last alone: with it every character begins one of them."""
    return [run[at : at + 2] for at in range(len(run))]


def _plain(run: str) -> list[str]:
    parts = _PART.findall(run)
    return [_cut(word) for word in ([run, *parts] if len(parts) > 1 else [run])]


def _cut(word: str) -> str:
    if len(word) * 4 <= LONGEST_WORD_BYTES:
        return word
    return word.encode()[:LONGEST_WORD_BYTES].decode(errors="ignore")
