"""A text to the language it is written in, as far as the desk has words in it."""

from __future__ import annotations

import re

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LETTER = re.compile(r"[^\W\d_]")
_LOOKED_AT = 2000
_ENOUGH = 0.1


def spoken(text: str) -> str:
    """ "ko" where at least a tenth of the letters are Hangul syllables, else "" (not known)."""
    start = text[:_LOOKED_AT]
    letters = len(_LETTER.findall(start))
    return "ko" if letters and len(_HANGUL.findall(start)) >= letters * _ENOUGH else ""
