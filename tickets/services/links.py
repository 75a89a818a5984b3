"""Where a mail's links lead: addresses of the panel's pages, whole."""

from __future__ import annotations

from django.conf import settings

from tickets.models import Ticket


def panel_url() -> str:
    """Where the panel is reached (the setting PANEL_URL), without a slash at its end."""
    return str(settings.PANEL_URL).rstrip("/")


def ticket_url(ticket: Ticket) -> str:
    """The ticket's page for agents."""
    return panel_url() + ticket.get_absolute_url()
