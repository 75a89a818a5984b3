"""A request in, the small number beside DHCP in the sidebar out; nothing where there is nothing to do."""

from __future__ import annotations

from django.http import HttpRequest

from dhcp.models import Alarm
from hosts.models import User

MOST_SHOWN = 99


def full_networks(request: HttpRequest) -> str:
    """Networks that got too full."""
    user = request.user
    if not isinstance(user, User):
        return ""
    open_ones = Alarm.objects.visible_to(user).filter(cleared_at=None)
    count = open_ones.order_by()[: MOST_SHOWN + 1].count()
    return "" if count == 0 else str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"
