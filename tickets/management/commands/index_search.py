"""Nothing in, the words that tickets and contacts are found by, found out anew: after data came from elsewhere."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tickets.services.search import all_changed


class Command(BaseCommand):
    """Fill the search from the tickets that there are."""

    help = "Find out anew what every ticket and contact is found by. Needed only after rows were loaded from elsewhere."

    def handle(self, *args: object, **options: Any) -> None:
        self.stdout.write(f"{all_changed()} tickets can be found.")
