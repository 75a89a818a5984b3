"""Bytes that do not say their charset to the most likely one, by the letters that are frequent in each language."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

SAMPLE = 16 * 1024
_FOREIGN = re.compile(rb"[^\x00-\x7f]")
_CAPITAL_WITHIN_WORD = re.compile("[а-яё][А-ЯЁ]")
_RUN = re.compile(rb"[\x80-\xff]+")
_LETTER_BESIDE = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")

_HANGUL = frozenset(
    "이다는의에을가고하지를은사로도기한어리해서자인안나정그시있대스일아과수니보라들요게주부세전장제구여원만습신상게오문공동드무마소"
    "연트우비성내계조경했화위중실면용회녕감관까드려메너청합선터방생았었좋답변명버설접속확결네예죄송빨른급응없첨파견적테님입"
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
# The commonest letters only: text of other alphabets looks like rare Russian letters, not like these.
_RUSSIAN = frozenset("оеаинтсрвлкмдпуяыьз")
_HEBREW = frozenset("יולהארמתבשנ")
_ARABIC = frozenset("المينوترسعب")
_TURKISH = frozenset("ığşçöüİŞÇÖÜâ“”’")
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
    _Candidate("cp1251", _RUSSIAN, 0.85),
    _Candidate("koi8-r", _RUSSIAN, 0.85),
    _Candidate("cp1253", _GREEK, 0.90),
    _Candidate("cp1250", _CENTRAL, 0.95),
    _Candidate("iso8859-2", _CENTRAL, 0.95),
    _Candidate("cp1254", _TURKISH, 0.95),
    _Candidate("iso8859-5", _RUSSIAN, 0.85),
    _Candidate("cp866", _RUSSIAN, 0.85),
    _Candidate("cp1255", _HEBREW, 0.75),
    _Candidate("cp1256", _ARABIC, 0.70),
)
_TWO_BYTES = frozenset({"cp949", "gb18030", "cp950", "cp932", "euc_jp"})
_FEW = 3
_LATIN_LETTERS = frozenset({"cp1252", "cp1250", "iso8859-2", "cp1254"})


def hardly_western(data: bytes) -> bool:
    """Whether foreign bytes stand in long rows: in the languages of western Europe they stand alone among others."""
    runs = _RUN.findall(_sample(data))
    foreign = sum(map(len, runs))
    return foreign >= 8 and foreign >= 3 * len(runs)


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
    known = {candidate.codec for candidate in _CANDIDATES}
    named = next((codec for codec in hints if codec not in known and _speaks(sample, codec)), None)
    return named if named is not None and (best_score < 1.0 or best not in _TWO_BYTES) else best


def _speaks(sample: bytes, codec: str) -> bool:
    """Whether a charset of which no letters are known here fits: nothing but letters comes out."""
    text = sample.decode(codec, "replace")
    foreign = [sign for sign in text if sign > "\x7f"]
    letters = sum(1 for sign in foreign if unicodedata.category(sign)[0] in "LM")
    return bool(foreign) and letters * 10 >= 8 * len(foreign)


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
    if candidate.frequent is _RUSSIAN:
        bad += 3 * len(_CAPITAL_WITHIN_WORD.findall(text))
        foreign = list("".join(foreign).lower())
    frequent = sum(1 for sign in foreign if sign in candidate.frequent)
    score = min(1.0, frequent / len(foreign) / candidate.usual) - bad / len(foreign)
    return score * _fit(sample, candidate.codec)


def _fit(sample: bytes, codec: str) -> float:
    """Western text has its foreign letters inside words of ASCII letters; text of others seldom has."""
    foreign = len(_FOREIGN.findall(sample))
    beside = len(_LETTER_BESIDE.findall(sample)) / max(1, foreign)
    if codec not in _LATIN_LETTERS:
        enough = codec in _TWO_BYTES or foreign >= _FEW
        return 0.4 if beside > 0.6 or not enough else 1.0
    return 1.0 if beside > 0.3 else 0.7
