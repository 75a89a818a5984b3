"""A Letter to the bytes of its mail: the same letter always gives the same bytes, so a retry sends the same mail.

Headers stand in a fixed order and stay below 78 signs a line; every part is base64 or quoted-printable in ASCII. So no
server on the way has a reason to rewrite anything, and a DKIM signature holds. There is no List-Id: it would make mail
programs treat an answer as a mailing list's.
"""

from __future__ import annotations

import hashlib
import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tickets.facts.outgoing import Letter, LetterFile
from tickets.render.header_lines import address_line, ids_line, text_line

POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
PRECEDENCE = {"auto-replied": "auto_reply", "auto-generated": "bulk"}
_TYPE = re.compile(r"([a-z0-9!#$&^_.+-]{1,60})/([a-z0-9!#$&^_.+-]{1,60})")
_WHOLE = frozenset({"message", "multipart"})
_UNSAFE_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029/\\]+")
_LONGEST_NAME = 150
_BOUNDARY_LENGTH = 24


def mail_bytes(letter: Letter) -> bytes:
    """The mail with CR LF line ends. Raises RenderError for an address that cannot stand in a mail."""
    body = _body(letter)
    _set_boundaries(body, letter.message_id)
    return _headers(letter).encode("ascii") + body.as_bytes(policy=POLICY)


def _headers(letter: Letter) -> str:
    lines = [
        address_line("From", letter.from_email, letter.from_name),
        address_line("To", letter.to_email, letter.to_name),
        text_line("Subject", letter.subject),
        text_line("Date", format_datetime(letter.date)),
        ids_line("Message-ID", (letter.message_id,)),
        ids_line("In-Reply-To", (letter.in_reply_to,)),
        ids_line("References", letter.references),
    ]
    if letter.language:
        lines.append(text_line("Content-Language", letter.language))
    if letter.automatic in PRECEDENCE:
        lines += [
            text_line("Auto-Submitted", letter.automatic),
            text_line("X-Auto-Response-Suppress", SUPPRESSED),
            text_line("Precedence", PRECEDENCE[letter.automatic]),
        ]
    return "".join(lines)


def _body(letter: Letter) -> EmailMessage:
    """text, or alternative(text, html), html within related(html, pictures), all of it within mixed(…, files)."""
    shown = [file for file in letter.files if file.is_inline and file.content_id and letter.html]
    body = EmailMessage(policy=POLICY)
    body.set_content(_text(letter.text), charset="utf-8", cte=_encoding(letter.text))
    if letter.html:
        body.add_alternative(_text(letter.html), subtype="html", charset="utf-8", cte=_encoding(letter.html))
    for file in shown:
        page = body.get_body(("related", "html"))
        if isinstance(page, EmailMessage):
            main, sub = _type(file)
            page.add_related(file.data, main, sub, disposition="inline", filename=_name(file), cid=f"<{_cid(file)}>")
    for file in letter.files:
        if file not in shown:
            main, sub = _type(file)
            body.add_attachment(file.data, main, sub, disposition="attachment", filename=_name(file))
    return body


def _text(text: str) -> str:
    """Line ends as the message wants them; a lone surrogate (from a broken mail) cannot be encoded and is replaced."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()


def _encoding(text: str) -> str:
    """Quoted-printable where most can be read in it, else base64, which is shorter for Korean."""
    foreign = sum(not sign.isascii() for sign in text)
    return "quoted-printable" if foreign * 6 < len(text) else "base64"


def _type(file: LetterFile) -> tuple[str, str]:
    """The claimed type; a mail inside a mail would have to go out unencoded, so it travels as plain bytes."""
    match = _TYPE.fullmatch(file.content_type.strip().lower())
    return (match[1], match[2]) if match and match[1] not in _WHOLE else ("application", "octet-stream")


def _name(file: LetterFile) -> str:
    """The file's name without what could be a folder or a header of its own."""
    name = _UNSAFE_IN_NAME.sub("_", file.name.encode("utf-8", "replace").decode()).strip()[:_LONGEST_NAME]
    return name or "file"


def _cid(file: LetterFile) -> str:
    return re.sub(r"[^\x21-\x3b\x3d\x3f-\x7e]", "", file.content_id)[:200]


def _set_boundaries(body: EmailMessage, seed: str) -> None:
    """Boundaries from the Message-ID. Encoded parts cannot hold one: `=_` stands in neither of the encodings."""
    for number, part in enumerate(part for part in body.walk() if part.is_multipart()):
        digest = hashlib.sha256(f"{seed} {number}".encode()).hexdigest()
        part.set_boundary(f"=_{digest[:_BOUNDARY_LENGTH]}")
