"""A text in, the names behind its @ signs out."""

from __future__ import annotations

import re

MOST = 20
_MENTION = re.compile(r"(?<![\w.@/])@([\w][\w.+-]{0,63}(?:@[\w-]+(?:\.[\w-]+)+)?)")


def mentions(text: str) -> tuple[str, ...]:
    """Each name once, in small letters and in order: "kim.minji" of "@Kim.Minji," and addresses behind an @ as well.

    An address in running text (mail@example.com) is no mention. At most MOST of them.
    """
    found = dict.fromkeys(match[1].rstrip(".-+").casefold() for match in _MENTION.finditer(text))
    return tuple(found)[:MOST]
