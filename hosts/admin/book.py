"""The audit log and the host keys, to be read."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from hosts.admin.base import ReadOnlyAdmin
from hosts.facts.words import read_stored
from hosts.models import AuditEntry, HostKey, User
from hosts.templatetags.panel import state

PAGES = {"host": "hosts:host-detail", "change": "hosts:change-detail", "rollout": "hosts:rollout-detail"}
KINDS = (
    ("host", _("host")),
    ("change", _("change")),
    ("rollout", _("rollout")),
    ("managedfile", _("managed file")),
    ("hostfile", _("file under management")),
    ("credential", _("credential")),
    ("apitoken", _("API token")),
    ("user", _("person")),
    ("group", _("role")),
    ("organization", _("organization")),
    ("tag", _("tag")),
)

ACTIONS = {
    "create": _("create"),
    "change": _("edit"),
    "delete": _("delete"),
    "plan": _("plan"),
    "approve": _("approve"),
    "apply": _("apply"),
    "cancel apply": _("take back"),
    "refuse": _("refuse"),
    "discard": _("discard"),
    "start": _("start"),
    "stop": _("stop"),
    "issue": _("issue"),
    "revoke": _("revoke"),
    "change password": _("change password"),
    "rotate keys": _("rotate keys"),
    "alert": _("alert"),
    "recover": _("works again"),
    "test": _("test"),
    "ban": _("ban"),
    "unban": _("let in again"),
    "send again": _("send again"),
    "send sample": _("send a sample"),
    "accept host key": _("accept host key"),
    "refuse host key": _("refuse host key"),
    "ask for host key": _("ask for host key"),
    "ask for facts": _("read facts"),
    "maintenance on": _("maintenance on"),
    "maintenance off": _("maintenance off"),
    "look for drift": _("look for drift"),
    "adopt drift": _("adopt drift"),
    "drop own version": _("drop own version"),
    "take over": _("take over"),
    "ask host": _("ask the host"),
    "save filter": _("save filter"),
    "delete filter": _("delete filter"),
}
"""The verbs of the book; one that is not here stands there as it was written."""
DETAILS = {
    "changes": _("changes"),
    "fingerprints": _("fingerprints"),
    "for": _("person"),
    "hosts": _("hosts"),
    "path": _("path"),
    "scopes": _("scopes"),
    "values": _("values"),
    "why": _("why"),
}
"""Details that are no column of their row."""


class KindFilter(admin.SimpleListFilter):
    """What the entry is about; a fixed list, since asking a long log for it would be slow."""

    title = _("kind")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Those of the ground, and whatever other apps have settings pages for."""
        others = (kind._meta for kind in apps.get_models() if kind._meta.app_label != "hosts")
        known = dict(KINDS)
        return [
            *KINDS,
            *(
                (about.model_name, about.verbose_name)
                for about in others
                if about.model_name not in known and admin.site.is_registered(about.model)
            ),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who wrote what, when and through which door."""

    list_display = ("shown_at", "actor_name", "shown_action", "shown_object", "shown_details", "via", "address")
    list_filter = (KindFilter, "via", "at")
    list_fullwidth = True
    search_fields = ("actor_name", "object_name", "action", "token_name")
    ordering = ("-id",)
    paginator = InfinitePaginator
    list_per_page = 50
    fields = ("at", "actor_name", "via", "token_name", "address", "shown_action", "shown_object", "shown_details")
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The history of a row leads here."""
        return lookup == "object_id__exact" or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description=_("at"), ordering="at")
    def shown_at(self, row: AuditEntry) -> str:
        """To the second, on one line."""
        return format_html('<span class="whitespace-nowrap">{}</span>', localtime(row.at).strftime("%Y-%m-%d %H:%M:%S"))

    @admin.display(description=_("action"))
    def shown_action(self, row: AuditEntry) -> str:
        """The verb in the reader's language."""
        return str(ACTIONS.get(row.action) or gettext(row.action))

    @admin.display(description=_("what"))
    def shown_object(self, row: AuditEntry) -> str:
        """The thing, with a link where it has a page."""
        page = PAGES.get(row.object_type)
        kind = dict(KINDS).get(row.object_type) or _called(row.object_type)
        if page is None or not row.object_id.isdecimal() or row.action == "delete":
            return format_html("{} {}", kind, row.object_name)
        return format_html('{} <a href="{}">{}</a>', kind, reverse(page, args=[int(row.object_id)]), row.object_name)

    @admin.display(description=_("details"))
    def shown_details(self, row: AuditEntry) -> str:
        """Field: before → after, one a line."""
        kind = _model(row.object_type)
        lines = ((_column(kind, name), _arrow(value)) for name, value in row.details.items())
        return format_html_join("", '<div class="rd-detail"><b>{}</b> {}</div>', lines)


def _model(name: str) -> type[Model] | None:
    """The model of an entry: one of the ground before one of another app."""
    found = [kind for kind in apps.get_models() if kind._meta.model_name == name]
    return min(found, key=lambda kind: kind._meta.app_label != "hosts", default=None)


def _called(name: str) -> str:
    """What people call a kind of row."""
    kind = _model(name)
    return str(kind._meta.verbose_name) if kind else name


def _column(kind: type[Model] | None, name: str) -> str:
    """What forms call the column; a detail that is none is called as it was written."""
    if name in DETAILS or kind is None:
        return str(DETAILS.get(name, name))
    try:
        return str(getattr(kind._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _arrow(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
        return f"{value[0] or gettext('nothing')} → {value[1] or gettext('nothing')}"
    return read_stored(value).said_by(gettext) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@admin.register(HostKey)
class HostKeyAdmin(ReadOnlyAdmin):
    """Every key that a host ever showed, and what was said of it."""

    list_display = ("host", "key_type", "fingerprint", "shown_state", "seen_at", "decided_by", "decided_at")
    list_filter = ("state", "key_type")
    list_select_related = ("host", "decided_by")
    search_fields = ("host__name", "fingerprint")
    ordering = ("-id",)
    fields = ("host", "key_type", "public", "fingerprint", "shown_state", "seen_at", "decided_by", "decided_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those of hosts that the person may see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        user = request.user
        if isinstance(user, User) and not user.sees_everything:
            rows = rows.filter(host__organization__members=user)
        return rows

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The host page links here with its own keys."""
        return lookup == "host__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description=_("state"))
    def shown_state(self, row: HostKey) -> str:
        """The state as on every page."""
        return format_html('<span class="rd">{}</span>', state(row.state))
