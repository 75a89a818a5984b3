"""The files of a change in, what the review page shows of each out: counts, notes, the drawn difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from hosts.choices import FileKind
from hosts.models import Change, ChangeFile
from hosts.rules.review import Review, review

DRAWN_AT_ONCE = 128 * 1024
LARGEST_SHOWN = 8 * 1024 * 1024


@dataclass(slots=True)
class FileShown:
    """One file. `said` stands where there is no difference to draw; `is_later` where htmx fetches it."""

    row: ChangeFile
    said: str = ""
    notes: list[str] = field(default_factory=list)
    drawn: Review | None = None
    is_later: bool = False
    badge: str = ""


def files_shown(change: Change, rows: Sequence[ChangeFile], *, wide: bool) -> list[FileShown]:
    """Every file of the change, the small ones with their difference drawn, the large ones to be fetched."""
    room = DRAWN_AT_ONCE
    shown = []
    for row in rows:
        entry = described(change, row)
        if not entry.said:
            weight = row.seen_size + (row.wanted_content.size if row.wanted_content else 0)
            room -= weight
            if room >= 0:
                entry.drawn = drawn(row, wide=wide)
            else:
                entry.is_later = True
        shown.append(entry)
    return shown


def described(change: Change, row: ChangeFile) -> FileShown:
    """What there is to say of a file besides its lines."""
    entry = FileShown(row)
    if change.compared_at is None and not row.seen_kind:
        entry.said = _("Not compared yet.")
        return entry
    entry.badge, entry.notes = _badge(row), _notes(row)
    if row.is_secret:
        entry.said = _("Secret: it changes, and its text is not shown.") if row.differs else _("Secret: unchanged.")
    elif not row.differs:
        entry.said = _("The host has exactly this already.")
    elif row.seen_kind == FileKind.FILE and row.seen_content_id is None:
        entry.said = _("The file on the host is too large to be shown; it is replaced as a whole.")
    elif row.seen_kind not in (FileKind.FILE, FileKind.ABSENT):
        entry.said = _("On the host this is %(kind)s. The panel replaces regular files only.") % {
            "kind": FileKind(row.seen_kind).label
        }
    elif row.seen_sha256 and row.seen_sha256 == row.wanted_content_id:
        entry.said = _("The text stays as it is.")
    return entry


def texts(row: ChangeFile) -> tuple[bytes | None, bytes | None]:
    """The bytes as they were and as they shall be; None where there is no file."""
    old = row.seen_content.read() if row.seen_content else None
    new = None if row.is_absent or row.wanted_content is None else row.wanted_content.read()
    return old, new


def drawn(row: ChangeFile, *, wide: bool) -> Review:
    """The difference of a file that may be shown."""
    old, new = texts(row)
    return review(old, new, row.path, wide=wide)


def _badge(row: ChangeFile) -> str:
    if not row.differs:
        return _("unchanged")
    if row.is_absent:
        return _("is removed")
    if row.seen_kind == FileKind.ABSENT:
        return _("new file")
    return ""


def _notes(row: ChangeFile) -> list[str]:
    """What changes beside the text: owner, group and mode."""
    if row.is_absent or row.seen_kind != FileKind.FILE:
        new = _("Owner %(owner)s:%(group)s, mode %(mode)s.") % _rights(row.owner, row.group, row.mode)
        return [] if row.is_absent or not row.differs else [new]
    notes = []
    if (row.seen_owner, row.seen_group) != (row.owner, row.group):
        notes.append(
            _("Owner %(old)s becomes %(new)s.")
            % {"old": f"{row.seen_owner}:{row.seen_group}", "new": f"{row.owner}:{row.group}"}
        )
    if row.seen_mode != row.mode:
        notes.append(_("Mode %(old)s becomes %(new)s.") % {"old": f"{row.seen_mode:04o}", "new": f"{row.mode:04o}"})
    return notes


def _rights(owner: str, group: str, mode: int) -> dict[str, str]:
    return {"owner": owner, "group": group, "mode": f"{mode:04o}"}
