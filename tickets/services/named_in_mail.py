"""The addresses that a mail names in; whom of them it brings to the ticket out: customers, departments, a mailbox."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.facts.mail import Address, MailFacts
from tickets.models import Agent, Department, DeskSettings, Mailbox, Ticket

MOST_COLLABORATORS = 40
Boxes = Mapping[str, Mailbox]
"""The mailboxes of the desk by Address.key."""


def in_copy(facts: MailFacts, settings: DeskSettings, boxes: Boxes) -> list[Address]:
    """Whom the writer put in copy, as far as they are customers: not ourselves, nor agents, nor who wrote."""
    if not settings.collaborators_from_mail or facts.automatic is not None:
        return []
    passed = {*boxes, facts.sender.key}
    found: dict[str, Address] = {}
    for one in (*facts.to, *facts.cc):
        if one.usable and one.key not in passed:
            found.setdefault(one.key, one)
    if not found:
        return []
    agents = set(Agent.objects.filter(user__email__in=list(found)).values_list("user__email", flat=True))
    return [one for key, one in found.items() if key not in agents][:MOST_COLLABORATORS]


def departments_named(facts: MailFacts, boxes: Boxes, ticket: Ticket) -> list[Department]:
    """The other departments whose addresses the mail names: they see the ticket instead of getting one of their own."""
    keys = {one.key for one in (*facts.to, *facts.cc)}
    found = {box.department for key, box in boxes.items() if key in keys and box.is_active and box.department}
    return sorted((one for one in found if one.pk != ticket.department_id), key=lambda one: one.pk)


def mailbox_named(facts: MailFacts, boxes: Boxes) -> Mailbox | None:
    """The mailbox that a piped mail was meant for, by where it was brought to and whom it names."""
    keys = (one.key for one in (*facts.delivered_to, *facts.to, *facts.cc))
    return next((boxes[key] for key in keys if key in boxes and boxes[key].is_active), None)
