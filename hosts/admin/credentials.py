"""Credentials: their settings pages. A secret goes in and never comes out; its public line is shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hosts.admin.base import ServiceAdmin
from hosts.forms.credentials import CredentialForm, How
from hosts.models import Credential, Organization, User
from hosts.permissions import actor
from hosts.services import credentials, house


@admin.register(Credential)
class CredentialAdmin(ServiceAdmin):
    """Keys and passwords with which the panel logs in."""

    form = CredentialForm
    list_display = ("name", "kind", "organization", "fingerprint", "shown_hosts", "created_at")
    list_filter = ("kind",)
    list_select_related = ("organization",)
    search_fields = ("name", "fingerprint")
    ordering = ("name",)
    readonly_fields = ("fingerprint", "shown_hosts")
    conditional_fields = {
        "key_text": "how == 'paste'",
        "passphrase": "how == 'paste'",
        "password": "how == 'password'",
    }
    change_form_outer_before_template = "hosts/_credential_line.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of hosts that use it."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(hosts_count=Count("hosts", distinct=True))
        return rows

    def get_fieldsets(self, request: HttpRequest, obj: Credential | None = None) -> Any:
        """New: name and the choice of a secret. There already: its public side, and a way to replace the secret."""
        if obj is None:
            return ((None, {"fields": ("name", "organization", "how", "key_text", "passphrase", "password")}),)
        is_key = obj.kind == "private_key"
        public = ("fingerprint", "shown_hosts") if is_key else ("shown_hosts",)
        secret = ("how", "key_text", "passphrase") if is_key else ("how", "password")
        fieldsets: list[Any] = [(None, {"fields": ("name", "organization", *public)})]
        if self.has_change_permission(request, obj):
            fieldsets.append((_("Replace the secret"), {"fields": secret}))
        return fieldsets

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Organizations that the person may see."""
        if db_field.name == "organization" and isinstance(request.user, User):
            kwargs["queryset"] = Organization.objects.visible_to(request.user).order_by("name")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "organization" and isinstance(request.user, User) and not request.user.sees_everything:
            field.required = True
        return field

    def keep(self, request: HttpRequest, obj: Credential, form: CredentialForm) -> None:
        if form.chosen_how == How.GENERATE:
            credentials.generate_key(obj, by=actor(request))
            return
        typed = {name: form.cleaned_data.get(name) or "" for name in ("key_text", "passphrase", "password")}
        credentials.save_credential(obj, by=actor(request), **typed)

    def response_add(self, request: HttpRequest, obj: Credential, post_url_continue: str | None = None) -> HttpResponse:
        """To the credential itself, whose public line is what comes next."""
        if obj.public_key and not {"_addanother", "_continue", "_popup"} & set(request.POST):
            messages.success(request, _("“%(name)s” is made. Put its line on your hosts.") % {"name": obj.name})
            return redirect("admin:hosts_credential_change", obj.pk)
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        return answer

    def drop(self, request: HttpRequest, obj: Credential) -> None:
        house.delete_row(obj, by=actor(request))

    @admin.display(description=_("used by"))
    def shown_hosts(self, row: Any) -> str:
        """How many hosts log in with it."""
        count = row.hosts_count
        return ngettext("%(n)d host", "%(n)d hosts", count) % {"n": count}
