"""The tree of parts to what its reader sees: one text, one HTML, and the files."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from hosts.facts.words import Words, gettext_noop, words
from tickets.facts.mail import MailAttachment
from tickets.parse.attachments import attachments_of, content_of, safe_name, written_name
from tickets.parse.charsets import codec_of, decoded
from tickets.parse.flowed import unflowed
from tickets.parse.html_text import html_text
from tickets.parse.mime import Part
from tickets.parse.tnef import Tnef
from tickets.parse.uuencode import uu_files

BODY_LIMIT = 1_000_000
"""Characters of text or HTML that are taken as a body; what is longer is cut there and attached whole."""

PICTURE_ONLY = "\N{FRAME WITH PICTURE}"
"""The text of a mail in which there is something to see but nothing to read."""

_TEXT, _HTML = "text/plain", "text/html"
_NO_PROSE = frozenset(
    [f"text/{kind}" for kind in ("calendar", "x-vcalendar", "vcard", "x-vcard", "directory", "rfc822-headers", "css")]
)
_META = re.compile(rb"(?:charset\s*=|<\?xml[^>]{0,60}encoding\s*=)\s*(?:&quot;|[\"'])?\s*([A-Za-z0-9_:.-]{1,40})")
_SEEN_WITHOUT_TEXT = re.compile(r"<(?:img|video|audio|hr|svg)\b", re.IGNORECASE)


@dataclass(slots=True)
class Body:
    """`text` and `html` as in MailFacts; `attachments` in the order in which they stand in the mail."""

    text: str = ""
    html: str = ""
    attachments: list[MailAttachment] = field(default_factory=list)
    damage: list[Words] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
    """A piece of the body: text, HTML, or both as alternatives. `part` is what it was read from."""

    part: Part
    text: str | None = None
    html: str | None = None
    said_already: bool = False

    def plain(self) -> str:
        if self.said_already:
            return ""
        return self.text if self.text is not None else html_text(self.html or "")

    def seen(self) -> bool:
        return bool(self.plain().strip()) or _SEEN_WITHOUT_TEXT.search(self.html or "") is not None


def body_of(raw: bytes, root: Part, hints: tuple[str, ...] = ()) -> Body:
    """The body and the files of a mail. `hints`: charsets that its header names."""
    named = (leaf.content_type.parameters.get("charset", "") for leaf in root.leaves())
    reader = _Reader(raw, (*dict.fromkeys(name for name in named if name), *hints))
    blocks = reader.blocks(root) or reader.other_text()
    body = reader.body
    if reader.inside is not None and not any(block.seen() for block in blocks):
        body.text, body.html = reader.inside.text or html_text(reader.inside.html), reader.inside.html
    else:
        _lay_out(reader, blocks)
    return body


def _lay_out(reader: _Reader, blocks: list[_Block]) -> None:
    body = reader.body
    body.text = "\n".join(piece for piece in (block.plain() for block in blocks) if piece)
    first = next((at for at, block in enumerate(blocks) if block.html is not None), None)
    if first is None:
        return
    if not body.text and any(block.seen() for block in blocks):
        body.text = PICTURE_ONLY
    before = (_as_html(block.text or "") for block in blocks[:first] if block.seen())
    body.html = "".join(before) + (blocks[first].html or "")
    for block in blocks[first + 1 :]:
        if block.seen() or block.said_already:
            reader.attach(block.part, continues_body=True)


def _as_html(text: str) -> str:
    return f'<div style="white-space: pre-wrap">{html.escape(text)}</div>'


class _Reader:
    """Walks over the parts in their order and hands each to the body or to the files."""

    def __init__(self, raw: bytes, hints: tuple[str, ...]) -> None:
        self.raw = raw
        self.hints = hints
        self.body = Body()
        self.number = 0
        self.others: list[Part] = []
        self.inside: Tnef | None = None

    def blocks(self, part: Part, *, alternative: bool = False) -> list[_Block]:
        """What of `part` is to be read; everything else of it is attached. `alternative`: it is one of several."""
        if not part.children:
            return self.leaf(part, alternative=alternative)
        alternatives = part.type == "multipart/alternative"
        start = part.children[0] if part.type == "multipart/related" and alternative else None
        children = [self.blocks(each, alternative=alternatives or each is start) for each in part.children]
        if alternatives:
            return self.alternative(children)
        return [block for blocks in children for block in blocks]

    def leaf(self, part: Part, *, alternative: bool) -> list[_Block]:
        """A text with a file name is a file, except where it is one of several versions of the body."""
        self.number += 1
        kind = _TEXT if part.type.startswith("multipart/") else part.type
        shown = part.disposition.value != "attachment"
        if shown and kind in {_TEXT, _HTML} and (alternative or not written_name(part)):
            return [self.read(part, kind)]
        if shown and kind.startswith("text/") and kind not in _NO_PROSE:
            self.others.append(part)
        self.attach(part)
        return []

    def alternative(self, children: list[list[_Block]]) -> list[_Block]:
        """The first plain and the last HTML version; others become files, so that nothing is lost."""
        plain = [blocks for blocks in children if blocks and all(block.html is None for block in blocks)]
        rich = [blocks for blocks in children if any(block.html is not None for block in blocks)]
        chosen = rich[-1] if rich else (plain[0] if plain else [])
        for blocks in (*plain[1:], *rich[:-1]):
            for block in blocks:
                if block.seen():
                    self.attach(block.part)
        text = "\n".join(block.text or "" for block in plain[0]) if plain else ""
        if rich and text.strip():
            first = next(block for block in chosen if block.html is not None)
            for block in chosen:
                block.said_already = block is not first
            first.text = text
        return chosen

    def other_text(self) -> list[_Block]:
        """Where nothing else is to be read: the first text that has a file name or is of another kind, read as plain
        text (RFC 2046, 4.1.4)."""
        return [self.read(part, _HTML if part.type == _HTML else _TEXT) for part in self.others[:1]]

    def attach(self, part: Part, *, continues_body: bool = False) -> None:
        files, inside = attachments_of(self.raw, part, self.number, continues_body=continues_body)
        self.body.attachments += files
        if inside and (inside.text or inside.html):
            self.inside = self.inside or inside

    def read(self, part: Part, kind: str) -> _Block:
        data = content_of(self.raw, part)
        charset = part.content_type.parameters.get("charset", "")
        if kind == _HTML and codec_of(charset) in {None, "ascii"}:
            meta = _META.search(data[:4096])
            charset = meta.group(1).decode("ascii") if meta else charset
        text = _with_line_feeds(_text(data, charset, self.hints))
        if kind == _TEXT and part.content_type.parameters.get("format", "").lower() == "flowed":
            text = unflowed(text, delsp=part.content_type.parameters.get("delsp", "").lower() == "yes")
        if len(text) > BODY_LIMIT:
            text = self.shortened(text, part)
        return _Block(part, html=text) if kind == _HTML else _Block(part, text=text)

    def shortened(self, text: str, part: Part) -> str:
        """A text too long for a body, first without its uuencoded files, then cut and attached whole."""
        for file in reversed(uu_files(text)):
            self.body.attachments.append(uu_attachment(file.name, file.data))
            text = text[: file.start] + text[file.end :]
        if len(text) > BODY_LIMIT:
            self.attach(part)
            self.body.damage.append(words(gettext_noop("The text was very long; all of it is in an attachment.")))
        return text[:BODY_LIMIT]


def uu_attachment(name: str, data: bytes) -> MailAttachment:
    """A file that stood uuencoded in the text."""
    return MailAttachment(safe_name(name) or "attachment.bin", "application/octet-stream", data, from_text=True)


def _text(data: bytes, charset: str, hints: tuple[str, ...]) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} and len(data) % 2 == 0:
        charset = "utf-16"
    return decoded(data, charset, hints).removeprefix("\ufeff")


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
