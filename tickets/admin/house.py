"""The desk's own order: settings of the whole, departments, promises, working hours and numbers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, CharField, Count, QuerySet, Value, When
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from hosts.permissions import actor
from tickets.admin.base import DeskAdmin, Parts
from tickets.choices import NumberKind
from tickets.forms.house import DAYS, DeskForm, ScheduleForm, SequenceForm
from tickets.models import Department, DeskSettings, Schedule, Sequence, Sla
from tickets.render.number import ticket_number
from tickets.services import order
from tickets.services.house import desk

LEVELS = 4
"""How deep a tree is shown with its own path; a deeper one is shown from there on."""


def path_of(levels: int = LEVELS) -> Any:
    """The names from the top of the tree down to a row, with " / " between them."""
    above = ["__".join(["parent"] * steps) for steps in range(levels, 0, -1)]
    parts = [
        Case(When(**{f"{way}__isnull": True}, then=Value("")), default=Concat(f"{way}__name", Value(" / ")))
        for way in above
    ]
    return Concat(*parts, "name", output_field=CharField())


class TreeAdmin(DeskAdmin):
    """Rows with a place in a tree, shown by their path."""

    search_fields = ("name", "parent__name")
    ordering = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """By path, so that what belongs together stands together."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(path=path_of())
        return rows

    def get_ordering(self, request: HttpRequest) -> Any:
        """By path, here and wherever one of them is chosen."""
        return (path_of().asc(),)

    def keep_all(self, request: HttpRequest, obj: Any, form: Any, parts: Parts) -> None:
        order.save_in_tree(obj, by=actor(request))

    @admin.display(description=_("name"), ordering="path")
    def shown_path(self, row: Any) -> str:
        """The names from the top down."""
        return str(row.path)


@admin.register(DeskSettings)
class DeskSettingsAdmin(DeskAdmin):
    """The one row that says how the desk as a whole is."""

    form = DeskForm
    fieldsets = (
        (None, {"fields": ("name", "mailbox", "templates")}),
        (_("New tickets"), {"fields": ("department", "sla", "sequence", "accepts_strangers", "max_open_per_contact")}),
        (
            _("Conversation"),
            {"fields": ("collaborators_from_mail", "strips_quotes", "hides_agent_names", "automatic_mails_per_hour")},
        ),
        (_("The end"), {"fields": ("close_after_days", "needs_topic_to_close")}),
        (_("Alerts"), {"fields": ("alerts",)}),
    )

    class Media:
        css = {"all": ("tickets/settings.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one row: to its page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect("admin:tickets_desksettings_change", desk().pk)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the same page, since there is no list."""
        messages.success(request, _("The desk settings are saved."))
        return redirect("admin:tickets_desksettings_change", obj.pk)


@admin.register(Department)
class DepartmentAdmin(TreeAdmin):
    """Departments as a tree."""

    list_display = ("shown_path", "manager", "shown_mailbox", "sla", "shown_agents", "is_public", "is_archived")
    list_filter = ("is_archived", "is_public")
    list_select_related = ("manager__user", "mailbox", "sla")
    fieldsets = (
        (None, {"fields": ("name", "parent", "manager", "is_public", "is_archived")}),
        (_("Mail"), {"fields": ("mailbox", "templates", "signature", "answers_new_tickets", "answers_messages")}),
        (_("Promises"), {"fields": ("sla", "schedule")}),
        (_("Work"), {"fields": ("claims_by_answer",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of agents."""
        rows: Any = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(agents_count=Count("agents", distinct=True))
        return counted

    @admin.display(description=_("writes from"))
    def shown_mailbox(self, row: Department) -> str:
        """Its own address, or that of the desk."""
        return str(row.mailbox) if row.mailbox else gettext("the desk's address")

    @admin.display(description=_("agents"), ordering="agents_count")
    def shown_agents(self, row: Any) -> str:
        """How many are at home here, and the way to them."""
        where = reverse("admin:tickets_agent_changelist")
        count = row.agents_count
        said = ngettext("%(n)d agent", "%(n)d agents", count) % {"n": count}
        return format_html('<a href="{}?department__id__exact={}">{}</a>', where, row.pk, said)


@admin.register(Sla)
class SlaAdmin(DeskAdmin):
    """What is promised."""

    list_display = ("name", "shown_first", "shown_end", "shown_schedule", "alerts_when_overdue", "is_active")
    list_select_related = ("schedule",)
    fields = (
        "name",
        "first_response_minutes",
        "resolve_minutes",
        "schedule",
        "alerts_when_overdue",
        "is_active",
    )

    @admin.display(description=_("first response"), ordering="first_response_minutes")
    def shown_first(self, row: Sla) -> str:
        """In hours and minutes."""
        return duration(row.first_response_minutes)

    @admin.display(description=_("resolution"), ordering="resolve_minutes")
    def shown_end(self, row: Sla) -> str:
        """In hours and minutes."""
        return duration(row.resolve_minutes)

    @admin.display(description=_("counted"))
    def shown_schedule(self, row: Sla) -> str:
        """In whose hours."""
        return str(row.schedule) if row.schedule else gettext("around the clock")


@admin.register(Schedule)
class ScheduleAdmin(DeskAdmin):
    """Working hours."""

    form = ScheduleForm
    list_display = ("name", "time_zone", "shown_hours", "shown_days_off")
    fieldsets = (
        (None, {"fields": ("name", "time_zone")}),
        (
            _("Working hours"),
            {
                "fields": DAYS,
                "description": _("Such as 09:00-12:00, 13:00-18:00. A day without hours is a day off."),
            },
        ),
        (_("Days off"), {"fields": ("days_off",)}),
    )

    @admin.display(description=_("hours in a week"))
    def shown_hours(self, row: Schedule) -> str:
        """How many in all."""
        spans = [span for day in row.hours.values() for span in day]
        return duration(sum(_minutes(end) - _minutes(begin) for begin, end in spans))

    @admin.display(description=_("days off"))
    def shown_days_off(self, row: Schedule) -> int:
        """How many are known."""
        return len(row.holidays)


@admin.register(Sequence)
class SequenceAdmin(DeskAdmin):
    """How tickets are numbered."""

    form = SequenceForm
    list_display = ("name", "kind", "pattern", "shown_next")

    def keep_all(self, request: HttpRequest, obj: Sequence, form: Any, parts: Parts) -> None:
        typed = form.cleaned_data["next_value"] if "next_value" in form.changed_data else None
        order.save_sequence(obj, by=actor(request), next_value=typed)

    @admin.display(description=_("next number"))
    def shown_next(self, row: Sequence) -> str:
        """What the next ticket would be called."""
        if row.kind == NumberKind.RANDOM:
            return gettext("random")
        return ticket_number(row.pattern, row.next_value)


def duration(minutes: int | None) -> str:
    """Minutes as people say them: 1 h 30 min; a dash where nothing is promised."""
    if not minutes:
        return "–"
    hours, rest = divmod(minutes, 60)
    parts = [gettext("%(n)d h") % {"n": hours}] if hours else []
    return " ".join([*parts, *([gettext("%(n)d min") % {"n": rest}] if rest else [])])


def _minutes(clock: str) -> int:
    hours, _colon, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
