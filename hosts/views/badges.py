"""A request in, the small number beside an entry of the sidebar out; nothing where there is nothing to do."""

from __future__ import annotations

from django.http import HttpRequest

from hosts.choices import ChangeState
from hosts.models import Change, HostFile, User

MOST_SHOWN = 99


def changes_waiting(request: HttpRequest) -> str:
    """Changes that wait for approval."""
    user = request.user
    if not isinstance(user, User):
        return ""
    waiting = Change.objects.visible_to(user).filter(state=ChangeState.COMPARED)
    return _shown(waiting.order_by()[: MOST_SHOWN + 1].count())


def drifted(request: HttpRequest) -> str:
    """Files that are not what the panel put there."""
    user = request.user
    if not isinstance(user, User):
        return ""
    return _shown(HostFile.objects.visible_to(user).drifted().order_by()[: MOST_SHOWN + 1].count())


def _shown(count: int) -> str:
    return "" if count == 0 else str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"
