"""Bytes that do not say their charset to the most likely one, by the letters that are frequent in each language."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAMPLE = 16 * 1024
_FOREIGN = re.compile(rb"[^\x00-\x7f]")
_LETTER_BESIDE = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")

_HANGUL = frozenset(
    "이다는의에을가고하지를은사로도기한어리해서자인안나정그시있대스일아과수니보라들요게주부세전장제구여원만습신상게오문공동드무마소"
    "연트우비성내계조경했화위중실면용회녕감관까드려메너청합선터방생았었좋답변명버설접속확결"
)
_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么"
    "去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三"
    "又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先"
    "系统您请件邮谢联服务"
)
_TRADITIONAL = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼"
    "去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三"
    "又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先"
    "系統您請件郵謝聯服務"
)
_KANA = frozenset(map(chr, range(0x3041, 0x30FD))) | frozenset("、。「」ー日本人年大出中学生月時分前後お願致様")
_RUSSIAN = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё")
_LATIN = frozenset("äöüßéèêëàâçñáíóúôîïûåøæãõìòùœÄÖÜÉÅØÆÇÑÀ“”‘’„–—…€«»°§ ¡¿®©´·")
_GREEK = frozenset("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώ")
_CENTRAL = frozenset("ąćęłńóśźżčďěňřšťůžýáéíúőűăâîșțđ“”„–")


@dataclass(frozen=True, slots=True)
class _Candidate:
    codec: str
    frequent: frozenset[str]
    usual: float
    """The share of `frequent` among the foreign letters of ordinary text in that language."""


# In the order of preference where two are equally likely.
_CANDIDATES = (
    _Candidate("cp949", _HANGUL, 0.60),
    _Candidate("gb18030", _SIMPLIFIED, 0.45),
    _Candidate("cp950", _TRADITIONAL, 0.45),
    _Candidate("cp932", _KANA, 0.65),
    _Candidate("euc_jp", _KANA, 0.65),
    _Candidate("cp1252", _LATIN, 0.95),
    _Candidate("cp1251", _RUSSIAN, 0.90),
    _Candidate("koi8-r", _RUSSIAN, 0.90),
    _Candidate("cp1253", _GREEK, 0.90),
    _Candidate("cp1250", _CENTRAL, 0.95),
)
_DOUBLE_BYTE = frozenset({"cp949", "gb18030", "cp950", "cp932", "euc_jp"})


def guessed(data: bytes, hints: tuple[str, ...] = ()) -> str:
    """The name of a codec for `data`. `hints` are codecs named elsewhere in the mail; they count where they fit."""
    sample = _sample(data)
    best, best_score = "cp1252", 0.25
    for candidate in _CANDIDATES:
        score = _score(sample, candidate)
        if candidate.codec in hints and score > 0:
            score += 0.4
        if score > best_score:
            best, best_score = candidate.codec, score
    return best


def _sample(data: bytes) -> bytes:
    """Up to SAMPLE bytes from the first foreign byte on, ended where no character can be cut."""
    first = _FOREIGN.search(data)
    start = max(0, first.start() - 16) if first else 0
    if start and data[start - 1] > 0x7F:
        start = first.start() if first else 0
    piece = data[start : start + SAMPLE]
    return piece if len(piece) < SAMPLE else piece[: max(piece.rfind(b"\n"), piece.rfind(b" "), SAMPLE // 2)]


def _score(sample: bytes, candidate: _Candidate) -> float:
    text = sample.decode(candidate.codec, "replace")
    foreign = [sign for sign in text if sign > "\x7f"]
    if not foreign:
        return 0.0
    bad = sum(1 for sign in foreign if sign == "\ufffd" or "\x80" <= sign < "\xa0" or "\ue000" <= sign < "\uf900")
    if bad * 20 > len(foreign):
        return 0.0
    frequent = sum(1 for sign in foreign if sign in candidate.frequent)
    score = min(1.0, frequent / len(foreign) / candidate.usual) - bad / len(foreign)
    return score * _fit(sample, candidate.codec)


def _fit(sample: bytes, codec: str) -> float:
    """Western text has its foreign letters inside words of ASCII letters; text of two-byte charsets seldom has."""
    foreign = len(_FOREIGN.findall(sample))
    beside = len(_LETTER_BESIDE.findall(sample)) / max(1, foreign)
    if codec in _DOUBLE_BYTE:
        return 0.4 if beside > 0.6 else 1.0
    if codec in {"cp1252", "cp1250"}:
        return 1.0 if beside > 0.3 else 0.7
    return 1.0
