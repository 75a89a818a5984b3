"""A full database in, the server time and the queries of each page out. Import this only after `django.setup()`."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.bench.pages import summary
from tests.bench.volume import Volume, fill


def addresses(volume: Volume) -> dict[str, str]:
    """The pages that are measured, each in its heaviest form."""
    changes = reverse("hosts:change-list")
    return {
        "host list": reverse("hosts:host-list"),
        "host page": volume.host.get_absolute_url(),
        "changes of a host": reverse("hosts:host-changes", args=[volume.host.pk]),
        "change list": changes,
        "change list, a word searched": f"{changes}?q=network",
        "change list, what did not hold": f"{changes}?view=trouble",
        "change page, 20 000 log lines": volume.change.get_absolute_url(),
        "live piece of a change": reverse("hosts:change-live", args=[volume.change.pk]),
        "drift": reverse("hosts:drift-list"),
        "today": reverse("hosts:dashboard"),
    }


def measured(*, hosts: int, changes: int, lines: int, rounds: int) -> list[dict[str, Any]]:
    """Fill the database and visit every page so often."""
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    volume = fill(hosts=hosts, changes=changes, lines=lines)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(volume.person)
    return [visited(client, page, address, rounds) for page, address in addresses(volume).items()]


def visited(client: Client, page: str, address: str, rounds: int) -> dict[str, Any]:
    """One page: the first visit counts queries and fills caches, the others are timed."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    asked = len(queries)  # now: the next request empties the log that this is read from
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(address)
        taken.append((time.perf_counter() - began) * 1000)
    return summary(page, asked, taken)
