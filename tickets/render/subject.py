"""A subject and a ticket number to the subject of an outgoing mail."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\x00-\x20\x7f\u0085\u2028\u2029]+")
_LONGEST = 200


def subject_line(subject: str, number: str) -> str:
    """`subject` on one line with `[#number]` in it exactly once; line breaks cannot add headers."""
    clean = _SPACES.sub(" ", subject).strip()
    mark = f"[#{number}]"
    without = _SPACES.sub(" ", clean.replace(mark, " ")).strip()
    return f"{without[:_LONGEST].rstrip()} {mark}".strip()
