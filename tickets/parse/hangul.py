"""Syllables that EUC-KR spells out in four signs, having no code for them (KS X 1001, annex 3), to themselves."""

from __future__ import annotations

import re

_FILLER = "\u3164"
_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_TAILS = f"{_FILLER}ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_SPELLED = re.compile(f"{_FILLER}([{_LEADS}])([ㅏ-ㅣ])([{_TAILS}])")


def composed(text: str) -> str:
    """`text` with each spelled-out syllable as one letter."""
    return _SPELLED.sub(_syllable, text) if _FILLER in text else text


def _syllable(match: re.Match[str]) -> str:
    lead, vowel, tail = _LEADS.index(match[1]), ord(match[2]) - ord("ㅏ"), _TAILS.index(match[3])
    return chr(0xAC00 + (lead * 21 + vowel) * 28 + tail)
