"""What tickets are filed under: statuses, priorities and help topics."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.permissions import actor
from tickets.admin.base import DeskAdmin, Parts
from tickets.admin.house import TreeAdmin
from tickets.forms.house import StatusForm
from tickets.models import HelpTopic, Priority, Status
from tickets.services import order


@admin.register(Status)
class StatusAdmin(DeskAdmin):
    """The house's own words for the five states."""

    form = StatusForm
    list_display = ("name", "state", "is_first", "can_reopen", "is_shown_to_customers", "position")
    list_filter = ("state",)
    ordering = ("position", "pk")
    fields = ("name", "state", "is_first", "can_reopen", "is_shown_to_customers", "position")

    def keep_all(self, request: HttpRequest, obj: Status, form: Any, parts: Parts) -> None:
        obj.is_first = form.is_first
        order.save_status(obj, by=actor(request))

    def drop(self, request: HttpRequest, obj: Status) -> None:
        order.delete_status(obj, by=actor(request))


@admin.register(Priority)
class PriorityAdmin(DeskAdmin):
    """How urgent tickets can be."""

    list_display = ("name", "urgency", "is_default")
    ordering = ("urgency",)
    fields = ("name", "urgency", "is_default")

    def keep_all(self, request: HttpRequest, obj: Priority, form: Any, parts: Parts) -> None:
        order.save_priority(obj, by=actor(request))


@admin.register(HelpTopic)
class HelpTopicAdmin(TreeAdmin):
    """What requests are about, and where that leads them."""

    list_display = ("shown_path", "department", "priority", "shown_goes_to", "is_public", "is_archived")
    list_filter = ("is_archived", "department")
    list_select_related = ("department", "priority", "agent__user", "team")
    fieldsets = (
        (None, {"fields": ("name", "parent", "position", "is_public", "is_archived")}),
        (_("Where it leads"), {"fields": ("department", "agent", "team", "priority", "sla", "status", "sequence")}),
        (_("Mail"), {"fields": ("acknowledges",)}),
    )

    @admin.display(description=_("goes to"))
    def shown_goes_to(self, row: HelpTopic) -> str:
        """The agent or team that gets its tickets."""
        return ", ".join(str(one) for one in (row.agent, row.team) if one) or gettext("nobody yet")
