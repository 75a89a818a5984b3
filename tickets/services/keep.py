"""The bytes of a mail in, a row that says they are kept out. Nothing is thought about them yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from hosts.facts.words import gettext_noop, plain, words
from tickets.errors import CannotKeep
from tickets.models import IncomingMail, Mailbox, StoredFile
from tickets.models.stored import lay_down, lay_down_all

LONGEST_ID = 200
_MOST_VARIABLES = 500


def keep_mail(mailbox: Mailbox | None, remote_id: str, pieces: Iterable[bytes]) -> tuple[IncomingMail, bool]:
    """The row of a mail whose bytes are on disk and synced, and whether it is new. CannotKeep where the disk is full.

    The same id with other bytes is another mail: some POP3 servers give an id again. Whatever `pieces` raises is let
    through, and nothing is kept then.
    """
    with _disk():
        sha256, size = lay_down(pieces)
    remote_id = shortened(remote_id)
    try:
        return _kept(mailbox, remote_id, sha256, size)
    except IntegrityError:  # another fetcher was faster by a moment
        return _kept(mailbox, remote_id, sha256, size)


def keep_mails(mailbox: Mailbox, contents: Mapping[str, bytes]) -> None:
    """`keep_mail` for several small ones, {remote_id: bytes}: all or none of them, and the disk is waited for less."""
    if not contents:
        return
    with _disk():
        files = lay_down_all(contents.values())
    mails = [(shortened(one), *file) for one, file in zip(contents, files, strict=True)]
    try:
        _kept_together(mailbox, mails)
    except IntegrityError:  # another fetcher was faster by a moment
        for mail in mails:
            _kept(mailbox, *mail)


def kept_ids(mailbox: Mailbox, remote_ids: Sequence[str], *, leaves: bool) -> set[str]:
    """Which of these need not be fetched. Where mail does not stay on its server (`leaves` is false), an id that was
    put away and is there again stands for another mail.
    """
    mine = IncomingMail.objects.filter(mailbox=mailbox)
    if not leaves:
        mine = mine.filter(is_off_server=False)
    found: set[str] = set()
    for start in range(0, len(remote_ids), _MOST_VARIABLES):
        some = {shortened(one): one for one in remote_ids[start : start + _MOST_VARIABLES]}
        rows = mine.filter(remote_id__in=list(some)).values_list("remote_id", flat=True)
        found.update(some[one] for one in rows)
    return found


def still_on_server(mailbox: Mailbox) -> list[str]:
    """The ids of kept mails that are still to be moved, deleted or marked there."""
    rows = IncomingMail.objects.filter(mailbox=mailbox, is_off_server=False).exclude(remote_id="")
    return list(rows.order_by("pk").values_list("remote_id", flat=True))


def note_off_server(mailbox: Mailbox, remote_ids: Collection[str]) -> int:
    """Write down that these were moved, deleted or marked; how many rows that was."""
    ids, count = [shortened(one) for one in remote_ids], 0
    for start in range(0, len(ids), _MOST_VARIABLES):
        some = IncomingMail.objects.filter(mailbox=mailbox, remote_id__in=ids[start : start + _MOST_VARIABLES])
        count += some.update(is_off_server=True)
    return count


def shortened(remote_id: str) -> str:
    """An id as it is kept: RFC 1939 allows 70 characters, some servers more, and a NUL is no text."""
    return remote_id.replace("\0", "")[-LONGEST_ID:]


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotKeep(
            words(
                gettext_noop("A mail could not be written to disk: %(why)s. It stays on its server."),
                why=plain(error.strerror or str(error)),
            )
        ) from error


@transaction.atomic
def _kept_together(mailbox: Mailbox, mails: Sequence[tuple[str, str, int]]) -> None:
    there = IncomingMail.objects.filter(mailbox=mailbox, remote_id__in=[remote_id for remote_id, _, _ in mails])
    known = set(there.values_list("remote_id", flat=True))
    new = [mail for mail in mails if mail[0] and mail[0] not in known]
    sizes = {sha256: size for _, sha256, size in new}
    StoredFile.objects.bulk_create(
        [StoredFile(sha256=sha256, size=sizes[sha256]) for sha256 in sorted(sizes)], ignore_conflicts=True
    )
    IncomingMail.objects.bulk_create(
        IncomingMail(mailbox=mailbox, remote_id=remote_id, raw_id=sha256) for remote_id, sha256, _ in new
    )
    for mail in mails:
        if mail[0] in known or not mail[0]:
            _kept(mailbox, *mail)


@transaction.atomic
def _kept(mailbox: Mailbox | None, remote_id: str, sha256: str, size: int) -> tuple[IncomingMail, bool]:
    file, _ = StoredFile.objects.get_or_create(sha256=sha256, defaults={"size": size})
    if mailbox is None or not remote_id:
        return IncomingMail.objects.create(mailbox=mailbox, raw=file, is_off_server=True), True
    there = IncomingMail.objects.filter(mailbox=mailbox, remote_id=remote_id).first()
    if there is not None and there.raw_id != sha256:
        remote_id = f"{remote_id[: LONGEST_ID - 65]}:{sha256}"
        there = IncomingMail.objects.filter(mailbox=mailbox, remote_id=remote_id).first()
    if there is not None:
        return there, False
    return IncomingMail.objects.create(mailbox=mailbox, remote_id=remote_id, raw=file), True
