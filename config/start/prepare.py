"""A data directory in, the same one ready for service out: database migrated, static files, a first administrator."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db.utils import DatabaseError

from config.env import BadSetting
from config.start.set_up import say


@contextmanager
def _step(title: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"  {title}: done in {time.monotonic() - began:.1f} s")


def prepare(first_admin: Sequence[str]) -> None:
    """Bring the panel's data up to date with the code. All of it may be done again at any time."""
    with _step("Settings"):
        django.setup()
        call_command(
            "check", stdout=io.StringIO()
        )  # what is wrong with the code is said once here, not by every process that starts
    with _step("Database"):
        call_command("migrate", interactive=False, verbosity=0)
    with _step("Static files"):
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("first_desk")
    call_command("first_admin", *first_admin)
    call_command("dhcp_rights")


def main(arguments: Sequence[str]) -> int:
    """`prepare [options of first_admin]`; 0 when ready, 1 with one line when not."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        prepare(arguments)
    except BadSetting as error:
        say(f"rackdesk: {error}")
    except SystemCheckError as error:
        say(f"rackdesk: {error}")
    except DatabaseError as error:
        say(f"rackdesk: The database does not work: {str(error).strip()} Nothing was started.")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
