"""Organizations, tags and credentials: saved and deleted with a line in the book."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction

from hosts.errors import NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import Credential, Organization, Tag
from hosts.services.audit import Actor, differences, note, snapshot
from hosts.services.scope import require_visible

Row = TypeVar("Row", Organization, Tag)


@transaction.atomic
def save_row(row: Row, *, by: Actor) -> Row:
    """Create or change an organization or a tag. ValidationError names the fields."""
    before = snapshot(type(row).objects.get(pk=row.pk)) if row.pk else {}
    if isinstance(row, Organization) and not before and by.user and not by.user.sees_everything:
        raise NotAllowed(
            words(gettext_noop("A new organization would be hidden from you. Ask somebody who sees all of them."))
        )
    row.full_clean()
    row.save()
    details = differences(row, before) if before else {}
    owner = row if isinstance(row, Organization) else None
    note(by, "change" if before else "create", row, organization=owner, details=details)
    return row


@transaction.atomic
def delete_row(row: Organization | Tag | Credential, *, by: Actor) -> None:
    """Delete it. ProtectedError where something still uses it."""
    if not isinstance(row, Tag):
        require_visible(by, row)
    note(by, "delete", row, organization=row.organization if isinstance(row, Credential) else None)
    row.delete()
