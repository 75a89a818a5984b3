"""A seed in, what people write to a help desk out: English and Korean sentences with the words that each is found by.

Some words stand in every second ticket and most in few, as in any language (Zipf).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate

from tickets.parse.search_words import words_of

SENTENCES = 20_000
ENGLISH_WORDS, KOREAN_WORDS = 12_000, 6_000
ENGLISH = (  # noqa: SIM905  (a text is read more easily)
    "the server is please we not and network to disk on of our in down error for mail lease address cannot backup "
    "switch domain password since restart router invoice printer cable firewall certificate renewal bandwidth"
).split()
KOREAN = (  # noqa: SIM905
    "서버 문의 네트워크 확인 요청 장비 점검 접속 오류 계정 메일 비밀번호 도메인 백업 회선 방화벽 인증서 교체 일정 장애 "
    "호스팅 견적 결제 스위치 디스크 용량 증설 라우터 프린터 설치"
).split()
ENDINGS = ("을", "를", "이", "가", "은", "는", "에서", "으로", "의", "")
CLOSINGS = ("부탁드립니다", "합니다", "됩니다", "않습니다", "주세요", "입니다")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the words that it is found by."""

    text: str
    words: frozenset[str]


def sentences(chance: random.Random) -> list[Sentence]:
    """English and Korean ones, half and half."""
    english = [*ENGLISH, *_made(chance, ENGLISH_WORDS, _english)]
    korean = [*KOREAN, *_made(chance, KOREAN_WORDS, _korean)]
    in_english, in_korean = _weights(len(english)), _weights(len(korean))
    texts = [_line(chance, english, in_english, is_korean=False) for _ in range(SENTENCES // 2)]
    texts += [_line(chance, korean, in_korean, is_korean=True) for _ in range(SENTENCES // 2)]
    return [Sentence(text, frozenset(words_of(text))) for text in texts]


def _line(chance: random.Random, words: list[str], weights: list[float], *, is_korean: bool) -> str:
    chosen = chance.choices(words, cum_weights=weights, k=chance.randrange(6, 16))
    if is_korean:
        return " ".join([f"{word}{chance.choice(ENDINGS)}" for word in chosen] + [chance.choice(CLOSINGS)]) + "."
    return " ".join(chosen).capitalize() + "."


def _weights(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 8) for rank in range(count)))


def _made(chance: random.Random, count: int, one: object) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < count:
        made[one(chance)] = None  # type: ignore[operator]
    return list(made)


def _english(chance: random.Random) -> str:
    return "".join(chance.choice("bcdfglmnprstvw") + chance.choice("aeiou") for _ in range(chance.randrange(2, 5)))


def _korean(chance: random.Random) -> str:
    return "".join(
        chr(0xAC00 + 28 * chance.randrange(399) + chance.choice((0, 4, 8, 16, 21)))
        for _ in range(chance.choice((2, 2, 2, 3, 4)))
    )
