"""A button at a contact in; one service call, and the contact again, out."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hosts.errors import BadInput, Explainable
from hosts.facts.words import plain
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.shell import person
from tickets.models import Ban, Contact, ContactAddress
from tickets.services import contacts, people
from tickets.views.contacts import contact_of
from tickets.views.desk import desk


@require_POST
@desk
def do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One of VERBS. What was refused is said in words, and nothing was changed."""
    contact = contact_of(request, pk)
    found = VERBS.get(verb)
    if found is None:
        raise Http404
    try:
        said = found(request, contact)
    except Explainable as error:
        messages.error(request, words_of(error))
    else:
        messages.success(request, said)
    return redirect("tickets:contact", pk)


def _move(request: HttpRequest, contact: Contact) -> str:
    address, to = _address(request, contact), other_of(request, request.POST.get("email", ""))
    contacts.move_address(address, to, by=actor(request))
    return _("%(email)s belongs to %(name)s now.") % {"email": address.email, "name": to}


def _clear(request: HttpRequest, contact: Contact) -> str:
    address = _address(request, contact)
    contacts.clear_failure(address, by=actor(request))
    return _("Mail goes to %(email)s again.") % {"email": address.email}


def _ban(request: HttpRequest, contact: Contact) -> str:
    address = _address(request, contact)
    people.ban(address.email, by=actor(request))
    return _("Mail from %(email)s is turned away from now on.") % {"email": address.email}


def _unban(request: HttpRequest, contact: Contact) -> str:
    email = _address(request, contact).email.lower()
    row = get_object_or_404(Ban, pattern=email)
    people.unban(row, by=actor(request))
    return _("Mail from %(email)s is let in again.") % {"email": email}


def _address(request: HttpRequest, contact: Contact) -> ContactAddress:
    text = request.POST.get("address", "")
    rows = ContactAddress.objects.select_related("contact").filter(contact=contact)
    return get_object_or_404(rows, pk=int(text) if text.isdecimal() and len(text) < 19 else 0)


def other_of(request: HttpRequest, typed: str) -> Contact:
    """The other person, by one of their addresses; somebody whom the agent works with."""
    email = typed.strip()
    found = contacts.seen_by(person(request)).filter(addresses__email__iexact=email).first()
    if found is None:
        raise BadInput(
            plain(_("There is no contact with the address “%(email)s”.") % {"email": email[:80]}), field="email"
        )
    return found


VERBS: dict[str, Callable[[HttpRequest, Contact], str]] = {
    "move-address": _move,
    "clear-failed": _clear,
    "ban": _ban,
    "unban": _unban,
}
