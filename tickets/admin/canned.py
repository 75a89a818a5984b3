"""Canned responses: their words, their files, and which variables they may name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.permissions import actor
from tickets.admin.base import DeskAdmin, PartInline, Parts
from tickets.choices import MailKind
from tickets.facts.variables import variables_for
from tickets.forms.templates import CannedForm
from tickets.models import CannedFile, CannedResponse
from tickets.services import canned, files


class FileInline(PartInline):
    """The files that go with a canned response: they come by the form and are taken away here."""

    model = CannedFile
    fields = ("name",)
    readonly_fields = ("name",)
    verbose_name_plural = _("Files")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CannedResponse)
class CannedResponseAdmin(DeskAdmin):
    """Texts for answers that come again and again."""

    form = CannedForm
    inlines = (FileInline,)
    list_display = ("title", "shown_department", "is_active", "notes")
    list_filter = ("department", "is_active")
    list_select_related = ("department",)
    search_fields = ("title", "text")
    ordering = ("title",)
    fields = ("title", "department", "text", "new_files", "notes", "is_active")
    change_form_outer_after_template = "tickets/settings/variables.html"

    class Media:
        css = {"all": ("tickets/settings.css",)}

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where there are files."""
        return self.inlines if obj is not None and obj.attached.exists() else ()

    def keep_all(self, request: HttpRequest, obj: CannedResponse, form: Any, parts: Parts) -> None:
        uploads = form.cleaned_data.get("new_files") or []
        kept = [files.keep(one.name, one.content_type or "", one.chunks()) for one in uploads]
        dropped = [part.pk for part in parts.dropped]
        canned.save_canned(obj, by=actor(request), new_files=kept, dropped=dropped)

    def drop(self, request: HttpRequest, obj: CannedResponse) -> None:
        canned.delete_canned(obj, by=actor(request))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the variables that the text may name."""
        known = variables_for(MailKind.TICKET_REPLY)
        context["mail_variables"] = [(name, gettext(about)) for name, about in sorted(known.items())]
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    @admin.display(description=_("department"), ordering="department__name")
    def shown_department(self, row: CannedResponse) -> str:
        """Whose it is."""
        return str(row.department) if row.department else gettext("every department")
