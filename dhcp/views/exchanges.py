"""One search for a machine in; why it has an address or none, and its conversations out, each as a ladder."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dhcp.choices import OUTCOME_WORDS
from dhcp.facts.ladder import CLIENT, RELAY, SERVER
from dhcp.forms.lists import ExchangeListForm
from dhcp.models import Exchange
from dhcp.rules.ladder import ladder
from dhcp.services.diagnoses import Diagnosis, diagnose
from dhcp.services.log_findings import conversation_of
from dhcp.services.lookups import MOST, find_exchanges
from dhcp.services.reservations import standings
from dhcp.views.lists import saved_filters
from dhcp.views.shell import page
from hosts.models import User
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, person, staff

PAGE_SIZE = 50
MOST_AROUND = 8
SEES_ALL = ("dhcp.view_lease", "dhcp.view_reservation", "dhcp.view_problem")


@require_safe
@staff("dhcp.view_exchange")
def listed(request: HttpRequest) -> HttpResponse:
    """With a search: the answer in words, with what it is made of, and the conversations. Without: all of them."""
    user = person(request)
    form = ExchangeListForm(request.GET, user=user)
    found = find_exchanges(
        user,
        form.said("q"),
        server_id=form.server_id,
        outcome=form.said("outcome"),
        since=form.cleaned_data.get("since"),
        until=form.cleaned_data.get("until"),
    )
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    rows = found.rows.defer("lines")
    shown = keyset_page(rows, "started_at", descending=True, before=before, after=after, size=PAGE_SIZE)
    chips = list(form.chips())
    context: dict[str, Any] = {
        "form": form,
        "shown": shown,
        "chips": chips,
        "outcomes": [(value, words) for value, (words, _tone) in OUTCOME_WORDS.items()],
        "servers": form.servers,
        "is_cut": found.is_cut,
        "most": MOST,
        "is_fresh": not shown.rows and not chips and not before and not after,
        "newer": form.with_(before=shown.before),
        "older": form.with_(after=shown.after),
        "saved": saved_filters("dhcp-exchanges", user),
        "filter_page": "dhcp-exchanges",
    }
    if form.said("q") and not before and not after:
        context |= _answer(form.said("q"), user)
    return page(request, "dhcp/exchanges.html", context, title=_("Conversations"), here="exchanges")


@require_safe
@staff("dhcp.view_exchange")
def exchange(request: HttpRequest, pk: int) -> HttpResponse:
    """One conversation as a ladder, and the others of the same machine."""
    user = person(request)
    seen = Exchange.objects.visible_to(user).distinct()
    row = get_object_or_404(seen.select_related("server__host"), pk=pk)
    others = seen.filter(mac=row.mac).exclude(pk=row.pk).defer("lines").select_related("server__host")
    context = {
        "exchange": row,
        "ladder": ladder(conversation_of(row)),
        "names": {CLIENT: row.hostname or row.mac, RELAY: row.relay or _("the relay"), SERVER: str(row.server)},
        "others": list(others.order_by("-started_at")[:MOST_AROUND]),
        "took": (row.ended_at - row.started_at).total_seconds(),
    }
    crumbs = (Crumb(_("Conversations"), reverse("dhcp:exchanges")),)
    return page(request, "dhcp/exchange.html", context, title=row.hostname or row.mac, crumbs=crumbs)


def _answer(said: str, user: User) -> dict[str, Any]:
    """Each part only for those who may see such rows."""
    now = timezone.now()
    found = diagnose(said, user, now=now)
    found = Diagnosis(
        found.answers,
        found.leases if user.has_perm("dhcp.view_lease") else [],
        found.reservations if user.has_perm("dhcp.view_reservation") else [],
        found.exchanges,
        found.problems if user.has_perm("dhcp.view_problem") else [],
    )
    stand = standings(found.reservations, now=now)
    return {
        "diagnosis": found,
        "reservations": [(row, stand[row.pk]) for row in found.reservations],
        "tone": _tone(found),
    }


def _tone(found: Diagnosis) -> str:
    """Of the answer: whether the last attempt went well."""
    last = found.exchanges[0].outcome if found.exchanges else ""
    tone = OUTCOME_WORDS[last][1].value if last in OUTCOME_WORDS else "good" if found.leases else "warn"
    return "warn" if tone == "idle" else tone
