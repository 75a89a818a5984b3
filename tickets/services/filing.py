"""What a ticket is filed under, with its tags and hosts, changed in one step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from hosts.services.audit import Actor
from tickets.models import Ticket
from tickets.services.edits import edit_ticket, set_labels
from tickets.services.machines import require_fitting


@transaction.atomic
def refile(
    ticket: Ticket,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    tags: list[Any] | None = None,
    hosts: list[Any] | None = None,
) -> Ticket:
    """`edit_ticket` and `set_labels` in one: both are done, or neither; None leaves tags or hosts as they are.

    NotAllowed for a host that the ticket cannot be about.
    """
    edited = edit_ticket(ticket, changes, by=by)
    require_fitting(edited, hosts or (), by=by)
    return set_labels(edited, by=by, tags=tags, hosts=hosts)
