"""What queues can be sorted by: anything where they are small, the last activity where they may hold millions."""

from __future__ import annotations

import pytest

from tests.hosts.pages import logged_in, url
from tests.tickets import rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "sortable"),
    [
        pytest.param("queue=open&sort=subject", True, id="open"),
        pytest.param("queue=closed&sort=subject", False, id="closed"),
        pytest.param("queue=all&sort=subject", False, id="all"),
        pytest.param("queue=all&sort=subject&q=disk", True, id="all that a search found"),
    ],
)
def test_a_head_sorts_where_the_queue_is_small(query: str, sortable: bool) -> None:
    me = rows.agent()
    for subject in ("disk b", "disk a"):
        rows.ticket(subject)
    answer = logged_in(me.user).get(url("tickets:queue", query=query))
    assert answer.context["rows"].column == ("subject" if sortable else "active_at")
    assert ("subject" in answer.context["sorts"]) is sortable
    assert "active_at" in answer.context["sorts"]
