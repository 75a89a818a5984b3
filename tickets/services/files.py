"""Files of entries: bytes in, kept once under their digest; and the sweep of what nobody points at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from tickets.facts.mail import MailFacts
from tickets.facts.verbs import NewFile
from tickets.models import Attachment, CannedFile, Entry, IncomingMail, StoredFile
from tickets.models.stored import lay_down, lay_down_all, vault

MOST_BYTES = 100 * 1024 * 1024
LONGEST_NAME = 255
YOUNG = timedelta(days=1)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f/\\]+")


def keep(
    name: str, content_type: str, pieces: Iterable[bytes], *, is_inline: bool = False, content_id: str = ""
) -> NewFile:
    """Put bytes on disk and under their digest; the row follows. BadInput for more than MOST_BYTES."""
    sha256, size = lay_down(_counted(pieces, name))
    StoredFile.objects.get_or_create(sha256=sha256, defaults={"size": size})
    return NewFile(
        clean_name(name), content_type[:127] or "application/octet-stream", sha256, size, is_inline, content_id
    )


def attach(entry: Entry, files: Iterable[NewFile]) -> list[Attachment]:
    """Hang files at an entry. Their bytes must be kept already."""
    return attach_all([(entry, file) for file in files])


def attach_all(files: Sequence[tuple[Entry, NewFile]]) -> list[Attachment]:
    """Hang files at several entries."""
    if not files:
        return []
    sizes = {one.sha256: one.size for _, one in files}
    StoredFile.objects.bulk_create(  # in the order of their digests: two who write the same do not wait for each other
        [StoredFile(sha256=digest, size=sizes[digest]) for digest in sorted(sizes)], ignore_conflicts=True
    )
    return Attachment.objects.bulk_create(
        Attachment(
            entry=entry,
            file_id=one.sha256,
            name=clean_name(one.name),
            content_type=one.content_type[:127] or "application/octet-stream",
            is_inline=one.is_inline,
            content_id=one.content_id[:998],
        )
        for entry, one in files
    )


def files_of_mails(mails: Sequence[MailFacts]) -> list[tuple[NewFile, ...]]:
    """The files of each mail, with their bytes on disk; the disk is waited for once."""
    all_files = [one for facts in mails for one in facts.attachments]
    kept = iter(lay_down_all([one.data for one in all_files]))
    found = []
    for facts in mails:
        of_mail = ((one, *next(kept)) for one in facts.attachments)
        found.append(
            tuple(NewFile(one.name, one.type, sha, size, one.inline, one.content_id) for one, sha, size in of_mail)
        )
    return found


def clean_name(name: str) -> str:
    """A name without folders and control characters, never empty; a long one keeps its ending."""
    clean = _UNPRINTABLE.sub("_", name).strip(" .") or "file"
    if len(clean) <= LONGEST_NAME:
        return clean
    ending = Path(clean).suffix[:20]
    return clean[: LONGEST_NAME - len(ending)] + ending


def sweep(now: datetime) -> int:
    """Remove files that no row points at and that are older than a day; how many."""
    gone = 0
    pointed_at = [
        Exists(kind.objects.filter(**{field: OuterRef("pk")}))
        for kind, field in ((Attachment, "file"), (IncomingMail, "raw"), (CannedFile, "file"))
    ]
    for row in StoredFile.objects.filter(*(~one for one in pointed_at), created_at__lt=now - YOUNG).iterator():
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:  # somebody began to point at it in this moment
            continue
    for path in vault().glob("??/??/*"):
        is_old = _DIGEST.fullmatch(path.name) and path.stat().st_mtime < (now - YOUNG).timestamp()
        if is_old and not StoredFile.objects.filter(pk=path.name).exists():
            path.unlink(missing_ok=True)
            gone += 1
    for path in vault().glob(".new-*"):
        if path.stat().st_mtime < (now - YOUNG).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _counted(pieces: Iterable[bytes], name: str) -> Iterable[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_BYTES:
            raise BadInput(
                words(
                    gettext_noop("The file “%(name)s” is larger than %(most)s MB. Nothing was kept of it."),
                    name=clean_name(name),
                    most=MOST_BYTES // (1024 * 1024),
                ),
                field="files",
            )
        yield piece
