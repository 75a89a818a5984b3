"""The query string in; leases that fit, their CSV, and who had an address at a time out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dhcp.choices import LEASE_WORDS
from dhcp.forms.lists import LeaseListForm, WhoHadForm
from dhcp.models import Lease
from dhcp.services.lookups import MOST, Found, find_leases, who_had
from dhcp.views.lists import Echo, cell, saved_filters
from dhcp.views.shell import page
from hosts.models import User
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, person, staff
from hosts.views.sorting import counted, heads, order_of

PAGE_SIZE = 50
SORTS = ("key",)
"""What an index serves, whatever the database: a million leases are not sorted for a page."""
SHOWN = (
    ("state", gettext_lazy("State")),
    ("machine", gettext_lazy("Machine")),
    ("mac", gettext_lazy("MAC")),
    ("since", gettext_lazy("Since")),
    ("ends", gettext_lazy("Ends")),
    ("server", gettext_lazy("Server")),
)
COLUMNS = (
    *("address", "state", "mac", "host name", "client id", "vendor class", "began", "ends", "last contact"),
    "server",
)


@require_safe
@staff("dhcp.view_lease")
def listed(request: HttpRequest) -> HttpResponse:
    """Leases by address, a page of them."""
    user = person(request)
    form = LeaseListForm(request.GET, user=user)
    found = _found(form, user)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    column, descending = order_of(request.GET, SORTS, "key")
    shown = keyset_page(found.rows, column, descending=descending, before=before, after=after, size=PAGE_SIZE)
    chips = list(form.chips())
    context = {
        "form": form,
        "shown": shown,
        "total": counted(found.rows),
        "columns": SHOWN,
        "sorts": heads(request.GET, SORTS, column, descending=descending),
        "chips": chips,
        "states": [(value, words) for value, (words, _tone) in LEASE_WORDS.items()],
        "servers": form.servers,
        "is_cut": found.is_cut,
        "most": MOST,
        "is_fresh": not shown.rows and not chips and not before and not after,
        "newer": form.with_(before=shown.before),
        "older": form.with_(after=shown.after),
        "export": f"{reverse('dhcp:lease-export')}?{form.kept_query}",
        "saved": saved_filters("dhcp-leases", user),
        "filter_page": "dhcp-leases",
    }
    return page(request, "dhcp/leases.html", context, title=_("Leases"), here="leases")


@require_safe
@staff("dhcp.view_lease")
def exported(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Every lease that fits as CSV (RFC 4180, UTF-8)."""
    user = person(request)
    rows = _found(LeaseListForm(request.GET, user=user), user).rows.order_by("key", "pk")
    answer = StreamingHttpResponse(_csv_lines(rows.iterator(chunk_size=2000)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="leases-{timezone.localdate().isoformat()}.csv"'
    return answer


@require_safe
@staff("dhcp.view_lease")
def who(request: HttpRequest) -> HttpResponse:
    """Who had an address at a time."""
    form = WhoHadForm(request.GET if "address" in request.GET else None)
    context: dict[str, object] = {"form": form, "now": timezone.localtime()}
    if form.is_bound and form.is_valid():
        address, at = form.cleaned_data["address"], form.cleaned_data["at"]
        context |= {"found": who_had(address, at, person(request)), "address": address, "at": at}
    crumbs = (Crumb(_("Leases"), reverse("dhcp:leases")),)
    return page(request, "dhcp/who_had.html", context, title=_("Who had an address"), crumbs=crumbs)


def _found(form: LeaseListForm, user: User) -> Found[Lease]:
    return find_leases(
        user,
        form.said("q"),
        server_id=form.server_id,
        subnet=form.cleaned_data.get("subnet"),
        state=form.said("state"),
        vendor=form.said("vendor"),
    )


def _csv_lines(rows: Iterable[Lease]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in rows:
        ends = "never" if row.never_ends else row.ends_at.isoformat() if row.ends_at else ""
        values = (
            *(row.address, row.state, row.mac, row.hostname, row.client_id, row.vendor_class),
            row.starts_at.isoformat() if row.starts_at else "",
            ends,
            row.last_contact_at.isoformat() if row.last_contact_at else "",
            str(row.server),
        )
        yield writer.writerow([cell(value) for value in values])
