"""The same from several sides at once, on whatever database the tests have: nothing is mixed and nothing is doubled."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from dhcp.facts.reading import LogMark, LogNews
from dhcp.models import Alarm, Exchange, Holding, Lease, Server, UsageSample
from dhcp.services import readings, usage
from dhcp.services.exchanges import record_log
from dhcp.services.leases import record_news
from tests.dhcp.lease_text import NOON, a_server, news_of, record
from tests.dhcp.test_services_exchanges import bound, said
from tests.dhcp.test_services_usage import a_subnet, leased
from tests.tickets.test_services_at_once import at_once
from tickets.models import Ticket
from tickets.services.house import desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_six_workers_that_read_the_same_lease_file_one_writes_it() -> None:
    server = a_server()
    news = news_of(server, "".join(record(f"10.0.0.{n}", f"02:00:00:00:00:{n:02x}") for n in range(40)))
    wrote = at_once(*[partial(record_news, server.pk, news, since=None, now=NOON)] * 6)
    assert sum(each is not None for each in wrote) == 1
    assert (Lease.objects.count(), Holding.objects.filter(is_open=True).count()) == (40, 40)


def test_of_six_workers_that_read_the_same_log_one_writes_it() -> None:
    server = a_server()
    news = LogNews(tuple(said(*bound(0))), LogMark(cursor="a"))
    wrote = at_once(*[partial(record_log, server.pk, news, since=None, now=NOON)] * 6)
    assert sum(each is not None for each in wrote) == 1
    assert Exchange.objects.count() == 1


def test_of_six_workers_that_count_a_full_network_one_opens_one_ticket() -> None:
    desk()
    server = a_server(alarm_percent=90)
    a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.10"))
    leased(server, "10.0.0.10")
    took = at_once(*[partial(usage.take_sample, server.pk, now=NOON)] * 6)
    assert sum(took) == 1
    assert UsageSample.objects.filter(subnet__isnull=False).count() == 1
    assert (Ticket.objects.count(), Alarm.objects.count()) == (1, 1)


def test_of_six_workers_one_has_the_turn() -> None:
    server, now = a_server(), timezone.now()
    turns = at_once(*[partial(readings.begin, Server, server.pk, now=now)] * 6)
    assert sum(each is not None for each in turns) == 1
