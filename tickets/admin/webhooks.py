"""Webhooks: which program is told what, their secret shown once, and the log of what was sent."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from hosts.admin.base import ReadOnlyAdmin
from hosts.models import User
from hosts.permissions import actor
from tickets.admin.base import DeskAdmin, Parts
from tickets.forms.people import WebhookForm
from tickets.models import Webhook, WebhookDelivery
from tickets.services import webhooks
from tickets.templatetags.desk import mail_state


@admin.register(Webhook)
class WebhookAdmin(DeskAdmin):
    """Other programs that are told what happens. Only administrators write here, as with everything that leaves."""

    form = WebhookForm
    list_display = ("name", "url", "shown_events", "is_active", "shown_log")
    search_fields = ("name", "url")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """One that is there can get a new secret."""
        return ("name", "url", "events", "is_active", *(("renew",) if obj else ()))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """An address without a scheme is meant to be encrypted."""
        if db_field.name == "url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def keep_all(self, request: HttpRequest, obj: Webhook, form: Any, parts: Parts) -> None:
        fresh = secrets.token_urlsafe(32) if form.cleaned_data.get("renew") else ""
        _row, shown = webhooks.save_webhook(obj, by=actor(request), secret=fresh)
        request.issued_secret = shown  # type: ignore[attr-defined]  # only until this answer is written

    def drop(self, request: HttpRequest, obj: Webhook) -> None:
        webhooks.delete_webhook(obj, by=actor(request))

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: str | None = None) -> HttpResponse:
        """The secret, in the answer to this one request and nowhere else."""
        return self._shown_once(request, obj)

    def response_change(self, request: HttpRequest, obj: Webhook) -> HttpResponse:
        """The same where a new one was made."""
        if getattr(request, "issued_secret", ""):
            return self._shown_once(request, obj)
        answer: HttpResponse = super().response_change(request, obj)
        return answer

    def _shown_once(self, request: HttpRequest, obj: Webhook) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("The secret of “%(name)s”") % {"name": obj.name},
            "webhook": obj,
            "secret": getattr(request, "issued_secret", ""),
        }
        answer = render(request, "tickets/settings/webhook_made.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    @admin.display(description=_("events"))
    def shown_events(self, row: Webhook) -> str:
        """All, or the list in words."""
        labels = dict(WebhookForm.base_fields["events"].choices)  # type: ignore[attr-defined]
        return ", ".join(str(labels.get(kind, kind)) for kind in row.events) or gettext("all of them")

    @admin.display(description=_("log"))
    def shown_log(self, row: Webhook) -> str:
        """What it was told."""
        return format_html('<a href="{}?hook={}">{}</a>', reverse("tickets:hooks"), row.pk, gettext("log"))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """What was sent, and what the other side said."""

    list_display = ("created_at", "webhook", "event", "shown_state", "status_code", "tries", "sent_at")
    list_filter = ("state", "webhook")
    list_select_related = ("webhook",)
    ordering = ("-id",)
    paginator = InfinitePaginator
    list_per_page = 50
    fields = ("webhook", "event", "shown_state", "status_code", "tries", "why", "created_at", "sent_at", "payload")
    readonly_fields = fields

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: WebhookDelivery) -> str:
        """As with mails."""
        return format_html('<span class="rd">{}</span>', mail_state(row.state))


def is_administrator(request: HttpRequest) -> bool:
    """Whether the person may do everything."""
    return isinstance(request.user, User) and request.user.is_superuser
