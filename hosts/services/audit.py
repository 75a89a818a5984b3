"""Write down who did what. Called inside the transaction of the write itself, so that neither is there alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import override

from hosts.choices import Via
from hosts.models import AuditEntry, Organization, User

SHOWN_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and through which door. `user` is None for the panel itself."""

    user: User | None
    via: str = Via.WEB
    token_name: str = ""
    address: str | None = None

    @property
    def name(self) -> str:
        """The name that stays in the book when the person is gone."""
        return f"{self.user.name} <{self.user.email}>" if self.user else "Rackdesk"

    @property
    def person(self) -> User:
        """The person; a programming error where the panel itself acts."""
        if self.user is None:
            raise TypeError("the panel itself cannot do this; a person must")
        return self.user


PANEL = Actor(None, Via.WORKER)


def note(
    by: Actor,
    action: str,
    row: models.Model | None,
    *,
    organization: Organization | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """One line in the book: `action` is a verb such as "approve"; None stands for the panel as a whole."""
    entry = line(by, action, row, organization=organization, details=details)
    entry.save(force_insert=True)
    return entry


def line(
    by: Actor,
    action: str,
    row: models.Model | None,
    *,
    organization: Organization | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """What `note` writes, not written yet: for many lines at a time."""
    return AuditEntry(
        actor=by.user,
        actor_name=by.name[:254],
        via=by.via,
        token_name=by.token_name,
        address=by.address,
        action=action,
        object_type=(row._meta.model_name or "") if row is not None else "panel",
        object_id=str(row.pk) if row is not None else "",
        object_name=_name_of(row),
        organization=organization,
        details=details or {},
    )


def _name_of(row: models.Model | None) -> str:
    """What a row is called, in nobody's language: many will read it."""
    with override(None):
        return str(row)[:254] if row is not None else "Rackdesk"


def differences(row: models.Model, before: dict[str, Any]) -> dict[str, list[str]]:
    """Field: [before, after] of what differs from an earlier `snapshot`; sealed values say only that they changed."""
    after = snapshot(row)
    return {name: [before.get(name, ""), after[name]] for name in after if before.get(name, "") != after[name]}


def snapshot(row: models.Model) -> dict[str, str]:
    """Each editable column as short text; a sealed value as nothing but its presence."""
    return {
        field.name: str(field.value_from_object(row))[:SHOWN_LENGTH]
        for field in row._meta.concrete_fields
        if field.editable and field.name != "password"
    }
