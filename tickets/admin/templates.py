"""The words of the mails that the desk writes: sets of them, and each kind's own words with a preview."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.shell import person
from tickets.admin.base import DeskAdmin, Parts
from tickets.choices import MailKind
from tickets.facts.variables import variables_for
from tickets.forms.templates import MailTemplateForm
from tickets.models import MailTemplate, TemplateSet
from tickets.services import templates
from tickets.services.mail_words import built_in
from tickets.services.template_trials import send_test
from tickets.tasks import send

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@admin.register(TemplateSet)
class TemplateSetAdmin(DeskAdmin):
    """Sets of words."""

    list_display = ("name", "shown_own", "notes")
    fields = ("name", "notes")
    change_form_outer_after_template = "tickets/settings/template_set.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of mails that have own words."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(mails_count=Count("mails"))
        return rows

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With every kind of mail, and whose words it has in each language."""
        if context.get("original") is not None:
            context["mail_lines"] = lines_of(context["original"])
            context["mail_languages"] = [str(name) for _code, name in settings.LANGUAGES]
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    @admin.display(description=_("own words"), ordering="mails_count")
    def shown_own(self, row: Any) -> int:
        """How many mails are not worded as built in."""
        return int(row.mails_count)


@admin.register(MailTemplate)
class MailTemplateAdmin(DeskAdmin):
    """Own words for one kind of mail in one language; deleting them brings the built-in ones back."""

    form = MailTemplateForm
    list_display = ("kind", "language", "templates", "subject")
    list_filter = ("templates", "kind", "language")
    list_select_related = ("templates",)
    search_fields = ("subject", "body")
    ordering = ("templates__name", "kind", "language")
    fieldsets = (
        (None, {"fields": ("templates", "kind", "language")}),
        (_("Words"), {"fields": ("subject", "body")}),
    )
    change_form_outer_after_template = "tickets/settings/mail_template.html"

    class Media:
        css = {"all": ("tickets/settings.css",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Which mail it is stays as it is."""
        return ("templates", "kind", "language") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The built-in words to begin with."""
        found: dict[str, Any] = super().get_changeform_initial_data(request)
        kind, language = found.get("kind"), found.get("language")
        if kind in MailKind.values and language in LANGUAGES:
            words = built_in(kind, language)
            found = {"subject": words.subject, "body": words.body, **found}
        return found

    def keep_all(self, request: HttpRequest, obj: MailTemplate, form: Any, parts: Parts) -> None:
        templates.save_template(obj, by=actor(request))

    def get_urls(self) -> list[Any]:
        """The preview beside the pages of every row."""
        view = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", view, name="tickets_mailtemplate_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What was typed so far as a mail, or what is wrong with it. With `send` it goes to `to_email`, or to whoever
        asks; that is for those who may change the words, as anything can be said with them.
        """
        sends = bool(request.POST.get("send"))
        if not (self.has_change_permission(request) if sends else self.has_view_permission(request)):
            return HttpResponse(status=403)
        kind, language = request.POST.get("kind", ""), request.POST.get("language", "")
        if kind not in MailKind.values or language not in LANGUAGES:
            return HttpResponse(status=400)
        typed = (kind, language, request.POST.get("subject", ""), request.POST.get("body", "").replace("\r\n", "\n"))
        context: dict[str, Any] = {}
        try:
            context["mail"] = templates.preview(*typed)
            if sends:
                to_email = request.POST.get("to_email", "").strip() or person(request).email
                context["sent_to"] = send_test(*typed, to_email=to_email, by=actor(request)).to_email
                send.wake()
        except Explainable as error:
            context["wrong"] = words_of(error)
        return render(request, "tickets/settings/_mail_preview.html", context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the variables that the words may name, and the preview."""
        form = context["adminform"].form
        row = context.get("original")
        kind = row.kind if row else form.initial.get("kind", "")
        language = row.language if row else form.initial.get("language", "")
        if kind in MailKind.values and language in LANGUAGES:
            words = built_in(kind, language)
            context |= {
                "mail_kind": kind,
                "mail_language": language,
                "mail_variables": [(name, gettext(about)) for name, about in sorted(variables_for(kind).items())],
                "mail_built_in": words,
            }
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def response_add(
        self, request: HttpRequest, obj: MailTemplate, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the set, where the next mail is chosen."""
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        return self._to_set(request, obj) or answer

    def response_change(self, request: HttpRequest, obj: MailTemplate) -> HttpResponse:
        """Back to the set."""
        answer: HttpResponse = super().response_change(request, obj)
        return self._to_set(request, obj) or answer

    def _to_set(self, request: HttpRequest, obj: MailTemplate) -> HttpResponse | None:
        if {"_addanother", "_continue", "_popup"} & set(request.POST):
            return None
        return redirect("admin:tickets_templateset_change", obj.templates_id)


def lines_of(templates_set: TemplateSet) -> list[dict[str, Any]]:
    """A line for each kind of mail: its words, and for each language the page where its words are."""
    own = {(row.kind, row.language): row for row in MailTemplate.objects.filter(templates=templates_set)}
    lines = []
    for kind in MailKind:
        cells = []
        for code, name in settings.LANGUAGES:
            row = own.get((kind.value, code))
            if row is not None:
                where = reverse("admin:tickets_mailtemplate_change", args=[row.pk])
            else:
                asked = f"templates={templates_set.pk}&kind={kind.value}&language={code}"
                where = f"{reverse('admin:tickets_mailtemplate_add')}?{asked}"
            subject = row.subject if row else built_in(kind, code).subject
            cells.append({"language": name, "url": where, "is_own": row is not None, "subject": subject})
        lines.append({"label": kind.label, "cells": cells})
    return lines
