"""Nothing in; indexes for pieces of MACs and names out, where `migrate` could not make them yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from dhcp.services.piece_indexes import make_piece_indexes


class Command(BaseCommand):
    """On PostgreSQL, after an administrator made the extension pg_trgm; to be called as often as one likes."""

    help = "Makes the indexes by which PostgreSQL finds a piece of a MAC or of a name (needs the extension pg_trgm)."

    def handle(self, *args: Any, **options: Any) -> None:
        """CommandError where they cannot be had."""
        if make_piece_indexes(connection):
            self.stdout.write(_("Pieces of MACs and names are found by index."))
            return
        raise CommandError(
            _(
                "There is no extension pg_trgm, and this role may not make it. Have an administrator say CREATE "
                "EXTENSION pg_trgm in this database, then call this again. Searches work without it, and take longer."
            )
        )
