"""Whose things a person may use: rows in, NotAllowed out where one belongs to somebody else."""

from __future__ import annotations

from typing import Any

from django.db import models

from hosts.errors import NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import Organization
from hosts.services.audit import Actor


def require_visible(by: Actor, *rows: models.Model | None) -> None:
    """Every row must be one that the person can see. The panel itself sees all; None is nothing to ask about."""
    if by.user is None or by.user.sees_everything:
        return
    for row in rows:
        if row is None:
            continue
        kind: Any = type(row)
        if not kind.objects.visible_to(by.user).filter(pk=row.pk).exists():
            raise NotAllowed(
                words(
                    gettext_noop("%(row)s belongs to an organization that is not yours. Nothing was saved."),
                    row=str(row),
                )
            )


def require_own_organization(by: Actor, organization: Organization | None) -> None:
    """What is saved must stay visible to the one who saves it: an organization of theirs, never none."""
    if by.user is None or by.user.sees_everything:
        return
    if organization is None:
        raise NotAllowed(
            words(
                gettext_noop("Choose one of your organizations: what belongs to none is for people who see everything.")
            )
        )
    require_visible(by, organization)
