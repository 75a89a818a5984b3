"""A person, a name and scopes in, a new API token out: its key is printed this once."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from hosts.choices import Scope, Via
from hosts.errors import Explainable
from hosts.models import User
from hosts.services.access import issue_token
from hosts.services.audit import Actor


class Command(BaseCommand):
    """Issue an API token for a person."""

    help = "Issue an API token that acts as a person, and print its key, which is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the person as whom it acts")
        parser.add_argument("name", help="what uses it")
        parser.add_argument("--scope", action="append", choices=Scope.values, help="repeatable; read unless given")
        parser.add_argument("--days", type=int, help="it expires after so many days; never unless given")

    def handle(
        self, *args: object, email: str, name: str, scope: list[str] | None, days: int | None, **options: Any
    ) -> None:
        person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if person is None:
            raise CommandError(_("There is no active person with the address %(email)s.") % {"email": email})
        expires_at = timezone.now() + timedelta(days=days) if days is not None else None
        try:
            _token, key = issue_token(
                person, name, scope or [Scope.READ], by=Actor(None, Via.COMMAND), expires_at=expires_at
            )
        except Explainable as error:
            raise CommandError(str(error)) from error
        self.stderr.write(_("This key is shown only now:"))
        self.stdout.write(key)
