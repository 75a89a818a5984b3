"""The HTML of a mail or a composer in, what may be kept of it out, with its folds at their new places."""

from __future__ import annotations

import re

import nh3

from tickets.facts.mail import Fold

TAGS = nh3.ALLOWED_TAGS - {"map", "area"}
ATTRIBUTES = {**nh3.ALLOWED_ATTRIBUTES, "img": {"src", "alt", "width", "height"}}
SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_FIRST, _LAST = "\ue000", "\ue001"
_SIGN = re.compile(f"{_FIRST}(\\d+){_LAST}")


def safe_html(html: str, folds: tuple[Fold, ...] = ()) -> tuple[str, tuple[Fold, ...]]:
    """(sanitised HTML, folds): no scripts, styles, forms, frames or handlers; remote pictures keep their address.

    A fold whose beginning or end was taken out with the element around it is left out.
    """
    if not html:
        return "", ()
    own_words = html.replace(_FIRST, " ").replace(_LAST, " ")  # as long as before, so folds stay where they are
    cleaned = nh3.clean(
        _signed(own_words, folds),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return _unsigned(cleaned, folds)


def _signed(html: str, folds: tuple[Fold, ...]) -> str:
    pieces, at = [], 0
    for number, place in enumerate(place for fold in folds for place in (fold.start, fold.end)):
        pieces += [html[at:place], f"{_FIRST}{number}{_LAST}"]
        at = place
    return "".join((*pieces, html[at:]))


def _unsigned(cleaned: str, folds: tuple[Fold, ...]) -> tuple[str, tuple[Fold, ...]]:
    pieces, places, at, length = [], dict[int, int](), 0, 0
    for sign in _SIGN.finditer(cleaned):
        pieces.append(cleaned[at : sign.start()])
        length += sign.start() - at
        places[int(sign[1])] = length
        at = sign.end()
    pieces.append(cleaned[at:])
    kept = []
    for number, fold in enumerate(folds):
        start, end = places.get(2 * number), places.get(2 * number + 1)
        if start is not None and end is not None and start < end:
            kept.append(Fold(start, end, fold.kind))
    return "".join(pieces), tuple(kept)
