"""A model in, its settings pages out: narrowed to what the person may see, written by services only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from hosts.errors import Explainable
from hosts.forms.refusals import words_of


class ServiceAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """`keep` and `drop` are the two services that write a row. Django's own log is not kept beside the audit log."""

    compressed_fields = False
    warn_unsaved_form = True
    show_full_result_count = False
    actions: Any = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What the person may see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        visible = getattr(rows, "visible_to", None)
        narrowed: QuerySet[Any] = visible(request.user) if visible else rows
        return narrowed

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        """Write the row and its relations in one service call."""
        self.keep(request, obj, form)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Nothing: `keep` did."""

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete the row by its service."""
        self.drop(request, obj)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """The form; where the service refuses, the same form with what was typed and the reason on top."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (Explainable, ValidationError) as error:
            request.refusal = words_of(error)  # type: ignore[attr-defined]  # read by get_form, in this request only
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """The form; after a refusal one that does not hold, so that it is shown again."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", "")
        if not refusal:
            return form

        class Refused(form):  # type: ignore[misc]
            def clean(self) -> Any:
                cleaned = super().clean()
                self.add_error(None, refusal)
                return cleaned

        return Refused

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """The question before deleting; where the service refuses, the row with the reason."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except Explainable as error:
            messages.error(request, words_of(error))
            return redirect(request.path.replace("/delete/", "/change/"))

    def keep(self, request: HttpRequest, obj: Any, form: Any) -> None:
        """The service that saves the row."""
        raise NotImplementedError

    def drop(self, request: HttpRequest, obj: Any) -> None:
        """The service that deletes the row."""
        raise NotImplementedError

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit log of this row, which knows more than Django's own."""
        query = urlencode({"object_type": self.opts.model_name, "object_id__exact": object_id})
        return redirect(f"{reverse('admin:hosts_auditentry_changelist')}?{query}")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry | None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry | None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None


class ReadOnlyAdmin(ServiceAdmin):
    """Rows that are looked at and never written here."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
