"""Nothing in, a desk that can take tickets out: its settings and the roles of those who work at it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tickets.services.house import desk
from tickets.services.rights import ensure_desk_roles


class Command(BaseCommand):
    """Make what a new help desk begins with; what is there is left as it is."""

    help = "Make what a new help desk begins with: department, statuses, roles. What is there is left as it is."

    def handle(self, *args: object, **options: Any) -> None:
        ensure_desk_roles()
        desk()
