"""Mailboxes: how each is fetched from and sent through, how it does, and a test of its connection."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.facts.words import sentence_of
from hosts.permissions import actor
from tickets.admin.base import DeskAdmin, Parts
from tickets.choices import MailboxState, MailProtocol, Security
from tickets.forms.mailbox import GRANT, MailboxForm
from tickets.models import Mailbox
from tickets.rules.this_machine import is_this_machine
from tickets.services import mailbox_settings, mailboxes
from tickets.tasks.fetch import test_mailbox

TONES = {MailboxState.NEW: "idle", MailboxState.WELL: "good", MailboxState.FAILING: "bad"}
IS_FETCHED = "protocol != 'none'"
IS_SENT = "smtp_host != ''"
SMTP_GRANT = tuple(f"smtp_{name}" for name in GRANT)


@admin.register(Mailbox)
class MailboxAdmin(DeskAdmin):
    """Addresses of the desk."""

    form = MailboxForm
    list_display = ("address", "name", "shown_state", "shown_polled", "shown_way", "department", "is_active")
    list_filter = ("is_active", "state", "protocol")
    list_select_related = ("department",)
    search_fields = ("address", "name", "host")
    ordering = ("address",)
    change_form_outer_before_template = "tickets/settings/mailbox.html"
    fieldsets = (
        (None, {"fields": ("name", "address", "is_active")}),
        (_("New tickets"), {"fields": ("department", "topic", "priority", "acknowledges")}),
        (
            _("Fetch"),
            {
                "fields": (
                    *("protocol", "host", "security", "port", "login", "username", "password", *GRANT),
                    *("folder", "poll_seconds", "uses_idle", "after_fetch", "move_to"),
                )
            },
        ),
        (
            _("Send"),
            {
                "description": _("Without a server its mail goes through the mailbox that is named below."),
                "fields": (
                    *("smtp_host", "smtp_security", "smtp_port", "smtp_login", "smtp_username", "smtp_password"),
                    *SMTP_GRANT,
                    "fallback",
                ),
            },
        ),
        (_("Trust"), {"fields": ("ca_certificate",)}),
    )
    conditional_fields = {
        **dict.fromkeys(("host", "security", "port", "login", "poll_seconds", "after_fetch"), IS_FETCHED),
        "username": f"{IS_FETCHED} && login != 'none'",
        "password": f"{IS_FETCHED} && login == 'password'",
        **dict.fromkeys(GRANT, f"{IS_FETCHED} && login == 'oauth2'"),
        **dict.fromkeys(("folder", "uses_idle"), "protocol == 'imap'"),
        "move_to": "protocol == 'imap' && after_fetch == 'move'",
        **dict.fromkeys(("smtp_security", "smtp_port", "smtp_login"), IS_SENT),
        "smtp_username": f"{IS_SENT} && smtp_login != 'none'",
        "smtp_password": f"{IS_SENT} && smtp_login == 'password'",
        **dict.fromkeys(SMTP_GRANT, f"{IS_SENT} && smtp_login == 'oauth2'"),
    }

    class Media:
        css = {"all": ("tickets/settings.css",)}

    def keep_all(self, request: HttpRequest, obj: Mailbox, form: MailboxForm, parts: Parts) -> None:
        mailbox_settings.save_mailbox(obj, by=actor(request), typed=form.typed)
        for host in open_lines(obj):
            messages.warning(
                request,
                gettext(
                    "Mail and password of %(address)s would go to %(host)s without encryption, which the panel does "
                    "on its own machine only. Choose TLS or STARTTLS."
                )
                % {"address": obj.address, "host": host},
            )

    def get_urls(self) -> list[Any]:
        """The test of the connection beside the pages of every row."""
        return [
            path("<int:pk>/test/", self.admin_site.admin_view(self.test_view), name="tickets_mailbox_test"),
            *super().get_urls(),
        ]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST asks for a test, GET shows how it stands; both answer with the live piece of the page."""
        mailbox = get_object_or_404(Mailbox, pk=pk)
        if not self.has_change_permission(request, mailbox):
            return HttpResponse(status=403)
        if request.method == "POST":
            mailbox = mailboxes.ask_for_test(mailbox, by=actor(request))
            test_mailbox.delay_on_commit(mailbox.pk)
            if not request.headers.get("HX-Request"):
                return redirect("admin:tickets_mailbox_change", pk)
        return render(request, "tickets/settings/_mailbox_test.html", {"mailbox": mailbox, **test_of(mailbox)})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the state of the mailbox and its last test."""
        mailbox = context.get("original")
        if mailbox is not None:
            context |= {"mailbox": mailbox, "tone": TONES[MailboxState(mailbox.state)], **test_of(mailbox)}
            context["state_why"] = mailbox.state_why.words.said_by(gettext) if mailbox.state_why else ""
            context["can_test"] = self.has_change_permission(request, mailbox)
            context["open_lines"] = open_lines(mailbox)
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Mailbox) -> str:
        """How it does, and why not."""
        state = MailboxState(row.state)
        why = row.state_why.words.said_by(gettext) if state == MailboxState.FAILING and row.state_why else ""
        return format_html(
            '<span class="rd"><span class="state {}">{}</span> <small class="soft">{}</small></span>',
            TONES[state],
            state.label,
            why,
        )

    @admin.display(description=_("last fetched"), ordering="polled_at")
    def shown_polled(self, row: Mailbox) -> str:
        """When mail was last asked for."""
        if row.protocol == MailProtocol.NONE:
            return gettext("not fetched")
        return localtime(row.polled_at).strftime("%Y-%m-%d %H:%M:%S") if row.polled_at else gettext("not yet")

    @admin.display(description=_("server"))
    def shown_way(self, row: Mailbox) -> str:
        """How it is reached."""
        if row.protocol == MailProtocol.NONE:
            return row.smtp_host
        return f"{row.get_protocol_display()} {row.host}:{row.port}"


def open_lines(mailbox: Mailbox) -> list[str]:
    """The servers that would be spoken to without encryption although they are not on this machine."""
    lines = (
        (mailbox.protocol != MailProtocol.NONE, mailbox.security, mailbox.host),
        (bool(mailbox.smtp_host), mailbox.smtp_security, mailbox.smtp_host),
    )
    return [host for used, security, host in lines if used and security == Security.NONE and not is_this_machine(host)]


def test_of(mailbox: Mailbox) -> dict[str, Any]:
    """How the test stands: whether it runs, and its steps in the reader's language."""
    asked, done = mailbox.test_asked_at, mailbox.test_done_at
    return {
        "is_testing": asked is not None and (done is None or done < asked),
        "steps": [
            {
                "name": sentence_of(step["name"]).said_by(gettext),
                "ok": bool(step["ok"]),
                "why": sentence_of(step["why"]).said_by(gettext),
            }
            for step in mailbox.test_steps
        ],
    }
