"""What came to the desk and what was solved, day by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import make
from tests.tickets import rows
from tickets.models import Ticket
from tickets.services.trend import DAYS, last_days

pytestmark = pytest.mark.django_db


def moved(ticket: Ticket, **times: Any) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(active_at=max(times.values()), **times)


def test_each_day_has_what_began_and_what_was_solved_on_it() -> None:
    moved(rows.ticket("new"), created_at=make.ago(days=3), resolved_at=make.ago(days=1))
    moved(rows.ticket("old"), created_at=make.ago(days=40), resolved_at=make.ago(days=1))
    moved(rows.ticket("gone"), created_at=make.ago(days=60), resolved_at=make.ago(days=50))
    days = last_days(make.admin())
    assert len(days) == DAYS
    assert days[-1].day == timezone.localdate()
    assert {each.day: (each.opened, each.solved) for each in days if each.opened or each.solved} == {
        timezone.localdate() - timedelta(days=3): (1, 0),
        timezone.localdate() - timedelta(days=1): (0, 2),
    }


def test_a_day_begins_at_midnight_where_the_reader_is() -> None:
    yesterday = timezone.now().astimezone(UTC).date() - timedelta(days=1)
    at_eight_in_the_evening = datetime.combine(yesterday, datetime.min.time(), UTC) + timedelta(hours=20)
    moved(rows.ticket(), created_at=at_eight_in_the_evening)
    for zone, day in (("UTC", yesterday), ("Asia/Seoul", yesterday + timedelta(days=1))):
        with timezone.override(zone):
            assert [each.day for each in last_days(make.admin()) if each.opened] == [day]


def test_tickets_that_one_may_not_see_are_not_counted() -> None:
    rows.ticket("secret")
    assert sum(each.opened for each in last_days(make.user())) == 0


def test_it_takes_two_questions(django_assert_num_queries: Any) -> None:
    admin = make.admin()
    for _ in range(3):
        rows.ticket()
    with django_assert_num_queries(2):
        last_days(admin)
