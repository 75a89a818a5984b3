"""A thread entry in, what a page may show of it out: safe pieces, the folded ones apart, pictures only when asked for.

What a customer wrote is hostile until shown otherwise: text is escaped and only then linked; HTML goes through nh3 once
more when it is shown, because a fold cuts it in the middle of its tags, and because a rule may have become stricter
since it was stored. The full text stays one click away: the folded pieces are in the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.urls import reverse
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

from tickets.models import Attachment, Entry
from tickets.render.safe_html import ATTRIBUTES, SCHEMES, TAGS

MOST_SIGNS = 200_000
_MAY_LINK = re.compile(r"https?://|www\.|@|\.(?:com|edu|gov|int|mil|net|org)", re.IGNORECASE)
"""One of these stands in whatever urlize makes a link of."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an entry, safe to be shown; `is_folded` ones are closed until somebody opens them."""

    html: SafeString
    is_folded: bool


@dataclass(frozen=True, slots=True)
class Body:
    """An entry in pieces. `waiting_pictures` counts what is not shown; `is_cut` says that more is in the file."""

    pieces: tuple[Piece, ...]
    is_html: bool
    waiting_pictures: int = 0
    is_cut: bool = False


class _Pictures:
    """What becomes of the `src` of each picture; counts those that are held back."""

    def __init__(self, entry: Entry, *, are_shown: bool) -> None:
        self.are_shown = are_shown
        self.held = 0
        self._by_cid = {one.content_id.strip("<>"): one for one in entry.attachments.all() if one.content_id}

    def __call__(self, tag: str, attribute: str, value: str) -> str | None:
        if tag != "img" or attribute != "src":
            return value
        address = self._address_of(value)
        if address is None:
            return None
        if self.are_shown:
            return address
        self.held += 1
        return None

    def _address_of(self, value: str) -> str | None:
        parts = urlsplit(value)
        if parts.scheme == "cid":
            own = self._by_cid.get(parts.path)
            return picture_address(own) if own else None
        return value if parts.scheme in ("http", "https") else None


def picture_address(attachment: Attachment) -> str:
    """Where an inline picture is served from."""
    return reverse("tickets:picture", args=[attachment.pk])


def body_of(entry: Entry, *, pictures: bool) -> Body:
    """What an entry says. HTML that is too long to be looked through falls back to its text."""
    if entry.html and len(entry.html) <= MOST_SIGNS:
        judge = _Pictures(entry, are_shown=pictures)
        pieces = tuple(_pieces(entry.html, entry.html_folds, lambda part: clean(part, judge)))
        return Body(pieces, is_html=True, waiting_pictures=judge.held)
    text = entry.text[:MOST_SIGNS]
    return Body(tuple(_pieces(text, entry.folds, plain)), is_html=False, is_cut=len(entry.text) > MOST_SIGNS)


def clean(part: str, judge: Callable[[str, str, str], str | None]) -> SafeString:
    """HTML that holds nothing but what may be shown, with its tags closed."""
    safe = nh3.clean(
        part,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=judge,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return mark_safe(safe)  # noqa: S308  (nh3 made it)


def plain(part: str) -> SafeString:
    """Text with its line breaks, addresses as links, everything else escaped."""
    if not _MAY_LINK.search(part):
        return escape(part)  # what urlize gives too, a hundred times as fast
    return mark_safe(urlize(part, nofollow=True, autoescape=True))  # noqa: S308  (urlize escapes)


def _pieces(whole: str, folds: list[Any], show: Callable[[str], SafeString]) -> Iterator[Piece]:
    at = 0
    for start, end in _stretches(folds, len(whole)):
        yield from _piece(whole[at:start], show, is_folded=False)
        yield from _piece(whole[start:end], show, is_folded=True)
        at = end
    yield from _piece(whole[at:], show, is_folded=False)


def _piece(part: str, show: Callable[[str], SafeString], *, is_folded: bool) -> Iterator[Piece]:
    if not part.strip():
        return
    shown = show(part.strip("\n"))
    if shown.strip():
        yield Piece(shown, is_folded)


def _stretches(folds: list[Any], length: int) -> Iterator[tuple[int, int]]:
    """The folds that make sense, in order and without overlap; what was stored is not trusted to be."""
    at = 0
    for fold in folds:
        start, end = int(fold[0]), min(int(fold[1]), length)
        if at <= start < end:
            yield start, end
            at = end
