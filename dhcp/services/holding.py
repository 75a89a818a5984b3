"""Servers by their keys in; their rows, locked until the transaction ends, out.

What reads or writes a server's declarations as a whole holds its row: PostgreSQL shows each query what others have
committed by then, and half of somebody's edit would be read with half of what was there before it.
"""

from __future__ import annotations

from collections.abc import Iterable

from dhcp.models import Server
from hosts.errors import WrongState
from hosts.facts.words import gettext_noop, words

GONE = gettext_noop("The DHCP server is not in the panel any more: somebody deleted it meanwhile. Nothing was saved.")


def hold(server_id: int) -> Server:
    """The row alone is locked; what is read afterwards is what the one before left. WrongState where it is gone."""
    return hold_all([server_id])[0]


def hold_all(server_ids: Iterable[int]) -> list[Server]:
    """Several, always in the same order, so that nobody waits for each other; in the order that was asked for."""
    wanted = list(server_ids)
    for key in sorted(set(wanted)):
        if not Server.objects.select_for_update(of=("self",)).filter(pk=key).values_list("pk", flat=True).first():
            raise WrongState(words(GONE))
    rows = {row.pk: row for row in Server.objects.select_related("host").filter(pk__in=wanted)}
    return [rows[key] for key in wanted]
