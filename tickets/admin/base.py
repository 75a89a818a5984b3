"""A setting of the desk in, its page out: the row and the parts below it are written by one service call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline

from hosts.admin.base import ServiceAdmin
from hosts.permissions import actor
from tickets.services import order


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows below a row, as they were typed: to be saved, and to be deleted."""

    kept: tuple[Model, ...] = ()
    dropped: tuple[Model, ...] = ()


class DeskAdmin(ServiceAdmin):
    """`keep_all` writes a row with its parts; what has no rule of its own is written by `services.order`."""

    search_fields: Any = ("name",)
    ordering: Any = ("name",)
    list_per_page = 100

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        """Nothing yet: the parts are not read at this point."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Write the row and its parts."""
        kept: list[Model] = []
        dropped: list[Model] = []
        for formset in formsets:
            kept += formset.save(commit=False)
            dropped += formset.deleted_objects
        self.keep_all(request, form.instance, form, Parts(tuple(kept), tuple(dropped)))

    def keep_all(self, request: HttpRequest, obj: Any, form: Any, parts: Parts) -> None:
        """The service that saves the row with its parts."""
        order.save_row(obj, by=actor(request), kept=parts.kept, dropped=parts.dropped)

    def drop(self, request: HttpRequest, obj: Any) -> None:
        order.delete_row(obj, by=actor(request))


class PartInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Rows below a row: whoever may write that one may write these."""

    extra = 0
    show_change_link = False
    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view") or self._may(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change" if obj else "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change" if obj else "add")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change" if obj else "add")

    def _may(self, request: HttpRequest, verb: str) -> bool:
        about = self.parent_model._meta
        return request.user.has_perm(f"{about.app_label}.{verb}_{about.model_name}")
