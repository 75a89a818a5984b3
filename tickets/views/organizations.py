"""Organizations as the desk knows them: found, shown with their people, tickets and hosts, and their card changed."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import Organization
from hosts.permissions import actor
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, fragment, page, person
from tickets.choices import TicketState
from tickets.forms.contacts import CustomerForm
from tickets.models import CustomerDomain
from tickets.services import access, contacts, organizations
from tickets.views.beside import count_by, hosts_of, page_of, visible_tickets
from tickets.views.desk import desk, works_at_desk
from tickets.views.machines import MOST_ASKED, known_elsewhere

PAGE_SIZE = 50
MOST_PEOPLE = 30
MOST_OFFERED = 8


@require_safe
@desk
def listed(request: HttpRequest) -> HttpResponse:
    """Whom do we work for?"""
    words = request.GET.get("q", "").strip()
    rows = organizations.seen_by(person(request))
    for word in words.split():
        by_domain = CustomerDomain.objects.filter(domain__icontains=word).values("customer__organization")
        rows = rows.filter(Q(name__icontains=word) | Q(pk__in=by_domain))
    shown = keyset_page(
        rows.prefetch_related("customer__domains", "customer__account_manager__user"),
        "name",
        descending=False,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    counts = count_by(visible_tickets(request), "organization", [row.pk for row in shown.rows])
    context = {"shown": shown, "lines": [(row, counts[row.pk]) for row in shown.rows], "q": words}
    return page(request, "tickets/organizations.html", context, title=_("Organizations"))


@require_safe
@desk
def find(request: HttpRequest) -> HttpResponse:
    """Organizations whose name fits what is typed, to be taken into a field."""
    words = request.GET.get("q", "").strip()
    rows = Organization.objects.visible_to(person(request)).filter(name__icontains=words).order_by("name")
    names = [row.name for row in rows[:MOST_OFFERED]] if words else []
    return fragment(request, "tickets/_suggested.html", {"found": [(name, name, "") for name in names]})


@require_safe
@desk
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    """Who are they, what did we promise them, and what do they need?"""
    user, found = person(request), organization_of(request, pk)
    theirs = visible_tickets(request).filter(organization=found)
    members = contacts.seen_by(user).filter(organization=found).prefetch_related("addresses")
    people = list(members.order_by("-is_primary", "name", "pk")[: MOST_PEOPLE + 1])
    hosts = hosts_of(user, found.pk)
    context = {
        "organization": found,
        "card": organizations.card_of(found),
        "people": people[:MOST_PEOPLE],
        "has_more_people": len(people) > MOST_PEOPLE,
        "shown": page_of(request, theirs),
        "open": theirs.filter(state=TicketState.OPEN).count(),
        "hosts": hosts,
        "known_elsewhere": known_elsewhere(request, found.pk, hosts[:MOST_ASKED]),
        "may": dict.fromkeys(access.permissions_anywhere(user), True),
        "may_edit": _may_edit(request, found),
    }
    return page(request, "tickets/organization.html", context, title=found.name, crumbs=(crumb(),))


@require_http_methods(["GET", "POST"])
@desk
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what the desk knows of an organization."""
    found = organization_of(request, pk)
    if not _may_edit(request, found):
        raise PermissionDenied
    form = CustomerForm(request.POST or None, instance=organizations.card_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            organizations.save_card(form.instance, form.domain_names, by=actor(request))
        except (Explainable, ValidationError) as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, words_of(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("tickets:organization", pk)
    status = 422 if request.method == "POST" else 200
    crumbs = (crumb(), Crumb(found.name, reverse("tickets:organization", args=[pk])))
    context = {"form": form, "organization": found}
    return page(request, "tickets/organization_form.html", context, title=_("Edit"), crumbs=crumbs, status=status)


def page_of_organization(request: HttpRequest, pk: int) -> str:
    """Where the desk shows an organization, for pages of lower apps (ORGANIZATION_PAGES); "" for who may not see it."""
    if not works_at_desk(request.user) or not organizations.seen_by(person(request)).filter(pk=pk).exists():
        return ""
    return reverse("tickets:organization", args=[pk])


def organization_of(request: HttpRequest, pk: int) -> Organization:
    """One that the agent works for; 404 otherwise."""
    return get_object_or_404(organizations.seen_by(person(request)), pk=pk)


def crumb() -> Crumb:
    """The way back to all of them."""
    return Crumb(_("Organizations"), reverse("tickets:organizations"))


def _may_edit(request: HttpRequest, row: Organization) -> bool:
    user = person(request)
    return user.has_perm("tickets.change_customer") and Organization.objects.visible_to(user).filter(pk=row.pk).exists()
