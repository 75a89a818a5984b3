"""A model in, its settings pages out: narrowed to what the person may see, written by services only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin


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

    def keep(self, request: HttpRequest, obj: Any, form: Any) -> None:
        """The service that saves the row."""
        raise NotImplementedError

    def drop(self, request: HttpRequest, obj: Any) -> None:
        """The service that deletes the row."""
        raise NotImplementedError

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
