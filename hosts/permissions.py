"""Who may do what: for the API by token scope and permission, for pages by permission, for both by organization."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from hosts.choices import Scope, Via
from hosts.models import ApiToken, User
from hosts.services import access
from hosts.services.audit import Actor

VERBS = {
    "GET": "view",
    "HEAD": "view",
    "OPTIONS": "view",
    "POST": "add",
    "PUT": "change",
    "PATCH": "change",
    "DELETE": "delete",
}


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer rd_…` (RFC 6750). What asks for no language is answered in that of the person."""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's person; None where no bearer key was sent, so that a session may do."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        token = access.token_of(parts[1].decode("latin-1")) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("This API key is unknown, expired or revoked."))
        if not request.headers.get("Accept-Language"):
            translation.activate(token.user.language)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What makes a missing key a 401."""
        return "Bearer"


class ScopedModelPermissions(BasePermission):
    """The scope that the action needs, on the token; and the permission it needs, on the person.

    A view says both for each action in `needs = {"approve": (Scope.APPROVE, "hosts.approve_change")}`;
    what it does not say follows from the method and the model: reading needs view_*, writing plan and add_*, change_*
    or delete_*. An empty permission asks for none beyond being staff. Which rows is the querysets' part (visible_to).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not isinstance(user, User) or not user.is_staff:
            return False
        scope, permission = self._needed(request, view)
        if isinstance(request.auth, ApiToken) and scope not in request.auth.scopes:
            self.message = _("This API key lacks the scope “%(scope)s”.") % {"scope": scope}
            return False
        return not permission or user.has_perm(permission)

    def _needed(self, request: Request, view: Any) -> tuple[str, str]:
        said = getattr(view, "needs", {}).get(getattr(view, "action", None))
        if said:
            return said[0], said[1]
        rows = getattr(view, "queryset", None)
        if rows is None:  # no action has this method: let it be answered by 405
            return Scope.READ, ""
        model = rows.model
        scope = Scope.READ if request.method in SAFE_METHODS else Scope.PLAN
        return scope, f"{model._meta.app_label}.{VERBS[request.method or 'GET']}_{model._meta.model_name}"


def actor(request: HttpRequest | Request) -> Actor:
    """Who asks, for the book."""
    token = getattr(request, "auth", None)
    user = request.user
    return Actor(
        user if isinstance(user, User) else None,
        Via.API if isinstance(request, Request) else Via.WEB,
        token.name if isinstance(token, ApiToken) else "",
        request.META.get("REMOTE_ADDR") or None,
    )
