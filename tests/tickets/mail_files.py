"""The mails of this folder: their bytes and their facts by name."""

from __future__ import annotations

from pathlib import Path

from tickets.facts.mail import MailFacts
from tickets.parse.mail import mail_facts

MAILS = Path(__file__).parent / "mails"


def raw_mail(name: str) -> bytes:
    """The bytes of `name`.eml."""
    return (MAILS / f"{name}.eml").read_bytes()


def facts_of(name: str) -> MailFacts:
    """The facts of `name`.eml."""
    return mail_facts(raw_mail(name))


def mail(header: str = "", body: bytes | str = b"text\n") -> MailFacts:
    """The facts of a mail from kim@a.example with `header` above it (lines) and `body` below."""
    content = body.encode() if isinstance(body, str) else body
    head = header.encode("utf-8", "surrogateescape")
    if b"from:" not in head.lower():
        head = b"From: kim@a.example\n" + head
    return mail_facts(head.rstrip(b"\n") + b"\n\n" + content)
