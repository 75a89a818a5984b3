"""Nothing but who asks in; whether every network is served, and which one fills up, out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dhcp.services.overview import overview as overview_of
from dhcp.views.mends import with_mends
from dhcp.views.shell import page
from hosts.views.shell import person, staff


@require_safe
@staff("dhcp.view_server")
def overview(request: HttpRequest) -> HttpResponse:
    """Servers, their networks, and relays."""
    found = overview_of(person(request))
    context = {
        "found": found,
        "problems": with_mends(found.problems) if request.user.has_perm("dhcp.view_problem") else [],
    }
    return page(request, "dhcp/overview.html", context, title=_("DHCP"), here="overview")
