"""Message-IDs that prove where an answer belongs: an entry and its recipient to a signed id, and back.

The id is `rd.ENTRY.RECIPIENT.TAG@domain`, TAG the first 16 bytes of HMAC-SHA256 in hex. Nobody without the key can make
one, so that knowing a ticket's number is worth nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words
from tickets.facts.threading import SignedTag

TAG_BYTES = 16
_SHORTEST_KEY = 16
_MOST_TRIED = 50
_PURPOSE = b"rackdesk message-id\0"
_TOKEN = re.compile(r"rd\.(\d{1,18})\.([ac]\d{1,18})\.([0-9a-f]{32})", re.IGNORECASE)
_BRACKETED = re.compile(rf"\[?{_TOKEN.pattern}\]?", re.IGNORECASE)
_RECIPIENT = re.compile(r"[ac]\d{1,18}")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_BETWEEN = re.compile(r"<[^<>]*>|&[a-z]{1,10};|[\s>|]+")


def token(tag: SignedTag, keys: tuple[bytes, ...]) -> str:
    """The signed part of the id, which also stands in the body. The first of `keys` signs."""
    if tag.entry < 0 or _RECIPIENT.fullmatch(tag.recipient) is None:
        raise RenderError(words(gettext_noop("A mail cannot be signed without its entry and its recipient.")))
    return f"rd.{tag.entry}.{tag.recipient}.{_signature(tag, _usable(keys)[0])}"


def message_id(tag: SignedTag, keys: tuple[bytes, ...], domain: str) -> str:
    """The Message-ID without angle brackets. Raises RenderError for a domain that cannot stand in one."""
    if _DOMAIN.fullmatch(domain) is None:
        raise RenderError(words(gettext_noop("%(domain)s is not a domain name for mail."), domain=domain or "?"))
    return f"{token(tag, keys)}@{domain.lower()}"


def tags_in(text: str, keys: tuple[bytes, ...]) -> tuple[SignedTag, ...]:
    """The tags in `text` (an id, a body as text or HTML) whose signature holds, in order, each once.

    Any of `keys` may have signed, so that keys can be changed. A tag may be part of a larger word, and may have been
    broken by a mail program: line breaks, quote marks and HTML tags inside it do not matter.
    """
    trusted = _usable(keys)
    if "rd." not in text.lower():
        return ()
    found: dict[SignedTag, None] = {}
    for seen in (text, _BETWEEN.sub("", text)):
        for tried, match in enumerate(_TOKEN.finditer(seen)):
            if tried >= _MOST_TRIED:
                break
            tag = SignedTag(int(match.group(1)), match.group(2).lower())
            written = match.group(3).lower()
            if any(hmac.compare_digest(written, _signature(tag, key)) for key in trusted):
                found.setdefault(tag)
    return tuple(found)


def without_tags(text: str) -> str:
    """`text` without anything that looks like a tag: what one reader's mail proves must not travel to another."""
    return _BRACKETED.sub("", text) if "rd." in text.lower() else text


def _signature(tag: SignedTag, key: bytes) -> str:
    said = _PURPOSE + f"{tag.entry}\0{tag.recipient}".encode()
    return hmac.new(key, said, hashlib.sha256).digest()[:TAG_BYTES].hex()


def _usable(keys: tuple[bytes, ...]) -> tuple[bytes, ...]:
    if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
        raise RenderError(words(gettext_noop("There is no key to sign mail with, or one that is too short.")))
    return keys
