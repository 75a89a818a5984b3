"""A host in; the tickets about it, as a tab of its page, out. Named in settings, because that page is a lower app's."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from hosts.models import Host
from hosts.views.tabs import HostTab
from tickets.choices import TicketState
from tickets.views.beside import page_of, visible_tickets
from tickets.views.desk import works_at_desk


def _may(request: HttpRequest) -> bool:
    return works_at_desk(request.user)


def _count(request: HttpRequest, host: Host) -> int:
    return visible_tickets(request).filter(hosts=host, state=TicketState.OPEN).order_by().count()


def _shown(request: HttpRequest, host: Host) -> str:
    context = {"host": host, "shown": page_of(request, visible_tickets(request).filter(hosts=host))}
    return render_to_string("tickets/_host_tab.html", context, request)


TAB = HostTab("tickets", _("Tickets"), _may, _shown, _count)
