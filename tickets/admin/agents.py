"""Who works at the desk: roles, agents and teams."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.admin.base import DeskAdmin, PartInline, Parts
from tickets.choices import Permission
from tickets.forms.house import AgentForm, RoleForm
from tickets.models import Agent, DepartmentAccess, Role, Team, TeamMember


@admin.register(Role)
class RoleAdmin(DeskAdmin):
    """What agents may do with tickets."""

    form = RoleForm
    list_display = ("name", "shown_permissions", "notes")

    @admin.display(description=_("it allows"))
    def shown_permissions(self, row: Role) -> str:
        """All, nothing beyond reading, or the list in words."""
        if set(row.permissions) >= set(Permission.values):
            return gettext("everything")
        labels = [str(one.label) for one in Permission if one.value in row.permissions]
        return ", ".join(labels) or gettext("reading only")


class AccessInline(PartInline):
    """Further departments of an agent."""

    model = DepartmentAccess
    verbose_name_plural = _("Also works for")


@admin.register(Agent)
class AgentAdmin(DeskAdmin):
    """The people who answer tickets."""

    form = AgentForm
    inlines = (AccessInline,)
    list_display = ("user", "shown_mail", "department", "role", "shown_teams", "is_on_vacation", "only_assigned")
    list_filter = ("department", "role", "is_on_vacation")
    list_select_related = ("user", "department", "role")
    search_fields = ("user__name", "user__email")
    ordering = ("user__name",)
    fieldsets = (
        (None, {"fields": ("user", "department", "role", "only_assigned", "is_on_vacation")}),
        (_("Signature"), {"fields": ("signature_kind", "signature")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With their teams."""
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("teams")
        return rows

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An agent stays the same person: their name stands in threads."""
        return ("user",) if obj else ()

    def keep_all(self, request: HttpRequest, obj: Agent, form: Any, parts: Parts) -> None:
        super().keep_all(request, obj, form, parts)
        if not obj.user.has_perm("tickets.view_ticket"):
            messages.warning(
                request,
                gettext(
                    "%(agent)s is an agent now. For contacts, canned responses and the API they also need the role "
                    "“Agent”: give it to them on the page of people."
                )
                % {"agent": obj},
            )

    @admin.display(description=_("e-mail"), ordering="user__email")
    def shown_mail(self, row: Agent) -> str:
        """The address that alerts go to."""
        return row.user.email

    @admin.display(description=_("teams"))
    def shown_teams(self, row: Agent) -> str:
        """The names of the teams."""
        return ", ".join(team.name for team in row.teams.all())


class MemberInline(PartInline):
    """The agents of a team."""

    model = TeamMember
    verbose_name_plural = _("Members")


@admin.register(Team)
class TeamAdmin(DeskAdmin):
    """Agents of any departments who take tickets together."""

    inlines = (MemberInline,)
    list_display = ("name", "lead", "shown_members", "is_active")
    list_select_related = ("lead__user",)
    fields = ("name", "lead", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of members."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(members_count=Count("memberships"))
        return rows

    @admin.display(description=_("members"), ordering="members_count")
    def shown_members(self, row: Any) -> int:
        """How many."""
        return int(row.members_count)
