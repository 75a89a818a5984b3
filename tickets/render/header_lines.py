"""Names, values and addresses to header lines of a mail, folded, in ASCII, and never more lines than were meant.

Written out here because the standard library's folding turns long Message-IDs into encoded words, which no program
reads as an id any more. Formats: RFC 5322 (lines up to 78), RFC 2047 (encoded words up to 75).
"""

from __future__ import annotations

import base64
import re

from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words
from tickets.facts.mail import Address

WIDTH = 76
_ENCODED_BYTES = 42
"""Bytes of UTF-8 in one encoded word: 56 signs of base64 and the 12 around them stay below 75."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,900}")


def text_line(name: str, text: str) -> str:
    """A header of free text, such as Subject."""
    clean = " ".join(_CONTROL.sub(" ", text).split())
    return _folded(name, _words_of(clean))


def address_line(name: str, email: str, person: str) -> str:
    """From or To. Raises RenderError for an address that cannot stand in one."""
    return _folded(name, [*_phrase(person), f"<{wire_address(email)}>"])


def ids_line(name: str, ids: tuple[str, ...]) -> str:
    """Message-ID, In-Reply-To or References; what is no id is left out, "" where nothing stays."""
    usable = [f"<{one}>" for one in ids if _ID.fullmatch(one)]
    return _folded(name, usable) if usable else ""


def wire_address(email: str) -> str:
    """The address as it goes over the wire, its domain in ASCII (IDNA). Raises RenderError where it has none."""
    local, _, domain = email.rpartition("@")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        domain = ""
    if not Address(f"{local}@{domain}").usable or not local.isascii():
        raise RenderError(
            words(gettext_noop("“%(email)s” is no address that a mail server would take."), email=email[:100])
        )
    return f"{local}@{domain}"


def _phrase(person: str) -> list[str]:
    """A display name: as it is, in quotation marks, or as encoded words."""
    clean = " ".join(_CONTROL.sub(" ", person).split())
    if not clean:
        return []
    if _ATOMS.fullmatch(clean) and "=?" not in clean:
        return clean.split(" ")
    if _PLAIN.fullmatch(clean) and "=?" not in clean and len(clean) < WIDTH:
        return ['"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"']
    return _encoded(clean)


def _words_of(text: str) -> list[str]:
    """Text cut where it may be folded. One sign beyond ASCII, or a word too long for a line, encodes all of it."""
    pieces = text.split(" ")
    if _PLAIN.fullmatch(text) and "=?" not in text and max(map(len, pieces)) < WIDTH - 1:
        return pieces
    return _encoded(text)


def _encoded(text: str) -> list[str]:
    """Encoded words of whole characters each; white space between them means nothing to a reader."""
    chunks, chunk = [], b""
    for sign in text:
        octets = sign.encode("utf-8", "replace")
        if len(chunk) + len(octets) > _ENCODED_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += octets
    chunks.append(chunk)
    return [f"=?utf-8?b?{base64.b64encode(one).decode()}?=" for one in chunks]


def _folded(name: str, pieces: list[str]) -> str:
    """The pieces behind the name, a line break before each that would not fit; ends with CR LF."""
    lines, line = [], f"{name}:"
    for piece in pieces:
        if len(line) + 1 + len(piece) > WIDTH and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {piece}"
    return "\r\n".join((*lines, line)) + "\r\n"
