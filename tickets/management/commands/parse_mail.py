"""`manage.py parse_mail FILE...`: files with mails in, JSON lines out."""

from __future__ import annotations

import hashlib
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from hosts.facts.json_shape import to_json
from tickets.errors import UnreadableMail
from tickets.facts.mail import Address, MailAttachment, MailFacts
from tickets.parse.mail import mail_facts
from tickets.parse.mbox import mails_in


class Command(BaseCommand):
    """Reads files only: neither the database nor a mail server is asked."""

    help = (
        "Print as JSON lines what is in mails: single ones (.eml, .box) or all of an mbox. "
        "Exit code 1 where something could not be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Any number of files; - is standard input."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="a mail or an mbox; - reads standard input")

    def handle(self, *args: object, files: list[str], **options: object) -> None:
        """One object per mail; an object with "error" for what was not readable."""
        failed = False
        for file in files:
            for row in _rows(file):
                failed = failed or "error" in row
                self.stdout.write(json.dumps({"file": file, **row}, ensure_ascii=False))
        if failed:
            sys.exit(1)


def _rows(file: str) -> Iterator[dict[str, Any]]:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        yield {"error": f"The file cannot be read: {error.strerror or error}."}
        return
    for raw in mails_in(data):
        try:
            yield _row(mail_facts(raw))
        except UnreadableMail as error:
            yield {"error": str(error)}


def _row(mail: MailFacts) -> dict[str, Any]:
    row = {
        "from_email": mail.sender.email,
        "from_name": mail.sender.name,
        "to": [_mailbox(one) for one in mail.to],
        "cc": [_mailbox(one) for one in mail.cc],
        "reply_to": [_mailbox(one) for one in mail.reply_to],
        "subject": mail.subject,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "html": mail.html,
        "visible_text": mail.visible_text,
        "folds": mail.folds,
        "html_folds": mail.html_folds,
        "attachments": [_file(one) for one in mail.attachments],
        "auto_submitted": str(mail.automatic.kind) if mail.automatic and mail.automatic.certain else None,
        "bounce": mail.bounce,
        "damage": [str(one) for one in mail.damage],
    }
    return {key: _shaped(value) for key, value in row.items()}


def _shaped(value: Any) -> Any:
    return value if isinstance(value, list) and value and isinstance(value[0], dict) else to_json(value)


def _mailbox(one: Address) -> dict[str, str]:
    return {"email": to_json(one.email), "name": to_json(one.name)}


def _file(one: MailAttachment) -> dict[str, Any]:
    return {
        "name": to_json(one.name),
        "type": to_json(one.type),
        "size": one.size,
        "md5": hashlib.md5(one.data, usedforsecurity=False).hexdigest(),
        "inline": one.inline,
    }
