"""Organizations and tags: their settings pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hosts.admin.base import ServiceAdmin
from hosts.models import Organization, Tag, User
from hosts.permissions import actor
from hosts.services import house


class _RowAdmin(ServiceAdmin):
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of hosts."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(hosts_count=Count("hosts", distinct=True))
        return rows

    def keep(self, request: HttpRequest, obj: Any, form: Any) -> None:
        house.save_row(obj, by=actor(request))

    def drop(self, request: HttpRequest, obj: Any) -> None:
        house.delete_row(obj, by=actor(request))


@admin.register(Organization)
class OrganizationAdmin(_RowAdmin):
    """Whose machines they are."""

    list_display = ("name", "shown_hosts", "created_at")
    fields = ("name", "notes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Somebody who does not see everything would not see the new one."""
        user = request.user
        return isinstance(user, User) and user.sees_everything and bool(super().has_add_permission(request))

    @admin.display(description=_("hosts"), ordering="hosts_count")
    def shown_hosts(self, row: Any) -> str:
        """How many hosts, and the way to them."""
        return format_html('<a href="{}?organization={}">{}</a>', reverse("hosts:host-list"), row.pk, row.hosts_count)


@admin.register(Tag)
class TagAdmin(_RowAdmin):
    """Words that group hosts."""

    list_display = ("name", "shown_hosts")
    fields = ("name",)

    @admin.display(description=_("hosts"), ordering="hosts_count")
    def shown_hosts(self, row: Any) -> str:
        """How many hosts, and the way to them."""
        return format_html('<a href="{}?tag={}">{}</a>', reverse("hosts:host-list"), row.name, row.hosts_count)
