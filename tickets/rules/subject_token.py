"""Subjects to the ticket numbers in them, and to subjects that name a ticket once."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"(?<![\w#&/.-])(?:\[?\s?(?:ticket|티켓|문의)\s?)?#\s?([A-Za-z]{0,8}-?\d[A-Za-z0-9-]{2,18})(?![\w-])", re.IGNORECASE
)
_ANSWER_SIGNS = re.compile(
    r"^(?:\s*(?:re|aw|fw|fwd|wg|sv|antw|回复|回覆|答复|转发|답장|회신|전달)\s*(?:\[\d+\])?\s*[:：])+\s*", re.IGNORECASE
)
_MOST = 5


def numbers_in(subject: str) -> tuple[str, ...]:
    """The ticket numbers that are written with a # in `subject`, at most five, each once."""
    found = (match.group(1).upper() for match in _NUMBER.finditer(subject[:1000]))
    return tuple(dict.fromkeys(found))[:_MOST]


def bare_subject(subject: str) -> str:
    """`subject` without "Re:", "AW:", "답장:" in front, however many."""
    return _ANSWER_SIGNS.sub("", subject, count=1).strip()
