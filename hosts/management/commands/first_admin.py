"""Nothing in, the login of the first administrator out: printed once, to be changed when it is first used."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from hosts.models import User
from hosts.services.access import create_first_admin

EMAIL = "admin@rackdesk.localhost"


class Command(BaseCommand):
    """Make the first administrator, where there is none yet."""

    help = "Make the first administrator, where there is none, and print the generated password once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default=EMAIL, help="the administrator's login")
        parser.add_argument(
            "--keep",
            type=Path,
            help="also keep the password in this file (mode 0600) and print it until it is changed: for demonstrations",
        )

    def handle(self, *args: object, email: str, keep: Path | None, **options: Any) -> None:
        made = create_first_admin(email)
        if made:
            user, password = made
            if keep:
                _write(keep, password)
            self._print(user.email, password, once=not keep)
        elif keep and keep.exists():
            if User.objects.filter(email=email.lower(), must_change_password=True).exists():
                self._print(email, keep.read_text(encoding="utf-8").strip(), once=False)
            else:
                keep.unlink()  # an own password was chosen; this one opens nothing any more

    def _print(self, email: str, password: str, *, once: bool) -> None:
        self.stdout.write(_("  Log in as:  %(email)s") % {"email": email})
        self.stdout.write(_("  Password:   %(password)s") % {"password": password})
        if once:
            self.stdout.write(_("  This password is shown only now. The panel asks for a new one at the first login."))
        else:
            self.stdout.write(_("  The panel asks for a new password at the first login."))


def _write(path: Path, password: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(password + "\n")
