"""People and roles: their settings pages. Only superusers write here; others with the permission may look."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm

from hosts.admin.base import ServiceAdmin
from hosts.forms.people import NewPersonForm, PersonForm
from hosts.models import User
from hosts.permissions import actor
from hosts.services import people

admin.site.unregister(Group)

VERBS = {"view": _("view"), "add": _("add"), "change": _("edit"), "delete": _("delete")}
DECISIONS = {
    "plan_change": _("plan changes"),
    "approve_change": _("approve changes"),
    "apply_change": _("apply changes"),
}


class _SuperusersWrite(ServiceAdmin):
    """Whoever can change people or roles could give themselves every right; so it takes all of them already."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The chooser; rights are called by what they allow, in the reader's language."""
        field = super().formfield_for_manytomany(db_field, request, **options)
        if field is not None and db_field.related_model is Permission:
            field.label_from_instance = _right
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)


@admin.register(User)
class PersonAdmin(_SuperusersWrite, UserAdmin):  # type: ignore[type-arg, misc]  # the log is not kept
    """Operators, agents and customers."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "shown_roles", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups", "organizations")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ("groups", "organizations")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Reads"), {"fields": ("language", "time_zone")}),
        (_("Whose machines"), {"fields": ("all_organizations", "organizations")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Seen"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "password1", "password2", "must_change_password")}),
        (_("Rights"), {"fields": ("is_staff", "groups", "all_organizations", "organizations")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Everybody, or the people of one's own organizations."""
        rows = User.objects.prefetch_related("groups").order_by("email")
        user = request.user
        if isinstance(user, User) and not user.sees_everything:
            rows = rows.filter(organizations__in=user.organizations.all()).distinct()
        return rows

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: what people did stays theirs. Take "active" away instead."""
        return False

    def keep(self, request: HttpRequest, obj: User, form: Any) -> None:
        data = form.cleaned_data
        password = "" if obj.pk else data.get("password1") or ""
        people.save_person(
            obj,
            by=actor(request),
            password=password,
            organizations=data.get("organizations"),
            groups=data.get("groups"),
            permissions=data.get("user_permissions"),
        )

    @admin.display(description=_("roles"))
    def shown_roles(self, row: User) -> str:
        """The roles, or that no role is needed."""
        names = [group.name for group in row.groups.all()]
        return ", ".join([gettext("Administrator"), *names] if row.is_superuser else names)


@admin.register(Group)
class RoleAdmin(_SuperusersWrite, GroupAdmin):  # type: ignore[misc]  # the log is not kept
    """Named sets of permissions."""

    list_display = ("name",)

    def keep(self, request: HttpRequest, obj: Group, form: Any) -> None:
        people.save_role(obj, by=actor(request), permissions=form.cleaned_data.get("permissions"))

    def drop(self, request: HttpRequest, obj: Group) -> None:
        people.delete_role(obj, by=actor(request))


def _right(right: Permission) -> str:
    """Host: edit. A right that the panel does not know reads as Django wrote it."""
    kind = right.content_type.model_class()
    said = DECISIONS.get(right.codename) or VERBS.get(right.codename.partition("_")[0])
    return f"{kind._meta.verbose_name}: {said}" if kind and said else right.name


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser
