"""What every page of DHCP carries: its tabs, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hosts.views.shell import Crumb
from hosts.views.shell import page as shell_page

TABS = (
    ("overview", gettext_lazy("Overview"), "dhcp.view_server"),
    ("leases", gettext_lazy("Leases"), "dhcp.view_lease"),
    ("reservations", gettext_lazy("Reservations"), "dhcp.view_reservation"),
    ("exchanges", gettext_lazy("Conversations"), "dhcp.view_exchange"),
    ("relays", gettext_lazy("Relays"), "dhcp.view_relay"),
    ("problems", gettext_lazy("Findings"), "dhcp.view_problem"),
)


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    title: object,
    here: str = "",
    crumbs: tuple[Crumb, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """`here` is the tab that is open; pages deeper in have none, and crumbs instead."""
    tabs = [(name, words) for name, words, right in TABS if request.user.has_perm(right) and _is_there(name)]
    way = () if here == "overview" else (Crumb(_("DHCP"), reverse("dhcp:overview")), *crumbs)
    return shell_page(
        request, template, {"tabs": tabs, "here": here, **context}, title=title, crumbs=way, status=status
    )


def _is_there(name: str) -> bool:
    try:
        reverse(f"dhcp:{name}")
    except NoReverseMatch:
        return False
    return True
