"""Words, values and what is quoted to the subject, text and HTML of one mail."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field

from tickets.facts.marker import REPLY_LINE_END, REPLY_LINE_START
from tickets.render.message_id import without_tags
from tickets.render.subject import subject_line
from tickets.render.variables import as_html, filled, filled_html

LONGEST_QUOTE = 20_000
_PAGE = (
    '<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>\n'
    '<body style="font-family:sans-serif;font-size:15px;line-height:1.5;color:#1f2328">\n{body}\n</body></html>\n'
)
_GREY = 'style="color:#6e7781;font-size:12px"'
_QUOTE = 'style="margin:0 0 0 8px;padding-left:12px;border-left:3px solid #d0d7de;color:#57606a"'


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one kind of mail in one language, and that language's `phrases` (see words_en)."""

    subject: str
    body: str
    phrases: Mapping[str, str]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Quote:
    """What the mail answers. `when` is written for the reader."""

    who: str
    when: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the words: the ticket's number for the subject, the signed tag, a quotation, file names that
    are not in the mail (`left_out`, too large; `at_ticket`, for agents), and whether the reader may answer.
    """

    number: str = ""
    tag: str = ""
    quote: Quote | None = None
    left_out: tuple[str, ...] = ()
    at_ticket: tuple[str, ...] = ()
    can_be_answered: bool = True


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail's words, ready to be kept in the outbox."""

    subject: str
    text: str
    html: str


def composed(words: Wording, values: Mapping[str, str], rich: Mapping[str, str], around: Around) -> Composed:
    """The whole mail. Our reply line comes first, so that all of this mail is folded away in the answer to it.

    Signed tags in what is said or quoted (an answer often holds our last mail) are taken out: they prove who a reader
    is, and this mail may go to somebody else.
    """
    values = {name: without_tags(value) for name, value in values.items()}
    rich = {name: without_tags(value) for name, value in rich.items()}
    title = filled(words.subject, values)
    subject = subject_line(title, around.number) if around.number else " ".join(title.split())
    reply_line = f"{REPLY_LINE_START}{words.phrases['reply_line']}{REPLY_LINE_END}" if around.can_be_answered else ""
    text = _text(words, values, around, reply_line)
    body = _html(words, values, rich, around, reply_line)
    page = _PAGE.format(language=html.escape(words.language), title=html.escape(subject), body=body)
    return Composed(subject, text, page)


def _text(words: Wording, values: Mapping[str, str], around: Around, reply_line: str) -> str:
    parts = [reply_line, _tidy(filled(words.body, values))]
    parts += [f"{phrase}\n" + "\n".join(f"- {name}" for name in names) for phrase, names in _lists(words, around)]
    if around.quote is not None:
        quoted = "\n".join(f"> {line}".rstrip() for line in _quoted(around.quote, words).split("\n"))
        parts.append(f"{_said(words, around.quote)}\n{quoted}")
    if around.tag:
        parts.append(f"[{around.tag}]")
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(words: Wording, values: Mapping[str, str], rich: Mapping[str, str], around: Around, reply_line: str) -> str:
    parts = [f"<p {_GREY}>{html.escape(reply_line)}</p>"] if reply_line else []
    parts.append(filled_html(words.body, values, rich))
    for phrase, names in _lists(words, around):
        items = "".join(f"<li>{html.escape(name)}</li>" for name in names)
        parts.append(f"<p>{html.escape(phrase)}</p>\n<ul>{items}</ul>")
    if around.quote is not None:
        parts.append(f"<p>{html.escape(_said(words, around.quote))}</p>")
        parts.append(f"<blockquote {_QUOTE}>{as_html(_quoted(around.quote, words))}</blockquote>")
    if around.tag:
        parts.append(f"<p {_GREY}>[{around.tag}]</p>")
    return "\n".join(parts)


def _lists(words: Wording, around: Around) -> list[tuple[str, tuple[str, ...]]]:
    both = ((words.phrases["too_large"], around.left_out), (words.phrases["attached"], around.at_ticket))
    return [(phrase, names) for phrase, names in both if names]


def _said(words: Wording, quote: Quote) -> str:
    return words.phrases["said"] % {"who": " ".join(quote.who.split()), "when": quote.when}


def _quoted(quote: Quote, words: Wording) -> str:
    text = without_tags(quote.text).replace("\r\n", "\n").strip("\n")
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rstrip()}\n{words.phrases['cut']}"


def _tidy(text: str) -> str:
    """Without the runs of empty lines that left-out lines leave behind."""
    kept: list[str] = []
    for line in (one.rstrip() for one in text.split("\n")):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")
