"""Two contacts who are one person in; what merging them would do, and once that was seen the merged one, out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.shell import Crumb, page, person
from tickets.choices import Permission
from tickets.models import Contact
from tickets.services import access, contacts
from tickets.views.contact_do import other_of
from tickets.views.contacts import contact_of, crumb
from tickets.views.desk import desk


@require_http_methods(["GET", "POST"])
@desk
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """What becomes of the other one? A look first; the button below it merges the two, which is not undone."""
    contact = contact_of(request, pk)
    if Permission.MANAGE_CONTACTS not in access.permissions_anywhere(person(request)):
        raise PermissionDenied
    try:
        if request.method == "POST":
            other = _by_key(request)
            name = str(other)
            contacts.merge_contacts(contact, other, by=actor(request))
            messages.success(request, _("%(name)s was merged into this contact.") % {"name": name})
            return redirect("tickets:contact", pk)
        other = other_of(request, request.GET.get("email", ""))
        plan = contacts.merge_plan(contact, other, by=actor(request))
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect("tickets:contact", pk)
    context: dict[str, Any] = {
        "contact": contact,
        "other": other,
        "plan": plan,
        "takes": [_label(name) for name in plan.takes],
        "loses": [(_label(name), text) for name, text in plan.loses.items()],
    }
    crumbs = (crumb(), Crumb(str(contact), reverse("tickets:contact", args=[pk])))
    return page(request, "tickets/contact_merge.html", context, title=_("Merge"), crumbs=crumbs)


def _by_key(request: HttpRequest) -> Contact:
    """The one that was looked at, however their addresses moved since."""
    text = request.POST.get("other", "")
    return contact_of(request, int(text) if text.isdecimal() and len(text) < 19 else 0)


def _label(name: str) -> Any:
    return Contact._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # they are columns
