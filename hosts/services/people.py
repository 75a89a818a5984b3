"""People and roles: saved with a line in the book. Passwords are hashed here and never written down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from hosts.errors import NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import Organization, User
from hosts.services.audit import Actor, differences, note, snapshot


@transaction.atomic
def save_person(
    person: User,
    *,
    by: Actor,
    password: str = "",
    organizations: Iterable[Organization] | None = None,
    groups: Iterable[Group] | None = None,
    permissions: Iterable[Permission] | None = None,
) -> User:
    """Create or change a person. None leaves a relation as it is, an empty password the password.

    Only a superuser may: whoever can change people can become any of them.
    """
    _require_superuser(by)
    before = snapshot(User.objects.get(pk=person.pk)) if person.pk else {}
    person.email = person.email.strip().lower()
    if person.pk == by.person.pk and before and not (person.is_superuser and person.is_active and person.is_staff):
        raise NotAllowed(words(gettext_noop("You cannot take your own rights away. Ask another administrator to.")))
    if password:
        person.set_password(password)
    elif not before and not person.password:
        person.set_unusable_password()
    person.full_clean(exclude=["password"])
    person.save()
    details: dict[str, Any] = differences(person, before) if before else {}
    relations: tuple[tuple[Any, str, Iterable[Any] | None], ...] = (
        (person.organizations, "organizations", organizations),
        (person.groups, "roles", groups),
        (person.user_permissions, "permissions", permissions),
    )
    for relation, name, rows in relations:
        if rows is not None:
            details |= _set(relation, name, rows)
    if password and before:
        details["password"] = ["", "changed"]
    note(by, "change" if before else "create", person, details=details)
    return person


@transaction.atomic
def save_role(role: Group, *, by: Actor, permissions: Iterable[Permission] | None = None) -> Group:
    """Create or change a role: a named set of permissions."""
    _require_superuser(by)
    is_new = role.pk is None
    role.full_clean()
    role.save()
    details = {} if permissions is None else _set(role.permissions, "permissions", permissions)
    note(by, "create" if is_new else "change", role, details=details)
    return role


@transaction.atomic
def delete_role(role: Group, *, by: Actor) -> None:
    """Take a role away from everybody and forget it."""
    _require_superuser(by)
    note(by, "delete", role)
    role.delete()


def _set(relation: Any, name: str, rows: Iterable[Any]) -> dict[str, list[str]]:
    """Set a relation; what the book says of it."""
    before = sorted(str(row) for row in relation.all())
    relation.set(rows)
    after = sorted(str(row) for row in relation.all())
    return {name: [", ".join(before), ", ".join(after)]} if before != after else {}


def _require_superuser(by: Actor) -> None:
    if by.user is not None and not by.user.is_superuser:
        raise NotAllowed(words(gettext_noop("Only an administrator can change people and roles.")))
