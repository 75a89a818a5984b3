"""Nothing in, the number of secrets that were sealed again out: with the first of SECRET_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from hosts.choices import Via
from hosts.errors import Explainable
from hosts.services.audit import Actor
from hosts.services.credentials import rotate_keys


class Command(BaseCommand):
    """Seal every stored secret with the newest key."""

    help = (
        "Seal every stored secret again with the first of SECRET_KEYS. Put the new key first, restart the panel, "
        "run this, then take the old key away."
    )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            count = rotate_keys(by=Actor(None, Via.COMMAND))
        except Explainable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(count)s secrets are sealed with the first key. The other keys can be taken away.") % {"count": count}
        )
