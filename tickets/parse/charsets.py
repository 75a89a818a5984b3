"""Bytes and the name of a charset, which may lie, to text. Never raises."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from tickets.parse.charset_evidence import guessed, hardly_western
from tickets.parse.hangul import composed
from tickets.parse.iso_2022_jp import decoded_iso_2022_jp

# What a name means where it is used for more than it says: the superset that real senders mean (WHATWG Encoding).
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030", "hz-gb-2312": "hz",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "ksc5601": "cp949", "ks_c_5601": "cp949",
    "ksc_5601": "cp949", "korean": "cp949", "uhc": "cp949", "windows-949": "cp949", "x-windows-949": "cp949",
    "cp949": "cp949", "ms949": "cp949", "johab": "johab", "iso-2022-kr": "iso2022_kr",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "cp932": "cp932", "ms_kanji": "cp932", "iso-2022-jp": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp",
    "iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso2022_jp_2", "cp50220": "iso-2022-jp", "euc-jp": "euc_jp",
    "x-euc-jp": "euc_jp", "big5": "cp950", "big5-hkscs": "big5hkscs", "x-big5": "cp950", "cp950": "cp950",
    "euc-tw": "cp950", "us-ascii": "ascii", "ascii": "ascii", "ansi_x3.4-1968": "ascii", "iso-8859-1": "cp1252",
    "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8", "iso-8859-11": "cp874", "tis-620": "cp874",
    "utf8": "utf-8", "utf-8": "utf-8", "utf-8-sig": "utf-8", "cp65001": "utf-8", "cp28591": "cp1252",
    "cp51949": "cp949", "cp20866": "koi8-r", "koi8r": "koi8-r", "koi8u": "koi8-u", "koi8": "koi8-r", "ucs-2": "utf-16",
    "iso2022_jp": "iso-2022-jp", "iso-10646-ucs-2": "utf-16", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8",
    "utf-8-mac": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "utf-7": "utf-7", "macintosh": "mac_roman", "x-mac-roman": "mac_roman",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "utf-32": "utf-32", "ansi": "cp1252",
}  # fmt: skip

# Python also knows codecs that are no charset of a text, or unpack what they are given.
_A_CHARSET = re.compile(
    r"iso8859-\d{1,2}|cp\d{3,5}|koi8-[rut]|mac[-_][a-z0-9]{2,10}|iso2022_[a-z0-9_]{2,12}|big5[a-z]{0,6}|gb[a-z0-9]{1,7}|hz"
    r"|johab|shift_[a-z0-9]{3,6}|euc_[a-z0-9_]{2,10}|utf-(?:7|8|16|32)(?:-[lb]e)?|ascii|tis-620|hp-roman8|ptcp154|kz1048"
)
_NUMBERED = re.compile(r"(?:windows|win|microsoft|ms|cp|ibm|oem)-?(\d{3,5})")
_ISO_8859 = re.compile(r"iso-?8859-?(\d{1,2})(?!\d).*")
_MAC = {
    "centraleurroman": "mac_latin2", "central-europe": "mac_latin2", "ce": "mac_latin2", "cyrillic": "mac_cyrillic",
    "ukrainian": "mac_cyrillic", "greek": "mac_greek", "turkish": "mac_turkish", "roman": "mac_roman",
    "japanese": "cp932", "korean": "cp949", "chinesetrad": "cp950", "chinesesimp": "gb18030",
}  # fmt: skip
_SEVERAL_BYTES = re.compile(r"utf|gb|big5|cp9(?:32|49|50)|euc|iso-?2022|johab|hz|shift|ascii")
# Where a claim is wrong, the other charsets of the same language are likelier than those of others.
_SIBLINGS = {
    "iso-2022-jp": ("cp932", "euc_jp"), "cp932": ("euc_jp",), "euc_jp": ("cp932",), "gb18030": ("cp950",),
    "cp950": ("gb18030",), "iso2022_kr": ("cp949",), "hz": ("gb18030",), "koi8-r": ("cp1251",), "cp1251": ("koi8-r",),
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@lru_cache(maxsize=512)
def codec_of(charset: str) -> str | None:
    """The name of Python's codec for what senders call `charset`; None where nobody knows it."""
    name = re.sub(r"\s", "", charset[:80]).strip("\"'").lower().removeprefix("charset=")
    name = re.split(r"[*:/(,;]", name, maxsplit=1)[0]
    for known in (name, name.replace("_", "-"), name.replace("_", "-").removeprefix("x-")):
        if known in _MEANT:
            return _MEANT[known]
    spelled = name.replace("_", "-").removeprefix("x-")
    return _spelled(spelled) or _spelled(spelled.removeprefix("cs")) or _spelled(spelled.replace("-", ""))


def _spelled(name: str) -> str | None:
    """A codec under one of the many spellings of its name: win-1251, IBM850, iso88592, x-mac-ce."""
    if name.startswith("mac-") and name[4:] in _MAC:
        return _MAC[name[4:]]
    if numbered := _NUMBERED.fullmatch(name):
        name = f"cp{numbered[1]}"
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,40}", name):
        return None
    try:
        found = codecs.lookup(f"iso8859-{iso[1]}" if (iso := _ISO_8859.fullmatch(name)) else name).name
    except LookupError:
        return None
    if _A_CHARSET.fullmatch(found) is None:
        return None
    dashed = found.replace("_", "-").replace("iso8859", "iso-8859")
    return _MEANT.get(name) or _MEANT.get(found) or _MEANT.get(dashed) or found


