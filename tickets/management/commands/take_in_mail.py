"""`manage.py take_in_mail`: one mail on standard input, kept before the exit code says so (sysexits.h)."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import BinaryIO

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError
from kombu.exceptions import OperationalError as NoQueue

from hosts.facts.words import gettext_noop, words
from tickets.errors import CannotKeep, UnreadableMail
from tickets.models import Mailbox
from tickets.parse.mail import SIZE_LIMIT, mail_facts
from tickets.services.keep import keep_mail
from tickets.tasks.intake import take_in_waiting

PIECE_BYTES = 1 << 20
LOOKED_AT_BYTES = 1 << 16


class Refused(Exception):  # noqa: N818  (its text goes to the mail server's log)
    """The exit code that tells the mail server what to do, and why."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class Command(BaseCommand):
    """For a mail server's pipe. Only 75 makes it try again; all others but 0 return the mail to its sender."""

    help = (
        "Take in one mail from standard input, as a mail server's pipe gives it. Exit codes: 0 kept, 65 not a mail or "
        "too large, 66 nothing came, 69 no such mailbox or it is switched off, 75 try again later, 77 no permission."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The mailbox may be named; else the addresses in the mail tell it."""
        parser.add_argument("--mailbox", metavar="ADDRESS", default="", help="the address that the mail came to")

    def handle(self, *args: object, mailbox: str, **options: object) -> None:
        """Keep the mail; reading it is left to the workers, so that the mail server never waits for that."""
        try:
            _take_in(sys.stdin.buffer, mailbox)
        except Refused as refused:
            self.stderr.write(f"take_in_mail: {refused}")
            sys.exit(refused.code)
        try:
            take_in_waiting.delay()
        except NoQueue:  # the sweep finds it
            self.stderr.write("take_in_mail: the mail is kept; it is read as soon as the queue is back")


def _take_in(stream: BinaryIO, address: str) -> None:
    try:
        mailbox = _mailbox(address)
        keep_mail(mailbox, "", _pieces(stream))
    except UnreadableMail as error:
        raise Refused(os.EX_DATAERR, str(error)) from error
    except CannotKeep as error:
        denied = isinstance(error.__cause__, PermissionError)
        raise Refused(os.EX_NOPERM if denied else os.EX_TEMPFAIL, str(error)) from error
    except (DatabaseError, InterfaceError) as error:
        raise Refused(os.EX_TEMPFAIL, f"the database is not there: {type(error).__name__}") from error


def _mailbox(address: str) -> Mailbox | None:
    if not address:
        return None
    found = Mailbox.objects.filter(address__iexact=address, is_active=True).first()
    if found is None:
        raise Refused(os.EX_UNAVAILABLE, f"there is no mailbox {address} that is switched on")
    return found


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """What comes, piece by piece; UnreadableMail where its beginning is that of no mail."""
    piece = stream.read(PIECE_BYTES)
    if not piece:
        raise Refused(os.EX_NOINPUT, "nothing came")
    mail_facts(piece[:LOOKED_AT_BYTES])
    size = 0
    while piece:
        size += len(piece)
        if size > SIZE_LIMIT:
            raise UnreadableMail(
                words(gettext_noop("This mail is larger than %(limit)s MB. Nothing was kept."), limit=SIZE_LIMIT >> 20)
            )
        yield piece
        piece = stream.read(PIECE_BYTES)
