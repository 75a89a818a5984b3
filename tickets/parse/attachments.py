"""Parts that are files to MailAttachment: names, types, what lies inside TNEF."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import unquote

from tickets.facts.mail import MailAttachment
from tickets.parse.encoded_words import decoded_value
from tickets.parse.headers import fields_of
from tickets.parse.mime import Part
from tickets.parse.tnef import Tnef, tnef
from tickets.parse.transfer import transferred

# Overrides of the direction of writing turn "exe.pdf" round; the rest is not allowed in names by some system.
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:\"|?*]")
_SPACES = re.compile(r"\s+")
_NAME_LIMIT = 180
_ENDINGS = {
    "message/rfc822": ".eml", "message/global": ".eml", "message/delivery-status": ".txt", "text/plain": ".txt",
    "text/html": ".html", "text/calendar": ".ics", "text/rfc822-headers": ".txt", "image/jpeg": ".jpg",
    "image/jpg": ".jpg", "application/pgp-signature": ".asc", "application/pgp-encrypted": ".txt",
    "application/pkcs7-mime": ".p7m", "application/x-pkcs7-mime": ".p7m", "application/pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat", "message/disposition-notification": ".txt", "message/feedback-report": ".txt",
}  # fmt: skip
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


def content_of(raw: bytes, part: Part) -> bytes:
    """The decoded bytes of a part."""
    return transferred(raw[part.start : part.end], part.fields.first("content-transfer-encoding"))


def written_name(part: Part) -> str:
    """The file name that the sender gave, "" where there is none."""
    name = part.disposition.parameters.get("filename") or part.content_type.parameters.get("name") or ""
    return safe_name(name)


def safe_name(name: str) -> str:
    """A name without folders, control and direction signs, of at most 180 characters with its ending kept."""
    name = name.strip()
    if len(name) > 2 and name[0] == name[-1] == "'":
        name = name[1:-1]
    last = re.split(r"[/\\]", name)[-1]
    clean = _SPACES.sub(" ", _UNWANTED.sub("", last)).strip(" .")
    if len(clean) <= _NAME_LIMIT:
        return clean
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending) > 12:
        return clean[:_NAME_LIMIT]
    return f"{stem[: _NAME_LIMIT - len(ending) - 1]}.{ending}"


def attachments_of(
    raw: bytes, part: Part, number: int, *, continues_body: bool
) -> tuple[list[MailAttachment], Tnef | None]:
    """The part as a file, and the files inside it where it is TNEF. `number` makes a name for nameless parts."""
    data = content_of(raw, part)
    content_id = decoded_value(part.fields.first("content-id")).strip("<> ")
    name = written_name(part) or _made_up_name(part, data, number)
    inside = tnef(data) if part.type in _TNEF or name.lower() == "winmail.dat" else None
    whole = MailAttachment(
        name=name,
        type=part.type,
        data=data,
        inline=continues_body or part.disposition.value == "inline" or (bool(content_id) and _is_image(part)),
        content_id=content_id,
        continues_body=continues_body,
    )
    files = inside.files if inside else []
    return [whole, *(_from_tnef(file.name, file.type, file.content_id, file.data) for file in files)], inside


def _is_image(part: Part) -> bool:
    return part.type.startswith("image/") and part.disposition.value != "attachment"


def _from_tnef(name: str, kind: str, content_id: str, data: bytes) -> MailAttachment:
    name = safe_name(name) or "attachment.bin"
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return MailAttachment(name, kind.lower() or guessed, data, content_id=content_id.strip("<> "), from_text=True)


def _made_up_name(part: Part, data: bytes, number: int) -> str:
    ending = _ENDINGS.get(part.type) or mimetypes.guess_extension(part.type) or ".bin"
    described = decoded_value(part.fields.first("content-description"))
    if part.type in {"message/rfc822", "message/global"}:
        described = decoded_value(fields_of(data[:65536], only=b"subject").first("subject")) or described
    described = safe_name(described)[:100]
    if described and (described.lower().endswith(ending) or mimetypes.guess_type(described)[0] == part.type):
        return described
    if ending == ".bin" and mimetypes.guess_type(described)[0]:
        return described
    return _located_name(part) or (described + ending if described else f"part-{number}{ending}")


def _located_name(part: Part) -> str:
    """The last piece of Content-Location (RFC 2557), where that is the name of a file."""
    place = decoded_value(part.fields.first("content-location"))
    name = safe_name(unquote(re.split(r"[?#]", place, maxsplit=1)[0]))[:100]
    return name if mimetypes.guess_type(name)[0] else ""
