"""What a client sees of the lease times that are set."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dhcp.facts.server import INFINITE, LeaseTimes
from dhcp.rules.lease_times import Seen, seen


@pytest.mark.parametrize(
    ("times", "result"),
    [
        pytest.param(LeaseTimes(28800), Seen(28800, 14400, 25200), id="eight hours, as in the runbook"),
        pytest.param(LeaseTimes(), Seen(43200, 21600, 37800), id="nothing said"),
        pytest.param(LeaseTimes(7200, 600), Seen(600, 300, 525), id="beyond the longest"),
        pytest.param(LeaseTimes(60, 600, 300), Seen(300, 150, 262), id="below the shortest"),
        pytest.param(LeaseTimes(60), Seen(300, 150, 262), id="below the shortest that nobody said"),
        pytest.param(LeaseTimes(60, 120), Seen(120, 60, 105), id="below it, and a longest that is shorter still"),
        pytest.param(LeaseTimes(INFINITE), Seen(86400, 43200, 75600), id="infinite, and a longest of a day"),
        pytest.param(
            LeaseTimes(INFINITE, INFINITE), Seen(INFINITE, INFINITE // 2, INFINITE * 7 // 8, ends=False), id="infinite"
        ),
    ],
)
def test_a_client_is_given_the_usual_time_within_its_bounds(times, result):
    assert seen(times) == result


def test_dhcpd_counts_a_lease_without_end_from_now():
    assert seen(LeaseTimes(INFINITE, INFINITE), datetime(2026, 11, 23, tzinfo=UTC)).lease_seconds == 352091647