def decoded(data: bytes, charset: str = "", hints: tuple[str, ...] = ()) -> str:
    """`data` as text. `charset` is what the part says of itself, `hints` what other places of the mail say.

    The claim is believed where the bytes allow it; otherwise the bytes decide. NUL becomes U+FFFD.
    """
    codec = codec_of(charset)
    text = _believed(data, codec)
    if text is not None and not data.isascii() and (_unlikely(text) or _only_by_name(data, codec, text)):
        text = _by_evidence(data, None, hints)
    elif text is None:
        text = _by_evidence(data, codec, hints)
    return composed(text.replace("\0", "\ufffd"))


def without_controls(text: str) -> str:
    """`text` without the control characters that no mail needs (tab, line breaks and form feed stay)."""
    return _CONTROL.sub("", text)


def _believed(data: bytes, codec: str | None) -> str | None:
    if data.isascii() and b"\x1b" not in data and codec not in {"utf-7", "hz", "utf-16", "utf-16-le", "utf-16-be"}:
        return data.decode("ascii")
    if codec is None or codec == "ascii":
        return None
    if codec == "iso-2022-jp":
        return decoded_iso_2022_jp(data) if data.isascii() else None
    if _SEVERAL_BYTES.match(codec) is None:
        # Every byte is a letter in the others, so that they hardly ever contradict. Valid UTF-8 of several bytes does.
        text = _strict(data, "utf-8")
        return text if text is not None else _latin(data, codec)
    return _strict(data, codec)


def _unlikely(text: str) -> bool:
    """Whether the text is made of what nobody writes: letters of private use, or half-width katakana most of all.

    That is what text of another charset looks like where every pair of bytes means something.
    """
    foreign = [sign for sign in text[:4096] if sign > "\x7f"]
    private = sum(1 for sign in foreign if "\ue000" <= sign < "\uf900")
    narrow = sum(1 for sign in foreign if "\uff61" <= sign <= "\uff9f")
    return private * 20 > len(foreign) or (narrow * 2 > len(foreign) and len(foreign) > 8)


def _only_by_name(data: bytes, codec: str | None, text: str) -> bool:
    """If "iso-8859-1" is only what a program always says: every byte is a letter in it, so it never contradicts."""
    return codec == "cp1252" and hardly_western(data) and _strict(data, "utf-8") != text


def _strict(data: bytes, codec: str) -> str | None:
    if codec == "utf-16" and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        # Without a mark it is big-endian (RFC 2781, 4.3), unless the zeros of Latin letters stand the other way round.
        codec = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError):
        return None
    if codec.startswith("utf"):  # UTF-7 lets lone surrogates through, which no database takes
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def _latin(data: bytes, codec: str) -> str | None:
    text = _strict(data, codec)
    if text is None and codec == "cp1252":
        return data.decode("cp1252", "replace") if b"\xff\xfe" in data[:2] else data.decode("latin-1")
    return text


def _by_evidence(data: bytes, codec: str | None, hints: tuple[str, ...]) -> str:
    """What the bytes themselves say, where the claim is missing or wrong."""
    if b"\x1b" in data and data.isascii():
        return decoded_iso_2022_jp(data)
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    claimed = _only_cut(data, codec) or _slightly_damaged(data, codec)
    if claimed is not None:
        return claimed
    for sibling in _SIBLINGS.get(codec or "", ()):
        text = _strict(data, sibling)
        if text is not None:
            return text
    codecs_hinted = tuple(known for known in (codec, *map(codec_of, hints)) if known)
    best = guessed(data, codecs_hinted)
    if best == "cp1252":
        return _latin(data, best) or data.decode("latin-1")
    return data.decode(best, "replace")


def _only_cut(data: bytes, codec: str | None) -> str | None:
    """The claim or UTF-8, where nothing contradicts it but a last character that is not whole."""
    for name in (codec, "utf-8"):
        if name is None or name in {"ascii", "iso-2022-jp"} or data.isascii():
            continue
        decoder = codecs.getincrementaldecoder(name)()
        try:
            text = decoder.decode(data, final=False)
        except UnicodeError:
            continue
        if text:
            return text.encode("utf-8", "replace").decode("utf-8") + "\ufffd"
    return None


def _slightly_damaged(data: bytes, codec: str | None) -> str | None:
    """The claim, where only a few characters in a hundred contradict it (a cut or mangled byte here and there)."""
    candidates = [name for name in (codec, "utf-8") if name and name not in {"ascii", "iso-2022-jp"}]
    for name in candidates:
        text = data.decode(name, "replace")
        foreign = sum(1 for sign in text if sign > "\x7f")
        if text.count("\ufffd") * 20 <= foreign:
            return text.encode("utf-8", "replace").decode("utf-8")
    return None
