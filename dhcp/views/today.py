"""Who asks in; what DHCP adds to the page of today out. Named in settings, because that page is a lower app's."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from dhcp.choices import Service
from dhcp.models import Alarm, Server
from dhcp.services.checks import problems_for
from dhcp.services.overview import fullest_networks
from hosts.choices import Severity
from hosts.models import User

LINES_SHOWN = 6
BARS_SHOWN = 5


def needs(request: HttpRequest) -> str:
    """The card of DHCP as HTML; nothing for people without a view of it, nor where nothing waits."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("dhcp.view_server"):
        return ""
    servers = Server.objects.visible_to(user).filter(host__is_in_maintenance=False).select_related("host")
    alarms = Alarm.objects.visible_to(user).filter(cleared_at=None)
    found = list(problems_for(user).exclude(severity=Severity.NOTE)[: LINES_SHOWN + 1])
    values: dict[str, Any] = {
        "stopped": list(servers.filter(service=Service.STOPPED).order_by("host__name", "version")[:LINES_SHOWN]),
        "alarms": list(alarms.select_related("subnet", "shared_network").order_by("-percent", "pk")[:LINES_SHOWN]),
        "problems": found[:LINES_SHOWN],
        "has_more": len(found) > LINES_SHOWN,
    }
    if not (values["stopped"] or values["alarms"] or found):
        return ""
    values["is_grave"] = bool(values["stopped"]) or any(each.severity == Severity.CRITICAL for each in found)
    return render_to_string("dhcp/_today.html", values, request)


def fullest(request: HttpRequest) -> str:
    """The networks with the least room as bars; nothing for people without a view of them, or before one is counted."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("dhcp.view_server"):
        return ""
    samples = fullest_networks(user, BARS_SHOWN)
    return render_to_string("dhcp/_fullest.html", {"samples": samples}, request) if samples else ""
