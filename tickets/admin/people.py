"""Who writes to the desk: contacts, what is known of their organizations, and whose mail is not wanted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hosts.models import Organization, User
from hosts.permissions import actor
from hosts.services.scope import require_own_organization
from tickets.admin.base import DeskAdmin, PartInline, Parts
from tickets.forms.people import ContactForm
from tickets.models import Ban, Contact, Customer, CustomerDomain, Ticket
from tickets.services import order, people


class OfOrganizations(DeskAdmin):
    """Rows of an organization: one chooses among those that one sees."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Organizations that the person may see; without all of them one has to be chosen."""
        user = request.user
        if db_field.name == "organization" and isinstance(user, User):
            kwargs["queryset"] = Organization.objects.visible_to(user).order_by("name")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "organization" and isinstance(user, User) and not user.sees_everything:
            field.required = True
        return field


@admin.register(Contact)
class ContactAdmin(OfOrganizations):
    """The people who ask for help."""

    form = ContactForm
    list_display = ("__str__", "shown_emails", "organization", "is_primary", "shown_tickets")
    list_filter = ("is_primary",)
    list_select_related = ("organization",)
    autocomplete_fields = ("user",)
    search_fields = ("name", "addresses__email", "organization__name", "phone")
    ordering = ("name", "pk")
    fieldsets = (
        (None, {"fields": ("name", "emails", "organization", "is_primary", "phone")}),
        (_("Reads"), {"fields": ("language", "time_zone")}),
        (_("Login"), {"fields": ("user",)}),
        (_("Notes"), {"fields": ("notes",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With their addresses and the number of their tickets, counted for the rows of a page only."""
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("addresses")
        mine = Ticket.objects.filter(contact=OuterRef("pk")).order_by().values("contact")
        counted: QuerySet[Any] = rows.annotate(tickets_count=Subquery(mine.annotate(n=Count("pk")).values("n")))
        return counted

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A login is given by those who see people."""
        may_see_people = request.user.has_perm("hosts.view_user")
        return [(title, group) for title, group in self.fieldsets if "user" not in group["fields"] or may_see_people]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A login is one of somebody who is no staff; it is searched for by typing."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_staff=False, is_active=True).order_by("email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def keep_all(self, request: HttpRequest, obj: Contact, form: Any, parts: Parts) -> None:
        by = actor(request)
        require_own_organization(by, obj.organization)
        people.save_contact(obj, form.cleaned_data["emails"], by=by)

    @admin.display(description=_("addresses"))
    def shown_emails(self, row: Contact) -> str:
        """All of them; one that mail came back from says so."""
        shown = [
            format_html('<span class="rd"><span class="state bad">{}</span> {}</span>', _("bounced"), one.email)
            if one.failed_at
            else one.email
            for one in sorted(row.addresses.all(), key=lambda one: (not one.is_main, one.pk))
        ]
        return format_html(", ".join(["{}"] * len(shown)), *shown) if shown else "–"

    @admin.display(description=_("tickets"))
    def shown_tickets(self, row: Any) -> int:
        """How many they opened."""
        return int(row.tickets_count or 0)


class DomainInline(PartInline):
    """Mail domains of an organization."""

    model = CustomerDomain
    verbose_name_plural = _("Mail domains: whoever writes from there belongs to it")


@admin.register(Customer)
class CustomerAdmin(OfOrganizations):
    """What the desk knows of an organization."""

    inlines = (DomainInline,)
    list_display = ("organization", "account_manager", "sharing", "sla", "shown_domains")
    list_filter = ("sharing",)
    list_select_related = ("organization", "account_manager__user", "sla")
    search_fields = ("organization__name", "domains__domain")
    ordering = ("organization__name",)
    fields = ("organization", "account_manager", "assigns_manager", "sharing", "sla", "notes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of organizations that the person sees, with their domains."""
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("domains")
        user = request.user
        if isinstance(user, User) and not user.sees_everything:
            rows = rows.filter(organization__members=user)
        return rows

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """It stays about the same organization."""
        return ("organization",) if obj else ()

    def keep_all(self, request: HttpRequest, obj: Customer, form: Any, parts: Parts) -> None:
        by = actor(request)
        require_own_organization(by, obj.organization)
        order.save_row(obj, by=by, kept=parts.kept, dropped=parts.dropped)

    @admin.display(description=_("mail domains"))
    def shown_domains(self, row: Customer) -> str:
        """All of them."""
        return ", ".join(one.domain for one in row.domains.all())


@admin.register(Ban)
class BanAdmin(DeskAdmin):
    """Addresses whose mail opens and joins nothing."""

    list_display = ("pattern", "notes", "created_at")
    search_fields = ("pattern", "notes")
    ordering = ("pattern",)
    fields = ("pattern", "notes")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Another address is another row."""
        return ("pattern",) if obj else ()

    def keep_all(self, request: HttpRequest, obj: Ban, form: Any, parts: Parts) -> None:
        if obj.pk:
            order.save_row(obj, by=actor(request))
        else:
            obj.pk = people.ban(obj.pattern, by=actor(request), notes=obj.notes).pk

    def drop(self, request: HttpRequest, obj: Ban) -> None:
        people.unban(obj, by=actor(request))
