"""A host in; its DHCP server or relay, as a tab of its page, out. Named in settings, since that page is lower."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from dhcp.models import Problem, Relay, Server
from dhcp.services.checks import problems_for
from dhcp.services.told import state_of_push
from hosts.choices import Severity
from hosts.models import Host, User
from hosts.views.shell import person
from hosts.views.tabs import HostTab

MOST_SHOWN = 100


def _may(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.has_perm("dhcp.view_server")


def _count(request: HttpRequest, host: Host) -> int:
    """Findings that matter; the page shows 0 as nothing."""
    found = Problem.objects.visible_to(person(request)).on(host)
    return found.exclude(severity=Severity.NOTE).order_by().count()


def _shown(request: HttpRequest, host: Host) -> str:
    user = person(request)
    servers = Server.objects.visible_to(user).filter(host=host).select_related("host").order_by("version")
    relay = Relay.objects.visible_to(user).filter(host=host).select_related("host").first()
    rows: list[Server | Relay] = [*servers, *([relay] if relay else [])]
    context = {
        "host": host,
        "rows": [(row, isinstance(row, Relay), state_of_push(row)) for row in rows],
        "problems": problems_for(user).on(host)[:MOST_SHOWN],
    }
    return render_to_string("dhcp/_host_tab.html", context, request)


TAB = HostTab("dhcp", _("DHCP"), _may, _shown, _count)
