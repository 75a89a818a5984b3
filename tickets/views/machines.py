"""An organization and hosts in; what other apps know about them, as pieces of HTML for the side of a page, out.

They are named in settings (MACHINE_PROVIDERS), because a lower app imports no upper one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from hosts.models import Host

MOST_ASKED = 6
"""Of so many hosts more is asked; a page lists the others by name."""
MachineProvider = Callable[[HttpRequest, int | None, Sequence[Host]], str]
"""(who asks, the organization's key or None, those of its hosts that they see) -> a card, "" where nothing is known.

It asks for a bounded number of rows, and shows what the person may see.
"""


def known_elsewhere(request: HttpRequest, organization_id: int | None, hosts: Sequence[Host]) -> list[str]:
    """The cards of MACHINE_PROVIDERS in their order, without empty ones."""
    if organization_id is None and not hosts:
        return []
    providers: list[MachineProvider] = [import_string(path) for path in settings.MACHINE_PROVIDERS]
    return [card for provider in providers if (card := provider(request, organization_id, hosts))]
