"""The pages in a panel that has been used for years: the number of queries does not grow with what it holds."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.visits import addresses
from tests.bench.volume import fill

pytestmark = pytest.mark.django_db

MOST = {
    "host list": 20,
    "host page": 25,
    "changes of a host": 16,
    "change list": 12,
    "change list, a word searched": 12,
    "change list, what did not hold": 12,
    "change page, 20 000 log lines": 20,
    "live piece of a change": 12,
    "drift": 11,
    "today": 40,
}


def test_no_page_asks_more_often_because_there_is_more() -> None:
    volume = fill(hosts=120, changes=400, lines=3_000)
    client = Client()
    client.force_login(volume.person)
    asked = {}
    for page, address in addresses(volume).items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        asked[page] = len(queries)
    assert {page: count for page, count in asked.items() if count > MOST[page]} == {}
