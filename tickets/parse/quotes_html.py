"""The HTML of a mail to the stretch that only repeats an earlier mail. Nothing is cut: only positions are told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tickets.choices import FoldKind
from tickets.facts.mail import Fold
from tickets.facts.marker import REPLY_LINE
from tickets.parse.html_text import html_text
from tickets.parse.quote_habits import ATTRIBUTION

# What stands around the answered mail, by the program that writes it.
_WRAPPERS = re.compile(
    r"<(?:"
    r"div[^<>]{0,300}\bclass\s*=\s*[\"']?[^\"'<>]{0,200}\b(?:gmail_quote|gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote"
    r"|tutanota_quote|zmail_extra|OutlookMessageHeader|x_gmail_quote|mail_quote|nv_quote|naver_quote|daum_quote)"
    r"|div[^<>]{0,300}\bid\s*=\s*[\"']?(?:x_)?(?:appendonsend|divRplyFwdMsg|mail-editor-reference-message-container|reply-intro"
    r"|yahoo_quoted|mailQuoted|orgMailBody)"
    r"|hr[^<>]{0,300}\bid\s*=\s*[\"']?stopSpelling"
    r"|hr[^<>]{0,300}\btabindex\s*=\s*[\"']?-1"
    r"|blockquote[^<>]{0,300}\b(?:type\s*=\s*[\"']?cite|class\s*=\s*[\"']?[^\"'<>]{0,100}(?:quote|cite))"
    r"|blockquote[^<>]{0,300}border-left"
    r"|div[^<>]{0,100}\bstyle\s*=\s*[\"']?[^\"'<>]{0,100}border:\s*none;\s*border-top:\s*solid\s*#(?:E1E1E1|B5C4DF)"
    r")",
    re.IGNORECASE,
)
_DIVIDERS = re.compile(
    r"[-─━]{3,}\s*(?:Original Message|Ursprüngliche Nachricht|원본\s?메(?:시|세)지|원본\s?메일"
    r"|받은\s?메일|전달된\s?메(?:시|세)지|"
    r"Forwarded message|元のメッセージ|原始邮件|原始郵件)\s*[-─━]{3,}",
    re.IGNORECASE,
)
_LABELS = re.compile(
    r"(?:From|Von|De|Da|Van|差出人|发件人|寄件者|보낸\s?사람|보낸이)\s*(?:</(?:b|strong|span|font)>\s*){0,3}(?:[:：])"
    r"[\s\S]{0,1500}?(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Inviato|Verzonden|送信日時|发送时间|寄件日期|보낸\s?날짜|날짜)"
    r"\s*(?:</(?:b|strong|span|font)>\s*){0,3}(?:[:：])",
    re.IGNORECASE,
)
_LABEL_START = re.compile(
    r"<(?:b|strong)\b[^<>]{0,200}>(?:<[^<>]{0,200}>){0,3}\s*(?:From|Von|De|Da|Van|差出人|发件人|寄件者|보낸\s?사람|보낸이)\s*(?:</|[:：])",
    re.IGNORECASE,
)
_BLOCKQUOTE = re.compile(r"<(/?)blockquote\b", re.IGNORECASE)
_TAG_BACK = re.compile(r"<[^<>]{0,500}>\s*\Z")
_BLOCK_START = re.compile(
    r"<(?:div|p|table|blockquote|br|hr)\b[^<>]{0,500}>\s*(?:<(?:b|strong|span|font|i|u)\b[^<>]{0,500}>\s*)*\Z",
    re.IGNORECASE,
)
_SEEN_WITHOUT_TEXT = re.compile(r"<img\b", re.IGNORECASE)
_MAX_CANDIDATES = 50


def html_folds(source: str) -> tuple[Fold, ...]:
    """The stretch of `source` that repeats an earlier mail, at most one; nothing where no words would stay visible.

    It begins at the tag in which the quotation begins. It ends with the HTML, or at the end of the quotation where the
    answer stands below it.
    """
    if not source:
        return ()
    marker = REPLY_LINE.search(source)
    start = min([*([marker.start()] if marker else []), *_candidates(source)], default=None)
    if start is None:
        return ()
    begin = _tag_before(source, start)
    end = _end(source, begin)
    if end == len(source) and not _seen(source[:begin]):
        return ()
    kind = FoldKind.MARKER if marker and start == marker.start() else FoldKind.QUOTE
    return (Fold(begin, end, kind),)


def _candidates(source: str) -> Iterator[int]:
    for pattern in (_WRAPPERS, _DIVIDERS):
        match = pattern.search(source)
        if match:
            yield match.start()
    for count, start in enumerate(_LABEL_START.finditer(source)):
        if count >= _MAX_CANDIDATES:
            return
        if _LABELS.search(source, start.start(), start.start() + 2500):
            yield start.start()
            return


def _tag_before(source: str, start: int) -> int:
    """The start of the block whose first words stand at `start`, with the attribution above it."""
    begin = start
    if source[start : start + 1] != "<" or _LABEL_START.match(source, start):
        match = _BLOCK_START.search(source, max(0, start - 2000), start)
        begin = match.start() if match else start
    return _attribution_before(source, begin)


def _attribution_before(source: str, begin: int) -> int:
    """Apple Mail and Thunderbird write "On ..., ... wrote:" in a block of its own above the quotation."""
    near = source[max(0, begin - 1500) : begin]
    for block in re.finditer(r"<(?:div|p|br)\b[^<>]{0,300}>", near, re.IGNORECASE):
        words = " ".join(html_text(near[block.start() :]).split())
        if words and ATTRIBUTION.fullmatch(words[:1000]):
            return begin - len(near) + block.start()
    return begin


def _end(source: str, begin: int) -> int:
    """The end of the quotation where words follow that are not quoted, else the end of all."""
    end = _quotation_end(source, begin)
    return end if end < len(source) and _BLOCKQUOTE.search(source, begin, end) and _seen(source[end:]) else len(source)


def _quotation_end(source: str, begin: int) -> int:
    """The end of the first blockquote after `begin`, with all that are inside it; the end of all where it has none."""
    depth = 0
    for match in _BLOCKQUOTE.finditer(source, begin):
        depth += -1 if match.group(1) else 1
        if depth <= 0:
            close = source.find(">", match.end())
            return close + 1 if close >= 0 else len(source)
    return len(source)


def _seen(piece: str) -> bool:
    return bool(html_text(piece).strip()) or _SEEN_WITHOUT_TEXT.search(piece) is not None
