"""People, roles and tokens: who may come in, and what they may do."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hosts.choices import Scope, Via
from hosts.errors import BadInput, NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import ApiToken, User
from hosts.services.audit import Actor, note

LOOK = (
    "view_host",
    "view_change",
    "view_rollout",
    "view_managedfile",
    "view_hostfile",
    "view_factsrecord",
    "view_tag",
)
PLAN = (
    "plan_change",
    "add_host",
    "change_host",
    "add_managedfile",
    "change_managedfile",
    "add_tag",
    "view_credential",
)
ROLES: dict[str, tuple[str, ...]] = {
    "Viewer": LOOK,
    "Planner": LOOK + PLAN,
    "Approver": (*LOOK, "approve_change", "view_auditentry"),
    "Operator": (
        *LOOK,
        *PLAN,
        "approve_change",
        "apply_change",
        "delete_host",
        "delete_managedfile",
        "add_credential",
        "change_credential",
        "delete_credential",
        "change_hostkey",
        "view_hostkey",
        "view_auditentry",
        "view_organization",
        "add_apitoken",
        "view_apitoken",
        "change_apitoken",
    ),
}
TOKEN_MARK = "rd_"  # noqa: S105  (a visible mark so that scanners of repositories recognise a leaked key)
USED_EVERY = timedelta(minutes=1)


@transaction.atomic
def ensure_roles() -> list[Group]:
    """The four roles that a new panel starts with. A role that is there already is left as people made it."""
    made = []
    for name, codenames in ROLES.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            group.permissions.set(Permission.objects.filter(content_type__app_label="hosts", codename__in=codenames))
            made.append(group)
    return made


@transaction.atomic
def create_first_admin(email: str = "admin@rackdesk.localhost", *, password: str = "") -> tuple[User, str] | None:
    """The first administrator with a generated password that must be changed; None where there is one already.

    The password is returned once, for the terminal, and kept nowhere in the clear.
    """
    ensure_roles()
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        return None
    chosen = password or secrets.token_urlsafe(12)
    user = User.objects.create_superuser(email, chosen, name="Admin", must_change_password=True)
    note(Actor(None, Via.COMMAND), "create", user)
    return user, chosen


@transaction.atomic
def note_password_change(user: Any) -> None:
    """The person chose an own password: nothing more is asked of them."""
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    note(Actor(user), "change password", user)


@transaction.atomic
def issue_token(
    user: User,
    name: str,
    scopes: Iterable[str],
    *,
    by: Actor,
    expires_at: datetime | None = None,
    parent: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its key. The key is returned once and kept as SHA-256 only.

    Where a token asks for another one (`parent`), the new one may no more and lasts no longer than that.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in Scope.values]
    if unknown or not wanted:
        raise BadInput(
            words(
                gettext_noop("A token needs at least one scope out of %(scopes)s; “%(unknown)s” is none of them.")
                if unknown
                else gettext_noop("A token needs at least one scope out of %(scopes)s."),
                scopes=", ".join(Scope.values),
                unknown=", ".join(unknown[:1]),
            ),
            field="scopes",
        )
    if parent:
        wider = set(wanted) - set(parent.scopes)
        if wider:
            raise NotAllowed(
                words(
                    gettext_noop("This API key lacks the scope “%(scope)s”, so it cannot hand it on."), scope=min(wider)
                )
            )
        expires_at = min(filter(None, (expires_at, parent.expires_at)), default=None)
    if expires_at and expires_at <= timezone.now():
        raise BadInput(
            words(gettext_noop("A token that has expired already opens nothing. Choose a later time.")),
            field="expires_at",
        )
    key = TOKEN_MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, name=name, prefix=key[:8], digest=_digest(key), scopes=wanted, expires_at=expires_at
    )
    note(by, "issue", token, details={"scopes": wanted, "for": user.email})
    return token, key


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Actor) -> None:
    """The key opens nothing from now on. Revoking twice keeps the first time."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        note(by, "revoke", token)


def token_of(key: str) -> ApiToken | None:
    """The live token of a key, its use noted once a minute at most."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(key), revoked_at__isnull=True, user__is_active=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .first()
    )
    if token and (token.last_used_at is None or now - token.last_used_at > USED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
