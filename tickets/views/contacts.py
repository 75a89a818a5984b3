"""People who ask for help: found, shown with what belongs to them, and changed."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, fragment, page, person
from tickets.choices import Permission, TicketState
from tickets.forms.contacts import ContactCardForm
from tickets.models import Ban, Contact, ContactAddress
from tickets.services import access, contacts, organizations
from tickets.services.search import people_with
from tickets.views.beside import count_by, hosts_of, page_of, visible_tickets
from tickets.views.desk import desk
from tickets.views.machines import MOST_ASKED, known_elsewhere

PAGE_SIZE = 50
MOST_OFFERED = 8
BOUNCED = "bounced"


@require_safe
@desk
def listed(request: HttpRequest) -> HttpResponse:
    """Who writes to us?"""
    user, words = person(request), request.GET.get("q", "").strip()
    show, organization = request.GET.get("show", ""), _number(request.GET.get("organization", ""))
    rows = people_with(contacts.seen_by(user), words)
    if show == BOUNCED:
        rows = rows.filter(pk__in=ContactAddress.objects.exclude(failed_at=None).values("contact"))
    if organization:
        rows = rows.filter(organization=organization)
    shown = keyset_page(
        rows.prefetch_related("addresses", "organization"),
        "name",
        descending=False,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    counts = count_by(visible_tickets(request), "contact", [row.pk for row in shown.rows])
    chosen = organizations.seen_by(user).filter(pk=organization).first() if organization else None
    kept = request.GET.copy()
    for gone in ("before", "after"):
        kept.pop(gone, None)
    context = {
        "shown": shown,
        "lines": [(row, counts[row.pk]) for row in shown.rows],
        "q": words,
        "show": show,
        "organization": chosen,
        "kept": kept.urlencode(),
        "may": access.permissions_anywhere(user),
        "is_narrowed": bool(words or show or organization),
    }
    return page(request, "tickets/contacts.html", context, title=_("Contacts"))


@require_safe
@desk
def find(request: HttpRequest) -> HttpResponse:
    """People whose name or address fits what is typed, to be taken into a field."""
    words = request.GET.get("q", "").strip()
    if len(words) < 2:
        return fragment(request, "tickets/_contacts.html", {"people": []})
    fits = people_with(contacts.seen_by(person(request)), words)
    found = fits.select_related("organization").prefetch_related("addresses").order_by("name", "pk")
    return fragment(request, "tickets/_contacts.html", {"people": list(found[:MOST_OFFERED])})


@require_safe
@desk
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is this, and what do they need from us?"""
    user, found = person(request), contact_of(request, pk)
    tickets = visible_tickets(request)
    theirs = tickets.filter(contact=found)
    addresses = sorted(found.addresses.all(), key=lambda one: (not one.is_main, one.pk))
    bans = list(_bans(addresses))
    hosts = hosts_of(user, found.organization_id)
    context = {
        "contact": found,
        "addresses": [(one, _ban_of(one.email, bans)) for one in addresses],
        "shown": page_of(request, theirs),
        "open": theirs.filter(state=TicketState.OPEN).count(),
        "copied": list(
            tickets.filter(collaborators__contact=found, collaborators__is_active=True)
            .select_related("status")
            .order_by("-id")[:MOST_OFFERED]
        ),
        "hosts": hosts,
        "known_elsewhere": known_elsewhere(request, found.organization_id, hosts[:MOST_ASKED]),
        "may": dict.fromkeys(access.permissions_anywhere(user), True),
    }
    return page(request, "tickets/contact.html", context, title=str(found), crumbs=(crumb(),))


@require_http_methods(["GET", "POST"])
@desk
def new(request: HttpRequest) -> HttpResponse:
    """Write somebody down before their first mail."""
    if Permission.MANAGE_CONTACTS not in access.permissions_anywhere(person(request)):
        raise PermissionDenied
    return _form_page(request, Contact(), _("New contact"), (crumb(),))


@require_http_methods(["GET", "POST"])
@desk
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of somebody."""
    found = contact_of(request, pk)
    if Permission.MANAGE_CONTACTS not in access.permissions_anywhere(person(request)):
        raise PermissionDenied
    crumbs = (crumb(), Crumb(str(found), reverse("tickets:contact", args=[pk])))
    return _form_page(request, found, _("Edit"), crumbs)


def contact_of(request: HttpRequest, pk: int) -> Contact:
    """Somebody whom the agent works with; 404 otherwise."""
    rows = contacts.seen_by(person(request)).select_related("organization__customer", "user")
    return get_object_or_404(rows.prefetch_related("addresses"), pk=pk)


def crumb() -> Crumb:
    """The way back to everybody."""
    return Crumb(_("Contacts"), reverse("tickets:contacts"))


def _form_page(request: HttpRequest, row: Contact, title: str, crumbs: tuple[Crumb, ...]) -> HttpResponse:
    initial = {"emails": request.GET.get("email", "")} if not row.pk and "email" in request.GET else None
    form = ContactCardForm(request.POST or None, instance=row, user=person(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = contacts.save_card(form.save(), form.cleaned_data["emails"], by=actor(request))
        except (Explainable, ValidationError) as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, words_of(error))
        else:
            messages.success(request, _("Saved."))
            if contacts.seen_by(person(request)).filter(pk=saved.pk).exists():
                return redirect("tickets:contact", saved.pk)
            messages.info(request, _("%(name)s appears here with a ticket that you may see.") % {"name": saved})
            return redirect("tickets:contacts")
    status = 422 if request.method == "POST" else 200
    return page(
        request, "tickets/contact_form.html", {"form": form, "row": row}, title=title, crumbs=crumbs, status=status
    )


def _bans(addresses: list[ContactAddress]) -> QuerySet[Ban]:
    emails = [one.email.lower() for one in addresses]
    domains = [f"@{email.rpartition('@')[2]}" for email in emails]
    return Ban.objects.filter(Q(pattern__in=emails) | Q(pattern__in=domains))


def _ban_of(email: str, bans: list[Ban]) -> Ban | None:
    low = email.lower()
    return next((ban for ban in bans if ban.pattern in (low, f"@{low.rpartition('@')[2]}")), None)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
