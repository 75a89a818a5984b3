"""API tokens: issued for oneself, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.admin.base import ServiceAdmin
from hosts.choices import Scope
from hosts.forms.tokens import RevokeForm, TokenForm
from hosts.models import ApiToken, User
from hosts.permissions import actor
from hosts.services import access


@admin.register(ApiToken)
class ApiTokenAdmin(ServiceAdmin):
    """Keys for programs that act as their person."""

    list_display = ("name", "user", "prefix", "shown_scopes", "shown_state", "last_used_at", "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """One's own; a superuser sees everybody's, to revoke them."""
        if isinstance(request.user, User) and request.user.is_superuser:
            return ApiToken.objects.all().order_by("-id")
        return super().get_queryset(request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Issue or revoke: there is nothing else."""
        kwargs["form"] = RevokeForm if obj else TokenForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        """What is chosen when it is issued, what is known afterwards."""
        if obj is None:
            return ("name", "wanted", "lives")
        known = ("name", "user", "prefix", "shown_scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
        is_live = obj.revoked_at is None and self.has_change_permission(request, obj)
        return (*known, "revoke") if is_live else known

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Everything but the switch that revokes."""
        known = ("name", "user", "prefix", "shown_scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
        return known if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is revoked and stays in the record."""
        return False

    def keep(self, request: HttpRequest, obj: ApiToken, form: Any) -> None:
        if obj.pk:
            if form.cleaned_data.get("revoke"):
                access.revoke_token(obj, by=actor(request))
            return
        by = actor(request)
        token, key = access.issue_token(
            by.person, obj.name, form.cleaned_data["wanted"], by=by, expires_at=form.expires_at
        )
        obj.pk, obj.prefix, obj.scopes = token.pk, token.prefix, token.scopes
        request.issued_key = key  # type: ignore[attr-defined]  # only until this answer is written

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """The key itself, in the answer to this one request and nowhere else."""
        url = request.build_absolute_uri("/api/v1/me/")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("The key of “%(name)s”") % {"name": obj.name},
            "token": obj,
            "curl": f'curl -H "Authorization: Bearer $RACKDESK_KEY" {url}',
            "key": getattr(request, "issued_key", ""),
        }
        answer = render(request, "hosts/token_issued.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    @admin.display(description=_("it may"))
    def shown_scopes(self, row: ApiToken) -> str:
        """The scopes in words."""
        return ", ".join(str(Scope(scope).label) for scope in row.scopes)

    @admin.display(description=_("state"))
    def shown_state(self, row: ApiToken) -> str:
        """Whether it still opens anything."""
        if row.revoked_at:
            tone, words = "idle", gettext("Revoked")
        elif row.expires_at and row.expires_at <= timezone.now():
            tone, words = "idle", gettext("Expired")
        else:
            tone, words = "good", gettext("Live")
        return format_html('<span class="rd"><span class="state {}">{}</span></span>', tone, words)
