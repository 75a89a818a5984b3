"""A filled desk in, the server time of its pages, counts and searches out. Import this only after `django.setup()`.

Four people look, since what one may see decides how it is found: an administrator, an agent of the three largest
departments, one who sees only what is given or referred to them, and one of the smallest department, which has every
thousandth ticket.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hosts.models import Organization, User
from tests.bench.desk_clock import timed
from tests.bench.desk_rows import looking
from tickets.models import Entry, Ticket
from tickets.services import queues

SEARCHES = {
    "a frequent English word": "server",
    "a rare English word": "certificate renewal",
    "how a word begins": "cert",
    "two words": "network backup",
    "a frequent Korean word": "서버",
    "Korean, two syllables": "견적",
    "Korean, a part of a word": "트워",
    "Korean, one syllable": "점",
    "Korean and English": "방화벽 invoice",
    "one ticket's own word": "case1f40",
    "a number": "107777",
    "a host": "node00123.example.net",
    "a name": "김민서",
    "an address": "person77@customer77.example",
    "what is nowhere": "xylophone 칼국수",
    "words that never meet": "certificate 칼국수",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Something that is measured: its kind (that its bar is for), who does it, and what it is called."""

    kind: str
    who: str
    name: str
    act: Callable[[], object]


def measured(*, series: int, rounds: int) -> list[dict[str, Any]]:
    """One row for each visit: p50 and p95 by the clock, p95 without waiting for a core (`alone`), the best time of all.

    Each is the median of the series, since other programs share the machine.
    """
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    rows = []
    for visit in _visits():
        with CaptureQueriesContext(connection) as queries:
            visit.act()
        asked = len(queries)  # now: the next request empties the log that this is read from
        runs = [[timed(visit.act) for _ in range(rounds)] for _ in range(series)]
        rows.append(
            {
                "kind": visit.kind,
                "who": visit.who,
                "name": visit.name,
                "queries": asked,
                "best": min(one.clock for run in runs for one in run),
                "p50": median(median(one.clock for one in run) for run in runs),
                "p95": median(_p95([one.clock for one in run]) for run in runs),
                "alone": median(_p95([one.alone for one in run]) for run in runs),
                "load": os.getloadavg()[0],
            }
        )
    return rows


def _p95(times: list[float]) -> float:
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def _visits() -> Iterator[Visit]:
    people = looking()
    named = {
        "administrator": people.admin,
        "agent": people.agent,
        "only what is theirs": people.limited,
        "small department": people.small,
    }
    for who, user in named.items():
        client = Client()
        client.force_login(user)
        yield from _queue_pages(who, user, client)
        yield Visit("counts", who, "counts of all queues", partial(queues.counts, user))
        yield from _ticket_pages(who, user, client)
        yield from _searches(who, client)


def _queue_pages(who: str, user: User, client: Client) -> Iterator[Visit]:
    for name in (*queues.QUEUES, "all"):
        yield _page("queue", who, f"{name}", client, queue=name)
        if cursor := _deep(user, name):
            yield _page("queue", who, f"{name}, deep", client, queue=name, after=cursor)
            yield _page("queue", who, f"{name}, deep, back", client, queue=name, before=cursor)
    for name in ("open", "unassigned"):
        for order in ("created_at", "subject", "urgency", "due"):
            yield _page("queue", who, f"{name} by {order}", client, queue=name, sort=order)
    large = Organization.objects.order_by("pk")[0]
    yield _page("queue", who, "all of a large organization", client, queue="all", organization=large.pk)
    yield _page("queue", who, "closed with a tag", client, queue="closed", tag="tag7")
    news = {"query": "queue=open", "since": (timezone.now() - timedelta(minutes=5)).isoformat()}
    yield Visit(
        "queue", who, "what came meanwhile", _getter(client, f"{reverse('tickets:queue-news')}?{urlencode(news)}")
    )


def _deep(user: User, name: str) -> str:
    """The cursor of a page in the middle of a queue with many pages, "" for the others."""
    if name == "open":
        rows = queues.queue_of(user, name).order_by("-active_at", "-pk")
        middle = rows[rows.count() // 2 : rows.count() // 2 + 1].first()
    elif name in ("closed", "all"):
        rows = Ticket.objects.visible_to(user) if name == "all" else queues.queue_of(user, name)
        middle = rows.filter(active_at__lt=timezone.now() - timedelta(days=700)).order_by("-active_at", "-pk").first()
    else:
        return ""
    return f"{middle.active_at}~{middle.pk}" if middle else ""


def _ticket_pages(who: str, user: User, client: Client) -> Iterator[Visit]:
    mine = Ticket.objects.visible_to(user)
    kinds = {
        "a ticket": mine.exclude(contact=1).order_by("-pk")[3],
        "of who has the most": mine.filter(contact=1).order_by("pk").first(),
    }
    longest = Entry.objects.filter(ticket__in=mine).values("ticket").annotate(many=Count("pk")).order_by("-many")
    kinds["the longest"] = Ticket.objects.get(pk=longest[0]["ticket"])
    for name, ticket in kinds.items():
        if ticket is not None:  # of few tickets, a small department has none of some kinds
            address = ticket.get_absolute_url()
            yield Visit("ticket", who, f"{name}, from the queue", _getter(client, f"{address}?from=queue%3Dopen"))
    closed = mine.filter(state="closed").order_by("-pk")[3].get_absolute_url()
    for name, query in (("the closed queue", "queue=closed"), ("a search", "queue=all&q=server")):
        yield Visit("ticket", who, f"closed, from {name}", _getter(client, f"{closed}?{urlencode({'from': query})}"))


def _searches(who: str, client: Client) -> Iterator[Visit]:
    for queue in ("all", "open"):
        for name, words in SEARCHES.items():
            yield _page("search", who, f"{name}, in {queue}", client, queue=queue, q=words)


def _page(kind: str, who: str, name: str, client: Client, **query: Any) -> Visit:
    return Visit(kind, who, name, _getter(client, f"{reverse('tickets:queue')}?{urlencode(query)}"))


def _getter(client: Client, address: str) -> Callable[[], object]:
    def get() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    return get
