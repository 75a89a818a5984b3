"""Nothing in, the rights about DHCP of the roles that a new panel begins with out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from dhcp.services.roles import ensure_dhcp_rights


class Command(BaseCommand):
    """Give the first roles their rights about DHCP; roles that have any are left as they are."""

    help = "Give the roles of a new panel their rights about DHCP. Roles that have any are left as they are."

    def handle(self, *args: object, **options: Any) -> None:
        """May be run again at any time."""
        ensure_dhcp_rights()
